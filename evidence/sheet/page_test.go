// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"breakwater/harbour"
)

var update = flag.Bool("update", false, "write the page of column names")

// titles says in the page what each field holds.
var titles = [fieldCount]string{
	fieldName: "Name", fieldHostname: "Host names", fieldTag: "Inventory number", fieldSerial: "Serial number", fieldMAC: "MAC addresses", fieldIP: "IP addresses",
	fieldAddress: "MAC or IP addresses, as the cells are", fieldKind: "Kind of device, in the words below", fieldType: "Kind of device, or else the model", fieldRole: "Role",
	fieldOrganisation: "Organisation", fieldSite: "Site", fieldLocation: "Location; several columns are joined", fieldZone: "Zone", fieldLevel: "Purdue level", fieldVLAN: "VLAN",
	fieldVendor: "Vendor", fieldModel: "Model", fieldOrder: "Order number", fieldFirmware: "Firmware version", fieldVersion: "Firmware version, where no other column gives it",
	fieldHardware: "Hardware revision", fieldOS: "Operating system", fieldSupplier: "Supplier", fieldModule: "Module", fieldServices: "Services of the port that need it",
	fieldCriticality: "Criticality: low, medium, high, critical", fieldSilent: "Silent: yes where the device is on no network", fieldNetworked: "The opposite of silent", fieldOwner: "Owner",
	fieldPurchased: "Date of purchase or commissioning", fieldDescription: "Description", fieldNote: "Note; several columns are joined",
}

func page() []byte {
	var b bytes.Buffer
	b.WriteString(`# Columns of an inventory

Generated from the tables in ` + "`evidence/sheet`" + `. A spreadsheet is read as an inventory when one of its first 20 rows holds at least two of these
names, one of which identifies devices: name, host name, inventory number, serial number, MAC or IP address. Case, accents, spaces, punctuation, what
stands in brackets, and a number at the end make no difference: "IP-Adresse 2" and "ip adresse" are the same. Columns with other names are left out and named
among the problems of the file.

| holds | names |
|---|---|
`)
	for f := range fieldCount {
		if titles[f] != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", titles[f], strings.Join(headings[f], ", "))
		}
	}
	b.WriteString("\n## Kinds of device\n\n| kind | words |\n|---|---|\n")
	for _, i := range harbour.Kinds {
		if words := kindWords[i.Kind]; len(words) > 0 {
			fmt.Fprintf(&b, "| `%s` | %s |\n", i.Kind, strings.Join(append([]string{i.Title}, words...), ", "))
		}
	}
	return b.Bytes()
}

// TestColumnsPage keeps the page equal to the tables.
func TestColumnsPage(t *testing.T) {
	for f := range fieldCount {
		if silent := f == fieldNone || f == fieldCounter || f == fieldContrary; silent != (titles[f] == "") {
			t.Errorf("field %d has title %q", f, titles[f])
		}
	}
	const path = "../../docs/spreadsheet-columns.md"
	if *update {
		if err := os.WriteFile(path, page(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := os.ReadFile(path)
	if !bytes.Equal(got, page()) {
		t.Error("docs/spreadsheet-columns.md is out of date: run go generate ./evidence/sheet")
	}
}
