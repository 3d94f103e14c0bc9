// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"breakwater/harbour"

	"github.com/xuri/excelize/v2"
)

// extra are properties of a row that the port file has no field for, by attribute.
var extras = map[field]string{
	fieldOrder:       harbour.AttrOrderNumber,
	fieldHardware:    harbour.AttrHardwareRevision,
	fieldOS:          harbour.AttrOS,
	fieldOwner:       harbour.AttrOwner,
	fieldPurchased:   harbour.AttrPurchased,
	fieldDescription: harbour.AttrDescription,
	fieldNote:        harbour.AttrNote,
}

// parser reads the cells of one row.
type parser struct {
	*reader
	row      *row
	asset    harbour.DeclaredAsset
	values   [fieldCount]string
	extra    map[string]string
	badCells int
}

// parse gives the row's record, or nil where the row names no device.
func (p *parser) parse() *record {
	a := &p.asset
	filled := 0
	for i, cell := range p.row.cells {
		if i >= len(p.header.fields) {
			break
		}
		if p.cell(i, cell) {
			filled++
		}
	}
	p.settle()
	if a.Name == "" && a.Tag == "" && a.Serial == "" && len(a.MACs)+len(a.IPs)+len(a.Hostnames) == 0 {
		if filled > 0 || p.badCells > 0 {
			p.problem(p.row.number, harbour.Problem{Message: "nothing identifies the device of this row", Hint: "give a name, serial number, MAC address, IP address or inventory number"})
		}
		return nil
	}
	if filled == 1 && a.Name != "" && p.badCells == 0 && p.columns() >= 4 {
		p.problem(p.row.number, harbour.Problem{
			Message: fmt.Sprintf("%q stands alone in its row and is taken for a heading, not a device", short(a.Name)), Hint: "if it is a device, fill another cell of its row",
		})
		return nil
	}
	return &record{asset: *a, extra: p.extra}
}

// columns counts the columns that are read.
func (p *parser) columns() (n int) {
	for _, f := range p.header.fields {
		if f != fieldNone && f != fieldCounter && f != fieldContrary {
			n++
		}
	}
	return n
}

// cell reads one cell and says whether it holds anything.
func (p *parser) cell(i int, cell string) bool {
	f := p.header.fields[i]
	if f == fieldNone || f == fieldCounter || f == fieldContrary {
		return false
	}
	if len(cell) > maxCell {
		cell = cell[:maxCell]
		p.complain(i, complaint{fmt.Sprintf("the cell is longer than %d bytes; the rest is not read", maxCell), ""})
	}
	s := clean(cell)
	if formulaError(s) {
		p.complain(i, complaint{fmt.Sprintf("the formula gives the error %s", s), "mend the formula, or enter the value"})
		return false
	}
	if placeholder(s) {
		return false
	}
	switch f {
	case fieldMAC, fieldIP, fieldAddress:
		return p.addresses(i, f, cell)
	case fieldHostname:
		p.asset.Hostnames = unique(append(p.asset.Hostnames, splitList(cell)...))
	case fieldServices:
		p.asset.Services = unique(append(p.asset.Services, splitList(cell)...))
	case fieldLocation:
		p.join(f, s, " / ")
	case fieldNote:
		p.join(f, s, "; ")
	case fieldPurchased:
		p.set(f, p.date(i, s))
	case fieldSerial, fieldTag, fieldOrder, fieldModel, fieldFirmware, fieldVersion, fieldHardware:
		if s = p.exact(i, s); s == "" {
			return false
		}
		p.set(f, s)
	default:
		p.set(f, s)
	}
	return true
}

// set keeps the first value of a field.
func (p *parser) set(f field, s string) {
	if p.values[f] == "" {
		p.values[f] = s
	}
}

func (p *parser) join(f field, s, with string) {
	if old := p.values[f]; old != "" && !slices.Contains(strings.Split(old, with), s) {
		s = old + with + s
	}
	p.values[f] = s
}

func (p *parser) complain(i int, c complaint) {
	p.badCells++
	p.once(p.row.number, p.header.names[i], c)
}

func (p *parser) addresses(i int, f field, cell string) bool {
	macs, ips, bad := addressesIn(cell)
	for _, c := range bad {
		if f == fieldMAC && strings.Contains(c.text, "is not an IP address") {
			c = complaint{strings.Replace(c.text, "an IP address", "a MAC address", 1), macHint(clean(cell))}
		}
		p.complain(i, c)
	}
	p.asset.MACs = unique(append(p.asset.MACs, macs...))
	p.asset.IPs = unique(append(p.asset.IPs, ips...))
	return len(macs)+len(ips) > 0
}

func macHint(s string) string {
	if s != "" && len(s) < 12 && strings.Trim(s, "0123456789") == "" {
		return "a spreadsheet program may have taken the zeros at its start; format the column as text"
	}
	return "write for example 00:1b:1b:12:34:56"
}

