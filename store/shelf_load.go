// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"slices"
	"sort"
	"strings"

	"github.com/uptrace/bun"
)

// The shelves of the four long lists.
var (
	assetShelf = shelfOf{
		table: "asset", words: []string{"sort_name", "domain", "kind", "zone", "vendor", "site", "level", "supplier", "criticality", "model", "firmware"},
		numbers: []string{"declared", "observed", "last_seen", "worst"}, text: true,
		sorted: []string{"sort_name", "kind", "zone", "vendor", "site", "supplier", "last_seen", "worst"},
	}
	findingShelf = shelfOf{
		table: "finding", words: []string{"rule", "status", "assignee", "subjects"}, numbers: []string{"severity", "last_seen"}, text: true, subject: true,
		sorted: []string{"severity", "rule", "last_seen", "status", "assignee"},
	}
	conversationShelf = shelfOf{
		table: "conversation", words: []string{"protocol", "verdict", "client_zone", "server_zone"}, ends: true, numbers: []string{"bytes", "first_seen", "last_seen"},
		sorted: []string{"last_seen", "protocol", "bytes"},
	}
	operationShelf = shelfOf{
		table: "operation", words: []string{"protocol", "verb", "name", "result"}, ends: true, numbers: []string{"engineering", "first_seen", "last_seen"},
		sorted: []string{"last_seen", "protocol"},
	}
	shelves = []*shelfOf{&assetShelf, &findingShelf, &conversationShelf, &operationShelf}
)

// columns of the table, in the order in which they are read after row and id.
func (o *shelfOf) columns() (list []string) {
	for _, c := range o.words {
		if c != "subjects" {
			list = append(list, c)
		}
	}
	if o.ends {
		list = append(list, "client", "server")
	}
	list = append(list, o.numbers...)
	if o.text {
		list = append(list, "text")
	}
	return list
}

// load fills a shelf as of a generation, published or staged.
func (db *DB) load(ctx context.Context, of *shelfOf, org string, generation int64) (*shelf, error) {
	b := &shelf{
		of: of, org: org, generation: generation, words: map[string]*words{}, numbers: map[string][]int64{}, orders: map[string][]uint32{},
		said: map[uint32]string{}, scopes: map[string]*reach{},
	}
	ends := &dictionary{code: map[string]uint32{}}
	for _, c := range of.words {
		b.words[c] = &words{dictionary: &dictionary{code: map[string]uint32{}}}
	}
	if of.ends {
		b.words["client"], b.words["server"] = &words{dictionary: ends}, &words{dictionary: ends}
	}
	err := db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		if err := b.read(ctx, q, "", nil, b.append); err != nil || !of.subject {
			return err
		}
		return b.readSubjects(ctx, q)
	})
	if err != nil {
		return nil, err
	}
	for _, column := range of.sorted {
		b.arrange(column)
	}
	return b, nil
}

// record is a row as it is read: words and numbers in the order of the shelf's columns.
type record struct {
	row     int64
	id      []byte
	words   [][]byte
	numbers []int64
	text    []byte
}

