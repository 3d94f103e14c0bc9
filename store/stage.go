// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// never is the generation in which rows that stand have died. Conditions on rows that have died name it, which the indexes of
// the few that have ask for.
const never = math.MaxInt64

// staged tables, with whether superseded rows stay for history.
var staged = []struct {
	table   string
	history bool
}{
	{"asset", true}, {"finding", true}, {"finding_subject", true}, {"conversation", false}, {"operation", false}, {"zone", true}, {"conduit", true},
}

// Stage writes the next generation of what one organisation's evidence says. See the package comment. It is used by one
// goroutine: findings first, since assets carry figures of theirs, then the rest, then Publish or Abort.
type Stage struct {
	db     *DB
	scope  Scope
	number int64 // the generation being made
	start  harbour.Instant

	status map[string]Decision // last decisions by finding
	counts map[uint64]findingCount
	wrote  Changed
}

type findingCount struct {
	open  int32
	worst int8
}

// Changed says what a stage changed.
type Changed struct {
	Added, Altered, Removed map[string]int // by table
	Rows                    int64          // written
}

// Stage begins the next generation of an organisation. What an earlier stage left that was never published is cleared.
// Only one stage of an organisation may be under way; the caller sees to that.
//
// Errors: those of [Options.Room]; ErrNotFound.
func (db *DB) Stage(ctx context.Context, org string) (*Stage, error) {
	if db.opt.Room != nil {
		if err := db.opt.Room(); err != nil {
			return nil, err
		}
	}
	st := &Stage{
		db: db, scope: WholeOrganisation(org), status: map[string]Decision{}, counts: map[uint64]findingCount{},
		wrote: Changed{Added: map[string]int{}, Altered: map[string]int{}, Removed: map[string]int{}},
	}
	err := db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		var list []int64
		if err := q.NewRaw("SELECT generation FROM organisation WHERE id = ?", org).Scan(ctx, &list); err != nil {
			return err
		}
		if len(list) == 0 {
			return &harbour.Error{Kind: harbour.ErrNotFound, Op: "stage", Message: "there is no organisation " + org}
		}
		st.number, st.start = list[0]+1, db.Now()
		var decisions []Decision
		if err := q.NewRaw("SELECT finding, version, status, assignee, until, reason, made_by, at FROM finding_decision WHERE org = ? ORDER BY version", org).Scan(ctx, &decisions); err != nil {
			return err
		}
		for _, d := range decisions {
			st.status[d.Finding] = d
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return st, st.clear(ctx)
}

// Generation is the number of the generation being made.
func (st *Stage) Generation() int64 { return st.number }

// clearing is how many rows one transaction of housekeeping touches.
const clearing = 500

// clear takes back what an unpublished stage wrote.
func (st *Stage) clear(ctx context.Context) error {
	for _, t := range staged {
		if err := st.db.removeRows(ctx, t.table, "org = ? AND born >= ?", st.scope.org, st.number); err != nil {
			return err
		}
		err := st.db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
			tx.Unaudited("taking back what was never published")
			_, err := tx.Raw(ctx, "UPDATE ? SET died = ? WHERE org = ? AND died >= ? AND died < ?", bun.Ident(t.table), int64(never), st.scope.org, st.number, int64(never))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Abort takes back what was staged.
func (st *Stage) Abort(ctx context.Context) error { return st.clear(ctx) }

// removeRows deletes rows of a staged table, with what hangs on them, in short transactions.
func (db *DB) removeRows(ctx context.Context, table, where string, args ...any) error {
	if table == "finding_subject" || table == "zone" || table == "conduit" {
		return db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
			tx.Unaudited("housekeeping of generations")
			_, err := tx.Raw(ctx, "DELETE FROM "+table+" WHERE "+where, args...)
			return err
		})
	}
	for {
		n := 0
		err := db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
			tx.Unaudited("housekeeping of generations")
			var rows []int64
			if err := tx.NewRaw("SELECT row FROM "+table+" WHERE "+where+" LIMIT ?", append(append([]any{}, args...), clearing)...).Scan(ctx, &rows); err != nil {
				return err
			}
			n = len(rows)
			return tx.remove(ctx, table, rows)
		})
		if err != nil || n < clearing {
			return err
		}
	}
}

