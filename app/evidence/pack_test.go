// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"breakwater/app/access"
	"breakwater/app/evidence"
	"breakwater/app/imports"
	"breakwater/exchange/evidencepack"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

// packed gives the bytes of a pack that was made at once.
func packed(t *testing.T, p *evidence.Packed, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if p.Content == nil {
		t.Fatalf("a job makes it: %+v", p)
	}
	b, err := io.ReadAll(p.Content)
	if err != nil || int64(len(b)) != p.Size {
		t.Fatalf("%d bytes, %v, want %d", len(b), err, p.Size)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return b
}

// whole wants a pack to verify, and gives its report and its files.
func whole(t *testing.T, b []byte, o evidencepack.Options) (report string, files map[string]string) {
	t.Helper()
	r := evidencepack.Verify(bytes.NewReader(b), int64(len(b)), o)
	var text strings.Builder
	_ = r.Write(&text, 0)
	if !r.Whole() {
		t.Errorf("the pack does not verify:\n%s", text.String())
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(b)
	}
	return text.String(), files
}

// filled is a port with a capture in which a password crosses, a list, and an inventory built of them.
func filled(t *testing.T, db *store.DB) (p *port, capture, list string) {
	p = open(t, db)
	p.u.TempDir = t.TempDir()
	capture = p.give("quay.pcapng", file(t, 40, 0))
	list = p.give("list.csv", []byte("Name,IP,Admin password\nplc-1,10.0.0.2,s3cret\nplc-2,10.0.0.3,\n"))
	p.publish([]*harbour.Asset{
		{ID: "a-1", Name: "Crane 1", Domain: harbour.OT, Kind: harbour.KindPLC, Observed: true, Declared: true, Attributes: []harbour.Attribute{
			{Name: "firmware", Value: "4.2", Confidence: harbour.Stated, Count: 2, Observations: []harbour.Observation{{Evidence: capture, Locator: "frame 1"}, {Evidence: capture, Locator: "frame 40"}}},
			{Name: "ip", Value: "10.0.0.2", Declared: true, Confidence: harbour.Declared, Count: 1, Observations: []harbour.Observation{{Evidence: list, Locator: "row 2"}}},
		}, Reasons: []harbour.Reason{{About: "kind", Text: "it answers Modbus", Confidence: harbour.Confirmed, Evidence: []harbour.Observation{{Evidence: capture, Locator: "frame 5"}}}}},
		{ID: "a-2", Name: "Crane 2", Domain: harbour.OT, Kind: harbour.KindPLC, Observed: true},
	}, []*harbour.Finding{
		{ID: "f-1", Rule: "cleartext_login", Severity: harbour.SeverityHigh, Title: "A password crosses in clear", Subjects: []string{"a-1"}, Evidence: []harbour.ProofRef{{ID: capture, Locator: "frame 3"}}},
	})
	return p, capture, list
}

// publish makes assets and findings the present state.
func (p *port) publish(list []*harbour.Asset, found []*harbour.Finding) {
	p.t.Helper()
	ctx := context.Background()
	st, err := p.db.Stage(ctx, "skerry")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error {
			return st.Findings(ctx, slices.Values(found), func(string) (site, supplier string) { return "", "" })
		},
		func() error { return st.Assets(ctx, slices.Values(list)) },
		func() error {
			_, err := st.Publish(ctx, "test", &harbour.Summary{Port: "skerry"}, store.Entry{Actor: "system", Action: "publish", ObjectKind: "generation", Object: fmt.Sprint(st.Generation())})
			return err
		},
	} {
		if err := step(); err != nil {
			p.t.Fatal(err)
		}
	}
}

