// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/imports"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/sim/frame"
	"breakwater/sim/record"
	"breakwater/store"
	"breakwater/store/storetest"
	"breakwater/store/vault"

	"github.com/google/go-cmp/cmp"
)

// Variables of a child process that imports until it is killed.
const (
	childDir  = "IMPORTS_TEST_DIR"
	childURL  = "IMPORTS_TEST_URL"
	childSeed = "IMPORTS_TEST_SEED"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := child(dir, os.Getenv(childURL)); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	testpostgres.Main(m)
}

// files is how many files a child gives; every third is a capture.
const files = 7

func content(k int) []byte {
	if k%3 != 0 {
		var b strings.Builder
		b.WriteString("name,ip,serial\n")
		for i := range 30 {
			fmt.Fprintf(&b, "d%d-%02d,10.%d.0.%d,SN%d-%d\n", k, i, k, i+1, k, i)
		}
		return []byte(b.String())
	}
	var b bytes.Buffer
	w := record.New(&b, "a.pcap", record.Nano, "")
	client, server := frame.MAC{0, 0x1b, 0x1b, 9, byte(k), 1}, frame.MAC{0, 0x1b, 0x1b, 9, byte(k), 2}
	from, to := frame.Addr{10, 99, byte(k), 1}, frame.Addr{10, 99, byte(k), 2}
	at := time.Date(2026, 3, 1, 12, k, 0, 0, time.UTC)
	for i := range 400 {
		src, dst, a, z, sport, dport, payload := client, server, from, to, uint16(40000), uint16(502), frame.ModbusWriteOne(uint16(i), 1, uint16(i%20), 7)
		if i%2 == 1 {
			src, dst, a, z, sport, dport = server, client, to, from, 502, 40000
		}
		t := frame.Segment(a, z, frame.TCP{Sport: sport, Dport: dport, Seq: uint32(i / 2 * len(payload)), Ack: 1, Flags: frame.ACK | frame.PSH, Window: 1000}, payload)
		_ = w.Write(at.Add(time.Duration(i)*time.Millisecond), frame.Ethernet(dst, src, 0, frame.TypeIPv4, frame.IPv4(frame.IP{Src: a, Dst: z, TTL: 64, Proto: frame.ProtoTCP}, t)))
	}
	_ = w.Close()
	return b.Bytes()
}

// child gives, withdraws, restores, deletes and builds in any order, and says what it begins and what was acknowledged.
func child(dir, url string) error {
	ctx := context.Background()
	seed, _ := strconv.ParseUint(os.Getenv(childSeed), 10, 64)
	r := rand.New(rand.NewPCG(seed, 1))
	v, err := vault.Open(filepath.Join(dir, "vault"), vault.KeySource{}, vault.Options{Reserve: -1})
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Options{URL: url, Signer: storetest.Key, Origin: "breakwater/test"})
	if err != nil {
		return err
	}
	q := &queue{db: db}
	u, err := imports.New(&app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: time.Now}, v, q, imports.Options{TempDir: dir})
	if err != nil {
		return err
	}
	q.work = u.Work
	chief := actor(access.ChiefSecurity, "skerry", nil)
	fmt.Println("ready")
	for {
		k := r.IntN(files)
		sum := harbour.EvidenceID(sha(content(k)))
		act := []string{"give", "give", "give", "withdraw", "restore", "delete", "work", "work", "work"}[r.IntN(9)]
		fmt.Println("begin", act, sum)
		var err error
		switch act {
		case "give":
			_, err = u.Give(ctx, chief, "skerry", "", fmt.Sprintf("file %d", k), bytes.NewReader(content(k)))
		case "withdraw":
			err = u.Withdraw(ctx, chief, "skerry", sum, "a test")
		case "restore":
			err = u.Restore(ctx, chief, "skerry", sum, "a test")
		case "delete":
			err = u.Delete(ctx, chief, "skerry", sum, "a test")
		case "work":
			err = q.all(ctx)
		}
		switch k := harbour.KindOf(err); {
		case err == nil:
			fmt.Println("done", act, sum)
		case act != "work" && (k == harbour.ErrNotFound || k == harbour.ErrConflict):
			fmt.Println("refused", act, sum)
		default:
			return fmt.Errorf("%s: %w", act, err)
		}
	}
}

