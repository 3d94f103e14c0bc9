// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// The states of an outlet.
const (
	OutletActive   = "active"
	OutletPaused   = "paused"   // by a person
	OutletDisabled = "disabled" // by the program, for a reason
)

// Outlet is a way by which events leave the house.
type Outlet struct {
	Org, ID      string
	Kind         string // webhook, syslog, mail
	Name         string
	Target       string // address in the form of the kind
	Events       string // names with spaces between, "*" for all
	Options      string // of the kind's own form
	Secret       []byte // sealed by the vault
	State        string
	Reason       string          // why it is disabled
	Failures     int             // in a row
	FailingSince harbour.Instant `bun:"failing_since"`
	LastError    string          `bun:"last_error"`
	SentAt       harbour.Instant `bun:"sent_at"` // last success
	Dropped      int64           // deliveries that were given up
	Version      int64
	MadeBy       string          `bun:"made_by"`
	MadeAt       harbour.Instant `bun:"made_at"`
}

const outletColumns = "org, id, kind, name, target, events, options, secret, state, reason, failures, failing_since, last_error, sent_at, dropped, version, made_by, made_at"

// Outlets lists the outlets of the organisation, by name. A limited scope has none.
func (s *Scoped) Outlets(ctx context.Context) (list []Outlet, err error) {
	if s.scope.limited() {
		return nil, nil
	}
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT "+outletColumns+" FROM outlet WHERE org = ? ORDER BY name, id", s.scope.org).Scan(ctx, &list)
	})
	return list, err
}

// Outlet reads one outlet.
//
// Errors: ErrNotFound where it is not in the scope.
func (s *Scoped) Outlet(ctx context.Context, id string) (o Outlet, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		org := s.scope.org
		if s.scope.limited() {
			org = ""
		}
		return notFound(q.NewRaw("SELECT "+outletColumns+" FROM outlet WHERE org = ? AND id = ?", org, id).Scan(ctx, &o), "outlet", id)
	})
	return o, err
}

// PutOutlet adds an outlet (Version 0) or changes one whose Version is the one that was read. What delivery knows of it
// begins anew.
//
// Errors: ErrStale where somebody was faster.
func (tx *Tx) PutOutlet(ctx context.Context, o Outlet) error {
	if o.Version == 0 {
		_, err := tx.Raw(ctx, "INSERT INTO outlet (org, id, kind, name, target, events, options, secret, state, made_by, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			o.Org, o.ID, o.Kind, o.Name, o.Target, o.Events, o.Options, o.Secret, o.State, o.MadeBy, tx.at)
		return err
	}
	n, err := tx.Raw(ctx, "UPDATE outlet SET name = ?, target = ?, events = ?, options = ?, secret = ?, state = ?, reason = '', failures = 0, failing_since = 0, last_error = '', version = version + 1"+
		" WHERE org = ? AND id = ? AND version = ?", o.Name, o.Target, o.Events, o.Options, o.Secret, o.State, o.Org, o.ID, o.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return &harbour.Error{Kind: harbour.ErrStale, Op: "save outlet", Message: "somebody has changed this outlet meanwhile", Hint: "look at it again, then repeat your change"}
	}
	_, err = tx.Raw(ctx, "UPDATE delivery SET due_at = ? WHERE org = ? AND outlet = ? AND attempts > 0", tx.at, o.Org, o.ID)
	return err
}

// RemoveOutlet removes an outlet and what waits for it.
func (tx *Tx) RemoveOutlet(ctx context.Context, org, id string) error {
	if _, err := tx.Raw(ctx, "DELETE FROM delivery WHERE org = ? AND outlet = ?", org, id); err != nil {
		return err
	}
	_, err := tx.Raw(ctx, "DELETE FROM outlet WHERE org = ? AND id = ?", org, id)
	return err
}

// OutletsIn lists the outlets of one organisation, or of all with "", for delivery.
func (db *DB) OutletsIn(ctx context.Context, org string) (list []Outlet, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT "+outletColumns+" FROM outlet WHERE ? = '' OR org = ? ORDER BY org, id", org, org).Scan(ctx, &list)
	})
	return list, err
}

// Delivery is an event on its way to one outlet.
type Delivery struct {
	Org, Outlet string
	ID          string // of the event, the same for every attempt
	Event       string
	Body        []byte
	MadeAt      harbour.Instant `bun:"made_at"`
	DueAt       harbour.Instant `bun:"due_at"`
	Attempts    int
}

