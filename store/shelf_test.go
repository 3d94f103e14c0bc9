// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

// variedQuay is a port in which filters fit many rows, few and none, and many rows are equal in what they are sorted by.
func variedQuay(n int, seed uint64) *quay {
	r := rand.New(rand.NewPCG(seed, 1))
	p := newQuay(n)
	for i, a := range p.assets {
		a.Zone, a.Level = fmt.Sprintf("z-%d", r.IntN(5)), fmt.Sprint(r.IntN(3))
		a.Name = fmt.Sprintf("%s %d", []string{"Crane", "crane", "Łódź", "Gate"}[r.IntN(4)], r.IntN(n/2))
		a.Criticality, a.Firmware, a.Model = []string{"", "high"}[r.IntN(2)], fmt.Sprintf("V%d", r.IntN(9)), "100%_ok"
		a.Observed, a.LastSeen = r.IntN(4) > 0, harbour.Instant(r.IntN(20))
		a.Domain = []harbour.Domain{harbour.OT, harbour.IT}[i%2]
	}
	for _, c := range p.conversations {
		c.Client, c.Server = p.assets[r.IntN(n)].ID, p.assets[r.IntN(n)].ID
		c.Protocol, c.Verdict = []string{"", "modbus", "s7comm"}[r.IntN(3)], []harbour.Verdict{harbour.VerdictUnknown, harbour.VerdictApprovedUsed}[r.IntN(2)]
		c.Bytes, c.FirstSeen, c.LastSeen = int64(r.IntN(5)), harbour.Instant(1+r.IntN(10)), harbour.Instant(11+r.IntN(10))
	}
	for _, o := range p.operations {
		o.Client, o.Server = p.assets[r.IntN(n)].ID, p.assets[r.IntN(n)].ID
		o.Verb, o.Result = harbour.Verbs[r.IntN(3)], []string{"ok", "unanswered"}[r.IntN(2)]
		o.FirstSeen, o.LastSeen = harbour.Instant(1+r.IntN(10)), harbour.Instant(11+r.IntN(10))
	}
	for i, f := range p.findings {
		f.Rule, f.Severity, f.LastSeen = fmt.Sprintf("rule-%d", r.IntN(3)), []harbour.Severity{"info", "low", "medium", "high", "critical"}[r.IntN(5)], harbour.Instant(r.IntN(9))
		if i%3 == 0 {
			f.Subjects = append(f.Subjects, p.assets[r.IntN(n)].ID)
		}
		if i%10 == 0 {
			f.Subjects = nil
		}
	}
	return p
}

// TestShelves holds lists that are found in memory against the same lists by SQL, over a life of generations, decisions and
// statements, for scopes of every kind.
func TestShelves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "a", "A")
		storetest.Organisation(t, db, "b", "B")
		variedQuay(60, 9).publish(t, db, "b")
		p := variedQuay(240, 1)
		p.publish(t, db, "a")
		alike(t, db, 1)

		decide(t, db, p, 40)
		alike(t, db, 2)

		// Another state: some rows go, some come, some differ. The shelves are made before it is published.
		q := variedQuay(240, 1)
		q.assets, q.findings = q.assets[:220], q.findings[5:]
		q.conversations, q.operations = q.conversations[:200], q.operations[30:]
		q.assets[7].Firmware, q.assets[8].Name, q.findings[3].Severity = "V77", "Aardvark", harbour.SeverityCritical
		q.publish(t, db, "a")
		alike(t, db, 3)
		decide(t, db, q, 20)
		alike(t, db, 4)

		// A third, of which people rename assets before anybody looks back at the second.
		last := variedQuay(240, 1)
		last.assets, last.findings, last.operations = last.assets[10:], last.findings[:100], last.operations[:len(last.operations)-20]
		last.assets[3].Name, last.assets[4].Firmware = "Zebra", "V78"
		last.publish(t, db, "a")
		decide(t, db, last, 20)
		alike(t, db, 5)
	})
}