func TestPack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p, capture, list := filled(t, db)
		if _, err := db.Checkpoint(ctx); err != nil {
			t.Fatal(err)
		}
		before, err := db.LastCheckpoint(ctx)
		if err != nil {
			t.Fatal(err)
		}
		auditor := actor(access.Auditor, "skerry", nil)
		ask := evidence.PackRequest{Assets: []string{"a-2"}, Findings: []string{"f-1"}, Contents: evidencepack.Slices, Reason: "inspection", For: "the inspector", Classification: "restricted"}
		c, err := p.u.Pack(ctx, auditor, "skerry", ask)
		b := packed(t, c, err)
		report, files := whole(t, b, evidencepack.Options{Key: db.AuditKey(), Witness: &evidencepack.Witness{Size: before.N, Root: evidencepack.Hash(before.Hash)}})
		for _, want := range []string{
			"by Jane of auditor (session)", "for: the inspector; why: inspection; classification: restricted", "hashes of 2 evidences are those that the audit log recorded",
			capture + " “quay.pcapng”", "given in slices", "the log goes on from the checkpoint",
			"asset a-1 “Crane 1”: 4 observations (1 declared)", "frame 1, frame 40, frame 5", "finding f-1 “A password crosses in clear”: 1 observations", "asset a-2 “Crane 2”: 0 observations",
		} {
			if !strings.Contains(report, want) {
				t.Errorf("the report does not say %q:\n%s", want, report)
			}
		}
		slice := files[evidencepack.SliceFile(capture, 0, "pcap")]
		rows := files[evidencepack.SliceFile(list, 0, "jsonl")]
		if !strings.Contains(slice, "PASS *******") || !strings.Contains(rows, "plc-1") {
			t.Errorf("slices: %q, %q", slice, rows)
		}
		for name, text := range files {
			if strings.Contains(text, "hunter2") || strings.Contains(text, "s3cret") {
				t.Errorf("%s shows a secret", name)
			}
		}
		if !strings.Contains(files[evidencepack.CustodyFile], "in slices, with secrets masked, in the evidence pack pack-") || !strings.Contains(files[evidencepack.AuditFile], `made: inspection`) {
			t.Errorf("its own making is not in it: %s\n%s", files[evidencepack.CustodyFile], files[evidencepack.AuditFile])
		}

		// Whole evidence is given when it is asked for, as it is, with a warning.
		ask.Contents, ask.Findings, ask.Evidence = evidencepack.Whole, nil, []string{capture}
		c, err = p.u.Pack(ctx, auditor, "skerry", ask)
		_, files = whole(t, packed(t, c, err), evidencepack.Options{})
		if !strings.Contains(files[evidencepack.WholeFile(capture)], "hunter2") || !strings.Contains(files[evidencepack.ReadmeFile], "WARNING") || !strings.Contains(files[evidencepack.ObjectsFile], `"kind":"evidence"`) {
			t.Errorf("files of a pack with whole evidence: %q", files[evidencepack.ReadmeFile])
		}

		// No bytes.
		ask.Contents = evidencepack.Nothing
		c, err = p.u.Pack(ctx, auditor, "skerry", ask)
		_, files = whole(t, packed(t, c, err), evidencepack.Options{})
		for name := range files {
			if strings.HasPrefix(name, "evidence/") {
				t.Errorf("a pack without contents holds %s", name)
			}
		}

		// A time of the log alone.
		c, err = p.u.Pack(ctx, auditor, "skerry", evidence.PackRequest{AuditFrom: 1, AuditUntil: harbour.At(time.Now().Add(time.Hour)), Contents: evidencepack.Nothing, Reason: "r", For: "f", Since: before.Text("")})
		_, files = whole(t, packed(t, c, err), evidencepack.Options{})
		if n := strings.Count(files[evidencepack.AuditFile], "\n"); n < 6 {
			t.Errorf("%d entries of the log", n)
		}
		if entries, _ := os.ReadDir(p.u.TempDir); len(entries) > 0 {
			t.Errorf("%d temporary files are left", len(entries))
		}
	})
}

func TestPackRefused(t *testing.T) {
	db := storetest.Open(t)
	ctx := context.Background()
	p, capture, _ := filled(t, db)
	good := evidence.PackRequest{Evidence: []string{capture}, Contents: evidencepack.Whole, Reason: "r", For: "f"}
	with := func(change func(r *evidence.PackRequest)) evidence.PackRequest { r := good; change(&r); return r }
	chief := actor(access.ChiefSecurity, "skerry", nil)
	for name, tt := range map[string]struct {
		role  string
		limit *store.Limit
		org   string
		r     evidence.PackRequest
		want  harbour.ErrorKind
	}{
		"nothing chosen":        {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) { r.Evidence = nil }), harbour.ErrInvalid},
		"too many":              {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) { r.Assets = make([]string, 201) }), harbour.ErrInvalid},
		"contents":              {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) { r.Contents = "all" }), harbour.ErrInvalid},
		"no reason":             {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) { r.Reason = " " }), harbour.ErrInvalid},
		"for nobody":            {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) { r.For = "" }), harbour.ErrInvalid},
		"a long reason":         {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) { r.Reason = strings.Repeat("x", 501) }), harbour.ErrInvalid},
		"lines":                 {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) { r.For = "a\nb" }), harbour.ErrInvalid},
		"half a time":           {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) { r.AuditFrom = 5 }), harbour.ErrInvalid},
		"no checkpoint":         {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) { r.Since = "milk" }), harbour.ErrInvalid},
		"not there":             {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) { r.Evidence = []string{"e-ffff"} }), harbour.ErrNotFound},
		"another organisation":  {access.ChiefSecurity, nil, "gull", good, harbour.ErrNotFound},
		"evidence of others":    {access.ChiefSecurity, &store.Limit{Sites: []string{"north"}}, "skerry", good, harbour.ErrNotFound},
		"everything of a part":  {access.ChiefSecurity, &store.Limit{Sites: []string{"north"}}, "skerry", with(func(r *evidence.PackRequest) { r.Everything = true }), harbour.ErrDenied},
		"who takes nothing out": {access.Administrator, nil, "skerry", good, harbour.ErrDenied},
		"who sees no evidence":  {access.BoardReader, nil, "skerry", good, harbour.ErrDenied},
		"a supplier":            {access.SupplierContact, &store.Limit{Supplier: "x"}, "skerry", good, harbour.ErrDenied},
		"the log of others":     {access.Analyst, nil, "skerry", with(func(r *evidence.PackRequest) { r.AuditFrom, r.AuditUntil = 1, 2 }), harbour.ErrDenied},
		"a log of another": {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) {
			r.Since = "Entries: 2\nRoot: " + strings.Repeat("0", 64)
		}), harbour.ErrConflict},
		"a log that is longer": {access.ChiefSecurity, nil, "skerry", with(func(r *evidence.PackRequest) {
			r.Since = "Entries: 2000\nRoot: " + strings.Repeat("0", 64)
		}), harbour.ErrConflict},
	} {
		_, err := p.u.Pack(ctx, actor(tt.role, tt.org, tt.limit), "skerry", tt.r)
		wantKind(t, name, err, tt.want)
	}
	_, err := p.u.Pack(ctx, nil, "skerry", good)
	wantKind(t, "nobody", err, harbour.ErrUnauthenticated)
	// Deleted bytes are left out, and said.
	if err := p.in.Withdraw(ctx, chief, "skerry", capture, "test"); err != nil {
		t.Fatal(err)
	}
	if err := p.in.Delete(ctx, chief, "skerry", capture, "test"); err != nil {
		t.Fatal(err)
	}
	c, err := p.u.Pack(ctx, chief, "skerry", good)
	report, _ := whole(t, packed(t, c, err), evidencepack.Options{})
	if !strings.Contains(report, "which were deleted") {
		t.Errorf("the report does not say what was left out:\n%s", report)
	}
}

