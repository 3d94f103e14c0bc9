// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"breakwater/app"
	"breakwater/app/assets"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/web/shell"
)

// shownRows is how many conversations and operations the page of an asset shows.
const shownRows = 15

// about is everything that the page of an asset shows.
type about struct {
	*assets.View
	at            harbour.Instant
	edits         bool // the person may state things of it now
	joins         bool
	fields        []field
	findings      store.Page[store.FindingRow]
	conversations store.Page[store.ConversationRow]
	operations    store.Page[store.OperationRow]
	history       []version
	changes       []store.Entry
	rules         []store.IdentityRule // decided by hand about its keys
}

func (p *pages) asset(r *shell.Request) error {
	id := r.PathValue("id")
	at, err := r.AsOf()
	if err != nil {
		return err
	}
	a := &about{at: at, edits: at == 0 && r.May(app.EditAssets), joins: at == 0 && r.May(app.JoinAssets)}
	if a.View, err = p.use.Get(r.Context(), r.By, r.Org.ID, id, at); err != nil {
		return err
	}
	if a.fields, err = p.fields(r); err != nil {
		return err
	}
	if err := p.around(r, a); err != nil {
		return err
	}
	return r.Page(shell.Page{
		Title: view.Plain(name(a.Asset), 80), Here: "assets", Crumbs: crumbs(r), Lead: lead(r, a.Asset), AsOf: at,
		Actions: actions(r, a), Body: assetPage(r, a), About: shell.Object{Kind: "asset", ID: id},
	})
}

// around reads what surrounds an asset, as far as the person may see it.
func (p *pages) around(r *shell.Request, a *about) (err error) {
	ctx, org, id := r.Context(), r.Org.ID, a.Asset.ID
	if r.May(app.ReadFindings) {
		if a.findings, err = p.findings.List(ctx, r.By, org, store.FindingQuery{Asset: id}, a.at); err != nil {
			return err
		}
	}
	if r.May(app.ReadTraffic) && a.at == 0 {
		q := store.Traffic{Asset: id, Order: store.Order{Limit: shownRows}}
		if a.conversations, err = p.traffic.Conversations(ctx, r.By, org, q); err != nil {
			return err
		}
		if a.operations, err = p.traffic.Operations(ctx, r.By, org, q); err != nil {
			return err
		}
	}
	versions, err := p.use.History(ctx, r.By, org, id)
	if err != nil && harbour.KindOf(err) != harbour.ErrNotFound {
		return err
	}
	a.history = diffs(versions)
	if a.at != 0 {
		return nil
	}
	if a.changes, err = p.use.Changes(ctx, r.By, org, id); err != nil {
		return err
	}
	rules, err := p.use.Rules(ctx, r.By, org)
	for _, x := range rules {
		if slices.Contains(a.Asset.Keys, x.A) || slices.Contains(a.Asset.Keys, x.B) {
			a.rules = append(a.rules, x)
		}
	}
	return err
}

func name(a *harbour.Asset) string {
	if a.Name == "" {
		return a.ID
	}
	return a.Name
}

func lead(r *shell.Request, a *harbour.Asset) string {
	parts := []string{a.Kind.Info().Title}
	if p := product(a.Vendor, a.Model); p != "" {
		parts = append(parts, view.Plain(p, 80))
	}
	if a.Site != "" {
		parts = append(parts, r.SiteName(a.Site))
	}
	return strings.Join(parts, " · ")
}

// value is what an asset has in a field, as text.
func value(a *harbour.Asset, field string) string {
	switch field {
	case harbour.AttrName:
		return a.Name
	case harbour.AttrKind:
		return string(a.Kind)
	case harbour.AttrDomain:
		return string(a.Domain)
	case harbour.AttrRole:
		return a.Role
	case harbour.AttrVendor:
		return a.Vendor
	case harbour.AttrModel:
		return a.Model
	case harbour.AttrFirmware:
		return a.Firmware
	case harbour.AttrSerial:
		return a.Serial
	case harbour.AttrLevel:
		return a.Level
	case harbour.AttrZone:
		return a.Zone
	case harbour.AttrSite:
		return a.Site
	case harbour.AttrLocation:
		return a.Location
	case harbour.AttrSupplier:
		return a.Supplier
	case harbour.AttrCriticality:
		return a.Criticality
	}
	for _, x := range a.Attributes { // what has no field of its own: owner, tag, note
		if x.Name == field {
			return x.Value
		}
	}
	return ""
}

// shown is a value as people read it.
func shown(r *shell.Request, field, v string) string {
	switch {
	case v == "":
		return ""
	case field == harbour.AttrKind:
		return harbour.Kind(v).Info().Title
	case field == harbour.AttrDomain:
		return view.Domain(harbour.Domain(v)).Title
	case field == harbour.AttrLevel:
		return view.Level(v).Title
	case field == harbour.AttrSite:
		return r.SiteName(v)
	case field == harbour.AttrZone:
		return r.ZoneName(v)
	}
	return view.Plain(v, 4000)
}

// statement is what is stated of a field, nil for nothing.
func statement(v *assets.View, field string) *harbour.Statement {
	for i := range v.Statements {
		if v.Statements[i].Field == field {
			return &v.Statements[i]
		}
	}
	return nil
}

// others are the values of a field that the evidence has beside the one that is shown.
func others(a *harbour.Asset, field string) (list []harbour.Attribute) {
	is := value(a, field)
	for _, x := range a.Attributes {
		if x.Name == field && x.Value != is {
			list = append(list, x)
		}
	}
	return list
}

// support is the attribute that a shown value rests on, the strongest first.
func support(a *harbour.Asset, field string) *harbour.Attribute {
	is := value(a, field)
	var best *harbour.Attribute
	for i := range a.Attributes {
		x := &a.Attributes[i]
		if x.Name == field && x.Value == is && (best == nil || x.Confidence > best.Confidence) {
			best = x
		}
	}
	return best
}

