// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// Traffic selects conversations or operations. Within a field any value will do, between fields all must.
type Traffic struct {
	Order
	Text                            string // words that must all occur in what is known of one of the two ends
	Asset                           string // either end
	Client, Server                  string
	Protocol, Verdict, Verb, Result []string
	ClientZone, ServerZone          []string // conversations alone
	Name                            []string // of the operation's code
	Engineering                     bool     // operations that change a device alone
	From, Until                     harbour.Instant
}

// ConversationRow is a conversation with its id and the zones of its ends.
type ConversationRow struct {
	ID string
	harbour.Conversation
	ClientZone, ServerZone string
	ClientName, ServerName string // "" for an end that is outside the scope
}

// OperationRow is an operation with its id.
type OperationRow struct {
	ID string
	harbour.Operation
	ClientName, ServerName string
}

type trafficRow struct {
	ID         string
	Client     string
	Server     string
	ClientSite string `bun:"client_site"`
	ServerSite string `bun:"server_site"`
	ClientZone string `bun:"client_zone"`
	ServerZone string `bun:"server_zone"`
	Protocol   string
	Packets    int64
	Bytes      int64
	Count      int64
	LastSeen   harbour.Instant `bun:"last_seen"`
	Body       []byte
}

func trafficAt(r *trafficRow, sort string) (string, int64, string) {
	switch sort {
	case "protocol":
		return r.Protocol, 0, r.ID
	case "bytes":
		return "", r.Bytes, r.ID
	case "count":
		return "", r.Count, r.ID
	}
	return "", int64(r.LastSeen), r.ID
}

var conversationList = listing[trafficRow]{
	from: "conversation AS t", usual: "last_seen", at: trafficAt,
	columns: "t.id, t.client, t.server, t.client_site, t.server_site, t.client_zone, t.server_zone, t.protocol, t.packets, t.bytes, t.last_seen, t.body",
	keys: map[string]key{
		"last_seen": {column: "t.last_seen", number: true, desc: true}, "protocol": {column: "t.protocol"}, "bytes": {column: "t.bytes", number: true, desc: true},
	},
}

var operationList = listing[trafficRow]{
	from: "operation AS t", usual: "last_seen", at: trafficAt,
	columns: "t.id, t.client, t.server, t.client_site, t.server_site, t.protocol, t.count, t.last_seen, t.body",
	keys: map[string]key{
		"last_seen": {column: "t.last_seen", number: true, desc: true}, "protocol": {column: "t.protocol"},
	},
}

// traffic limits a query to what has an end in the scope.
func (s *Scoped) traffic(c *conditions, f *Traffic, generation int64) {
	c.add("t.org = ?", s.scope.org)
	visible(c, generation)
	if s.scope.limited() {
		var own conditions
		s.scope.assets(&own, "o")
		own.add("+o.born <= ? AND +o.died > ?", generation, generation)
		has := func(end string) string {
			return "EXISTS (SELECT 1 FROM asset AS o WHERE o.id = t." + end + " AND " + own.text() + ")"
		}
		c.add("("+has("client")+" OR "+has("server")+")", append(slices.Clone(own.args), own.args...)...)
	}
	if f.Asset != "" {
		c.add("(t.client = ? OR t.server = ?)", f.Asset, f.Asset)
	}
	for _, v := range [][2]string{{"t.client = ?", f.Client}, {"t.server = ?", f.Server}} {
		if v[1] != "" {
			c.add(v[0], v[1])
		}
	}
	in(c, "t.protocol", f.Protocol)
	if f.From != 0 {
		c.add("t.last_seen >= ?", f.From)
	}
	if f.Until != 0 {
		c.add("t.first_seen <= ?", f.Until)
	}
}

// Conversations lists conversations. An end outside the scope has neither id nor name; for a supplier, no address either.
func (s *Scoped) Conversations(ctx context.Context, f Traffic) (p Page[ConversationRow], err error) {
	rows, names, err := s.trafficPage(ctx, &f, &conversationShelf, &conversationList, "conversation AS t", func(c *conditions) {
		in(c, "t.verdict", f.Verdict)
		in(c, "t.client_zone", f.ClientZone)
		in(c, "t.server_zone", f.ServerZone)
	})
	p.Next, p.Previous, p.Total, p.More = rows.Next, rows.Previous, rows.Total, rows.More
	for i := range rows.Items {
		r := &rows.Items[i]
		v := ConversationRow{ID: r.ID, ClientZone: r.ClientZone, ServerZone: r.ServerZone}
		if err == nil {
			err = unpack(r.Body, &v.Conversation)
		}
		v.ClientName, v.ServerName = names[v.Client], names[v.Server]
		if s.scope.limited() {
			v.ClientZone, v.ServerZone = "", ""
			s.veil(names, &v.Client, &v.ClientIP, &v.ClientMAC)
			s.veil(names, &v.Server, &v.ServerIP, &v.ServerMAC)
		}
		p.Items = append(p.Items, v)
	}
	return p, err
}

