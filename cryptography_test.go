// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package breakwater

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// secretive are the imports that docs/cryptography.md has to list: what encrypts, signs, hashes, or draws keys.
var secretive = regexp.MustCompile(`^(crypto/.+|golang\.org/x/crypto/.+|filippo\.io/.+|golang\.org/x/mod/sumdb/note|github\.com/(coreos/go-oidc|go-webauthn|go-jose|golang-jwt|cloudflare/circl|ProtonMail)/.+)$`)

// TestCryptography wants docs/cryptography.md to name each package of the program that imports something of cryptography,
// with what it imports, and nothing that is not so.
func TestCryptography(t *testing.T) {
	page, err := os.ReadFile("docs/cryptography.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "\n## Algorithms\n")
	if !ok {
		t.Fatal("docs/cryptography.md has no part on algorithms")
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	said := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| [^|]+ \\| [^|]+ \\| ([^|]+) \\| `([^`]+)` \\|$").FindAllStringSubmatch(table, -1) {
		for _, dir := range quoted.FindAllStringSubmatch(m[1], -1) {
			said[dir[1]+" imports "+m[2]] = true
		}
	}
	if len(said) < 20 {
		t.Fatalf("docs/cryptography.md lists %d uses; it cannot be read", len(said))
	}
	for _, p := range goList(t, "./...") {
		dir := strings.TrimPrefix(p.ImportPath, "breakwater/")
		if strings.HasPrefix(dir, "internal/") || dir == "store/storetest" { // tools and tests, which are no part of the program
			continue
		}
		for _, i := range p.Imports {
			if !secretive.MatchString(i) {
				continue
			}
			use := dir + " imports " + i
			if !said[use] {
				t.Errorf("%s: say in docs/cryptography.md what for", use)
			}
			delete(said, use)
		}
	}
	var gone []string
	for use := range said {
		gone = append(gone, use)
	}
	slices.Sort(gone)
	for _, use := range gone {
		t.Errorf("docs/cryptography.md says that %s, and that is not so", use)
	}
}
