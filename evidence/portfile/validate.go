// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package portfile

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
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
	if p.Name == "" && !f.broken["name"] {
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
		case s == "" && f.broken[fmt.Sprintf("%s[%d]", list, i)]:
		case s == "":
			f.fault(f.where(path), "an entry of "+list+" has no id", "add: id: …")
		case !idForm.MatchString(s):
			f.fault(f.where(path), fmt.Sprintf("id %q is not of the form of an id", clip(s)), "lower-case letters, digits, - and _")
			seen[s] = true // a reference to it is not wrong as well
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
	if id == "" || known[id] || f.damaged[what] || f.full() {
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
			if _, err := time.LoadLocation(s.TimeZone); s.TimeZone == "Local" || err != nil && zoneDatabase() {
				f.fault(f.where(path+".time_zone"), fmt.Sprintf("%q is not an IANA time zone", clip(s.TimeZone)), "write for example Europe/Amsterdam")
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
	_, err := time.LoadLocation("Europe/Amsterdam")
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
	f.checkParents(parents)
}

// checkParents finds zones that lie within themselves, each ring once.
func (f *file) checkParents(parents map[string]string) {
	state := map[string]int{} // number of the walk that came by
	for i, z := range f.port.Zones {
		id := z.ID
		for id != "" && state[id] == 0 {
			state[id] = i + 1
			id = parents[id]
		}
		if id != "" && state[id] == i+1 {
			f.fault(f.where(fmt.Sprintf("zones[%d].parent", i)), fmt.Sprintf("zone %q lies within itself", id), "")
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
	if k == "" || k.Known() || f.full() {
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
			if end.id == "" && !f.broken[path] {
				f.fault(f.where(path), fmt.Sprintf("conduit %q has no %s", c.ID, end.field), "name a zone")
			}
			f.refer(path+"."+end.field, end.id, n.zones, "zones")
		}
		if c.From != "" && c.From == c.To {
			f.fault(f.where(path+".to"), "a conduit leads from one zone to another; within a zone everything may talk", "")
		}
		if len(c.Permits) == 0 && !f.broken[path] {
			f.fault(f.where(path), fmt.Sprintf("conduit %q permits nothing", c.ID), "list under permits what may pass; an entry {} permits everything")
		}
		for j, p := range c.Permits {
			sub := fmt.Sprintf("%s.permits[%d]", path, j)
			f.oneOf(sub+".transport", p.Transport, []string{"tcp", "udp", "icmp", "icmpv6"})
			f.protocol(sub+".protocol", p.Protocol)
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
	for i, s := range f.port.Services {
		path := fmt.Sprintf("services[%d]", i)
		f.refer(path+".site", s.Site, n.sites, "sites")
		for j, d := range s.DependsOn {
			f.refer(fmt.Sprintf("%s.depends_on[%d]", path, j), d, n.services, "services")
		}
		if s.FallbackShare < 0 || s.FallbackShare > 1 {
			f.fault(f.where(path+".fallback_share"), "a share lies between 0 and 1", "0.4 is forty per cent")
		}
		if s.Throughput < 0 || s.Value < 0 {
			f.fault(f.where(path+".throughput"), "throughput and value are not negative", "")
		}
	}
	index := map[string]int{}
	for i, s := range f.port.Services {
		index[s.ID] = i
	}
	if loop := findLoop(f.port.Services, index); loop != nil {
		f.fault(f.where(fmt.Sprintf("services[%d].depends_on", index[loop[0]])), "services depend on each other in a circle: "+clip(strings.Join(loop, " → ")), "")
	}
}

// findLoop follows what services depend on and returns the first circle, from a service back to itself, or nil.
func findLoop(services []harbour.Service, index map[string]int) []string {
	const open, done = 1, 2
	state := make([]int, len(services))
	type step struct{ service, next int }
	for start := range services {
		if state[start] != 0 {
			continue
		}
		state[start] = open
		for way := []step{{start, 0}}; len(way) > 0; {
			at := &way[len(way)-1]
			needs := services[at.service].DependsOn
			if at.next == len(needs) {
				state[at.service] = done
				way = way[:len(way)-1]
				continue
			}
			next, ok := index[needs[at.next]]
			at.next++
			switch {
			case !ok || state[next] == done:
			case state[next] == open:
				var loop []string
				for _, s := range way {
					if s.service == next || len(loop) > 0 {
						loop = append(loop, services[s.service].ID)
					}
				}
				return append(loop, services[next].ID)
			default:
				state[next] = open
				way = append(way, step{next, 0})
			}
		}
	}
	return nil
}

func (f *file) checkAssets(n *ids) {
	for i := range f.port.Assets {
		a := &f.port.Assets[i]
		path := fmt.Sprintf("assets[%d]", i)
		if a.Name == "" && a.Serial == "" && a.Tag == "" && len(a.MACs)+len(a.IPs)+len(a.Hostnames) == 0 && !f.broken[path] {
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
		if len(e.Clients) == 0 && !f.broken[path] {
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

const keyWords = "mac:…, ip:…, ip:…@VLAN, serial:…, name:…"

func (f *file) keys(path string, keys []string, pair bool) {
	if len(keys) < 2 || pair && len(keys) != 2 {
		f.fault(f.where(path), fmt.Sprintf("%d keys; a decision on identity names two", len(keys)), "")
	}
	for i, k := range keys {
		if hint := badKey(k); hint != "" {
			f.fault(f.where(fmt.Sprintf("%s[%d]", path, i)), fmt.Sprintf("%q is not a key of identity", clip(k)), hint)
		}
	}
}

// badKey says how a key should be written, or "" for one that is right.
func badKey(k string) string {
	form, value, _ := strings.Cut(k, ":")
	if value == "" {
		return "a key is one of: " + keyWords
	}
	switch form {
	case "mac":
		if m, ok := evidence.ParseMAC(value); !ok || m.String() != strings.ToLower(value) {
			return "write for example mac:00:1b:1b:12:34:56"
		}
	case "ip":
		ip, vlan, tagged := strings.Cut(value, "@")
		if _, err := netip.ParseAddr(ip); err != nil {
			return "write for example ip:10.20.0.5 or ip:10.20.0.5@20"
		}
		if v, err := strconv.Atoi(vlan); tagged && (err != nil || v < 1 || v > 4094) {
			return "behind @ stands a VLAN id, 1 to 4094"
		}
	case "serial", "name":
	default:
		return "a key is one of: " + keyWords
	}
	return ""
}
