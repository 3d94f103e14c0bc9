// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

// Port is the port file: what people declare because no packet can say it. Every list may be absent. Ids are lower
// case letters, digits and dashes, unique within their list; a reference to an id that is not declared is an error.
type Port struct {
	// Name of the port as it appears on reports.
	Name string `yaml:"name"`
	// Marking is the classification printed on every page of every document.
	Marking string `yaml:"marking"`
	// Currency is the ISO 4217 code of the amounts in this file.
	Currency string `yaml:"currency"`
	// Organisations that hold data or assets: the port authority and its tenants.
	Organisations []Organisation `yaml:"organisations"`
	// Sites are places under one jurisdiction and time zone.
	Sites []Site `yaml:"sites"`
	// Locations are named places within sites: a crane, a gate, a switch room.
	Locations []Location `yaml:"locations"`
	// Zones group assets with common security requirements (IEC 62443-3-2, ZCR 3).
	Zones []DeclaredZone `yaml:"zones"`
	// Conduits say what may pass between two zones. What no conduit permits is not permitted.
	Conduits []Conduit `yaml:"conduits"`
	// Services are the functions of the port that have a throughput and a value.
	Services []Service `yaml:"services"`
	// Suppliers deliver and support modules.
	Suppliers []Supplier `yaml:"suppliers"`
	// Modules are the units in which responsibility is split.
	Modules []Module `yaml:"modules"`
	// People and the roles they hold.
	People []Person `yaml:"people"`
	// Assets that are approved, with what is known of each. A spreadsheet may hold them instead.
	Assets []DeclaredAsset `yaml:"assets"`
	// Engineering lists who may do engineering work (program transfer, mode change, configuration …) and where.
	Engineering []EngineeringApproval `yaml:"engineering"`
	// Identity holds decisions by hand on which records are the same asset.
	Identity Identity `yaml:"identity"`
}

// Organisation holds data: a port authority, a terminal operator, a supplier with assets of its own.
type Organisation struct {
	// ID is referred to by sites and assets.
	ID string `yaml:"id"`
	// Name as written in documents.
	Name string `yaml:"name"`
	// Kind is one of: port_authority, terminal, supplier, government, other.
	Kind string `yaml:"kind"`
}

// Site is where: a terminal, a harbour office.
type Site struct {
	// ID is referred to by zones, locations and assets.
	ID string `yaml:"id"`
	// Name as written in documents.
	Name string `yaml:"name"`
	// Organisation that runs the site.
	Organisation string `yaml:"organisation"`
	// Jurisdiction is an ISO 3166-1 alpha-2 country code, or EU.
	Jurisdiction string `yaml:"jurisdiction"`
	// TimeZone is an IANA time zone name.
	TimeZone string `yaml:"time_zone"`
	// Latitude in degrees north (WGS 84).
	Latitude float64 `yaml:"latitude"`
	// Longitude in degrees east (WGS 84).
	Longitude float64 `yaml:"longitude"`
}

// Location is a named place within a site.
type Location struct {
	// ID is referred to by assets.
	ID string `yaml:"id"`
	// Name as signposted.
	Name string `yaml:"name"`
	// Site in which the place lies.
	Site string `yaml:"site"`
	// Restricted is set for a restricted area in the sense of the ISPS Code, A/16.
	Restricted bool `yaml:"restricted"`
}

// ZoneKind classes a zone by the separation that IEC 62443-3-2 ZCR 3 demands of it.
type ZoneKind string

// The kinds of zone.
const (
	ZoneBusiness  ZoneKind = "business"
	ZoneDMZ       ZoneKind = "dmz"
	ZoneControl   ZoneKind = "control"
	ZoneSafety    ZoneKind = "safety"
	ZonePhysical  ZoneKind = "physical"
	ZoneWireless  ZoneKind = "wireless"
	ZoneTemporary ZoneKind = "temporary"
	ZoneExternal  ZoneKind = "external"
)

// ZoneKinds lists every kind of zone.
var ZoneKinds = []ZoneKind{
	ZoneBusiness, ZoneDMZ, ZoneControl, ZoneSafety, ZonePhysical, ZoneWireless, ZoneTemporary, ZoneExternal,
}

// OT says whether assets in such a zone belong to operational technology unless their kind says otherwise.
func (k ZoneKind) OT() bool { return k == ZoneControl || k == ZoneSafety }

