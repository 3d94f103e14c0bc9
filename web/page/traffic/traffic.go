// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package traffic shows what passes: conversations, the operations in them (who programmed, stopped or wrote what, and
// when), and the zones with the conduits between them, as a drawing by level, as a graph, and as tables. Each row opens to the
// frame that it rests on.
//
// Its handlers are safe for concurrent use.
package traffic

import (
	"cmp"
	"errors"
	"strconv"
	"time"

	"breakwater/app"
	"breakwater/app/assets"
	"breakwater/app/traffic"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/web/shell"
)

type pages struct {
	use    *traffic.Traffic
	assets *assets.Assets
}

// New makes the pages of the use cases.
func New(use *traffic.Traffic, a *assets.Assets) shell.Pack {
	p := &pages{use, a}
	return shell.Pack{
		Entries: []shell.Entry{
			{Name: "Conversations", Path: "conversations", Icon: "arrow-left-right", Action: app.ReadTraffic},
			{Name: "Operations", Path: "operations", Icon: "terminal", Action: app.ReadTraffic},
			{Name: "Zones", Path: "zones", Icon: "workflow", Action: app.ReadZones},
		},
		Register: func(s *shell.Shell) {
			s.In("GET conversations", p.conversations)
			s.In("GET conversations.csv", func(r *shell.Request) error { return p.exportConversations(r, "csv") })
			s.In("GET conversations.xlsx", func(r *shell.Request) error { return p.exportConversations(r, "xlsx") })
			s.In("GET operations", p.operations)
			s.In("GET operations.csv", func(r *shell.Request) error { return p.exportOperations(r, "csv") })
			s.In("GET operations.xlsx", func(r *shell.Request) error { return p.exportOperations(r, "xlsx") })
			s.In("GET zones", p.zones)
			s.In("GET zones/graph.json", p.graph)
		},
	}
}

// query reads the filters of an address.
func query(r *shell.Request) (q store.Traffic, err error) {
	if q.Text, err = r.Text(); err != nil {
		return q, err
	}
	q.Order = r.OrderOf("last_seen", true)
	v := r.URL.Query()
	q.Asset, q.Client, q.Server = v.Get("asset"), v.Get("client"), v.Get("server")
	if err := r.Closed(
		shell.ClosedFilter{Name: "verdict", Known: shell.Names(view.Verdicts), To: &q.Verdict}, shell.ClosedFilter{Name: "verb", Known: shell.Names(harbour.Verbs), To: &q.Verb},
		shell.ClosedFilter{Name: "engineering", Known: []string{"1"}},
	); err != nil {
		return q, err
	}
	q.Protocol, q.Result = r.Values("protocol"), r.Values("result")
	q.ClientZone, q.ServerZone, q.Name = r.Values("client_zone"), r.Values("server_zone"), r.Values("name")
	q.Engineering = v.Get("engineering") != ""
	for name, to := range map[string]*harbour.Instant{"from": &q.From, "until": &q.Until} {
		s := v.Get(name)
		if s == "" {
			continue
		}
		t, err := time.ParseInLocation(time.DateOnly, s, time.UTC)
		if err != nil || t.Year() < 1970 || t.Year() > 9999 {
			return q, &harbour.Error{Kind: harbour.ErrInvalid, Op: "list traffic", Message: "the day is not one", Hint: "write it as 2026-11-20"}
		}
		if name == "until" {
			t = t.AddDate(0, 0, 1).Add(-time.Microsecond)
		}
		*to = harbour.At(t)
	}
	if q.From != 0 && q.Until != 0 && q.From > q.Until {
		return q, &harbour.Error{Kind: harbour.ErrInvalid, Op: "list traffic", Message: "the last day lies before the first", Hint: "choose a later one"}
	}
	return q, nil
}

// common are the filters of both lists: chips for what a link brought, and the days.
func (p *pages) common(r *shell.Request) (list []shell.Filter) {
	for _, x := range [][2]string{{"asset", "Asset"}, {"client", "Client"}, {"server", "Server"}} {
		id := r.URL.Query().Get(x[0])
		if id == "" {
			continue
		}
		f := shell.Filter{Name: x[0], Title: x[1], One: true}
		if v, err := p.assets.Get(r.Context(), r.By, r.Org.ID, id, 0); err == nil { // only for its name
			f.Choices = []shell.Choice{{Value: id, Title: v.Asset.Name, Count: -1}}
		}
		list = append(list, f)
	}
	return append(list, shell.Filter{Name: "from", Title: "From"}, shell.Filter{Name: "until", Title: "Until"})
}

func protocolWord(v string) string { return view.Protocol(v) }

// ask is what a list is asked for, and how it is shown.
type ask struct {
	query   store.Traffic
	filters []shell.Filter
	columns []shell.Column
	idle    []shell.Idle // values of filters that fit nothing by themselves
	wide    error        // the text fits more assets than traffic is looked for; nil for not
}