func (tx *Tx) remove(ctx context.Context, table string, rows []int64) error {
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.Raw(ctx, "DELETE FROM ? WHERE row IN (?)", bun.Ident(table), bun.List(rows)); err != nil {
		return err
	}
	if table == "asset" {
		if _, err := tx.Raw(ctx, "DELETE FROM asset_body WHERE row IN (?)", bun.List(rows)); err != nil {
			return err
		}
	}
	if table == "asset" || table == "finding" {
		return tx.db.engine.unindex(ctx, tx, table, rows)
	}
	return nil
}

// digest is a number that differs where the bytes do: the first 63 bits of their SHA-256, so that it fits the database.
func digest(parts ...[]byte) int64 {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
		h.Write([]byte{0})
	}
	return int64(binary.BigEndian.Uint64(h.Sum(nil)) >> 1)
}

func idKey(id string) uint64 { return uint64(digest([]byte(id))) }

// standing is a row of the generation before.
type standing struct {
	row           int64
	stable, whole int64
	open          int32
	worst         int8
}

// current reads what stands of a table, by digest of the id. What the stage sees again it takes out; the rest has died.
func (st *Stage) current(ctx context.Context, table string, extra string) (map[uint64]standing, error) {
	m := map[uint64]standing{}
	last := int64(-1)
	for {
		var rows []struct {
			Row           int64
			ID            string
			Stable, Whole int64
			Open, Worst   int
		}
		err := st.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
			return q.NewRaw("SELECT row, id, whole"+extra+" FROM "+table+" WHERE row > ? AND org = ? AND born < ? AND died = ? ORDER BY row LIMIT 20000",
				last, st.scope.org, st.number, int64(never)).Scan(ctx, &rows)
		})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			m[idKey(r.ID)] = standing{r.Row, r.Stable, r.Whole, int32(r.Open), int8(r.Worst)}
			last = r.Row
		}
		if len(rows) < 20000 {
			return m, nil
		}
	}
}