// TestKilled kills a process that works on evidence at random moments, again and again on the same data. What was
// acknowledged must stand, nothing may be doubled, no job be stuck, and what is seen be whole at any time.
// IMPORT_KILLS sets how often.
func TestKilled(t *testing.T) {
	kills := 16
	if n, err := strconv.Atoi(os.Getenv("IMPORT_KILLS")); err == nil {
		kills = n
	}
	t.Run("sqlite", func(t *testing.T) { testKilled(t, filepath.Join(t.TempDir(), "test.db"), kills) })
	t.Run("postgres", func(t *testing.T) { testKilled(t, testpostgres.URL(t), max(kills/4, 1)) })
}

func testKilled(t *testing.T, url string, kills int) {
	dir := t.TempDir()
	reopen(t, dir, url, func(p *port) { p.organisation("skerry") })
	model := states{}
	acts := 0
	for i := range kills {
		model.pending = ""
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), childDir+"="+dir, childURL+"="+url, childSeed+"="+strconv.Itoa(i))
		out, err := cmd.StdoutPipe()
		must(t, "pipe", err)
		must(t, "start", cmd.Start())
		s := bufio.NewScanner(out)
		for s.Scan() {
			if s.Text() == "ready" { // the moment is drawn; nothing depends on when it comes
				time.AfterFunc(time.Duration(rand.IntN(700))*time.Millisecond, func() { _ = cmd.Process.Kill() })
				continue
			}
			if strings.HasPrefix(s.Text(), "error") {
				t.Fatalf("kill %d: %s", i, s.Text())
			}
			acts++
			model.heard(s.Text())
		}
		_ = cmd.Wait()
		reopen(t, dir, url, func(p *port) { model.check(p, fmt.Sprintf("kill %d", i), i%4 == 3 || i == kills-1) })
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kills, %d lines of what was done", kills, acts)
}