// listed takes what came of the list, of so many rows: what is to be said beside them or in their place. of asks the list for
// something else. A text that fits too much is no error of the page, which keeps its filters: in a large port the first
// letters of every search do.
func (a *ask) listed(r *shell.Request, rows int, err error, of func(store.Traffic) (int, error)) error {
	var wrong *harbour.Error
	if errors.As(err, &wrong) && wrong.Kind == harbour.ErrInvalid && wrong.Field == "q" {
		a.wide = err
		return nil
	}
	if err != nil {
		return err
	}
	a.idle, err = r.Idle(a.filters, rows, func(one *shell.Request) (bool, error) {
		q, err := query(one)
		if err != nil {
			return false, err
		}
		q.Limit = 1
		n, err := of(q)
		return n > 0, err
	})
	return err
}

// closed are the choices of a closed list, for those who get no counts because they see a part of the organisation.
func closed[T ~string](f *shell.Filter, values []T, word func(T) view.Word) {
	if len(f.Choices) == 0 {
		for _, v := range values {
			f.Choices = append(f.Choices, shell.Choice{Value: string(v), Title: word(v).Title, Count: -1})
		}
	}
}

var conversationColumns = []shell.Column{
	{Name: "protocol", Title: "Protocol"},
	{Name: "verdict", Title: "Verdict"},
	{Name: "zones", Title: "Zones"},
	{Name: "vlan", Title: "VLAN"},
	{Name: "packets", Title: "Packets"},
	{Name: "bytes", Title: "Bytes"},
	{Name: "first_seen", Title: "First seen"},
	{Name: "last_seen", Title: "Last seen"},
	{Name: "proof", Title: "Proof"},
}

var usualConversation = []string{"protocol", "verdict", "zones", "bytes", "last_seen", "proof"}

func (p *pages) askConversations(r *shell.Request) (a ask, err error) {
	if a.query, err = query(r); err != nil {
		return a, err
	}
	facets, err := p.use.Facets(r.Context(), r.By, r.Org.ID, "conversation")
	if err != nil {
		return a, err
	}
	verdict := r.Facets(facets, "verdict", "Verdict", func(v string) string { return view.Verdict(harbour.Verdict(v)).Title })
	closed(&verdict, view.Verdicts, view.Verdict)
	a.filters = append([]shell.Filter{
		r.Facets(facets, "protocol", "Protocol", protocolWord), verdict,
		r.Facets(facets, "client_zone", "From zone", r.ZoneName), r.Facets(facets, "server_zone", "To zone", r.ZoneName),
	}, p.common(r)...)
	a.columns = r.Columns(conversationColumns, usualConversation...)
	return a, nil
}

func (p *pages) conversations(r *shell.Request) error {
	a, err := p.askConversations(r)
	if err != nil {
		return err
	}
	page, err := p.use.Conversations(r.Context(), r.By, r.Org.ID, a.query)
	if err = a.listed(r, len(page.Items), err, func(q store.Traffic) (int, error) {
		page, err := p.use.Conversations(r.Context(), r.By, r.Org.ID, q)
		return len(page.Items), err
	}); err != nil {
		return err
	}
	if r.Partial("list") {
		return r.Part(conversationList(r, &a, page))
	}
	return r.Page(shell.Page{
		Title: "Conversations", Lead: "Who talked to whom, by which protocol, and whether anybody approved it", Here: "conversations", Body: conversationPage(r, &a, page), Keys: keys,
	})
}

var keys = []shell.Key{{Press: "j k", Does: "Next and previous row"}, {Press: "Enter", Does: "Open the proof of the row"}}

var operationColumns = []shell.Column{
	{Name: "target", Title: "Target"},
	{Name: "client", Title: "Client"},
	{Name: "server", Title: "Server"},
	{Name: "protocol", Title: "Protocol"},
	{Name: "code", Title: "Code"},
	{Name: "result", Title: "Result"},
	{Name: "count", Title: "Times"},
	{Name: "first_seen", Title: "First seen"},
	{Name: "last_seen", Title: "Last seen"},
	{Name: "proof", Title: "Proof"},
}

var usualOperation = []string{"target", "client", "server", "protocol", "result", "count", "last_seen", "proof"}

func (p *pages) askOperations(r *shell.Request) (a ask, err error) {
	if a.query, err = query(r); err != nil {
		return a, err
	}
	facets, err := p.use.Facets(r.Context(), r.By, r.Org.ID, "operation")
	if err != nil {
		return a, err
	}
	verb := r.Facets(facets, "verb", "Verb", func(v string) string { return view.Verb(harbour.Verb(v)).Title })
	closed(&verb, harbour.Verbs, view.Verb)
	a.filters = append([]shell.Filter{
		{Name: "engineering", Title: "Kind", One: true, Choices: []shell.Choice{{Value: "1", Title: "engineering work only", Count: -1}}},
		verb, r.Facets(facets, "protocol", "Protocol", protocolWord),
		r.Facets(facets, "result", "Result", func(v string) string { return view.Result(v).Title }),
		r.Facets(nil, "name", "Operation", view.Name),
	}, p.common(r)...)
	a.columns = r.Columns(operationColumns, usualOperation...)
	return a, nil
}

