// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"breakwater/harbour"
)

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		n    int64
		want string
	}{
		{0, "0"},
		{999, "999"},
		{9999, "9999"},
		{12345, "12\u202f345"},
		{123456, "123\u202f456"},
		{1234567, "1\u202f234\u202f567"},
		{-12345, "−12\u202f345"},
		{-1 << 63, "−9\u202f223\u202f372\u202f036\u202f854\u202f775\u202f808"},
	} {
		if got := Number(tt.n); got != tt.want {
			t.Errorf("Number(%d) = %q, want %q", tt.n, got, tt.want)
		}
	}
	if got := Count(1, "asset", "assets") + ", " + Count(0, "asset", "assets"); got != "1 asset, 0 assets" {
		t.Errorf("Count = %q", got)
	}
}

func TestBytes(t *testing.T) {
	for _, tt := range []struct {
		n    int64
		want string
	}{
		{0, "0 B"},
		{999, "999 B"},
		{1000, "1.00 kB"},
		{9994, "9.99 kB"},
		{9996, "10.0 kB"},
		{99960, "100 kB"},
		{999_499, "999 kB"},
		{999_500, "1.00 MB"},
		{183_440_121, "183 MB"},
		{1 << 62, "4.61 EB"},
	} {
		if got := Bytes(tt.n); got != tt.want {
			t.Errorf("Bytes(%d) = %q, want %q", tt.n, got, tt.want)
		}
	}
}

func TestSpan(t *testing.T) {
	a := harbour.At(time.Date(2026, 11, 16, 5, 0, 12, 999, time.UTC))
	hour := harbour.Instant(3_600_000_000)
	for _, tt := range []struct {
		from, to harbour.Instant
		want     string
	}{
		{0, 0, "not known"},
		{a, 0, "2026-11-16 05:00:12 UTC"},
		{0, a, "until 2026-11-16 05:00:12 UTC"},
		{a, a + 1, "2026-11-16 05:00:12 UTC"},
		{a, a + hour, "2026-11-16 05:00:12 – 06:00:12 UTC"},
		{a, a + 24*hour, "2026-11-16 05:00:12 – 2026-11-17 05:00:12 UTC"},
	} {
		if got := Span(tt.from, tt.to); got != tt.want {
			t.Errorf("Span(%d, %d) = %q, want %q", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestPlain(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"sts-04-plc", "sts-04-plc"},
		{"Kran Süd № 4 – 起重机 مرفأ", "Kran Süd № 4 – 起重机 مرفأ"}, // other scripts stay as they are
		{"family 👩‍🔧", "family 👩‍🔧"},
		{"a\x00b", `a\u{0000}b`},
		{"a\u202egpj.exe", `a\u{202e}gpj.exe`},
		{"a\u2066b\u200fc", `a\u{2066}b\u{200f}c`},
		{"bad\xffbyte", `bad\xffbyte`},
		{"real \ufffd", "real \ufffd"},
		{"two\nlines\tand\u2028more", `two lines and\u{2028}more`},
		{"\ufffe\U0001ffff", `\u{fffe}\u{1ffff}`},
	} {
		if got := Plain(tt.in, 100); got != tt.want {
			t.Errorf("Plain(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got, want := Plain(strings.Repeat("ü", 12000), 3), "üüü… (12\u202f000 characters)"; got != want {
		t.Errorf("Plain = %q, want %q", got, want)
	}
	if got, want := Plain("üüü", 3), "üüü"; got != want {
		t.Errorf("Plain = %q, want %q", got, want)
	}
}

func TestPlainNeverHides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "bytes")
		got := Plain(string(b)+rapid.String().Draw(t, "text"), 80)
		if !utf8.ValidString(got) {
			t.Errorf("Plain gave invalid text %q", got)
		}
		for _, r := range got {
			if hidden(r) {
				t.Errorf("Plain left %U", r)
			}
		}
		if n := utf8.RuneCountInString(got); n > 80*9+40 {
			t.Errorf("Plain gave %d characters", n)
		}
	})
}

func TestAnchor(t *testing.T) {
	if got, want := Anchor("e-1a2b3c"), "e-1a2b3c"; got != want {
		t.Errorf("Anchor = %q, want %q", got, want)
	}
	if got, want := Anchor(`a b"#~`), "a~20b~22~23~7e"; got != want {
		t.Errorf("Anchor = %q, want %q", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		if a != b && Anchor(a) == Anchor(b) {
			t.Errorf("Anchor(%q) = Anchor(%q)", a, b)
		}
		if strings.ContainsAny(Anchor(a), " \"'<>&#%") {
			t.Errorf("Anchor(%q) = %q", a, Anchor(a))
		}
	})
}

func TestClip(t *testing.T) {
	for _, tt := range []struct {
		in   string
		n    int
		want string
	}{{"abcdef", 6, "abcdef"}, {"abcdefg", 6, "abcde…"}, {"üüüüüü", 6, "üüüüüü"}, {"üüüüüüü", 6, "üüüüü…"}} {
		if got := Clip(tt.in, tt.n); got != tt.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

func TestName(t *testing.T) {
	for in, want := range map[string]string{
		"order_number": "Order number", "certificate_sha256": "Certificate SHA-256", "ip": "IP", "": "", "write_multiple_registers": "Write multiple registers",
		"undeclared-asset": "Undeclared asset", "éclair_x": "Éclair x",
	} {
		if got := Name(in); got != want {
			t.Errorf("Name(%q) = %q, want %q", in, got, want)
		}
	}
}

// Every member of the closed lists has words; nobody meets a code name.
func TestWords(t *testing.T) {
	for _, v := range harbour.Verbs {
		if w := Verb(v); w.Means == "" || w.Title == string(v) {
			t.Errorf("Verb(%s) = %+v", v, w)
		}
	}
	for _, v := range Verdicts {
		if w := Verdict(v); w.Means == "" || w.Class == "" {
			t.Errorf("Verdict(%s) = %+v", v, w)
		}
	}
	for i, s := range Severities {
		if w := Severity(s); w.Means == "" || s.Rank() != len(Severities)-1-i {
			t.Errorf("Severity(%s) = %+v at %d", s, w, i)
		}
	}
	for _, tt := range []struct {
		c    harbour.Confidence
		want string
	}{{100, "Declared"}, {99, "Stated"}, {95, "Stated"}, {80, "Confirmed"}, {79, "Likely"}, {20, "Guess"}, {0, "Guess"}} {
		if got := Confidence(tt.c).Title; got != tt.want {
			t.Errorf("Confidence(%d) = %s, want %s", tt.c, got, tt.want)
		}
	}
}

func TestStack(t *testing.T) {
	var b bytes.Buffer
	parts := []Part{{"One <1>", "ok", 1}, {"None", "bad", 0}, {"Most", "info", 999_999}}
	if err := Stack("Parts", parts).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<rect class="c-ok" x="0" width="2" height="8">`, `<rect class="c-info" x="3" width="297" height="8">`,
		"One &lt;1&gt;", "<span>None</span> <b>0</b>", "999\u202f999",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), `class="c-bad"`) {
		t.Error("a part without a value is drawn")
	}
}