// DeclaredZone is a zone as the port file defines it. An asset belongs to the zone whose assets list names it, else to
// the one whose selector fits best, else to that with the longest matching prefix (in the given VLAN where vlans is set
// too), else to that of its VLAN.
type DeclaredZone struct {
	// ID is referred to by conduits and assets.
	ID string `yaml:"id"`
	// Name as drawn.
	Name string `yaml:"name"`
	// Site to which the zone belongs; empty for one that spans sites.
	Site string `yaml:"site"`
	// Kind is one of: business, dmz, control, safety, physical, wireless, temporary, external.
	Kind ZoneKind `yaml:"kind"`
	// Level is the Purdue level: 0, 1, 2, 3, 3.5, 4 or 5.
	Level string `yaml:"level"`
	// Parent is the zone in which this one is nested.
	Parent string `yaml:"parent"`
	// Prefixes are IPv4 or IPv6 prefixes in CIDR notation.
	Prefixes []string `yaml:"prefixes"`
	// VLANs are IEEE 802.1Q VLAN ids, 1 to 4094.
	VLANs []int `yaml:"vlans"`
	// Selector picks assets by kind, vendor, location or supplier; all that are given must fit.
	Selector *Selector `yaml:"selector"`
	// Assets names members one by one, by asset name, address or MAC.
	Assets []string `yaml:"assets"`
	// TargetLevel is the SL-T of the zone, 0 to 4 (IEC 62443-3-3).
	TargetLevel int `yaml:"sl_t"`
}

// Selector picks assets by what they are.
type Selector struct {
	// Kinds of asset.
	Kinds []Kind `yaml:"kinds"`
	// Vendors by name, case not regarded.
	Vendors []string `yaml:"vendors"`
	// Locations by id.
	Locations []string `yaml:"locations"`
	// Suppliers by id.
	Suppliers []string `yaml:"suppliers"`
}

// Conduit permits communication from one zone to another. Answers are implied; the other direction is not.
type Conduit struct {
	// ID names the conduit in findings.
	ID string `yaml:"id"`
	// Name as drawn.
	Name string `yaml:"name"`
	// From is the zone of the clients.
	From string `yaml:"from"`
	// To is the zone of the servers.
	To string `yaml:"to"`
	// Purpose in one sentence.
	Purpose string `yaml:"purpose"`
	// Permits lists what may pass.
	Permits []Permit `yaml:"permits"`
}

// Permit is one thing that may pass through a conduit. Empty fields do not restrict.
type Permit struct {
	// Protocol name from the closed list in docs/protocols.md (modbus, s7comm, tls, http …). A protocol of the field that is
	// not on it (opcua, dnp3 …) may stand here together with its ports; for any other leave this out and name transport and ports.
	Protocol string `yaml:"protocol"`
	// Transport is tcp, udp or icmp.
	Transport string `yaml:"transport"`
	// Ports of the server.
	Ports []int `yaml:"ports"`
	// Verbs that are permitted; empty permits every verb.
	Verbs []Verb `yaml:"verbs"`
	// Clients restricts to these assets, by name, address or MAC.
	Clients []string `yaml:"clients"`
	// Servers restricts to these assets, by name, address or MAC.
	Servers []string `yaml:"servers"`
}

// Service is a function of the port with a throughput and a value.
type Service struct {
	// ID is referred to by modules, assets and other services.
	ID string `yaml:"id"`
	// Name as the board knows it.
	Name string `yaml:"name"`
	// Site at which the service is delivered.
	Site string `yaml:"site"`
	// Throughput in units per hour at normal operation.
	Throughput float64 `yaml:"throughput"`
	// Unit of the throughput: containers, trucks, tonnes, vessels, MWh …
	Unit string `yaml:"unit"`
	// Value of one unit in the file's currency.
	Value float64 `yaml:"value"`
	// DependsOn lists services without which this one stops.
	DependsOn []string `yaml:"depends_on"`
	// Fallback says how the service goes on without its systems.
	Fallback string `yaml:"fallback"`
	// FallbackShare is the share of throughput that the fallback reaches, 0 to 1.
	FallbackShare float64 `yaml:"fallback_share"`
}

