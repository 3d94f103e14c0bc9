// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"breakwater/app/access"
	"breakwater/app/imports"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
	"breakwater/store/vault"
)

func wantKind(t *testing.T, what string, err error, want harbour.ErrorKind) {
	t.Helper()
	if err == nil || harbour.KindOf(err) != want {
		t.Errorf("%s: error %v, want one of kind %v", what, err, want)
	}
}

func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func TestWithdrawHoldDelete(t *testing.T) {
	each(t, func(t *testing.T, p *port) {
		ctx := context.Background()
		p.organisation("gull")
		chief, engineer := actor(access.ChiefSecurity, "skerry", nil), actor(access.OTEngineer, "skerry", nil)
		a, b := p.give(chief, "skerry", "a.csv", listA), p.give(chief, "skerry", "b.csv", listB)
		theirs := p.give(actor(access.OTEngineer, "gull", nil), "gull", "a.csv", listA)
		p.run()
		wantKind(t, "withdrawn by an engineer", p.u.Withdraw(ctx, engineer, "skerry", a.ID, "old"), harbour.ErrDenied)
		wantKind(t, "without a reason", p.u.Withdraw(ctx, chief, "skerry", a.ID, " "), harbour.ErrInvalid)
		wantKind(t, "of a foreign organisation", p.u.Withdraw(ctx, chief, "gull", theirs.ID, "old"), harbour.ErrNotFound)
		wantKind(t, "what is not there", p.u.Withdraw(ctx, chief, "skerry", "e-0", "old"), harbour.ErrNotFound)
		wantKind(t, "deleted at once", p.u.Delete(ctx, chief, "skerry", a.ID, "old"), harbour.ErrConflict)
		wantKind(t, "taken back by who did not give it", p.u.Undo(ctx, engineer, "skerry", a.ID), harbour.ErrDenied)

		must(t, "hold", p.u.Hold(ctx, chief, "skerry", a.ID, "case 12"))
		wantKind(t, "withdrawn under a hold", p.u.Withdraw(ctx, chief, "skerry", a.ID, "old"), harbour.ErrConflict)
		must(t, "release", p.u.Release(ctx, chief, "skerry", a.ID, "case closed"))
		wantKind(t, "released twice", p.u.Release(ctx, chief, "skerry", a.ID, "case closed"), harbour.ErrConflict)

		must(t, "withdraw", p.u.Withdraw(ctx, chief, "skerry", a.ID, "wrong port"))
		p.run()
		if got := p.assets("skerry"); !slices.Equal(got, []string{"hmi-1"}) {
			t.Errorf("assets without the withdrawn evidence: %v", got)
		}
		must(t, "restore", p.u.Restore(ctx, chief, "skerry", a.ID, "right after all"))
		p.run()
		if got := p.assets("skerry"); len(got) != 3 {
			t.Errorf("assets with the restored evidence: %v", got)
		}
		must(t, "withdraw", p.u.Withdraw(ctx, chief, "skerry", a.ID, "wrong port"))
		must(t, "hold", p.u.Hold(ctx, chief, "skerry", a.ID, "case 13"))
		wantKind(t, "deleted under a hold", p.u.Delete(ctx, chief, "skerry", a.ID, "old"), harbour.ErrConflict)
		must(t, "release", p.u.Release(ctx, chief, "skerry", a.ID, "case closed"))
		must(t, "delete", p.u.Delete(ctx, chief, "skerry", a.ID, "old"))
		must(t, "take back", p.u.Undo(ctx, chief, "skerry", b.ID))
		must(t, "delete", p.u.Delete(ctx, chief, "skerry", b.ID, "old"))
		p.run()
		if got := p.assets("skerry"); len(got) != 0 {
			t.Errorf("assets of deleted evidence: %v", got)
		}
		if got := p.assets("gull"); len(got) != 2 {
			t.Errorf("assets of the other organisation: %v", got)
		}
		if _, err := p.vault.Stat(a.SHA256); err != nil {
			t.Errorf("bytes that the other organisation has too: %v", err)
		}
		_, err := p.vault.Stat(b.SHA256)
		wantKind(t, "bytes that nobody has any more", err, harbour.ErrNotFound)
		if row := p.evidence("skerry", a.ID); row.State != store.EvidenceDeleted || row.Ledger != "" || row.Records != 2 {
			t.Errorf("the record of deleted evidence: %+v", row)
		}
		if n := len(objects(p.vault)); n != 2 { // evidence and ledger of gull
			t.Errorf("%d objects in the vault, want 2", n)
		}
		custody, err := p.db.In(store.WholeOrganisation("skerry")).Custody(ctx, a.ID)
		var acts []string
		for _, c := range custody {
			acts = append(acts, c.Act)
		}
		want := "received read hold released withdrawn restored withdrawn hold released deleted"
		if got := strings.Join(acts, " "); err != nil || got != want {
			t.Errorf("chain of custody %s, want %s (%v)", got, want, err)
		}
		again := p.give(chief, "skerry", "a again.csv", listA)
		if again.Known || again.State != store.EvidenceReceived {
			t.Errorf("deleted content given again: %+v", again)
		}
		p.run()
		if row := p.evidence("skerry", a.ID); row.State != store.EvidenceRead || row.Name != "a again.csv" || len(p.assets("skerry")) != 2 {
			t.Errorf("evidence %+v, assets %v", row, p.assets("skerry"))
		}
	})
}

