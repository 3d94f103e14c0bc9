// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(migratedURL); url != "" {
		migratedChild(url)
		return
	}
	testpostgres.Main(m)
}

var ctx = context.Background()

// quay is a small made-up port.
type quay struct {
	assets        []*harbour.Asset
	conversations []*harbour.Conversation
	operations    []*harbour.Operation
	findings      []*harbour.Finding
}

func newQuay(n int) *quay {
	p := &quay{}
	kinds := []harbour.Kind{harbour.KindPLC, harbour.KindSwitch, harbour.KindCamera}
	for i := range n {
		p.assets = append(p.assets, &harbour.Asset{
			ID: fmt.Sprintf("a-%03d", i), Name: fmt.Sprintf("Crane %d", i), Domain: harbour.OT, Kind: kinds[i%3], Vendor: []string{"Siemens", "Hirschmann", "Axis"}[i%3],
			Site: []string{"north", "south"}[i%2], Supplier: []string{"", "konecranes"}[i%2], Zone: "z-crane", Observed: true, Declared: i%5 != 0,
			Interfaces: []harbour.Interface{{MAC: fmt.Sprintf("00:00:00:00:00:%02x", i), IPs: []string{fmt.Sprintf("10.0.0.%d", i)}}},
			FirstSeen:  1, LastSeen: harbour.Instant(100 + i), Hostnames: []string{}, Attributes: []harbour.Attribute{{Name: "vendor", Value: "x", Count: 1}},
		})
	}
	for i := range n - 1 {
		p.conversations = append(p.conversations, &harbour.Conversation{Client: p.assets[i].ID, Server: p.assets[i+1].ID, ClientIP: "10.0.0.1", ServerIP: "10.0.0.2", Protocol: "modbus", Transport: "tcp", Port: 502, Packets: 5, Bytes: int64(i), LastSeen: harbour.Instant(i + 1), Verdict: harbour.VerdictUndocumented})
		p.operations = append(p.operations, &harbour.Operation{Client: p.assets[i].ID, Server: p.assets[i+1].ID, Protocol: "modbus", Verb: harbour.VerbRead, Name: "read_holding_registers", Count: 3, LastSeen: harbour.Instant(i + 1)})
	}
	for i := range n / 2 {
		p.findings = append(p.findings, &harbour.Finding{ID: fmt.Sprintf("f-%03d", i), Rule: "undeclared_asset", Severity: []harbour.Severity{harbour.SeverityHigh, harbour.SeverityLow}[i%2], Title: fmt.Sprintf("Asset %d is not declared", i), Subjects: []string{p.assets[i].ID}, Status: harbour.FindingOpen})
	}
	return p
}

func (p *quay) asset(id string) *harbour.Asset {
	for _, a := range p.assets {
		if a.ID == id {
			return a
		}
	}
	return &harbour.Asset{}
}

