// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakwater/app/access"
	"breakwater/app/imports"
	"breakwater/evidence/sheet"
	"breakwater/harbour"
	"breakwater/store"

	"github.com/google/go-cmp/cmp"
)

// polish is an inventory whose headings nobody here knows. Of its rows one is known as it is, one says something else, one
// is new, one has a bad address and one names nothing.
const polish = "Nazwa;Adres IP;Numer seryjny;Producent\n" +
	"plc-1;10.0.0.1;;\nplc-2;10.0.0.2;;Siemens\nhmi-7;10.0.0.7;A-0017;\ncam-8;10.0.0.300;A-0018;\n;;;Siemens\n"

var polishColumns = &sheet.Mapping{Sheets: []sheet.SheetMapping{{Header: 1, Columns: []string{"name", "ip", "serial", "vendor"}}}}

func TestSheet(t *testing.T) {
	each(t, func(t *testing.T, p *port) {
		ctx := context.Background()
		by := actor(access.OTEngineer, "skerry", nil)
		p.give(by, "skerry", "a.csv", listA)
		p.run()
		g, err := p.u.GiveSheet(ctx, by, "skerry", "", "spis.csv", strings.NewReader(polish))
		if err != nil || g.Job != "" || g.State != store.EvidenceReceived {
			t.Fatalf("given %+v, %v", g, err)
		}
		if again := p.give(by, "skerry", "spis.csv", polish); !again.Known || again.Job != "" {
			t.Errorf("given again while somebody looks at it: %+v", again)
		}
		p.run()
		if row := p.evidence("skerry", g.ID); row.State != store.EvidenceReceived || len(p.assets("skerry")) != 2 {
			t.Errorf("it was read before anybody said how: %+v, assets %v", row, p.assets("skerry"))
		}
		v, err := p.u.PreviewSheet(ctx, by, "skerry", g.ID)
		if err != nil || len(v.Sheets) != 1 || v.Sheets[0].Inventory || v.Sheets[0].Header != 1 || v.Sheets[0].Columns[0].Name != "Nazwa" {
			t.Errorf("preview %+v, %v", v, err)
		}
		trial, err := p.u.TrySheet(ctx, by, "skerry", g.ID, polishColumns)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(map[string]int{"new": 1, "changed": 1, "same": 1, "wrong": 2}, trial.Counts); d != "" {
			t.Errorf("counts (-want +got)\n%s\n%+v", d, trial.Rows)
		}
		for _, r := range trial.Rows {
			switch r.Number {
			case 2:
				if r.What != imports.RowSame || r.Asset == "" {
					t.Errorf("row %+v", r)
				}
			case 3:
				if r.What != imports.RowChanged || !slices.Equal(r.Differences, []imports.Difference{{Field: "vendor", Was: r.Differences[0].Was, Is: "Siemens"}}) {
					t.Errorf("row %+v", r)
				}
			case 5:
				if r.What != imports.RowWrong || len(r.Faults) != 1 || !strings.Contains(r.Faults[0], "10.0.0.300") {
					t.Errorf("row %+v", r)
				}
			}
		}
		if len(p.jobs("skerry")) != 2 { // one read, one build, of a.csv
			t.Errorf("a trial asks for work: %v", p.jobs("skerry"))
		}
		_, err = p.u.MapSheet(ctx, by, "skerry", g.ID, polishColumns, imports.StopAtExisting)
		wantKind(t, "stop at known devices", err, harbour.ErrConflict)
		_, err = p.u.MapSheet(ctx, by, "skerry", g.ID, polishColumns, "merge")
		wantKind(t, "another choice", err, harbour.ErrInvalid)
		_, err = p.u.MapSheet(ctx, by, "skerry", g.ID, &sheet.Mapping{}, imports.UpdateFromSheet)
		wantKind(t, "an empty mapping", err, harbour.ErrInvalid)

		job, err := p.u.MapSheet(ctx, by, "skerry", g.ID, polishColumns, imports.SkipExisting)
		if err != nil || job == "" {
			t.Fatal(job, err)
		}
		p.run()
		if got := p.assets("skerry"); !slices.Equal(got, []string{"hmi-7", "plc-1", "plc-2"}) {
			t.Errorf("assets with known devices left out: %v", got)
		}
		job, err = p.u.MapSheet(ctx, by, "skerry", g.ID, polishColumns, imports.UpdateFromSheet)
		if err != nil || job == "" {
			t.Fatal(job, err)
		}
		p.run()
		if got := p.assets("skerry"); !slices.Equal(got, []string{"cam-8", "hmi-7", "plc-1", "plc-2"}) {
			t.Errorf("assets with known devices updated: %v", got)
		}
		list, err := p.db.In(store.WholeOrganisation("skerry")).Assets(ctx, store.AssetQuery{Text: "plc-2"})
		if err != nil || len(list.Items) != 1 || list.Items[0].Vendor != "Siemens" {
			t.Errorf("the device that was updated: %+v, %v", list.Items, err)
		}
		// A ledger that is lost is made again as mapped.
		must(t, "delete ledger", p.vault.Delete(p.evidence("skerry", g.ID).Ledger))
		must(t, "ask for a build", p.queue.write(func(ctx context.Context, tx *store.Tx) error { return p.u.Rebuild(ctx, tx, "skerry", "p-1", "a test") }))
		p.run()
		if got := p.assets("skerry"); len(got) != 4 {
			t.Errorf("assets after the ledger was lost: %v", got)
		}
		must(t, "take back", p.u.Undo(ctx, by, "skerry", g.ID))
		p.run()
		if got := p.assets("skerry"); !slices.Equal(got, []string{"plc-1", "plc-2"}) {
			t.Errorf("assets after the import was taken back: %v", got)
		}
		_, err = p.u.PreviewSheet(ctx, by, "skerry", g.ID)
		wantKind(t, "a preview of what was withdrawn", err, harbour.ErrConflict)
	})
}

