// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/store"
	"breakwater/web/webtest"
)

// note writes an entry into the log of an organisation, and gives its number.
func note(t *testing.T, h *webtest.House, org, object, reason string) (seq int64) {
	t.Helper()
	by := h.Actor(webtest.Role{Name: "ot-engineer", Code: "ot-engineer"}, org)
	err := h.Core.DB.Write(context.Background(), store.People, func(ctx context.Context, tx *store.Tx) error {
		e := by.Entry(org, app.EditAssets, "asset", object, "Crane "+object)
		e.Before, e.After, e.Reason = app.State(map[string]any{"owner": "nobody", "note": "same"}), app.State(map[string]any{"owner": "Quay <crew>", "note": "same", "spare": true}), reason
		return tx.Audit(ctx, e)
	})
	if err != nil {
		t.Fatal(err)
	}
	seq, err = h.Core.DB.LastAudit(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// TestAuditLog reads the log: filters, pages, one entry with what it was before and after, and its place in the tree.
func TestAuditLog(t *testing.T) {
	h := webtest.New(t, 8)
	for i := range 120 {
		note(t, h, webtest.Skerry, fmt.Sprintf("a-skerry-%03d", i%3), fmt.Sprintf("round %d", i))
	}
	theirs := note(t, h, webtest.Hallow, "a-hallow-001", "from Hallow")
	at := "/o/skerry/settings/audit"
	c := h.As("auditor")
	page := c.Get(at).Want(200).Sound().Says("changed what is known of an asset", "Ot engineer", "round 119", "50 shown")
	page.Lacks("hallow", "from Hallow")

	// Pages go on by key, there and back.
	turn := func(page *webtest.Answer, rel string) *webtest.Answer {
		t.Helper()
		for _, l := range page.Links() {
			if strings.Contains(l, "cursor=%3C") && rel == "next" || strings.Contains(l, "cursor=%3E") && rel == "prev" {
				return c.Get(l).Want(200).Sound()
			}
		}
		t.Fatalf("%s leads to no %s page", page, rel)
		return nil
	}
	second := turn(page, "next").Says("round 69").Lacks("round 70 ")
	turn(second, "prev").Says("round 119", "round 70").Lacks("round 69 ")
	third := turn(second, "next").Says("round 19")
	if strings.Contains(third.Body, `rel="next"`) {
		t.Error("after the last entry it goes on")
	}
	c.Get(at + "?cursor=x").Want(http.StatusUnprocessableEntity)
	c.Get(at + "?cursor=%3C-1").Want(http.StatusUnprocessableEntity)

	// Who, what, object, when.
	c.Get(at+"?object=a-skerry-002&kind=asset").Want(200).Sound().Says("40 entries", "Object: a-skerry-002").Lacks("a-skerry-001")
	c.Get(at + "?q=OT+engineer").Want(200).Says("120 entries")
	c.Get(at + "?q=a-skerry-001").Want(200).Says("40 entries")
	c.Get(at + "?q=somebody+else").Want(200).Sound().Says("No entry fits")
	c.Get(at+"?action=findings.accept").Want(200).Says("No entry fits", "What: accepted a finding")
	c.Get(at + "?actor=p-ot-engineer-skerry").Want(200).Says("120 entries")
	today := time.Now().UTC().Format(time.DateOnly)
	c.Get(at + "?from=" + today + "&until=" + today).Want(200).Says("round 119")
	c.Get(at + "?until=2001-01-01").Want(200).Says("No entry fits")
	c.Get(at + "?from=yesterday").Want(http.StatusUnprocessableEntity)
	if got := rows(t, c.Get(at+".csv?object=a-skerry-002").Want(200)); len(got) != 41 || got[1][8] != "asset" {
		t.Errorf("export: %d rows, %v", len(got), got[1])
	}
	if a := c.Get(at + ".xlsx?q=a-skerry-001").Want(200); !strings.HasPrefix(a.Body, "PK") {
		t.Error("the XLSX is none")
	}

	// One entry, before and after a checkpoint.
	mine := note(t, h, webtest.Skerry, "a-skerry-001", "<script>")
	one := fmt.Sprintf("%s/%d", at, mine)
	c.Get(one).Want(200).Sound().Says("Owner", "nobody", "Quay <crew>", "Spare", "<script>", "not yet signed", "All entries about it").Lacks("same")
	c.Follow(c.Post("/o/skerry/settings/checkpoints")).Want(200).Sound().Says("Signed", "Kept here")
	c.Get(one).Want(200).Sound().Says("proven", "Root of the checkpoint")
	if a := c.Get(one + "/record").Want(200); !strings.Contains(a.Body, fmt.Sprintf(`"seq":%d`, mine)) {
		t.Errorf("the record: %s", a.Body)
	}
	c.Get(fmt.Sprintf("%s/%d", at, theirs)).Want(http.StatusNotFound).Lacks("from Hallow")
	c.Get(at + "/99999").Want(http.StatusNotFound)
	c.Get(at + "/x").Want(http.StatusNotFound)
	c.Get(fmt.Sprintf("/o/skerry/settings/checkpoints/%d", mine+1)).Want(200).Says("checkpoint of the audit log", fmt.Sprintf("Entries: %d", mine+1))

	// From the objects a link leads to what was done to them.
	for _, path := range []string{"/o/skerry/assets/a-skerry-001", "/o/skerry/findings/f-skerry-002"} {
		if a := c.Get(path).Want(200); !strings.Contains(a.Body, "/settings/audit?kind=") {
			t.Errorf("%s does not lead to its history", path)
		}
		if a := h.As("ot-engineer").Get(path).Want(200); strings.Contains(a.Body, "/settings/audit?kind=") {
			t.Errorf("%s leads to a page that an engineer may not see", path)
		}
	}

	// An entry that somebody changed in the database is found out; a neighbour that is right stays proven.
	err := h.Core.DB.Write(context.Background(), store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("a test")
		var record []byte
		if err := tx.NewRaw("SELECT record FROM audit WHERE seq = ?", mine).Scan(ctx, &record); err != nil {
			return err
		}
		_, err := tx.Raw(ctx, "UPDATE audit SET record = ? WHERE seq = ?", []byte(strings.Replace(string(record), "nobody", "everybody", 1)), mine)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Get(one).Want(200).Sound().Says("Not proven", "is not what was signed")
	c.Get(fmt.Sprintf("%s/%d", at, mine-2)).Want(200).Says("proven").Lacks("Not proven")
	all := h.As(webtest.Everywhere)
	all.Get(at+"?of=all&q=a-hallow-001").Want(200).Sound().Says("from Hallow", "1 entry")
	all.Post(at+"/verify").Want(200).Sound().Says("is not whole", fmt.Sprintf("entry %d", mine), "was changed after it was written")
	all.Post(at+"/verify", "witness", "no checkpoint at all").Want(http.StatusUnprocessableEntity)
}

// TestAuditWhole checks a log that is whole, against a witness too.
func TestAuditWhole(t *testing.T) {
	h := webtest.New(t, 0)
	seq := note(t, h, webtest.Skerry, "a-skerry-001", "x")
	all := h.As(webtest.Everywhere)
	all.Post("/o/skerry/settings/checkpoints").Want(http.StatusSeeOther)
	text := all.Get(fmt.Sprintf("/o/skerry/settings/checkpoints/%d", seq+1)).Want(200).Body
	all.Post("/o/skerry/settings/audit/verify", "witness", text).Want(200).Sound().Says("The audit log is whole", "Vouched for by the witness "+fmt.Sprint(seq+1)).Lacks("What is wrong")
}