// read calls fn with the rows that a further condition fits, in the order of their ids.
func (b *shelf) read(ctx context.Context, q bun.IDB, more string, args []any, fn func(*record)) error {
	columns := b.of.columns()
	rows, err := q.QueryContext(ctx, "SELECT t.row, t.id, t."+strings.Join(columns, ", t.")+" FROM "+b.of.table+" AS t WHERE t.org = ? AND +t.born <= ? AND +t.died > ?"+more+" ORDER BY t.id",
		append([]any{b.org, b.generation, b.generation}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	texts := len(columns) - len(b.of.numbers)
	if b.of.text {
		texts--
	}
	raw := make([]sql.RawBytes, texts+2)
	r := record{words: make([][]byte, texts), numbers: make([]int64, len(b.of.numbers))}
	to := []any{&r.row, &raw[texts]}
	for i := range texts {
		to = append(to, &raw[i])
	}
	for i := range r.numbers {
		to = append(to, &r.numbers[i])
	}
	if b.of.text {
		to = append(to, &raw[texts+1])
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		for i := range texts {
			r.words[i] = raw[i]
		}
		r.id, r.text = raw[texts], raw[texts+1]
		fn(&r)
	}
	return rows.Err()
}

// append puts a row behind the others.
func (b *shelf) append(r *record) {
	b.rows = append(b.rows, r.row)
	b.ids.add(r.id)
	for i, name := range b.named() {
		c := b.words[name]
		c.at = append(c.at, c.put(r.words[i]))
	}
	for i, name := range b.of.numbers {
		b.numbers[name] = append(b.numbers[name], r.numbers[i])
	}
	if b.of.text {
		b.text.add(r.text)
	}
}

// named are the columns of text in the order in which they are read.
func (b *shelf) named() []string {
	list := b.of.words
	if b.of.subject {
		list = list[:len(list)-1] // subjects, which are read by themselves, stand last
	}
	if b.of.ends {
		list = append(slices.Clone(list), "client", "server")
	}
	return list
}

// readSubjects gives each finding the places of its subjects.
func (b *shelf) readSubjects(ctx context.Context, q bun.IDB) error {
	c := b.words["subjects"]
	c.at = make([]uint32, len(b.rows))
	none := c.put(nil)
	for i := range c.at {
		c.at[i] = none
	}
	rows, err := q.QueryContext(ctx, "SELECT o.finding, o.site, o.supplier FROM finding_subject AS o WHERE o.org = ? AND +o.born <= ? AND +o.died > ? ORDER BY o.finding", b.org, b.generation, b.generation)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id, site, supplier sql.RawBytes
	var places []string
	p := 0
	put := func() {
		if len(places) > 0 {
			slices.Sort(places)
			c.at[p] = c.put([]byte(strings.Join(slices.Compact(places), "\x01")))
			places = places[:0]
		}
	}
	for rows.Next() {
		if err := rows.Scan(&id, &site, &supplier); err != nil {
			return err
		}
		for p < len(b.rows) && string(b.ids.at(p)) < string(id) {
			put()
			p++
		}
		if p == len(b.rows) {
			break
		}
		if string(b.ids.at(p)) == string(id) {
			places = append(places, string(site)+"\x02"+string(supplier))
		}
	}
	if p < len(b.rows) {
		put()
	}
	return rows.Err()
}

// arrange makes the order of a column.
func (b *shelf) arrange(column string) {
	order := make([]uint32, len(b.rows))
	for i := range order {
		order[i] = uint32(i)
	}
	value := b.numbers[column]
	if c, ok := b.words[column]; ok {
		value = c.ranks()
	}
	slices.SortFunc(order, func(x, y uint32) int { return cmp.Or(cmp.Compare(value[x], value[y]), cmp.Compare(x, y)) })
	b.orders[column] = order
}

// ranks gives each position the rank of its word.
func (c *words) ranks() []int64 {
	codes := make([]uint32, len(c.word))
	for i := range codes {
		codes[i] = uint32(i)
	}
	slices.SortFunc(codes, func(x, y uint32) int { return strings.Compare(c.word[x], c.word[y]) })
	rank := make([]int64, len(codes))
	for i, code := range codes {
		rank[code] = int64(i)
	}
	list := make([]int64, len(c.at))
	for p, code := range c.at {
		list[p] = rank[code]
	}
	return list
}

// change brings a row that people changed up to date. The caller holds the lock for writing.
func (b *shelf) change(r *record) {
	p, ok := b.position(r.id)
	if !ok {
		return
	}
	clear(b.scopes)
	was := map[string]int{} // where the orders have the row
	for _, column := range b.of.sorted {
		order := b.orders[column]
		was[column], _ = slices.BinarySearchFunc(order, p, func(x, y uint32) int { return b.compare(column, x, y) })
	}
	b.rows[p] = r.row
	for i, name := range b.named() {
		c := b.words[name]
		c.at[p] = c.put(r.words[i])
	}
	for i, name := range b.of.numbers {
		b.numbers[name][p] = r.numbers[i]
	}
	if b.of.text {
		b.said[p] = string(r.text)
	}
	for column, from := range was {
		order := b.orders[column]
		copy(order[from:], order[from+1:])
		less := order[:len(order)-1]
		to, _ := slices.BinarySearchFunc(less, p, func(x, y uint32) int { return b.compare(column, x, y) })
		copy(order[to+1:], order[to:len(order)-1])
		order[to] = p
	}
}

// position of a row by its id.
func (b *shelf) position(id []byte) (uint32, bool) {
	p := sort.Search(len(b.rows), func(i int) bool { return bytes.Compare(b.ids.at(i), id) >= 0 })
	return uint32(p), p < len(b.rows) && bytes.Equal(b.ids.at(p), id)
}

// size is about how much memory the shelf takes, in bytes.
func (b *shelf) size() int64 {
	n := int64(len(b.rows)) * int64(8+4+8*len(b.numbers)+4*len(b.words)+4*len(b.orders))
	n += int64(cap(b.ids.all) + cap(b.text.all) + 4*cap(b.text.end))
	for _, c := range b.words {
		n += int64(len(c.word)) * 80
	}
	return n
}
