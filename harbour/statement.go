// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

import (
	"slices"
	"strconv"
	"strings"
)

// Statement is what a person stated of an asset, against or beside what the evidence says. The evidence is kept; the
// statement is shown over it, with its author.
type Statement struct {
	Asset   string  `json:"asset"`
	Field   string  `json:"field"` // one of StatementFields
	Value   string  `json:"value"`
	Reason  string  `json:"reason"`
	By      string  `json:"by"`      // person id
	ByName  string  `json:"by_name"` // as it was then
	At      Instant `json:"at"`
	Version int64   `json:"version"`
}

// StatementFields are the properties of an asset that a person may state, by the names of their attributes.
var StatementFields = []string{
	AttrName, AttrKind, AttrRole, AttrVendor, AttrModel, AttrFirmware, AttrSerial, AttrDomain, AttrLevel, AttrZone, AttrSite, AttrLocation,
	AttrSupplier, AttrCriticality, AttrOwner, AttrTag, AttrNote,
}

// Proof is the reference by which a statement is cited as evidence.
func (s *Statement) Proof() Observation {
	return Observation{Evidence: "statement", Locator: s.Field + " by " + s.ByName + ", version " + strconv.FormatInt(s.Version, 10)}
}

// State returns the asset as people state it: a copy in which the stated fields have the stated values, each with an
// attribute and a reason that name who said so. The receiver is not changed. Statements of other assets and of unknown
// fields are passed over.
func (a *Asset) State(statements []Statement) *Asset {
	if !slices.ContainsFunc(statements, func(s Statement) bool { return s.Asset == a.ID }) {
		return a
	}
	b := *a
	b.Attributes, b.Reasons = slices.Clone(a.Attributes), slices.Clone(a.Reasons)
	for i := range statements {
		s := &statements[i]
		if s.Asset != a.ID || !slices.Contains(StatementFields, s.Field) {
			continue
		}
		if to := b.field(s.Field); to != nil {
			*to = s.Value
		}
		switch s.Field {
		case AttrKind:
			b.Kind = Kind(s.Value)
		case AttrDomain:
			b.Domain = Domain(s.Value)
		}
		proof := []Observation{s.Proof()}
		b.Attributes = append(b.Attributes, Attribute{Name: s.Field, Value: s.Value, Declared: true, Confidence: Declared, Count: 1, FirstSeen: s.At, LastSeen: s.At, Observations: proof})
		text := "stated by " + s.ByName
		if s.Reason != "" {
			text += ": " + s.Reason
		}
		b.Reasons = slices.DeleteFunc(b.Reasons, func(r Reason) bool { return r.About == s.Field })
		b.Reasons = append(b.Reasons, Reason{About: s.Field, Text: text, Confidence: Declared, Evidence: proof})
	}
	slices.SortStableFunc(b.Attributes, func(x, y Attribute) int { return strings.Compare(x.Name, y.Name) })
	return &b
}

// field gives the place of a field that is plain text; nil for others.
func (a *Asset) field(name string) *string {
	switch name {
	case AttrName:
		return &a.Name
	case AttrRole:
		return &a.Role
	case AttrVendor:
		return &a.Vendor
	case AttrModel:
		return &a.Model
	case AttrFirmware:
		return &a.Firmware
	case AttrSerial:
		return &a.Serial
	case AttrLevel:
		return &a.Level
	case AttrZone:
		return &a.Zone
	case AttrSite:
		return &a.Site
	case AttrLocation:
		return &a.Location
	case AttrSupplier:
		return &a.Supplier
	case AttrCriticality:
		return &a.Criticality
	}
	return nil
}
