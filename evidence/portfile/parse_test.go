// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package portfile

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/internal/testdata"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the expected messages of the bad port files")

func load(t testing.TB, path string) (*evidence.Ledger, error) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	l := evidence.NewLedger(evidence.LimitsFor(1 << 20))
	return l, Kind{}.Read(context.Background(), &evidence.Source{Path: filepath.Base(path), Reader: bytes.NewReader(b)}, l)
}

func TestGood(t *testing.T) {
	l, err := load(t, "testdata/skerry.good.yml")
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Evidence.Problems) > 0 {
		t.Errorf("problems %v, want none", l.Evidence.Problems)
	}
	p := l.Port
	if p.Name != "Port of Skerry" || p.Zones[0].Level != "4" || p.Services[0].Value != 150.5 || p.Modules[0].Responsible["patching"] != "supplier" {
		t.Errorf("port %+v", p)
	}
	if s := p.Assets[0].Serial; s != "0012345" {
		t.Errorf("serial %q, want it as written, 0012345", s)
	}
	var got []string
	for _, o := range l.Observations() {
		if o.Declared && o.Subject == 1 {
			got = append(got, l.Text(o.Name)+"="+l.Text(o.Value)+" at "+l.Locator(o.Places[0]))
		}
	}
	want := []string{
		"name=crane-1-plc at line 39", "kind=plc at line 39", "serial=0012345 at line 39",
		"port_service=quay at line 39", "mac=00:1b:1b:00:00:01 at line 39", "ip=10.20.0.5 at line 39",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("declared values (-want +got):\n%s", d)
	}
	if e := l.At(1); e.MAC.String() != "00:1b:1b:00:00:01" || e.IP.String() != "10.20.0.5" || e.VLAN != 20 || e.Flags&evidence.Row == 0 {
		t.Errorf("endpoint %+v", e)
	}
	if e := l.At(2); e.Flags&evidence.Silent == 0 {
		t.Errorf("the silent asset is not marked: %+v", e)
	}
	if l.Evidence.Records != 12 {
		t.Errorf("%d entries, want 12", l.Evidence.Records)
	}
}

func TestBad(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.bad.yml")
	if len(files) < 2 {
		t.Fatal("no bad port files")
	}
	for _, path := range files {
		_, err := load(t, path)
		var e *harbour.Error
		if !errors.As(err, &e) || e.Kind != harbour.ErrInvalid {
			t.Errorf("%s: error %v, want one of kind invalid", path, err)
			continue
		}
		golden := strings.TrimSuffix(path, ".yml") + ".txt"
		if *update {
			os.WriteFile(golden, []byte(e.Message+"\n"), 0o644)
		}
		want, _ := os.ReadFile(golden)
		if d := cmp.Diff(string(want), e.Message+"\n"); d != "" {
			t.Errorf("%s (-want +got):\n%s", path, d)
		}
	}
}

func TestRecognise(t *testing.T) {
	good, _ := os.ReadFile("testdata/skerry.good.yml")
	for name, tt := range map[string]struct {
		head string
		want bool
	}{
		"port file":          {string(good), true},
		"with a marker":      {"# Skerry\n---\n" + string(good), true},
		"comment only":       {"# Skerry\n" + string(good), true},
		"CSV":                {"name,ip\nplc,10.0.0.1\n", false},
		"compose file":       {"services:\n  web:\n    image: x\nvolumes: {}\n", false},
		"playbook":           {"name: Ransomware\ntype: playbook\nsteps: []\n", false},
		"a library":          {"urn: urn:x\nname: y\nassets: []\n", false},
		"JSON":               {`{"zones": []}`, false},
		"firewall":           {"hostname fw1\ninterface eth0\n", false},
		"list":               {"- zones: []\n", false},
		"log":                {"2026-11-01 name: x\n", false},
		"empty":              {"", false},
		"name and key alone": {"name: x\nzones:\n- {id: a}\n", true},
	} {
		if got := (Kind{}).Recognise([]byte(tt.head)) != ""; got != tt.want {
			t.Errorf("%s: recognised %v, want %v", name, got, tt.want)
		}
	}
}

// TestSamples reads the head of every sample: playbooks, rules, configurations and captures are no port files.
func TestSamples(t *testing.T) {
	head := make([]byte, evidence.HeadSize)
	for _, path := range testdata.Files(t, ".") {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		n, _ := io.ReadFull(f, head)
		f.Close()
		if got := (Kind{}).Recognise(head[:n]); got != "" {
			t.Errorf("%s: recognised as %q", path, got)
		}
	}
}

