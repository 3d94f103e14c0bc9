// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestReaderStopsAtTheEnd(t *testing.T) {
	b := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}
	for name, tt := range map[string]struct {
		read func(*Reader) uint64
		size int
		want uint64
	}{
		"U8": {func(r *Reader) uint64 { return uint64(r.U8()) }, 1, 1}, "U16": {func(r *Reader) uint64 { return uint64(r.U16()) }, 2, 0x0102},
		"U16LE": {func(r *Reader) uint64 { return uint64(r.U16LE()) }, 2, 0x0201}, "U24": {func(r *Reader) uint64 { return uint64(r.U24()) }, 3, 0x010203},
		"U32": {func(r *Reader) uint64 { return uint64(r.U32()) }, 4, 0x01020304}, "U32LE": {func(r *Reader) uint64 { return uint64(r.U32LE()) }, 4, 0x04030201},
		"U64": {func(r *Reader) uint64 { return r.U64() }, 8, 0x0102030405060708}, "U64LE": {func(r *Reader) uint64 { return r.U64LE() }, 8, 0x0807060504030201},
	} {
		r := Read(b)
		if got := tt.read(&r); got != tt.want || !r.OK() || r.Offset() != tt.size {
			t.Errorf("%s = %#x at %d, want %#x at %d", name, got, r.Offset(), tt.want, tt.size)
		}
		short := Read(b[:tt.size-1])
		if got := tt.read(&short); got != 0 || short.OK() || short.Len() != 0 {
			t.Errorf("%s past the end = %#x, ok %v, %d bytes left", name, got, short.OK(), short.Len())
		}
	}
	r := Read(b)
	sub := r.Sub(4)
	if sub.Skip(5); sub.OK() || !r.OK() || r.Len() != 5 {
		t.Errorf("a part reads past its end: part ok %v, whole ok %v with %d left", sub.OK(), r.OK(), r.Len())
	}
	if r.Bytes(-1); r.OK() {
		t.Error("a negative length was accepted")
	}
}

func TestAppendText(t *testing.T) {
	for in, want := range map[string]string{
		"plain text": "plain text", "": "", " both ends ": "both ends", "two  spaces": "two spaces", "tab\tand\r\nline": "tab and line",
		"Kr\xfcger": "Krüger", "Krüger": "Krüger", "nul\x00\x00": "nul", "\xef\xbb\xbfmark": "mark", "\x00\x01\x02": "", "a": "a", " ": "",
	} {
		if got := string(AppendText(nil, []byte(in), 100)); got != want {
			t.Errorf("AppendText(%q) = %q, want %q", in, got, want)
		}
	}
	if got := AppendText([]byte("x"), []byte(strings.Repeat("ü", 50)), 20); len(got) > 21 || !utf8.Valid(got) {
		t.Errorf("cut to %q", got)
	}
}

// FuzzAppendText wants clean text within the limit, and the same again when it is cleaned a second time.
func FuzzAppendText(f *testing.F) {
	f.Add([]byte("Siemens  AG\x00"), uint8(40))
	f.Add([]byte("Kr\xfcger"), uint8(3))
	f.Fuzz(func(t *testing.T, b []byte, limit uint8) {
		got := AppendText(nil, b, int(limit))
		if len(got) > int(limit) || !utf8.Valid(got) || bytes.ContainsAny(got, "\x00\n\r\t") {
			t.Fatalf("AppendText(%q, %d) = %q", b, limit, got)
		}
		if again := AppendText(nil, got, len(got)+1); !bytes.Equal(again, got) {
			t.Fatalf("cleaned twice %q becomes %q", got, again)
		}
	})
}
