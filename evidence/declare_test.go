// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"fmt"
	"testing"

	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
)

func TestParseMAC(t *testing.T) {
	for in, want := range map[string]string{
		"00:1b:1b:0a:0b:0c": "00:1b:1b:0a:0b:0c", "00-1B-1B-0A-0B-0C": "00:1b:1b:0a:0b:0c", "001b.1b0a.0b0c": "00:1b:1b:0a:0b:0c",
		"001B1B0A0B0C": "00:1b:1b:0a:0b:0c", "001b1b-0a0b0c": "00:1b:1b:0a:0b:0c", " 00:1b:1b:0a:0b:0c ": "00:1b:1b:0a:0b:0c",
		"00:1b:1b:0a:0b": "", "00:1b:1b:0a:0b:0c:0d:0e": "", "001b1b0a0b0": "", "g01b1b0a0b0c": "", "": "",
	} {
		m, ok := ParseMAC(in)
		if ok != (want != "") || ok && m.String() != want {
			t.Errorf("ParseMAC(%q) = %s, %v, want %q", in, m, ok, want)
		}
	}
}

// TestDeclarePairs: addresses go with the MAC at the same position, or all with the first.
func TestDeclarePairs(t *testing.T) {
	a, b := "00:1b:1b:00:00:01", "00-1B-1B-00-00-02"
	for name, tt := range map[string]struct {
		macs, ips []string
		want      []string
	}{
		"neither":          {nil, nil, []string{"|"}},
		"pairs":            {[]string{a, b}, []string{"10.0.0.1", "10.0.0.2"}, []string{"00:1b:1b:00:00:01|10.0.0.1", "00:1b:1b:00:00:02|10.0.0.2"}},
		"addresses alone":  {nil, []string{"10.0.0.1", "fe80::1%eth0"}, []string{"|10.0.0.1", "|fe80::1"}},
		"MACs alone":       {[]string{a, b}, nil, []string{"00:1b:1b:00:00:01|", "00:1b:1b:00:00:02|"}},
		"one MAC":          {[]string{a}, []string{"10.0.0.1", "10.0.0.2"}, []string{"00:1b:1b:00:00:01|10.0.0.1", "00:1b:1b:00:00:01|10.0.0.2"}},
		"two and three":    {[]string{a, b}, []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}, []string{"00:1b:1b:00:00:01|10.0.0.1", "00:1b:1b:00:00:01|10.0.0.2", "00:1b:1b:00:00:01|10.0.0.3", "00:1b:1b:00:00:02|"}},
		"none that counts": {[]string{"00:00:00:00:00:00", "x"}, []string{"0.0.0.0", "y"}, []string{"|"}},
	} {
		l := NewLedger(LimitsFor(1 << 20))
		first := l.Declare(&harbour.DeclaredAsset{Name: "x", MACs: tt.macs, IPs: tt.ips, VLAN: 7, Silent: true}, 3, 9)
		var got []string
		for i := range l.Endpoints() {
			e := &l.Endpoints()[i]
			got = append(got, fmt.Sprintf("%s|%s", e.MAC, e.IP))
			if e.VLAN != 7 || e.Tag != 3 || e.Place != 9 || e.Flags != Row|Silent {
				t.Errorf("%s: endpoint %+v", name, e)
			}
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if n := len(l.Links()); n != len(tt.want)-1 || first != 1 {
			t.Errorf("%s: %d links, first %d; want every further endpoint linked to the first", name, n, first)
		}
		for _, o := range l.Observations() {
			if o.Subject != first || !o.Declared || o.Confidence != harbour.Declared {
				t.Errorf("%s: observation %+v, want it declared of the first endpoint", name, o)
			}
		}
	}
}

// TestDeclareFull: a full ledger refuses and counts.
func TestDeclareFull(t *testing.T) {
	l := NewLedger(LimitsFor(256 << 10))
	last := EndpointID(1)
	for i := range uint32(20_000) {
		last = l.Declare(&harbour.DeclaredAsset{Name: fmt.Sprintf("device %d", i), IPs: []string{"10.0.0.1", "10.0.0.2"}}, i+1, Place(i+1))
	}
	if n := len(l.Endpoints()); last != 0 || n == 0 || l.Counter("endpoints_refused") != int64(40_000-n) {
		t.Errorf("Declare into a full ledger = %d with %d endpoints, %d refused; want 0, and all others refused", last, n, l.Counter("endpoints_refused"))
	}
}
