// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"breakwater/app/access"
	"breakwater/app/imports"
	"breakwater/harbour"
	"breakwater/store"
)

const (
	listA = "name,ip,mac\nplc-1,10.0.0.1,00:1b:1b:00:00:01\nplc-2,10.0.0.2,00:1b:1b:00:00:02\n"
	listB = "name,ip,mac\nhmi-1,10.0.0.9,00:1b:1b:00:00:09\n"
	portA = "name: Skerry\nzones:\n  - {id: quay, name: Quay, prefixes: [10.0.0.0/24], level: \"1\"}\n"
	portB = "name: Skerry Harbour\nzones:\n  - {id: yard, name: Yard, prefixes: [10.0.0.0/24], level: \"2\"}\n"
)

func TestWholeWay(t *testing.T) {
	each(t, func(t *testing.T, p *port) {
		ctx := context.Background()
		by := actor(access.OTEngineer, "skerry", nil)
		g := p.give(by, "skerry", `C:\lists\crane list.csv`, listA)
		if g.Known || g.State != store.EvidenceReceived || g.Job == "" || g.Name != "crane list.csv" || g.Bytes != int64(len(listA)) {
			t.Errorf("given %+v", g)
		}
		letter := p.give(by, "skerry", "letter.pcap", "Dear colleagues")
		empty := p.give(by, "skerry", "empty.csv", "")
		broken := p.give(by, "skerry", "port.yaml", "name: Skerry\nzones:\n  - {id: a, nme: A}\n")
		var told []string
		p.queue.tell = func(step string, _, _ int64) {
			if !slices.Contains(told, step) {
				told = append(told, step)
			}
		}
		p.run()
		if got, want := p.assets("skerry"), []string{"plc-1", "plc-2"}; !slices.Equal(got, want) {
			t.Errorf("assets %v, want %v", got, want)
		}
		for _, step := range []string{"reading", "building the inventory", "storing assets", "publishing"} {
			if !slices.Contains(told, step) {
				t.Errorf("nobody was told of the step %s: %v", step, told)
			}
		}
		row := p.evidence("skerry", g.ID)
		if row.State != store.EvidenceRead || row.Kind != harbour.EvidenceSheet || row.Records != 2 || row.Ledger == "" {
			t.Errorf("evidence %+v", row)
		}
		for id, want := range map[string]string{letter.ID: "not recognised; tried: network capture", empty.ID: "empty", broken.ID: "nme"} {
			row := p.evidence("skerry", id)
			if row.State != store.EvidenceUnreadable || len(row.Problems) == 0 || !strings.Contains(row.Problems[0].Message+row.Problems[0].Hint, want) {
				t.Errorf("%s: state %s, problems %+v, want unreadable because %q", row.Name, row.State, row.Problems, want)
			}
		}
		custody, err := p.db.In(store.WholeOrganisation("skerry")).Custody(ctx, g.ID)
		if err != nil || len(custody) != 2 || custody[0].Act != "received" || custody[0].Who != by.Name || custody[1].Act != "read" {
			t.Errorf("custody %+v, %v", custody, err)
		}
		sum, gen, err := p.db.In(store.WholeOrganisation("skerry")).Summary(ctx)
		if err != nil || sum == nil || sum.Counts["assets"] != 2 || gen.Number != 1 || gen.Cause == "" {
			t.Errorf("summary %+v of generation %+v, %v", sum, gen, err)
		}
		builds := 0
		for _, j := range p.jobs("skerry") {
			if j == imports.JobBuild+" done" {
				builds++
			}
		}
		if builds != 1 {
			t.Errorf("%d builds, want one for all that was given: %v", builds, p.jobs("skerry"))
		}
		log, err := p.db.In(store.WholeOrganisation("skerry")).Audit(ctx, store.AuditFilter{})
		if err != nil || len(log) != 4+4+1 { // given, read, published
			t.Errorf("%d entries in the audit log, want 9 (%v)", len(log), err)
		}
	})
}

// TestGivenTwice wants content that was given before to be one evidence, for each organisation apart.
func TestGivenTwice(t *testing.T) {
	each(t, func(t *testing.T, p *port) {
		p.organisation("gull")
		by, other := actor(access.OTEngineer, "skerry", nil), actor(access.OTEngineer, "gull", nil)
		first := p.give(by, "skerry", "a.csv", listA)
		p.run()
		second := p.give(by, "skerry", "copy of a.csv", listA)
		if !second.Known || second.ID != first.ID || second.Name != "a.csv" || second.Job != "" || second.State != store.EvidenceRead {
			t.Errorf("given again: %+v", second)
		}
		theirs := p.give(other, "gull", "theirs.csv", listA)
		if theirs.Known || theirs.Name != "theirs.csv" || theirs.State != store.EvidenceReceived {
			t.Errorf("what another organisation has shows: %+v", theirs)
		}
		p.run()
		if row := p.evidence("gull", theirs.ID); row.State != store.EvidenceRead || row.Name != "theirs.csv" || row.Path != "theirs.csv" {
			t.Errorf("evidence of the other organisation: %+v", row)
		}
		if a, b := p.assets("skerry"), p.assets("gull"); len(a) != 2 || !slices.Equal(a, b) {
			t.Errorf("assets %v and %v", a, b)
		}
		custody, err := p.db.In(store.WholeOrganisation("gull")).Custody(context.Background(), theirs.ID)
		if err != nil || len(custody) != 2 {
			t.Errorf("custody of the other organisation: %+v, %v", custody, err)
		}
	})
}

