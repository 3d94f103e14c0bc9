// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package oui

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	for _, tt := range []struct {
		mac  [6]byte
		want string // part of the name; "" for none
	}{
		{[6]byte{0x00, 0x1b, 0x1b, 1, 2, 3}, "Siemens"},
		{[6]byte{0x00, 0x00, 0xbc, 1, 2, 3}, "Rockwell"},
		{[6]byte{0x00, 0x40, 0x8c, 1, 2, 3}, "Axis"},
		{[6]byte{0x00, 0x1e, 0x42, 1, 2, 3}, "Teltonika"},
		{[6]byte{0x02, 0x1b, 0x1b, 1, 2, 3}, ""}, // the same, locally administered
		{[6]byte{0x01, 0x00, 0x5e, 1, 2, 3}, ""}, // multicast
		{[6]byte{}, ""},
	} {
		got, ok := Lookup(tt.mac)
		if ok != (tt.want != "") || !strings.Contains(strings.ToLower(got), strings.ToLower(tt.want)) {
			t.Errorf("Lookup(%x) = %q, %v, want %q", tt.mac, got, ok, tt.want)
		}
	}
	if len(Date()) != 10 {
		t.Errorf("Date() = %q", Date())
	}
	if n := testing.AllocsPerRun(100, func() { Lookup([6]byte{0, 0x1b, 0x1b, 1, 2, 3}) }); n != 0 {
		t.Errorf("%v allocations per lookup, want 0", n)
	}
}

// TestBuiltin wants every line of the embedded list found where it lies, and what lies between the lines not.
func TestBuiltin(t *testing.T) {
	all, err := Load(strings.NewReader(string(builtin)))
	if err != nil {
		t.Fatal(err)
	}
	if n := all.Len(); n < 50_000 || n != strings.Count(string(builtin), "\n")-1 {
		t.Errorf("table has %d assignments, want over 50000, one for each line", n)
	}
	if all.date != Date() {
		t.Errorf("Date() = %q, want %q", Date(), all.date)
	}
	for i, keys := range all.keys {
		for at, k := range keys {
			prefix := []byte(fmt.Sprintf("%0*x", bits[i]/4, k))
			if name, ok := builtin.line(prefix); !ok || name != all.names[i][at] {
				t.Fatalf("%s is %q, %v, want %q", prefix, name, ok, all.names[i][at])
			}
			next := []byte(fmt.Sprintf("%0*x", bits[i]/4, k+1))
			if _, ok := builtin.line(next); ok != (at+1 < len(keys) && keys[at+1] == k+1) {
				t.Fatalf("%s: found is %v", next, ok)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		var mac [6]byte
		for i := range mac {
			mac[i] = byte(r.Uint32())
		}
		want, found := all.find(mac)
		if got, ok := builtin.find(mac); got != want || ok != found {
			t.Fatalf("%x is %q, want %q", mac, got, want)
		}
	}
	for _, odd := range []listing{"", "# as of\n", "\n", "# x\n00", "# x\n00 A", "# x\n\n\n00 A\n"} {
		odd.find([6]byte{0, 1, 2, 3, 4, 5})
	}
}

func TestLoad(t *testing.T) {
	csv := "Registry,Assignment,Organization Name,Organization Address\nMA-L,70B3D5,IEEE Registration Authority,x\n" +
		"MA-S,70B3D5001,\"Small, Maker Ltd\",\"Some street\nsome town\"\nMA-M,70B3D51,Medium,x\n" +
		"MA-L,FCFFFF,Large,x\nMA-L,FCFFFE,Private,x\nMA-L,0000BC,Renamed,x\n"
	table, err := Load(strings.NewReader(csv))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		mac  [6]byte
		want string
	}{
		{[6]byte{0x70, 0xb3, 0xd5, 0x00, 0x1f, 1}, "Small, Maker Ltd"},
		{[6]byte{0x70, 0xb3, 0xd5, 0x1f, 0, 1}, "Medium"},
		{[6]byte{0x70, 0xb3, 0xd5, 0x00, 0x2f, 1}, "Gogo BA"}, // not in the list: from the built-in table
		{[6]byte{0x00, 0x1b, 0x1b, 0, 0, 1}, "Siemens AG"},    // the same
		{[6]byte{0x00, 0x00, 0xbc, 0, 0, 1}, "Renamed"},       // in both: the list wins
		{[6]byte{0xfc, 0xff, 0xff, 0, 0, 1}, "Large"},         // in the list alone
		{[6]byte{0xfc, 0xff, 0xfe, 0, 0, 1}, ""},              // hidden holder
		{[6]byte{0xfe, 0xff, 0xff, 0, 0, 1}, ""},              // the same as Large, locally administered
	} {
		if got, _ := table.Lookup(tt.mac); got != tt.want {
			t.Errorf("Lookup(%x) = %q, want %q", tt.mac, got, tt.want)
		}
	}
	for _, text := range []string{"", "nothing of the kind", "001b1 Short\n", "001b1g Letters\n", "Registry,Assignment,Organization Name\nMA-L,70B3D5,IEEE Registration Authority\n"} {
		if _, err := Load(strings.NewReader(text)); err == nil {
			t.Errorf("Load(%q) gave no error", text)
		}
	}
	text, err := Load(strings.NewReader("# anything, as of 2027-01-31\nfcffff0 Medium\nfcffff First\nfcffff Last\n"))
	if err != nil || text.Date() != "2027-01-31" || text.Len() != 2 {
		t.Fatalf("Load(lines) = %v, %v", text, err)
	}
	for mac, want := range map[[6]byte]string{{0xfc, 0xff, 0xff, 0x0f}: "Medium", {0xfc, 0xff, 0xff, 0x1f}: "Last"} {
		if got, _ := text.Lookup(mac); got != want {
			t.Errorf("Lookup(%x) = %q, want %q", mac, got, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("Registry,Assignment,Organization Name\nMA-L,70B3D5,X\n"))
	f.Add([]byte("# as of 2026-01-01\n001b1b Siemens\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if table, err := Load(bytes.NewReader(b)); err == nil {
			table.Lookup([6]byte{0x70, 0xb3, 0xd5, 1, 2, 3})
		}
	})
}
