// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package mix

import (
	"math/rand/v2"

	"breakwater/sim/frame"
)

// family is the protocol that a controller speaks.
type family uint8

const (
	isModbus family = iota
	isS7
	isENIP
)

type host struct {
	mac    frame.MAC
	addr   frame.Addr
	router frame.MAC // of its network
	vlan   uint16
	ttl    uint8
	next   uint16 // ephemeral port
}

// cell is an OT network: stations that poll the controllers.
type cell struct {
	stations    []*host
	controllers [3][]*host
}

// office is a network of clients.
type office struct{ clients []*host }

type network struct {
	cells    []cell
	offices  []office
	servers  []*host
	switches []*host
}

// prefixes are hardware address blocks of makers of such devices: Schneider Electric, Siemens, Rockwell, Dell, Cisco.
var prefixes = [5][3]byte{{0x00, 0x80, 0xf4}, {0x00, 0x1b, 0x1b}, {0x00, 0x00, 0xbc}, {0xb8, 0xca, 0x3a}, {0x00, 0x1e, 0x14}}

// newNetwork plans size times about 1,000 hosts.
func newNetwork(rng *rand.Rand, size int) (n network) {
	serial := uint32(0)
	add := func(prefix, second, third, last int, vlan uint16, ttl uint8) *host {
		serial++
		p := prefixes[prefix]
		return &host{
			mac:    frame.MAC{p[0], p[1], p[2], byte(serial >> 16), byte(serial >> 8), byte(serial)},
			addr:   frame.Addr{10, byte(second), byte(third), byte(last)},
			router: frame.MAC{prefixes[4][0], prefixes[4][1], prefixes[4][2], 0xff, byte(vlan >> 8), byte(vlan)},
			vlan:   vlan, ttl: ttl, next: uint16(32768 + rng.IntN(20000)),
		}
	}
	for i := range 20 * size {
		second, third, vlan := 20+i>>8, i&255, uint16(100+i)
		var c cell
		for s := range 3 {
			c.stations = append(c.stations, add(3, second, third, 10+s, vlan, 128))
		}
		for f := range 3 {
			for j := range 7 {
				c.controllers[f] = append(c.controllers[f], add(f, second, third, 20+10*f+j, vlan, 64))
			}
		}
		n.cells = append(n.cells, c)
		n.switches = append(n.switches, add(4, second, third, 2, vlan, 255))
	}
	for i := range 4 * size {
		var o office
		for j := range 110 {
			o.clients = append(o.clients, add(3, 60+i>>8, i&255, 20+j, uint16(2000+i), 128))
		}
		n.offices = append(n.offices, o)
	}
	for i := range 60 {
		n.servers = append(n.servers, add(3, 80, i>>6, 10+i&63, 3000, 64))
	}
	return n
}

func pick[T any](m *maker, list []T) T { return list[m.rng.IntN(len(list))] }

// ephemeral gives a host's next port.
func (h *host) ephemeral() uint16 {
	h.next++
	if h.next < 32768 || h.next > 60999 {
		h.next = 32768
	}
	return h.next
}

// controllers returns a maker of conversations between a station and a controller of its cell.
func controllers(port uint16, f family) func(*maker) *talk {
	return func(m *maker) *talk {
		c := pick(m, m.net.cells)
		a, b := pick(m, c.stations), pick(m, c.controllers[f])
		return &talk{host: [2]*host{a, b}, port: [2]uint16{a.ephemeral(), port}}
	}
}

// officeTo returns a maker of conversations between a client and one of some servers behind the router; port 0 is any
// high port. As in any office, few servers do one thing, and a client keeps to three of them at most.
func officeTo(port uint16, first, servers int) func(*maker) *talk {
	return func(m *maker) *talk {
		a := pick(m, pick(m, m.net.offices).clients)
		n := first + (int(a.addr[2])*31+int(a.addr[3])*7+m.rng.IntN(3))%servers
		p := port
		if p == 0 {
			p = 20000 + uint16(n)
		}
		return &talk{host: [2]*host{a, m.net.servers[n]}, port: [2]uint16{a.ephemeral(), p}}
	}
}

// neighbours picks two hosts of one network.
func neighbours(m *maker) *talk {
	if m.rng.IntN(2) == 0 {
		c := pick(m, m.net.cells)
		return &talk{host: [2]*host{pick(m, c.stations), pick(m, c.controllers[m.rng.IntN(3)])}}
	}
	o := pick(m, m.net.offices)
	return &talk{host: [2]*host{pick(m, o.clients), pick(m, o.clients)}}
}

// senders picks a host that sends to a group.
func senders(m *maker) *talk {
	h := pick(m, pick(m, m.net.cells).stations)
	return &talk{host: [2]*host{h, h}, port: [2]uint16{60001, 60001}, group: frame.Addr{239, 192, 0, 1}}
}

// switches picks a switch.
func switches(m *maker) *talk {
	h := pick(m, m.net.switches)
	return &talk{host: [2]*host{h, h}}
}

// officers picks a client that talks to its own network.
func officers(m *maker) *talk {
	h := pick(m, pick(m, m.net.offices).clients)
	return &talk{host: [2]*host{h, h}}
}
