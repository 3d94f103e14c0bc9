// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"

	"breakwater/harbour"
	"breakwater/sim/frame"
)

// defaults are what all hosts of a zone have in common.
var defaults = map[string]struct{ place, module, service string }{
	"ct-asc": {"yard", "stacking-cranes", "yard"}, "ct-quay": {"quay", "quay-cranes", "quay"},
	"ct-crane-video": {"yard", "stacking-cranes", "yard"}, "ct-gate": {"gate", "gate-lanes", "gate"},
	"ct-reefer": {"reefer-racks", "reefer-monitoring", "reefer"}, "ct-ops": {"ct-control-room", "yard-control", "yard"},
	"ct-engineering": {"ct-control-room", "yard-control", "yard"}, "ct-office": {"ct-building", "offices", ""},
	"tank-control": {"tank-farm", "tank-automation", "tank"}, "tank-safety": {"tank-farm", "tank-automation", "tank"},
	"tank-ops": {"tank-control-room", "tank-automation", "tank"}, "roro": {"ramps", "ramps", "roro"},
	"vts": {"vts-centre", "vts-sensors", "vts"}, "power": {"quay-power", "shore-power", "power"},
	"hq-office": {"hq-building", "offices", ""}, "hq-servers": {"data-centre", "offices", ""}, "hq-admin": {"data-centre", "offices", ""},
	"hq-dmz": {"data-centre", "tank-automation", "tank"}, "hq-badge": {"hq-building", "physical-security", ""},
	"hq-video": {"hq-building", "physical-security", ""},
}

// room returns a VLAN of a zone for n more hosts.
func (w *world) room(zone string, n int) *subnet { return w.subnet(w.zone(zone), n) }

// one plans a host in a zone.
func (w *world) one(zone, name string, kind harbour.Kind, p *product, role string) *host {
	return w.add(w.room(zone, 1), name, kind, p, role)
}

// pick takes hosts of a list in turn.
func pick(list []*host, i int) *host { return list[i%len(list)] }

// series plans n hosts of a kind in a zone.
func (w *world) series(n int, zone, name string, kind harbour.Kind, p *product, role string) (list []*host) {
	for i := range n {
		list = append(list, w.one(zone, fmt.Sprintf("%s%02d", name, i+1), kind, p, role))
	}
	return list
}

// switchAt plans a switch that announces itself and is administered from the network administration.
func (w *world) switchAt(s *subnet, name string, p *product) *host {
	h := w.add(s, name, harbour.KindSwitch, p, "switch")
	w.beacon(h, max(2, w.cycles(24)), s)
	w.administer(h, "OpenSSH_7.4")
	return h
}

// administer plans an SSH session of the network administration with a host.
func (w *world) administer(h *host, server string) {
	r := newRNG(w.o.Seed, uint64(h.num), 8)
	admin := pick(w.admins, h.num)
	at := r.span(2*minute, 110*minute)
	w.session(at, admin, h, ssh, w.sshTalk(server, 2+w.cycles(4)))
	if w.o.Scale <= 4 {
		w.ping(at+20*second, admin, h)
	}
}