func objects(v *vault.Vault) (list []vault.Object) {
	for o := range v.List(context.Background()) {
		list = append(list, o)
	}
	return list
}

// TestRetention moves the clock over rules of retention.
func TestRetention(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	run := func(t *testing.T, url string) {
		ctx, dir := context.Background(), t.TempDir()
		clock := func() time.Time { return now }
		db, err := store.Open(ctx, store.Options{URL: url, Clock: clock, Signer: storetest.Key, Origin: "breakwater/test"})
		must(t, "open", err)
		defer db.Close()
		v, err := vault.Open(filepath.Join(dir, "vault"), vault.KeySource{}, vault.Options{Reserve: -1})
		must(t, "open", err)
		defer v.Close()
		p := on(t, dir, db, v, imports.Options{})
		p.core.Clock = clock
		p.organisation("skerry")
		chief, admin := actor(access.ChiefSecurity, "skerry", nil), actor(access.Administrator, "skerry", nil)
		old := p.give(chief, "skerry", "port.yaml", portA)
		p.give(chief, "skerry", "a.csv", listA)
		kept := p.give(chief, "skerry", "held.csv", listB)
		p.run()
		must(t, "hold", p.u.Hold(ctx, chief, "skerry", kept.ID, "case 12"))
		now = now.AddDate(0, 0, 20)
		stands := p.give(chief, "skerry", "port-2.yaml", portB)
		p.run()
		now = now.AddDate(0, 0, 20)

		rules := imports.Rules{"sheet": 30, "portfile": 10, imports.Withdrawn: 7}
		wantKind(t, "set by a chief", p.u.SetRules(ctx, chief, "skerry", rules), harbour.ErrDenied)
		wantKind(t, "no such kind", p.u.SetRules(ctx, admin, "skerry", imports.Rules{"letters": 1}), harbour.ErrInvalid)
		wantKind(t, "too few days", p.u.SetRules(ctx, admin, "skerry", imports.Rules{"sheet": -1}), harbour.ErrInvalid)
		due, err := p.u.Preview(ctx, chief, "skerry", rules)
		must(t, "preview", err)
		var names []string
		for _, d := range due {
			names = append(names, d.Name)
			if d.Delete || d.Why == "" {
				t.Errorf("due: %+v", d)
			}
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{"a.csv", "port.yaml"}) {
			t.Errorf("due: %v, want what is old, neither held nor the port file that stands", names)
		}
		wantKind(t, "kept until yesterday", p.u.Keep(ctx, chief, "skerry", old.ID, harbour.At(now.AddDate(0, 0, -1)), "a test"), harbour.ErrInvalid)
		must(t, "keep", p.u.Keep(ctx, chief, "skerry", old.ID, harbour.At(now.AddDate(0, 0, 1)), "a test"))
		if due, err := p.u.Preview(ctx, chief, "skerry", rules); err != nil || len(due) != 1 || due[0].Name != "a.csv" {
			t.Errorf("due: %+v, %v, want what is not to be kept longer", due, err)
		}
		must(t, "keep no longer", p.u.Keep(ctx, chief, "skerry", old.ID, 0, "a test"))
		if n, m, err := p.u.Retain(ctx, "skerry"); n+m != 0 || err != nil {
			t.Errorf("without rules %d are withdrawn and %d deleted (%v)", n, m, err)
		}
		must(t, "set rules", p.u.SetRules(ctx, admin, "skerry", rules))
		if n, m, err := p.u.Retain(ctx, "skerry"); n != 2 || m != 0 || err != nil {
			t.Errorf("%d withdrawn, %d deleted (%v), want 2 and 0", n, m, err)
		}
		p.run()
		if got := p.assets("skerry"); !slices.Equal(got, []string{"hmi-1"}) {
			t.Errorf("assets %v", got)
		}
		if n, m, err := p.u.Retain(ctx, "skerry"); n+m != 0 || err != nil {
			t.Errorf("on the same day %d are withdrawn and %d deleted (%v)", n, m, err)
		}
		now = now.AddDate(0, 0, 8)
		if n, m, err := p.u.Retain(ctx, "skerry"); n != 0 || m != 2 || err != nil {
			t.Errorf("%d withdrawn, %d deleted (%v), want 0 and 2", n, m, err)
		}
		p.run()
		if row := p.evidence("skerry", old.ID); row.State != store.EvidenceDeleted {
			t.Errorf("state %s, want deleted", row.State)
		}
		if row := p.evidence("skerry", stands.ID); row.State != store.EvidenceRead {
			t.Errorf("state %s of the port file that stands", row.State)
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, filepath.Join(t.TempDir(), "test.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testpostgres.URL(t)) })
}

// TestLedgerLost takes ledgers away, cuts and alters them, and wants the build to make them again.
func TestLedgerLost(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, filepath.Join(dir, "test.db"), imports.Options{})
	p.organisation("skerry")
	by := actor(access.OTEngineer, "skerry", nil)
	var long strings.Builder
	long.WriteString("name,ip,mac,serial,note\n")
	for i := range 3000 {
		long.WriteString("d" + pad(i) + ",,,SN" + pad(i*7) + ",note number " + pad(i*i) + "\n")
	}
	g := p.give(by, "skerry", "a.csv", long.String())
	p.run()
	rebuild := func() error {
		err := p.queue.write(func(ctx context.Context, tx *store.Tx) error { return p.u.Rebuild(ctx, tx, "skerry", "p-1", "a test") })
		must(t, "ask for a build", err)
		return p.queue.all(context.Background())
	}
	harm := map[string]func(path string) error{
		"content gone":  os.Remove,
		"cut":           func(path string) error { return os.Truncate(path, 500) },
		"altered early": func(path string) error { return alter(path, 1000) },
		"altered":       func(path string) error { return alter(path, 70000) },
		"altered late":  func(path string) error { return alter(path, -100) },
	}
	for name, do := range harm {
		ledger := p.evidence("skerry", g.ID).Ledger
		path := newest(t, filepath.Join(dir, "vault", "objects"))
		must(t, name, do(path))
		if err := rebuild(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(p.assets("skerry")); n != 1000 { // the list shows a page
			t.Errorf("%s: %d assets, want 1000", name, n)
		}
		if got := p.evidence("skerry", g.ID); got.Ledger != ledger || got.State != store.EvidenceRead {
			t.Errorf("%s: the ledger that was made again differs: %+v", name, got)
		}
	}
}

func pad(n int) string { return fmt.Sprintf("%08d", n) }

// newest gives the content file that was written last: a ledger's.
func newest(t *testing.T, dir string) (path string) {
	t.Helper()
	var at time.Time
	err := filepath.Walk(dir, func(p string, i os.FileInfo, err error) error {
		if err == nil && i.Mode().IsRegular() && (path == "" || i.ModTime().After(at)) {
			path, at = p, i.ModTime()
		}
		return err
	})
	must(t, "walk", err)
	return path
}

func alter(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	i, err := f.Stat()
	if err != nil {
		return err
	}
	if at < 0 {
		at += i.Size()
	}
	at = min(at, i.Size()-1)
	var b [1]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		return err
	}
	b[0] ^= 1
	_, err = f.WriteAt(b[:], at)
	return err
}

// TestStatements wants what people state and decide to bear on the next build.
func TestStatements(t *testing.T) {
	each(t, func(t *testing.T, p *port) {
		ctx := context.Background()
		by := actor(access.OTEngineer, "skerry", nil)
		p.give(by, "skerry", "a.csv", listA)
		p.give(by, "skerry", "port.yaml", "name: S\nzones:\n  - {id: quay, name: Quay, prefixes: [10.0.0.0/24], level: \"1\"}\n  - {id: yard, name: Yard, prefixes: [10.1.0.0/24], level: \"2\"}\n")
		p.run()
		whole := store.WholeOrganisation("skerry")
		list, err := p.db.In(whole).Assets(ctx, store.AssetQuery{})
		if err != nil || len(list.Items) != 2 {
			t.Fatalf("assets %+v, %v", list.Items, err)
		}
		err = p.queue.write(func(ctx context.Context, tx *store.Tx) error {
			for field, value := range map[string]string{harbour.AttrZone: "yard", harbour.AttrKind: string(harbour.KindCamera)} {
				if _, err := tx.PutStatement(ctx, whole, harbour.Statement{Asset: list.Items[0].ID, Field: field, Value: value, By: "p-1", ByName: "Jane"}, false); err != nil {
					return err
				}
			}
			return p.u.Rebuild(ctx, tx, "skerry", "p-1", "stated")
		})
		must(t, "state", err)
		p.run()
		zones, err := p.db.In(whole).Zones(ctx)
		must(t, "zones", err)
		members := map[string]int{}
		for _, z := range zones {
			members[z.ID] = z.Members
		}
		if members["quay"] != 1 || members["yard"] != 1 {
			t.Errorf("members %v, want the asset in the zone that was stated", members)
		}
		a, _, err := p.db.In(whole).Asset(ctx, list.Items[0].ID)
		if err != nil || a.Kind != harbour.KindCamera || a.Domain != harbour.Physical {
			t.Errorf("asset %+v, %v, want a camera", a, err)
		}
		b, _, err := p.db.In(whole).Asset(ctx, list.Items[1].ID)
		must(t, "asset", err)
		err = p.queue.write(func(ctx context.Context, tx *store.Tx) error {
			r := store.IdentityRule{ID: "i-1", Kind: "must_link", A: a.Keys[0], B: b.Keys[0], Reason: "one cabinet", By: "p-1"}
			if err := tx.AddIdentityRule(ctx, whole, r); err != nil {
				return err
			}
			return p.u.Rebuild(ctx, tx, "skerry", "p-1", "joined")
		})
		must(t, "join", err)
		p.run()
		if got := p.assets("skerry"); len(got) != 1 {
			t.Errorf("assets %v, want one after joining", got)
		}
	})
}

var _ imports.Jobs = (*queue)(nil)
