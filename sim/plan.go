// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "breakwater/harbour"

// plan lays out the whole port: zones, hosts, conversations, then what is planted.
func (w *world) plan() {
	w.planZones()
	w.planHeadquarters()
	w.planContainerTerminal()
	w.planTankTerminal()
	w.planRamps()
	w.planTraffic()
	w.planPower()
	w.planQuiet()
	w.plant()
	for _, r := range w.routers {
		w.beacon(&r.host, max(2, w.cycles(24)), r.faces[0].sub)
	}
}

// planQuiet plans what is declared and rightly never heard, an address that is asked for in vain, and the decoys that
// the port's ordinary traffic holds.
func (w *world) planQuiet() {
	spare := w.one("ct-asc", "asc-spare-plc", harbour.KindCraneController, &craneController, "spare part in the store")
	spare.silent = true
	w.decoy("ghost", "Declared as silent: a spare part on a shelf.", spare)
	g := w.reefers[0]
	for i := range 3 {
		w.at(int64(14+i*30)*minute, func(at int64) int64 {
			w.ask(at, g, g.sub.addr(251))
			return -1
		})
	}
	w.decoys = append(w.decoys, Decoy{"rogue-host", []string{g.sub.addr(251).String()}, "An address that is asked for and never answers is no host."})
	w.decoys = append(w.decoys, Decoy{"rogue-host", []string{w.outsiders[0].ip.String(), "224.0.0.251", "224.0.0.18"}, "Hosts of the internet and multicast groups are no assets of the port."})
	w.decoy("obsolete-tls", "The first record says version 1.0 as it must; 1.2 or 1.3 is agreed.", w.intranet[0])
	w.decoy("obsolete-ssh", "The server speaks SSH 2.0.", w.names["sw-hq-core"])
	w.decoy("cleartext-credentials", "Logins happen inside TLS.", w.intranet[0])
	r := w.names["sw-ct-ops"]
	r.note = "replaced 2026-11-02, change 2026-0398; was FOC1932X0LD"
	w.decoy("swapped-switch", "The switch was replaced and its row says so: address, serial and model are the new one's.", r)
	for _, h := range []*host{w.names["sw-hq-core"], r} {
		h.taken = true
	}
}

// decoy notes something that looks like a planted kind and is right.
func (w *world) decoy(kind, why string, hosts ...*host) {
	w.decoys = append(w.decoys, Decoy{kind, subjects(hosts), why})
}

// subjects names hosts by address, hardware address and name.
func subjects(hosts []*host) (list []string) {
	for _, h := range hosts {
		list = append(list, h.name, h.ip.String(), h.mac.String())
	}
	return list
}