// MaxDeliveries bounds what waits for one outlet. What comes then is not taken, and counted.
const MaxDeliveries = 10_000

// AddDelivery adds a delivery that is due at d.DueAt. One with the same id is not added again.
func (tx *Tx) AddDelivery(ctx context.Context, d Delivery) error {
	var n int
	if err := tx.NewRaw("SELECT COUNT(*) FROM (SELECT 1 FROM delivery WHERE org = ? AND outlet = ? LIMIT ?) AS waiting", d.Org, d.Outlet, MaxDeliveries).Scan(ctx, &n); err != nil {
		return err
	}
	if n >= MaxDeliveries {
		_, err := tx.Raw(ctx, "UPDATE outlet SET dropped = dropped + 1 WHERE org = ? AND id = ?", d.Org, d.Outlet)
		return err
	}
	_, err := tx.Raw(ctx, "INSERT INTO delivery (org, outlet, id, event, body, made_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", d.Org, d.Outlet, d.ID, d.Event, d.Body, tx.at, d.DueAt)
	return err
}

// Due lists what is due, at most limit for each outlet that is active and not among busy (organisation and id with a
// space between), the oldest first.
func (db *DB) Due(ctx context.Context, busy []string, limit int) (byOutlet map[string][]Delivery, outlets []Outlet, err error) {
	byOutlet = map[string][]Delivery{}
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		now := db.Now()
		if err := q.NewRaw("SELECT "+outletColumns+" FROM outlet WHERE state = ? AND (org || ' ' || id) NOT IN (?) AND EXISTS (SELECT 1 FROM delivery AS d WHERE d.org = outlet.org AND d.outlet = outlet.id AND d.due_at <= ?) ORDER BY org, id",
			OutletActive, bun.List(orNone(busy)), now).Scan(ctx, &outlets); err != nil {
			return err
		}
		for i := range outlets {
			o := &outlets[i]
			var list []Delivery
			if err := q.NewRaw("SELECT org, outlet, id, event, body, made_at, due_at, attempts FROM delivery WHERE org = ? AND outlet = ? AND due_at <= ? ORDER BY made_at, id LIMIT ?", o.Org, o.ID, now, limit).Scan(ctx, &list); err != nil {
				return err
			}
			byOutlet[o.Org+" "+o.ID] = list
		}
		return nil
	})
	return byOutlet, outlets, err
}

// Waiting counts what waits for an outlet.
func (s *Scoped) Waiting(ctx context.Context, outlet string) (n int, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT COUNT(*) FROM delivery WHERE org = ? AND outlet = ?", s.scope.org, outlet).Scan(ctx, &n)
	})
	return n, err
}

// Delivered removes deliveries that have arrived.
func (tx *Tx) Delivered(ctx context.Context, org, outlet string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.Raw(ctx, "DELETE FROM delivery WHERE org = ? AND outlet = ? AND id IN (?)", org, outlet, bun.List(ids)); err != nil {
		return err
	}
	_, err := tx.Raw(ctx, "UPDATE outlet SET failures = 0, failing_since = 0, last_error = '', sent_at = ? WHERE org = ? AND id = ?", tx.at, org, outlet)
	return err
}

// Postpone notes that a delivery failed: it is due again at next, and so is the rest of what is due for the outlet, for
// what stands in the way of one stands in the way of all. With next 0 it is given up, and the rest stays due.
func (tx *Tx) Postpone(ctx context.Context, d Delivery, next harbour.Instant, why string) error {
	if next == 0 {
		if _, err := tx.Raw(ctx, "DELETE FROM delivery WHERE org = ? AND outlet = ? AND id = ?", d.Org, d.Outlet, d.ID); err != nil {
			return err
		}
		_, err := tx.Raw(ctx, "UPDATE outlet SET dropped = dropped + 1, last_error = ? WHERE org = ? AND id = ?", why, d.Org, d.Outlet)
		return err
	}
	if _, err := tx.Raw(ctx, "UPDATE delivery SET attempts = attempts + 1 WHERE org = ? AND outlet = ? AND id = ?", d.Org, d.Outlet, d.ID); err != nil {
		return err
	}
	if _, err := tx.Raw(ctx, "UPDATE delivery SET due_at = ? WHERE org = ? AND outlet = ? AND due_at < ?", next, d.Org, d.Outlet, next); err != nil {
		return err
	}
	_, err := tx.Raw(ctx, "UPDATE outlet SET failures = failures + 1, failing_since = CASE WHEN failing_since = 0 THEN ? ELSE failing_since END, last_error = ? WHERE org = ? AND id = ?", tx.at, why, d.Org, d.Outlet)
	return err
}

