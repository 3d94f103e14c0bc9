// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"strings"
	"sync"

	"breakwater/harbour"
)

// A shelf holds in memory what one list of one organisation is filtered and sorted by, as of the generation that is seen: any
// combination of filters is then answered by walking a few columns, whether it fits many rows, few or none, and whatever
// the list is sorted by. What a page shows of its rows is read from the database by their numbers.
//
// Rows have positions in the order of their ids. A shelf is safe for concurrent use.
type shelf struct {
	of         *shelfOf
	org        string
	generation int64

	mu       sync.RWMutex
	reaching sync.Mutex // for scopes, which is filled while others read
	rows     []int64    // numbers of the rows by position
	ids      texts
	words    map[string]*words
	numbers  map[string][]int64
	orders   map[string][]uint32 // positions by value and id, by column
	text     texts
	said     map[uint32]string // text of positions that was changed since
	scopes   map[string]*reach // what limited scopes see
}

// shelfOf says what the shelf of a list holds.
type shelfOf struct {
	table   string
	words   []string // columns of text
	ends    bool     // client and server, in one dictionary
	numbers []string // columns of integers
	sorted  []string // columns of either kind by which the list can be sorted
	text    bool     // what is searched
	subject bool     // where the subjects of findings are
}

// texts are many texts in one piece of memory, with a zero byte after each.
type texts struct {
	all []byte
	end []uint32
}

func (t *texts) add(b []byte) {
	t.all = append(append(t.all, b...), 0)
	t.end = append(t.end, uint32(len(t.all)))
}

func (t *texts) at(p int) []byte {
	from := uint32(0)
	if p > 0 {
		from = t.end[p-1]
	}
	return t.all[from : t.end[p]-1]
}

// of is the position of the text that the byte at i belongs to, at least from.
func (t *texts) of(i, from int) int {
	return from + sort.Search(len(t.end)-from, func(p int) bool { return int(t.end[from+p]) > i })
}

// dictionary numbers different texts.
type dictionary struct {
	word []string
	code map[string]uint32
}

func (d *dictionary) put(b []byte) uint32 {
	if c, ok := d.code[string(b)]; ok {
		return c
	}
	return d.add(string(b))
}

func (d *dictionary) putText(s string) uint32 {
	if c, ok := d.code[s]; ok {
		return c
	}
	return d.add(s)
}

func (d *dictionary) add(s string) uint32 {
	c := uint32(len(d.word))
	d.word = append(d.word, s)
	d.code[s] = c
	return c
}

// words are a column of text.
type words struct {
	*dictionary
	at []uint32
}

// bits are a set of positions.
type bits []uint64

func full(n int) bits {
	b := make(bits, (n+63)/64)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if n%64 != 0 {
		b[len(b)-1] = 1<<(n%64) - 1
	}
	return b
}

func (b bits) has(p uint32) bool { return b[p/64]&(1<<(p%64)) != 0 }

// keep leaves in the set what a test passes.
func (b bits) keep(pass func(p int) bool) {
	for i, w := range b {
		if w == 0 {
			continue
		}
		out := w
		if w == ^uint64(0) {
			out = 0
			for k := range 64 {
				if pass(i*64 + k) {
					out |= 1 << k
				}
			}
		} else {
			for left := w; left != 0; left &= left - 1 {
				if k := trailing(left); !pass(i*64 + k) {
					out &^= 1 << k
				}
			}
		}
		b[i] = out
	}
}

// wanted is what is asked of a shelf: every part must be true of a row.
type wanted struct {
	words      map[string][]string // one of the values
	ends       []endsWanted
	least      map[string]int64
	most       map[string]int64
	text       []string // words, in lower case, that must all occur
	severities []harbour.Severity
	limits     []Limit // of a scope that is limited; nil for none
	limit      bool
	among      bits // positions of which it must be one; nil for all
}

type endsWanted struct {
	client, server bool // at which end; with both, at either
	ids            []string
	reach          *reach // instead of ids: what a limited scope sees
	name           string // of that scope
}

func (w *wanted) in(column string, values []string) {
	if len(values) > 0 {
		if w.words == nil {
			w.words = map[string][]string{}
		}
		w.words[column] = values
	}
}

func (w *wanted) from(column string, least int64) {
	if w.least == nil {
		w.least = map[string]int64{}
	}
	w.least[column] = least
}

func (w *wanted) until(column string, most int64) {
	if w.most == nil {
		w.most = map[string]int64{}
	}
	w.most[column] = most
}

func (w *wanted) search(text string) { w.text = strings.Fields(strings.ToLower(storable(text))) }

// find gives the positions of what is wanted. The caller holds the lock for reading.
func (b *shelf) find(w *wanted) bits {
	found := full(len(b.rows))
	if w.among != nil {
		copy(found, w.among)
	}
	for _, column := range b.of.words {
		values, asked := w.words[column]
		if !asked {
			continue
		}
		c := b.words[column]
		pass := c.passing(values)
		found.keep(func(p int) bool { return pass[c.at[p]] })
	}
	for _, e := range w.ends {
		client, server := b.words["client"], b.words["server"]
		pass := b.passing(&e)
		found.keep(func(p int) bool { return e.client && pass[client.at[p]] || e.server && pass[server.at[p]] })
	}
	for column, least := range w.least {
		if c, ok := b.numbers[column]; ok {
			found.keep(func(p int) bool { return c[p] >= least })
		}
	}
	for column, most := range w.most {
		if c, ok := b.numbers[column]; ok {
			found.keep(func(p int) bool { return c[p] <= most })
		}
	}
	if len(w.severities) > 0 {
		var pass [8]bool
		for _, v := range w.severities {
			pass[v.Rank()&7] = true
		}
		c := b.numbers["severity"]
		found.keep(func(p int) bool { return pass[c[p]&7] })
	}
	if w.limit {
		b.within(found, w.limits)
	}
	// The longest first: it leaves the fewest to look at for the others.
	for _, word := range slices.SortedFunc(slices.Values(w.text), func(x, y string) int { return cmp.Compare(len(y), len(x)) }) {
		b.holding(found, word)
	}
	return found
}

