// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"

	"breakwater/harbour"
	"breakwater/sim/frame"
)

// plantModem puts a cellular router beside a crane that is on no list: it asks for an address and shows its page.
func plantModem(p *planter) {
	w := p.w
	hmi := w.cranes[p.r.n(len(w.cranes))].hmi
	name := fmt.Sprintf("Teltonika-RUT955-%d", p.n+1)
	h := w.add(hmi.sub, name, harbour.KindCellularGateway, &cellRouter, "")
	h.hidden = true
	at := p.when()
	w.at(at, func(at int64) int64 {
		d := frame.DHCP{Type: frame.DHCPDiscover, ID: uint32(h.num) * 7919, Client: h.mac, Host: name, Class: "udhcp 1.30.1", Parameters: []byte{1, 3, 6, 12, 15, 28, 42}}
		w.dhcpCall(at, h, d)
		w.dhcpCall(at+3*second, h, d)
		w.announce(at+8*second, h.sub, h.mac, h.ip)
		return -1
	})
	w.visit(at+2*minute, hmi, h, web, modemPage("uhttpd/1.0.0 (Teltonika RUT955)", "Teltonika RUT955"))
	p.note("A cellular router stands in the crane network and is on no inventory; the crane's panel opens its page.", subjects([]*host{h}))
}

// plantSwitch exchanges a switch: its address is answered by hardware of another maker with another serial number.
func plantSwitch(p *planter) {
	h := p.take(p.w.switches)
	if h == nil {
		return
	}
	old := *h.p
	h.rowMAC, h.rowSerial, h.rowVendor, h.rowModel, h.rowFirmware = h.mac.String(), h.serial, old.vendor, old.model, old.firmware
	h.p, h.mac = &moxaSwitch, p.w.mac(moxaSwitch.oui)
	h.serial = fmt.Sprintf("%s%07d", moxaSwitch.serial, 1000003+p.r.n(8999996))
	p.note(fmt.Sprintf("The inventory has %s %s with serial %s; at its address answers %s %s with serial %s.", old.vendor, old.model, h.rowSerial, h.p.vendor, h.p.model, h.serial),
		append(subjects([]*host{h}), h.rowMAC))
}

// plantCamera lets a gate camera talk to a crane controller, which no conduit permits.
func plantCamera(p *planter) {
	w := p.w
	cam := p.take(w.gateCameras[1:])
	if cam == nil {
		return
	}
	plc := w.cranes[p.r.n(len(w.cranes))].plc
	if !p.other() {
		w.repeat(cam, plc, s7, 4, dialogue{greet: s7Connect, cycle: s7Read(100, 8)})
	} else {
		w.repeat(cam, plc, modbus, 4, dialogue{cycle: modbusRead(3, 0, 4)})
	}
	p.note("A gate camera reads a crane controller. No conduit leads from the gate to the cranes.", subjects([]*host{cam, plc}))
}

// plantOffice lets an office computer read a controller.
func plantOffice(p *planter) {
	w := p.w
	ws, plc := p.take(w.desks), w.tankPLCs[p.r.n(len(w.tankPLCs))]
	if ws == nil {
		return
	}
	w.repeat(ws, plc, modbus, 3, dialogue{greet: modbusGreet, cycle: modbusRead(3, 100, 16)})
	p.note("An office computer reads registers of a tank controller. No conduit leads there from the offices.", subjects([]*host{ws, plc}))
}

// plantLaptop lets the service laptop load a program into a crane controller. Its zone may talk to the cranes; the
// laptop has no approval to do this.
func plantLaptop(p *planter) {
	w := p.w
	plc := w.cranes[p.r.n(len(w.cranes))].plc
	w.visit(p.when(), w.laptop, plc, s7, s7Engineer)
	p.note("A declared laptop stops a crane controller, loads a block and starts it. Only the engineering stations are approved.", subjects([]*host{w.laptop, plc}))
}

// plantDefault lets a device accept the login that its maker publishes.
func plantDefault(p *planter) {
	w := p.w
	if p.other() {
		h := p.take(w.meters)
		if h == nil {
			return
		}
		q := request{path: "/setup.html", agent: "Mozilla/5.0 (X11; Linux x86_64)", status: "200 OK", server: "Schneider-WEB", kind: "text/html", body: page("Setup")}
		w.visit(p.when(), w.powerSCADA, h, web, login("admin", "admin", q, true))
		p.note("An energy meter accepts admin with the password admin.", subjects([]*host{h}))
		return
	}
	h := p.take(w.cameras)
	if h == nil {
		return
	}
	user, password, q := "admin", "12345", request{path: "/ISAPI/System/deviceInfo", server: "App-webs/", kind: "application/xml", body: "<DeviceInfo><model>" + h.p.model + "</model></DeviceInfo>\n"}
	if h.p.vendor == "Axis" {
		user, password, q = "root", "pass", request{path: "/axis-cgi/param.cgi?action=list", server: "Apache", kind: "text/plain", body: "root.Brand.Brand=AXIS\n"}
	}
	q.agent, q.status = "skerry-recorder/2.4", "200 OK"
	w.visit(p.when(), w.recorders[0], h, web, login(user, password, q, true))
	p.note("A camera accepts "+user+" with the password that its maker publishes.", subjects([]*host{h}))
}

