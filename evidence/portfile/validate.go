// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package portfile

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"breakwater/evidence"
	"breakwater/harbour"
)

var (
	idForm       = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	countryForm  = regexp.MustCompile(`^[A-Z]{2}$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
	levels       = []string{"0", "1", "2", "3", "3.5", "4", "5"}
	orgKinds     = []string{"port_authority", "terminal", "supplier", "government", "other"}
	criticality  = []string{"low", "medium", "high", "critical"}
)

// ids are the ids of each list.
type ids struct{ orgs, sites, places, zones, conduits, services, suppliers, modules, people map[string]bool }

// validate checks what the types cannot say. It returns notes on what is allowed and probably not meant.
func (f *file) validate() []harbour.Problem {
	p := f.port
	if p.Name == "" {
		f.fault(f.where("name"), "the port has no name", "add: name: Port of …")
	}
	f.form("currency", p.Currency, currencyForm, "an ISO 4217 code such as EUR")
	n := ids{
		orgs:      unique(f, "organisations", p.Organisations, func(o harbour.Organisation) string { return o.ID }),
		sites:     unique(f, "sites", p.Sites, func(s harbour.Site) string { return s.ID }),
		places:    unique(f, "locations", p.Locations, func(l harbour.Location) string { return l.ID }),
		zones:     unique(f, "zones", p.Zones, func(z harbour.DeclaredZone) string { return z.ID }),
		conduits:  unique(f, "conduits", p.Conduits, func(c harbour.Conduit) string { return c.ID }),
		services:  unique(f, "services", p.Services, func(s harbour.Service) string { return s.ID }),
		suppliers: unique(f, "suppliers", p.Suppliers, func(s harbour.Supplier) string { return s.ID }),
		modules:   unique(f, "modules", p.Modules, func(m harbour.Module) string { return m.ID }),
		people:    unique(f, "people", p.People, func(p harbour.Person) string { return p.ID }),
	}
	f.checkPlaces(&n)
	f.checkZones(&n)
	f.checkConduits(&n)
	f.checkServices(&n)
	f.checkAssets(&n)
	f.checkApprovals()
	return f.notes()
}

// where finds the place of a path, or of the nearest thing around it.
func (f *file) where(path string) position {
	for path != "" {
		if at, ok := f.at[path]; ok {
			return at
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			break
		}
		path = path[:i]
	}
	return f.at[""]
}

// unique checks the ids of a list and returns them.
func unique[T any](f *file, list string, items []T, id func(T) string) map[string]bool {
	seen := map[string]bool{}
	for i, item := range items {
		path := fmt.Sprintf("%s[%d].id", list, i)
		switch s := id(item); {
		case s == "":
			f.fault(f.where(path), "an entry of "+list+" has no id", "add: id: …")
		case !idForm.MatchString(s):
			f.fault(f.where(path), fmt.Sprintf("id %q is not of the form of an id", s), "lower-case letters, digits, - and _")
		case seen[s]:
			f.fault(f.where(path), fmt.Sprintf("id %q is used twice in %s", s, list), "each id names one entry")
		default:
			seen[s] = true
		}
	}
	return seen
}

// refer checks a reference to an id.
func (f *file) refer(path, id string, known map[string]bool, what string) {
	if id == "" || known[id] {
		return
	}
	var names []string
	for k := range known {
		names = append(names, k)
	}
	slices.Sort(names)
	hint := "declare it under " + what
	if near := nearest(id, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	f.fault(f.where(path), fmt.Sprintf("there is no %q among the %s", id, what), hint)
}

func (f *file) oneOf(path, value string, list []string) {
	if value != "" && !slices.Contains(list, value) {
		f.fault(f.where(path), fmt.Sprintf("%q is not one of: %s", value, strings.Join(list, ", ")), "")
	}
}

func (f *file) form(path, value string, re *regexp.Regexp, what string) {
	if value != "" && !re.MatchString(value) {
		f.fault(f.where(path), fmt.Sprintf("%q is not %s", value, what), "")
	}
}

func (f *file) checkPlaces(n *ids) {
	for i, o := range f.port.Organisations {
		f.oneOf(fmt.Sprintf("organisations[%d].kind", i), o.Kind, orgKinds)
	}
	for i, s := range f.port.Sites {
		path := fmt.Sprintf("sites[%d]", i)
		f.refer(path+".organisation", s.Organisation, n.orgs, "organisations")
		f.form(path+".jurisdiction", s.Jurisdiction, countryForm, "a country code of two capital letters (ISO 3166-1), or EU")
		if s.TimeZone != "" {
			if _, err := time.LoadLocation(s.TimeZone); err != nil && zoneDatabase() {
				f.fault(f.where(path+".time_zone"), fmt.Sprintf("%q is not an IANA time zone", s.TimeZone), "write for example Europe/Rotterdam")
			}
		}
		if s.Latitude < -90 || s.Latitude > 90 || s.Longitude < -180 || s.Longitude > 180 {
			f.fault(f.where(path+".latitude"), "the position is not on earth", "degrees, north and east positive")
		}
	}
	for i, l := range f.port.Locations {
		f.refer(fmt.Sprintf("locations[%d].site", i), l.Site, n.sites, "sites")
	}
	for i, m := range f.port.Modules {
		f.refer(fmt.Sprintf("modules[%d].supplier", i), m.Supplier, n.suppliers, "suppliers")
		for j, s := range m.Services {
			f.refer(fmt.Sprintf("modules[%d].services[%d]", i, j), s, n.services, "services")
		}
	}
	for i, p := range f.port.People {
		f.refer(fmt.Sprintf("people[%d].organisation", i), p.Organisation, n.orgs, "organisations")
	}
}

// zoneDatabase says whether this machine has time zones to check with.
func zoneDatabase() bool {
	_, err := time.LoadLocation("Europe/Rotterdam")
	return err == nil
}

func (f *file) checkZones(n *ids) {
	kinds := make([]string, 0, len(harbour.ZoneKinds))
	for _, k := range harbour.ZoneKinds {
		kinds = append(kinds, string(k))
	}
	parents := map[string]string{}
	for i, z := range f.port.Zones {
		path := fmt.Sprintf("zones[%d]", i)
		f.oneOf(path+".kind", string(z.Kind), kinds)
		f.oneOf(path+".level", z.Level, levels)
		f.refer(path+".site", z.Site, n.sites, "sites")
		f.refer(path+".parent", z.Parent, n.zones, "zones")
		parents[z.ID] = z.Parent
		for j, s := range z.Prefixes {
			f.prefix(fmt.Sprintf("%s.prefixes[%d]", path, j), s)
		}
		for j, v := range z.VLANs {
			f.vlan(fmt.Sprintf("%s.vlans[%d]", path, j), v)
		}
		if z.TargetLevel < 0 || z.TargetLevel > 4 {
			f.fault(f.where(path+".sl_t"), fmt.Sprintf("%d is not a security level", z.TargetLevel), "0 to 4")
		}
		if z.Selector != nil {
			for j, k := range z.Selector.Kinds {
				f.kind(fmt.Sprintf("%s.selector.kinds[%d]", path, j), k)
			}
			for j, s := range z.Selector.Locations {
				f.refer(fmt.Sprintf("%s.selector.locations[%d]", path, j), s, n.places, "locations")
			}
			for j, s := range z.Selector.Suppliers {
				f.refer(fmt.Sprintf("%s.selector.suppliers[%d]", path, j), s, n.suppliers, "suppliers")
			}
		}
	}
	for i, z := range f.port.Zones {
		seen := map[string]bool{}
		for id := z.ID; id != ""; id = parents[id] {
			if seen[id] {
				f.fault(f.where(fmt.Sprintf("zones[%d].parent", i)), fmt.Sprintf("zone %q lies within itself", z.ID), "")
				break
			}
			seen[id] = true
		}
	}
}

func (f *file) prefix(path, s string) {
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		hint := "write for example 10.20.0.0/16"
		if a, err := netip.ParseAddr(s); err == nil {
			hint = fmt.Sprintf("for this address alone write %s/%d", s, a.BitLen())
		}
		f.fault(f.where(path), fmt.Sprintf("%q is not a prefix", s), hint)
	case p.Masked() != p:
		f.fault(f.where(path), fmt.Sprintf("%s has bits set behind its length", s), "did you mean "+p.Masked().String()+"?")
	}
}

func (f *file) vlan(path string, v int) {
	if v < 1 || v > 4094 {
		f.fault(f.where(path), fmt.Sprintf("%d is not a VLAN id", v), "1 to 4094")
	}
}

func (f *file) kind(path string, k harbour.Kind) {
	if k == "" || k.Known() {
		return
	}
	var names []string
	for _, i := range harbour.Kinds {
		names = append(names, string(i.Kind))
	}
	hint := "kinds are " + strings.Join(names, ", ")
	if near := nearest(string(k), names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	f.fault(f.where(path), fmt.Sprintf("%q is not a kind of asset", k), hint)
}

func (f *file) verbs(path string, verbs []harbour.Verb) {
	for i, v := range verbs {
		if !slices.Contains(harbour.Verbs, v) {
			var names []string
			for _, w := range harbour.Verbs {
				names = append(names, string(w))
			}
			f.oneOf(fmt.Sprintf("%s[%d]", path, i), string(v), names)
		}
	}
}

func (f *file) checkConduits(n *ids) {
	for i, c := range f.port.Conduits {
		path := fmt.Sprintf("conduits[%d]", i)
		for _, end := range []struct{ field, id string }{{"from", c.From}, {"to", c.To}} {
			if end.id == "" {
				f.fault(f.where(path), fmt.Sprintf("conduit %q has no %s", c.ID, end.field), "name a zone")
			}
			f.refer(path+"."+end.field, end.id, n.zones, "zones")
		}
		if c.From != "" && c.From == c.To {
			f.fault(f.where(path+".to"), "a conduit leads from one zone to another; within a zone everything may talk", "")
		}
		if len(c.Permits) == 0 {
			f.fault(f.where(path), fmt.Sprintf("conduit %q permits nothing", c.ID), "list under permits what may pass; an entry {} permits everything")
		}
		for j, p := range c.Permits {
			sub := fmt.Sprintf("%s.permits[%d]", path, j)
			f.oneOf(sub+".transport", p.Transport, []string{"tcp", "udp", "icmp", "icmpv6"})
			f.verbs(sub+".verbs", p.Verbs)
			for k, port := range p.Ports {
				if port < 1 || port > 65535 {
					f.fault(f.where(fmt.Sprintf("%s.ports[%d]", sub, k)), fmt.Sprintf("%d is not a port", port), "1 to 65535")
				}
			}
		}
	}
}

func (f *file) checkServices(n *ids) {
	needs := map[string][]string{}
	for i, s := range f.port.Services {
		path := fmt.Sprintf("services[%d]", i)
		f.refer(path+".site", s.Site, n.sites, "sites")
		for j, d := range s.DependsOn {
			f.refer(fmt.Sprintf("%s.depends_on[%d]", path, j), d, n.services, "services")
		}
		needs[s.ID] = s.DependsOn
		if s.FallbackShare < 0 || s.FallbackShare > 1 {
			f.fault(f.where(path+".fallback_share"), "a share lies between 0 and 1", "0.4 is forty per cent")
		}
		if s.Throughput < 0 || s.Value < 0 {
			f.fault(f.where(path+".throughput"), "throughput and value are not negative", "")
		}
	}
	for i, s := range f.port.Services {
		if loop := findLoop(s.ID, needs); loop != nil {
			f.fault(f.where(fmt.Sprintf("services[%d].depends_on", i)), "services depend on each other in a circle: "+strings.Join(loop, " → "), "")
			return
		}
	}
}

// findLoop follows dependencies from id and returns the way back to it, or nil.
func findLoop(id string, needs map[string][]string) []string {
	seen := map[string]bool{}
	var follow func(at string, way []string) []string
	follow = func(at string, way []string) []string {
		for _, next := range needs[at] {
			if next == id {
				return append(way, next)
			}
			if !seen[next] {
				seen[next] = true
				if w := follow(next, append(slices.Clone(way), next)); w != nil {
					return w
				}
			}
		}
		return nil
	}
	return follow(id, []string{id})
}

func (f *file) checkAssets(n *ids) {
	for i := range f.port.Assets {
		a := &f.port.Assets[i]
		path := fmt.Sprintf("assets[%d]", i)
		if a.Name == "" && a.Serial == "" && a.Tag == "" && len(a.MACs)+len(a.IPs)+len(a.Hostnames) == 0 {
			f.fault(f.where(path), "nothing identifies this asset", "give a name, serial, MAC or address")
		}
		f.kind(path+".kind", a.Kind)
		f.oneOf(path+".level", a.Level, levels)
		f.oneOf(path+".criticality", a.Criticality, criticality)
		f.refer(path+".organisation", a.Organisation, n.orgs, "organisations")
		f.refer(path+".site", a.Site, n.sites, "sites")
		f.refer(path+".location", a.Location, n.places, "locations")
		f.refer(path+".zone", a.Zone, n.zones, "zones")
		f.refer(path+".supplier", a.Supplier, n.suppliers, "suppliers")
		f.refer(path+".module", a.Module, n.modules, "modules")
		for j, s := range a.Services {
			f.refer(fmt.Sprintf("%s.services[%d]", path, j), s, n.services, "services")
		}
		if a.VLAN != 0 {
			f.vlan(path+".vlan", a.VLAN)
		}
		for j, s := range a.MACs {
			if _, ok := evidence.ParseMAC(s); !ok {
				f.fault(f.where(fmt.Sprintf("%s.macs[%d]", path, j)), fmt.Sprintf("%q is not a MAC address", s), "write for example 00:1b:1b:12:34:56")
			}
		}
		for j, s := range a.IPs {
			if _, err := netip.ParseAddr(s); err != nil {
				f.fault(f.where(fmt.Sprintf("%s.ips[%d]", path, j)), fmt.Sprintf("%q is not an IP address", s), "an address without prefix length")
			}
		}
	}
}

func (f *file) checkApprovals() {
	for i, e := range f.port.Engineering {
		path := fmt.Sprintf("engineering[%d]", i)
		if len(e.Clients) == 0 {
			f.fault(f.where(path), "an approval names nobody", "list under clients who may do the work")
		}
		f.verbs(path+".verbs", e.Verbs)
		for _, t := range []struct{ field, value string }{{"from", e.From}, {"until", e.Until}} {
			if t.value == "" {
				continue
			}
			if _, err := time.Parse(time.RFC3339, t.value); err != nil {
				f.fault(f.where(path+"."+t.field), fmt.Sprintf("%q is not an instant", t.value), "write for example 2026-11-16T05:00:00Z")
			}
		}
	}
	for i, g := range f.port.Identity.Same {
		f.keys(fmt.Sprintf("identity.same[%d]", i), g, false)
	}
	for i, g := range f.port.Identity.Distinct {
		f.keys(fmt.Sprintf("identity.distinct[%d]", i), g, true)
	}
}

var keyForm = regexp.MustCompile(`^(mac:([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}|ip:[0-9a-fA-F.:]+(@\d{1,4})?|serial:.+|name:.+)$`)

func (f *file) keys(path string, keys []string, pair bool) {
	if len(keys) < 2 || pair && len(keys) != 2 {
		f.fault(f.where(path), fmt.Sprintf("%d keys; a decision on identity names two", len(keys)), "")
	}
	for i, k := range keys {
		f.form(fmt.Sprintf("%s[%d]", path, i), k, keyForm, "a key: mac:…, ip:…, ip:…@VLAN, serial:… or name:…")
	}
}

// notes says what is allowed and probably not meant: two zones with one prefix, a conduit given twice.
func (f *file) notes() (problems []harbour.Problem) {
	note := func(path, text, hint string) {
		at := f.where(path)
		problems = append(problems, harbour.Problem{Locator: fmt.Sprintf("line %d", at.line), Message: text, Hint: hint})
	}
	type claim struct {
		prefix string
		vlan   int
	}
	zones := map[claim]string{}
	for i, z := range f.port.Zones {
		for j, p := range z.Prefixes {
			for _, v := range append([]int{0}, z.VLANs...) {
				if v == 0 && len(z.VLANs) > 0 {
					continue
				}
				c := claim{p, v}
				if other, ok := zones[c]; ok && other != z.ID {
					note(fmt.Sprintf("zones[%d].prefixes[%d]", i, j), fmt.Sprintf("zones %q and %q both claim %s; the first one gets its assets", other, z.ID, p), "tell them apart by VLAN, or give the nested zone a longer prefix")
				} else {
					zones[c] = z.ID
				}
			}
		}
		if len(z.Prefixes)+len(z.VLANs)+len(z.Assets) == 0 && z.Selector == nil && z.Kind != harbour.ZoneExternal {
			note(fmt.Sprintf("zones[%d]", i), fmt.Sprintf("nothing puts an asset into zone %q unless the asset names it", z.ID), "give it prefixes, vlans, assets or a selector")
		}
	}
	return problems
}