// bury marks rows as dead from this generation on.
func (st *Stage) bury(ctx context.Context, table string, left map[uint64]standing) error {
	rows := make([]int64, 0, clearing)
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		defer func() { rows = rows[:0] }()
		return st.db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
			tx.Unaudited("staging, audited when published")
			_, err := tx.Raw(ctx, "UPDATE ? SET died = ? WHERE row IN (?)", bun.Ident(table), st.number, bun.List(rows))
			return err
		})
	}
	for _, s := range left {
		if rows = append(rows, s.row); len(rows) == clearing {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// loader gathers rows and writes them in short transactions.
type loader struct {
	st      *Stage
	table   string
	columns []string
	rows    [][]any
	bodies  [][]any // asset_body
	indexed []int64 // rows and texts for the search
	texts   []string
	dying   []int64 // rows that these replace
	figures []func(context.Context, *Tx) error
	extra   map[string][][]any // rows of other tables, by name
	size    int
}

const (
	loadRows  = 400
	loadBytes = 1 << 20
)

func (l *loader) full() bool { return len(l.rows)+len(l.figures) >= loadRows || l.size >= loadBytes }

func (l *loader) flush(ctx context.Context) error {
	if len(l.rows)+len(l.figures)+len(l.dying) == 0 {
		return nil
	}
	err := l.st.db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
		tx.Unaudited("staging, audited when published")
		if err := tx.Load(ctx, l.table, l.columns, l.rows); err != nil {
			return err
		}
		if err := tx.Load(ctx, "asset_body", []string{"row", "body"}, l.bodies); err != nil {
			return err
		}
		for table, rows := range l.extra {
			if err := tx.Load(ctx, table, subjectColumns, rows); err != nil {
				return err
			}
		}
		if len(l.indexed) > 0 {
			if err := tx.db.engine.index(ctx, tx, l.table, l.indexed, l.texts); err != nil {
				return err
			}
		}
		if len(l.dying) > 0 {
			if _, err := tx.Raw(ctx, "UPDATE ? SET died = ? WHERE row IN (?)", bun.Ident(l.table), l.st.number, bun.List(l.dying)); err != nil {
				return err
			}
		}
		for _, fn := range l.figures {
			if err := fn(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	l.st.wrote.Rows += int64(len(l.rows))
	l.rows, l.bodies, l.indexed, l.texts, l.dying, l.figures, l.size = l.rows[:0], l.bodies[:0], l.indexed[:0], l.texts[:0], l.dying[:0], l.figures[:0], 0
	clear(l.extra)
	return err
}

// Publish makes the staged generation the one that is seen, and writes the audit entry e with it.
func (st *Stage) Publish(ctx context.Context, cause string, summary *harbour.Summary, e Entry) (Changed, error) {
	facets, err := st.facets(ctx)
	if err != nil {
		return st.wrote, err
	}
	body, err := pack(summary)
	if err != nil {
		return st.wrote, err
	}
	if err := st.db.prepare(ctx, st.scope.org, st.number); err != nil {
		return st.wrote, err
	}
	after, _ := json.Marshal(map[string]any{"generation": st.number, "added": st.wrote.Added, "altered": st.wrote.Altered, "removed": st.wrote.Removed})
	e.Org, e.After = st.scope.org, after
	err = st.db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
		n, err := tx.Raw(ctx, "UPDATE organisation SET generation = ? WHERE id = ? AND generation = ?", st.number, st.scope.org, st.number-1)
		if err != nil {
			return err
		}
		if n != 1 {
			return &harbour.Error{Kind: harbour.ErrConflict, Op: "publish", Message: "another import was published meanwhile", Hint: "it is done again from the start"}
		}
		if _, err := tx.Raw(ctx, "INSERT INTO generation (org, number, at, cause, summary) VALUES (?, ?, ?, ?, ?)", st.scope.org, st.number, tx.at, cause, body); err != nil {
			return err
		}
		if _, err := tx.Raw(ctx, "DELETE FROM facet WHERE org = ? AND generation < ?", st.scope.org, st.number-10); err != nil {
			return err
		}
		if err := tx.Load(ctx, "facet", []string{"org", "generation", "list", "name", "value", "count"}, facets); err != nil {
			return err
		}
		var late []string // decided while this was staged
		if err := tx.NewRaw("SELECT DISTINCT finding FROM finding_decision WHERE org = ? AND at >= ?", st.scope.org, st.start).Scan(ctx, &late); err != nil {
			return err
		}
		for _, id := range late {
			if err := tx.recountFindings(ctx, st.scope.org, id, st.number); err != nil {
				return err
			}
		}
		tx.After(func() { tx.db.shelves.published(st.scope.org) })
		return tx.Audit(ctx, e)
	})
	return st.wrote, err
}

// Tidy removes rows that no reader asks for any more: superseded conversations and operations, and states of assets and
// findings that differ from the next in counts and times alone.
func (st *Stage) Tidy(ctx context.Context) error {
	for _, t := range staged {
		if !t.history {
			if err := st.db.removeRows(ctx, t.table, "org = ? AND died <= ? AND died < ?", st.scope.org, st.number, int64(never)); err != nil {
				return err
			}
		}
	}
	for _, table := range []string{"asset", "finding"} {
		if err := st.merge(ctx, table); err != nil {
			return err
		}
	}
	// A port grows by steps of any size: what an engine took for the fewest rows yesterday may be the most today.
	err := st.db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
		tx.Unaudited("housekeeping of generations")
		tables := []string{"asset_body"}
		for _, t := range staged {
			tables = append(tables, t.table)
		}
		return st.db.engine.measure(ctx, tx, tables)
	})
	if err != nil {
		return err
	}
	return nil
}