// Supplier delivers or supports something in the port.
type Supplier struct {
	// ID is referred to by modules and assets.
	ID string `yaml:"id"`
	// Name of the company.
	Name string `yaml:"name"`
	// Contact for security matters.
	Contact string `yaml:"contact"`
	// Certificates held, such as IEC 62443-4-1 or ISO/IEC 27001.
	Certificates []string `yaml:"certificates"`
}

// Module is the unit in which responsibility is split between port and supplier.
type Module struct {
	// ID is referred to by assets.
	ID string `yaml:"id"`
	// Name of the module.
	Name string `yaml:"name"`
	// Supplier that delivers it.
	Supplier string `yaml:"supplier"`
	// Services that need it.
	Services []string `yaml:"services"`
	// Responsible maps a task (patching, backup, monitoring, remote_access …) to port or supplier.
	Responsible map[string]string `yaml:"responsible"`
}

// Person holds roles.
type Person struct {
	// ID is referred to by approvals.
	ID string `yaml:"id"`
	// Name of the person.
	Name string `yaml:"name"`
	// Organisation the person belongs to.
	Organisation string `yaml:"organisation"`
	// Roles as codes: chief-security-officer, cyber-security-officer, pfso, ot-engineer …
	Roles []string `yaml:"roles"`
	// Phone reachable around the clock, where the role needs it.
	Phone string `yaml:"phone"`
	// Email address.
	Email string `yaml:"email"`
}

// DeclaredAsset is an approved asset. It is matched with what is observed by serial, MAC, address or name; at least
// one of these, or ip, must be given.
type DeclaredAsset struct {
	// Name by which people know it; also its host name where that is the same.
	Name string `yaml:"name"`
	// Tag is the number on the inventory sticker.
	Tag string `yaml:"tag"`
	// Kind from the closed list of asset kinds.
	Kind Kind `yaml:"kind"`
	// Role in words: gate lane 3 camera, crane 4 hoist controller.
	Role string `yaml:"role"`
	// Organisation that owns it.
	Organisation string `yaml:"organisation"`
	// Site where it stands.
	Site string `yaml:"site"`
	// Location within the site.
	Location string `yaml:"location"`
	// Zone, if it is not to follow from prefix, VLAN or selector.
	Zone string `yaml:"zone"`
	// Level is the Purdue level, if it is not to follow from zone or kind.
	Level string `yaml:"level"`
	// Vendor of the device.
	Vendor string `yaml:"vendor"`
	// Model or order number.
	Model string `yaml:"model"`
	// Firmware version that is approved.
	Firmware string `yaml:"firmware"`
	// Serial number on the type plate.
	Serial string `yaml:"serial"`
	// MACs of its interfaces.
	MACs []string `yaml:"macs"`
	// IPs of its interfaces.
	IPs []string `yaml:"ips"`
	// VLAN in which its addresses are.
	VLAN int `yaml:"vlan"`
	// Hostnames it announces.
	Hostnames []string `yaml:"hostnames"`
	// Supplier that supports it.
	Supplier string `yaml:"supplier"`
	// Module it belongs to.
	Module string `yaml:"module"`
	// Services that need it.
	Services []string `yaml:"services"`
	// Criticality is one of: low, medium, high, critical.
	Criticality string `yaml:"criticality"`
	// Silent is set for an asset that does not speak on any watched network, so that never seeing it is right.
	Silent bool `yaml:"silent"`
}

// EngineeringApproval permits engineering operations.
type EngineeringApproval struct {
	// Clients that may do the work, by asset name, address, MAC or zone id.
	Clients []string `yaml:"clients"`
	// Servers on which, by asset name, address, MAC or zone id; empty means any.
	Servers []string `yaml:"servers"`
	// Verbs that are approved; empty means every engineering verb.
	Verbs []Verb `yaml:"verbs"`
	// From is the first instant of the approval, RFC 3339; empty means always.
	From string `yaml:"from"`
	// Until is the last instant of the approval, RFC 3339; empty means until revoked.
	Until string `yaml:"until"`
	// Reason in one sentence, with the change's number where there is one.
	Reason string `yaml:"reason"`
}

// Identity holds decisions by hand on asset identity. They are replayed on every rebuild and win over inference.
type Identity struct {
	// Same lists groups of keys (mac:…, ip:…, serial:…, name:…) that are one asset.
	Same [][]string `yaml:"same"`
	// Distinct lists pairs of keys that are never one asset.
	Distinct [][]string `yaml:"distinct"`
}
