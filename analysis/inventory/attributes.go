// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// obsRef points at an observation of a ledger and says whose it is.
type obsRef struct {
	asset  uint32
	ledger uint32
	row    uint32
}

// gather sorts all observations by asset, attribute and value.
func (v *Inventory) gather() {
	for i, l := range v.ledgers {
		for j, o := range l.Observations() {
			n, ok := v.node(i, o.Subject)
			if ok && v.assetOf[n] >= 0 {
				v.obs = append(v.obs, obsRef{uint32(v.assetOf[n]), uint32(i), uint32(j)})
			}
		}
	}
	slices.SortFunc(v.obs, func(a, b obsRef) int {
		if a.asset != b.asset {
			return cmp.Compare(a.asset, b.asset)
		}
		x, y := v.observation(a), v.observation(b)
		la, lb := v.ledgers[a.ledger], v.ledgers[b.ledger]
		if c := bytes.Compare(la.TextBytes(x.Name), lb.TextBytes(y.Name)); c != 0 {
			return c
		}
		if c := cmp.Compare(b2i(y.Declared), b2i(x.Declared)); c != 0 {
			return c
		}
		if c := bytes.Compare(la.TextBytes(x.Value), lb.TextBytes(y.Value)); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.ledger, b.ledger), cmp.Compare(a.row, b.row))
	})
	for i := 0; i < len(v.obs); {
		j := i
		for j < len(v.obs) && v.obs[j].asset == v.obs[i].asset {
			j++
		}
		a := &v.assets[v.obs[i].asset]
		a.obsFrom, a.obsTo = i, j
		i = j
	}
}

func (v *Inventory) observation(r obsRef) *evidence.Observation {
	return &v.ledgers[r.ledger].Observations()[r.row]
}

// attributes joins an asset's observations of equal name, value and standing over all evidences, in order of name,
// declared first, then value.
func (v *Inventory) attributes(a *asset) []harbour.Attribute {
	out := make([]harbour.Attribute, 0, a.obsTo-a.obsFrom)
	for _, r := range v.obs[a.obsFrom:a.obsTo] {
		o, l := v.observation(r), v.ledgers[r.ledger]
		name, value := l.TextBytes(o.Name), l.TextBytes(o.Value)
		var t *harbour.Attribute
		if n := len(out); n > 0 && out[n-1].Declared == o.Declared && out[n-1].Name == string(name) && out[n-1].Value == string(value) {
			t = &out[n-1]
		} else {
			out = append(out, harbour.Attribute{Name: v.words.of(name), Value: string(value), Declared: o.Declared, Observations: []harbour.Observation{}})
			t = &out[len(out)-1]
		}
		t.Count += int64(o.Count)
		t.Confidence = max(t.Confidence, o.Confidence)
		harbour.Widen(&t.FirstSeen, &t.LastSeen, o.First)
		harbour.Widen(&t.FirstSeen, &t.LastSeen, o.Last)
		for _, p := range o.Places {
			if p != 0 && len(t.Observations) < 3 {
				t.Observations = append(t.Observations, harbour.Observation{Evidence: l.Evidence.ID, Locator: l.Locator(p)})
			}
		}
	}
	return out
}

// has says whether an asset has an attribute of one of the names, without putting its attributes together.
func (v *Inventory) has(a *asset, names ...string) bool {
	for _, r := range v.obs[a.obsFrom:a.obsTo] {
		name := v.ledgers[r.ledger].TextBytes(v.observation(r).Name)
		for _, n := range names {
			if string(name) == n {
				return true
			}
		}
	}
	return false
}

// facts are the best values of the properties that inference and findings need.
type facts struct {
	vendor, model, firmware, serial string
	hostname                        string
	role, organisation, site        string
	supplier, criticality, location string
	declaredZone, declaredLevel     string
	declaredKind                    harbour.Kind
	declaredName                    string
	systemName                      string
	ouiVendor                       string
}

// best picks, of the attributes with one of the names, the declared one, else the most certain, else the most frequent.
// Names earlier in the list win.
func best(attrs []harbour.Attribute, names ...string) string {
	for _, name := range names {
		var t *harbour.Attribute
		for i := range attrs {
			x := &attrs[i]
			if x.Name != name {
				continue
			}
			if t == nil || cmp.Or(cmp.Compare(b2i(x.Declared), b2i(t.Declared)), cmp.Compare(x.Confidence, t.Confidence), cmp.Compare(x.Count, t.Count)) > 0 {
				t = x
			}
		}
		if t != nil {
			return t.Value
		}
	}
	return ""
}

// describe fills an asset's facts from its attributes and its hardware addresses.
func (v *Inventory) describe() {
	for i := range v.assets {
		a := &v.assets[i]
		attrs := v.attributes(a)
		declared := make([]harbour.Attribute, 0, 8)
		for _, t := range attrs {
			if t.Declared {
				declared = append(declared, t)
			}
		}
		f := &a.facts
		f.ouiVendor = v.ouiVendor(a)
		keep := func(s string) string { return v.words.keep(s) }
		f.vendor = cmp.Or(best(attrs, harbour.AttrVendor), f.ouiVendor)
		f.model = best(attrs, harbour.AttrModel, harbour.AttrOrderNumber, harbour.AttrPlatform, harbour.AttrProductName, harbour.AttrProductCode)
		f.firmware = best(attrs, harbour.AttrFirmware, harbour.AttrRevision)
		f.serial = best(attrs, harbour.AttrSerial)
		f.systemName = best(attrs, harbour.AttrSystemName)
		f.hostname = best(attrs, harbour.AttrHostname)
		f.role = best(declared, harbour.AttrRole)
		f.organisation = best(declared, harbour.AttrOrganisation)
		f.site = best(declared, harbour.AttrSite)
		f.supplier = best(declared, harbour.AttrSupplier)
		f.criticality = best(declared, harbour.AttrCriticality)
		f.location = best(attrs, harbour.AttrLocation)
		f.declaredZone = best(declared, harbour.AttrZone)
		f.declaredLevel = best(declared, harbour.AttrLevel)
		f.declaredKind = harbour.Kind(best(declared, harbour.AttrKind))
		f.declaredName = best(declared, harbour.AttrName)
		for _, s := range []*string{&f.vendor, &f.model, &f.firmware, &f.role, &f.organisation, &f.site, &f.supplier, &f.criticality, &f.location, &f.declaredZone, &f.declaredLevel} {
			*s = keep(*s)
		}
		a.name = cmp.Or(f.declaredName, f.systemName, f.hostname)
		if a.name == "" {
			a.name = v.defaultName(a)
		}
	}
}

// ouiVendor names the maker of an asset's own hardware; a host behind a router has none to show.
func (v *Inventory) ouiVendor(a *asset) string {
	if v.in.Vendor == nil {
		return ""
	}
	for pass := range 2 { // observed hardware first
		for _, n := range a.nodes {
			e := v.ends[n]
			own := e.Flags&observedFlags != 0 && (e.IP.None() || v.local(e))
			if pass == 1 {
				own = e.Flags&evidence.Row != 0
			}
			if !own || !strong(e.MAC) {
				continue
			}
			if name, ok := v.in.Vendor(e.MAC); ok {
				return name
			}
		}
	}
	return ""
}

// defaultName is the address by which an unnamed asset is called.
func (v *Inventory) defaultName(a *asset) string {
	for _, k := range a.keys {
		if rest, ok := strings.CutPrefix(k, "ip:"); ok {
			addr, _, _ := strings.Cut(rest, "@")
			return addr
		}
	}
	_, text, _ := strings.Cut(a.keys[0], ":")
	return text
}
