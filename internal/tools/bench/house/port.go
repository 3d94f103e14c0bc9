// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"breakwater/harbour"
)

// Size of a port.
type Size struct{ Assets, Conversations, Operations, Findings, Evidence, Jobs int }

// Sizes that are measured.
var (
	Large = Size{Assets: 100_000, Conversations: 1_000_000, Operations: 300_000, Findings: 200_000, Evidence: 3000, Jobs: 3000}
	Small = Size{Assets: 2000, Conversations: 20_000, Operations: 6000, Findings: 4000, Evidence: 60, Jobs: 60}
	// tenant is the size of the second organisation, whose rows must not cost the first anything.
	tenant = Size{Assets: 3000, Conversations: 30_000, Operations: 9000, Findings: 6000, Evidence: 50, Jobs: 50}
)

// Version changes when the port is made otherwise, so that databases of older versions are not used again.
const Version = 1

// Port is what one organisation's evidence says, in one of two states that follow each other.
type Port struct {
	Org   string
	Size  Size
	seed  uint64
	state int
}

// The letters that ids begin with.
const (
	letterAsset   = 'a'
	letterFinding = 'f'
)

// rng gives the random source of the n-th object of a kind: the same whichever objects are made before.
func (p *Port) rng(kind rune, n int) *rand.Rand {
	return rand.New(rand.NewPCG(p.seed<<8|uint64(kind), uint64(n)))
}

// mix spreads a number over 64 bits (the finaliser of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (p *Port) id(letter rune, n int) string {
	return fmt.Sprintf("%c-%016x", letter, mix(p.seed<<40^uint64(letter)<<32^uint64(n)))
}

// AssetID and FindingID are ids of the n-th object.
func (p *Port) AssetID(n int) string   { return p.id(letterAsset, n) }
func (p *Port) FindingID(n int) string { return p.id(letterFinding, n) }

// there says whether an object is in this state: one in two hundred comes with the second, another goes with it.
func (p *Port) there(n int) bool {
	switch n % 200 {
	case 17:
		return p.state == 2
	case 34:
		return p.state == 1
	}
	return true
}

// Sites of the port.
var Sites = []string{"north", "south", "oil", "ferry", "city"}

var areas = []struct{ name, level string }{
	{"quay cranes", "1"},
	{"yard cranes", "1"},
	{"reefer racks", "1"},
	{"conveyors", "1"},
	{"tank gauging", "1"},
	{"shore power", "1"},
	{"vessel traffic", "1"},
	{"crane supervision", "2"},
	{"energy supervision", "2"},
	{"tank control room", "2"},
	{"gate automation", "2"},
	{"engineering", "3"},
	{"historians", "3"},
	{"terminal operation", "3"},
	{"industrial DMZ", "3.5"},
	{"remote support", "3.5"},
	{"video", "2"},
	{"doors and badges", "2"},
	{"office", "4"},
	{"data centre", "4"},
	{"printing and phones", "4"},
	{"wireless", "4"},
	{"guests", "5"},
	{"internet", "5"},
}

// Zones gives how many zones there are.
func Zones() int { return len(areas) * len(Sites) }

// ZoneID is the id of a zone.
func ZoneID(n int) string { return fmt.Sprintf("z-%s-%02d", Sites[n/len(areas)], n%len(areas)) }