// TestBombs: what would cost a YAML reader much time or memory is refused at once. The limit of two seconds is far above
// what is needed and far below what an unguarded parser takes.
func TestBombs(t *testing.T) {
	var laugh strings.Builder
	laugh.WriteString("name: x\nassets: &a0 [x]\n")
	for i := range 40 {
		fmt.Fprintf(&laugh, "people: &a%d [%s*a%d]\n", i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 20), i)
	}
	var fields strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&fields, "k%d: 1\n", i)
	}
	for name, tt := range map[string]struct{ text, want string }{
		"aliases":        {laugh.String(), "anchors, aliases"},
		"one alias":      {"name: x\nzones:\n- &a {id: a}\n- *a\n", "anchors, aliases"},
		"merge key":      {"name: x\nzones:\n- <<: {id: a}\n", "3:3"},
		"lists":          {"name: x\nzones: " + strings.Repeat("[", 1_000_000), ""},
		"mappings":       {"name: x\nzones: " + strings.Repeat("{a: ", 100_000), "nested too deeply"},
		"dashes":         {"name: x\nzones:\n" + strings.Repeat("- ", 100_000), "nested too deeply"},
		"fields":         {fields.String(), "more than 500 fields"},
		"fields in line": {"name: x\nidentity: {" + strings.ReplaceAll(fields.String(), "\n", ", ") + "}", "more than 500 fields"},
		"on one line":    {strings.Repeat("a: b: ", 20_000), ""},
		"quoted":         {"name: x\nzones: " + strings.Repeat("'a' ", 50_000), ""},
		"explicit keys":  {"name: x\nzones:\n" + strings.Repeat("? ", 50_000), "the sign ?"},
		"values":         {"name: x\nzones: [" + strings.Repeat("a,", 4_000_000) + "]", "values"},
	} {
		start := time.Now()
		_, _, err := Parse([]byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) || harbour.KindOf(err) != harbour.ErrInvalid {
			t.Errorf("%s: error %.200v, want one that says %q", name, err, tt.want)
		}
		// Each is done in a fraction of a second; one that goes off takes minutes, and a busy machine with the race detector a few seconds.
		if d := time.Since(start); d > 30*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}

// TestManyAssets: a long file is not a bomb.
func TestManyAssets(t *testing.T) {
	var b strings.Builder
	b.WriteString("name: x\nassets:\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "- name: device-%d\n  kind: plc\n  ips: [10.0.%d.%d]\n", i, i>>8, i&255)
	}
	p, problems, err := Parse([]byte(b.String()))
	if err != nil || len(p.Assets) != 5000 || len(problems) > 0 {
		t.Errorf("Parse of 5000 assets: %v, %d problems", err, len(problems))
	}
}

func TestNotes(t *testing.T) {
	_, problems, err := Parse([]byte(`name: x
locations:
- {id: gate}
- {id: quay}
zones:
- {id: a, prefixes: [10.0.0.0/8]}
- {id: b, prefixes: [10.0.0.0/8]}
- {id: c, vlans: [5], prefixes: [10.0.0.0/8]}
- {id: d}
- {id: e, kind: external}
assets:
- {name: cam, location: gate, serial: "1", vendor: X}
- {name: cam2, serial: "1", vendor: Y}
- {name: cam}
engineering:
- {clients: [cam], from: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z", verbs: [read, firmware]}
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.Locator+": "+p.Message)
	}
	want := []string{
		`line 7: zones "a" and "b" both claim 10.0.0.0/8; the first one gets its assets`,
		`line 9: nothing puts an asset into zone "d" unless the asset names it`,
		`line 16: the approval ends before it begins and approves nothing`,
		`line 16: read needs no approval`,
		`line 14: the asset of line 12 has the same name cam`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
}

func TestReferenceIsUpToDate(t *testing.T) {
	out := filepath.Join(t.TempDir(), "page.md")
	if b, err := exec.Command("go", "run", "breakwater/internal/tools/portreference", "../../harbour/port.go", out).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	want, _ := os.ReadFile(out)
	got, _ := os.ReadFile("../../docs/port-file.md")
	if !bytes.Equal(got, want) {
		t.Error("docs/port-file.md is out of date: run go generate ./evidence/portfile")
	}
}

func FuzzParse(f *testing.F) {
	for _, path := range []string{"testdata/skerry.good.yml", "testdata/rules.bad.yml", "testdata/faults.bad.yml"} {
		b, _ := os.ReadFile(path)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		Kind{}.Recognise(b)
		if len(b) > 4096 {
			return
		}
		start := time.Now()
		Parse(b)
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("%d bytes took %v", len(b), d)
		}
	})
}
