// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"strings"

	"breakwater/harbour"
	"breakwater/sim/frame"
)

// datagram sends UDP from one host to another.
func (w *world) datagram(at int64, src, dst *host, sport, dport uint16, msg []byte) {
	w.packet(at, src, dst, frame.ProtoUDP, frame.UDP(src.ip, dst.ip, sport, dport, msg))
}

// spread sends UDP to a group or broadcast address.
func (w *world) spread(at int64, src *host, to frame.Addr, ttl uint8, sport, dport uint16, msg []byte) {
	w.group(at, src, to, ttl, frame.ProtoUDP, frame.UDP(src.ip, to, sport, dport, msg))
}

// lookUp plans the resolution of a name.
func (w *world) lookUp(at int64, c, server *host, name string, ip frame.Addr) {
	w.allow(c, server, "dns", "udp", 53)
	num := uint64(len(w.tasks))
	w.at(at, func(at int64) int64 {
		r := newRNG(w.o.Seed, num, 3)
		at = w.resolve(at, c, server)
		id, port := uint16(r.next()), uint16(50000+r.n(9000))
		w.datagram(at, c, server, port, 53, frame.DNSQuery(id, name, frame.DNSAddress))
		w.datagram(at+r.span(1, 9)*millisecond, server, c, 53, port, frame.DNSAnswer(id, name, frame.DNSAddress,
			frame.DNSRecord{Name: name, Type: frame.DNSAddress, TTL: 600, Data: ip[:]}))
		return -1
	})
}

// ping plans three echo requests.
func (w *world) ping(at int64, c, s *host) {
	w.allow(c, s, "icmp", "icmp", 0)
	w.at(at, func(at int64) int64 {
		at = w.resolve(at, c, s)
		for i := range 3 {
			w.packet(at, c, s, frame.ProtoICMP, frame.Echo(false, uint16(c.num), uint16(i+1)))
			w.packet(at+2*millisecond, s, c, frame.ProtoICMP, frame.Echo(true, uint16(c.num), uint16(i+1)))
			at += second
		}
		return -1
	})
}

// lease plans how a computer gets its address from the router of its VLAN.
func (w *world) lease(at int64, c *host, name, class string) {
	gw := c.sub.gw
	w.allow(c, gw, "dhcp", "udp", 67)
	w.allow(gw, c, "dhcp", "udp", 68)
	num := uint64(len(w.tasks))
	w.at(at, func(at int64) int64 {
		id := uint32(newRNG(w.o.Seed, num, 4).next())
		parameters := []byte{1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252}
		d := frame.DHCP{Type: frame.DHCPDiscover, ID: id, Client: c.mac, Host: name, Class: class, Parameters: parameters}
		w.dhcpCall(at, c, d)
		o := frame.DHCP{Type: frame.DHCPOffer, ID: id, Client: c.mac, Your: c.ip, Server: gw.ip, Gateway: gw.ip, DNS: w.resolver().ip}
		w.datagram(at+6*millisecond, gw, c, 67, 68, o.Bytes())
		d.Type, d.Wanted, d.Server = frame.DHCPRequest, c.ip, gw.ip
		w.dhcpCall(at+9*millisecond, c, d)
		o.Type = frame.DHCPAck
		w.datagram(at+15*millisecond, gw, c, 67, 68, o.Bytes())
		w.announce(at+60*millisecond, c.sub, c.mac, c.ip)
		return -1
	})
}

// dhcpCall broadcasts a client's message from no address.
func (w *world) dhcpCall(at int64, c *host, d frame.DHCP) {
	to := frame.Addr{255, 255, 255, 255}
	p := frame.IPv4(frame.IP{Dst: to, Proto: frame.ProtoUDP, TTL: 128, ID: uint16(d.ID)}, frame.UDP(frame.Addr{}, to, 68, 67, d.Bytes()))
	w.wire(at, c.sub, frame.Broadcast, c.mac, frame.TypeIPv4, p)
}

// resolver is the name server that leases name.
func (w *world) resolver() *host { return w.names["hq-dns1"] }

