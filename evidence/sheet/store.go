// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// record is what one row says.
type record struct {
	asset harbour.DeclaredAsset
	extra map[string]string
	place evidence.Place
}

// The order of a record's texts when packed.
const (
	recordTexts = 17
	between     = "\x00" // between texts
	within      = "\x01" // between the values of a list; neither is left in a cleaned cell
)

// pack writes a record as one string.
func (r *record) pack() string {
	a := &r.asset
	silent := ""
	if a.Silent {
		silent = "y"
	}
	texts := []string{
		a.Name, a.Tag, string(a.Kind), a.Role, a.Organisation, a.Site, a.Location, a.Zone, a.Level, a.Vendor, a.Model,
		a.Firmware, a.Serial, a.Supplier, a.Module, a.Criticality, silent,
		strings.Join(a.MACs, within), strings.Join(a.IPs, within), strings.Join(a.Hostnames, within), strings.Join(a.Services, within),
	}
	for _, name := range extraNames() {
		texts = append(texts, r.extra[name])
	}
	return strings.Join(texts, between)
}

// unpack reads what pack wrote.
func unpack(s string, vlan int, at evidence.Place) *record {
	t := strings.Split(s, between)
	list := func(s string) []string {
		if s == "" {
			return nil
		}
		return strings.Split(s, within)
	}
	r := &record{place: at, asset: harbour.DeclaredAsset{
		Name: t[0], Tag: t[1], Kind: harbour.Kind(t[2]), Role: t[3], Organisation: t[4], Site: t[5], Location: t[6], Zone: t[7],
		Level: t[8], Vendor: t[9], Model: t[10], Firmware: t[11], Serial: t[12], Supplier: t[13], Module: t[14], Criticality: t[15],
		Silent: t[16] != "", MACs: list(t[17]), IPs: list(t[18]), Hostnames: list(t[19]), Services: list(t[20]), VLAN: vlan,
	}}
	for i, name := range extraNames() {
		if s := t[recordTexts+4+i]; s != "" {
			if r.extra == nil {
				r.extra = map[string]string{}
			}
			r.extra[name] = s
		}
	}
	return r
}

// extraNames lists the extra attributes in order.
func extraNames() []string {
	return []string{
		harbour.AttrOrderNumber, harbour.AttrHardwareRevision, harbour.AttrOS, harbour.AttrOwner, harbour.AttrPurchased,
		harbour.AttrDescription, harbour.AttrNote,
	}
}

// held is a record waiting to be written.
type held struct {
	text  string
	place evidence.Place
	same  int32 // number of the record of the same device with another interface, or -1
	vlan  uint16
	gone  bool // replaced by a later one
}

// store holds the records of a file, so that later rows can replace earlier ones.
type store struct {
	l       *evidence.Ledger
	limit   int64
	where   func(evidence.Place) string
	note    func(harbour.Problem)
	records []held
	first   int32 // number of records[0]: those before it are written
	size    int64
	index   map[uint64]int32 // hash of a key to the number of the last record that has it
	tag     uint32
	seed    maphash.Seed
}

// perRecord is what a record takes beside its text, with its share of the index.
const perRecord = 200

// add takes a record in.
func (s *store) add(r *record) {
	if s.index == nil {
		s.index, s.seed = map[uint64]int32{}, maphash.MakeSeed()
	}
	h := held{text: r.pack(), place: r.place, same: -1, vlan: uint16(r.asset.VLAN)}
	if s.size+int64(len(h.text))+perRecord > s.limit {
		s.flush()
	}
	number := s.first + int32(len(s.records))
	for _, k := range keysOf(&r.asset) {
		key := maphash.String(s.seed, k)
		if old, ok := s.index[key]; ok && old != number {
			s.meet(r, &h, old, k)
		}
		s.index[key] = number
	}
	s.records = append(s.records, h)
	s.size += int64(len(h.text)) + perRecord
}

// keysOf lists what makes two rows the same device, strongest first.
func keysOf(a *harbour.DeclaredAsset) (keys []string) {
	if a.Tag != "" {
		keys = append(keys, "inventory number "+strings.ToLower(a.Tag))
	}
	if a.Serial != "" {
		keys = append(keys, "serial number "+strings.ToLower(a.Serial))
	}
	for _, m := range a.MACs {
		keys = append(keys, "MAC address "+m)
	}
	return keys
}

