// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
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
		b = newShelf(now.of, now.org, past)
		b.joinKept(now, came)
		if now.of.subject {
			went.words["subjects"].at = make([]uint32, len(went.rows))
			went.words["subjects"].put(nil)
		}
		b.join(went)
		b.sort()
		if now.of.subject {
			return b.moveSubjects(ctx, q, now.generation, went)
		}
		return nil
	})
	if err != nil || b == nil {
		return nil, err
	}
	b.past = true
	b.finish()
	return b, nil
}

// joinKept appends the rows of another shelf but for some, as they are now.
func (b *shelf) joinKept(o *shelf, but []string) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	keep := full(len(o.rows))
	for _, id := range but {
		if p, ok := o.position([]byte(id)); ok {
			keep.drop(p)
		}
	}
	order := make([]uint32, 0, len(o.rows))
	keep.each(func(p int) { order = append(order, uint32(p)) })
	part := newShelf(o.of, o.org, b.generation)
	part.rows, part.ids = pickedFrom(o.rows, order), o.ids.picked(order)
	for name, c := range o.words {
		part.words[name] = &words{dictionary: c.dictionary, at: pickedFrom(c.at, order)}
	}
	for name, c := range o.numbers {
		part.numbers[name] = pickedFrom(c, order)
	}
	if o.of.text {
		for _, p := range order {
			if s, changed := o.said[p]; changed {
				part.text.add([]byte(s))
			} else {
				part.text.add(o.text.at(int(p)))
			}
		}
	}
	b.join(part)
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
