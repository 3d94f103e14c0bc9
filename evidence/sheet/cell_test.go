// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"strings"
	"testing"

	"breakwater/harbour"
)

func TestAddressesIn(t *testing.T) {
	for in, want := range map[string]string{
		"10.1.1.4":                               "10.1.1.4",
		"10.1.1.4 / 10.1.2.4":                    "10.1.1.4 10.1.2.4",
		"10.1.1.4/10.1.2.4":                      "10.1.1.4 10.1.2.4",
		"10.1.1.4, 10.1.2.4":                     "10.1.1.4 10.1.2.4",
		"10.1.1.4\n10.1.2.4":                     "10.1.1.4 10.1.2.4",
		"10.1.1.4;10.1.1.4":                      "10.1.1.4",
		"10.1.1.4 and 10.1.2.4":                  "10.1.1.4 10.1.2.4",
		"10.1.1.4/24":                            "10.1.1.4",
		"10.1.1.4/255.255.255.0":                 "10.1.1.4",
		"10.1.1.4:502":                           "10.1.1.4",
		"010.001.001.004":                        "10.1.1.4",
		"10.1.1.4 (eth0)":                        "10.1.1.4",
		"fe80::1%eth0":                           "fe80::1",
		"2001:db8::5/64":                         "2001:db8::5",
		"2001:DB8::5":                            "2001:db8::5",
		"::ffff:10.1.1.4":                        "10.1.1.4",
		"DHCP":                                   "",
		"n/a":                                    "",
		"-":                                      "",
		"00:1B:1B:0A:0B:0C":                      "00:1b:1b:0a:0b:0c",
		"00-1B-1B-0A-0B-0C":                      "00:1b:1b:0a:0b:0c",
		"001b.1b0a.0b0c":                         "00:1b:1b:0a:0b:0c",
		"001B1B0A0B0C":                           "00:1b:1b:0a:0b:0c",
		"00 1B 1B 0A 0B 0C":                      "00:1b:1b:0a:0b:0c",
		"001B1B-0A0B0C":                          "00:1b:1b:0a:0b:0c",
		"0:1b:1b:a:b:c":                          "00:1b:1b:0a:0b:0c",
		"00:1b:1b:0a:0b:0c / 00:1b:1b:0a:0b:0d":  "00:1b:1b:0a:0b:0c 00:1b:1b:0a:0b:0d",
		"10.1.1.0/24":                            "!10.1.1.0/24 is a network",
		"10.1.1.300":                             `!"10.1.1.300" is not an IP address`,
		"10.1.1.4 10.1.1":                        `10.1.1.4 !"10.1.1" is not an IP address`,
		"101104":                                 `!"101104" is not an IP address`,
		"10.1.1.4-9":                             `!"10.1.1.4-9" is not an IP address`,
		"plc1.port.example":                      `!"plc1.port.example" is not an IP address`,
		"224.0.0.5":                              "!224.0.0.5 is not an address that one device has",
		"127.0.0.1":                              "!127.0.0.1 is not",
		"10.1.1.4/33":                            `!"10.1.1.4/33" has a prefix length`,
		"1.00E+11":                               "!",
		"01:00:5e:00:00:05":                      "!01:00:5e:00:00:05 is a multicast address",
		"ff:ff:ff:ff:ff:ff":                      "!ff:ff:ff:ff:ff:ff is no device's",
		"1.23457E+110":                           `!"1.23457E+110" is not what was typed`,
		"00:1b:1b:0a:0b":                         `!"00:1b:1b:0a:0b" is not`,
		strings.Repeat("10.0.0.1 10.0.0.2 ", 40): "10.0.0.1 10.0.0.2 !more than 64",
	} {
		macs, ips, bad := addressesIn(in)
		got := append(macs, ips...)
		for _, c := range bad {
			got = append(got, "!"+c.text)
		}
		if s := strings.Join(got, " "); s != want && (!strings.Contains(want, "!") || !strings.HasPrefix(s, want)) {
			t.Errorf("addressesIn(%q) = %q, want %q", in, s, want)
		}
	}
}