func (p *quay) publish(t testing.TB, db *store.DB, org string) store.Changed {
	t.Helper()
	st := p.stage(t, db, org)
	c, err := st.Publish(ctx, "test", &harbour.Summary{Port: org}, store.Entry{Actor: "system", Action: "publish", ObjectKind: "generation", Object: fmt.Sprint(st.Generation())})
	if err == nil {
		err = st.Tidy(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (p *quay) stage(t testing.TB, db *store.DB, org string) *store.Stage {
	t.Helper()
	st, err := db.Stage(ctx, org)
	if err != nil {
		t.Fatal(err)
	}
	place := func(id string) (string, string) { return p.asset(id).Site, p.asset(id).Supplier }
	zone := func(id string) (string, string) { return p.asset(id).Site, p.asset(id).Zone }
	for _, step := range []func() error{
		func() error { return st.Findings(ctx, slices.Values(p.findings), place) },
		func() error { return st.Assets(ctx, slices.Values(p.assets)) },
		func() error { return st.Conversations(ctx, slices.Values(p.conversations), zone) },
		func() error { return st.Operations(ctx, slices.Values(p.operations), zone) },
		func() error {
			return st.Zones(ctx, []harbour.Zone{{ID: "z-crane", Name: "Cranes"}}, []harbour.ConduitUse{{ID: "c-1", From: "z-crane", To: "z-it"}})
		},
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

func names(t testing.TB, s *store.Scoped, q store.AssetQuery) (list []string) {
	t.Helper()
	p, err := s.Assets(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range p.Items {
		list = append(list, a.Name)
	}
	return list
}

func TestLists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		port := newQuay(12)
		if c := port.publish(t, db, "skerry"); c.Added["asset"] != 12 || c.Added["finding"] != 6 {
			t.Errorf("published %+v, want 12 assets and 6 findings added", c)
		}
		s := db.In(store.WholeOrganisation("skerry"))
		for _, test := range []struct {
			name string
			q    store.AssetQuery
			want []string
		}{
			{"by name, numbers by value", store.AssetQuery{Order: store.Order{Limit: 4}}, []string{"Crane 0", "Crane 1", "Crane 2", "Crane 3"}},
			{"the other way", store.AssetQuery{Order: store.Order{Sort: "name", Desc: true, Limit: 2}}, []string{"Crane 11", "Crane 10"}},
			{"kind", store.AssetQuery{Kind: []string{"switch"}}, []string{"Crane 1", "Crane 4", "Crane 7", "Crane 10"}},
			{"two fields", store.AssetQuery{Kind: []string{"switch", "plc"}, Site: []string{"south"}}, []string{"Crane 1", "Crane 3", "Crane 7", "Crane 9"}},
			{"words", store.AssetQuery{Text: "SIEM crane"}, []string{"Crane 0", "Crane 3", "Crane 6", "Crane 9"}},
			{"short word", store.AssetQuery{Text: "11"}, []string{"Crane 11"}},
			{"address", store.AssetQuery{Text: "10.0.0.7"}, []string{"Crane 7"}},
			{"a percent sign is itself", store.AssetQuery{Text: "cra%ne"}, nil},
			{"a quote is itself", store.AssetQuery{Text: `"crane`}, nil},
			{"undeclared", store.AssetQuery{Known: "undeclared"}, []string{"Crane 0", "Crane 5", "Crane 10"}},
			{"high findings", store.AssetQuery{WithFindings: true, Worst: 3}, []string{"Crane 0", "Crane 2", "Crane 4"}},
		} {
			if got := names(t, s, test.q); !slices.Equal(got, test.want) {
				t.Errorf("%s: %v, want %v", test.name, got, test.want)
			}
		}
		a, row, err := s.Asset(ctx, "a-003")
		if err != nil || row.OpenFindings != 1 || row.Worst != 1 {
			t.Fatalf("Asset = %+v, %v", row, err)
		}
		if d := cmp.Diff(port.assets[3], a); d != "" {
			t.Errorf("asset differs: %s", d)
		}
		if _, _, err := s.Asset(ctx, "a-999"); harbour.KindOf(err) != harbour.ErrNotFound {
			t.Errorf("a missing asset: %v", err)
		}
		if _, err := s.Assets(ctx, store.AssetQuery{Order: store.Order{Sort: "colour"}}); harbour.KindOf(err) != harbour.ErrInvalid {
			t.Errorf("an unknown order: %v", err)
		}
		c, err := s.Conversations(ctx, store.Traffic{Asset: "a-003"})
		if err != nil || len(c.Items) != 2 || c.Items[0].ClientName != "Crane 3" || c.Items[1].ServerName != "Crane 3" {
			t.Errorf("conversations of a-003: %+v, %v", c, err)
		}
		if c, err := s.Conversations(ctx, store.Traffic{Text: "crane 3"}); err != nil || len(c.Items) != 2 || c.Total != 2 {
			t.Errorf("conversations by a name: %d of %d, %v", len(c.Items), c.Total, err)
		}
		if o, err := s.Operations(ctx, store.Traffic{Text: "zeppelin"}); err != nil || len(o.Items) != 0 {
			t.Errorf("operations by a name that nothing has: %d, %v", len(o.Items), err)
		}
		o, err := s.Operations(ctx, store.Traffic{Verb: []string{"read"}, Order: store.Order{Limit: 3}})
		if err != nil || len(o.Items) != 3 || o.Total != 11 {
			t.Errorf("operations: %+v, %v", o, err)
		}
		facets, err := s.Facets(ctx, "asset")
		if err != nil || !slices.Contains(facets, store.Facet{Name: "kind", Value: "plc", Count: 4}) {
			t.Errorf("facets: %v, %v", facets, err)
		}
		z, err := s.Zones(ctx)
		if err != nil || len(z) != 1 || z[0].Name != "Cranes" {
			t.Errorf("zones: %v, %v", z, err)
		}
	})
}

func TestPaging(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		newQuay(23).publish(t, db, "skerry")
		s := db.In(store.WholeOrganisation("skerry"))
		for _, sort := range []string{"name", "kind", "zone", "last_seen", "worst"} {
			for _, desc := range []bool{false, true} {
				all := names(t, s, store.AssetQuery{Order: store.Order{Sort: sort, Desc: desc}})
				var forward, backward []string
				o := store.Order{Sort: sort, Desc: desc, Limit: 5}
				var last store.Page[store.AssetRow]
				for {
					p, err := s.Assets(ctx, store.AssetQuery{Order: o})
					if err != nil {
						t.Fatal(err)
					}
					for _, a := range p.Items {
						forward = append(forward, a.Name)
					}
					last = p
					if o.Cursor = p.Next; p.Next == "" {
						break
					}
				}
				for _, a := range last.Items {
					backward = append(backward, a.Name)
				}
				for last.Previous != "" {
					o.Cursor = last.Previous
					p, err := s.Assets(ctx, store.AssetQuery{Order: o})
					if err != nil {
						t.Fatal(err)
					}
					var part []string
					for _, a := range p.Items {
						part = append(part, a.Name)
					}
					backward = append(part, backward...)
					last = p
				}
				if len(all) != 23 || !slices.Equal(all, forward) || !slices.Equal(all, backward) {
					t.Errorf("by %s, descending %v:\nall      %v\nforward  %v\nbackward %v", sort, desc, all, forward, backward)
				}
			}
		}
		if _, err := s.Assets(ctx, store.AssetQuery{Order: store.Order{Cursor: "nonsense"}}); harbour.KindOf(err) != harbour.ErrInvalid {
			t.Errorf("a broken cursor: %v", err)
		}
	})
}

func TestGenerations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		port := newQuay(6)
		port.publish(t, db, "skerry")
		s := db.In(store.WholeOrganisation("skerry"))
		first := db.Now()

		// Nothing new: nothing written.
		if c := port.publish(t, db, "skerry"); c.Rows != 0 {
			t.Errorf("the same again wrote %d rows", c.Rows)
		}
		// Counts and times alone: no new state in the history.
		port.assets[1].LastSeen += 1000
		port.publish(t, db, "skerry")
		if h, err := s.AssetHistory(ctx, "a-001", 10); err != nil || len(h) != 1 || h[0].Asset.LastSeen != port.assets[1].LastSeen {
			t.Errorf("history after a later sighting: %d states, %v", len(h), err)
		}
		// A new firmware, an asset gone, an asset new.
		port.assets[2].Firmware = "2.0"
		port.assets = append(port.assets[:4], port.assets[5:]...)
		port.assets = append(port.assets, &harbour.Asset{ID: "a-new", Name: "Modem"})
		st := port.stage(t, db, "skerry")
		if got := names(t, s, store.AssetQuery{}); slices.Contains(got, "Modem") || !slices.Contains(got, "Crane 4") {
			t.Errorf("what is staged shows already: %v", got)
		}
		if _, err := st.Publish(ctx, "second", &harbour.Summary{}, store.Entry{Actor: "system", Action: "publish"}); err != nil {
			t.Fatal(err)
		}
		if err := st.Tidy(ctx); err != nil {
			t.Fatal(err)
		}
		if got := names(t, s, store.AssetQuery{}); !slices.Contains(got, "Modem") || slices.Contains(got, "Crane 4") {
			t.Errorf("after publishing: %v", got)
		}
		h, err := s.AssetHistory(ctx, "a-002", 10)
		if err != nil || len(h) != 2 || h[0].Asset.Firmware != "2.0" || h[1].Asset.Firmware != "" || h[1].Until == 0 || h[0].Until != 0 {
			t.Errorf("history of a new firmware: %+v, %v", h, err)
		}
		old, err := s.AsOf(ctx, first)
		if err != nil {
			t.Fatal(err)
		}
		if got := names(t, old, store.AssetQuery{}); slices.Contains(got, "Modem") || !slices.Contains(got, "Crane 4") {
			t.Errorf("as of the first: %v", got)
		}
		if got := names(t, old, store.AssetQuery{Text: "crane 4"}); !slices.Equal(got, []string{"Crane 4"}) {
			t.Errorf("searching as of the first: %v", got)
		}
		before, err := s.AsOf(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := names(t, before, store.AssetQuery{}); len(got) != 0 {
			t.Errorf("before anything: %v", got)
		}

		// A stage that was left is taken back by the next.
		port.assets[0].Name = "Half"
		port.stage(t, db, "skerry")
		port.assets[0].Name = "Crane 0"
		if c := port.publish(t, db, "skerry"); c.Rows != 0 {
			t.Errorf("after a stage that was left, %d rows were written", c.Rows)
		}
		if got := names(t, s, store.AssetQuery{Text: "half"}); len(got) != 0 {
			t.Errorf("what was never published is found: %v", got)
		}
	})
}