// passing says of each end whether it is one of those that are wanted.
func (b *shelf) passing(e *endsWanted) []bool {
	if e.reach == nil {
		return b.words["client"].passing(e.ids)
	}
	b.reaching.Lock()
	defer b.reaching.Unlock()
	r := b.scopes[e.name]
	if r == nil || r.from != e.reach {
		if len(b.scopes) >= maxScopes {
			clear(b.scopes)
		}
		r = &reach{from: e.reach, pass: b.words["client"].passing(e.reach.ids)}
		b.scopes[e.name] = r
	}
	return r.pass
}

// passing says of each code whether it is one of the values.
func (d *dictionary) passing(values []string) []bool {
	pass := make([]bool, len(d.word))
	for _, v := range values {
		if c, ok := d.code[v]; ok {
			pass[c] = true
		}
	}
	return pass
}

// within leaves what a limited scope sees: assets at its sites and of its supplier, findings about one of them.
func (b *shelf) within(found bits, limits []Limit) {
	if b.of.subject {
		c := b.words["subjects"]
		pass := make([]bool, len(c.word))
		for code, places := range c.word {
			for place := range strings.SplitSeq(places, "\x01") {
				site, supplier, _ := strings.Cut(place, "\x02")
				pass[code] = pass[code] || places != "" && seen(limits, site, supplier)
			}
		}
		found.keep(func(p int) bool { return pass[c.at[p]] })
		return
	}
	site, supplier := b.words["site"], b.words["supplier"]
	found.keep(func(p int) bool { return seen(limits, site.word[site.at[p]], supplier.word[supplier.at[p]]) })
}

// seen says whether something at a site and of a supplier fits one of the limits.
func seen(limits []Limit, site, supplier string) bool {
	for i := range limits {
		l := &limits[i]
		if (l.Sites == nil || slices.Contains(l.Sites, site)) && (l.Supplier == "" || l.Supplier == supplier) {
			return true
		}
	}
	return false
}

// holding leaves the rows whose text holds a word.
func (b *shelf) holding(found bits, word string) {
	w := []byte(word)
	n := found.count()
	if n*8 < len(b.rows) { // few: each is looked at
		found.keep(func(p int) bool {
			if s, changed := b.said[uint32(p)]; changed {
				return strings.Contains(s, word)
			}
			return bytes.Contains(b.text.at(p), w)
		})
		return
	}
	hits := make(bits, len(found))
	for i, from := 0, 0; ; {
		k := bytes.Index(b.text.all[i:], w)
		if k < 0 {
			break
		}
		p := b.text.of(i+k, from)
		if _, changed := b.said[uint32(p)]; !changed {
			hits[p/64] |= 1 << (p % 64)
		}
		i, from = int(b.text.end[p]), p+1
		if from >= len(b.rows) {
			break
		}
	}
	for p, s := range b.said {
		if strings.Contains(s, word) {
			hits[p/64] |= 1 << (p % 64)
		}
	}
	for i := range found {
		found[i] &= hits[i]
	}
}

// compare orders two positions by a column and, where they have the same there, by id.
func (b *shelf) compare(column string, x, y uint32) int {
	if c, ok := b.words[column]; ok {
		if n := strings.Compare(c.word[c.at[x]], c.word[c.at[y]]); n != 0 {
			return n
		}
	} else if c := b.numbers[column]; c[x] != c[y] {
		return cmp.Compare(c[x], c[y])
	}
	return cmp.Compare(x, y)
}

// compareTo orders a position and a place in the list that a cursor holds.
func (b *shelf) compareTo(column string, p uint32, at *cursor) int {
	n := 0
	if c, ok := b.words[column]; ok {
		n = strings.Compare(c.word[c.at[p]], at.Text)
	} else {
		n = cmp.Compare(b.numbers[column][p], at.Int)
	}
	if n == 0 {
		n = strings.Compare(string(b.ids.at(int(p))), at.ID)
	}
	return n
}

// take gives up to n positions of a set in the order of a column, after the place at, or from the beginning with nil.
func (b *shelf) take(found bits, column string, desc bool, at *cursor, n int) (list []uint32) {
	order := b.orders[column]
	if !desc {
		i := 0
		if at != nil {
			i = sort.Search(len(order), func(k int) bool { return b.compareTo(column, order[k], at) > 0 })
		}
		for ; i < len(order) && len(list) < n; i++ {
			if found.has(order[i]) {
				list = append(list, order[i])
			}
		}
		return list
	}
	i := len(order)
	if at != nil {
		i = sort.Search(len(order), func(k int) bool { return b.compareTo(column, order[k], at) >= 0 })
	}
	for i--; i >= 0 && len(list) < n; i-- {
		if found.has(order[i]) {
			list = append(list, order[i])
		}
	}
	return list
}
