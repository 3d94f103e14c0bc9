// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"
)

// The shelves of the four long lists.
var (
	assetShelf = shelfOf{
		table: "asset", words: []string{"name", "sort_name", "domain", "kind", "zone", "vendor", "site", "level", "supplier", "criticality", "model", "firmware"},
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

// parts is into how many parts a long table is cut, to be read at once.
func parts() int { return min(runtime.GOMAXPROCS(0), 4) }

// load fills a shelf as of a generation, published or staged.
func (db *DB) load(ctx context.Context, of *shelfOf, org string, generation int64) (*shelf, error) {
	b := newShelf(of, org, generation)
	var cuts []rowsFrom
	err := db.Read(ctx, func(ctx context.Context, q bun.IDB) (err error) {
		cuts, err = b.cuts(ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := make([]*shelf, len(cuts))
	var g errgroup.Group
	for i, cut := range cuts {
		list[i] = newShelf(of, org, generation)
		g.Go(func() error {
			return db.Read(ctx, func(ctx context.Context, q bun.IDB) error { return list[i].read(ctx, q, cut, "", nil, list[i].append) })
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, part := range list {
		b.join(part)
	}
	b.sort()
	if of.subject {
		if err := db.Read(ctx, func(ctx context.Context, q bun.IDB) error { return b.readSubjects(ctx, q, cuts[0].until > 0) }); err != nil {
			return nil, err
		}
	}
	b.finish()
	return b, nil
}

// finish makes what rows are found by, when all are there.
func (b *shelf) finish() {
	var wg sync.WaitGroup
	orders := make([][]uint32, len(b.of.sorted))
	for i, column := range b.of.sorted {
		wg.Go(func() { orders[i] = b.arranged(column) })
	}
	if b.of.text {
		wg.Go(func() { b.signatures() })
	}
	wg.Go(b.index)
	wg.Wait()
	for i, column := range b.of.sorted {
		b.orders[column] = orders[i]
	}
}

// index makes what is found by position, of a shelf that has its orders.
func (b *shelf) index() {
	if b.of.ends {
		b.byEnd = placesOf(len(b.words["client"].word), b.words["client"].at, b.words["server"].at)
	}
	b.bytes = b.size()
}

func newShelf(of *shelfOf, org string, generation int64) *shelf {
	b := &shelf{
		of: of, org: org, generation: generation, words: map[string]*words{}, numbers: map[string][]int64{}, orders: map[string][]uint32{},
		said: map[uint32]string{}, scopes: map[string]*reach{}, limited: map[string]bits{}, common: map[string]bits{},
	}
	ends := &dictionary{code: map[string]uint32{}}
	for _, c := range of.words {
		b.words[c] = &words{dictionary: &dictionary{code: map[string]uint32{}}}
	}
	if of.ends {
		b.words["client"], b.words["server"] = &words{dictionary: ends}, &words{dictionary: ends}
	}
	return b
}

// join appends the rows of another shelf of the same list.
func (b *shelf) join(o *shelf) {
	b.rows = append(b.rows, o.rows...)
	b.ids.join(&o.ids)
	b.text.join(&o.text)
	for name, c := range o.words {
		own := b.words[name]
		code := make([]uint32, len(c.word))
		for i, w := range c.word {
			code[i] = own.putText(w)
		}
		for _, at := range c.at {
			own.at = append(own.at, code[at])
		}
	}
	for name, c := range o.numbers {
		b.numbers[name] = append(b.numbers[name], c...)
	}
}

func (t *texts) join(o *texts) {
	from := uint32(len(t.all))
	t.all = append(t.all, o.all...)
	for _, end := range o.end {
		t.end = append(t.end, from+end)
	}
}

// rowsFrom is a part of a table by the numbers of its rows; with until 0 all rows are found by an index.
type rowsFrom struct{ from, until int64 }

// cuts says in which parts a table is read. Where the organisation has much of it, it is read from one end to the other,
// which takes a fraction of the time of finding so many rows by an index.
func (b *shelf) cuts(ctx context.Context, q bun.IDB) (list []rowsFrom, err error) {
	var own []int64
	if err := q.NewRaw("SELECT count FROM facet WHERE org = ? AND list = ? AND name = '' ORDER BY generation DESC LIMIT 1", b.org, b.of.table).Scan(ctx, &own); err != nil {
		return nil, err
	}
	var last int64
	if err := q.NewRaw("SELECT COALESCE(MAX(row), 0) FROM "+b.of.table).Scan(ctx, &last); err != nil {
		return nil, err
	}
	if len(own) == 0 || own[0] < 1000 || own[0]*8 < last {
		return []rowsFrom{{}}, nil
	}
	n := int64(parts())
	for i := range n {
		list = append(list, rowsFrom{last*i/n + 1, last*(i+1)/n + 1})
	}
	return list, nil
}

// record is a row as it is read: words and numbers in the order of the shelf's columns.
type record struct {
	row     int64
	id      []byte
	words   [][]byte
	numbers []int64
	text    []byte
}

// read calls fn with the rows of a part that a further condition fits.
func (b *shelf) read(ctx context.Context, q bun.IDB, part rowsFrom, more string, args []any, fn func(*record)) error {
	columns := b.of.columns()
	where, given := "t.org = ?", []any{b.org}
	if part.until > 0 {
		where, given = "t.row >= ? AND t.row < ? AND t.org || '' = ?", []any{part.from, part.until, b.org} // which no index of organisations serves
	}
	rows, err := q.QueryContext(ctx, "SELECT t.row, t.id, t."+strings.Join(columns, ", t.")+" FROM "+b.of.table+" AS t WHERE "+where+" AND +t.born <= ? AND +t.died > ?"+more,
		append(append(given, b.generation, b.generation), args...)...)
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

// append puts a row behind the others, in whatever order they come.
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

// sort puts rows that were appended into the order of their ids. It gives each position's new one.
func (b *shelf) sort() (moved []uint32) {
	order := b.ids.sorted()
	moved = make([]uint32, len(order))
	for to, from := range order {
		moved[from] = uint32(to)
	}
	b.rows, b.ids = pickedFrom(b.rows, order), b.ids.picked(order)
	for _, c := range b.words {
		if c.at != nil {
			c.at = pickedFrom(c.at, order)
		}
	}
	for name, c := range b.numbers {
		b.numbers[name] = pickedFrom(c, order)
	}
	if b.of.text {
		b.text = b.text.picked(order)
	}
	return moved
}

// pickedFrom gives the elements at positions.
func pickedFrom[T any](list []T, order []uint32) []T {
	to := make([]T, len(order))
	for i, p := range order {
		to[i] = list[p]
	}
	return to
}

// picked gives the texts at positions.
func (t *texts) picked(order []uint32) texts {
	to := texts{all: make([]byte, 0, len(t.all)), end: make([]uint32, 0, len(order))}
	for _, p := range order {
		to.add(t.at(int(p)))
	}
	return to
}

// sorted gives the positions in the order of the texts. Ids begin alike and go on with digits of a hash: the eight bytes after
// what all have in common decide nearly always.
func (t *texts) sorted() []uint32 {
	n := len(t.end)
	order := make([]uint32, n)
	if n == 0 {
		return order
	}
	alike := len(t.at(0))
	for p := 1; p < n && alike > 0; p++ {
		first, id := t.at(0), t.at(p)
		alike = min(alike, len(id))
		for i := range alike {
			if first[i] != id[i] {
				alike = i
				break
			}
		}
	}
	type keyed struct {
		key uint64
		p   uint32
	}
	list := make([]keyed, n)
	for p := range list {
		var b [8]byte
		copy(b[:], t.at(p)[alike:])
		list[p] = keyed{binary.BigEndian.Uint64(b[:]), uint32(p)}
	}
	slices.SortFunc(list, func(x, y keyed) int {
		if x.key != y.key {
			return cmp.Compare(x.key, y.key)
		}
		return bytes.Compare(t.at(int(x.p)), t.at(int(y.p)))
	})
	for i := range list {
		order[i] = list[i].p
	}
	return order
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
func (b *shelf) readSubjects(ctx context.Context, q bun.IDB, whole bool) error {
	c := b.words["subjects"]
	c.at = make([]uint32, len(b.rows))
	none := c.put(nil)
	for i := range c.at {
		c.at[i] = none
	}
	if whole {
		return b.addSubjects(ctx, q, "o.org || '' = ?", b.org)
	}
	return b.addSubjects(ctx, q, "o.org = ?", b.org)
}

// addSubjects adds the places of the subjects that a condition fits to those that findings have.
func (b *shelf) addSubjects(ctx context.Context, q bun.IDB, where string, args ...any) error {
	c := b.words["subjects"]
	none := c.put(nil)
	rows, err := q.QueryContext(ctx, "SELECT o.finding, o.site, o.supplier FROM finding_subject AS o WHERE "+where+" AND +o.born <= ? AND +o.died > ?", append(args, b.generation, b.generation)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id, site, supplier sql.RawBytes
	var place []byte
	for rows.Next() {
		if err := rows.Scan(&id, &site, &supplier); err != nil {
			return err
		}
		p, ok := b.position(id)
		if !ok {
			continue
		}
		place = append(append(append(place[:0], site...), 2), supplier...)
		if c.at[p] == none {
			c.at[p] = c.put(place)
			continue
		}
		places := append(strings.Split(c.word[c.at[p]], "\x01"), string(place))
		slices.Sort(places)
		c.at[p] = c.putText(strings.Join(slices.Compact(places), "\x01"))
	}
	return rows.Err()
}

// arranged gives the order of a column.
func (b *shelf) arranged(column string) []uint32 {
	value := b.numbers[column]
	if c, ok := b.words[column]; ok {
		value = c.ranks()
	}
	return inOrder(value)
}

// inOrder gives the positions by value, and those of one value in their order: a radix sort of as many passes as the range of
// the values needs.
func inOrder(value []int64) []uint32 {
	order, other := make([]uint32, len(value)), make([]uint32, len(value))
	for i := range order {
		order[i] = uint32(i)
	}
	if len(value) == 0 {
		return order
	}
	const digit = 1 << 11
	least := slices.Min(value)
	span := uint64(slices.Max(value)) - uint64(least)
	var at [digit]uint32
	for shift := 0; shift < 64 && span>>shift != 0; shift += 11 {
		clear(at[:])
		for _, v := range value {
			at[(uint64(v)-uint64(least))>>shift%digit]++
		}
		sum := uint32(0)
		for i, n := range at {
			at[i], sum = sum, sum+n
		}
		for _, p := range order {
			d := (uint64(value[p]) - uint64(least)) >> shift % digit
			other[at[d]] = p
			at[d]++
		}
		order, other = other, order
	}
	return order
}

// inOrder gives the codes in the order of their words.
func (d *dictionary) inOrder() []uint32 {
	codes := make([]uint32, len(d.word))
	for i := range codes {
		codes[i] = uint32(i)
	}
	slices.SortFunc(codes, func(x, y uint32) int { return strings.Compare(d.word[x], d.word[y]) })
	return codes
}

// ranks gives each position the rank of its word.
func (c *words) ranks() []int64 {
	rank := make([]int64, len(c.word))
	for i, code := range c.inOrder() {
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
	if site, supplier := b.words["site"], b.words["supplier"]; site != nil {
		moved := site.word[site.at[p]] + "\x02" + supplier.word[supplier.at[p]]
		defer func() {
			if moved != site.word[site.at[p]]+"\x02"+supplier.word[supplier.at[p]] {
				clear(b.scopes)
				clear(b.limited)
			}
		}()
	}
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

// size is about how much memory the shelf takes at most, in bytes.
func (b *shelf) size() int64 {
	n := int64(len(b.rows)) * int64(8+4+8*len(b.numbers)+4*len(b.words)+4*len(b.of.sorted))
	n += int64(cap(b.ids.all) + cap(b.text.all) + 4*cap(b.text.end))
	for _, c := range b.words {
		n += int64(len(c.word)) * 80
	}
	n += int64(len(b.byEnd.end)+len(b.byEnd.list)) * 4
	if b.of.text { // signatures, whether they are made already or not, and what is remembered of words and scopes
		n += gramsSize(len(b.rows))
		n += (maxCommon + maxScopes) * int64(len(b.rows)) / 8
	}
	return n
}