// Vendors and Suppliers of the port; the first are the most frequent.
var (
	Vendors = []string{
		"Siemens", "Rockwell Automation", "Schneider Electric", "ABB", "Axis Communications", "Cisco", "Moxa", "Phoenix Contact", "WAGO", "Beckhoff", "Hirschmann", "Honeywell",
		"Emerson", "Yokogawa", "Omron", "Mitsubishi Electric", "Bosch", "HID Global", "Hikvision", "Dell", "Hewlett Packard Enterprise", "Lenovo", "Fortinet", "Palo Alto Networks",
		"Kongsberg", "Wärtsilä", "Konecranes", "Liebherr", "Kalmar", "Endress+Hauser", "Vega", "Krohne", "Eaton", "Advantech", "Teltonika", "Sierra Wireless",
	}
	Suppliers = []string{"crane-works", "tank-systems", "gate-soft", "video-north", "power-grid", "harbour-it", "vts-group", "reefer-care", "access-control", "conveyor-line"}
	protocols = []struct {
		name string
		port int
		of   int
	}{
		{"modbus", 502, 24},
		{"s7comm", 102, 15},
		{"enip", 44818, 13},
		{"cip", 44818, 4},
		{"tls", 443, 12},
		{"http", 80, 5},
		{"smb", 445, 4},
		{"ssh", 22, 3},
		{"dns", 53, 6},
		{"ntp", 123, 2},
		{"opcua", 4840, 3},
		{"bacnet", 47808, 2},
		{"dnp3", 20000, 1},
		{"snmp", 161, 3},
		{"", 0, 3},
	}
	verdicts = []harbour.Verdict{
		harbour.VerdictApprovedUsed, harbour.VerdictApprovedUsed, harbour.VerdictApprovedUsed, harbour.VerdictApprovedUsed, harbour.VerdictUndocumented, harbour.VerdictUndocumented,
		harbour.VerdictUnknown, harbour.VerdictExcessPermission,
	}
	rules = []struct {
		name     string
		severity harbour.Severity
		title    string
	}{
		{"undeclared-asset", harbour.SeverityMedium, "%s was seen and is declared nowhere"},
		{"undeclared-modem", harbour.SeverityHigh, "%s may be a way into the network that nobody declared"},
		{"declared-never-seen", harbour.SeverityLow, "%s is declared and was never seen"},
		{"cleartext-login", harbour.SeverityHigh, "A login to %s can be read by anybody on the way"},
		{"default-login", harbour.SeverityCritical, "%s lets in whoever knows the maker's password"},
		{"obsolete-tls", harbour.SeverityLow, "%s offers an obsolete version of TLS"},
		{"obsolete-ssh", harbour.SeverityLow, "%s offers an obsolete version of SSH"},
		{"outside-reach", harbour.SeverityCritical, "%s is reached from outside its zone"},
		{"unapproved-programming", harbour.SeverityHigh, "%s was programmed without approval"},
		{"address-conflict", harbour.SeverityMedium, "Another device uses the address of %s"},
		{"not-as-declared", harbour.SeverityMedium, "%s is not the device that was declared"},
		{"clock-wrong", harbour.SeverityInfo, "The clock of %s is wrong"},
	}
	criticalities = []string{"", "", "", "", "low", "low", "medium", "medium", "high"}
)

// began is the first instant of the traffic; it lasts ninety days.
var began = time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)

const lasts = 90 * 24 * time.Hour

func at(r *rand.Rand) harbour.Instant {
	return harbour.At(began.Add(time.Duration(r.Int64N(int64(lasts)))).Truncate(time.Microsecond))
}

// skewed picks one of n, the first more often.
func skewed(r *rand.Rand, n int) int {
	f := r.Float64()
	return min(n-1, int(f*f*float64(n)))
}

// place is where an asset is.
type place struct {
	zone, kind int
	address    string
}

// where is the place of the n-th asset. Controllers are many in the lower zones, computers in the upper.
func (p *Port) where(n int) place {
	h := mix(p.seed ^ 0x71<<56 ^ uint64(n))
	zone := int(h>>8) % Zones()
	if h&3 == 0 { // a few zones are large
		zone = int(h>>8) % Zones() / 8 * 8
	}
	return place{zone: zone, kind: int(h>>32) % len(harbour.Kinds), address: fmt.Sprintf("10.%d.%d.%d", 16+zone, n>>8&0xff, n&0xff)}
}

// Name of the n-th asset.
func (p *Port) Name(n int) string {
	w := p.where(n)
	return fmt.Sprintf("%s-%s-%05d", Sites[w.zone/len(areas)], harbour.Kinds[w.kind].Kind, n)
}

// Address of the n-th asset.
func (p *Port) Address(n int) string { return p.where(n).address }

// Assets of the port.
func (p *Port) Assets() iter.Seq[*harbour.Asset] {
	return func(yield func(*harbour.Asset) bool) {
		for n := range p.Size.Assets {
			if p.there(n) && !yield(p.asset(n)) {
				return
			}
		}
	}
}