// TestPackLater has a job make a pack of everything.
func TestPackLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p, capture, _ := filled(t, db)
		p.u.Jobs = p
		chief := actor(access.ChiefSecurity, "skerry", nil)
		ask := evidence.PackRequest{Everything: true, Contents: evidencepack.Whole, Reason: "audit", For: "the class society"}
		c, err := p.u.Pack(ctx, chief, "skerry", ask)
		if err != nil || c.Job == "" || c.Content != nil {
			t.Fatalf("Pack = %+v, %v", c, err)
		}
		_, err = p.u.PackContent(ctx, chief, "skerry", c.Job)
		wantKind(t, "before it is made", err, harbour.ErrConflict)
		run := func() {
			var j store.Job
			err := db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
				tx.Unaudited("test")
				j, _, err = tx.StartJob(ctx, "skerry", c.Job)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if j.Result, err = p.u.Work(ctx, j, nil); err != nil {
				t.Fatal(err)
			}
			j.State = store.JobDone
			err = db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
				tx.Unaudited("test")
				return tx.EndJob(ctx, &j)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		// The program was killed when the pack was as good as made: the job begins again, and is noted once.
		var j store.Job
		if j, err = db.In(store.WholeOrganisation("skerry")).Job(ctx, c.Job); err != nil {
			t.Fatal(err)
		}
		if _, err := p.u.Work(ctx, j, nil); err != nil {
			t.Fatal(err)
		}
		run()
		content, err := p.u.PackContent(ctx, chief, "skerry", c.Job)
		b := packed(t, &evidence.Packed{Content: content}, err)
		report, files := whole(t, b, evidencepack.Options{Key: db.AuditKey()})
		if !strings.Contains(report, "given whole") || strings.Count(files[evidencepack.CustodyFile], "in the evidence pack") != 2 {
			t.Errorf("report and custody:\n%s\n%s", report, files[evidencepack.CustodyFile])
		}
		var m evidencepack.Manifest
		if err := json.Unmarshal([]byte(files[evidencepack.ManifestFile]), &m); err != nil || m.MadeBy.Name != "Jane of chief-security-officer" || m.Counts.Objects != 5 {
			t.Errorf("manifest %+v, %v", m, err)
		}
		for name, by := range map[string]string{"another person": access.Auditor, "who makes no documents": access.SupplierContact} {
			if _, err := p.u.PackContent(ctx, actor(by, "skerry", nil), "skerry", c.Job); err == nil {
				t.Errorf("%s gets the pack", name)
			}
		}
		// A week later it is gone; what it was made of is not.
		if err := p.u.SweepPacks(ctx, imports.JobShred); err != nil {
			t.Fatal(err)
		}
		if _, err := p.u.PackContent(ctx, chief, "skerry", c.Job); err != nil {
			t.Errorf("a pack of today was swept: %v", err)
		}
		late := evidence.New(p.core(time.Now().Add(evidence.PackKeep+time.Hour)), p.vault)
		late.Jobs = p
		if err := late.SweepPacks(ctx, imports.JobShred); err != nil {
			t.Fatal(err)
		}
		_, err = p.u.PackContent(ctx, chief, "skerry", c.Job)
		wantKind(t, "after a week", err, harbour.ErrConflict)
		if _, err := p.in.Work(ctx, store.Job{Org: "skerry", Kind: imports.JobShred, Input: content.SHA256}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := p.vault.Stat(content.SHA256); harbour.KindOf(err) != harbour.ErrNotFound || err == nil {
			t.Errorf("the pack is still in the vault: %v", err)
		}
		if _, err := p.u.Download(ctx, chief, "skerry", capture); err != nil {
			t.Errorf("the evidence is gone: %v", err)
		}
	})
}
