// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"breakwater/harbour"
	"breakwater/sim/frame"
)

// zone is a zone of the port file with the VLANs that serve it.
type zone struct {
	id, name, site string
	kind           harbour.ZoneKind
	level          string
	second         byte   // second octet of its 10.x.0.0/16
	list           string // inventory file that declares its hosts
	sheet          string
	mirror         string // capture that sees its VLANs
	slt            int
	subnets        []*subnet
	router         *router
}

// subnet is one VLAN with its /24.
type subnet struct {
	zone   *zone
	vlan   uint16
	index  int
	gw     *host // the router's interface in it, or the virtual one
	router *router
	mirror *mirror
	hosts  []*host
	next   int
}

func (s *subnet) addr(n int) frame.Addr { return frame.Addr{10, s.zone.second, byte(s.index), byte(n)} }

func (s *subnet) broadcast() frame.Addr { return s.addr(255) }

// subnetHosts is how many hosts a VLAN takes before the next one is opened.
const subnetHosts = 200

// host is an interface with one address: a device, or a router in one VLAN.
type host struct {
	num     int
	name    string
	kind    harbour.Kind
	role    string
	p       *product
	serial  string
	tag     string
	mac     frame.MAC
	ip      frame.Addr
	sub     *subnet // nil outside the port
	ttl     uint8
	ipID    uint16
	port    uint16 // last ephemeral port
	place   string // location id
	module  string
	service string
	crit    string
	note    string
	silent  bool
	hidden  bool // not declared anywhere
	legacy  bool // speaks the versions of protocols that were given up
	taken   bool // something is planted on it, or it is a decoy
	noAddr  bool // declared without address: it gets one by lease
	// What the inventory says where that differs from what is there.
	rowMAC, rowSerial, rowModel, rowVendor, rowFirmware string
}

// router connects the VLANs of a site.
type router struct {
	host
	faces []*host
}

// mirror is one capture: where a switch copies the traffic of some VLANs to.
type mirror struct {
	file   string
	format uint8
	tagged bool
	device string
	out    *captureFile
}

// product is a device type as bought.
type product struct {
	vendor, model, firmware string
	oui                     [3]byte
	ttl                     uint8
	serial                  string // how its serial numbers begin
	supplier                string
}

// outside is a host of the internet.
func outside(name string, ip frame.Addr, ttl uint8) *host {
	return &host{num: -1 - int(ip[3]) - int(ip[0])<<8, name: name, ip: ip, ttl: ttl, hidden: true}
}
