// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/assets"
	"breakwater/app/findings"
	"breakwater/cmd/breakwater/config"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

// editedDir and editedURL name data folder and database to the test binary that runs itself as the server that is killed.
const (
	editedDir = "BREAKWATER_TEST_EDITED"
	editedURL = "BREAKWATER_TEST_EDITED_URL"
)

// openFreed opens a house as soon as the engine of its database has noticed that the process before has ended.
func openFreed(dir, url string) (h *house, err error) {
	for range 300 {
		h, err = openHouse(context.Background(), places{place: place{config.Place{Data: dir, Database: url}}}, slog.New(slog.DiscardHandler))
		if harbour.KindOf(err) != harbour.ErrConflict {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return h, err
}

// editedChild states things about assets, one or several at once, takes that back, and decides about findings, until it is killed. It
// says what it begins and what was acknowledged: the act, a text that stands for it, and what it is about.
func editedChild(dir, url string) {
	fail := func(err error) { fmt.Println("error", err) }
	ctx := context.Background()
	h, err := openFreed(dir, url)
	if err != nil {
		fail(err)
		return
	}
	by, in := app.System("test"), h.core.DB.In(store.WholeOrganisation("skerry"))
	list, err := in.Assets(ctx, store.AssetQuery{Order: store.Order{Limit: 100}})
	found, err2 := in.Findings(ctx, store.FindingQuery{Order: store.Order{Limit: 100}})
	if err := errors.Join(err, err2); err != nil || len(list.Items) == 0 || len(found.Items) == 0 {
		fail(fmt.Errorf("%d assets, %d findings, %v", len(list.Items), len(found.Items), err))
		return
	}
	undo, stated := "", ""
	for i := 0; ; i++ {
		text := fmt.Sprintf("t-%d-%d", os.Getpid(), i)
		switch n := rand.IntN(10); {
		case n < 3 && undo != "":
			fmt.Println("begin undo", stated)
			if err = h.pages.Assets.Undo(ctx, by, "skerry", undo); err == nil {
				fmt.Println("done undo", stated)
			}
			undo = ""
		case n < 7:
			var changes []assets.Change
			var ids []string
			for _, k := range rand.Perm(len(list.Items))[:1+rand.IntN(4)] {
				ids = append(ids, list.Items[k].ID)
				changes = append(changes, assets.Change{Asset: list.Items[k].ID, Field: "note", Value: text, Force: true})
			}
			stated = text + " " + strings.Join(ids, " ")
			fmt.Println("begin state", stated)
			if undo, err = h.pages.Assets.State(ctx, by, "skerry", changes, "a test"); err == nil {
				fmt.Println("done state", stated)
			}
		default:
			id := found.Items[rand.IntN(len(found.Items))].ID
			status := []harbour.FindingStatus{harbour.FindingOpen, harbour.FindingFalsePositive, harbour.FindingResolved}[rand.IntN(3)]
			fmt.Println("begin decide", text, id)
			if _, err = h.pages.Findings.Decide(ctx, by, "skerry", []findings.Target{{ID: id, Force: true}}, findings.Decision{Status: &status, Reason: text}); err == nil {
				fmt.Println("done decide", text, id)
			}
		}
		if err != nil {
			fail(err)
			return
		}
	}
}

// edits is what was begun and what was acknowledged.
type edits struct {
	acked   map[string][]string // act and text → what it is about
	pending []string            // begun and not acknowledged: act, text, objects
}

func (e *edits) heard(line string) error {
	f := strings.Fields(line)
	if f[0] == "error" || len(f) < 4 {
		return errors.New(line)
	}
	if f[0] == "begin" {
		e.pending = f[1:]
		return nil
	}
	e.acked[f[1]+" "+f[2]], e.pending = f[3:], nil
	return nil
}

// TestEditsKilled kills a server at random moments while people edit, again and again on the same data and on both engines. Each edit that was
// acknowledged stands in the audit log once, each that was not stands there once or is not there at all, edits of several assets are
// whole, and what the assets say is what the log says was written last. EDIT_KILLS sets how often.
func TestEditsKilled(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		kills := 8
		if strings.Contains(url, "://") {
			kills = 4
		} else {
			url = ""
		}
		if n, err := strconv.Atoi(os.Getenv("EDIT_KILLS")); err == nil {
			kills = n
		}
		dir := newData(t, url)
		port := filepath.Join(t.TempDir(), "port")
		command(t, 0, "sim", port, "--scale", "0.02")
		args := []string{"import", "--data", dir, "--quiet", port}
		if url != "" {
			time.Sleep(time.Second) // PostgreSQL needs a moment to notice that the house was closed
			args = append(args, "--database", url)
		}
		command(t, 0, args...)
		e := edits{acked: map[string][]string{}}
		once := map[string]string{} // act and text of what was begun and not acknowledged → its objects
		for i := range kills {
			if err := e.killed(dir, url); err != nil {
				t.Fatalf("kill %d: %v", i, err)
			}
			if e.pending != nil {
				once[e.pending[0]+" "+e.pending[1]] = strings.Join(e.pending[2:], " ")
				e.pending = nil
			}
		}
		h, err := openFreed(dir, url)
		if err != nil {
			t.Fatal(err)
		}
		defer h.close()
		e.check(t, h, once)
		t.Logf("%d kills, %d edits that stand, %d begun and not", kills, len(e.acked), len(once))
		if len(e.acked) < kills {
			t.Errorf("only %d edits: the test proves little", len(e.acked))
		}
	})
}

