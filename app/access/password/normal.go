// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package password

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/rangetable"

	"breakwater/harbour"
)

// maxBytes bounds what is looked at before characters are counted.
const maxBytes = 4 * MaxLength * 3 // composed characters may come in as three or more

// MaxLength is the longest password in code points.
const MaxLength = 256

// Normal is the form in which a password is hashed and compared, after the OpaqueString profile of RFC 8265: spaces of
// any sort become the plain one, and characters are composed (NFC). Letters keep their case and width. What cannot be
// a password (control characters, bytes that are no text, code points without a meaning yet) is refused.
func Normal(pw string) (string, error) {
	refuse := func(message, hint string) (string, error) {
		return "", &harbour.Error{Kind: harbour.ErrInvalid, Op: "read password", Message: message, Hint: hint}
	}
	if len(pw) > maxBytes {
		return refuse("the password is too long", "At most 256 characters are kept.")
	}
	if !utf8.ValidString(pw) {
		return refuse("the password is not readable as text", "Type it again; the form has to be sent as UTF-8.")
	}
	out := make([]rune, 0, len(pw))
	for _, r := range pw {
		switch {
		case unicode.Is(unicode.Zs, r):
			r = ' '
		case unicode.IsControl(r), r == 0xFEFF, unicode.Is(unicode.Cs, r), unicode.Is(unicode.Co, r):
			return refuse("the password has a character that cannot be typed everywhere", "Leave out tabs, line ends and private symbols.")
		case r > unicode.MaxASCII && !unicode.Is(assigned, r):
			return refuse("the password has a character that is too new to be compared safely", "Leave out recent symbols.")
		}
		out = append(out, r)
	}
	s := norm.NFC.String(string(out))
	if utf8.RuneCountInString(s) > MaxLength {
		return refuse("the password is too long", "At most 256 characters are kept.")
	}
	return s, nil
}

// assigned are the code points whose composition can no longer change.
var assigned = rangetable.Assigned(unicode.Version)
