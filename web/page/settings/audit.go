// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/web/shell"
)

func (p *pages) registerAudit(s *shell.Shell) {
	s.In("GET settings/audit", p.audit)
	s.In("GET settings/audit.csv", func(r *shell.Request) error { return p.exportAudit(r, "csv") })
	s.In("GET settings/audit.xlsx", func(r *shell.Request) error { return p.exportAudit(r, "xlsx") })
	s.In("GET settings/audit/{seq}", p.entry)
	s.In("GET settings/audit/{seq}/record", p.record)
	s.In("GET settings/checkpoints", p.checkpoints)
	s.In("POST settings/checkpoints", p.sign)
	s.In("GET settings/checkpoints/{size}", p.checkpoint)
	s.In("POST settings/audit/verify", p.verify)
}

// kinds are what entries are about.
var kinds = []string{"asset", "backup", "evidence", "finding", "installation", "inventory", "job", "organisation", "outlet", "person", "setting", "site", "token", "view"}

func auditFilters(r *shell.Request) []shell.Filter {
	kind, action := shell.Filter{Name: "kind", Title: "About", One: true}, shell.Filter{Name: "action", Title: "What", One: true}
	for _, k := range kinds {
		kind.Choices = append(kind.Choices, shell.Choice{Value: k, Title: view.Name(k), Count: -1})
	}
	for _, a := range shell.Acts() {
		action.Choices = append(action.Choices, shell.Choice{Value: a, Title: shell.Did(a, ""), Count: -1})
	}
	list := []shell.Filter{kind, action}
	for _, x := range [][2]string{{"object", "Object"}, {"actor", "By"}, {"from", "From"}, {"until", "Until"}} {
		list = append(list, shell.Filter{Name: x[0], Title: x[1]})
	}
	return list
}

// rowsOfLog is how many entries a page shows.
const rowsOfLog = 50

func auditFilter(r *shell.Request) (f store.AuditFilter, err error) {
	if f.Text, err = r.Text(); err != nil {
		return f, err
	}
	for _, x := range auditFilters(r) {
		if err := known(r, x); err != nil {
			return f, err
		}
	}
	q := r.URL.Query()
	f.Actor, f.ObjectKind, f.Object, f.Action = q.Get("actor"), q.Get("kind"), q.Get("object"), q.Get("action")
	for name, to := range map[string]*harbour.Instant{"from": &f.From, "until": &f.Until} {
		s := q.Get(name)
		if s == "" {
			continue
		}
		t, err := time.ParseInLocation(time.DateOnly, s, time.UTC)
		if err != nil || t.Year() < 1970 || t.Year() > 9999 {
			return f, invalid("list audit log", "the day is not one", "write it as 2026-11-20")
		}
		if name == "until" {
			t = t.AddDate(0, 0, 1).Add(-time.Microsecond)
		}
		*to = harbour.At(t)
	}
	c := q.Get("cursor")
	if c == "" {
		return f, nil
	}
	// "<N" goes on from entry N to older ones, ">N" to newer ones.
	n, err := strconv.ParseInt(c[1:], 10, 64)
	switch {
	case err == nil && c[0] == '<' && n > 0:
		f.Before = n
	case err == nil && c[0] == '>' && n >= 0:
		f.After = n + 1
	default:
		return f, invalid("list audit log", "the mark of the page does not belong to this list", "start again from the first page")
	}
	return f, nil
}

// log is a page of the log.
type log struct {
	entries        []store.Entry
	next, previous string
	total          int
	more           bool
	filters        []shell.Filter
	idle           []shell.Idle // values of filters that fit nothing by themselves
}