// TestPortFiles wants the port file that was given last to stand.
func TestPortFiles(t *testing.T) {
	each(t, func(t *testing.T, p *port) {
		by := actor(access.OTEngineer, "skerry", nil)
		zone := func() string {
			t.Helper()
			p.run()
			zones, err := p.db.In(store.WholeOrganisation("skerry")).Zones(context.Background())
			if err != nil || len(zones) != 1 {
				t.Fatalf("zones %+v, %v", zones, err)
			}
			return zones[0].ID
		}
		p.give(by, "skerry", "a.csv", listA)
		p.give(by, "skerry", "port.yaml", portA)
		if z := zone(); z != "quay" {
			t.Errorf("zone %s, want that of the one port file", z)
		}
		p.give(by, "skerry", "port-2.yaml", portB)
		if z := zone(); z != "yard" {
			t.Errorf("zone %s, want that of the port file given last", z)
		}
		if g := p.give(by, "skerry", "port.yaml", portA); !g.Known {
			t.Error("the first port file is not known any more")
		}
		if z := zone(); z != "quay" {
			t.Errorf("zone %s, want that of the first port file, which was given again", z)
		}
	})
}

func TestGiveRefuses(t *testing.T) {
	each(t, func(t *testing.T, p *port) {
		ctx := context.Background()
		p.organisation("gull")
		engineer := actor(access.OTEngineer, "skerry", nil)
		north := actor(access.FacilitySecurity, "skerry", &store.Limit{Sites: []string{"north"}})
		if err := p.queue.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.Set(ctx, "skerry", imports.SettingLimit, "100000")
		}); err != nil {
			t.Fatal(err)
		}
		broken := io.MultiReader(strings.NewReader("name,ip\n"), &failing{errors.New("the line is dead")})
		for name, tt := range map[string]struct {
			try  func() (imports.Given, error)
			want harbour.ErrorKind
		}{
			"a foreign organisation": {func() (imports.Given, error) { return p.u.Give(ctx, engineer, "gull", "", "a", strings.NewReader("x")) }, harbour.ErrNotFound},
			"nobody":                 {func() (imports.Given, error) { return p.u.Give(ctx, nil, "skerry", "", "a", strings.NewReader("x")) }, harbour.ErrUnauthenticated},
			"an auditor": {func() (imports.Given, error) {
				return p.u.Give(ctx, actor(access.Auditor, "skerry", nil), "skerry", "", "a", strings.NewReader("x"))
			}, harbour.ErrDenied},
			"a site of others": {func() (imports.Given, error) {
				return p.u.Give(ctx, north, "skerry", "south", "a", strings.NewReader("x"))
			}, harbour.ErrInvalid},
			"no site": {func() (imports.Given, error) { return p.u.Give(ctx, north, "skerry", "", "a", strings.NewReader("x")) }, harbour.ErrInvalid},
			"no such site": {func() (imports.Given, error) {
				return p.u.Give(ctx, engineer, "skerry", "moon", "a", strings.NewReader("x"))
			}, harbour.ErrInvalid},
			"too long":        {func() (imports.Given, error) { return p.u.Give(ctx, engineer, "skerry", "", "a", endless{}) }, harbour.ErrTooLarge},
			"too long, known": {func() (imports.Given, error) { return p.u.Give(ctx, engineer, "skerry", "", "a", sized{}) }, harbour.ErrTooLarge},
			"a broken upload": {func() (imports.Given, error) { return p.u.Give(ctx, engineer, "skerry", "", "a", broken) }, harbour.ErrInvalid},
			"a cancelled one": {func() (imports.Given, error) {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				return p.u.Give(ctx, engineer, "skerry", "", "a", endless{})
			}, harbour.ErrCancelled},
		} {
			g, err := tt.try()
			if err == nil || harbour.KindOf(err) != tt.want {
				t.Errorf("%s: %+v, error %v, want one of kind %v", name, g, err, tt.want)
			}
		}
		list, err := p.db.In(store.WholeOrganisation("skerry")).Evidence(ctx, store.EvidenceQuery{})
		if err != nil || len(list.Items) != 0 {
			t.Errorf("something was kept: %+v, %v", list.Items, err)
		}
		for range p.vault.List(ctx) {
			t.Error("an object was left in the vault")
		}
		if _, err := p.u.Give(ctx, north, "skerry", "north", "a.csv", strings.NewReader(listA)); err != nil {
			t.Errorf("own site: %v", err)
		}
	})
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

type sized struct{ endless }

func (sized) Size() int64 { return 1 << 40 }
