// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"
)

// derive fills the shelf of a past state from that of the present one: nearly all rows are the same, and what differs is found
// by the indexes of the generations in which rows came and went. It gives nil where so much differs that the table is read
// sooner, and where the present state moved on meanwhile.
func (db *DB) derive(ctx context.Context, now *shelf, past int64) (b *shelf, err error) {
	err = db.Read(apart(ctx), func(ctx context.Context, q bun.IDB) error {
		g, err := db.In(WholeOrganisation(now.org)).generation(ctx, q)
		if err != nil || g != now.generation {
			return err
		}
		var came []string // since the past state
		if err := q.NewRaw("SELECT t.id FROM "+now.of.table+" AS t WHERE t.org = ? AND t.born > ? AND +t.born <= ? AND +t.died > ?", now.org, past, g, g).Scan(ctx, &came); err != nil {
			return err
		}
		went := newShelf(now.of, now.org, past)
		if err := went.read(ctx, q, rowsFrom{}, " AND t.died > ? AND t.died <= ? AND t.died < 9223372036854775807", []any{past, g}, went.append); err != nil {
			return err
		}
		if 2*(len(came)+len(went.rows)) > len(now.rows) {
			return nil
		}
		if now.of.subject {
			went.words["subjects"].at = make([]uint32, len(went.rows))
			went.words["subjects"].put(nil)
		}
		b = now.kept(past, came)
		b.merge(went)
		if now.of.subject {
			return b.moveSubjects(ctx, q, now.generation, went)
		}
		return nil
	})
	if err != nil || b == nil {
		return nil, err
	}
	b.past = true
	b.index()
	return b, nil
}

// kept gives a shelf of the rows of b but for some, as they are now, with their orders. What is made of all texts is left for
// when somebody searches.
func (b *shelf) kept(generation int64, but []string) *shelf {
	b.mu.RLock()
	defer b.mu.RUnlock()
	keep := full(len(b.rows))
	for _, id := range but {
		if p, ok := b.position([]byte(id)); ok {
			keep.drop(p)
		}
	}
	stay := make([]uint32, 0, len(b.rows))
	moved := make([]uint32, len(b.rows)) // 1 + the new position, 0 for who does not stay
	keep.each(func(p int) {
		stay = append(stay, uint32(p))
		moved[p] = uint32(len(stay))
	})
	k := newShelf(b.of, b.org, generation)
	k.rows, k.ids = pickedFrom(b.rows, stay), b.ids.picked(stay)
	own := map[*dictionary]*dictionary{} // two columns may share one
	for name, c := range b.words {
		if own[c.dictionary] == nil {
			own[c.dictionary] = &dictionary{word: slices.Clone(c.word), code: maps.Clone(c.code)}
		}
		k.words[name] = &words{dictionary: own[c.dictionary], at: pickedFrom(c.at, stay)}
	}
	for name, c := range b.numbers {
		k.numbers[name] = pickedFrom(c, stay)
	}
	if b.of.text {
		for _, p := range stay {
			if s, changed := b.said[p]; changed {
				k.text.add([]byte(s))
			} else {
				k.text.add(b.text.at(int(p)))
			}
		}
	}
	for column, order := range b.orders {
		list := make([]uint32, 0, len(stay))
		for _, p := range order {
			if to := moved[p]; to > 0 {
				list = append(list, to-1)
			}
		}
		k.orders[column] = list
	}
	return k
}

// merge takes in the rows of another shelf of the same list, and brings rows and orders in order again.
func (b *shelf) merge(o *shelf) {
	if len(o.rows) == 0 {
		return
	}
	had := len(b.rows)
	b.join(o)
	moved := b.sort()
	for column, order := range b.orders {
		for i, p := range order {
			order[i] = moved[p]
		}
		more := slices.Clone(moved[had:])
		slices.SortFunc(more, func(x, y uint32) int { return b.compare(column, x, y) })
		b.orders[column] = merged(order, more, func(x, y uint32) int { return b.compare(column, x, y) })
	}
}

// merged gives two lists that are in an order as one.
func merged(x, y []uint32, compare func(x, y uint32) int) []uint32 {
	list := make([]uint32, 0, len(x)+len(y))
	for _, p := range y {
		// Few come to many: each looks for its place.
		i, _ := slices.BinarySearchFunc(x, p, compare)
		list = append(append(list, x[:i]...), p)
		x = x[i:]
	}
	return append(list, x...)
}

// moveSubjects gives the findings whose subjects were others in the past state those that they had then.
func (b *shelf) moveSubjects(ctx context.Context, q bun.IDB, now int64, went *shelf) error {
	var ids []string
	if err := q.NewRaw("SELECT finding FROM finding_subject WHERE org = ? AND born > ? AND +born <= ? UNION SELECT finding FROM finding_subject WHERE org = ? AND died > ? AND died <= ? AND died < 9223372036854775807",
		b.org, b.generation, now, b.org, b.generation, now).Scan(ctx, &ids); err != nil {
		return err
	}
	for p := range went.rows {
		ids = append(ids, string(went.ids.at(p)))
	}
	c := b.words["subjects"]
	none := c.put(nil)
	for part := range slices.Chunk(ids, 500) {
		for _, id := range part {
			if p, ok := b.position([]byte(id)); ok {
				c.at[p] = none
			}
		}
	}
	for part := range slices.Chunk(ids, 500) {
		if err := b.addSubjects(ctx, q, "o.org = ? AND o.finding IN (?)", b.org, bun.List(part)); err != nil {
			return err
		}
	}
	return nil
}