func TestScope(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		storetest.Organisation(t, db, "other", "Other")
		newQuay(8).publish(t, db, "skerry")
		foreign := newQuay(3)
		for _, a := range foreign.assets {
			a.Name = "Foreign " + a.Name
		}
		foreign.publish(t, db, "other")

		if got := names(t, db.In(store.Scope{}), store.AssetQuery{}); len(got) != 0 {
			t.Errorf("the zero scope sees %v", got)
		}
		north := db.In(store.PartOf("skerry", store.Limit{Sites: []string{"north"}}))
		if got, want := names(t, north, store.AssetQuery{}), []string{"Crane 0", "Crane 2", "Crane 4", "Crane 6"}; !slices.Equal(got, want) {
			t.Errorf("north sees %v, want %v", got, want)
		}
		if got := names(t, db.In(store.PartOf("skerry", store.Limit{Sites: []string{}})), store.AssetQuery{}); len(got) != 0 {
			t.Errorf("no site sees %v", got)
		}
		if _, _, err := north.Asset(ctx, "a-001"); harbour.KindOf(err) != harbour.ErrNotFound {
			t.Errorf("north opens a-001 of south: %v", err)
		}
		c, err := north.Conversations(ctx, store.Traffic{})
		if err != nil || len(c.Items) != 7 {
			t.Fatalf("north sees %d conversations, %v", len(c.Items), err)
		}
		for _, v := range c.Items {
			if (v.Client != "") == (v.Server != "") {
				t.Errorf("both or no ends are shown of %+v", v)
			}
		}
		if c, err := north.Conversations(ctx, store.Traffic{Text: "crane 5"}); err != nil || len(c.Items) != 0 {
			t.Errorf("north finds %d conversations by the name of an asset of south, %v", len(c.Items), err)
		}
		supplier := db.In(store.PartOf("skerry", store.Limit{Supplier: "konecranes"}))
		f, err := supplier.Findings(ctx, store.FindingQuery{})
		if err != nil || len(f.Items) != 2 || f.Total != 2 {
			t.Errorf("the supplier sees %d findings of %d, %v", len(f.Items), f.Total, err)
		}
		c, err = supplier.Conversations(ctx, store.Traffic{})
		for _, v := range c.Items {
			if v.Client == "" && v.ClientIP != "" || v.Server == "" && v.ServerIP != "" {
				t.Errorf("the supplier sees the other end's address: %+v", v)
			}
		}
		if err != nil || len(c.Items) == 0 {
			t.Errorf("the supplier sees %d conversations, %v", len(c.Items), err)
		}
	})
}