// merge joins a state with the one before it where nothing but counts and times differs.
func (st *Stage) merge(ctx context.Context, table string) error {
	for {
		var pairs []struct{ Old, New, Born int64 }
		err := st.db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
			tx.Unaudited("housekeeping of generations")
			if err := tx.NewRaw("SELECT o.row AS old, n.row AS new, o.born AS born FROM "+table+" AS o JOIN "+table+" AS n ON n.org = o.org AND n.id = o.id AND n.born = o.died AND n.stable = o.stable"+
				" WHERE o.org = ? AND o.died = ? AND o.died < ? LIMIT ?", st.scope.org, st.number, int64(never), clearing).Scan(ctx, &pairs); err != nil {
				return err
			}
			old := make([]int64, len(pairs))
			for i, p := range pairs {
				old[i] = p.Old
			}
			if len(pairs) > 0 { // what differs between two generations is not what it was, nor are the rows of past ones
				tx.After(func() {
					st.db.tidied.Add(1)
					st.db.memo.forget(st.scope.org)
					st.db.shelves.forgetPast(st.scope.org)
				})
			}
			if err := tx.remove(ctx, table, old); err != nil {
				return err
			}
			for _, p := range pairs {
				if _, err := tx.Raw(ctx, "UPDATE ? SET born = ? WHERE row = ?", bun.Ident(table), p.Born, p.New); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(pairs) < clearing {
			return err
		}
	}
}

// facetColumns are the columns that the filters of each list count.
var facetColumns = map[string][]string{
	"asset":        {"domain", "kind", "zone", "vendor", "site", "level", "supplier", "criticality"},
	"conversation": {"protocol", "verdict", "client_zone", "server_zone"},
	"operation":    {"protocol", "verb", "result"},
	"finding":      {"rule", "severity"},
}

// facetValues is how many values of a column are counted, the most frequent.
const facetValues = 200

// facets counts in one walk of each list.
func (st *Stage) facets(ctx context.Context) (rows [][]any, err error) {
	for table, columns := range facetColumns {
		counts, total := make([]map[string]int64, len(columns)), int64(0)
		for i := range counts {
			counts[i] = map[string]int64{}
		}
		err := st.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
			list, err := q.QueryContext(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+table+" WHERE org = ? AND +born <= ? AND +died > ?", st.scope.org, st.number, st.number)
			if err != nil {
				return err
			}
			defer list.Close()
			raw, to := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
			for i := range raw {
				to[i] = &raw[i]
			}
			for list.Next() {
				if err := list.Scan(to...); err != nil {
					return err
				}
				total++
				for i := range raw {
					counts[i][string(raw[i])]++
				}
			}
			return list.Err()
		})
		if err != nil {
			return nil, err
		}
		for i, column := range columns {
			values := slices.SortedFunc(maps.Keys(counts[i]), func(x, y string) int { return cmp.Or(cmp.Compare(counts[i][y], counts[i][x]), cmp.Compare(x, y)) })
			for _, v := range values[:min(len(values), facetValues)] {
				rows = append(rows, []any{st.scope.org, st.number, table, column, v, counts[i][v]})
			}
		}
		rows = append(rows, []any{st.scope.org, st.number, table, "", "", total})
	}
	return rows, nil
}

// sortName is a name as lists order it: without regard to case, and numbers by their value up to 12 digits.
func sortName(name string) string {
	var b strings.Builder
	digits := 0
	flush := func(s string) {
		if n := len(s); n > 0 && n < 12 {
			b.WriteString("000000000000"[n:])
		}
		b.WriteString(s)
	}
	lower := strings.ToLower(name)
	start := -1
	for i := 0; i < len(lower); i++ {
		if c := lower[i]; c >= '0' && c <= '9' {
			if start < 0 {
				start = i
			}
			digits++
			continue
		}
		if start >= 0 {
			flush(lower[start:i])
			start = -1
		}
		b.WriteByte(lower[i])
	}
	if start >= 0 {
		flush(lower[start:])
	}
	return b.String()
}
