// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"breakwater/analysis/inventory"
	"breakwater/app"
	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/pipeline"
	"breakwater/store"
)

// build makes the inventory of all evidence that counts and publishes it.
func (u *Imports) build(ctx context.Context, org, why string, tell Progress) (string, error) {
	free, err := take(ctx, u.building)
	if err != nil {
		return "", err
	}
	defer free()
	result, err := u.buildOnce(ctx, org, why, tell)
	if errors.Is(err, evidence.ErrLedgerDamaged) || harbour.KindOf(err) == harbour.ErrUnreadable {
		// Somewhere within a ledger's file: those that are not whole are made again from their evidence.
		if err = u.mend(ctx, org, tell); err == nil {
			result, err = u.buildOnce(ctx, org, why, tell)
		}
	}
	return result, err
}

// mend reads all ledgers through, and reads the evidence of those again that are damaged.
func (u *Imports) mend(ctx context.Context, org string, tell Progress) error {
	rows, err := u.core.DB.EvidenceToRead(ctx, org)
	if err != nil {
		return err
	}
	for i := range rows {
		row := &rows[i]
		if row.State != store.EvidenceRead {
			continue
		}
		tell("checking what was read", int64(i), int64(len(rows)))
		r, err := u.vault.Open(row.Ledger)
		if err == nil {
			_, err = io.Copy(io.Discard, r)
			r.Close()
		}
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return stopped(ctx)
		}
		if _, err := u.reread(ctx, org, row, err, tell); err != nil {
			return err
		}
	}
	return nil
}

func (u *Imports) buildOnce(ctx context.Context, org, why string, tell Progress) (string, error) {
	tell("opening the evidence", 0, 0)
	in, err := u.input(ctx, org, tell)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(u.temp, "build-")
	if err != nil {
		return "", &harbour.Error{Kind: harbour.ErrInternal, Op: "build inventory", Message: "no folder for temporary files", Hint: "check " + u.temp, Err: err}
	}
	defer os.RemoveAll(dir)
	in.TempDir = dir
	st, err := u.core.DB.Stage(ctx, org)
	if err != nil {
		return "", err
	}
	tell("building the inventory", 0, 0)
	changed, err := u.stage(ctx, org, st, in, why, tell)
	if err != nil {
		// Nobody sees what was staged; taken back at once, it does not take room until the next build.
		back, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if e := st.Abort(back); e != nil {
			u.core.Log.WarnContext(ctx, "what was staged for a build that ended early could not be taken back; the next build does it", "organisation", org, "error", e)
		}
		return "", err
	}
	tell("tidying", 0, 0)
	if err := st.Tidy(ctx); err != nil && ctx.Err() == nil {
		u.core.Log.WarnContext(ctx, "superseded rows could not be removed; the next build does it", "organisation", org, "error", err)
	}
	return fmt.Sprintf("State %d of the port: %s; %s", st.Generation(),
		moved("asset", changed.Added["asset"], changed.Removed["asset"], changed.Altered["asset"]),
		moved("finding", changed.Added["finding"], changed.Removed["finding"], 0)), nil
}

// moved says in words how many things came, went and changed.
func moved(thing string, came, gone, altered int) string {
	var parts []string
	for _, x := range []struct {
		n    int
		word string
	}{{came, "new"}, {gone, "gone"}, {altered, "changed"}} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", x.n, x.word))
		}
	}
	if len(parts) == 0 {
		return "no " + thing + " changed"
	}
	return thing + "s: " + strings.Join(parts, ", ")
}

// input opens the ledgers of all evidence that counts. One that an older program wrote, or that is damaged, is made
// again from the evidence.
func (u *Imports) input(ctx context.Context, org string, tell Progress) (in pipeline.Input, err error) {
	rows, err := u.core.DB.EvidenceToRead(ctx, org)
	if err != nil {
		return in, err
	}
	port := standing(rows)
	in.Given = map[string]string{}
	for i := range rows {
		row := &rows[i]
		if row.State != store.EvidenceRead || row.Kind == harbour.EvidencePortFile && row != port {
			continue
		}
		l, err := u.openLedger(row.Ledger)
		if errors.Is(err, evidence.ErrLedgerVersion) || errors.Is(err, evidence.ErrLedgerDamaged) || harbour.KindOf(err) == harbour.ErrNotFound || harbour.KindOf(err) == harbour.ErrUnreadable {
			if l, err = u.reread(ctx, org, row, err, tell); err == nil && l == nil {
				continue
			}
		}
		if err != nil {
			return in, err
		}
		if row == port {
			in.Port = l.Port
		}
		in.Ledgers = append(in.Ledgers, l)
		if row.Site != "" {
			in.Given[row.ID] = row.Site
		}
	}
	if in.Sites, err = u.house(ctx, org); err != nil {
		return in, err
	}
	in.Vendors, in.Memory = u.opt.Vendors, u.opt.Memory
	in.Decisions, err = u.decisions(ctx, org)
	return in, err
}