func TestDecisions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		port := newQuay(6)
		port.publish(t, db, "skerry")
		whole := store.WholeOrganisation("skerry")
		s := db.In(whole)
		decide := func(d store.Decision) error {
			return db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Decide(ctx, whole, d)
				if err != nil {
					return err
				}
				return tx.Audit(ctx, store.Entry{Org: "skerry", Actor: "p", Action: "decide", ObjectKind: "finding", Object: d.Finding})
			})
		}
		// Decided while a stage is under way: the decision holds before and after it is published.
		port.assets[0].Firmware = "9"
		port.findings[0].Title = "Asset 0 is still not declared"
		st := port.stage(t, db, "skerry")
		soon := db.Now() + 1
		if err := decide(store.Decision{Finding: "f-000", Status: harbour.FindingAccepted, Reason: "spare part", By: "p", Until: soon}); err != nil {
			t.Fatal(err)
		}
		check := func(when string) {
			t.Helper()
			f, err := s.Finding(ctx, "f-000")
			if err != nil || f.Status != harbour.FindingAccepted {
				t.Errorf("%s: status %v, %v", when, f, err)
			}
			if _, row, _ := s.Asset(ctx, "a-000"); row.OpenFindings != 0 || row.Worst != -1 {
				t.Errorf("%s: the asset has %d open findings, worst %d", when, row.OpenFindings, row.Worst)
			}
		}
		check("before publishing")
		if _, err := st.Publish(ctx, "x", &harbour.Summary{}, store.Entry{Actor: "system", Action: "publish"}); err != nil {
			t.Fatal(err)
		}
		check("after publishing")
		if err := st.Tidy(ctx); err != nil {
			t.Fatal(err)
		}
		// Two people at one finding.
		if err := decide(store.Decision{Finding: "f-000", Status: harbour.FindingResolved, By: "q"}); harbour.KindOf(err) != harbour.ErrStale {
			t.Errorf("the second decision on the first's version: %v", err)
		}
		// The acceptance ends.
		err := db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("test")
			ids, err := tx.Lapsed(ctx, whole)
			if !slices.Equal(ids, []string{"f-000"}) {
				t.Errorf("lapsed %v", ids)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		f, err := s.Finding(ctx, "f-000")
		if err != nil || f.Status != harbour.FindingOpen {
			t.Errorf("after the acceptance ended: %v, %v", f, err)
		}
		if list, err := s.Decisions(ctx, "f-000"); err != nil || len(list) != 2 || list[0].By != "system" {
			t.Errorf("decisions: %+v, %v", list, err)
		}
	})
}