// reopen opens the data as the next start of the program does.
func reopen(t *testing.T, dir, url string, fn func(p *port)) {
	t.Helper()
	v, err := vault.Open(filepath.Join(dir, "vault"), vault.KeySource{}, vault.Options{Reserve: -1})
	must(t, "open vault", err)
	defer v.Close()
	var db *store.DB
	for range 100 { // PostgreSQL needs a moment to notice that a process died
		if db, err = store.Open(context.Background(), store.Options{URL: url, Signer: storetest.Key, Origin: "breakwater/test"}); harbour.KindOf(err) != harbour.ErrConflict {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	must(t, "open database", err)
	defer db.Close()
	fn(on(t, dir, db, v, imports.Options{}))
}

// states is what a child has acknowledged of each evidence: counting, withdrawn or deleted.
type states struct {
	acked   map[string]string
	pending string // what was begun and not acknowledged, with the evidence
}

func (m *states) heard(line string) {
	f := strings.Fields(line)
	if m.acked == nil {
		m.acked = map[string]string{}
	}
	switch what, act, id := f[0], f[1], f[2]; what {
	case "begin":
		m.pending = act + " " + id
	case "refused":
		m.pending = ""
	case "done":
		m.pending = ""
		switch act {
		case "give":
			if m.acked[id] != "withdrawn" {
				m.acked[id] = "counting"
			}
		case "restore":
			m.acked[id] = "counting"
		case "withdraw":
			m.acked[id] = "withdrawn"
		case "delete":
			m.acked[id] = "deleted"
		}
	}
}

func class(state string) string {
	switch state {
	case store.EvidenceWithdrawn, store.EvidenceDeleted:
		return state
	case store.EvidenceUnreadable:
		return "unreadable"
	}
	return "counting"
}

// check compares what is there with what was acknowledged, then finishes all jobs and looks again.
func (m *states) check(p *port, when string, compare bool) {
	t, ctx := p.t, context.Background()
	t.Helper()
	whole := store.WholeOrganisation("skerry")
	list, err := p.db.In(whole).Evidence(ctx, store.EvidenceQuery{Order: store.Order{Limit: 100}})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, e := range list.Items {
		if seen[e.ID] != "" {
			t.Errorf("%s: evidence %s is there twice", when, e.ID)
		}
		seen[e.ID] = class(e.State)
		if e.State != store.EvidenceDeleted {
			if _, err := p.vault.Stat(e.SHA256); err != nil {
				t.Errorf("%s: the bytes of %s, which is %s: %v", when, e.ID, e.State, err)
			}
		}
	}
	_, pending, _ := strings.Cut(m.pending, " ")
	for id, want := range m.acked {
		if seen[id] != want && id != pending {
			t.Errorf("%s: evidence %s is %q, acknowledged was %s", when, id, seen[id], want)
		}
	}
	if m.acked != nil && pending != "" && seen[pending] != "" {
		m.acked[pending] = seen[pending]
	}
	m.wholeState(p, when+", as it was found")
	if err := p.queue.all(ctx); err != nil {
		t.Errorf("%s: a job fails: %v", when, err)
	}
	m.wholeState(p, when+", finished")
	var want []string
	for k := range files {
		if id := harbour.EvidenceID(sha(content(k))); seen[id] == "counting" {
			for i := range 30 {
				if k%3 != 0 {
					want = append(want, fmt.Sprintf("d%d-%02d", k, i))
				}
			}
		}
	}
	var got []string
	for _, n := range p.assets("skerry") {
		if strings.HasPrefix(n, "d") {
			got = append(got, n)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: assets (-want +got)\n%s", when, d)
	}
	if jobs, err := p.db.OpenJobs(ctx); err != nil || len(jobs) > 0 {
		t.Errorf("%s: %d jobs are stuck (%v)", when, len(jobs), err)
	}
	if compare {
		m.same(p, when, seen)
	}
}

// wholeState wants the published lists to be those of one build.
func (m *states) wholeState(p *port, when string) {
	p.t.Helper()
	ctx, s := context.Background(), p.db.In(store.WholeOrganisation("skerry"))
	sum, g, err := s.Summary(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	if sum == nil {
		return
	}
	l := everything(p)
	for name, n := range map[string]int{"assets": len(l.assets), "conversations": l.conversations, "operations": l.operations, "findings": len(l.findings)} {
		if n != sum.Counts[name] {
			p.t.Errorf("%s: generation %d shows %d %s, its summary says %d", when, g.Number, n, name, sum.Counts[name])
		}
	}
}

type seenLists struct {
	assets, findings          map[string]string
	conversations, operations int
}

func everything(p *port) (l seenLists) {
	ctx, s := context.Background(), p.db.In(store.WholeOrganisation("skerry"))
	l.assets, l.findings = map[string]string{}, map[string]string{}
	err := s.EachAsset(ctx, store.AssetQuery{}, func(a *harbour.Asset, _ store.AssetRow) error {
		l.assets[a.ID] = string(app.State(a))
		return nil
	})
	must2(p.t, err)
	fs, err := s.Findings(ctx, store.FindingQuery{Order: store.Order{Limit: 1000}})
	must2(p.t, err)
	for _, f := range fs.Items {
		l.findings[f.ID] = f.Title
	}
	cs, err := s.Conversations(ctx, store.Traffic{Order: store.Order{Limit: 1000}})
	must2(p.t, err)
	os, err := s.Operations(ctx, store.Traffic{Order: store.Order{Limit: 1000}})
	must2(p.t, err)
	l.conversations, l.operations = len(cs.Items), len(os.Items)
	return l
}

func must2(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same gives what counts to a fresh pipeline and wants the same lists.
func (m *states) same(p *port, when string, seen map[string]string) {
	dir := p.t.TempDir()
	fresh := open(p.t, dir, filepath.Join(dir, "test.db"), imports.Options{})
	fresh.organisation("skerry")
	n := 0
	for k := range files {
		if seen[harbour.EvidenceID(sha(content(k)))] == "counting" {
			fresh.give(actor(access.ChiefSecurity, "skerry", nil), "skerry", fmt.Sprintf("file %d", k), string(content(k)))
			n++
		}
	}
	if n == 0 {
		return
	}
	fresh.run()
	a, b := everything(fresh), everything(p)
	if d := cmp.Diff(slices.Sorted(maps.Keys(a.assets)), slices.Sorted(maps.Keys(b.assets))); d != "" {
		p.t.Errorf("%s: assets (-fresh +survived)\n%s", when, d)
	}
	for id := range a.assets {
		if a.assets[id] != b.assets[id] {
			p.t.Errorf("%s: asset %s differs\n%s", when, id, cmp.Diff(a.assets[id], b.assets[id]))
			break
		}
	}
	if !maps.Equal(a.findings, b.findings) || a.conversations != b.conversations || a.operations != b.operations {
		p.t.Errorf("%s: %d conversations, %d operations, findings %v; fresh %d, %d, %v", when, b.conversations, b.operations, b.findings, a.conversations, a.operations, a.findings)
	}
}
