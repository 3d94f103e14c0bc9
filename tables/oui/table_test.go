// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package oui

import (
	"bytes"
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
	if n := builtin().Len(); n < 50_000 {
		t.Errorf("table has %d assignments, want over 50000", n)
	}
	if len(Date()) != 10 {
		t.Errorf("Date() = %q", Date())
	}
	if n := testing.AllocsPerRun(100, func() { Lookup([6]byte{0, 0x1b, 0x1b, 1, 2, 3}) }); n != 0 {
		t.Errorf("%v allocations per lookup, want 0", n)
	}
}

func TestLoad(t *testing.T) {
	csv := "Registry,Assignment,Organization Name,Organization Address\nMA-L,70B3D5,IEEE Registration Authority,x\n" +
		"MA-S,70B3D5001,\"Small, Maker Ltd\",\"Some street\nsome town\"\nMA-M,70B3D51,Medium,x\n"
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
		{[6]byte{0x70, 0xb3, 0xd5, 0xff, 0, 1}, "IEEE Registration Authority"},
	} {
		if got, _ := table.Lookup(tt.mac); got != tt.want {
			t.Errorf("Lookup(%x) = %q, want %q", tt.mac, got, tt.want)
		}
	}
	if _, err := Load(strings.NewReader("nothing of the kind")); err == nil {
		t.Error("a text without assignments was accepted")
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
