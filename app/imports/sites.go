// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"slices"
	"time"

	"breakwater/analysis/inventory"
	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/store"
)

// house lists the sites of an organisation: those that people are limited to.
func (u *Imports) house(ctx context.Context, org string) (list []harbour.Site, err error) {
	rows, err := u.core.DB.In(store.WholeOrganisation(org)).Sites(ctx)
	for _, s := range rows {
		list = append(list, harbour.Site{ID: s.ID, Name: s.Name, TimeZone: s.TimeZone, Jurisdiction: s.Jurisdiction})
	}
	return list, err
}

// sites knows the sites of an organisation and those of the port file that stands.
func (u *Imports) sites(ctx context.Context, org string) (*inventory.Sites, error) {
	house, err := u.house(ctx, org)
	if err != nil {
		return nil, err
	}
	rows, err := u.core.DB.EvidenceToRead(ctx, org)
	if err != nil {
		return nil, err
	}
	var port *harbour.Port
	if row := standing(rows); row != nil {
		if l, err := u.openLedger(row.Ledger); err == nil { // one that is damaged is made again by the next build, which looks again
			port = l.Port
		}
	}
	return inventory.NewSites(house, port), nil
}

// siteProblems says what is wrong with the sites that an evidence names, as far as it can be known when it is read. The next
// build says it again of what stands then.
func (u *Imports) siteProblems(ctx context.Context, org string, l *evidence.Ledger, row *store.EvidenceRow) ([]harbour.Problem, error) {
	switch l.Evidence.Kind {
	case harbour.EvidencePortFile:
		house, err := u.house(ctx, org)
		if err != nil {
			return nil, err
		}
		return inventory.SiteProblems(l, inventory.NewSites(house, l.Port), row.Site == "")
	case harbour.EvidenceSheet:
		s, err := u.sites(ctx, org)
		if err != nil {
			return nil, err
		}
		return inventory.SiteProblems(l, s, row.Site == "")
	}
	return nil, nil
}

// tellProblems writes to the records of the evidence what the build found wrong that reading could not know: a site that came
// or went changes what is wrong with a list. Where it cannot be written the summary of the build has it all the same.
func (u *Imports) tellProblems(ctx context.Context, org string, a *harbour.Assessment) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	rows, err := u.core.DB.EvidenceToRead(ctx, org)
	if err == nil {
		for i := range rows {
			e := a.EvidenceByID(rows[i].ID)
			if e == nil || slices.Equal(e.Problems, rows[i].Problems) {
				continue
			}
			if err = u.tellOne(ctx, org, &rows[i], e.Problems); err != nil {
				break
			}
		}
	}
	if err != nil {
		u.core.Log.WarnContext(ctx, "what a build found wrong with evidence is not in its record; the next build tries again", "organisation", org, "error", err)
	}
}

func (u *Imports) tellOne(ctx context.Context, org string, was *store.EvidenceRow, problems []harbour.Problem) error {
	return u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("what follows from a build, which is in the audit log, about evidence that nobody changed")
		now, err := tx.EvidenceByID(ctx, store.WholeOrganisation(org), was.ID)
		if err != nil || now.State != store.EvidenceRead || now.Ledger != was.Ledger {
			return err // it was read anew or taken back meanwhile, which asks for another build
		}
		now.Problems = problems
		return tx.PutEvidence(ctx, org, now)
	})
}
