// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package cip

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{Vendor(1), "Rockwell Automation/Allen-Bradley"},
		{Vendor(47), "Omron Corporation"},
		{Vendor(283), "Hilscher GmbH"},
		{Vendor(562), "Phoenix Contact"},
		{Vendor(808), "SICK AG"},
		{Vendor(1021), "J. Schmalz GmbH"},
		{Vendor(1251), "Siemens AG"},
		{Vendor(1399), "Universal Robots A/S"},
		{Vendor(1513), "TGW Mechanics GmbH"},
		{Vendor(0), ""},
		{Vendor(6), ""},
		{Vendor(1514), ""},
		{Vendor(0xffff), ""},
		{DeviceType(12), "Communications Adapter"},
		{DeviceType(14), "Programmable Logic Controller"},
		{DeviceType(11), ""},
		{DeviceType(0xffff), ""},
		{Class(1), "Identity"},
		{Class(0xf5), "TCP/IP Interface"},
		{Class(0x300), ""},
		{Status(0), "Success"},
		{Status(8), "Service Not Supported"},
		{Status(0x2d), ""},
		{Status(0xff), "Still Processing"},
	} {
		if tt.got != tt.want {
			t.Errorf("name = %q, want %q", tt.got, tt.want)
		}
	}
}

func TestNamesAreClean(t *testing.T) {
	n := 0
	for _, table := range [][]string{vendors[:], deviceTypes[:], classes[:], statuses[:]} {
		for i, name := range table {
			if name != "" {
				n++
			}
			if strings.Join(strings.Fields(name), " ") != name || name == "Reserved" || strings.ContainsAny(name, "]=\"") {
				t.Errorf("name %d = %q", i, name)
			}
		}
	}
	if n < 1400 {
		t.Errorf("%d names, want the whole list", n)
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _ = Vendor(1) + DeviceType(11) }); n != 0 {
		t.Errorf("a lookup allocates %v times", n)
	}
}
