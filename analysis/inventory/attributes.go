// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"breakwater/evidence"
	"breakwater/evidence/spool"
	"breakwater/harbour"
)

// gather takes the rows of all ledgers to the assets that they belong to.
func (v *Inventory) gather() error {
	for i, l := range v.ledgers {
		view, err := l.View()
		if err != nil {
			return err
		}
		g := gatherer{v: v, base: v.base[i], ledger: uint64(i), names: translation{view, &v.vocab, map[evidence.Text]uint32{}}}
		if err := g.rows(view); err != nil {
			view.Close()
			return err
		}
		if err := view.Close(); err != nil {
			return err
		}
	}
	for _, s := range []*spool.Sorter{v.obs, v.convs, v.ops} {
		if err := s.Sort(); err != nil {
			return err
		}
	}
	return nil
}

// gatherer takes the rows of one ledger.
type gatherer struct {
	v      *Inventory
	base   uint32
	ledger uint64
	names  translation
	p      packer
}

func (g *gatherer) rows(view *evidence.View) error {
	for o := range view.Observations() {
		if err := g.observation(view, o); err != nil {
			return err
		}
	}
	for c := range view.Conversations() {
		if err := g.conversation(c); err != nil {
			return err
		}
	}
	for o := range view.Operations() {
		if err := g.operation(view, o); err != nil {
			return err
		}
	}
	return view.Err()
}

func (g *gatherer) asset(id evidence.EndpointID) (node uint32, asset int32) {
	node = g.base + uint32(id) - 1
	return node, g.v.assetOf[node]
}

func (g *gatherer) observation(view *evidence.View, o *evidence.Observation) error {
	_, a := g.asset(o.Subject)
	if a < 0 {
		return nil
	}
	p := &g.p
	p.b = p.b[:0]
	p.uint(uint64(g.names.id(o.Name)))
	p.bytes(view.TextBytes(o.Value))
	p.bool(o.Declared)
	p.byte(byte(o.Confidence))
	p.uint(uint64(o.Count))
	p.span(o.First, o.Last)
	p.uint(g.ledger)
	for _, x := range o.Places {
		p.uint(uint64(x))
	}
	return g.v.obs.Add(spool.Key{Hi: uint64(a)}, p.b)
}

// observed is an observation as it comes back, sorted by asset.
type observed struct {
	name          string
	id            uint32
	value         []byte
	declared      bool
	confidence    harbour.Confidence
	count         uint32
	first, last   harbour.Instant
	ledger        uint32
	places        [3]evidence.Place
	valueFrom, to int
}

// gathered collects the observations of one asset.
type gathered struct {
	v     *Inventory
	list  []observed
	arena []byte
}

func (g *gathered) add(row []byte) {
	p := unpacker{row}
	o := observed{id: uint32(p.uint())}
	o.name = g.v.vocab.list[o.id]
	o.valueFrom = len(g.arena)
	g.arena = append(g.arena, p.bytes()...)
	o.to = len(g.arena)
	o.declared, o.confidence, o.count = p.bool(), harbour.Confidence(p.byte()), uint32(p.uint())
	o.first, o.last = p.span()
	o.ledger = uint32(p.uint())
	for i := range o.places {
		o.places[i] = evidence.Place(p.uint())
	}
	g.list = append(g.list, o)
}

// order sorts by name, declared first, then value; equal ones stay in order of ledger and row.
func (g *gathered) order() {
	for i := range g.list {
		o := &g.list[i]
		o.value = g.arena[o.valueFrom:o.to]
	}
	slices.SortStableFunc(g.list, func(a, b observed) int {
		if a.id != b.id {
			return strings.Compare(a.name, b.name)
		}
		if a.declared != b.declared {
			return b2i(b.declared) - b2i(a.declared)
		}
		return bytes.Compare(a.value, b.value)
	})
}

// write puts the card of an asset together: its keys, then observations of equal name, value and standing over all
// evidences as one attribute each. It returns the attributes without their places.
func (g *gathered) write(p *packer, keys []string) []harbour.Attribute {
	g.order()
	p.b = p.b[:0]
	p.uint(uint64(len(keys)))
	for _, k := range keys {
		p.string(k)
	}
	var attrs []harbour.Attribute
	starts := make([]int, 0, len(g.list)+1)
	for i := range g.list {
		o := &g.list[i]
		if i == 0 || !g.same(i-1, i) {
			attrs = append(attrs, harbour.Attribute{Name: o.name, Value: string(o.value), Declared: o.declared})
			starts = append(starts, i)
		}
		t := &attrs[len(attrs)-1]
		t.Count += int64(o.count)
		t.Confidence = max(t.Confidence, o.confidence)
		harbour.Widen(&t.FirstSeen, &t.LastSeen, o.first)
		harbour.Widen(&t.FirstSeen, &t.LastSeen, o.last)
	}
	starts = append(starts, len(g.list))
	p.uint(uint64(len(attrs)))
	for i := range attrs {
		g.attribute(p, &attrs[i], g.list[starts[i]:starts[i+1]])
	}
	return attrs
}

func (g *gathered) same(i, j int) bool {
	a, b := &g.list[i], &g.list[j]
	return a.id == b.id && a.declared == b.declared && bytes.Equal(a.value, b.value)
}

// maxPlaces is how many places an attribute cites.
const maxPlaces = 3

func (g *gathered) attribute(p *packer, t *harbour.Attribute, rows []observed) {
	p.uint(uint64(rows[0].id))
	p.bytes(rows[0].value)
	p.bool(t.Declared)
	p.byte(byte(t.Confidence))
	p.uint(uint64(t.Count))
	p.span(t.FirstSeen, t.LastSeen)
	at := len(p.b)
	p.byte(0)
	for _, o := range rows {
		for _, x := range o.places {
			if x != 0 && p.b[at] < maxPlaces {
				p.b[at]++
				p.uint(uint64(o.ledger))
				p.uint(uint64(x))
			}
		}
	}
}

// facts are the best values of the properties that inference and findings need.
type facts struct {
	vendor, model, firmware, serial string
	hostname                        string
	role, organisation, site        string
	supplier, criticality, location string
	declaredZone, declaredLevel     string
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

// factsOf picks an asset's facts from its attributes and its hardware addresses.
func (v *Inventory) factsOf(a *asset, attrs []harbour.Attribute) (f facts) {
	declared := make([]harbour.Attribute, 0, 16)
	for _, t := range attrs {
		if t.Declared {
			declared = append(declared, t)
		}
	}
	f.ouiVendor = v.ouiVendor(a)
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
	f.declaredName = best(declared, harbour.AttrName)
	return f
}

// ouiVendor names the maker of an asset's own hardware; a host behind a router has none to show.
func (v *Inventory) ouiVendor(a *asset) string {
	if v.in.Vendor == nil {
		return ""
	}
	for pass := range 2 { // observed hardware first
		for _, n := range v.nodes(a) {
			e := &v.ends[n]
			own := e.Flags&observedFlags != 0 && (e.IP.None() || v.local[n])
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
func defaultName(keys []string) string {
	for _, k := range keys {
		if rest, ok := strings.CutPrefix(k, "ip:"); ok {
			addr, _, _ := strings.Cut(rest, "@")
			return addr
		}
	}
	_, text, _ := strings.Cut(keys[0], ":")
	return text
}