// planHeadquarters plans the port authority's building: servers, administration, offices, doors and cameras.
func (w *world) planHeadquarters() {
	w.admins = []*host{
		w.one("hq-admin", "hq-netadmin-01", harbour.KindWorkstation, &hpDesk, "network administration"),
		w.one("hq-admin", "hq-netadmin-02", harbour.KindWorkstation, &hpDesk, "network administration"),
	}
	w.planRedundancy()
	dns := []*host{w.one("hq-servers", "hq-dns1", harbour.KindServer, &linuxServer, "name server"), w.one("hq-servers", "hq-dns2", harbour.KindServer, &linuxServer, "name server")}
	w.dns = dns
	w.intranet = w.series(w.count(3), "hq-servers", "hq-web", harbour.KindServer, &linuxServer, "intranet and reporting")
	w.files = w.series(w.count(2), "hq-servers", "hq-file", harbour.KindServer, &virtualServer, "file server")
	others := w.series(w.count(6), "hq-servers", "hq-app", harbour.KindServer, &virtualServer, "business applications")
	for i, h := range append(append([]*host{}, w.intranet...), dns...) {
		w.administer(h, "OpenSSH_9.2p1 Debian-2+deb12u3")
		w.lookUp(int64(i+1)*40*second, h, dns[1-i%2], fqdn(w.files[0]), w.files[0].ip)
	}
	for i, h := range others {
		w.session(int64(i%100+1)*minute, pick(w.intranet, i), h, tls, w.tlsTalk(frame.TLS12, 3))
		w.session(int64(i%100+2)*minute, h, pick(w.files, i), smb, smbTalk)
	}
	w.nas = w.one("hq-servers", "hq-scan-store", harbour.KindServer, &linuxServer, "store for scanned papers")
	w.session(33*minute, others[0], w.nas, smb, smbTalk)
	w.session(36*minute, others[0], w.files[0], smb, smbMulti)
	w.decoy("obsolete-smb", "The client offers SMB 1 and 2 at once; the server takes SMB 2.", w.files[0])
	w.switchAt(w.room("hq-servers", 1), "sw-hq-core", &ciscoSwitch)
	w.historian = w.one("hq-dmz", "hq-historian", harbour.KindHistorian, &virtualServer, "process data historian")
	w.historian.crit = "high"
	w.session(31*minute, pick(w.intranet, 0), w.historian, tls, w.tlsTalk(frame.TLS12, 6))
	w.office("hq-office", "hq-ws", w.count(250), []string{"Dell", "HP"})
	w.planLease()
	w.planDoors()
	w.planVideo()
}

// planRedundancy gives the data centre's VLAN two routers that share an address.
func (w *world) planRedundancy() {
	s := w.room("hq-servers", 1)
	partner := w.router("rt-hq-b")
	first := s.gw
	first.ip = s.addr(2)
	other := &host{num: len(w.hosts), name: "rt-hq-b-vlan", mac: partner.mac, ip: s.addr(3), sub: s, ttl: 64, hidden: true, p: partner.p}
	w.hosts = append(w.hosts, other)
	partner.faces = append(partner.faces, other)
	gw := &host{
		num: len(w.hosts), name: "hq-gateway-group", kind: harbour.KindRouter, role: "address shared by rt-hq and rt-hq-b", p: partner.p,
		mac: frame.MAC{0, 0, 0x5e, 0, 1, s.zone.second}, ip: s.addr(1), sub: s, ttl: 64,
	}
	gw.tag = "SK-000091"
	w.hosts = append(w.hosts, gw)
	s.gw, w.redundant, w.vrrp = gw, s, [2]*host{first, other}
	w.at(3*second, func(at int64) int64 {
		master := w.vrrp[b2i(at >= w.takeover)]
		vrrp := &host{mac: gw.mac, ip: master.ip, sub: s}
		w.group(at, vrrp, frame.Addr{224, 0, 0, 18}, 255, frame.ProtoVRRP, frame.VRRP(master.ip, s.zone.second, byte(200-20*b2i(master == other)), gw.ip))
		if at < length-40*second {
			return at + 40*second
		}
		return -1
	})
	w.at(w.takeover, func(at int64) int64 {
		w.announce(at, s, gw.mac, gw.ip)
		return -1
	})
	w.at(20*second, func(at int64) int64 { // the standby checks its partner
		w.ask(at, other, first.ip)
		w.claim(at+200*microsecond, first, first.mac, other)
		return -1
	})
	w.decoy("address-conflict", "One virtual address and hardware address that rt-hq hands over to rt-hq-b: router redundancy works like that.", gw)
	w.decoy("swapped-switch", "The virtual hardware address moves between two declared routers.", gw, first, other)
}