func (p *Port) asset(n int) *harbour.Asset {
	r, w := p.rng(letterAsset, n), p.where(n)
	kind, area := harbour.Kinds[w.kind], areas[w.zone%len(areas)]
	vendor := skewed(r, len(Vendors))
	model := fmt.Sprintf("%c%d-%d", 'A'+vendor%26, 100*(1+r.IntN(9)), 1+r.IntN(6))
	firmware := fmt.Sprintf("V%d.%d.%d", 1+r.IntN(5), r.IntN(10), r.IntN(4))
	mac := fmt.Sprintf("00:1b:%02x:%02x:%02x:%02x", vendor, n>>16&0xff, n>>8&0xff, n&0xff)
	first, last := at(r), at(r)
	declared, observed := r.IntN(10) > 0, r.IntN(12) > 0
	if !declared && !observed {
		observed = true
	}
	if p.state == 2 && n%100 == 3 {
		firmware = "V9.0.1"
	}
	a := &harbour.Asset{
		ID: p.AssetID(n), Name: p.Name(n), Organisation: p.Org, Site: Sites[w.zone/len(areas)], Domain: kind.Domain, Kind: kind.Kind,
		Vendor: Vendors[vendor], Model: model, Firmware: firmware, Serial: fmt.Sprintf("S%08d", mix(uint64(n))%1e8),
		Hostnames: []string{}, Interfaces: []harbour.Interface{{MAC: mac, IPs: []string{w.address}, VLAN: 10 + w.zone}},
		Protocols: []harbour.ProtocolUse{}, Level: area.level, Zone: ZoneID(w.zone), Criticality: criticalities[r.IntN(len(criticalities))],
		Supplier: Suppliers[skewed(r, len(Suppliers))], Software: []harbour.Software{}, Declared: declared, Observed: observed,
		FirstSeen: min(first, last), LastSeen: max(first, last), Keys: []string{"mac:" + mac, "address:" + w.address},
	}
	for i := range 1 + r.IntN(4) {
		x := protocols[(w.kind+i)%len(protocols)]
		a.Protocols = append(a.Protocols, harbour.ProtocolUse{Name: x.name, Side: "server", Port: x.port})
	}
	for _, x := range [][2]string{
		{harbour.AttrVendor, a.Vendor},
		{harbour.AttrModel, model},
		{harbour.AttrFirmware, firmware},
		{harbour.AttrSerial, a.Serial},
		{harbour.AttrSystemName, a.Name},
		{harbour.AttrDescription, area.name + " " + kind.Title},
	} {
		a.Attributes = append(a.Attributes, harbour.Attribute{
			Name: x[0], Value: x[1], Declared: declared, Confidence: harbour.Stated, Count: 1 + r.Int64N(1000), FirstSeen: a.FirstSeen, LastSeen: a.LastSeen,
			Observations: []harbour.Observation{p.proof(r)},
		})
	}
	return a
}

func (p *Port) proof(r *rand.Rand) harbour.Observation {
	return harbour.Observation{Evidence: p.evidenceID(r.IntN(p.Size.Evidence)), Locator: fmt.Sprintf("frame %d", 1+r.IntN(1_000_000))}
}

// Conversations of the port. Most stay within a site; a few servers have very many clients.
func (p *Port) Conversations() iter.Seq[*harbour.Conversation] {
	return func(yield func(*harbour.Conversation) bool) {
		for n := range p.Size.Conversations {
			if p.there(n) && !yield(p.conversation(n)) {
				return
			}
		}
	}
}

func (p *Port) ends(r *rand.Rand) (client, server int) {
	return r.IntN(p.Size.Assets), skewed(r, p.Size.Assets)
}

func (p *Port) conversation(n int) *harbour.Conversation {
	r := p.rng('c', n)
	client, server := p.ends(r)
	x := protocols[0]
	for k, i := r.IntN(100), 0; i < len(protocols); i++ {
		if x = protocols[i]; k < x.of {
			break
		}
		k -= x.of
	}
	first, last := at(r), at(r)
	c := &harbour.Conversation{
		Client: p.AssetID(client), Server: p.AssetID(server), ClientIP: p.where(client).address, ServerIP: p.where(server).address,
		ClientMAC: fmt.Sprintf("00:1b:00:%02x:%02x:%02x", client>>16, client>>8&0xff, client&0xff), ServerMAC: fmt.Sprintf("00:1b:01:%02x:%02x:%02x", server>>16, server>>8&0xff, server&0xff),
		VLAN: 10 + r.IntN(120), Transport: "tcp", Port: x.port + n%3, Protocol: x.name, Confirmed: r.IntN(5) > 0, Packets: 2 + r.Int64N(1e5),
		FirstSeen: min(first, last), LastSeen: max(first, last), Verdict: verdicts[r.IntN(len(verdicts))],
	}
	c.Bytes = c.Packets * (60 + r.Int64N(900))
	if p.state == 2 && n%100 == 3 {
		c.Packets++
	}
	o := p.proof(r)
	c.Evidence, c.Locator = o.Evidence, o.Locator
	return c
}

// Operations of the port.
func (p *Port) Operations() iter.Seq[*harbour.Operation] {
	return func(yield func(*harbour.Operation) bool) {
		for n := range p.Size.Operations {
			if p.there(n) && !yield(p.operation(n)) {
				return
			}
		}
	}
}

