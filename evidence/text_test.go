// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"net/netip"
	"testing"
)

// TestInternTellsTextsApart interns texts of every short length that differ in one byte, wherever it stands.
func TestInternTellsTextsApart(t *testing.T) {
	l := NewLedger(LimitsFor(16 << 20))
	seen := map[Text]string{}
	hashes := map[uint64]string{}
	for n := 1; n <= 40; n++ {
		for at := range n {
			for _, c := range []byte{'a', 'b', 0x80} {
				b := make([]byte, n)
				for i := range b {
					b[i] = '.'
				}
				b[at] = c
				id := l.Intern(b)
				if was, ok := seen[id]; ok {
					t.Fatalf("%q and %q have the same number", was, b)
				}
				seen[id] = string(b)
				h := hashBytes(b)
				if was, ok := hashes[h]; ok {
					t.Errorf("%q and %q have the same hash", was, b)
				}
				hashes[h] = string(b)
			}
		}
	}
	for id, want := range seen {
		if got := l.Text(id); got != want {
			t.Errorf("Text(%d) = %q, want %q", id, got, want)
		}
		if got := l.Intern([]byte(want)); got != id {
			t.Errorf("Intern(%q) = %d, then %d", want, id, got)
		}
	}
}

func TestAddressText(t *testing.T) {
	for _, want := range []string{"10.1.2.3", "255.255.255.255", "fe80::1", "2001:db8:1:2:3:4:5:6"} {
		if got := FromAddr(netip.MustParseAddr(want)).String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
	if got := (IP{}).String() + V4([]byte{0, 0, 0, 0}).String() + (MAC{}).String(); got != "" {
		t.Errorf("no address is written %q, want nothing", got)
	}
	if got, want := (MAC{0, 0x1b, 0x1b, 1, 2, 0xff}).String(), "00:1b:1b:01:02:ff"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	ip, mac, n := V4([]byte{10, 1, 2, 3}), MAC{0, 0x1b, 0x1b, 1, 2, 3}, 0
	if per := testing.AllocsPerRun(100, func() { n += len(ip.String()) + len(mac.String()) }); per != 0 {
		t.Errorf("writing addresses that nobody keeps allocates %v times, want 0", per)
	}
	if n == 0 {
		t.Error("nothing was written")
	}
}