// office plans workplaces with printers and phones.
func (w *world) office(zone, name string, n int, makes []string) {
	for i := range n {
		p := &dellDesk
		if makes[i%len(makes)] == "HP" {
			p = &hpDesk
		}
		s := w.room(zone, 2)
		h := w.add(s, fmt.Sprintf("%s-%03d", name, i+1), harbour.KindWorkstation, p, "workplace")
		w.workplace(h, i)
		w.desks = append(w.desks, h)
		if i%20 == 7 {
			pr := w.add(s, fmt.Sprintf("%s-%03d-printer", name, i+1), harbour.KindPrinter, &printer, "printer")
			w.advertise(int64(i%90+3)*minute, pr, "_ipp._tcp", 631, "txtvers=1", "ty=HP "+pr.p.model)
			w.session(int64(i%100+4)*minute, h, pr, tls, w.tlsTalk(frame.TLS12, 4))
		}
		if i%6 == 2 {
			s := w.room(zone, 1)
			ph := w.add(s, fmt.Sprintf("%s-%03d-phone", name, i+1), harbour.KindPhone, &phone, "desk phone")
			w.lease(int64(i%90)*minute+33*second, ph, ph.name, "yealink")
			w.session(int64(i%100+3)*minute, ph, pick(w.intranet, i), tls, w.tlsTalk(frame.TLS12, 1))
		}
	}
	for i := range (n + 99) / 100 {
		w.switchAt(w.room(zone, 1), fmt.Sprintf("sw-%s-%02d", name, i+1), &ciscoSwitch)
	}
}

// planLease plans two laptops that have one address one after the other.
func (w *world) planLease() {
	s := w.room("hq-office", 2)
	a := w.add(s, "hq-laptop-01", harbour.KindWorkstation, &dellLaptop, "laptop")
	b := w.add(s, "hq-laptop-02", harbour.KindWorkstation, &dellLaptop, "laptop")
	b.ip = a.ip
	a.noAddr, b.noAddr = true, true
	for i, h := range []*host{a, b} {
		t := int64(4+i*62) * minute
		w.lease(t, h, h.name, "MSFT 5.0")
		w.session(t+5*second, h, w.intranet[0], tls, w.tlsTalk(frame.TLS12, 3))
	}
	w.at(41*minute, func(at int64) int64 {
		d := frame.DHCP{Type: frame.DHCPRelease, ID: 0x5a5a0001, Client: a.mac, Current: a.ip, Server: s.gw.ip}
		w.datagram(at, a, s.gw, 68, 67, d.Bytes())
		return -1
	})
	w.decoy("address-conflict", "One laptop gives its address back, another gets it 25 minutes later.", a, b)
}

// newOutsiders makes the hosts of the internet that workplaces visit.
func newOutsiders() []*host {
	return []*host{
		outside("www.harbourmaster.example", frame.Addr{192, 0, 2, 34}, 54), outside("updates.vendor.example", frame.Addr{198, 51, 100, 17}, 118),
		outside("portal.carrier.example", frame.Addr{203, 0, 113, 80}, 52), outside("weather.example", frame.Addr{203, 0, 113, 121}, 243),
	}
}

// workplace plans a computer's morning.
func (w *world) workplace(h *host, i int) {
	r := newRNG(w.o.Seed, uint64(h.num), 9)
	at := r.span(second, 20*minute)
	busy := w.o.Scale <= 4
	if busy || i%2 == 0 {
		w.lease(at, h, h.name, "MSFT 5.0")
	}
	if busy || i%4 == 0 {
		w.chatter(at+2*second, h)
	}
	web1 := pick(w.intranet, i)
	if busy || i%4 == 1 {
		w.lookUp(at+3*second, h, pick(w.dns, i), fqdn(web1), web1.ip)
	}
	w.session(at+4*second, h, web1, tls, w.tlsTalk(frame.TLS12, w.cycles(3)))
	if busy {
		w.session(at+r.span(minute, 90*minute), h, pick(w.files, i), smb, smbTalk)
		far := pick(w.outsiders, i/3)
		t := at + r.span(minute, 90*minute)
		w.lookUp(t, h, pick(w.dns, i+1), far.name, far.ip)
		w.session(t+second, h, far, tls, w.tlsTalk(frame.TLS13, 2))
	}
}