// chatter plans what a Windows computer tells its neighbours: its NetBIOS name, and who it looks for.
func (w *world) chatter(at int64, c *host) {
	num := uint64(len(w.tasks))
	w.at(at, func(at int64) int64 {
		r := newRNG(w.o.Seed, num, 5)
		w.spread(at, c, c.sub.broadcast(), 128, 137, 137, frame.NBNSRegister(uint16(r.next()), c.name, 0, c.ip))
		w.spread(at+80*millisecond, c, frame.Addr{224, 0, 0, 252}, 1, uint16(50000+r.n(9000)), 5355, frame.MDNSQuery(uint16(r.next()), "wpad", frame.DNSAddress))
		return -1
	})
}

// advertise plans the announcement of a service by multicast DNS.
func (w *world) advertise(at int64, h *host, kind string, port uint16, text ...string) {
	w.at(at, func(at int64) int64 {
		local := h.name + ".local"
		name := h.p.vendor + " " + h.p.model + " " + h.name + "." + kind + ".local"
		name = strings.ReplaceAll(name, "7,1.", "7-1.")
		w.spread(at, h, frame.Addr{224, 0, 0, 251}, 255, 5353, 5353, frame.MDNSAnnounce(
			frame.DNSRecord{Name: kind + ".local", Type: frame.DNSPointer, TTL: 4500, Data: frame.DNSPointerTo(name)},
			frame.DNSRecord{Name: name, Type: frame.DNSService, Set: true, TTL: 120, Data: frame.DNSServiceAt(port, local)},
			frame.DNSRecord{Name: name, Type: frame.DNSText, Set: true, TTL: 4500, Data: frame.DNSStrings(text...)},
			frame.DNSRecord{Name: local, Type: frame.DNSAddress, Set: true, TTL: 120, Data: h.ip[:]},
		))
		return -1
	})
}

// beacon plans a switch's or router's announcements, n over the captured time.
func (w *world) beacon(h *host, n int, s *subnet) {
	m := s.mirror
	r := newRNG(w.o.Seed, uint64(h.num), 6)
	period := length / int64(n)
	at := r.span(second, period/2)
	w.at(at, func(at int64) int64 {
		a := w.announcement(h, s)
		w.fly(at, m, frame.Ethernet(frame.LLDPMulticast, h.mac, 0, frame.TypeLLDP, frame.LLDP(a)))
		if h.p.vendor == "Cisco" {
			w.fly(at+3*millisecond, m, frame.SNAP(frame.CDPMulticast, h.mac, [3]byte{0, 0, 0x0c}, 0x2000, frame.CDP(a)))
		}
		if next := at + period; next < length {
			return next
		}
		return -1
	})
}

func (w *world) announcement(h *host, s *subnet) frame.Announcement {
	a := frame.Announcement{
		MAC: h.mac, Name: h.name, Port: "1/7", Platform: h.p.model, Vendor: h.p.vendor, Firmware: h.p.firmware, Serial: h.serial,
		Address: h.ip, VLAN: s.vlan, Router: h.kind == harbour.KindRouter, TTL: 3600,
	}
	switch h.p.vendor {
	case "Cisco":
		a.Port = "GigabitEthernet1/0/7"
		a.Text = fmt.Sprintf("Cisco IOS Software, Version %s, RELEASE SOFTWARE", h.p.firmware)
	case "Hirschmann":
		a.Text = fmt.Sprintf("Hirschmann Railswitch - SW: L2P-%s", h.p.firmware)
	default:
		a.Text = fmt.Sprintf("%s %s version %s", h.p.vendor, h.p.model, h.p.firmware)
	}
	if a.Router {
		a.Address = s.gw.ip
	}
	return a
}

// identify plans a broadcast EtherNet/IP ListIdentity and the answers.
func (w *world) identify(at int64, c *host, devices []*host) {
	w.at(at, func(at int64) int64 {
		w.spread(at, c, c.sub.broadcast(), 64, 52100, 44818, frame.ENIP(frame.ENIPListIdentity, 0, 0, nil))
		for i, d := range devices {
			t := at + int64(i+1)*3*millisecond
			t = w.whoHas(t, d, c)
			w.datagram(t, d, c, 44818, 52100, frame.ENIPIdentity(d.ip, cipDevice(d)))
		}
		return -1
	})
}