// TestSheetAsHeadings leaves known devices out of a file whose headings are known.
func TestSheetAsHeadings(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, filepath.Join(dir, "test.db"), imports.Options{})
	p.organisation("skerry")
	ctx, by := context.Background(), actor(access.OTEngineer, "skerry", nil)
	p.give(by, "skerry", "a.csv", listA)
	p.run()
	g, err := p.u.GiveSheet(ctx, by, "skerry", "", "b.csv", strings.NewReader("name,ip,mac,note,note,colour\nplc-1,10.0.0.1,,old,,red\nhmi-1,10.0.0.9,,new,really,blue\n"))
	must(t, "give", err)
	if _, err := p.u.MapSheet(ctx, by, "skerry", g.ID, nil, imports.SkipExisting); err != nil {
		t.Fatal(err)
	}
	p.run()
	if row := p.evidence("skerry", g.ID); row.Records != 1 || len(p.assets("skerry")) != 3 {
		t.Errorf("%d records, assets %v", row.Records, p.assets("skerry"))
	}
	for name, content := range map[string]string{"a letter": "Dear colleagues", "a port file": portA} {
		g, err := p.u.GiveSheet(ctx, by, "skerry", "", name, strings.NewReader(content))
		must(t, "give", err)
		_, err = p.u.PreviewSheet(ctx, by, "skerry", g.ID)
		wantKind(t, name, err, harbour.ErrUnreadable)
	}
	_, err = p.u.PreviewSheet(ctx, actor(access.Auditor, "skerry", nil), "skerry", g.ID)
	wantKind(t, "a preview for an auditor", err, harbour.ErrDenied)
	_, err = p.u.TrySheet(ctx, actor(access.OTEngineer, "gull", nil), "skerry", g.ID, nil)
	wantKind(t, "a trial for another organisation", err, harbour.ErrNotFound)
}
