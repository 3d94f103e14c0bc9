// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"context"
	"fmt"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// The organisations of a filled database.
const (
	Main   = "port"
	Tenant = "tenant"
)

// MainPort is the port of the organisation Main as it is last.
func MainPort(size Size, seed uint64) *Port {
	return &Port{Org: Main, Size: size, seed: seed, state: 2}
}

// Filler fills a database.
type Filler struct {
	URL  string // as for the store
	Size Size
	Seed uint64
	// Now is the instant at which the database is full: the second state was published two days before, the first thirty.
	Now time.Time
	// Tell is told what is done.
	Tell func(what string)
}

// Fill writes two organisations into an empty database: the port with two published states, decisions and statements of
// people, evidence, jobs and entries of the audit log, and a small tenant.
func (f *Filler) Fill(ctx context.Context) error {
	now := f.Now.AddDate(0, 0, -60)
	db, err := store.Open(ctx, store.Options{URL: f.URL, Clock: func() time.Time { return now }})
	if err != nil {
		return err
	}
	defer db.Close()
	for _, p := range []Port{{Org: Main, Size: f.Size, seed: f.Seed}, {Org: Tenant, Size: tenant, seed: f.Seed + 1}} {
		if err := f.organisation(ctx, db, &p); err != nil {
			return fmt.Errorf("organisation %s: %w", p.Org, err)
		}
		now, p.state = f.Now.AddDate(0, 0, -30), 1
		if err := f.publish(ctx, db, &p); err != nil {
			return err
		}
		now = f.Now.AddDate(0, 0, -20)
		if err := f.people(ctx, db, &p); err != nil {
			return fmt.Errorf("what people decided: %w", err)
		}
		now, p.state = f.Now.AddDate(0, 0, -2), 2
		if err := f.publish(ctx, db, &p); err != nil {
			return err
		}
	}
	return nil
}

