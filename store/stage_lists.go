// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"iter"
	"strconv"
	"strings"

	"breakwater/harbour"
)

var assetLoad = append([]string{"row", "org", "id", "born", "died", "stable", "whole", "open_findings", "worst"}, assetShown...)

// assetShown are the columns that repeat what an asset says, for lists and search.
var assetShown = []string{
	"name", "sort_name", "domain", "kind", "vendor", "model", "firmware", "zone", "level", "site", "supplier", "criticality", "address",
	"declared", "observed", "first_seen", "last_seen", "text",
}

// shownColumns gives the values of assetShown.
func shownColumns(a *harbour.Asset) (values []any, text string) {
	text = assetText(a)
	return []any{
		a.Name, sortName(a.Name), string(a.Domain), string(a.Kind), a.Vendor, a.Model, a.Firmware, a.Zone, a.Level, a.Site, a.Supplier, a.Criticality, firstAddress(a),
		number(a.Declared), number(a.Observed), int64(a.FirstSeen), int64(a.LastSeen), text,
	}, text
}

// Assets stages the assets. Findings must have been staged before.
func (st *Stage) Assets(ctx context.Context, assets iter.Seq[*harbour.Asset]) error {
	was, err := st.current(ctx, "asset", ", stable, open_findings AS open, worst")
	if err != nil {
		return err
	}
	stated, err := st.Statements(ctx)
	if err != nil {
		return err
	}
	l := &loader{st: st, table: "asset", columns: assetLoad}
	for a := range assets {
		b, err := json.Marshal(a)
		if err != nil {
			return err
		}
		key, stable, whole := idKey(a.ID), assetStable(a), digest(b)
		old, known := was[key]
		delete(was, key)
		n := st.counts[key]
		if n.open == 0 {
			n.worst = -1
		}
		if known && old.whole == whole {
			if old.open != n.open || old.worst != n.worst {
				l.figures = append(l.figures, func(ctx context.Context, tx *Tx) error {
					_, err := tx.Raw(ctx, "UPDATE asset SET open_findings = ?, worst = ? WHERE row = ?", n.open, n.worst, old.row)
					return err
				})
			}
		} else {
			row := st.db.rows.Add(1)
			shown, text := shownColumns(a.State(stated[a.ID]))
			l.rows = append(l.rows, append([]any{row, st.scope.org, a.ID, st.number, int64(never), stable, whole, n.open, n.worst}, shown...))
			body := compress(b)
			l.bodies = append(l.bodies, []any{row, body})
			l.indexed, l.texts = append(l.indexed, row), append(l.texts, text)
			l.size += len(body) + len(text)
			st.count("asset", known, old.stable != stable)
			if known {
				l.dying = append(l.dying, old.row)
			}
		}
		if l.full() {
			if err := l.flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	st.wrote.Removed["asset"] = len(was)
	return st.bury(ctx, "asset", was)
}

// count notes a row that was written. Those that differ in counts and times alone are no alteration.
func (st *Stage) count(table string, known, altered bool) {
	switch {
	case !known:
		st.wrote.Added[table]++
	case altered:
		st.wrote.Altered[table]++
	}
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func firstAddress(a *harbour.Asset) string {
	for _, i := range a.Interfaces {
		if len(i.IPs) > 0 {
			return i.IPs[0]
		}
	}
	for _, i := range a.Interfaces {
		if i.MAC != "" {
			return i.MAC
		}
	}
	return ""
}

// assetStable is the digest of what makes two states of an asset different for a person: not counts, times and places.
func assetStable(a *harbour.Asset) int64 {
	c := *a
	c.FirstSeen, c.LastSeen, c.Reasons, c.Keys, c.Aliases = 0, 0, nil, nil, nil
	c.Attributes = make([]harbour.Attribute, len(a.Attributes))
	for i, v := range a.Attributes {
		c.Attributes[i] = harbour.Attribute{Name: v.Name, Value: v.Value, Declared: v.Declared, Confidence: v.Confidence}
	}
	b, _ := json.Marshal(&c)
	return digest(b)
}

// maxText bounds what can be searched of one row.
const maxText = 2000

// assetText is what the search looks at, in lower case.
func assetText(a *harbour.Asset) string {
	parts := []string{a.Name, a.ID, a.Vendor, a.Model, a.Firmware, a.Serial, a.Role, strings.ReplaceAll(string(a.Kind), "_", " "), a.Zone, a.Site, a.Location, a.Supplier}
	parts = append(parts, a.Hostnames...)
	for _, i := range a.Interfaces {
		parts = append(append(parts, i.MAC), i.IPs...)
	}
	for _, p := range a.Protocols {
		parts = append(parts, p.Name)
	}
	for _, v := range a.Attributes {
		switch v.Name {
		case harbour.AttrTag, harbour.AttrOrderNumber, harbour.AttrSystemName, harbour.AttrOwner, harbour.AttrModule, harbour.AttrDescription:
			parts = append(parts, v.Value)
		}
	}
	return joinText(parts)
}

func joinText(parts []string) string {
	seen := map[string]bool{"": true}
	var b strings.Builder
	for _, p := range parts {
		p = strings.ToLower(p)
		if seen[p] || b.Len()+len(p) > maxText {
			continue
		}
		seen[p] = true
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p)
	}
	return b.String()
}

var (
	findingLoad    = []string{"row", "org", "id", "born", "died", "stable", "whole", "rule", "severity", "title", "status", "assignee", "until", "first_seen", "last_seen", "text", "body"}
	subjectColumns = []string{"org", "finding", "asset", "born", "died", "site", "supplier", "severity"}
)

// Findings stages the findings. place gives site and supplier of an asset, for scope. Findings that a person decided
// about keep the decision.
func (st *Stage) Findings(ctx context.Context, findings iter.Seq[*harbour.Finding], place func(asset string) (site, supplier string)) error {
	was, err := st.current(ctx, "finding", ", stable")
	if err != nil {
		return err
	}
	l := &loader{st: st, table: "finding", columns: findingLoad, extra: map[string][][]any{}}
	for f := range findings {
		d, decided := st.status[f.ID]
		if !decided {
			d.Status = harbour.FindingOpen
		}
		var where []string
		for _, a := range f.Subjects {
			site, supplier := place(a)
			where = append(where, site, supplier)
			if d.Status == harbour.FindingOpen {
				k := idKey(a)
				n, ok := st.counts[k]
				if !ok {
					n.worst = -1
				}
				st.counts[k] = findingCount{n.open + 1, max(n.worst, int8(f.Severity.Rank()))}
			}
		}
		b, err := json.Marshal(f)
		if err != nil {
			return err
		}
		key, whole := idKey(f.ID), digest(b, []byte(strings.Join(where, "\x00")))
		c := *f
		c.FirstSeen, c.LastSeen, c.Evidence, c.Explanation = 0, 0, nil, ""
		sb, _ := json.Marshal(&c)
		stable := digest(sb)
		old, known := was[key]
		delete(was, key)
		if known && old.whole == whole {
			continue
		}
		row, text := st.db.rows.Add(1), joinText([]string{f.Title, f.Rule, f.ID, f.Explanation})
		body := compress(b)
		l.rows = append(l.rows, []any{
			row, st.scope.org, f.ID, st.number, int64(never), stable, whole, f.Rule, f.Severity.Rank(), f.Title, string(d.Status), d.Assignee, int64(d.Until),
			int64(f.FirstSeen), int64(f.LastSeen), text, body,
		})
		l.indexed, l.texts = append(l.indexed, row), append(l.texts, text)
		seen := map[string]bool{}
		for i, a := range f.Subjects {
			if seen[a] {
				continue
			}
			seen[a] = true
			l.extra["finding_subject"] = append(l.extra["finding_subject"], []any{st.scope.org, f.ID, a, st.number, int64(never), where[2*i], where[2*i+1], f.Severity.Rank()})
		}
		l.size += len(body) + len(text) + 100*len(f.Subjects)
		st.count("finding", known, old.stable != stable)
		if known {
			l.dying = append(l.dying, old.row)
			id := f.ID
			l.figures = append(l.figures, func(ctx context.Context, tx *Tx) error { return st.endSubjects(ctx, tx, id) })
		}
		if l.full() {
			if err := l.flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	st.wrote.Removed["finding"] = len(was)
	if err := st.bury(ctx, "finding", was); err != nil {
		return err
	}
	return st.endRest(ctx)
}

// endSubjects ends the subjects of the state before of a finding.
func (st *Stage) endSubjects(ctx context.Context, tx *Tx, finding string) error {
	_, err := tx.Raw(ctx, "UPDATE finding_subject SET died = ? WHERE org = ? AND finding = ? AND born < ? AND died = ?", st.number, st.scope.org, finding, st.number, int64(never))
	return err
}

// endRest ends the subjects of findings that have gone.
func (st *Stage) endRest(ctx context.Context) error {
	return st.db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
		tx.Unaudited("staging, audited when published")
		_, err := tx.Raw(ctx, "UPDATE finding_subject SET died = ? WHERE org = ? AND died = ? AND born < ? AND finding IN (SELECT id FROM finding WHERE org = ? AND died = ?)"+
			" AND finding NOT IN (SELECT id FROM finding WHERE org = ? AND died = ?)",
			st.number, st.scope.org, int64(never), st.number, st.scope.org, st.number, st.scope.org, int64(never))
		return err
	})
}

var conversationLoad = []string{
	"row", "org", "id", "born", "died", "whole", "client", "server", "client_site", "server_site", "client_zone", "server_zone", "protocol", "transport", "port", "verdict",
	"packets", "bytes", "first_seen", "last_seen", "body",
}

// Conversations stages the conversations. where gives site and zone of an asset.
func (st *Stage) Conversations(ctx context.Context, list iter.Seq[*harbour.Conversation], where func(asset string) (site, zone string)) error {
	was, err := st.current(ctx, "conversation", "")
	if err != nil {
		return err
	}
	l := &loader{st: st, table: "conversation", columns: conversationLoad}
	ids := newIDs()
	for c := range list {
		id := ids.next('c', c.Client, c.Server, c.Group, c.ClientIP, c.ServerIP, c.ClientMAC, c.ServerMAC, c.Transport, c.EtherType, c.Protocol, strconv.Itoa(c.VLAN), strconv.Itoa(c.Port))
		b, err := json.Marshal(c)
		if err != nil {
			return err
		}
		cs, cz := where(c.Client)
		ss, sz := where(c.Server)
		whole := digest(b, []byte(cs), []byte(cz), []byte(ss), []byte(sz))
		key := idKey(id)
		old, known := was[key]
		delete(was, key)
		if known && old.whole == whole {
			continue
		}
		body := compress(b)
		l.rows = append(l.rows, []any{
			st.db.rows.Add(1), st.scope.org, id, st.number, int64(never), whole, c.Client, c.Server, cs, ss, cz, sz, c.Protocol, c.Transport, c.Port, string(c.Verdict),
			c.Packets, c.Bytes, int64(c.FirstSeen), int64(c.LastSeen), body,
		})
		l.size += len(body) + 200
		st.count("conversation", known, true)
		if known {
			l.dying = append(l.dying, old.row)
		}
		if l.full() {
			if err := l.flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	st.wrote.Removed["conversation"] = len(was)
	return st.bury(ctx, "conversation", was)
}

var operationLoad = []string{
	"row", "org", "id", "born", "died", "whole", "client", "server", "client_site", "server_site", "protocol", "verb", "name", "result", "engineering", "count",
	"first_seen", "last_seen", "body",
}

// Operations stages the operations. where gives site and zone of an asset.
func (st *Stage) Operations(ctx context.Context, list iter.Seq[*harbour.Operation], where func(asset string) (site, zone string)) error {
	was, err := st.current(ctx, "operation", "")
	if err != nil {
		return err
	}
	l := &loader{st: st, table: "operation", columns: operationLoad}
	ids := newIDs()
	for o := range list {
		id := ids.next('o', o.Client, o.Server, o.Group, o.ClientIP, o.ServerIP, o.Protocol, string(o.Verb), o.Code, o.Name, o.Target, o.Result)
		b, err := json.Marshal(o)
		if err != nil {
			return err
		}
		cs, _ := where(o.Client)
		ss, _ := where(o.Server)
		whole := digest(b, []byte(cs), []byte(ss))
		key := idKey(id)
		old, known := was[key]
		delete(was, key)
		if known && old.whole == whole {
			continue
		}
		body := compress(b)
		l.rows = append(l.rows, []any{
			st.db.rows.Add(1), st.scope.org, id, st.number, int64(never), whole, o.Client, o.Server, cs, ss, o.Protocol, string(o.Verb), o.Name, o.Result,
			number(o.Verb.Engineering()), o.Count, int64(o.FirstSeen), int64(o.LastSeen), body,
		})
		l.size += len(body) + 200
		st.count("operation", known, true)
		if known {
			l.dying = append(l.dying, old.row)
		}
		if l.full() {
			if err := l.flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	st.wrote.Removed["operation"] = len(was)
	return st.bury(ctx, "operation", was)
}

// ids names rows that have no id of their own by what identifies them; the second with the same parts is numbered.
type ids struct{ seen map[int64]int32 }

func newIDs() *ids { return &ids{seen: map[int64]int32{}} }

func (n *ids) next(letter byte, parts ...string) string {
	list := make([][]byte, len(parts))
	for i, p := range parts {
		list[i] = []byte(p)
	}
	d := digest(list...)
	n.seen[d]++
	id := string(letter) + "-" + pad16(uint64(d))
	if again := n.seen[d]; again > 1 {
		id += "-" + strconv.Itoa(int(again))
	}
	return id
}

func pad16(d uint64) string {
	s := strconv.FormatUint(d, 16)
	return "0000000000000000"[len(s):] + s
}