func TestStatements(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		port := newQuay(6)
		port.assets[1].Name = "Zebra"
		port.publish(t, db, "skerry")
		whole := store.WholeOrganisation("skerry")
		s := db.In(whole)
		state := func(scope store.Scope, st harbour.Statement, withdraw bool) error {
			return db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				tx.Unaudited("test")
				_, err := tx.PutStatement(ctx, scope, st, withdraw)
				return err
			})
		}
		st := harbour.Statement{Asset: "a-001", Field: "name", Value: "Gantry switch", Reason: "label on the door", By: "p-1", ByName: "Jane"}
		if err := state(whole, st, false); err != nil {
			t.Fatal(err)
		}
		a, row, err := s.Asset(ctx, "a-001")
		if err != nil || a.Name != "Gantry switch" || row.Name != "Gantry switch" {
			t.Errorf("after the statement: %q, row %q, %v", a.Name, row.Name, err)
		}
		if got := names(t, s, store.AssetQuery{Text: "gantry"}); !slices.Equal(got, []string{"Gantry switch"}) {
			t.Errorf("searching what was stated: %v", got)
		}
		if got := names(t, s, store.AssetQuery{Text: "zebra"}); len(got) != 0 {
			t.Errorf("searching what is not shown any more: %v", got)
		}
		st.Value = "Other"
		if err := state(whole, st, false); harbour.KindOf(err) != harbour.ErrStale {
			t.Errorf("a second statement on the first's version: %v", err)
		}
		if err := state(store.PartOf("skerry", store.Limit{Sites: []string{"north"}}), harbour.Statement{Asset: "a-001", Field: "name", Value: "x", Version: 1}, false); harbour.KindOf(err) != harbour.ErrNotFound {
			t.Errorf("a statement on an asset out of scope: %v", err)
		}
		// The next generation keeps it, whether the asset changed or not.
		port.assets[1].Firmware = "3.1"
		port.publish(t, db, "skerry")
		if _, row, _ := s.Asset(ctx, "a-001"); row.Name != "Gantry switch" || row.Firmware != "3.1" {
			t.Errorf("after the next generation: %+v", row)
		}
		// Taken back: what the evidence says shows again, and the version goes on.
		st.Version = 1
		if err := state(whole, st, true); err != nil {
			t.Fatal(err)
		}
		if a, row, _ := s.Asset(ctx, "a-001"); a.Name != "Zebra" || row.Name != "Zebra" {
			t.Errorf("taken back: %q, row %q", a.Name, row.Name)
		}
		st.Version, st.Value = 2, "Again"
		if err := state(whole, st, false); err != nil {
			t.Errorf("stated again: %v", err)
		}
	})
}