// write adds n rows in short transactions.
func write(ctx context.Context, db *store.DB, n int, fn func(ctx context.Context, tx *store.Tx, i int) error) error {
	for i := 0; i < n; {
		err := db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("the port of a measurement")
			for end := min(n, i+100); i < end; i++ {
				if err := fn(ctx, tx, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *Filler) organisation(ctx context.Context, db *store.DB, p *Port) error {
	f.Tell(p.Org + ": organisation, evidence, jobs")
	err := write(ctx, db, 1, func(ctx context.Context, tx *store.Tx, _ int) error {
		if err := tx.AddOrganisation(ctx, store.Organisation{ID: p.Org, Name: "The " + p.Org}); err != nil {
			return err
		}
		for _, id := range Sites {
			if err := tx.PutSite(ctx, store.Site{Org: p.Org, ID: id, Name: id + " terminal", TimeZone: "Europe/Oslo", Jurisdiction: "EU"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = write(ctx, db, p.Size.Evidence, func(ctx context.Context, tx *store.Tx, i int) error {
		r, id := p.rng('e', i), p.evidenceID(i)
		v := store.EvidenceRow{
			Evidence: harbour.Evidence{ID: id, Path: fmt.Sprintf("capture-%05d.pcapng", i), Kind: harbour.EvidencePacket, SHA256: fmt.Sprintf("%064x", mix(uint64(i))), Bytes: r.Int64N(1 << 30), Records: r.Int64N(1e6), From: harbour.At(began), To: harbour.At(began.Add(lasts))},
			Site:     Sites[r.IntN(len(Sites))], Name: fmt.Sprintf("capture-%05d.pcapng", i), ReceivedBy: "system", State: store.EvidenceRead,
		}
		if err := tx.PutEvidence(ctx, p.Org, v); err != nil {
			return err
		}
		if err := tx.AddCustody(ctx, p.Org, id, store.Custody{Who: "system", Act: "received"}); err != nil {
			return err
		}
		return tx.Audit(ctx, app.System("measurement").Entry(p.Org, app.ImportEvidence, "evidence", id, v.Name))
	})
	if err != nil {
		return err
	}
	return write(ctx, db, p.Size.Jobs, func(ctx context.Context, tx *store.Tx, i int) error {
		j := store.Job{Org: p.Org, ID: fmt.Sprintf("j-%06d", i), Kind: "read", Title: "Read " + fmt.Sprintf("capture-%05d.pcapng", i), MadeBy: "system", Input: fmt.Sprint(i)}
		if err := tx.AddJob(ctx, j); err != nil {
			return err
		}
		// Ended before its message is sent: the server finds nothing to do.
		j.State, j.Result = store.JobDone, "read"
		return tx.EndJob(ctx, &j)
	})
}

// publish stages a state of the port as an import does, and publishes it.
func (f *Filler) publish(ctx context.Context, db *store.DB, p *Port) error {
	start := time.Now()
	st, err := db.Stage(ctx, p.Org)
	if err != nil {
		return err
	}
	places := make(map[string]place, p.Size.Assets)
	suppliers := make(map[string]string, p.Size.Assets)
	for a := range p.Assets() {
		suppliers[a.ID] = a.Supplier
	}
	for n := range p.Size.Assets {
		places[p.AssetID(n)] = p.where(n)
	}
	site := func(id string) string { return Sites[places[id].zone/len(areas)] }
	zone := func(id string) (string, string) { return site(id), ZoneID(places[id].zone) }
	for _, step := range []func() error{
		func() error {
			return st.Findings(ctx, p.Findings(), func(id string) (string, string) { return site(id), suppliers[id] })
		},
		func() error { return st.Assets(ctx, p.Assets()) },
		func() error { return st.Conversations(ctx, p.Conversations(), zone) },
		func() error { return st.Operations(ctx, p.Operations(), zone) },
		func() error { return st.Zones(ctx, first(p.Zones()), second(p.Zones())) },
	} {
		if err := step(); err != nil {
			return err
		}
		f.Tell(fmt.Sprintf("%s: state %d, %s", p.Org, p.state, time.Since(start).Round(time.Second)))
	}
	sum := &harbour.Summary{Port: p.Org, GeneratedAt: db.Now(), From: harbour.At(began), To: harbour.At(began.Add(lasts)), Counts: map[string]int{"assets": p.Size.Assets}}
	if _, err := st.Publish(ctx, "measurement", sum, app.System("measurement").Entry(p.Org, app.ImportEvidence, "inventory", fmt.Sprint(p.state), "")); err != nil {
		return err
	}
	return st.Tidy(ctx)
}

func first[A, B any](a A, _ B) A  { return a }
func second[A, B any](_ A, b B) B { return b }

// people decides about findings and states things of assets.
func (f *Filler) people(ctx context.Context, db *store.DB, p *Port) error {
	f.Tell(p.Org + ": decisions and statements")
	scope := store.WholeOrganisation(p.Org)
	status := []harbour.FindingStatus{harbour.FindingAccepted, harbour.FindingResolved, harbour.FindingFalsePositive, harbour.FindingOpen}
	err := write(ctx, db, p.Size.Findings/100, func(ctx context.Context, tx *store.Tx, i int) error {
		n := i * 100 // never one of those that come or go
		d := store.Decision{Finding: p.FindingID(n), Status: status[i%len(status)], Reason: "looked into", By: personID(i % len(users))}
		if d.Status == harbour.FindingOpen {
			d.Assignee = personID(i % len(users))
		}
		_, err := tx.Decide(ctx, scope, d)
		return err
	})
	if err != nil {
		return err
	}
	return write(ctx, db, p.Size.Assets/100, func(ctx context.Context, tx *store.Tx, i int) error {
		_, err := tx.PutStatement(ctx, scope, harbour.Statement{Asset: p.AssetID(i * 100), Field: harbour.AttrCriticality, Value: "high", Reason: "the quay stops without it", By: personID(0), ByName: "Measurement"}, false)
		return err
	})
}