// decide has people decide and state, with a page read between, as they do.
func decide(t *testing.T, db *store.DB, p *quay, n int) {
	t.Helper()
	scope := store.WholeOrganisation("a")
	for i := range n {
		err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("test")
			f := p.findings[(i*7)%len(p.findings)].ID
			last, err := tx.LastDecision(ctx, scope, f)
			if err != nil {
				return err
			}
			last.Status, last.Assignee = []harbour.FindingStatus{harbour.FindingAccepted, harbour.FindingResolved, harbour.FindingOpen}[i%3], fmt.Sprintf("p-%d", i%4)
			if _, err := tx.Decide(ctx, scope, last); err != nil {
				return err
			}
			a := p.assets[(i*11)%len(p.assets)].ID
			for field, value := range map[string]string{"name": fmt.Sprintf("Renamed %d", i), "zone": "z-stated", "site": "south"} {
				version, _, err := tx.StatementVersion(ctx, scope, a, field)
				if err != nil {
					return err
				}
				if _, err := tx.PutStatement(ctx, scope, harbour.Statement{Asset: a, Field: field, Value: value, By: "p-1", ByName: "P", Version: version}, i%5 == 4); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.In(scope).Assets(ctx, store.AssetQuery{}); err != nil {
			t.Fatal(err)
		}
	}
}

// alike asks many random questions both ways.
func alike(t *testing.T, db *store.DB, seed uint64) {
	t.Helper()
	for _, org := range []string{"a", "b"} {
		if missing := db.Shelved(ctx, org); missing != nil {
			t.Fatalf("lists that are not in memory: %v", missing)
		}
	}
	plain := db.BySQL()
	r := rand.New(rand.NewPCG(seed, 7))
	scopes := []store.Scope{
		store.WholeOrganisation("a"), store.WholeOrganisation("b"), store.PartOf("a", store.Limit{Sites: []string{"north"}}), store.PartOf("a", store.Limit{Supplier: "konecranes"}),
		store.PartOf("a", store.Limit{Sites: []string{"south"}, Supplier: "konecranes"}, store.Limit{Sites: []string{"north"}}), store.PartOf("a"), store.PartOf("a", store.Limit{Sites: []string{}}),
		{},
	}
	states := published(t, db, "a")
	for i := range 80 {
		s := scopes[r.IntN(len(scopes))]
		if i%3 > 0 {
			s = scopes[0]
		}
		shelved, bySQL := db.In(s), plain.In(s)
		if i%2 > 0 { // as of a date, the present one among them
			at := states[r.IntN(len(states))]
			var err, err2 error
			shelved, err = shelved.AsOf(ctx, at)
			bySQL, err2 = bySQL.AsOf(ctx, at)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
		}
		same(t, s, func(o store.Order) (any, string, string, error) {
			return ask(shelved.Assets(ctx, assetQuery(rand.New(rand.NewPCG(seed, uint64(i))), o, states)))
		}, func(o store.Order) (any, string, string, error) {
			return ask(bySQL.Assets(ctx, assetQuery(rand.New(rand.NewPCG(seed, uint64(i))), o, states)))
		}, r)
		same(t, s, func(o store.Order) (any, string, string, error) {
			return ask(shelved.Findings(ctx, findingQuery(rand.New(rand.NewPCG(seed, uint64(i))), o, states)))
		}, func(o store.Order) (any, string, string, error) {
			return ask(bySQL.Findings(ctx, findingQuery(rand.New(rand.NewPCG(seed, uint64(i))), o, states)))
		}, r)
		same(t, s, func(o store.Order) (any, string, string, error) {
			return ask(shelved.Conversations(ctx, trafficQuery(rand.New(rand.NewPCG(seed, uint64(i))), o)))
		}, func(o store.Order) (any, string, string, error) {
			return ask(bySQL.Conversations(ctx, trafficQuery(rand.New(rand.NewPCG(seed, uint64(i))), o)))
		}, r)
		same(t, s, func(o store.Order) (any, string, string, error) {
			return ask(shelved.Operations(ctx, trafficQuery(rand.New(rand.NewPCG(seed, uint64(i))), o)))
		}, func(o store.Order) (any, string, string, error) {
			return ask(bySQL.Operations(ctx, trafficQuery(rand.New(rand.NewPCG(seed, uint64(i))), o)))
		}, r)
	}
	for _, s := range scopes {
		got, err := db.In(s).Overview(ctx)
		want, err2 := plain.In(s).Overview(ctx)
		if err != nil || err2 != nil || cmp.Diff(want, got, cmpopts.EquateEmpty()) != "" {
			t.Errorf("overview of %v differs in memory: %v %v\n%s", s, err, err2, cmp.Diff(want, got, cmpopts.EquateEmpty()))
		}
		drawn, err := db.In(s).Zones(ctx)
		drawnSQL, err2 := plain.In(s).Zones(ctx)
		if diff := cmp.Diff(drawnSQL, drawn, cmpopts.EquateEmpty()); err != nil || err2 != nil || diff != "" {
			t.Errorf("zones of %v differ in memory: %v %v\n%s", s, err, err2, diff)
		}
		zones, err := db.In(s).FindingsByZone(ctx)
		zonesSQL, err2 := plain.In(s).FindingsByZone(ctx)
		if diff := cmp.Diff(zonesSQL, zones, cmpopts.EquateEmpty()); err != nil || err2 != nil || diff != "" {
			t.Errorf("findings by zone of %v differ in memory: %v %v\n%s", s, err, err2, diff)
		}
		for _, at := range states {
			got, err := db.In(s).ChangesSince(ctx, at)
			want, err2 := plain.In(s).ChangesSince(ctx, at)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || err2 != nil || diff != "" {
				t.Errorf("changes of %v since %v differ in memory: %v %v\n%s", s, at, err, err2, diff)
			}
		}
	}
}

// published gives the instants of all states of an organisation, and one before the first.
func published(t *testing.T, db *store.DB, org string) []harbour.Instant {
	t.Helper()
	list, err := db.In(store.WholeOrganisation(org)).Generations(ctx, 100)
	if err != nil {
		t.Fatal(err)
	}
	at := []harbour.Instant{1}
	for _, g := range list {
		at = append(at, g.At)
	}
	return at
}

func ask[T any](p store.Page[T], err error) (any, string, string, error) {
	return p, p.Next, p.Previous, err
}

// same walks a list both ways, three pages on and one back.
func same(t *testing.T, s store.Scope, shelved, bySQL func(store.Order) (any, string, string, error), r *rand.Rand) {
	t.Helper()
	o := store.Order{Limit: 1 + r.IntN(30)}
	for step := range 4 {
		got, next, previous, err := shelved(o)
		want, _, _, err2 := bySQL(o)
		if fmt.Sprint(err) != fmt.Sprint(err2) {
			t.Fatalf("in memory: %v; by SQL: %v", err, err2)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("page %d of %v in memory is not that by SQL (-SQL +memory):\n%s", step, s, diff)
		}
		if o.Cursor = next; step == 2 {
			o.Cursor = previous
		}
		if o.Cursor == "" {
			return
		}
	}
}

func some(r *rand.Rand, values ...string) (list []string) {
	if r.IntN(3) > 0 {
		return nil
	}
	for range 1 + r.IntN(2) {
		list = append(list, values[r.IntN(len(values))])
	}
	return list
}

func one(r *rand.Rand, values ...string) string { return values[r.IntN(len(values))] }

func assetQuery(r *rand.Rand, o store.Order, states []harbour.Instant) store.AssetQuery {
	o.Sort, o.Desc = one(r, "", "name", "kind", "zone", "vendor", "site", "supplier", "last_seen", "worst"), r.IntN(2) == 0
	return store.AssetQuery{
		Order: o, Text: one(r, "", "", "crane", "łódź", "10.0.0.1 siemens", "nothing at all", "%", "_", "renamed", "v77 c"), Domain: some(r, "ot", "it"), Kind: some(r, "plc", "camera", "radar"),
		Name: one(r, "", "", "", "crane", "CRANE 1", "%", "_", "renamed 1", "gate"), Zone: some(r, "z-1", "z-2", "z-stated", ""), Vendor: some(r, "Siemens", "Axis"), Site: some(r, "north", "south", ""), Level: some(r, "0", "1"), Supplier: some(r, "konecranes", ""),
		Criticality: some(r, "high", ""), Model: some(r, "100%_ok"), Firmware: some(r, "V1", "V2", "V77"), Known: one(r, "", "", "declared", "observed", "undeclared", "unseen"),
		WithFindings: r.IntN(4) == 0, Worst: r.IntN(5), Change: one(r, "", "", "new", "altered"), Since: states[r.IntN(len(states))],
	}
}

func findingQuery(r *rand.Rand, o store.Order, states []harbour.Instant) store.FindingQuery {
	o.Sort, o.Desc = one(r, "", "severity", "rule", "last_seen", "status", "assignee"), r.IntN(2) == 0
	q := store.FindingQuery{
		Order: o, Text: one(r, "", "", "asset 1", "declared", "is not f-0", "nowhere"), Status: some(r, "open", "accepted", "resolved"), Rule: some(r, "rule-1", "rule-2", "rule-9"),
		Assignee: some(r, "p-1", "p-2", ""),
	}
	if r.IntN(3) == 0 {
		q.NewSince = states[r.IntN(len(states))]
	}
	for _, v := range some(r, "info", "high", "critical") {
		q.Severity = append(q.Severity, harbour.Severity(v))
	}
	return q
}

func trafficQuery(r *rand.Rand, o store.Order) store.Traffic {
	o.Sort, o.Desc = one(r, "", "last_seen", "protocol"), r.IntN(2) == 0
	q := store.Traffic{
		Order: o, Text: one(r, "", "", "", "gate 1", "10.0.0.7", "nobody"), Protocol: some(r, "modbus", "s7comm", ""), Verdict: some(r, "unknown", "bypass"), ClientZone: some(r, "z-1", "z-3"), ServerZone: some(r, "z-2", "z-0"),
		Verb: some(r, string(harbour.Verbs[0]), string(harbour.Verbs[1])), Name: some(r, "read_holding_registers", "x"), Result: some(r, "ok"), Engineering: r.IntN(6) == 0,
	}
	if r.IntN(4) == 0 {
		q.Asset = fmt.Sprintf("a-%03d", r.IntN(240))
	}
	if r.IntN(6) == 0 {
		q.Client = fmt.Sprintf("a-%03d", r.IntN(240))
	}
	if r.IntN(6) == 0 {
		q.Server = fmt.Sprintf("a-%03d", r.IntN(240))
	}
	if r.IntN(4) == 0 {
		q.From = harbour.Instant(r.IntN(22))
	}
	if r.IntN(4) == 0 {
		q.Until = harbour.Instant(1 + r.IntN(12))
	}
	return q
}