func TestEvidenceAndJobs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		whole := store.WholeOrganisation("skerry")
		s := db.In(whole)
		write := func(fn func(ctx context.Context, tx *store.Tx) error) error {
			return db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				tx.Unaudited("test")
				return fn(ctx, tx)
			})
		}
		e := store.EvidenceRow{Name: "quay.pcap", Site: "north", ReceivedBy: "p-1", State: store.EvidenceReceived}
		e.ID, e.Kind, e.SHA256, e.Bytes = "e-1", harbour.EvidencePacket, "aa", 12
		e.Problems = []harbour.Problem{{Message: "cut"}}
		err := write(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.PutEvidence(ctx, "skerry", e); err != nil {
				return err
			}
			if err := tx.AddCustody(ctx, "skerry", "e-1", store.Custody{Who: "Jane", Act: "received"}); err != nil {
				return err
			}
			if err := tx.AddCustody(ctx, "skerry", "e-1", store.Custody{Who: "Jane", Act: "read"}); err != nil {
				return err
			}
			return tx.AddJob(ctx, store.Job{Org: "skerry", ID: "j-1", Kind: "import", Title: "Import", MadeBy: "p-1", Input: "{}"})
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.EvidenceByID(ctx, "e-1")
		if err != nil || got.Version != 1 || len(got.Problems) != 1 || got.ReceivedAt == 0 {
			t.Fatalf("evidence = %+v, %v", got, err)
		}
		got.State = store.EvidenceRead
		for i, want := range []harbour.ErrorKind{harbour.ErrInternal, harbour.ErrStale} {
			err := write(func(ctx context.Context, tx *store.Tx) error { return tx.PutEvidence(ctx, "skerry", got) })
			if i == 0 && err != nil || i == 1 && harbour.KindOf(err) != want {
				t.Errorf("change %d: %v", i, err)
			}
		}
		got.Version, got.Marks, got.Ledger, got.Mapping, got.ReceivedAt = 2, "mm", "ll", "{}", got.ReceivedAt+1
		if err := write(func(ctx context.Context, tx *store.Tx) error { return tx.PutEvidence(ctx, "skerry", got) }); err != nil {
			t.Fatal(err)
		}
		if again, err := s.EvidenceByID(ctx, "e-1"); err != nil || again.Marks != "mm" || again.Ledger != "ll" || again.Mapping != "{}" || again.ReceivedAt != got.ReceivedAt {
			t.Errorf("changed evidence = %+v, %v", again, err)
		}
		err = write(func(ctx context.Context, tx *store.Tx) error {
			for object, want := range map[string]int{"aa": 1, "ll": 1, "mm": 1, "bb": 0} {
				if n, err := tx.EvidenceUses(ctx, object); err != nil || n != want {
					t.Errorf("object %s is used %d times (%v), want %d", object, n, err, want)
				}
			}
			for input, want := range map[string]string{"{}": "j-1", "": ""} {
				if id, err := tx.WaitingJob(ctx, "skerry", "import", input); err != nil || id != want {
					t.Errorf("waiting job with input %q: %q (%v), want %q", input, id, err, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if list, err := s.Custody(ctx, "e-1"); err != nil || len(list) != 2 || list[1].Act != "read" {
			t.Errorf("custody: %+v, %v", list, err)
		}
		supplier := db.In(store.PartOf("skerry", store.Limit{Supplier: "x"}))
		for i, x := range []store.EvidenceRow{{Name: "a.csv", Site: "south", State: store.EvidenceReceived}, {Name: "b.csv", State: store.EvidenceReceived}} {
			x.ID, x.Kind, x.SHA256 = fmt.Sprint("f-", i), harbour.EvidenceSheet, fmt.Sprint("cc", i)
			if err := write(func(ctx context.Context, tx *store.Tx) error { return tx.PutEvidence(ctx, "skerry", x) }); err != nil {
				t.Fatal(err)
			}
		}
		facets, err := s.EvidenceFacets(ctx)
		want := []store.Facet{{Name: "kind", Value: "sheet", Count: 2}, {Name: "kind", Value: "packet", Count: 1}, {Name: "state", Value: "received", Count: 2}, {Name: "state", Value: "read", Count: 1}, {Name: "site", Count: 1}, {Name: "site", Value: "north", Count: 1}, {Name: "site", Value: "south", Count: 1}}
		if diff := cmp.Diff(want, facets); err != nil || diff != "" {
			t.Errorf("facets of evidence: %v\n%s", err, diff)
		}
		north := db.In(store.PartOf("skerry", store.Limit{Sites: []string{"north"}}))
		if facets, err := north.EvidenceFacets(ctx); err != nil || len(facets) != 3 {
			t.Errorf("facets of one site: %v, %v", facets, err)
		}
		for name, q := range map[string]store.EvidenceQuery{
			"of a site": {Site: []string{"south"}}, "before": {Until: 1}, "after": {From: db.Now() + 3_600_000_000}, "since": {From: 1},
		} {
			p, err := s.Evidence(ctx, q)
			if n := map[string]int{"of a site": 1, "since": 3}[name]; err != nil || len(p.Items) != n {
				t.Errorf("evidence %s: %d, %v, want %d", name, len(p.Items), err, n)
			}
		}
		byKind, names := store.EvidenceQuery{Order: store.Order{Sort: "kind", Limit: 1}}, []string{}
		for {
			p, err := s.Evidence(ctx, byKind)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range p.Items {
				names = append(names, e.Name)
			}
			if byKind.Cursor = p.Next; p.Next == "" {
				break
			}
		}
		if len(names) != 3 || names[0] != "quay.pcap" {
			t.Errorf("evidence by kind, page by page: %v", names)
		}
		if _, err := supplier.EvidenceByID(ctx, "e-1"); harbour.KindOf(err) != harbour.ErrNotFound {
			t.Errorf("a supplier sees evidence: %v", err)
		}
		if list, err := db.EvidenceToRead(ctx, "skerry"); err != nil || len(list) != 3 {
			t.Errorf("to read: %+v, %v", list, err)
		}

		select {
		case <-db.Outbox():
		default:
			t.Error("the outbox was not signalled")
		}
		m, err := db.Pending(ctx, 10)
		if err != nil || len(m) != 1 || m[0].Subject != "jobs.import" || string(m[0].Payload) != "skerry j-1" {
			t.Fatalf("outbox: %+v, %v", m, err)
		}
		if err := db.Sent(ctx, []int64{m[0].ID}); err != nil {
			t.Fatal(err)
		}
		err = write(func(ctx context.Context, tx *store.Tx) error { return tx.Send(ctx, "x", nil) })
		if m2, e := db.Pending(ctx, 10); err != nil || e != nil || len(m2) != 1 || m2[0].ID <= m[0].ID {
			t.Errorf("the second message has number %+v after %d: %v", m2, m[0].ID, err)
		}
		var j store.Job
		err = write(func(ctx context.Context, tx *store.Tx) (err error) {
			var taken bool
			if j, taken, err = tx.StartJob(ctx, "skerry", "j-1"); !taken {
				t.Error("the job was not taken")
			}
			return err
		})
		if err != nil || j.Attempts != 1 {
			t.Fatalf("started %+v, %v", j, err)
		}
		_ = write(func(ctx context.Context, tx *store.Tx) (err error) {
			_, err = tx.CancelJob(ctx, whole, "j-1")
			return err
		})
		err = write(func(ctx context.Context, tx *store.Tx) error {
			j.Step, j.Done, j.Total = "reading", 5, 10
			cancel, err := tx.ProgressJob(ctx, &j)
			if !cancel {
				t.Error("the wish to cancel does not show")
			}
			if err != nil {
				return err
			}
			j.State = store.JobCancelled
			return tx.EndJob(ctx, &j)
		})
		if err != nil {
			t.Fatal(err)
		}
		if j, err := s.Job(ctx, "j-1"); err != nil || !j.Ended() || j.Done != 5 {
			t.Errorf("job = %+v, %v", j, err)
		}
		if list, err := db.OpenJobs(ctx); err != nil || len(list) != 0 {
			t.Errorf("open jobs: %v, %v", list, err)
		}
	})
}

func TestOverview(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		port := newQuay(10)
		port.publish(t, db, "skerry")
		s := db.In(store.WholeOrganisation("skerry"))
		first := db.Now()
		o, err := s.Overview(ctx)
		if err != nil || o.Assets != 10 || o.Undeclared != 2 || o.Conversations != 9 || len(o.Worst) != 5 || !slices.Equal(o.Open, []store.Tally{{"3", 3}, {"1", 2}}) {
			t.Errorf("overview = %+v, %v", o, err)
		}
		d, err := s.ChangesSince(ctx, 1)
		if err != nil || d.New != 10 || d.FoundNew != 5 || d.Since.Number != 0 {
			t.Errorf("changes since before the first: %d new, %d found, since %+v, %v", d.New, d.FoundNew, d.Since, err)
		}
		port.assets[3].Firmware = "2"
		port.assets = append(port.assets[:9], &harbour.Asset{ID: "a-new", Name: "Modem", Site: "south"})
		port.findings = append(port.findings[1:], &harbour.Finding{ID: "f-new", Rule: "undeclared_asset", Severity: harbour.SeverityCritical, Title: "Modem", Subjects: []string{"a-new"}})
		port.publish(t, db, "skerry")
		d, err = s.ChangesSince(ctx, first)
		if err != nil || d.New != 1 || d.NewAssets[0].Name != "Modem" || d.Gone != 1 || d.GoneAssets[0].ID != "a-009" || d.Altered != 1 || d.AlteredAssets[0].ID != "a-003" || d.FoundNew != 1 || d.NewFindings[0].ID != "f-new" || d.FoundGone != 1 {
			t.Errorf("changes = %+v, %v", d, err)
		}
		north := db.In(store.PartOf("skerry", store.Limit{Sites: []string{"north"}}))
		if d, err := north.ChangesSince(ctx, first); err != nil || d.New != 0 || d.FoundNew != 0 || d.FoundGone != 1 {
			t.Errorf("changes in the north = %+v, %v", d, err)
		}
	})
}
