// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"cmp"
	"slices"

	"breakwater/harbour"
)

// purposes say why a protocol passes between zones.
var purposes = map[string]string{
	"s7comm": "process values of controllers", "modbus": "process values of controllers and meters", "enip": "process values of quay cranes",
	"http": "pictures and device pages", "tls": "encrypted applications", "ssh": "administration of network devices and servers",
	"ftp": "files of measured values", "smb": "shared files", "dns": "name resolution", "dhcp": "addresses of workplaces", "icmp": "reachability checks",
}

// declareConduits writes one conduit for each pair of zones that talk.
func (w *world) declareConduits() {
	list := make([]permit, 0, len(w.permits))
	for p := range w.permits {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b permit) int {
		return cmp.Or(cmp.Compare(a.from.id, b.from.id), cmp.Compare(a.to.id, b.to.id), cmp.Compare(a.protocol, b.protocol), cmp.Compare(a.transport, b.transport), cmp.Compare(a.port, b.port))
	})
	for _, p := range list {
		id := "c-" + p.from.id + "-" + p.to.id
		if n := len(w.port.Conduits); n == 0 || w.port.Conduits[n-1].ID != id {
			w.port.Conduits = append(w.port.Conduits, harbour.Conduit{ID: id, Name: p.from.name + " to " + p.to.name, From: p.from.id, To: p.to.id})
		}
		c := &w.port.Conduits[len(w.port.Conduits)-1]
		if why := purposes[p.protocol]; c.Purpose == "" && why != "" {
			c.Purpose = "Carries " + why + "."
		}
		q := harbour.Permit{Protocol: p.protocol, Transport: p.transport}
		if p.port != 0 {
			q.Ports = []int{int(p.port)}
		}
		if p.protocol == "icmp" {
			q.Protocol = ""
		}
		c.Permits = append(c.Permits, q)
		if p.protocol == "enip" {
			q.Protocol = "cip"
			c.Permits = append(c.Permits, q)
		}
	}
}
