// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"cmp"
	"math"
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
	past       bool
	bytes      int64 // about how much memory it takes

	mu       sync.RWMutex
	reaching sync.Mutex // for scopes, limited and common, which are filled while others read
	rows     []int64    // numbers of the rows by position
	ids      texts
	words    map[string]*words
	numbers  map[string][]int64
	orders   map[string][]uint32 // positions by value and id, by column
	text     texts
	signing  sync.Once
	grams    *grams            // of text; ask signatures for them
	common   map[string]bits   // rows whose text, as it was filled, holds a word that many hold
	byEnd    places            // where each end of traffic occurs
	said     map[uint32]string // text of positions that was changed since
	scopes   map[string]*reach // what limited scopes see
	limited  map[string]bits   // the same, of assets and findings
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

// wanted is what is asked of a shelf: every part must be true of a row.
type wanted struct {
	words      map[string][]string // one of the values
	ends       []endsWanted
	least      map[string]int64
	most       map[string]int64
	text       []string // words, in lower case, that must all occur
	name       []string // the same, in the name
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
		if values, asked := w.words[column]; asked {
			c := b.words[column]
			found.keepCodes(c.at, c.passing(values))
		}
	}
	for _, e := range w.ends {
		if e.reach == nil {
			found.intersect(b.at(&e))
			continue
		}
		pass := b.passing(&e)
		switch {
		case e.client && e.server:
			found.keepEither(b.words["client"].at, b.words["server"].at, pass)
		case e.client:
			found.keepCodes(b.words["client"].at, pass)
		default:
			found.keepCodes(b.words["server"].at, pass)
		}
	}
	for column, least := range w.least {
		if c, ok := b.numbers[column]; ok {
			found.keepBetween(c, least, math.MaxInt64)
		}
	}
	for column, most := range w.most {
		if c, ok := b.numbers[column]; ok {
			found.keepBetween(c, math.MinInt64, most)
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
		found.intersect(b.within(w.limits))
	}
	// The longest first: it leaves the fewest to look at for the others.
	for _, word := range slices.SortedFunc(slices.Values(w.text), func(x, y string) int { return cmp.Compare(len(y), len(x)) }) {
		b.holding(found, word)
	}
	if len(w.name) > 0 {
		c := b.words["name"]
		found.keep(func(p int) bool {
			name := strings.ToLower(c.word[c.at[p]])
			return !slices.ContainsFunc(w.name, func(word string) bool { return !strings.Contains(name, word) })
		})
	}
	return found
}

// at gives the rows that have one of the ends.
func (b *shelf) at(e *endsWanted) bits {
	client, server := b.words["client"], b.words["server"]
	found := make(bits, (len(b.rows)+63)/64)
	for _, id := range e.ids {
		code, ok := client.code[id]
		if !ok {
			continue
		}
		for _, p := range b.byEnd.of(code) {
			if e.client && client.at[p] == code || e.server && server.at[p] == code {
				found.put(p)
			}
		}
	}
	return found
}

// passing says of each end whether a limited scope sees it.
func (b *shelf) passing(e *endsWanted) []uint8 {
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

// passing says of each code whether it is one of the values: 1, else 0.
func (d *dictionary) passing(values []string) []uint8 {
	pass := make([]uint8, len(d.word))
	for _, v := range values {
		if c, ok := d.code[v]; ok {
			pass[c] = 1
		}
	}
	return pass
}

// within gives what a limited scope sees: assets at its sites and of its supplier, findings about one of them. The result is
// shared: nobody may change it.
func (b *shelf) within(limits []Limit) bits {
	name := scopeName(limits)
	b.reaching.Lock()
	defer b.reaching.Unlock()
	found, known := b.limited[name]
	if known {
		return found
	}
	found = full(len(b.rows))
	if b.of.subject {
		c := b.words["subjects"]
		pass := make([]uint8, len(c.word))
		for code, places := range c.word {
			for place := range strings.SplitSeq(places, "\x01") {
				if site, supplier, _ := strings.Cut(place, "\x02"); places != "" && seen(limits, site, supplier) {
					pass[code] = 1
				}
			}
		}
		found.keepCodes(c.at, pass)
	} else {
		site, supplier := b.words["site"], b.words["supplier"]
		found.keep(func(p int) bool { return seen(limits, site.word[site.at[p]], supplier.word[supplier.at[p]]) })
	}
	if len(b.limited) >= maxScopes {
		clear(b.limited)
	}
	b.limited[name] = found
	return found
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
	var changed []uint32 // those whose text was changed since, and holds the word
	for p, s := range b.said {
		if found.has(p) && strings.Contains(s, word) {
			changed = append(changed, p)
		}
		found.drop(p)
	}
	b.signatures().limit(found, word)
	if found.count()*8 < len(b.rows) { // few: each is looked at
		found.keep(func(p int) bool { return bytes.Contains(b.text.at(p), w) })
	} else {
		found.intersect(b.occurring(w))
	}
	for _, p := range changed {
		found.put(p)
	}
}

// signatures gives those of the texts, which are made when they are first asked for.
func (b *shelf) signatures() *grams {
	b.signing.Do(func() { b.grams = gramsOf(&b.text) })
	return b.grams
}

// maxCommon bounds for how many words the rows that hold them are remembered.
const maxCommon = 64

// occurring gives the rows whose text, as it was filled, holds a word. The result is shared: nobody may change it.
func (b *shelf) occurring(word []byte) bits {
	b.reaching.Lock()
	hits, known := b.common[string(word)]
	b.reaching.Unlock()
	if known {
		return hits
	}
	hits = make(bits, (len(b.rows)+63)/64)
	for i, p := 0, 0; p < len(b.rows); p++ {
		k := bytes.Index(b.text.all[i:], word)
		if k < 0 {
			break
		}
		for int(b.text.end[p]) <= i+k {
			p++
		}
		hits.put(uint32(p))
		i = int(b.text.end[p])
	}
	b.reaching.Lock()
	defer b.reaching.Unlock()
	if len(b.common) >= maxCommon {
		clear(b.common)
	}
	b.common[string(word)] = hits
	return hits
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
	if m := found.count(); m*64 < len(order) { // the order of a few is made sooner than they are found in that of all
		order = make([]uint32, 0, m)
		found.each(func(p int) { order = append(order, uint32(p)) })
		slices.SortFunc(order, func(x, y uint32) int { return b.compare(column, x, y) })
	}
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
