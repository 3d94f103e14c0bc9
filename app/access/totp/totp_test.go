// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package totp

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestVectors are those of RFC 6238, appendix B, for SHA-1, cut to six digits.
func TestVectors(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		now := time.Unix(at, 0)
		if got := Code(secret, Step(now)); got != want {
			t.Errorf("Code at %d = %s, want %s", at, got, want)
		}
		if step, ok := Check(secret, want, now, 0); !ok || step != at/30 {
			t.Errorf("Check(%s) at %d = %d, %v", want, at, step, ok)
		}
	}
}

func TestCheck(t *testing.T) {
	secret := NewSecret()
	now := time.Unix(1_800_000_015, 0)
	code := Code(secret, Step(now))
	for offset, want := range map[time.Duration]bool{0: true, 30 * time.Second: true, -30 * time.Second: true, 61 * time.Second: false, -61 * time.Second: false} {
		if _, ok := Check(secret, code, now.Add(offset), 0); ok != want {
			t.Errorf("Check with a clock that is %v off = %v, want %v", offset, ok, want)
		}
	}
	for _, last := range []int64{Step(now), Step(now) + 1} {
		if _, ok := Check(secret, code, now, last); ok {
			t.Errorf("Check of a code of step %d after one of step %d passed", Step(now), last)
		}
	}
	if _, ok := Check(secret, code, now, Step(now)-1); !ok {
		t.Error("Check of the next code after one was used failed")
	}
	if _, ok := Check(NewSecret(), code, now, 0); ok {
		t.Error("Check with another secret passed")
	}
}

func TestTyped(t *testing.T) {
	for typed, want := range map[string]string{"123456": "123456", " 123 456\n": "123456", "123-456": "123456", "000000": "000000"} {
		if got, ok := Clean(typed); !ok || got != want {
			t.Errorf("Clean(%q) = %q, %v, want %q", typed, got, ok, want)
		}
	}
	for _, bad := range []string{"", "12345", "1234567", "12345a", "１２３４５６", strings.Repeat(" ", 100) + "123456", "+12345"} {
		if got, ok := Clean(bad); ok {
			t.Errorf("Clean(%q) = %q, want it refused", bad, got)
		}
	}
}

func TestShown(t *testing.T) {
	secret := []byte("12345678901234567890")
	if got, want := Text(secret), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"; got != want {
		t.Errorf("Text = %q, want %q", got, want)
	}
	uri := URI("Port: of Westhaven", "m.de vries", secret)
	p, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	if p.Scheme != "otpauth" || p.Host != "totp" || p.Path != "/Port  of Westhaven:m.de vries" || p.Query().Get("issuer") != "Port  of Westhaven" || p.Query().Get("secret") != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" {
		t.Errorf("URI = %s", uri)
	}
}