// plantCleartext lets a login with a secret of its own cross the network readable.
func plantCleartext(p *planter) {
	w := p.w
	if p.other() {
		h := p.take(w.meters)
		if h == nil {
			return
		}
		q := request{path: "/readings.html", agent: "Mozilla/5.0 (X11; Linux x86_64)", status: "200 OK", server: "Schneider-WEB", kind: "text/html", body: page("Readings")}
		w.visit(p.when(), w.powerSCADA, h, web, login("wartung", "Moewe!77", q, true))
		p.note("An energy meter takes a login by HTTP Basic without encryption.", subjects([]*host{h}))
		return
	}
	h := p.take(w.tankGauges)
	if h == nil {
		return
	}
	var plc *host
	for _, c := range w.tankPLCs {
		if c.sub == h.sub {
			plc = c
		}
	}
	w.visit(p.when(), plc, h, ftp, ftpFile("service", "Krabbe-42"))
	p.note("A tank gauge gateway takes a login by FTP.", subjects([]*host{h}))
}

// plantConflict lets one gateway claim another's address again and again while that one does so too.
func plantConflict(p *planter) {
	w := p.w
	a := p.take(w.reefers)
	if a == nil {
		return
	}
	var b *host
	for _, h := range w.reefers {
		if !h.taken && h.sub == a.sub {
			b = h
		}
	}
	if b == nil { // a rack with one gateway: another device of its VLAN
		b = w.add(a.sub, a.name+"-b", harbour.KindGateway, &reeferGateway, "reefer rack gateway")
		w.poll(w.scada[0], b, modbus, 3, dialogue{greet: modbusGreet, cycle: modbusRead(3, 0, 12)})
	}
	b.taken = true
	at := p.when()
	for i := range 5 {
		w.at(at+int64(i)*80*second, func(at int64) int64 {
			w.announce(at, a.sub, a.mac, a.ip)
			w.announce(at+20*second, a.sub, b.mac, a.ip)
			w.announce(at+50*second, a.sub, a.mac, a.ip)
			return -1
		})
	}
	p.note("Two gateways claim one address in turn.", append(subjects([]*host{a}), b.name, b.mac.String()))
}

// plantGhost declares a device that is not there.
func plantGhost(p *planter) {
	w := p.w
	var h *host
	switch n := len(w.names); p.r.n(3) {
	case 0:
		h = w.add(w.doors[0].sub, fmt.Sprintf("door-cellar-%d", n), harbour.KindDoorController, &doorController, "door controller")
	case 1:
		h = w.add(w.reefers[0].sub, fmt.Sprintf("reefer-gw-old-%d", n), harbour.KindGateway, &reeferGateway, "reefer rack gateway")
	default:
		h = w.add(w.power[0].sub, fmt.Sprintf("berth-meter-%d", n), harbour.KindMeter, &meter, "energy meter")
	}
	p.note("It is on the inventory, its network is watched, and nothing was ever heard of it.", subjects([]*host{h}))
}

// plantRogue puts a small computer that is on no list into a control network, where it reads controllers.
func plantRogue(p *planter) {
	w := p.w
	target := pick([]*host{w.tankPLCs[p.r.n(len(w.tankPLCs))], w.power[p.r.n(len(w.power))], w.reefers[p.r.n(len(w.reefers))]}, p.r.n(3))
	h := w.add(target.sub, fmt.Sprintf("pi-%d", len(w.names)), harbour.KindUnknown, &pi, "")
	h.hidden = true
	w.repeat(h, target, modbus, 5, dialogue{greet: modbusGreet, cycle: modbusRead(3, 0, 10)})
	p.note("A Raspberry Pi that is on no inventory reads a controller of its network.", subjects([]*host{h}))
}

func plantTLS(p *planter) {
	if h := p.take(p.w.doors); h != nil {
		h.legacy = true
		p.note("A door controller agrees to TLS 1.0.", subjects([]*host{h}))
	}
}

func plantSSH(p *planter) {
	if h := p.take(p.w.switches); h != nil {
		h.legacy = true
		p.note("A switch speaks SSH 1.5, and the computer that administers it agrees.", subjects([]*host{h, pick(p.w.admins, h.num)}))
	}
}

func plantSMB(p *planter) {
	if h := p.w.nas; !h.legacy {
		h.legacy = true
		p.note("A server agrees to SMB 1.", subjects([]*host{h}))
	}
}
