// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// Zones stages zones and conduits, which are few.
func (st *Stage) Zones(ctx context.Context, zones []harbour.Zone, conduits []harbour.ConduitUse) error {
	list := make([]small, 0, len(zones))
	for i := range zones {
		list = append(list, small{zones[i].ID, &zones[i]})
	}
	if err := st.small(ctx, "zone", list); err != nil {
		return err
	}
	list = list[:0]
	for i := range conduits {
		list = append(list, small{conduits[i].ID, &conduits[i]})
	}
	return st.small(ctx, "conduit", list)
}

type small struct {
	id    string
	value any
}

func (st *Stage) small(ctx context.Context, table string, list []small) error {
	return st.db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
		tx.Unaudited("staging, audited when published")
		var rows []struct {
			ID    string
			Whole int64
		}
		if err := tx.NewRaw("SELECT id, whole FROM ? WHERE org = ? AND born < ? AND died = ?", bun.Ident(table), st.scope.org, st.number, int64(never)).Scan(ctx, &rows); err != nil {
			return err
		}
		was := map[string]int64{}
		for _, r := range rows {
			was[r.ID] = r.Whole
		}
		end := func(id string) error {
			_, err := tx.Raw(ctx, "UPDATE ? SET died = ? WHERE org = ? AND id = ? AND born < ? AND died = ?", bun.Ident(table), st.number, st.scope.org, id, st.number, int64(never))
			return err
		}
		var load [][]any
		for _, v := range list {
			b, err := json.Marshal(v.value)
			if err != nil {
				return err
			}
			whole, known := was[v.id]
			delete(was, v.id)
			if known && whole == digest(b) {
				continue
			}
			if known {
				if err := end(v.id); err != nil {
					return err
				}
			}
			st.count(table, known, true)
			load = append(load, []any{st.scope.org, v.id, st.number, int64(never), digest(b), compress(b)})
		}
		for id := range was {
			if err := end(id); err != nil {
				return err
			}
		}
		st.wrote.Removed[table] = len(was)
		return tx.Load(ctx, table, []string{"org", "id", "born", "died", "whole", "body"}, load)
	})
}

// Zones lists the zones, in the order of the assessment that made them: Purdue level descending, then name. Zones are
// of the whole organisation: a limited scope gets those that its assets lie in.
func (s *Scoped) Zones(ctx context.Context) (list []harbour.Zone, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		g, err := s.generation(ctx, q)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("zones %s %d %s %d", s.scope.org, g, s.scope, s.sinceStated(ctx))
		list, err = recall(&s.db.memo, name, 0, func() ([]harbour.Zone, error) { return s.zones(ctx, q, g) })
		return err
	})
	return slices.Clone(list), err
}

// sinceStated is part of the name of what depends on where people say that assets are.
func (s *Scoped) sinceStated(ctx context.Context) int64 {
	if s.scope.limited() {
		return s.db.stampsOf(ctx).stated
	}
	return 0
}

func (s *Scoped) zones(ctx context.Context, q bun.IDB, g int64) (list []harbour.Zone, err error) {
	var c conditions
	c.add("t.org = ?", s.scope.org)
	visible(&c, g)
	if s.scope.limited() {
		b := s.db.shelves.present(s)
		held, err := s.on(ctx, q, b)
		if err != nil {
			return nil, err
		}
		if held {
			c.add("t.id IN (?)", bun.List(orNone(b.zonesWithin(s.scope.limits))))
		} else {
			var own conditions
			s.scope.assets(&own, "o")
			own.add("+o.born <= ? AND +o.died > ?", g, g)
			c.add("t.id IN (SELECT o.zone FROM asset AS o WHERE "+own.text()+")", own.args...)
		}
	}
	err = bodies(ctx, q, "zone", c, &list)
	return list, err
}

// Conduits lists the conduits, by their zones. A limited scope gets none: they speak of what others do.
func (s *Scoped) Conduits(ctx context.Context) (list []harbour.ConduitUse, err error) {
	if s.scope.limited() {
		return nil, nil
	}
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		g, err := s.generation(ctx, q)
		if err != nil {
			return err
		}
		list, err = recall(&s.db.memo, fmt.Sprintf("conduits %s %d", s.scope.org, g), 0, func() (list []harbour.ConduitUse, err error) {
			var c conditions
			c.add("t.org = ?", s.scope.org)
			visible(&c, g)
			err = bodies(ctx, q, "conduit", c, &list)
			return list, err
		})
		return err
	})
	return slices.Clone(list), err
}

func bodies[T any](ctx context.Context, q bun.IDB, table string, c conditions, list *[]T) error {
	var rows [][]byte
	if err := q.NewRaw("SELECT t.body FROM "+table+" AS t WHERE "+c.text()+" ORDER BY t.id", c.args...).Scan(ctx, &rows); err != nil {
		return err
	}
	for _, b := range rows {
		var v T
		if err := unpack(b, &v); err != nil {
			return err
		}
		*list = append(*list, v)
	}
	return nil
}

// Generation is a published state.
type Generation struct {
	Number int64
	At     harbour.Instant
	Cause  string
}

// Summary gives the summary of the generation that is read, with when and why it was published; nil before the first.
// Counts, services, findings and problems speak of the whole organisation: a scope that is limited is not given them.
func (s *Scoped) Summary(ctx context.Context) (sum *harbour.Summary, g Generation, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		n, err := s.generation(ctx, q)
		if err != nil {
			return err
		}
		var rows []struct {
			Generation
			Summary []byte
		}
		if err := q.NewRaw("SELECT number, at, cause, summary FROM generation WHERE org = ? AND number = ?", s.scope.org, n).Scan(ctx, &rows); err != nil || len(rows) == 0 {
			return err
		}
		g, sum = rows[0].Generation, &harbour.Summary{}
		if err := unpack(rows[0].Summary, sum); err != nil {
			return err
		}
		if s.scope.limited() {
			sum.Counts, sum.Services, sum.TopFindings, sum.Problems = nil, nil, nil, nil
		}
		return nil
	})
	return sum, g, err
}

// Generations lists what was published, newest first.
func (s *Scoped) Generations(ctx context.Context, limit int) (list []Generation, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT number, at, cause FROM generation WHERE org = ? ORDER BY number DESC LIMIT ?", s.scope.org, limit).Scan(ctx, &list)
	})
	return list, err
}
