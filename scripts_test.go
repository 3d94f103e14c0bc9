// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package breakwater

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// pollution is how scripts come to change what all objects share: by copying properties whose names somebody else chose.
var pollution = regexp.MustCompile(`__proto__|\.prototype\b|\bObject\.(assign|setPrototypeOf|defineProperty|defineProperties|fromEntries)\b|\bfor\s*\(\s*(const|let|var)\s+\w+\s+in\b|\bReflect\.set\b|\bconstructor\s*\[`)

// TestNoPrototypePollution wants no script of the pages to merge objects or to walk their properties by name.
func TestNoPrototypePollution(t *testing.T) {
	for _, bad := range []string{"Object.assign(a, b)", "for (const k in answer) {", `a["__proto__"]`} {
		if !pollution.MatchString(bad) {
			t.Errorf("%s is not found", bad)
		}
	}
	for _, right := range []string{"for (const k of list) {", "new Map(Object.entries(x))", "{...options}"} {
		if pollution.MatchString(right) {
			t.Errorf("%s is found, and right", right)
		}
	}
	n := 0
	for _, f := range sources(t) {
		if !strings.HasPrefix(f, "web/browser/src/") || !strings.HasSuffix(f, ".ts") {
			continue
		}
		n++
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if at := pollution.FindIndex(b); at != nil {
			t.Errorf("%s:%d holds %q: name the fields that are meant, or use a Map", f, bytes.Count(b[:at[0]], []byte("\n"))+1, b[at[0]:at[1]])
		}
	}
	if n < 5 {
		t.Errorf("%d scripts were looked at", n)
	}
}
