// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"breakwater/harbour"
)

// render writes the page of a.
func render(t testing.TB, a *harbour.Assessment) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(context.Background(), &b, a); err != nil {
		t.Fatalf("HTML: %v", err)
	}
	return b.Bytes()
}

// TestKeep writes the example page where KEEP_PAGE names a file, to look at.
func TestKeep(t *testing.T) {
	name := os.Getenv("KEEP_PAGE")
	if name == "" {
		t.Skip("KEEP_PAGE not set")
	}
	if err := os.WriteFile(name, render(t, examplePort(240)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSilentRules wants the first screen to name what was not looked for, and nothing where every rule ran.
func TestSilentRules(t *testing.T) {
	if strings.Contains(string(render(t, examplePort(3))), "What was not looked for") {
		t.Error("every rule ran, and something was not looked for")
	}
	page := string(render(t, silentPort()))
	for _, want := range []string{"What was not looked for", "2 rules did not run", "Engineering &lt;b&gt;", "No zones are declared", "a port file with zones"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// silentPort has rules that did not run.
func silentPort() *harbour.Assessment {
	a := withoutPort(examplePort(3))
	a.Summary.Silent = []harbour.SilentRule{
		{Rule: "a", Title: "Reached from outside", Why: []string{"no zones are declared"}, Needs: []string{"a port file with zones"}},
		{Rule: "b", Title: "Engineering <b>", Why: []string{"nobody has said who may"}, Needs: []string{"a port file"}},
	}
	return a
}

func TestPageIsSound(t *testing.T) {
	for name, a := range map[string]*harbour.Assessment{
		"silent rules": silentPort(),
		"port":         examplePort(300),
		"small":        examplePort(3),
		"empty":        {},
		"no port file": withoutPort(examplePort(60)),
		"above caps":   aboveCaps(),
		"mixed":        mixedPort(),
	} {
		t.Run(name, func(t *testing.T) {
			checkPage(t, render(t, a))
		})
	}
}

// withoutPort is the assessment of captures alone.
func withoutPort(a *harbour.Assessment) *harbour.Assessment {
	a.Port, a.Zones, a.Conduits = nil, nil, nil
	a.Summary.Port, a.Summary.Marking, a.Summary.Services = "", "", nil
	a.ZoneOf = func(string) string { return "" }
	return a
}

// aboveCaps has more of everything than the page shows.
func aboveCaps() *harbour.Assessment {
	a := examplePort(MaxAssets + 500)
	var many []harbour.Finding
	for i := range MaxFindings + 50 {
		f := a.Findings[i%len(a.Findings)]
		f.ID = fmt.Sprintf("f-%05d", i)
		f.Severity, f.Rule = harbour.SeverityLow, "many"
		many = append(many, f)
	}
	a.Findings = many
	for i := range MaxZones + 20 {
		a.Zones = append(a.Zones, harbour.Zone{ID: fmt.Sprintf("extra-%d", i), Level: "1"})
		a.Conduits = append(a.Conduits, harbour.ConduitUse{ID: fmt.Sprintf("extra-%d", i), From: "office", To: fmt.Sprintf("extra-%d", i)})
	}
	for i := range MaxEvidence + 20 {
		a.Evidence = append(a.Evidence, harbour.Evidence{ID: fmt.Sprintf("e-extra-%d", i), Path: "same.pcap", Kind: harbour.EvidencePacket})
	}
	talks, ops := a.Conversations, a.Operations
	a.Conversations = func(yield func(*harbour.Conversation) bool) {
		for v := range talks {
			w := *v
			for port := range MaxConversations {
				w.Port = port
				if !yield(&w) {
					return
				}
			}
			break
		}
		talks(yield)
	}
	a.Operations = func(yield func(*harbour.Operation) bool) {
		for range MaxOperations {
			ok := true
			ops(func(o *harbour.Operation) bool { ok = yield(o); return ok })
			if !ok {
				return
			}
		}
	}
	return a
}

func TestDeterminism(t *testing.T) {
	first := render(t, examplePort(400))
	for range 3 {
		if !bytes.Equal(first, render(t, examplePort(400))) {
			t.Fatal("the same assessment gave another page")
		}
	}
}

// What a reader must find, and words where there is nothing.
func TestContents(t *testing.T) {
	page := string(render(t, examplePort(240)))
	for _, want := range []string{
		"Port of Skerry", "RESTRICTED – PORT SECURITY", "2026-11-16 05:00:12 – 10:00:12 UTC", "2026-11-25 05:00:12 UTC", "Breakwater 0.1.0",
		"4 packet captures, 1 port file, 1 table, 1 file that was not recognised",
		`id="finding-f-engineering_unapproved-0003"`, `id="zone-sts"`, `id="conduit-gate-to-sts"`,
		"not a kind of evidence that is read; tried capture, table, port file", "sheet Gate row 47", "IEC 62443-3-3 SR 2.1",
		"quay-core.pcapng</bdi> frame 118", "Program download", "unit 1 holding 40001-40012", "What passive observation cannot tell",
		"1\u202f204\u202f331 frames", "<svg class=\"zonemap\"", "answered Modbus device identification",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	empty := string(render(t, &harbour.Assessment{}))
	for _, want := range []string{
		"Port without a name", "No rule found anything.", "No zones are declared", "What is missing is a port file", "No asset is known.",
		"No conversation was seen.", "No operation was recognised.", "No evidence was given.", "no evidence",
	} {
		if !strings.Contains(empty, want) {
			t.Errorf("the empty page does not say %q", want)
		}
	}
	for _, not := range []string{"<table", "Shown:", `class="zonemap" xmlns`} {
		if strings.Contains(empty, not) {
			t.Errorf("the empty page has %q", not)
		}
	}
	quiet := examplePort(40)
	quiet.Operations = each([]harbour.Operation{{Verb: harbour.VerbRead, Protocol: "modbus", Count: 12}})
	if page := string(render(t, quiet)); !strings.Contains(page, "Nothing was written, controlled") || strings.Contains(page, "Who did what") {
		t.Error("a port that only reads is not called so")
	}
}

// The caps hold, are said, and keep what matters.
func TestCaps(t *testing.T) {
	page := string(render(t, aboveCaps()))
	for _, want := range []string{
		"Shown: 3000 of 3500, those with findings first", "Shown: 1000 of 1050, the worst first", "in <code>findings.jsonl</code>",
		"Shown: 500 of 537", "Shown: 500 of 541", "Shown: 2000 of 2027",
		"Not drawn, because nobody could read it",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for class, limit := range map[string]int{
		`class="row finding"`: MaxFindings, `id="asset-`: MaxAssets, `id="evidence-`: MaxEvidence + 1, `id="conduit-`: MaxConduits, `id="zone-`: MaxZones,
	} {
		if n := strings.Count(page, class); n > limit {
			t.Errorf("%d times %s, want at most %d", n, class, limit)
		}
	}
}

// With a hundred thousand assets, those with findings are shown wherever they stand, then the critical ones, then OT;
// the memory for it stays small.
func TestHundredThousandAssets(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	a := hundredThousand()
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	w := &watcher{}
	if err := HTML(context.Background(), w, a); err != nil {
		t.Fatal(err)
	}
	page := w.page.String()
	for _, want := range []string{
		"Shown: 3000 of 100\u202f000", `id="asset-a-099990"`, `id="asset-a-099999"`, `id="asset-a-077777"`, `id="asset-a-000050"`, `id="asset-a-099950"`,
		`id="asset-a-000001"`, // the rest is filled in order
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if strings.Contains(page, `id="asset-a-050001"`) {
		t.Error("an asset that does not matter took the place of others")
	}
	// The page itself is kept by this test and is not counted.
	if used := int64(w.peak) - int64(before.HeapAlloc); used > 96<<20 {
		t.Errorf("%d MB were in use, want at most 96", used>>20)
	}
}

// hundredThousand has so many assets, each made when it is asked for.
func hundredThousand() *harbour.Assessment {
	const n = 100_000
	a := examplePort(40)
	var scratch harbour.Asset
	attributes := []harbour.Attribute{{Name: "ip", Value: "10.0.0.1", Observations: []harbour.Observation{{Evidence: a.Evidence[0].ID, Locator: "frame 1"}}}}
	a.Assets = func(yield func(*harbour.Asset) bool) {
		for i := range n {
			scratch = harbour.Asset{ID: fmt.Sprintf("a-%06d", i), Name: fmt.Sprintf("asset %d", i), Domain: harbour.IT, Kind: harbour.KindServer, Observed: true, Attributes: attributes}
			switch {
			case i >= n-10:
				scratch.Name = "cited " + scratch.Name
			case i%50 == 0:
				scratch.Domain = harbour.OT
			case i == 77_777:
				scratch.Criticality = "critical"
			}
			if !yield(&scratch) {
				return
			}
		}
	}
	a.Findings = a.Findings[:1]
	a.Findings[0].Subjects = nil
	for i := n - 10; i < n; i++ {
		a.Findings[0].Subjects = append(a.Findings[0].Subjects, fmt.Sprintf("a-%06d", i))
	}
	return a
}

// watcher keeps the page and looks at the heap now and then.
type watcher struct {
	page   bytes.Buffer
	writes int
	peak   uint64
}

func (w *watcher) Write(p []byte) (int, error) {
	if w.writes++; w.writes%16 == 1 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if used := m.HeapAlloc - min(m.HeapAlloc, uint64(w.page.Cap())); used > w.peak {
			w.peak = used
		}
	}
	return w.page.Write(p)
}

// failing has no space after a number of bytes.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, &os.PathError{Op: "write", Path: "page", Err: syscall.ENOSPC}
	}
	f.left -= len(p)
	return len(p), nil
}

func TestErrors(t *testing.T) {
	a := examplePort(100)
	size := len(render(t, a))
	for _, space := range []int{0, 1, size / 3, size / 2, size - 1} {
		if err := HTML(context.Background(), &failing{space}, a); harbour.KindOf(err) != harbour.ErrFull || harbour.HintOf(err) == "" {
			t.Errorf("with %d bytes of space: %v, want ErrFull with a hint", space, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := HTML(ctx, io.Discard, a); harbour.KindOf(err) != harbour.ErrCancelled || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v, want ErrCancelled", err)
	}
}

func BenchmarkHTML(b *testing.B) {
	a := examplePort(1200)
	b.ReportAllocs()
	for b.Loop() {
		if err := HTML(context.Background(), io.Discard, a); err != nil {
			b.Fatal(err)
		}
	}
}