func (p *pages) readLog(r *shell.Request) (l log, err error) {
	f, err := auditFilter(r)
	if err != nil {
		return l, err
	}
	f.Limit = rowsOfLog + 1
	if l.entries, err = p.Audit.List(r.Context(), r.By, of(r), f); err != nil {
		return l, err
	}
	further := len(l.entries) > rowsOfLog
	if further && f.After > 0 {
		l.entries = l.entries[1:]
	} else if further {
		l.entries = l.entries[:rowsOfLog]
	}
	if n := len(l.entries); n > 0 {
		if (further || f.After > 0) && l.entries[n-1].Seq > 0 {
			l.next = "<" + strconv.FormatInt(l.entries[n-1].Seq, 10)
		}
		if f.Before > 0 || f.After > 0 && further {
			l.previous = ">" + strconv.FormatInt(l.entries[0].Seq, 10)
		}
	}
	l.filters = auditFilters(r)
	if id := f.Actor; id != "" && len(l.entries) > 0 { // named as the entries name them
		i := slices.IndexFunc(l.filters, func(x shell.Filter) bool { return x.Name == "actor" })
		l.filters[i].Choices = []shell.Choice{{Value: id, Title: orElse(l.entries[0].ActorName, id), Count: -1}}
	}
	if l.idle, err = r.Idle(l.filters, len(l.entries), func(one *shell.Request) (bool, error) {
		alone, err := auditFilter(one)
		if err != nil {
			return false, err
		}
		alone.Limit = 1
		list, err := p.Audit.List(r.Context(), r.By, of(r), alone)
		return len(list) > 0, err
	}); err != nil {
		return l, err
	}
	f.Before, f.After = 0, 0
	l.total, l.more, err = p.Audit.Count(r.Context(), r.By, of(r), f)
	return l, err
}

func (p *pages) audit(r *shell.Request) error {
	l, err := p.readLog(r)
	if err != nil {
		return err
	}
	if r.Partial("list") {
		return r.Part(auditList(r, &l))
	}
	return p.show(r, "audit", shell.Page{Title: "Audit log", Lead: "Who did what, to what, when: each entry is part of a signed tree of hashes", Actions: auditActions(r), Body: auditPage(r, &l)})
}

func (p *pages) exportAudit(r *shell.Request, form string) error {
	f, err := auditFilter(r)
	if err != nil {
		return err
	}
	f.Before, f.After, f.Limit = 0, 0, store.MaxLimit
	head := []string{"Entry", "When (UTC)", "Who", "Who (id)", "Via", "Address", "What", "Action", "About", "Object", "Name of the object", "Reason", "Before", "After", "Request"}
	return r.Table("audit-log", form, head, func(add func(...string) error) error {
		for {
			list, err := p.Audit.List(r.Context(), r.By, of(r), f)
			if err != nil {
				return err
			}
			for i := range list {
				e := &list[i]
				if err := add(strconv.FormatInt(e.Seq, 10), e.At.Time().Format("2006-01-02 15:04:05.000000"), e.ActorName, e.Actor, e.Via, e.Address, shell.Did(e.Action, e.ObjectKind), e.Action, e.ObjectKind, e.Object, e.ObjectName, e.Reason, string(e.Before), string(e.After), e.Request); err != nil {
					return err
				}
			}
			if len(list) < f.Limit || list[len(list)-1].Seq == 0 {
				return nil
			}
			f.Before = list[len(list)-1].Seq
		}
	})
}

func number(r *shell.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || n < 0 {
		return 0, shell.NoPage()
	}
	return n, nil
}

func (p *pages) entry(r *shell.Request) error {
	seq, err := number(r, "seq")
	if err != nil {
		return err
	}
	e, in, err := p.Audit.Entry(r.Context(), r.By, of(r), seq)
	if err != nil {
		return err
	}
	return p.show(r, "audit", shell.Page{Title: "Entry " + strconv.FormatInt(seq, 10), Lead: orElse(e.ActorName, e.Actor) + ": " + shell.Did(e.Action, e.ObjectKind), Body: entryPage(r, &e, &in)}, shell.Crumb{Title: "Audit log", Href: ofAll(r, r.Path("settings", "audit"))})
}

// record gives the entry byte for byte as it is hashed.
func (p *pages) record(r *shell.Request) error {
	seq, err := number(r, "seq")
	if err != nil {
		return err
	}
	_, in, err := p.Audit.Entry(r.Context(), r.By, of(r), seq)
	if err != nil {
		return err
	}
	return download(r, "audit-entry-"+strconv.FormatInt(seq, 10)+".json", "application/json", in.Record)
}

// download answers with a file.
func download(r *shell.Request, name, kind string, b []byte) error {
	h := r.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	_, _ = r.W.Write(b)
	return nil
}