// standing is the port file that was given last; nil for none.
func standing(rows []store.EvidenceRow) (port *store.EvidenceRow) {
	for i := range rows {
		r := &rows[i]
		if r.State == store.EvidenceRead && r.Kind == harbour.EvidencePortFile && (port == nil || r.ReceivedAt > port.ReceivedAt || r.ReceivedAt == port.ReceivedAt && r.ID > port.ID) {
			port = r
		}
	}
	return port
}

// reread makes the ledger of an evidence again; nil where it cannot be read any more, which its record then says.
func (u *Imports) reread(ctx context.Context, org string, row *store.EvidenceRow, why error, tell Progress) (*evidence.Ledger, error) {
	u.core.Log.InfoContext(ctx, "an evidence is read again", "organisation", org, "evidence", row.ID, "reason", why)
	done, err := u.readInto(ctx, org, row, tell)
	if err != nil {
		return nil, err
	}
	if err := u.keep(ctx, org, "system", row, done, false); err != nil || !done.readable {
		return nil, err
	}
	return u.openLedger(done.ledger)
}

// decisions are the rules of people on which records are one asset.
func (u *Imports) decisions(ctx context.Context, org string) (list []inventory.Decision, err error) {
	rules, err := u.core.DB.In(store.WholeOrganisation(org)).IdentityRules(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, r := range rules {
		if _, ok := names[r.By]; !ok {
			names[r.By] = r.By
			if p, _, err := u.core.DB.PersonBy(ctx, "", r.By); err == nil {
				names[r.By] = p.Name
			}
		}
		list = append(list, inventory.Decision{Same: r.Kind == "must_link", Keys: []string{r.A, r.B}, By: names[r.By], At: r.At, Reason: r.Reason})
	}
	return list, nil
}

// where is what lists need of an asset beside its id.
type where struct{ site, supplier, zone string }

// stage builds the inventory, writes it as the next generation and publishes it.
func (u *Imports) stage(ctx context.Context, org string, st *store.Stage, in pipeline.Input, why string, tell Progress) (changed store.Changed, err error) {
	stated, err := st.Statements(ctx)
	if err != nil {
		return changed, err
	}
	in.Stated = func(asset string) []harbour.Statement { return stated[asset] }
	inv, err := pipeline.Build(ctx, in)
	if err != nil {
		return changed, err
	}
	defer inv.Close()
	a := inv.Assessment(u.core.Version)
	places := placesOf(a, stated)
	place := func(asset string) (site, supplier string) { w := places[asset]; return w.site, w.supplier }
	zone := func(asset string) (site, zone string) { w := places[asset]; return w.site, w.zone }
	count := func(step string, total int) func() {
		n := int64(0)
		return func() {
			if n++; n&0x3ff == 1 {
				tell(step, n, int64(total))
			}
		}
	}
	steps := []func() error{
		func() error {
			told := count("storing findings", len(a.Findings))
			return st.Findings(ctx, func(yield func(*harbour.Finding) bool) {
				for i := range a.Findings {
					if told(); ctx.Err() != nil || !yield(&a.Findings[i]) {
						return
					}
				}
			}, place)
		},
		func() error { return st.Assets(ctx, walked(ctx, a.Assets, count("storing assets", len(places)))) },
		func() error {
			return st.Conversations(ctx, walked(ctx, a.Conversations, count("storing conversations", a.Summary.Counts["conversations"])), zone)
		},
		func() error {
			return st.Operations(ctx, walked(ctx, a.Operations, count("storing operations", a.Summary.Counts["operations"])), zone)
		},
		func() error { return st.Zones(ctx, a.Zones, a.Conduits) },
		inv.Err, // a list that is cut short for want of a temporary file is none
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return changed, err
		}
		if ctx.Err() != nil {
			return changed, stopped(ctx)
		}
	}
	tell("publishing", 0, 0)
	e := system().Entry("", app.ImportEvidence, "inventory", fmt.Sprint(st.Generation()), "")
	e.Reason = why
	changed, err = st.Publish(ctx, why, &a.Summary, e)
	if err == nil {
		u.tellProblems(ctx, org, a)
	}
	return changed, err
}

// walked walks a list, tells of each row, and ends with the context.
func walked[T any](ctx context.Context, list func(func(T) bool), told func()) func(func(T) bool) {
	return func(yield func(T) bool) {
		for v := range list {
			if told(); ctx.Err() != nil || !yield(v) {
				return
			}
		}
	}
}

// placesOf says of each asset where it is, as people state it or else as the evidence says.
func placesOf(a *harbour.Assessment, stated map[string][]harbour.Statement) map[string]where {
	words := map[string]string{} // few different ones, shared
	keep := func(s string) string {
		if w, ok := words[s]; ok {
			return w
		}
		words[s] = s
		return s
	}
	m := map[string]where{}
	for x := range a.Assets {
		s := x.State(stated[x.ID])
		m[x.ID] = where{keep(s.Site), keep(s.Supplier), keep(s.Zone)}
	}
	return m
}