func (p *pages) operations(r *shell.Request) error {
	a, err := p.askOperations(r)
	if err != nil {
		return err
	}
	page, err := p.use.Operations(r.Context(), r.By, r.Org.ID, a.query)
	if err = a.listed(r, len(page.Items), err, func(q store.Traffic) (int, error) {
		page, err := p.use.Operations(r.Context(), r.By, r.Org.ID, q)
		return len(page.Items), err
	}); err != nil {
		return err
	}
	if r.Partial("list") {
		return r.Part(operationList(r, &a, page))
	}
	return r.Page(shell.Page{
		Title: "Operations", Lead: "Who programmed, stopped, wrote or read what, and when", Here: "operations", Body: operationPage(r, &a, page), Keys: keys,
	})
}

// heads are the columns of an export; instants are in UTC.
func heads(first []string, columns []shell.Column) []string {
	for _, c := range columns {
		switch c.Name {
		case "first_seen", "last_seen":
			first = append(first, c.Title+" (UTC)")
		case "zones":
			first = append(first, "From zone", "To zone")
		case "client", "server":
			first = append(first, c.Title, c.Title+" address")
		case "protocol":
			first = append(first, c.Title, "Transport", "Port")
		case "proof":
			first = append(first, "Evidence", "Place")
		default:
			first = append(first, c.Title)
		}
	}
	return first
}

func instant(i harbour.Instant) string {
	if !i.Known() {
		return ""
	}
	return i.Time().Format(time.RFC3339)
}

func (p *pages) exportConversations(r *shell.Request, form string) error {
	a, err := p.askConversations(r)
	if err != nil {
		return err
	}
	a.query.Cursor = ""
	return r.Table("conversations", form, heads([]string{"Client", "Client address", "Server", "Server address"}, a.columns), func(add func(...string) error) error {
		return p.use.EachConversation(r.Context(), r.By, r.Org.ID, a.query, func(c *store.ConversationRow) error {
			row := []string{cmp.Or(c.ClientName, c.Client), cmp.Or(c.ClientIP, c.ClientMAC), cmp.Or(c.ServerName, c.Server, c.Group), cmp.Or(c.ServerIP, c.ServerMAC)}
			for _, col := range a.columns {
				switch col.Name {
				case "protocol":
					row = append(row, c.Protocol, c.Transport, port(c.Port))
				case "verdict":
					row = append(row, view.Verdict(c.Verdict).Title)
				case "zones":
					row = append(row, r.ZoneName(c.ClientZone), r.ZoneName(c.ServerZone))
				case "vlan":
					row = append(row, port(c.VLAN))
				case "packets":
					row = append(row, strconv.FormatInt(c.Packets, 10))
				case "bytes":
					row = append(row, strconv.FormatInt(c.Bytes, 10))
				case "first_seen":
					row = append(row, instant(c.FirstSeen))
				case "last_seen":
					row = append(row, instant(c.LastSeen))
				case "proof":
					row = append(row, c.Evidence, c.Locator)
				}
			}
			return add(row...)
		})
	})
}

func (p *pages) exportOperations(r *shell.Request, form string) error {
	a, err := p.askOperations(r)
	if err != nil {
		return err
	}
	a.query.Cursor = ""
	columns := a.columns
	return r.Table("operations", form, operationHeads(columns), func(add func(...string) error) error {
		return p.use.EachOperation(r.Context(), r.By, r.Org.ID, a.query, func(o *store.OperationRow) error {
			row := []string{view.Verb(o.Verb).Title, o.Name}
			for _, col := range columns {
				switch col.Name {
				case "target":
					row = append(row, o.Target)
				case "client":
					row = append(row, cmp.Or(o.ClientName, o.Client), o.ClientIP)
				case "server":
					row = append(row, cmp.Or(o.ServerName, o.Server, o.Group), o.ServerIP)
				case "protocol":
					row = append(row, o.Protocol)
				case "code":
					row = append(row, o.Code)
				case "result":
					row = append(row, view.Result(o.Result).Title)
				case "count":
					row = append(row, strconv.FormatInt(o.Count, 10))
				case "first_seen":
					row = append(row, instant(o.FirstSeen))
				case "last_seen":
					row = append(row, instant(o.LastSeen))
				case "proof":
					row = append(row, o.Evidence, o.Locator)
				}
			}
			return add(row...)
		})
	})
}

// operationHeads are heads without transport and port, which an operation has none of.
func operationHeads(columns []shell.Column) (list []string) {
	for _, h := range heads([]string{"Verb", "Operation"}, columns) {
		if h != "Transport" && h != "Port" {
			list = append(list, h)
		}
	}
	return list
}

func port(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
