// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"breakwater/harbour"
	"breakwater/sim/frame"
)

// world is the port as planned and, later, as played.
type world struct {
	o       Options
	zones   []*zone
	byID    map[string]*zone
	hosts   []*host
	names   map[string]*host
	routers []*router
	mirrors []*mirror
	vlans   uint16
	macs    map[[3]byte]uint32
	permits map[permit]bool
	port    harbour.Port
	tasks   taskHeap
	air     frameHeap
	sent    uint64
	packets int
	known   map[uint64]int64

	redundant *subnet // the VLAN with two routers
	vrrp      [2]*host
	takeover  int64

	certs    map[*host][]byte
	oldCerts map[*host][]byte
	pictures map[[2]int]string

	approvals []harbour.EngineeringApproval
	planted   []Planted
	cast
	decoys []Decoy
}

// cast are the hosts that several parts of the plan refer to.
type cast struct {
	admins, dns, intranet, files    []*host
	historian, badge, laptop        *host
	doors, recorders, cameras       []*host
	desks, outsiders                []*host
	nas, powerSCADA                 *host
	scada, tos, engineers           []*host
	cranes                          []crane
	craneRecorders, gateCameras     []*host
	kiosks, reefers, switches       []*host
	tankPLCs, tankGauges, tankSCADA []*host
	ramps, rampPanels               []*host
	vtsServers, vtsDesks            []*host
	power, meters                   []*host
}

// permit is one entry of a conduit.
type permit struct {
	from, to            *zone
	protocol, transport string
	port                uint16
}

func newWorld(o Options) *world {
	return &world{
		o: o, byID: map[string]*zone{}, names: map[string]*host{}, vlans: 1000, macs: map[[3]byte]uint32{},
		permits: map[permit]bool{}, known: map[uint64]int64{}, certs: map[*host][]byte{}, oldCerts: map[*host][]byte{}, pictures: map[[2]int]string{}, cast: cast{outsiders: newOutsiders()}, takeover: 58*minute + 20*second,
	}
}

// count scales a number of units; there is always one.
func (w *world) count(n int) int { return max(1, int(math.Round(float64(n)*w.o.Scale))) }

// cycles thins out polling on large ports, so that captures stay within bounds.
func (w *world) cycles(n int) int {
	f := 1.0
	if w.o.Scale > 1 {
		f = max(0.04, 1/w.o.Scale)
	}
	return max(1, int(float64(n)*f))
}

// zone finds a zone of the plan.
func (w *world) zone(id string) *zone {
	z := w.byID[id]
	if z == nil {
		panic("sim: no zone " + id)
	}
	return z
}

// subnet returns the VLAN of a zone that has room for n more hosts, opening another where needed.
func (w *world) subnet(z *zone, n int) *subnet {
	if k := len(z.subnets); k > 0 && len(z.subnets[k-1].hosts)+n <= subnetHosts {
		return z.subnets[k-1]
	}
	s := &subnet{zone: z, index: len(z.subnets), router: z.router, next: 10}
	if s.index == 0 {
		s.vlan = 100 + uint16(z.second)
	} else {
		w.vlans++
		s.vlan = w.vlans
	}
	s.mirror = w.mirror(z, s.index)
	face := &host{num: len(w.hosts), name: fmt.Sprintf("%s-vlan%d", z.router.name, s.vlan), mac: z.router.mac, ip: s.addr(1), sub: s, ttl: z.router.ttl, hidden: true, p: z.router.p}
	w.hosts = append(w.hosts, face)
	z.router.faces = append(z.router.faces, face)
	s.gw = face
	z.subnets = append(z.subnets, s)
	return s
}

// mirror returns the capture for a VLAN of a zone. A capture without tags shows one VLAN alone.
func (w *world) mirror(z *zone, index int) *mirror {
	file := z.mirror
	if plain := strings.Contains(file, "access"); plain && index > 0 {
		file = strings.Replace(file, ".p", fmt.Sprintf("-%d.p", index+1), 1)
	}
	for _, m := range w.mirrors {
		if m.file == file {
			return m
		}
	}
	m := &mirror{file: file, format: uint8(len(w.mirrors) % 2), tagged: !strings.Contains(file, "access"), device: "mirror of " + z.site}
	if strings.Contains(file, ".pcapng") {
		m.format = 2
	}
	w.mirrors = append(w.mirrors, m)
	return m
}

