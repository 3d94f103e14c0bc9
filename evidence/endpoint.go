// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"encoding/binary"

	"breakwater/harbour"
)

// EndpointID is the number of an endpoint in its ledger; 0 is none.
type EndpointID uint32

// EndpointFlags say how an endpoint is known.
type EndpointFlags uint16

// The flags.
const (
	Sent      EndpointFlags = 1 << iota // was the source of a frame
	Addressed                           // was the destination of a frame
	Bound                               // ARP, DHCP or neighbour discovery says that this IP is at this MAC
	Routed                              // frames came with a hop count that shows a router on the way
	Answered                            // took part in traffic in both directions, or announced itself
	Row                                 // a row of a declaration, not traffic
	Silent                              // declared as never speaking
	Conflict                            // claimed the address while another MAC held it
)

// Endpoint is one way in which an asset appears in an evidence: a MAC with an IP in a VLAN, any of them absent. Declared
// records that name neither have a Tag that is unique in the evidence.
type Endpoint struct {
	IP          IP
	MAC         MAC
	VLAN        uint16
	Flags       EndpointFlags
	Tag         uint32 // distinguishes declared records without address
	Sent        uint32 // frames sent, saturating
	First, Last harbour.Instant
	Place       Place // of first appearance
}

func (e *Endpoint) hash() uint64 { return hashKey(e.MAC, e.IP, e.VLAN, e.Tag) }

func hashKey(mac MAC, ip IP, vlan uint16, tag uint32) uint64 {
	h := uint64(mac[0])<<40 | uint64(mac[1])<<32 | uint64(mac[2])<<24 | uint64(mac[3])<<16 | uint64(mac[4])<<8 | uint64(mac[5])
	h = mix(h, uint64(vlan)<<32|uint64(tag))
	h = mix(h, binary.BigEndian.Uint64(ip[:8]))
	return mix(h, binary.BigEndian.Uint64(ip[8:]))
}

// Endpoint returns the number of the endpoint with these keys, entering it if needed. Unless firm is set it may only use
// the tentative share of the table. A full table gives 0 and counts it.
func (l *Ledger) Endpoint(mac MAC, ip IP, vlan uint16, firm bool) EndpointID {
	return l.endpoint(mac, ip, vlan, 0, firm)
}

// Record returns a new endpoint for a declared record, told apart from all others by tag. mac and ip may be none.
func (l *Ledger) Record(mac MAC, ip IP, vlan uint16, tag uint32) EndpointID {
	id := l.endpoint(mac, ip, vlan, tag, true)
	if e := l.At(id); e != nil {
		e.Flags |= Row
	}
	return id
}

func (l *Ledger) endpoint(mac MAC, ip IP, vlan uint16, tag uint32, firm bool) EndpointID {
	if ip.None() {
		ip = IP{}
	}
	h := hashKey(mac, ip, vlan, tag)
	row := l.endpointIndex.find(h, func(r uint32) bool {
		e := &l.endpoints[r]
		return e.MAC == mac && e.IP == ip && e.VLAN == vlan && e.Tag == tag
	})
	if row >= 0 {
		return EndpointID(row) + 1
	}
	if !firm && l.tentative >= l.limits.Tentative {
		l.Count("tentative_endpoints_refused", 1)
		return 0
	}
	if !l.afford(costEndpoint) {
		l.Count("endpoints_refused", 1)
		return 0
	}
	if !firm {
		l.tentative++
	}
	l.endpoints = append(l.endpoints, Endpoint{MAC: mac, IP: ip, VLAN: vlan, Tag: tag})
	r := uint32(len(l.endpoints) - 1)
	l.endpointIndex.add(h, r, func(r uint32) uint64 { return l.endpoints[r].hash() })
	return EndpointID(r) + 1
}

// At returns the endpoint with this number, or nil. The pointer is valid until the next endpoint is entered.
func (l *Ledger) At(id EndpointID) *Endpoint {
	if id == 0 || int(id) > len(l.endpoints) {
		return nil
	}
	return &l.endpoints[id-1]
}

// Seen notes an appearance of an endpoint.
func (l *Ledger) Seen(id EndpointID, flags EndpointFlags, sent uint32, first, last harbour.Instant, at Place) {
	e := l.At(id)
	if e == nil {
		return
	}
	e.Flags |= flags
	if e.Sent+sent >= e.Sent {
		e.Sent += sent
	} else {
		e.Sent = ^uint32(0)
	}
	harbour.Widen(&e.First, &e.Last, first)
	harbour.Widen(&e.First, &e.Last, last)
	if e.Place == 0 || at != 0 && at < e.Place {
		e.Place = at
	}
}

// Endpoints returns all endpoints in order of first appearance; number i+1 stands at index i.
func (l *Ledger) Endpoints() []Endpoint { return l.endpoints }
