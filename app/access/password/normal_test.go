// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package password

import (
	"encoding/hex"
	"strings"
	"testing"

	"breakwater/harbour"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNormal(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"plain":            {"Quay 7 ~\"\\", "Quay 7 ~\"\\"},
		"composed":         {"ko\u0308nig", "k\u00f6nig"},
		"spaces":           {"a\u00a0b\u2003c\u3000d", "a b c d"},
		"case is kept":     {"AaÄä", "AaÄä"},
		"width is kept":    {"\uff21", "\uff21"},
		"no compatibility": {"\ufb01", "\ufb01"},
		"Korean":           {"\u1112\u1161\u11ab", "\ud55c"},
		"symbol":           {"⚓ quay", "⚓ quay"},
		"longest":          {strings.Repeat("é", 256), strings.Repeat("é", 256)},
		"longest in parts": {strings.Repeat("e\u0301", 256), strings.Repeat("é", 256)},
	} {
		if got, err := Normal(tt.in); got != tt.want || err != nil {
			t.Errorf("%s: Normal(%q) = %q, %v, want %q", name, tt.in, got, err, tt.want)
		}
	}
	for name, in := range map[string]string{
		"control": "abc\x00def", "tab": "a\tb", "line": "abc\n", "not UTF-8": "a\xffb", "private": "a\ue000", "unassigned": "a\U0003fffe", "mark of order": "\ufeffabc",
		"too long": strings.Repeat("a", 257), "very long": strings.Repeat("a", 1<<20),
	} {
		if _, err := Normal(in); harbour.KindOf(err) != harbour.ErrInvalid || harbour.HintOf(err) == "" {
			t.Errorf("%s: Normal = %v, want invalid with a hint", name, err)
		}
	}
}