// DisableOutlet stops an outlet for a reason. What waits for it stays, until it is switched on again or removed.
func (tx *Tx) DisableOutlet(ctx context.Context, org, id, reason string) error {
	_, err := tx.Raw(ctx, "UPDATE outlet SET state = ?, reason = ?, version = version + 1 WHERE org = ? AND id = ? AND state = ?", OutletDisabled, reason, org, id, OutletActive)
	return err
}

// DropDeliveries gives up what has waited since before an instant, and counts it.
func (tx *Tx) DropDeliveries(ctx context.Context, before harbour.Instant) (n int64, err error) {
	if _, err := tx.Raw(ctx, "UPDATE outlet SET dropped = dropped + (SELECT COUNT(*) FROM delivery AS d WHERE d.org = outlet.org AND d.outlet = outlet.id AND d.made_at < ?)", before); err != nil {
		return 0, err
	}
	return tx.Raw(ctx, "DELETE FROM delivery WHERE made_at < ?", before)
}

// AuditAfter lists entries of the audit log of all organisations with a number above seq, oldest first: for what follows
// the log.
func (db *DB) AuditAfter(ctx context.Context, seq int64, limit int) (list []Entry, err error) {
	var records [][]byte
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT record FROM audit WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit).Scan(ctx, &records)
	})
	for _, r := range records {
		var e Entry
		if err := json.Unmarshal(r, &e); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, err
}

// LastAudit is the number of the last entry of the audit log; -1 for an empty one.
func (db *DB) LastAudit(ctx context.Context) (n int64, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		n, err = auditSize(ctx, q)
		return err
	})
	return n - 1, err
}

// FailedJobs lists jobs of all organisations that failed after an instant, oldest first.
func (db *DB) FailedJobs(ctx context.Context, after harbour.Instant, limit int) (list []Job, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT "+jobColumns+" FROM job WHERE state = ? AND ended_at > ? ORDER BY ended_at, id LIMIT ?", JobFailed, after, limit).Scan(ctx, &list)
	})
	return list, err
}

// FindingChanges gives the findings that came with a generation and those that went with it, the worst first, at most
// limit of each, and how many there are.
func (s *Scoped) FindingChanges(ctx context.Context, generation int64, limit int) (fresh, gone []FindingRow, came, went int, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		for _, part := range []struct {
			at    int64 // the generation in which the finding is there
			where string
			rows  *[]FindingRow
			n     *int
		}{
			{generation, "t.born = ? AND NOT EXISTS (SELECT 1 FROM finding AS e WHERE e.org = t.org AND e.id = t.id AND +e.born < ? AND +e.died >= ?)", &fresh, &came},
			{generation - 1, "t.died = ? AND t.died < 9223372036854775807 AND NOT EXISTS (SELECT 1 FROM finding AS e WHERE e.org = t.org AND e.id = t.id AND +e.born <= ? AND +e.died > ?)", &gone, &went},
		} {
			var c conditions
			s.scope.findings(&c, part.at)
			c.add(part.where, generation, generation, generation)
			if err := q.NewRaw("SELECT COUNT(*) FROM finding AS t WHERE "+c.text(), c.args...).Scan(ctx, part.n); err != nil {
				return err
			}
			var rows []findingRow
			if err := q.NewRaw("SELECT "+findingList.columns+" FROM finding AS t WHERE "+c.text()+" ORDER BY t.severity DESC, t.id LIMIT ?", append(c.args, limit)...).Scan(ctx, &rows); err != nil {
				return err
			}
			list, err := s.whole(ctx, q, rows)
			if err != nil {
				return err
			}
			*part.rows = list
		}
		return nil
	})
	return fresh, gone, came, went, err
}

// Number reads a setting that is a number; -1 where it was never set.
func (tx *Tx) Number(ctx context.Context, org, name string) (int64, error) {
	v, err := tx.Setting(ctx, org, name)
	if err != nil || v == "" {
		return -1, err
	}
	return strconv.ParseInt(v, 10, 64)
}
