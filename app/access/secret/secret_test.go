// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"log/slog"
	"math"
	"regexp"
	"strings"
	"testing"

	"breakwater/harbour"
)

func TestSession(t *testing.T) {
	token, want := NewSession()
	if got, ok := Session(token); !ok || !got.Equal(want) {
		t.Errorf("Session(%q) = %v, %v, want %v", token, got, ok, want)
	}
	other, _ := NewSession()
	if token == other {
		t.Errorf("two sessions are the same: %q", token)
	}
	if got, ok := Session(other); !ok || got.Equal(want) {
		t.Errorf("Session(%q) = %v, %v: another session's digest", other, got, ok)
	}
	// The last character holds two bits that mean nothing: a second spelling of one session must not pass.
	second := token[:len(token)-1] + string(token[len(token)-1]+1)
	for name, bad := range map[string]string{
		"empty": "", "short": token[1:], "long": token + "A", "not base64": strings.Repeat("!", len(token)), "spaces": " " + token[1:], "second spelling": second,
	} {
		if d, ok := Session(bad); ok {
			t.Errorf("%s: Session(%q) = %v, want it refused", name, bad, d)
		}
	}
}

func TestAPI(t *testing.T) {
	token, want := NewAPI()
	got, err := API(token)
	if err != nil || !got.Equal(want) {
		t.Fatalf("API(%q) = %v, %v, want %v", token, got, err, want)
	}
	re := regexp.MustCompile(APIPattern)
	if found := re.FindString("key: \"" + token + "\"\n"); found != token {
		t.Errorf("a scanner finds %q, want %q", found, token)
	}
	if found := re.FindString("key: \"" + token + "x\"\n"); found != "" {
		t.Errorf("a scanner finds %q in a longer word", found)
	}
	if s := Shown(token); len(s) > 12 || !strings.HasPrefix(token, strings.TrimSuffix(s, "…")) {
		t.Errorf("Shown(%q) = %q", token, s)
	}
	for i := len(APIPrefix); i < len(token); i++ {
		b := []byte(token)
		if b[i]++; b[i] == '9'+1 || b[i] == 'Z'+1 || b[i] == 'z'+1 {
			b[i] = 'a'
		}
		if _, err := API(string(b)); harbour.KindOf(err) != harbour.ErrUnauthenticated {
			t.Errorf("API with character %d changed = %v, want unauthenticated", i, err)
		}
	}
	for name, bad := range map[string]string{
		"empty": "", "short": token[:len(token)-1], "long": token + "0", "prefix": "xw_" + token[3:], "line": token + "\n", "not ASCII": token[:40] + "é" + token[42:],
	} {
		if _, err := API(bad); harbour.KindOf(err) != harbour.ErrUnauthenticated || harbour.HintOf(err) == "" {
			t.Errorf("%s: API = %v, want unauthenticated with a hint", name, err)
		}
	}
}

func TestLetters(t *testing.T) {
	text, want := NewLetters()
	if !regexp.MustCompile(`^([A-HJKMNP-Z]{5}-){4}[A-HJKMNP-Z]{5}$`).MatchString(text) {
		t.Errorf("NewLetters = %q", text)
	}
	for name, typed := range map[string]string{
		"as printed": text, "lower case": strings.ToLower(text), "no hyphens": strings.ReplaceAll(text, "-", ""),
		"spaces and a line": " " + strings.ReplaceAll(text, "-", "  ") + "\r\n", "a text program's dashes": strings.ReplaceAll(text, "-", "–"),
	} {
		if got, err := Letters(typed); err != nil || !got.Equal(want) {
			t.Errorf("%s: Letters(%q) = %v, %v, want %v", name, typed, got, err, want)
		}
	}
	for name, typed := range map[string]string{
		"empty": "", "a letter short": text[:len(text)-1], "a letter more": text + "A", "digit": "1" + text[1:], "look-alike": "O" + text[1:],
		"very long": strings.Repeat(" ", 201), "capital of two letters": "ß" + text[1:],
	} {
		if _, err := Letters(typed); harbour.KindOf(err) != harbour.ErrInvalid || harbour.HintOf(err) == "" {
			t.Errorf("%s: Letters(%q) = %v, want invalid with a hint", name, typed, err)
		}
	}
	other, _ := NewLetters()
	if got, err := Letters(other); err != nil || got.Equal(want) {
		t.Errorf("Letters(%q) = %v, %v, want another digest", other, got, err)
	}
}

func TestDigest(t *testing.T) {
	_, d := NewSession()
	got, ok := ParseDigest(d.String())
	if !ok || got != d {
		t.Errorf("ParseDigest(%v) = %v, %v", d, got, ok)
	}
	for _, bad := range []string{"", d.String()[2:], d.String() + "00", strings.Repeat("x", 64)} {
		if _, ok := ParseDigest(bad); ok {
			t.Errorf("ParseDigest(%q) passed", bad)
		}
	}
	if a, b := digest(forSession, "x"), digest(forLetters, "x"); a.Equal(b) {
		t.Errorf("one string has the same digest for two purposes: %v", a)
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("signed in", "session", d)
	if strings.Contains(out.String(), d.String()[:8]) {
		t.Errorf("the log shows a digest: %s", out.String())
	}
}

// TestPick wants each character as likely as any other: a remainder of 256 would favour the first ones by far more
// than this allows.
func TestPick(t *testing.T) {
	const n = 200_000
	for _, alphabet := range []string{readable, digits62} {
		count := map[rune]int{}
		for _, r := range pick(alphabet, n) {
			count[r]++
		}
		want := float64(n) / float64(len(alphabet))
		for _, r := range alphabet {
			if d := math.Abs(float64(count[r])-want) / math.Sqrt(want); d > 6 {
				t.Errorf("%q came %d times, want about %.0f", r, count[r], want)
			}
		}
	}
}

func FuzzTyped(f *testing.F) {
	text, _ := NewLetters()
	token, _ := NewAPI()
	session, _ := NewSession()
	for _, s := range []string{text, token, session, "", "bw_", "ABCDE-FGHJK", "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := API(s); err == nil && (len(s) != 49 || d == Digest{}) {
			t.Errorf("API(%q) = %v", s, d)
		}
		if d, err := Letters(s); err == nil && (len(s) < lettersLen || d == Digest{}) {
			t.Errorf("Letters(%q) = %v", s, d)
		}
		if d, ok := Session(s); ok && (len(s) != 43 || d == Digest{}) {
			t.Errorf("Session(%q) = %v", s, d)
		}
	})
}
