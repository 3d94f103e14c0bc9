// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"strconv"
	"unicode/utf8"
)

// AppendText appends b to dst as clean UTF-8: bytes of a legacy code page are taken as Latin-1, runs of white space and
// control characters become one space, both ends are trimmed, and the result is cut at limit bytes between runes.
func AppendText(dst, b []byte, limit int) []byte {
	if len(b) < limit && clean(b) {
		return append(dst, b...)
	}
	start := len(dst)
	valid := utf8.Valid(b)
	space := false
	for i := 0; i < len(b); {
		r, n := rune(b[i]), 1
		if valid && r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(b[i:])
		}
		i += n
		if r <= ' ' || r == 0x7f || (r >= 0x80 && r <= 0xa0) || r == utf8.RuneError || r == 0xfeff {
			space = len(dst) > start
			continue
		}
		if len(dst)-start+utf8.RuneLen(r)+1 > limit {
			break
		}
		if space {
			dst = append(dst, ' ')
			space = false
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// clean says whether b is printable ASCII with single spaces between words: text that stays as it is.
func clean(b []byte) bool {
	space := true // as if one stood before
	for _, c := range b {
		if c > ' ' && c < 0x7f {
			space = false
			continue
		}
		if c != ' ' || space {
			return false
		}
		space = true
	}
	return !space || len(b) == 0
}

// CString returns b up to its first NUL.
func CString(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}

// Printable says whether b is not empty and holds only printable ASCII.
func Printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(b) > 0
}

const hexDigits = "0123456789abcdef"

// AppendHex appends v as 0x and at least width lower-case hex digits.
func AppendHex(dst []byte, v uint64, width int) []byte {
	dst = append(dst, '0', 'x')
	n := 1
	for x := v >> 4; x != 0; x >>= 4 {
		n++
	}
	for ; width > n; width-- {
		dst = append(dst, '0')
	}
	return strconv.AppendUint(dst, v, 16)
}

// AppendHexBytes appends b as lower-case hex digits without prefix.
func AppendHexBytes(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// AppendMAC appends a hardware address in lower case with colons.
func AppendMAC(dst []byte, mac [6]byte) []byte {
	for i, c := range mac {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}
