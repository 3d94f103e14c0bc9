// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

var update = flag.Bool("update", false, "write licences.txt")

// TestLicences wants the embedded list to say what docs/licences.md says, which is made from the modules themselves.
func TestLicences(t *testing.T) {
	b, err := os.ReadFile("../../docs/licences.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "## Linked into the program")
	rest, _, _ = strings.Cut(rest, "\n## ")
	var want strings.Builder
	for line := range strings.Lines(rest) {
		cells := strings.Split(line, " | ")
		if len(cells) == 3 && cells[0] != "| module" {
			want.WriteString(strings.TrimPrefix(cells[0], "| ") + " " + strings.TrimSuffix(strings.TrimSpace(cells[2]), " |") + "\n")
		}
	}
	if *update {
		if err := os.WriteFile("licences.txt", []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if licenceList != want.String() || strings.Count(licenceList, "\n") < 20 {
		t.Error("licences.txt is not what docs/licences.md says: run go test ./exchange/sbom -run TestLicences -update")
	}
}

const lock = `{"packages": {"": {"version": "0"}, "node_modules/htmx.org": {"version": "2.0.11", "license": "0BSD", "integrity": "sha512-AAEC"},
"node_modules/@fontsource-variable/inter": {"version": "5.3.0", "license": "OFL-1.1"}, "node_modules/axe-core": {"version": "4", "dev": true}}}`

func TestWrite(t *testing.T) {
	info := &debug.BuildInfo{Deps: []*debug.Module{
		{Path: "golang.org/x/text", Version: "v0.43.0", Sum: "h1:AAEC"}, {Path: "filippo.io/age", Version: "v1.0.0", Replace: &debug.Module{Path: "filippo.io/age", Version: "v1.3.2"}},
	}}
	parts, err := Parts(info, []byte(lock))
	if err != nil || len(parts) != 4 {
		t.Fatalf("%d parts, %v: %+v", len(parts), err, parts)
	}
	at := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	var one, two bytes.Buffer
	for _, w := range []*bytes.Buffer{&one, &two} {
		if err := Write(w, Program{Version: "1.0", Go: "go1.26.0", At: at}, parts); err != nil {
			t.Fatal(err)
		}
	}
	if one.String() != two.String() {
		t.Error("the same parts give other bytes")
	}
	var b cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(one.Bytes()), cdx.BOMFileFormatJSON).Decode(&b); err != nil {
		t.Fatal(err)
	}
	var head struct{ BOMFormat, SpecVersion string }
	if err := json.Unmarshal(one.Bytes(), &head); err != nil || head.BOMFormat != "CycloneDX" || head.SpecVersion != "1.6" {
		t.Errorf("it says it is %+v", head)
	}
	purls := map[string]bool{}
	for _, c := range *b.Components {
		purls[c.PackageURL] = true
	}
	for _, want := range []string{"pkg:golang/stdlib@1.26.0", "pkg:golang/golang.org/x/text@v0.43.0", "pkg:golang/filippo.io/age@v1.3.2", "pkg:npm/htmx.org@2.0.11", "pkg:npm/%40fontsource-variable/inter@5.3.0"} {
		if !purls[want] {
			t.Errorf("%s is missing: %v", want, purls)
		}
	}
	if strings.Contains(one.String(), "axe-core") {
		t.Error("it names what is for development alone")
	}
	if _, err := Parts(info, []byte("{")); err == nil {
		t.Error("a lock file that is none is taken")
	}
}
