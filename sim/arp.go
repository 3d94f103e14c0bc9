// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "breakwater/sim/frame"

// resolve lets hosts ask for hardware addresses before they speak, as far as they do not know them yet. It returns when
// that is done.
func (w *world) resolve(at int64, c, s *host) int64 {
	switch {
	case c.sub == nil:
		return w.whoHas(at, s.sub.forwarder(w, at), s)
	case c.sub == s.sub:
		return w.whoHas(at, c, s)
	}
	at = w.whoHas(at, c, c.sub.gw)
	if s.sub != nil {
		at = w.whoHas(at, s.sub.forwarder(w, at), s)
	}
	return at
}

// arpLife is how long a host remembers a hardware address.
const arpLife = 35 * minute

func (w *world) whoHas(at int64, asker, wanted *host) int64 {
	if asker == wanted {
		return at
	}
	k := uint64(uint32(asker.num))<<32 | uint64(uint32(wanted.num))
	if last, ok := w.known[k]; ok && (w.o.Scale > 4 || at-last < arpLife) {
		return at
	}
	w.known[k] = at
	w.ask(at, asker, wanted.ip)
	w.claim(at+300*microsecond, wanted, wanted.mac, asker)
	return at + 700*microsecond
}

// ask broadcasts an ARP request.
func (w *world) ask(at int64, asker *host, ip frame.Addr) {
	w.wire(at, asker.sub, frame.Broadcast, asker.mac, frame.TypeARP, frame.ARP(frame.ARPRequest, asker.mac, asker.ip, frame.MAC{}, ip))
}

// claim answers an ARP request for a host's address with a hardware address.
func (w *world) claim(at int64, owner *host, mac frame.MAC, asker *host) {
	w.wire(at, asker.sub, asker.mac, mac, frame.TypeARP, frame.ARP(frame.ARPReply, mac, owner.ip, asker.mac, asker.ip))
}

// announce broadcasts a gratuitous ARP: this address is at this hardware.
func (w *world) announce(at int64, s *subnet, mac frame.MAC, ip frame.Addr) {
	w.wire(at, s, frame.Broadcast, mac, frame.TypeARP, frame.ARP(frame.ARPRequest, mac, ip, frame.MAC{}, ip))
}
