// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/imports"
	"breakwater/harbour"
	"breakwater/store"
)

// listSites names the site North Quay (id north) by its name, by its id in another case, not at all, and wrongly twice.
const listSites = "name,ip,Terminal\nplc-1,10.0.0.1,north  quay\nplc-2,10.0.0.2,NORTH\nplc-3,10.0.0.3,\nplc-4,10.0.0.4,Nrth Quay\nplc-5,10.0.0.5,Rotterdam\n"

// TestSitesOfSheets has a list name the sites of the organisation as people write them.
func TestSitesOfSheets(t *testing.T) {
	each(t, func(t *testing.T, p *port) {
		ctx := context.Background()
		site := func(id, name string) {
			must(t, "put site", p.queue.write(func(ctx context.Context, tx *store.Tx) error {
				return tx.PutSite(ctx, store.Site{Org: "skerry", ID: id, Name: name, TimeZone: "UTC", Jurisdiction: "EU"})
			}))
		}
		seen := func(who *app.Actor) (names []string) {
			scope, err := who.Scope(app.ReadAssets, "skerry")
			must(t, "scope", err)
			list, err := p.db.In(scope).Assets(ctx, store.AssetQuery{Order: store.Order{Limit: 100, Sort: "name"}})
			must(t, "assets", err)
			for _, a := range list.Items {
				names = append(names, a.Name)
			}
			return names
		}
		site("north", "North Quay")
		by := actor(access.OTEngineer, "skerry", nil)
		north, south := actor(access.OTEngineer, "skerry", &store.Limit{Sites: []string{"north"}}), actor(access.OTEngineer, "skerry", &store.Limit{Sites: []string{"south"}})

		g, err := p.u.GiveSheet(ctx, by, "skerry", "", "list.csv", strings.NewReader(listSites))
		must(t, "give", err)
		trial, err := p.u.TrySheet(ctx, by, "skerry", g.ID, nil)
		must(t, "try", err)
		if trial.Counts[imports.RowNew] != 3 || trial.Counts[imports.RowWrong] != 2 {
			t.Errorf("the trial counts %v", trial.Counts)
		}
		for _, r := range trial.Rows {
			switch said := strings.Join(r.Faults, " "); {
			case r.Number < 5 && said != "":
				t.Errorf("row %d is said to be wrong: %s", r.Number, said)
			case r.Number == 5 && (!strings.Contains(said, `column "Terminal": there is no site "Nrth Quay"`) || !strings.Contains(said, "did you mean north (North Quay)?")):
				t.Errorf("row 5 says %q", said)
			case r.Number == 6 && (!strings.Contains(said, "Rotterdam") || !strings.Contains(said, "north (North Quay), south")):
				t.Errorf("row 6 says %q", said)
			}
		}
		// Whoever is limited to a site is not told the others.
		mine, err := p.u.GiveSheet(ctx, south, "skerry", "south", "mine.csv", strings.NewReader("name,ip,site\nplc-9,10.0.0.9,Rotterdam\n"))
		must(t, "give", err)
		trial, err = p.u.TrySheet(ctx, south, "skerry", mine.ID, nil)
		must(t, "try", err)
		if said := strings.Join(trial.Rows[0].Faults, " "); !strings.Contains(said, "Rotterdam") || strings.Contains(said, "north") {
			t.Errorf("one limited to south is told %q", said)
		}

		_, err = p.u.MapSheet(ctx, by, "skerry", g.ID, nil, imports.UpdateFromSheet)
		must(t, "map", err)
		p.give(by, "skerry", "again.csv", "name,ip\nplc-7,10.0.0.7\n")
		given, err := p.u.Give(ctx, by, "skerry", "south", "south.csv", strings.NewReader("name,ip\nplc-8,10.0.0.8\n"))
		must(t, "give", err)
		p.run()
		if got := seen(north); !slices.Equal(got, []string{"plc-1", "plc-2"}) {
			t.Errorf("one limited to north sees %v", got)
		}
		if got := seen(south); !slices.Equal(got, []string{"plc-8"}) { // given for the site
			t.Errorf("one limited to south sees %v", got)
		}
		row := p.evidence("skerry", g.ID)
		if len(row.Problems) != 2 || row.Problems[0].Locator != "row 5" || !strings.Contains(row.Problems[0].Message, `column "Terminal"`) || row.Problems[1].Locator != "row 6" {
			t.Errorf("problems of the list %+v", row.Problems)
		}
		if v := p.evidence("skerry", given.ID); len(v.Problems) != 0 {
			t.Errorf("a list without sites has problems %+v", v.Problems)
		}
		sum, _, err := p.db.In(store.WholeOrganisation("skerry")).Summary(ctx)
		must(t, "summary", err)
		if len(sum.Problems) != 2 {
			t.Errorf("the summary has %+v", sum.Problems)
		}

		// The site is added: the next build finds it, and the list is no longer wrong there.
		site("rtm", "Rotterdam")
		must(t, "ask for a build", p.queue.write(func(ctx context.Context, tx *store.Tx) error { return p.u.Rebuild(ctx, tx, "skerry", "p-1", "a test") }))
		p.run()
		if row := p.evidence("skerry", g.ID); len(row.Problems) != 1 || row.Problems[0].Locator != "row 5" {
			t.Errorf("problems after the site was added %+v", row.Problems)
		}
		if got := seen(actor(access.OTEngineer, "skerry", &store.Limit{Sites: []string{"rtm"}})); !slices.Equal(got, []string{"plc-5"}) {
			t.Errorf("one limited to the new site sees %v", got)
		}
	})
}

// TestSitesOfPortFile names the sites of a port file that the organisation does not have.
func TestSitesOfPortFile(t *testing.T) {
	each(t, func(t *testing.T, p *port) {
		by := actor(access.OTEngineer, "skerry", nil)
		g := p.give(by, "skerry", "port.yaml", "name: Skerry\nsites:\n  - {id: n, name: North}\n  - {id: tank, name: Tank farm}\n")
		p.run()
		row := p.evidence("skerry", g.ID)
		if row.State != store.EvidenceRead || len(row.Problems) != 1 || row.Problems[0].Fatal || row.Problems[0].Locator != "line 4" || !strings.Contains(row.Problems[0].Message, "no site tank (Tank farm);") {
			t.Errorf("%s, problems %+v", row.State, row.Problems)
		}
		if row.Kind != harbour.EvidencePortFile {
			t.Errorf("kind %s", row.Kind)
		}
	})
}