func TestKindOf(t *testing.T) {
	for in, want := range map[string]harbour.Kind{
		"PLC": harbour.KindPLC, "SPS": harbour.KindPLC, "plc": harbour.KindPLC, "PLCs": harbour.KindPLC, "S7-1500 PLC": harbour.KindPLC,
		"Programmable logic controller": harbour.KindPLC, "Kamera": harbour.KindCamera, "IP-Kamera (außen)": harbour.KindCamera, "Caméra IP": harbour.KindCamera,
		"Access point": harbour.KindAccessPoint, "WLAN-Accesspoint": harbour.KindAccessPoint, "Frequency converter": harbour.KindDrive, "Frequenzumrichter": harbour.KindDrive,
		"Schrägkameras": "", "Hofkamera": harbour.KindCamera, "Bewakingscamera": harbour.KindCamera, "Managed switch, 24 ports": harbour.KindSwitch, "pare-feu": harbour.KindFirewall,
		"Engineering workstation": harbour.KindEngineering, "engineering_workstation": harbour.KindEngineering, "Programmiergerät": harbour.KindEngineering,
		"impresora": harbour.KindPrinter, "NVR": harbour.KindRecorder, "Quay crane": harbour.KindCraneController, "camera server": harbour.KindRecorder,
		"Host outside the port": harbour.KindRemoteHost, "cellular_gateway": harbour.KindCellularGateway, "LTE-Router": harbour.KindCellularGateway,
		"router": harbour.KindRouter, "camra": "", "Coffee machine": "", "switch and router": "", "": "",
	} {
		if got, _ := kindOf(in); got != want {
			t.Errorf("kindOf(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]harbour.Kind{"camra": harbour.KindCamera, "Swich": harbour.KindSwitch, "Frequenzumrihter": harbour.KindDrive, "switch and router": harbour.KindSwitch} {
		if _, closest := kindOf(in); len(closest) == 0 || closest[0] != want {
			t.Errorf("kindOf(%q): closest %v, want %s first", in, closest, want)
		}
	}
	for _, i := range harbour.Kinds[:len(harbour.Kinds)-1] { // the last is "not known"
		for _, s := range []string{string(i.Kind), i.Title} {
			if got, _ := kindOf(s); got != i.Kind {
				t.Errorf("kindOf(%q) = %q, want %q", s, got, i.Kind)
			}
		}
		for _, s := range kindWords[i.Kind] {
			if got, _ := kindOf(s); got != i.Kind {
				t.Errorf("kindOf(%q) = %q, want %q: the word stands for two kinds", s, got, i.Kind)
			}
		}
	}
}

func TestHeadingOf(t *testing.T) {
	for in, want := range map[string]field{
		"IP address": fieldIP, "IP-Adresse": fieldIP, "ip_address": fieldIP, "IPv4": fieldIP, "IP 2": fieldIP, "Device IP address": fieldIP, "Adresse IP de l'équipement": fieldIP,
		"Addr": fieldAddress, "Hardware address": fieldMAC, "MAC-Adresse": fieldMAC, "MAC (eth0)": fieldMAC, "Hersteller": fieldVendor, "Make": fieldVendor,
		"Seriennummer": fieldSerial, "Serial no.": fieldSerial, "S/N": fieldSerial, "Device serial number": fieldSerial, "N° de série": fieldSerial,
		"Firmware version": fieldFirmware, "FW": fieldFirmware, "Standort": fieldLocation, "Hostname": fieldHostname, "Device name": fieldName, "Gerätename": fieldName, "Geraetename": fieldName,
		"Type": fieldType, "Device type": fieldKind, "Gerätetyp": fieldKind, "MLFB": fieldOrder, "Order no.": fieldOrder, "Zone": fieldZone, "VLAN ID": fieldVLAN, "VLAN": fieldVLAN,
		"Owner": fieldOwner, "Department": fieldOwner, "Criticality": fieldCriticality, "Kritikalität": fieldCriticality, "Supplier": fieldSupplier, "Maintained by": fieldSupplier,
		"Asset tag": fieldTag, "Inventory no.": fieldTag, "Purchase date": fieldPurchased, "Comment": fieldNote, "Beschreibung": fieldDescription,
		"#": fieldCounter, "No.": fieldCounter, "Throughput [t/h]": fieldNone, "": fieldNone, "Colour": fieldNone, "Destination IP": fieldContrary, "name=x": fieldNone,
		"IP address (management)": fieldIP, "  IP\u00a0Address ": fieldIP,
	} {
		if got := headingOf(in); got != want {
			t.Errorf("headingOf(%q) = %d, want %d", in, got, want)
		}
	}
	seen := map[string]field{}
	for f := range fieldCount {
		for _, s := range headings[f] {
			c := compact(s)
			if other, ok := seen[c]; ok && other != f {
				t.Errorf("heading %q stands for two fields, %d and %d", s, other, f)
			}
			seen[c] = f
		}
	}
}

func TestSmallWords(t *testing.T) {
	for in, want := range map[string]string{"2": "2", "L2": "2", "Level 3": "3", "3.5": "3.5", "3,5": "3.5", "DMZ": "3.5", "Ebene 1": "1", "1.0": "1", "6": "", "1.5": "", "high": ""} {
		if got, _ := levelOf(in); got != want {
			t.Errorf("levelOf(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]int{"20": 20, "VLAN 20": 20, "20.0": 20, "20 (Cranes)": 20, "untagged": 0, "4095": 0, "none": 0, "20, 30": 20} {
		if got, _ := vlanOf(in); got != want {
			t.Errorf("vlanOf(%q) = %d, want %d", in, got, want)
		}
	}
	for in, want := range map[string]string{"2024-12-24": "2024-12-24", "24.12.2024": "2024-12-24", "03/04/2024": "03/04/2024", "spring": "spring"} {
		if got := dateOf(in); got != want {
			t.Errorf("dateOf(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string][2]bool{"yes": {true, true}, "Ja": {true, true}, "sí": {true, true}, "✓": {true, true}, "no": {false, true}, "Nein": {false, true}, "perhaps": {false, false}} {
		if v, ok := yes(in); v != want[0] || ok != want[1] {
			t.Errorf("yes(%q) = %v, %v, want %v", in, v, ok, want)
		}
	}
}
