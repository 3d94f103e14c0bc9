// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// on says whether a shelf shows what is read: the generation of this snapshot.
func (s *Scoped) on(ctx context.Context, q bun.IDB, b *shelf) (bool, error) {
	if b == nil {
		return false, nil
	}
	g, err := s.generation(ctx, q)
	if err != nil || g == b.generation {
		return err == nil, err
	}
	if g > b.generation {
		s.db.shelves.drop(b)
	}
	return false, nil
}

// allOn says so of several.
func (s *Scoped) allOn(ctx context.Context, q bun.IDB, list ...*shelf) (bool, error) {
	for _, b := range list {
		if ok, err := s.on(ctx, q, b); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// shelved reads a page whose rows a shelf finds. c holds scope and filters once more, so that a row is shown for what the
// database says of it. whole is false where rows of a past state are gone, because it was merged with another meanwhile.
func shelved[T any](ctx context.Context, q bun.IDB, l *listing[T], b *shelf, w *wanted, c conditions, o Order) (p Page[T], whole bool, err error) {
	a, err := l.ask(o)
	if err != nil {
		return p, false, err
	}
	b.mu.RLock()
	found := b.find(w)
	p.Total = found.count()
	var rows []int64
	for _, at := range b.take(found, strings.TrimPrefix(a.key.column, "t."), a.desc != a.back, a.at, a.limit+1) {
		rows = append(rows, b.rows[at])
	}
	b.mu.RUnlock()
	if len(rows) > 0 {
		// Joined to their numbers, rows are read by them and by nothing else, whatever an engine thinks of the conditions.
		picked := "(VALUES (?)" + strings.Repeat(", (?)", len(rows)-1) + ")"
		args := make([]any, 0, len(rows)+len(c.args))
		for _, row := range rows {
			args = append(args, row)
		}
		dir := direction(a.desc != a.back)
		err = q.NewRaw("WITH picked (row) AS "+picked+" SELECT "+l.columns+" FROM picked CROSS JOIN "+l.from+" WHERE t.row = picked.row AND "+c.text()+" ORDER BY "+a.key.column+" "+dir+", t.id "+dir,
			append(args, c.args...)...).Scan(ctx, &p.Items)
	}
	if err != nil || b.past && len(p.Items) < len(rows) {
		return Page[T]{}, false, err
	}
	l.finish(&p, a, len(rows) > a.limit)
	return p, true, nil
}

// shelvedNames notes the names of assets from their shelf. It neither waits for one nor mends it: where that would have to be
// done it does nothing.
func (s *Scoped) shelvedNames(ctx context.Context, q bun.IDB, ids []string, names map[string]string) (bool, error) {
	b := s.db.shelves.present(s)
	if held, err := s.on(ctx, q, b); err != nil || !held {
		return false, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	name, site, supplier := b.words["name"], b.words["site"], b.words["supplier"]
	for _, id := range ids {
		p, ok := b.position([]byte(id))
		if ok && (!s.scope.limited() || seen(s.scope.limits, site.word[site.at[p]], supplier.word[supplier.at[p]])) {
			names[id] = name.word[name.at[p]]
		}
	}
	return true, nil
}

// maxScopes bounds how many limited scopes a shelf remembers.
const maxScopes = 64

// reach is what a limited scope sees: of the shelf of assets their ids, of those of traffic the codes of ends.
type reach struct {
	ids  []string
	from *reach
	pass []uint8
}

// reaches gives the assets that a limited scope sees, from the shelf of assets.
func (b *shelf) reaches(name string, limits []Limit) *reach {
	b.mu.RLock()
	defer b.mu.RUnlock()
	found := b.within(limits)
	b.reaching.Lock()
	defer b.reaching.Unlock()
	if r, ok := b.scopes[name]; ok {
		return r
	}
	r := &reach{}
	found.each(func(p int) { r.ids = append(r.ids, string(b.ids.at(p))) })
	if len(b.scopes) >= maxScopes {
		clear(b.scopes)
	}
	b.scopes[name] = r
	return r
}

// scopeName tells scopes apart.
func scopeName(limits []Limit) string {
	var parts []string
	for _, l := range limits {
		sites := "*"
		if l.Sites != nil {
			sites = strings.Join(slices.Sorted(slices.Values(l.Sites)), "\x00")
		}
		parts = append(parts, sites+"\x01"+l.Supplier)
	}
	return strings.Join(parts, "\x02")
}