func reasonsFor(a *harbour.Asset, field string) (list []harbour.Reason) {
	for _, x := range a.Reasons {
		if x.About == field {
			list = append(list, x)
		}
	}
	return list
}

// stateOne records what is stated of one field, or takes it back.
func (p *pages) stateOne(r *shell.Request) error {
	id, field := r.PathValue("id"), r.PostFormValue("field")
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		return invalid("the form is not whole", "open the asset again")
	}
	c := assets.Change{Asset: id, Field: field, Value: r.PostFormValue("value"), Version: version, Withdraw: r.PostFormValue("withdraw") != ""}
	if strings.TrimSpace(c.Value) == "" && !c.Withdraw {
		c.Withdraw = version > 0
		if version == 0 {
			return r.Again(harbour.In("value", invalid("there is no value", "fill in what you know, or leave the field as it is")), p.asset)
		}
	}
	undo, err := p.use.State(r.Context(), r.By, r.Org.ID, []assets.Change{c}, r.PostFormValue("reason"))
	if harbour.KindOf(err) == harbour.ErrStale {
		return p.conflict(r, c, err)
	}
	if err != nil {
		return r.Again(err, p.asset)
	}
	text := view.Name(field) + " was stated."
	if c.Withdraw {
		text = "The statement was withdrawn; the evidence speaks again."
	}
	return r.Done(r.Path("assets", id), shell.OK(text).WithUndo(r.Path("assets", "undo"), undo))
}

// conflict shows what somebody else stated meanwhile beside what was about to be saved. Neither is lost: theirs stands and is in the
// history, the other is in the form.
func (p *pages) conflict(r *shell.Request, c assets.Change, err error) error {
	v, e := p.use.Get(r.Context(), r.By, r.Org.ID, c.Asset, 0)
	if e != nil {
		return e
	}
	all, e := p.fields(r)
	if e != nil {
		return e
	}
	i := slices.IndexFunc(all, func(f field) bool { return f.Name == c.Field })
	if i < 0 {
		return err
	}
	changes, e := p.use.Changes(r.Context(), r.By, r.Org.ID, c.Asset)
	if e != nil {
		return e
	}
	message, hint := shell.Words(err)
	return r.Page(shell.Page{
		Title: "Two people changed " + view.Name(c.Field), Here: "assets", Status: harbour.ErrStale.HTTPStatus(), Lead: message,
		Crumbs: append(crumbs(r), shell.Crumb{Title: view.Plain(name(v.Asset), 60), Href: r.Path("assets", c.Asset)}),
		Body:   conflictPage(r, v, all[i], c, r.PostFormValue("reason"), hint, latest(changes, c.Field)),
	})
}

// latest is the last change of a field that the audit log has.
func latest(changes []store.Entry, field string) *store.Entry {
	for i := range changes {
		var after map[string]json.RawMessage
		if json.Unmarshal(changes[i].After, &after) == nil && after[field] != nil {
			return &changes[i]
		}
	}
	return nil
}

// version is a state that the evidence showed, with what differs from the one before.
type version struct {
	store.AssetVersion
	first bool
	diffs []diff
}

type diff struct{ Name, Before, After string }

// diffs compares each state with the one before it.
func diffs(list []store.AssetVersion) (out []version) {
	for i, v := range list {
		x := version{AssetVersion: v, first: i == len(list)-1}
		if !x.first {
			before, after := facts(list[i+1].Asset), facts(v.Asset)
			for j := range after {
				if before[j].After != after[j].After {
					x.diffs = append(x.diffs, diff{after[j].Name, before[j].After, after[j].After})
				}
			}
		}
		out = append(out, x)
	}
	return out
}

// facts are what histories compare, each as text.
func facts(a *harbour.Asset) (list []diff) {
	add := func(name, v string) { list = append(list, diff{Name: name, After: v}) }
	for _, f := range harbour.StatementFields {
		add(view.Name(f), value(a, f))
	}
	add("Host names", strings.Join(a.Hostnames, ", "))
	add("Interfaces", joined(a.Interfaces, interfaceText))
	add("Protocols", joined(a.Protocols, protocolText))
	add("Software", joined(a.Software, softwareText))
	add("Identified by", strings.Join(a.Keys, ", "))
	add("Known by", presence(a.Declared, a.Observed).Title)
	return list
}

func joined[T any](list []T, text func(T) string) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = text(v)
	}
	return strings.Join(out, ", ")
}

func interfaceText(i harbour.Interface) string {
	parts := slices.Clone(i.IPs)
	if i.MAC != "" {
		parts = append(parts, i.MAC)
	}
	if i.VLAN != 0 {
		parts = append(parts, fmt.Sprintf("VLAN %d", i.VLAN))
	}
	return strings.Join(parts, " ")
}

func protocolText(p harbour.ProtocolUse) string {
	s := view.Protocol(p.Name) + " " + p.Side
	if p.Port != 0 {
		s += " " + strconv.Itoa(p.Port)
	}
	return s
}

func softwareText(s harbour.Software) string { return strings.TrimSpace(s.Name + " " + s.Version) }

// byFile gives the observations of each file that stand together: the first, and those after it.
func byFile(list []harbour.Observation) iter.Seq2[harbour.Observation, []harbour.Observation] {
	return func(yield func(harbour.Observation, []harbour.Observation) bool) {
		for len(list) > 0 {
			n := 1
			for n < len(list) && list[n].Evidence == list[0].Evidence {
				n++
			}
			if !yield(list[0], list[1:n]) {
				return
			}
			list = list[n:]
		}
	}
}