func (p *pages) checkpoints(r *shell.Request) error {
	var before int64
	if c := r.URL.Query().Get("cursor"); c != "" {
		var err error
		if before, err = strconv.ParseInt(c, 10, 64); err != nil || before <= 0 {
			return invalid("list checkpoints", "the mark of the page does not belong to this list", "start again from the first page")
		}
	}
	list, err := p.Audit.Checkpoints(r.Context(), r.By, of(r), before, rowsOfLog+1)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > rowsOfLog {
		list = list[:rowsOfLog]
		next = strconv.FormatInt(list[rowsOfLog-1].N, 10)
	}
	return p.show(r, "audit", shell.Page{Title: "Checkpoints", Lead: "Signed by this installation, every ten minutes in which something happened", Body: checkpointsPage(r, list, before > 0, next)}, shell.Crumb{Title: "Audit log", Href: ofAll(r, r.Path("settings", "audit"))})
}

func (p *pages) sign(r *shell.Request) error {
	if _, err := p.Audit.Checkpoint(r.Context(), r.By, r.Org.ID); err != nil {
		return err
	}
	return r.Done(r.Path("settings", "checkpoints"), shell.OK("Signed. Give the checkpoint to somebody who keeps it where nobody here can change it."))
}

func (p *pages) checkpoint(r *shell.Request) error {
	size, err := number(r, "size")
	if err != nil {
		return err
	}
	text, err := p.Audit.CheckpointText(r.Context(), r.By, r.Org.ID, size)
	if err != nil {
		return err
	}
	return download(r, "checkpoint-"+strconv.FormatInt(size, 10)+".txt", "text/plain; charset=utf-8", []byte(text))
}

func (p *pages) verify(r *shell.Request) error {
	witness := text(r, "witness")
	if witness != "" {
		witness += "\n" // which the signature covers, and which is easily lost in copying
	}
	report, err := p.Audit.Verify(r.Context(), r.By, []byte(witness))
	if err != nil {
		return err
	}
	title := "The audit log is whole"
	if !report.Whole() {
		title = "The audit log is not whole"
	}
	return p.show(r, "audit", shell.Page{Title: title, Body: reportPage(r, report)}, shell.Crumb{Title: "Audit log", Href: r.Path("settings", "audit")}, shell.Crumb{Title: "Checkpoints", Href: r.Path("settings", "checkpoints")})
}

// change is one property of an object before and after.
type change struct{ name, before, after string }

// changes compares an object before and after, property by property. What is the same on both sides is left out.
func changes(before, after json.RawMessage) (list []change) {
	b, bOK := properties(before)
	a, aOK := properties(after)
	if !bOK || !aOK {
		if before, after := plain(before), plain(after); before != "" || after != "" {
			list = append(list, change{"", before, after})
		}
		return list
	}
	names := slices.Collect(maps.Keys(b))
	names = slices.AppendSeq(names, maps.Keys(a))
	slices.Sort(names)
	for _, n := range slices.Compact(names) {
		if !bytes.Equal(b[n], a[n]) {
			list = append(list, change{n, plain(b[n]), plain(a[n])})
		}
	}
	return list
}

// properties reads an object; nothing at all is an object without properties.
func properties(raw json.RawMessage) (m map[string]json.RawMessage, ok bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, true
	}
	return m, json.Unmarshal(raw, &m) == nil
}

// plain is a value as people read it: a text without its quotes, everything else as it is.
func plain(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return strings.TrimSpace(string(raw))
}

// objectPath leads to what an entry is about; "" where there is no page for it.
func objectPath(r *shell.Request, e *store.Entry) string {
	if e.Org != r.Org.ID || e.Object == "" {
		return ""
	}
	switch e.ObjectKind {
	case "asset":
		if r.May(app.ReadAssets) {
			return r.Path("assets", e.Object)
		}
	case "finding":
		if r.May(app.ReadFindings) {
			return r.Path("findings", e.Object)
		}
	case "evidence":
		if r.May(app.ReadEvidence) {
			return r.Path("evidence", e.Object)
		}
	case "person":
		if r.May(app.ReadPeople) {
			return r.Path("settings", "people", e.Object)
		}
	}
	return ""
}