// mac gives out hardware addresses of a vendor, each once and never close together.
func (w *world) mac(oui [3]byte) frame.MAC {
	w.macs[oui]++
	start := uint32(newRNG(w.o.Seed, uint64(oui[0])<<16|uint64(oui[1])<<8|uint64(oui[2])).next())
	n := (w.macs[oui]*0x61c887 + start) & 0xffffff
	return frame.MAC{oui[0], oui[1], oui[2], byte(n >> 16), byte(n >> 8), byte(n)}
}

// add plans a host in a VLAN.
func (w *world) add(s *subnet, name string, kind harbour.Kind, p *product, role string) *host {
	n := len(w.hosts)
	h := &host{num: n, name: name, kind: kind, role: role, p: p, mac: w.mac(p.oui), ip: s.addr(s.next), sub: s, ttl: cmp.Or(p.ttl, 64)}
	s.next++
	d := defaults[s.zone.id]
	h.place, h.module, h.service = d.place, d.module, d.service
	h.serial = fmt.Sprintf("%s%07d", p.serial, (uint64(n)*7368787+w.o.Seed*104729+1299709)%9999991)
	h.tag = fmt.Sprintf("SK-%06d", 100000+n)
	s.hosts = append(s.hosts, h)
	w.hosts = append(w.hosts, h)
	if w.names[name] != nil {
		panic("sim: two hosts called " + name)
	}
	w.names[name] = h
	return h
}

func zoneOf(h *host) *zone {
	if h.sub == nil {
		return nil
	}
	return h.sub.zone
}

// allow notes that a legitimate conversation passes between the zones of two hosts; the conduits follow from it.
func (w *world) allow(c, s *host, protocol, transport string, port uint16) {
	from, to := w.place(c), w.place(s)
	if from != to {
		w.permits[permit{from, to, protocol, transport, port}] = true
	}
}

// place is the zone in which a host is declared to be: routers stand in the zone of the network itself.
func (w *world) place(h *host) *zone {
	if h.sub == nil {
		return w.zone("internet")
	}
	if h.kind == harbour.KindRouter || h == h.sub.gw || h.kind == "" {
		return w.zone("network")
	}
	return zoneOf(h)
}

// service is a protocol with its port as conversations use it.
type service struct {
	protocol string
	port     uint16
}

// The services of the port.
var (
	modbus = service{"modbus", 502}
	s7     = service{"s7comm", 102}
	enip   = service{"enip", 44818}
	web    = service{"http", 80}
	tls    = service{"tls", 443}
	ssh    = service{"ssh", 22}
	ftp    = service{"ftp", 21}
	smb    = service{"smb", 445}
)

// session plans one TCP connection at an instant.
func (w *world) session(at int64, c, s *host, v service, script func(k *conn)) {
	w.allow(c, s, v.protocol, "tcp", v.port)
	w.visit(at, c, s, v, script)
}

// visit plans one TCP connection without any conduit for it.
func (w *world) visit(at int64, c, s *host, v service, script func(k *conn)) {
	num := uint64(len(w.tasks))
	w.at(at, func(at int64) int64 {
		k := w.dial(at, newRNG(w.o.Seed, num, 1), c, s, v.port)
		k.open()
		script(k)
		k.close()
		return -1
	})
}

// dialogue is a TCP connection that lasts: a greeting, then one exchange in each cycle.
type dialogue struct {
	greet func(k *conn)
	cycle func(k *conn, i int)
	// midstream is set where the connection existed before the capture began.
	midstream bool
}

// poll plans a dialogue of n cycles spread over the captured time.
func (w *world) poll(c, s *host, v service, n int, d dialogue) {
	w.allow(c, s, v.protocol, "tcp", v.port)
	w.repeat(c, s, v, n, d)
}

// repeat plans a dialogue without any conduit for it.
func (w *world) repeat(c, s *host, v service, n int, d dialogue) {
	num := uint64(len(w.tasks))
	r := newRNG(w.o.Seed, num, 2)
	period := (length - 4*minute) / int64(n)
	first := r.span(5*second, min(period, 8*minute)+10*second)
	var k *conn
	i := 0
	w.at(first, func(at int64) int64 {
		if k == nil {
			k = w.dial(at, r, c, s, v.port)
			if !d.midstream {
				k.open()
				if d.greet != nil {
					d.greet(k)
				}
			}
		} else {
			k.now = at
		}
		d.cycle(k, i)
		if i++; i == n {
			if !d.midstream {
				k.close()
			}
			return -1
		}
		return max(k.now+millisecond, first+int64(i)*period+k.r.span(0, 40)*millisecond)
	})
}