// killed runs a child and kills it a moment after its first word.
func (e *edits) killed(dir, url string) error {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), editedDir+"="+dir, editedURL+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return err
	}
	first := true
	for s := bufio.NewScanner(out); s.Scan(); {
		if first {
			time.AfterFunc(time.Duration(rand.IntN(400))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
		if first = false; err == nil {
			err = e.heard(s.Text())
		}
	}
	_ = cmd.Wait()
	return err
}

// check compares the audit log and what the assets say with what was acknowledged.
func (e *edits) check(t *testing.T, h *house, once map[string]string) {
	ctx := context.Background()
	in := h.core.DB.In(store.WholeOrganisation("skerry"))
	report, err := h.core.DB.VerifyAudit(ctx, store.AuditCheck{Key: h.core.DB.AuditKey()})
	if err != nil || !report.Whole() {
		t.Errorf("the audit log: %+v, %v", report, err)
	}
	seen := map[string]map[string]int{} // act and text → object → how often
	last := map[string]string{}         // asset → what was stated of it last
	at := map[string]int64{}            // asset → number of the entry about that
	versions := map[string]int64{}      // asset or finding → how often it was changed
	for after := int64(1); ; {
		list, err := in.Audit(ctx, store.AuditFilter{After: after, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, r := range list {
			after = max(after, r.Seq+1)
			act, text := "", ""
			var now, before struct {
				Note *string `json:"note"`
			}
			_ = json.Unmarshal(r.After, &now)
			_ = json.Unmarshal(r.Before, &before)
			switch {
			case r.Action == string(app.EditAssets) && strings.HasPrefix(r.Reason, "taken back"):
				act, text = "undo", *before.Note
			case r.Action == string(app.EditAssets):
				act, text = "state", *now.Note
			case r.ObjectKind == "finding" && strings.HasPrefix(r.Reason, "t-"):
				act, text = "decide", r.Reason
			default:
				continue
			}
			if r.ObjectKind == "asset" && r.Seq >= at[r.Object] {
				last[r.Object], at[r.Object] = "", r.Seq
				if now.Note != nil {
					last[r.Object] = *now.Note
				}
			}
			versions[r.Object]++
			if seen[act+" "+text] == nil {
				seen[act+" "+text] = map[string]int{}
			}
			seen[act+" "+text][r.Object]++
		}
	}
	standing := 0
	for what, objects := range once {
		if seen[what] != nil { // it stood when the server was killed, before it could say so
			e.acked[what] = strings.Fields(objects)
			standing++
		}
	}
	for what, objects := range e.acked {
		for _, o := range objects {
			if n := seen[what][o]; n != 1 {
				t.Errorf("%s of %s is in the audit log %d times", what, o, n)
			}
		}
		if len(seen[what]) != len(objects) {
			t.Errorf("%s is in the log for %d of %d objects", what, len(seen[what]), len(objects))
		}
	}
	for what := range seen {
		if e.acked[what] == nil {
			t.Errorf("%s was never begun", what)
		}
	}
	for id, want := range last {
		list, err := in.Statements(ctx, id)
		got := ""
		for _, s := range list {
			if s.Field == "note" {
				got = s.Value
			}
		}
		if v, _ := in.StatementVersions(ctx, id); err != nil || got != want || v["note"] != versions[id] {
			t.Errorf("%s says %q, the log says %q; version %d, %d entries, %v", id, got, want, v["note"], versions[id], err)
		}
		delete(versions, id)
	}
	for id, n := range versions {
		if list, err := in.Decisions(ctx, id); err != nil || int64(len(list)) != n {
			t.Errorf("finding %s has %d decisions and %d entries, %v", id, len(list), n, err)
		}
	}
	t.Logf("%d edits stood whose server was killed before it could say so", standing)
}