// Operations lists operations, as Conversations does.
func (s *Scoped) Operations(ctx context.Context, f Traffic) (p Page[OperationRow], err error) {
	rows, names, err := s.trafficPage(ctx, &f, &operationShelf, &operationList, "operation AS t", func(c *conditions) {
		in(c, "t.verb", f.Verb)
		in(c, "t.name", f.Name)
		in(c, "t.result", f.Result)
		if f.Engineering {
			c.add("t.engineering = 1")
		}
	})
	p.Next, p.Previous, p.Total, p.More = rows.Next, rows.Previous, rows.Total, rows.More
	for i := range rows.Items {
		r := &rows.Items[i]
		v := OperationRow{ID: r.ID}
		if err == nil {
			err = unpack(r.Body, &v.Operation)
		}
		v.ClientName, v.ServerName = names[v.Client], names[v.Server]
		if s.scope.limited() {
			mac := ""
			s.veil(names, &v.Client, &v.ClientIP, &mac)
			s.veil(names, &v.Server, &v.ServerIP, &mac)
		}
		p.Items = append(p.Items, v)
	}
	return p, err
}

// veil hides what a limited scope may not know of the other end.
func (s *Scoped) veil(names map[string]string, id, ip, mac *string) {
	if _, own := names[*id]; own {
		return
	}
	*id = ""
	if s.scope.ofSupplier() {
		*ip, *mac = "", ""
	}
}

func (s *Scoped) trafficPage(ctx context.Context, f *Traffic, of *shelfOf, l *listing[trafficRow], from string, more func(*conditions)) (p Page[trafficRow], names map[string]string, err error) {
	names = map[string]string{}
	b, own := s.trafficShelves(ctx, of, f.Text != "")
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		held, err := s.on(ctx, q, b)
		if err == nil && held && own != nil {
			held, err = s.on(ctx, q, own)
		}
		if err != nil {
			return err
		}
		g, err := s.generation(ctx, q)
		if err != nil {
			return err
		}
		var c conditions
		s.traffic(&c, f, g)
		w := s.wantedTraffic(f, own)
		if f.Text != "" {
			ids, err := s.ends(ctx, q, f.Text, own, held)
			if err != nil {
				return err
			}
			w.ends = append(w.ends, endsWanted{client: true, server: true, ids: ids})
			c.add("(t.client IN (?) OR t.server IN (?))", bun.List(ids), bun.List(ids))
		}
		more(&c)
		if held {
			p, held, err = shelved(ctx, q, l, b, w, c, f.Order)
		}
		if err == nil && !held {
			p, err = page(ctx, q, l, c, f.Order)
		}
		if err != nil {
			return err
		}
		var ids []string
		for i := range p.Items {
			ids = append(ids, p.Items[i].Client, p.Items[i].Server)
		}
		if len(ids) > 0 {
			if err := s.names(ctx, q, ids, names); err != nil {
				return err
			}
		}
		if held {
			return nil
		}
		p.Total, p.More, err = s.total(ctx, q, from, c, sinceCounted)
		return err
	})
	return p, names, err
}

// trafficShelves gives the shelf of a list of traffic and, for a limited scope or a text, that of the assets, which say what
// it sees.
func (s *Scoped) trafficShelves(ctx context.Context, of *shelfOf, text bool) (b, own *shelf) {
	if s.asOf != 0 {
		return nil, nil
	}
	if s.scope.limited() || text {
		if own = s.shelf(ctx, &assetShelf); own == nil {
			return nil, nil
		}
	}
	return s.shelf(ctx, of), own
}

// wantedTraffic is a query as the shelves of traffic know it, but for its text.
func (s *Scoped) wantedTraffic(f *Traffic, own *shelf) *wanted {
	w := &wanted{}
	if s.scope.limited() && own != nil {
		name := scopeName(s.scope.limits)
		w.ends = append(w.ends, endsWanted{client: true, server: true, reach: own.reaches(name, s.scope.limits), name: name})
	}
	for _, e := range []struct {
		id             string
		client, server bool
	}{{f.Asset, true, true}, {f.Client, true, false}, {f.Server, false, true}} {
		if e.id != "" {
			w.ends = append(w.ends, endsWanted{client: e.client, server: e.server, ids: []string{e.id}})
		}
	}
	for column, values := range map[string][]string{
		"protocol": f.Protocol, "verdict": f.Verdict, "client_zone": f.ClientZone, "server_zone": f.ServerZone, "verb": f.Verb, "name": f.Name, "result": f.Result,
	} {
		w.in(column, values)
	}
	if f.Engineering {
		w.from("engineering", 1)
	}
	if f.From != 0 {
		w.from("last_seen", int64(f.From))
	}
	if f.Until != 0 {
		w.until("first_seen", int64(f.Until))
	}
	return w
}

// maxEnds is how many assets a text may fit for its traffic to be looked for.
const maxEnds = 400

// ends lists the assets that a text fits, from their shelf where that is held; one that cannot be where none does.
func (s *Scoped) ends(ctx context.Context, q bun.IDB, text string, b *shelf, held bool) (ids []string, err error) {
	f := AssetQuery{Text: text}
	n := 0
	if held {
		b.mu.RLock()
		found := b.find(s.wantedAssets(&f))
		if n = found.count(); n <= maxEnds {
			found.each(func(p int) { ids = append(ids, string(b.ids.at(p))) })
		}
		b.mu.RUnlock()
	} else {
		a, err := s.assetConditions(ctx, q, &f)
		if err != nil {
			return nil, err
		}
		if err := q.NewRaw("SELECT t.id FROM asset AS t WHERE "+a.text()+" LIMIT ?", append(a.args, maxEnds+1)...).Scan(ctx, &ids); err != nil {
			return nil, err
		}
		n = len(ids)
	}
	if n > maxEnds {
		return nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "search traffic", Field: "q", Message: fmt.Sprintf("more than %d assets fit the text", maxEnds), Hint: "search for more of the name or of the address, or open the list from the asset"}
	}
	return orNone(ids), nil
}
