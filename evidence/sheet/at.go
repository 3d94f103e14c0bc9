// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"breakwater/evidence"
	"breakwater/harbour"
)

// Row is one row of a sheet with the header that it stands under.
type Row struct {
	Sheet   string // "" for a CSV file
	Number  int    // as a spreadsheet program counts, from 1
	Columns []string
	Cells   []string // as shown
	// Means says for each column what is read from it, "" for nothing.
	Means []string
	// Secret marks columns whose heading says that they hold passwords or the like.
	Secret []bool
}

// At finds a row of a file, by the name of its sheet ("" for a CSV file, or for the first sheet that is an inventory)
// and its number.
//
// Errors: ErrNotFound where there is no such row; ErrUnreadable, ErrCancelled as for Read.
func (k Kind) At(ctx context.Context, src *evidence.Source, sheet string, number int) (*Row, error) {
	r := newReader(ctx, evidence.NewLedger(evidence.LimitsFor(lookMemory)), lookMemory)
	var found *Row
	r.watch = func(x *row) bool {
		name := r.l.Places.Parts[r.sheet-1]
		if x.number != number || sheet != "" && sheet != name {
			return false
		}
		found = r.show(name, x)
		return true
	}
	err := k.read(r, src)
	switch {
	case found != nil:
		return found, nil
	case err != nil && !errors.Is(err, errWatched):
		return nil, err
	}
	what := "row " + strconv.Itoa(number)
	if sheet != "" {
		what = "sheet " + sheet + " " + what
	}
	return nil, &harbour.Error{Kind: harbour.ErrNotFound, Op: "find row", Message: "there is no " + what + " below a header row"}
}

// lookMemory is what looking for one row works in.
const lookMemory = 4 << 20

// show gives a row in the form for people.
func (r *reader) show(name string, x *row) *Row {
	v := &Row{Sheet: name, Number: x.number, Columns: slices.Clone(r.header.names)}
	for _, f := range r.header.fields {
		v.Means = append(v.Means, fieldWords[f])
	}
	for _, c := range x.cells {
		if len(c) > maxCell {
			c = c[:maxCell]
		}
		v.Cells = append(v.Cells, clean(c))
	}
	for _, c := range v.Columns {
		v.Secret = append(v.Secret, secretHeading(c))
	}
	return v
}

// fieldWords names what a column holds. The names are what a [Mapping] is written in.
var fieldWords = [fieldCount]string{
	fieldName: "name", fieldHostname: "hostname", fieldTag: "tag", fieldSerial: "serial", fieldMAC: "mac", fieldIP: "ip", fieldAddress: "address",
	fieldKind: "kind", fieldType: "type", fieldRole: "role", fieldOrganisation: "organisation", fieldSite: "site", fieldLocation: "location",
	fieldZone: "zone", fieldLevel: "level", fieldVLAN: "vlan", fieldVendor: "vendor", fieldModel: "model", fieldOrder: "order_number",
	fieldFirmware: "firmware", fieldVersion: "version", fieldHardware: "hardware_revision", fieldOS: "os", fieldSupplier: "supplier",
	fieldModule: "module", fieldServices: "services", fieldCriticality: "criticality", fieldSilent: "silent", fieldNetworked: "networked",
	fieldOwner: "owner", fieldPurchased: "purchased", fieldDescription: "description", fieldNote: "note",
}

// secretWords are headings, compact, of columns that hold secrets.
var secretWords = []string{
	"password", "passwords", "passwort", "passworter", "kennwort", "motdepasse", "mdp", "wachtwoord", "contrasena", "clave", "passphrase", "passcode", "pin", "pincode",
	"pwd", "secret", "community", "snmpcommunity", "readcommunity", "writecommunity", "presharedkey", "psk", "wpakey", "wlankey", "credential", "credentials", "zugangsdaten", "licensekey",
}

// secretHeading says whether a column's heading names a secret: "Admin password", "Kennwort (alt)".
func secretHeading(s string) bool {
	if slices.Contains(secretWords, compact(s)) {
		return true
	}
	words := wordsOf(s)
	for i, w := range words {
		for n := i + 1; n <= min(i+3, len(words)); n++ {
			if slices.Contains(secretWords, w) {
				return true
			}
			if n < len(words) {
				w += words[n]
			}
		}
	}
	return false
}