// planDoors plans the access control system: a server that talks to the door controllers over TLS.
func (w *world) planDoors() {
	server := w.one("hq-badge", "hq-badge-server", harbour.KindServer, &virtualServer, "access control server")
	server.crit = "high"
	doors := w.series(w.count(60), "hq-badge", "door-", harbour.KindDoorController, &doorController, "door controller")
	for i, d := range doors {
		w.session(int64(i%110+1)*minute+int64(i)*17*millisecond, server, d, tls, w.tlsTalk(frame.TLS12, w.cycles(8)))
	}
	w.doors = doors
	w.badge = server
	w.planProxy(doors)
}

// planProxy lets the router of the doors' VLAN answer ARP for its hosts, which also answer themselves.
func (w *world) planProxy(doors []*host) {
	n := min(12, len(doors))
	first := doors[0]
	for round := range 2 {
		for i, d := range doors[1:n] {
			if d.sub != first.sub {
				continue
			}
			w.at(int64(round*50+12)*minute+int64(i)*2*second, func(at int64) int64 {
				w.ask(at, first, d.ip)
				w.claim(at+250*microsecond, d, d.mac, first)
				w.claim(at+900*microsecond, d, d.sub.gw.mac, first)
				w.announce(at+second, d.sub, d.mac, d.ip)
				return -1
			})
		}
	}
	w.decoy("address-conflict", "The router answers ARP for many addresses of its VLAN (proxy ARP, the doors are kept apart).", first.sub.gw)
}

// planVideo plans the video system: recorders that fetch pictures of cameras.
func (w *world) planVideo() {
	recorders := w.series(w.count(4), "hq-video", "hq-nvr-", harbour.KindRecorder, &recorder, "video recorder")
	w.recorders = recorders
	for i := range w.count(80) {
		p, size := &yardCamera, 96
		if i%3 == 0 {
			p = &gateCamera
		}
		c := w.one("hq-video", fmt.Sprintf("cam-%03d", i+1), harbour.KindCamera, p, "surveillance camera")
		w.cameras = append(w.cameras, c)
		w.poll(pick(recorders, i), c, web, w.cycles(5), dialogue{cycle: w.picture(size)})
	}
	axis, hik := w.cameras[0], w.one("hq-video", "cam-entrance", harbour.KindCamera, &yardCamera, "surveillance camera")
	axis.taken = true
	look := request{path: "/axis-cgi/param.cgi?action=list", agent: "skerry-recorder/2.4", status: "200 OK", server: "Apache", kind: "text/plain", body: "root.Brand.Brand=AXIS\n"}
	w.session(19*minute, recorders[0], axis, web, digest("admin", look))
	w.decoy("default-credentials", "The user is called admin; the login is by digest and tells no password.", axis)
	look = request{path: "/ISAPI/System/deviceInfo", agent: "skerry-recorder/2.4", status: "200 OK", server: "App-webs/", kind: "text/plain", body: "\n"}
	w.session(23*minute, recorders[0], hik, web, login("admin", "12345", look, false))
	w.decoy("default-credentials", "A vendor's default login is tried and refused with 401.", hik)
	for i, n := range recorders {
		w.session(int64(i%60+15)*minute, w.admins[0], n, tls, w.tlsTalk(frame.TLS12, 3))
	}
	w.switchAt(w.room("hq-video", 1), "sw-hq-video", &ciscoSwitch)
}
