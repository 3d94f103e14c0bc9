// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package portfile

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/harbour"

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
		"port_service=quay at line 39", "mac=00:1B:1B:00:00:01 at line 39", "ip=10.20.0.5 at line 39",
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

func TestAliasBomb(t *testing.T) {
	bomb := "name: x\nzones:\n- &a {id: a}\n- *a\n"
	if _, _, err := Parse([]byte(bomb)); err == nil || !strings.Contains(err.Error(), "anchors") {
		t.Errorf("aliases: error %v", err)
	}
	deep := "name: x\nzones: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	if _, _, err := Parse([]byte(deep)); err == nil {
		t.Error("a file nested 5000 deep was accepted")
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
		Parse(b)
	})
}
