// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// Order says how a list is sorted and which part of it is wanted. Lists page by key: a cursor names the last row seen,
// so that a page costs the same wherever it lies and rows that come or go do not shift it.
type Order struct {
	Sort   string // a name that the list knows; "" for its usual order
	Desc   bool
	Cursor string // from a Page; "" for the first
	Limit  int    // 1 to MaxLimit; 0 for 50
}

// MaxLimit bounds a page.
const MaxLimit = 1000

// CountLimit is up to where the rows of a filtered list are counted.
const CountLimit = 5000

// Page is a part of a list.
type Page[T any] struct {
	Items []T
	// Next and Previous are cursors, "" where nothing more lies that way.
	Next, Previous string
	// Total is how many rows the whole list has; with More set, at least that many.
	Total int
	More  bool
}

// cursor is what a cursor holds.
type cursor struct {
	Back bool   `json:"b,omitempty"`
	Text string `json:"t,omitempty"`
	Int  int64  `json:"i,omitempty"`
	ID   string `json:"k"`
	Sort string `json:"s"`
}

func (c cursor) String() string {
	b, _ := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(s, sort string) (c cursor, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || c.Sort != sort || len(s) > 4096 {
		return c, &harbour.Error{Kind: harbour.ErrInvalid, Op: "page", Message: "the mark of the page does not belong to this list", Hint: "start again from the first page", Err: err}
	}
	return c, nil
}

// key is a column that a list can be sorted by.
type key struct {
	column string
	number bool
	desc   bool // the usual direction
}

// listing describes a list to page.
type listing[T any] struct {
	from    string // tables with joins; the rows' table is called t
	columns string
	keys    map[string]key
	usual   string
	// at gives the value of a sort key of a row, and its id.
	at func(row *T, sort string) (text string, number int64, id string)
}

// asked is an order as a list reads it.
type asked struct {
	sort  string
	named string // sort and direction, in cursors
	key   key
	desc  bool
	back  bool // from the cursor to the beginning
	limit int
	at    *cursor // nil for the first page
}

func (l *listing[T]) ask(o Order) (a asked, err error) {
	a.sort, a.desc = o.Sort, o.Desc
	var ok bool
	if a.key, ok = l.keys[o.Sort]; !ok {
		if o.Sort != "" {
			return a, &harbour.Error{Kind: harbour.ErrInvalid, Op: "list", Message: "the list cannot be sorted by " + o.Sort, Hint: "one of: " + strings.Join(sorts(l.keys), ", ")}
		}
		a.sort = l.usual
		a.key = l.keys[l.usual]
		a.desc = a.key.desc
	}
	if a.limit = min(o.Limit, MaxLimit); o.Limit <= 0 {
		a.limit = 50
	}
	a.named = a.sort + ":" + direction(a.desc)
	if o.Cursor != "" {
		at, err := parseCursor(o.Cursor, a.named)
		if err != nil {
			return a, err
		}
		a.at, a.back = &at, at.Back
	}
	return a, nil
}

// page reads a page. c holds scope and filters.
func page[T any](ctx context.Context, q bun.IDB, l *listing[T], c conditions, o Order) (p Page[T], err error) {
	a, err := l.ask(o)
	if err != nil {
		return p, err
	}
	if a.at != nil {
		compare := ">"
		if a.desc != a.back {
			compare = "<"
		}
		value := any(a.at.Text)
		if a.key.number {
			value = a.at.Int
		}
		c.add("("+a.key.column+", t.id) "+compare+" (?, ?)", value, a.at.ID)
	}
	dir := direction(a.desc != a.back)
	err = q.NewRaw("SELECT "+l.columns+" FROM "+l.from+" WHERE "+c.text()+" ORDER BY "+a.key.column+" "+dir+", t.id "+dir+" LIMIT ?", append(c.args, a.limit+1)...).Scan(ctx, &p.Items)
	if err != nil {
		return p, err
	}
	l.finish(&p, a, len(p.Items) > a.limit)
	return p, nil
}

// finish puts rows that were read into the order of the list, leaves out the one that was read to see whether there is more,
// and marks where the pages before and after begin.
func (l *listing[T]) finish(p *Page[T], a asked, more bool) {
	p.Items = p.Items[:min(len(p.Items), a.limit)]
	if a.back {
		slices.Reverse(p.Items)
	}
	n := len(p.Items)
	if n == 0 {
		return
	}
	mark := func(row *T, back bool) string {
		text, number, id := l.at(row, a.sort)
		return cursor{Back: back, Text: text, Int: number, ID: id, Sort: a.named}.String()
	}
	if more || a.back {
		p.Next = mark(&p.Items[n-1], false)
	}
	if a.at != nil && (!a.back || more) {
		p.Previous = mark(&p.Items[0], true)
	}
}

func direction(desc bool) string {
	if desc {
		return "DESC"
	}
	return "ASC"
}

func sorts(keys map[string]key) (names []string) {
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// count counts rows up to CountLimit.
func count(ctx context.Context, q bun.IDB, from string, c conditions) (n int, more bool, err error) {
	err = q.NewRaw("SELECT COUNT(*) FROM (SELECT 1 FROM "+from+" WHERE "+c.text()+" LIMIT ?) AS counted", append(c.args, CountLimit+1)...).Scan(ctx, &n)
	if n > CountLimit {
		return CountLimit, true, err
	}
	return n, false, err
}

// manyMatches is from how many hits on a list is walked in its own order and compared, instead of sorting the hits.
const manyMatches = 2000

// search adds the condition that the text of the rows holds every word. Words of three characters and more use the
// index while they are rare.
func (s *Scoped) search(ctx context.Context, q bun.IDB, c *conditions, table, text string) error {
	var long []string
	for _, w := range strings.Fields(strings.ToLower(text)) {
		if len([]rune(w)) >= 3 && s.asOf == 0 { // superseded rows are not in the index
			long = append(long, w)
			continue
		}
		c.add(`t.text LIKE ? ESCAPE '\'`, "%"+likeEscape.Replace(w)+"%")
	}
	if len(long) == 0 {
		return nil
	}
	cond, args := s.db.engine.matching(table, long)
	var n int
	if err := q.NewRaw("SELECT COUNT(*) FROM (SELECT 1 FROM "+table+" WHERE "+cond+" LIMIT ?) AS hits", append(slices.Clone(args), manyMatches)...).Scan(ctx, &n); err != nil {
		return err
	}
	if n < manyMatches {
		c.add(strings.Replace(cond, "row IN", "t.row IN", 1), args...)
		return nil
	}
	for _, w := range long {
		c.add(`t.text LIKE ? ESCAPE '\'`, "%"+likeEscape.Replace(w)+"%")
	}
	return nil
}

// in adds a condition that a column has one of the values, if any are given.
func in(c *conditions, column string, values []string) {
	if len(values) > 0 {
		c.add(column+" IN (?)", bun.List(values))
	}
}

// generation finds the one to read: the current one, or that of As Of.
func (s *Scoped) generation(ctx context.Context, q bun.IDB) (n int64, err error) {
	if s.asOf != 0 {
		return s.asOf, nil
	}
	return recallNow(ctx, s.db, "generation "+s.scope.org, sinceAnything, func() (n int64, err error) {
		var list []int64
		if err := q.NewRaw("SELECT generation FROM organisation WHERE id = ?", s.scope.org).Scan(ctx, &list); err != nil || len(list) == 0 {
			return 0, err
		}
		return list[0], nil
	})
}

// visible adds the condition that a row is of the generation. Nearly every row is, so the plus signs keep both engines from
// looking for the rows by an index of generations: it is for the few that came or went.
func visible(c *conditions, generation int64) {
	c.add("+t.born <= ? AND +t.died > ?", generation, generation)
}

// AsOf reads the state that was published last at or before an instant. Nothing was then published: the lists are empty.
func (s *Scoped) AsOf(ctx context.Context, at harbour.Instant) (*Scoped, error) {
	var n int64
	err := s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT COALESCE(MAX(number), -1) FROM generation WHERE org = ? AND at <= ?", s.scope.org, at).Scan(ctx, &n)
	})
	return &Scoped{db: s.db, scope: s.scope, asOf: n}, err
}

// nothing says that what is read is the state before the first, in which all lists are empty.
func (s *Scoped) nothing() bool { return s.asOf < 0 }

// Facet is how many rows of a list have a value.
type Facet struct {
	Name, Value string
	Count       int
}

// Facets gives the counts of values for the filters of a list (assets, conversations, operations, findings), as of
// when the generation was published. They count the whole organisation; a limited scope gets none.
func (s *Scoped) Facets(ctx context.Context, list string) (facets []Facet, err error) {
	if s.scope.limited() {
		return nil, nil
	}
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		g, err := s.generation(ctx, q)
		if err != nil {
			return err
		}
		facets, err = recall(&s.db.memo, fmt.Sprintf("facets %s %d %s", s.scope.org, g, list), 0, func() (facets []Facet, err error) {
			err = q.NewRaw("SELECT name, value, count FROM facet WHERE org = ? AND generation = ? AND list = ? ORDER BY name, count DESC, value", s.scope.org, g, list).Scan(ctx, &facets)
			return facets, err
		})
		return err
	})
	return slices.Clone(facets), err
}
