// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/harbour"
)

// TestEarlierAssessment wants a run to take the place of an assessment of the same evidence, and of no other unless asked.
func TestEarlierAssessment(t *testing.T) {
	in := t.TempDir()
	write(t, in, map[string]string{"a.csv": inventoryCSV, "b.csv": "name,ip\nplc-2,10.0.0.2\n", "other.csv": "name,ip\nhoist-of-another-port,10.9.0.1\n"})
	a, b, other := filepath.Join(in, "a.csv"), filepath.Join(in, "b.csv"), filepath.Join(in, "other.csv")
	for name, tt := range map[string]struct {
		first  []string
		change func(t *testing.T, out string) (second []string)
		ask    bool
		want   harbour.ErrorKind
		says   string
	}{
		"the same again":             {[]string{a, b}, func(*testing.T, string) []string { return []string{b, a} }, false, 0, ""},
		"more than before":           {[]string{a}, func(*testing.T, string) []string { return []string{a, b} }, false, 0, ""},
		"other evidence":             {[]string{a}, func(*testing.T, string) []string { return []string{other} }, false, harbour.ErrConflict, "a.csv, which is not given now"},
		"a part of it":               {[]string{a, b, other}, func(*testing.T, string) []string { return []string{a} }, false, harbour.ErrConflict, "b.csv and 1 more, which are not given now"},
		"other evidence, as asked":   {[]string{a}, func(*testing.T, string) []string { return []string{other} }, true, 0, ""},
		"the same file, which grew":  {nil, grown, false, 0, ""},
		"the same content, moved":    {nil, moved, false, 0, ""},
		"other content, as long":     {nil, replaced, false, harbour.ErrConflict, "which is not given now"},
		"a summary of something":     {nil, strange, false, harbour.ErrConflict, "not of what it was made"},
		"a summary, its list broken": {[]string{a}, broken, false, harbour.ErrConflict, "not of what it was made"},
		"leftovers without summary":  {[]string{a}, leftovers(other), false, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			if tt.first != nil {
				if _, err := Run(context.Background(), Options{Paths: tt.first, Out: out}); err != nil {
					t.Fatal(err)
				}
			}
			second := tt.change(t, out)
			before, _ := os.ReadFile(filepath.Join(out, "summary.json"))
			_, err := Run(context.Background(), Options{Paths: second, Out: out, Replace: tt.ask})
			if tt.want == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if harbour.KindOf(err) != tt.want || !strings.Contains(err.Error(), tt.says) || !strings.Contains(harbour.HintOf(err), "--replace") {
				t.Errorf("error %v (hint %q), want one of kind %v that says %q", err, harbour.HintOf(err), tt.want, tt.says)
			}
			if after, _ := os.ReadFile(filepath.Join(out, "summary.json")); string(after) != string(before) || len(before) == 0 {
				t.Error("the earlier assessment was touched")
			}
			if left, _ := filepath.Glob(filepath.Join(out, workPrefix+"*")); len(left) > 0 {
				t.Errorf("%v was left", left)
			}
		})
	}
}

// once makes an assessment of one file of its own and returns the file.
func once(t *testing.T, out string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.csv": inventoryCSV})
	path := filepath.Join(dir, "a.csv")
	if _, err := Run(context.Background(), Options{Paths: []string{path}, Out: out}); err != nil {
		t.Fatal(err)
	}
	return path
}

func grown(t *testing.T, out string) []string {
	path := once(t, out)
	write(t, filepath.Dir(path), map[string]string{"a.csv": inventoryCSV + "plc-3,10.0.0.3,\n"})
	return []string{path}
}

func moved(t *testing.T, out string) []string {
	path := once(t, out)
	to := filepath.Join(t.TempDir(), "renamed.csv")
	if err := os.Rename(path, to); err != nil {
		t.Fatal(err)
	}
	return []string{to}
}

func replaced(t *testing.T, out string) []string {
	path := once(t, out)
	dir := t.TempDir()
	write(t, dir, map[string]string{"b.csv": strings.Replace(inventoryCSV, "plc-1", "plc-9", 1)})
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	return []string{filepath.Join(dir, "b.csv")}
}

func strange(t *testing.T, out string) []string {
	if err := os.Mkdir(out, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, out, map[string]string{"summary.json": "{}"})
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.csv": inventoryCSV})
	return []string{dir}
}

func broken(t *testing.T, out string) []string {
	write(t, out, map[string]string{"evidence.jsonl": "{\"id\":"})
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.csv": inventoryCSV})
	return []string{dir}
}

func leftovers(path string) func(t *testing.T, out string) []string {
	return func(t *testing.T, out string) []string {
		if err := os.Remove(filepath.Join(out, "summary.json")); err != nil {
			t.Fatal(err)
		}
		return []string{path}
	}
}