func (p *Port) operation(n int) *harbour.Operation {
	r := p.rng('o', n)
	client, server := p.ends(r)
	x, verb := protocols[r.IntN(4)], harbour.Verbs[skewed(r, len(harbour.Verbs))]
	first, last := at(r), at(r)
	o := p.proof(r)
	v := &harbour.Operation{
		Client: p.AssetID(client), Server: p.AssetID(server), ClientIP: p.where(client).address, ServerIP: p.where(server).address,
		Protocol: x.name, Verb: verb, Code: fmt.Sprintf("0x%02x", r.IntN(40)), Name: string(verb) + "_registers", Target: fmt.Sprintf("4%04d", r.IntN(9999)), Result: "ok",
		Count: 1 + r.Int64N(1e4), FirstSeen: min(first, last), LastSeen: max(first, last), Evidence: o.Evidence, Locator: o.Locator,
	}
	if r.IntN(20) == 0 {
		v.Result = "illegal_data_address"
	}
	return v
}

// Findings of the port.
func (p *Port) Findings() iter.Seq[*harbour.Finding] {
	return func(yield func(*harbour.Finding) bool) {
		for n := range p.Size.Findings {
			if p.there(n) && !yield(p.finding(n)) {
				return
			}
		}
	}
}

func (p *Port) finding(n int) *harbour.Finding {
	r := p.rng(letterFinding, n)
	rule, subject := rules[skewed(r, len(rules))], r.IntN(p.Size.Assets)
	first, last := at(r), at(r)
	o := p.proof(r)
	f := &harbour.Finding{
		ID: p.FindingID(n), Rule: rule.name, Severity: rule.severity, Title: fmt.Sprintf(rule.title, p.Name(subject)),
		Explanation: "Seen " + fmt.Sprint(1+r.IntN(900)) + " times at " + p.where(subject).address + ".", Action: "Ask whoever looks after it whether it has to be so.",
		Subjects: []string{p.AssetID(subject)}, Evidence: []harbour.ProofRef{{ID: o.Evidence, Locator: o.Locator}}, Requirements: []string{"IEC 62443-3-3 SR 1.1"},
		FirstSeen: min(first, last), LastSeen: max(first, last),
	}
	if r.IntN(10) == 0 {
		f.Subjects = append(f.Subjects, p.AssetID(r.IntN(p.Size.Assets)))
	}
	return f
}

// Zones and conduits of the port: every zone has several ways to others of its site, some across sites.
func (p *Port) Zones() (zones []harbour.Zone, conduits []harbour.ConduitUse) {
	members := make([]int, Zones())
	for n := range p.Size.Assets {
		if p.there(n) {
			members[p.where(n).zone]++
		}
	}
	for n := range Zones() {
		area := areas[n%len(areas)]
		zones = append(zones, harbour.Zone{ID: ZoneID(n), Name: Sites[n/len(areas)] + " " + area.name, Level: area.level, Members: members[n], Evidence: []harbour.ProofRef{}})
	}
	r := p.rng('z', 0)
	seen := map[[2]int]bool{}
	for len(conduits) < 12*Zones() {
		from, to := r.IntN(Zones()), r.IntN(Zones())
		if r.IntN(10) > 0 {
			to = from/len(areas)*len(areas) + to%len(areas)
		}
		if from == to || seen[[2]int{from, to}] {
			continue
		}
		seen[[2]int{from, to}] = true
		c := harbour.ConduitUse{
			ID: ZoneID(from) + "→" + ZoneID(to), From: ZoneID(from), To: ZoneID(to), Declared: r.IntN(3) > 0, Verdicts: map[harbour.Verdict]int{}, FirstSeen: harbour.At(began),
			LastSeen: harbour.At(began.Add(lasts)), Evidence: []harbour.ProofRef{},
		}
		for range 1 + r.IntN(4) {
			x, v, count := protocols[r.IntN(len(protocols)-1)], verdicts[r.IntN(len(verdicts))], 1+r.IntN(500)
			c.Services = append(c.Services, harbour.ConduitService{Protocol: x.name, Transport: "tcp", Port: x.port, Verdict: v, Conversations: count, Packets: int64(count) * 100})
			c.Verdicts[v] += count
		}
		conduits = append(conduits, c)
	}
	return zones, conduits
}

func (p *Port) evidenceID(n int) string {
	return fmt.Sprintf("e-%016x", mix(p.seed<<40^'e'<<32^uint64(n)))
}