// exact guards values in which every digit counts against what spreadsheet programs make of them.
func (p *parser) exact(i int, s string) string {
	if scientific.MatchString(s) {
		p.complain(i, complaint{fmt.Sprintf("%q is not what was typed: the spreadsheet program has taken it for a number and lost digits", s), "format the column as text and enter the value again"})
		return ""
	}
	if raw := p.raw(i); raw != "" && looksLikeDate(s) && numeric(raw) {
		p.complain(i, complaint{fmt.Sprintf("%q is a date: the spreadsheet program has changed what was typed", s), "format the column as text and enter the value again"})
		return ""
	}
	return s
}

func (p *parser) raw(i int) string {
	if i < len(p.row.raw) {
		return p.row.raw[i]
	}
	return ""
}

// date reads a date, which in a workbook may be a count of days.
func (p *parser) date(i int, s string) string {
	if raw := p.raw(i); raw != "" && numeric(raw) {
		var days float64
		if _, err := fmt.Sscan(raw, &days); err == nil && days >= 1 && days < 200_000 {
			if t, err := excelize.ExcelDateToTime(days, false); err == nil {
				return t.Format(time.DateOnly)
			}
		}
	}
	return dateOf(s)
}

// settle turns the collected values into the asset.
func (p *parser) settle() {
	a, v := &p.asset, &p.values
	a.Name, a.Tag, a.Serial, a.Role = v[fieldName], v[fieldTag], v[fieldSerial], v[fieldRole]
	a.Organisation, a.Site, a.Location, a.Zone = v[fieldOrganisation], v[fieldSite], v[fieldLocation], v[fieldZone]
	a.Vendor, a.Model, a.Firmware = v[fieldVendor], v[fieldModel], v[fieldFirmware]
	a.Supplier, a.Module = v[fieldSupplier], v[fieldModule]
	if a.Firmware == "" {
		a.Firmware = v[fieldVersion]
	}
	p.kind()
	if s := v[fieldLevel]; s != "" {
		if level, ok := levelOf(s); ok {
			a.Level = level
		} else {
			p.complainAbout(fieldLevel, complaint{fmt.Sprintf("%q is not a Purdue level", short(s)), "0, 1, 2, 3, 3.5, 4 or 5"})
		}
	}
	if s := v[fieldVLAN]; s != "" {
		n, c := vlanOf(s)
		a.VLAN = n
		if c.text != "" {
			p.complainAbout(fieldVLAN, c)
		}
	}
	p.criticality()
	for _, f := range []field{fieldSilent, fieldNetworked} {
		if s := v[f]; s != "" {
			if value, ok := yes(s); ok {
				a.Silent = a.Silent || value == (f == fieldSilent)
			} else {
				p.complainAbout(f, complaint{fmt.Sprintf("%q is neither yes nor no", short(s)), "write yes or no"})
			}
		}
	}
	if a.Model == "" && v[fieldOrder] != "" {
		a.Model = v[fieldOrder]
	}
	for f, name := range extras {
		if v[f] != "" {
			if p.extra == nil {
				p.extra = map[string]string{}
			}
			p.extra[name] = v[f]
		}
	}
}

// kind settles what the asset is. A column "Type" holds a kind, or the maker's type designation.
func (p *parser) kind() {
	a, v := &p.asset, &p.values
	typ := v[fieldType]
	if typ != "" && a.Model == "" && kindIndex()[compact(typ)] == "" {
		a.Model = typ
	}
	f, s := fieldKind, v[fieldKind]
	if s == "" {
		f, s = fieldType, typ
	}
	if s == "" {
		return
	}
	k, closest := kindOf(s)
	if a.Kind = k; k != "" || f == fieldType && a.Model == typ {
		return
	}
	c := complaint{text: fmt.Sprintf("%q is not a kind of asset that is known; the row is kept, with this as its role", short(s))}
	if a.Role == "" {
		a.Role = s
	}
	if len(closest) > 0 {
		names := make([]string, len(closest))
		for i, k := range closest {
			names[i] = string(k)
		}
		c.hint = "closest are: " + strings.Join(names, ", ")
	} else {
		c.hint = "kinds are for example plc, camera, switch, server"
	}
	p.complainAbout(f, c)
}

func (p *parser) criticality() {
	s := p.values[fieldCriticality]
	if s == "" {
		return
	}
	grade, ok := criticalities[compact(s)]
	if !ok {
		for _, w := range wordsOf(s) { // "3 - high", "high (safety)"
			if g, found := criticalities[w]; found {
				grade, ok = g, true
				break
			}
		}
	}
	if !ok {
		p.complainAbout(fieldCriticality, complaint{fmt.Sprintf("%q is not a grade of criticality", short(s)), "low, medium, high or critical; a number does not say which end is high"})
		return
	}
	p.asset.Criticality = grade
}

// complainAbout reports a problem of the column that holds f.
func (p *parser) complainAbout(f field, c complaint) {
	if i := slices.Index(p.header.fields, f); i >= 0 {
		p.complain(i, c)
	}
}