// meet settles what two rows with one key mean.
func (s *store) meet(r *record, h *held, old int32, key string) {
	if old < s.first {
		s.note(harbour.Problem{
			Locator: s.where(r.place), Message: "an earlier row has the same " + key + "; it was written already and both stand", Hint: "remove one of the rows",
		})
		return
	}
	e := &s.records[old-s.first]
	if e.gone || h.same == old {
		return
	}
	was := unpack(e.text, int(e.vlan), e.place)
	switch relate(&was.asset, &r.asset, key, r.place-e.place == 1) {
	case otherDevice:
	case contradiction:
		s.note(harbour.Problem{
			Locator: s.where(r.place), Message: fmt.Sprintf("%s and %s are different devices with the same %s; both are kept", s.where(e.place), s.where(r.place), key), Hint: "correct one of the rows",
		})
	case otherInterface:
		h.same = old
	default:
		e.gone = true
		if e.same >= s.first && h.same < 0 {
			h.same = e.same
		}
		s.note(harbour.Problem{
			Locator: s.where(r.place), Message: fmt.Sprintf("%s replaces %s: both have the %s", s.where(r.place), s.where(e.place), key), Hint: "remove the row that is out of date",
		})
	}
}

type relation int

const (
	replacement relation = iota
	otherInterface
	contradiction
	otherDevice
)

// relate says how a later row relates to an earlier one with the same key. A serial number is unique for one vendor. A
// MAC that two serial numbers or inventory numbers claim is an error of the list, and no reason to lose a device.
func relate(old, now *harbour.DeclaredAsset, key string, adjacent bool) relation {
	differ := func(a, b string) bool { return a != "" && b != "" && !strings.EqualFold(a, b) }
	switch {
	case strings.HasPrefix(key, "serial") && differ(old.Vendor, now.Vendor) && differ(old.Tag, now.Tag):
		return otherDevice
	case strings.HasPrefix(key, "serial") && differ(old.Vendor, now.Vendor) && (old.Tag == "" || now.Tag == ""):
		return otherDevice
	case strings.HasPrefix(key, "serial") && differ(old.Tag, now.Tag):
		return contradiction
	case strings.HasPrefix(key, "MAC") && (differ(old.Serial, now.Serial) || differ(old.Tag, now.Tag)):
		return contradiction
	}
	for _, p := range [][2]string{
		{old.Name, now.Name},
		{string(old.Kind), string(now.Kind)},
		{old.Vendor, now.Vendor},
		{old.Model, now.Model},
		{old.Firmware, now.Firmware},
		{old.Serial, now.Serial},
		{old.Tag, now.Tag},
		{old.Zone, now.Zone},
		{old.Site, now.Site},
	} {
		if differ(p[0], p[1]) {
			return replacement
		}
	}
	disjoint := func(a, b []string) bool {
		return len(a) > 0 && len(b) > 0 && !slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
	}
	if disjoint(old.MACs, now.MACs) {
		return otherInterface
	}
	if adjacent && len(old.MACs)+len(now.MACs) == 0 && disjoint(old.IPs, now.IPs) {
		return otherInterface
	}
	return replacement
}

// flush writes all records that no later one has replaced.
func (s *store) flush() {
	ids := make([]evidence.EndpointID, len(s.records))
	for i := range s.records {
		h := &s.records[i]
		if h.gone {
			continue
		}
		r := unpack(h.text, int(h.vlan), h.place)
		s.tag++
		ids[i] = s.l.Declare(&r.asset, s.tag, r.place)
		for _, name := range extraNames() {
			if v := r.extra[name]; v != "" {
				s.l.Observe(ids[i], s.l.InternString(name), []byte(v), harbour.Declared, true, 0, r.place)
			}
		}
		if j := h.same - s.first; h.same >= 0 && j >= 0 && ids[j] != 0 {
			s.l.Link(ids[j], ids[i], r.place)
		}
		h.text = ""
	}
	s.first += int32(len(s.records))
	s.records = s.records[:0]
	s.size = 0
}