// zoneTable is the address plan. Files whose name has "access" in it come from access ports and are untagged.
var zoneTable = []zone{
	{id: "ct-asc", name: "Stacking cranes", site: "ct", kind: harbour.ZoneControl, level: "1", second: 20, list: "container-terminal.xlsx", sheet: "Cranes", mirror: "ct-yard.pcapng", slt: 3},
	{id: "ct-quay", name: "Quay cranes", site: "ct", kind: harbour.ZoneControl, level: "1", second: 21, list: "container-terminal.xlsx", sheet: "Cranes", mirror: "ct-quay.pcap", slt: 3},
	{id: "ct-crane-video", name: "Crane cameras", site: "ct", kind: harbour.ZonePhysical, level: "2", second: 22, list: "container-terminal.xlsx", sheet: "Cranes", mirror: "ct-yard.pcapng", slt: 2},
	{id: "ct-gate", name: "Gate", site: "ct", kind: harbour.ZonePhysical, level: "2", second: 23, list: "container-terminal.xlsx", sheet: "Gate and reefers", mirror: "ct-gate.pcap.gz", slt: 2},
	{id: "ct-reefer", name: "Reefer racks", site: "ct", kind: harbour.ZoneControl, level: "1", second: 24, list: "container-terminal.xlsx", sheet: "Gate and reefers", mirror: "ct-quay.pcap", slt: 2},
	{id: "ct-ops", name: "Terminal operations", site: "ct", kind: harbour.ZoneControl, level: "3", second: 25, list: "port.yaml", mirror: "ct-yard.pcapng", slt: 3},
	{id: "ct-engineering", name: "Crane engineering", site: "ct", kind: harbour.ZoneControl, level: "3", second: 26, list: "port.yaml", mirror: "ct-yard.pcapng", slt: 3},
	{id: "ct-office", name: "Terminal offices", site: "ct", kind: harbour.ZoneBusiness, level: "4", second: 27, list: "corporate-it.csv", mirror: "ct-gate.pcap.gz", slt: 1},
	{id: "tank-control", name: "Tank farm control", site: "tank", kind: harbour.ZoneControl, level: "1", second: 40, list: "tank-terminal.csv", mirror: "tank-access.pcap", slt: 3},
	{id: "tank-safety", name: "Tank farm safety", site: "tank", kind: harbour.ZoneSafety, level: "1", second: 41, list: "tank-terminal.csv", mirror: "tank-core.pcap", slt: 4},
	{id: "tank-ops", name: "Tank farm control room", site: "tank", kind: harbour.ZoneControl, level: "2", second: 42, list: "tank-terminal.csv", mirror: "tank-core.pcap", slt: 3},
	{id: "roro", name: "Ro-ro ramps", site: "roro", kind: harbour.ZoneControl, level: "1", second: 50, list: "ramps-and-traffic.csv", mirror: "roro.pcap", slt: 2},
	{id: "vts", name: "Vessel traffic sensors", site: "vts", kind: harbour.ZoneControl, level: "2", second: 60, list: "ramps-and-traffic.csv", mirror: "vts-access.pcap.gz", slt: 3},
	{id: "power", name: "Shore power", site: "power", kind: harbour.ZoneControl, level: "1", second: 70, list: "ramps-and-traffic.csv", mirror: "power.pcap", slt: 3},
	{id: "hq-office", name: "Port authority offices", site: "hq", kind: harbour.ZoneBusiness, level: "4", second: 80, list: "corporate-it.csv", mirror: "hq-floor.pcapng", slt: 1},
	{id: "hq-servers", name: "Data centre", site: "hq", kind: harbour.ZoneBusiness, level: "4", second: 81, list: "corporate-it.csv", mirror: "hq-core.pcap", slt: 2},
	{id: "hq-admin", name: "Network administration", site: "hq", kind: harbour.ZoneBusiness, level: "4", second: 82, list: "port.yaml", mirror: "hq-core.pcap", slt: 3},
	{id: "hq-dmz", name: "Process data DMZ", site: "hq", kind: harbour.ZoneDMZ, level: "3.5", second: 83, list: "port.yaml", mirror: "hq-core.pcap", slt: 3},
	{id: "hq-badge", name: "Access control", site: "hq", kind: harbour.ZonePhysical, level: "2", second: 84, list: "security-systems.xlsx", sheet: "Doors", mirror: "hq-core.pcap", slt: 2},
	{id: "hq-video", name: "Video surveillance", site: "hq", kind: harbour.ZonePhysical, level: "2", second: 85, list: "security-systems.xlsx", sheet: "Cameras", mirror: "hq-core.pcap", slt: 2},
	{id: "network", name: "Network infrastructure", site: "hq", kind: harbour.ZoneDMZ, level: "3.5"},
	{id: "internet", name: "Internet", kind: harbour.ZoneExternal, level: "5"},
}

func (w *world) planZones() {
	sites := map[string]*router{}
	for i := range zoneTable {
		z := zoneTable[i]
		w.zones = append(w.zones, &z)
		w.byID[z.id] = &z
		if z.second == 0 {
			continue
		}
		if sites[z.site] == nil {
			sites[z.site] = w.router("rt-" + z.site)
		}
		z.router = sites[z.site]
	}
}

// router plans the router of a site; its interfaces follow with the VLANs.
func (w *world) router(name string) *router {
	p := &ciscoRouter
	n := len(w.hosts)
	r := &router{host: host{num: n, name: name, kind: harbour.KindRouter, role: "router of the site", p: p, mac: w.mac(p.oui), ttl: 64, crit: "high"}}
	r.serial = p.serial + "2310L0" + string(rune('A'+len(w.routers))) + "7"
	r.tag = "SK-0000" + string(rune('1'+len(w.routers)))
	w.routers = append(w.routers, r)
	w.hosts = append(w.hosts, nil)
	return r
}
