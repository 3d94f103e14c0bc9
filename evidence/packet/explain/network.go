// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"breakwater/evidence/packet/decode"
	"breakwater/evidence/packet/dissect"
)

func (w *walker) ipv4(off int) {
	l := w.layer("ipv4", "IPv4", off, 20)
	if l == nil {
		return
	}
	hl, total, frag := int(w.b[off]&15)*4, w.u16(off+2), w.u16(off+6)
	l.add("version", dec(int(w.b[off]>>4)), off, 1)
	l.add("header length", dec(hl), off, 1)
	l.add("service class", dec(int(w.b[off+1]>>2)), off+1, 1)
	l.add("total length", dec(total), off+2, 2)
	l.add("identification", hex(w.u16(off+4), 4), off+4, 2)
	l.add("flags", flags(frag>>13, "reserved", "do not fragment", "more fragments"), off+6, 1)
	l.add("fragment offset", dec(frag&0x1fff*8), off+6, 2)
	l.add("hops left", dec(int(w.b[off+8])), off+8, 1)
	proto := int(w.b[off+9])
	l.add("protocol", dec(proto)+protoName(proto), off+9, 1)
	l.add("checksum", hex(w.u16(off+10), 4), off+10, 2)
	l.add("source", w.addr(off+12, 4), off+12, 4)
	l.add("destination", w.addr(off+16, 4), off+16, 4)
	if w.b[off]>>4 != 4 || hl < 20 || off+hl > len(w.b) {
		l.Note = "the header contradicts itself"
		w.rest(off+20, "")
		return
	}
	if l.Length = hl; hl > 20 {
		l.add("options", fmt.Sprintf("% x", w.b[off+20:off+hl]), off+20, hl-20)
	}
	switch {
	case total == 0 || total >= hl && off+total == len(w.b):
	case total < hl:
		l.Note = "the total length is less than the header"
	case off+total < len(w.b):
		w.b = w.b[:off+total] // padding of the link
	default:
		l.Note = fmt.Sprintf("%d bytes were not captured", off+total-len(w.b))
	}
	if frag&0x1fff != 0 {
		w.rest(off+hl, "a later fragment: the header of what it carries is in another frame")
		return
	}
	w.transport(proto, off+hl)
}

func protoName(n int) string {
	if s := map[int]string{
		0: "hop-by-hop options", 1: "ICMP", 2: "IGMP", 4: "IPv4", 6: "TCP", 17: "UDP", 41: "IPv6", 43: "routing", 44: "fragment", 47: "GRE", 50: "ESP", 51: "AH",
		58: "ICMPv6", 59: "nothing", 60: "destination options", 89: "OSPF", 112: "VRRP", 132: "SCTP",
	}[n]; s != "" {
		return " (" + s + ")"
	}
	return ""
}

func (w *walker) ipv6(off int) {
	l := w.layer("ipv6", "IPv6", off, 40)
	if l == nil {
		return
	}
	v, n, next := int(binary.BigEndian.Uint32(w.b[off:])), w.u16(off+4), int(w.b[off+6])
	l.add("version", dec(v>>28&15), off, 1)
	l.add("traffic class", hex(v>>20&255, 2), off, 2)
	l.add("flow label", hex(v&0xfffff, 5), off+1, 3)
	l.add("payload length", dec(n), off+4, 2)
	l.add("next header", dec(next)+protoName(next), off+6, 1)
	l.add("hops left", dec(int(w.b[off+7])), off+7, 1)
	l.add("source", w.addr(off+8, 16), off+8, 16)
	l.add("destination", w.addr(off+24, 16), off+24, 16)
	off += 40
	switch {
	case n == 0:
	case off+n < len(w.b):
		w.b = w.b[:off+n]
	case off+n > len(w.b):
		l.Note = fmt.Sprintf("%d bytes were not captured", off+n-len(w.b))
	}
	for range 8 {
		switch next {
		case 0, 43, 60, 135, 139, 140:
		case 44:
			e := w.layer("ipv6_fragment", "IPv6 fragment", off, 8)
			if e == nil {
				return
			}
			next = int(w.b[off])
			at := w.u16(off+2) &^ 7
			e.add("next header", dec(next)+protoName(next), off, 1)
			e.add("fragment offset", dec(at), off+2, 2)
			e.add("more fragments", dec(w.u16(off+2)&1), off+3, 1)
			off += 8
			if at != 0 {
				w.rest(off, "a later fragment: the header of what it carries is in another frame")
				return
			}
			continue
		default:
			w.transport(next, off)
			return
		}
		size := 8
		if off+2 <= len(w.b) {
			size += int(w.b[off+1]) * 8
		}
		e := w.layer("ipv6_extension", "IPv6 extension:"+protoName(next), off, size)
		if e == nil {
			return
		}
		next = int(w.b[off])
		e.add("next header", dec(next)+protoName(next), off, 1)
		e.add("length", dec(size), off+1, 1)
		off += size
	}
	w.rest(off, "too many extension headers")
}

func (w *walker) transport(proto, off int) {
	switch proto {
	case decode.ProtoTCP:
		w.tcp(off)
	case decode.ProtoUDP:
		w.udp(off)
	case decode.ProtoICMP, decode.ProtoICMPv6:
		w.icmp(proto, off)
	case decode.ProtoIPv4, decode.ProtoIPv6:
		w.ip(off)
	case decode.ProtoGRE:
		w.gre(off)
	default:
		w.rest(off, "")
	}
}

func (w *walker) tcp(off int) {
	l := w.layer("tcp", "TCP", off, 20)
	if l == nil {
		return
	}
	hl, v := int(w.b[off+12]>>4)*4, w.u16(off+12)
	src, dst := w.u16(off), w.u16(off+2)
	l.add("source port", dec(src), off, 2)
	l.add("destination port", dec(dst), off+2, 2)
	l.add("sequence", strconv.FormatUint(uint64(binary.BigEndian.Uint32(w.b[off+4:])), 10), off+4, 4)
	l.add("acknowledged", strconv.FormatUint(uint64(binary.BigEndian.Uint32(w.b[off+8:])), 10), off+8, 4)
	l.add("header length", dec(hl), off+12, 1)
	l.add("flags", flags(v&0x1ff, "NS", "CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"), off+12, 2)
	l.add("window", dec(w.u16(off+14)), off+14, 2)
	l.add("checksum", hex(w.u16(off+16), 4), off+16, 2)
	l.add("urgent", dec(w.u16(off+18)), off+18, 2)
	if hl < 20 || off+hl > len(w.b) {
		l.Note = "the header contradicts itself"
		w.rest(off+20, "")
		return
	}
	if l.Length = hl; hl > 20 {
		l.add("options", fmt.Sprintf("% x", w.b[off+20:off+hl]), off+20, hl-20)
	}
	w.message(dissect.OverTCP, src, dst, off+hl)
}

func (w *walker) udp(off int) {
	l := w.layer("udp", "UDP", off, 8)
	if l == nil {
		return
	}
	src, dst, n := w.u16(off), w.u16(off+2), w.u16(off+4)
	l.add("source port", dec(src), off, 2)
	l.add("destination port", dec(dst), off+2, 2)
	l.add("length", dec(n), off+4, 2)
	l.add("checksum", hex(w.u16(off+6), 4), off+6, 2)
	if n >= 8 && off+n < len(w.b) {
		w.b = w.b[:off+n]
	}
	w.message(dissect.OverUDP, src, dst, off+8)
}

func (w *walker) icmp(proto, off int) {
	name, title := "icmp", "ICMP"
	if proto == decode.ProtoICMPv6 {
		name, title = "icmpv6", "ICMPv6"
	}
	l := w.layer(name, title, off, 4)
	if l == nil {
		return
	}
	kind := int(w.b[off])
	names := map[int]string{0: "echo reply", 3: "unreachable", 5: "redirect", 8: "echo request", 11: "time exceeded"}
	if proto == decode.ProtoICMPv6 {
		names = map[int]string{1: "unreachable", 2: "packet too big", 3: "time exceeded", 128: "echo request", 129: "echo reply", 133: "router solicitation", 134: "router advertisement", 135: "neighbour solicitation", 136: "neighbour advertisement", 137: "redirect"}
	}
	value := dec(kind)
	if s := names[kind]; s != "" {
		value += " (" + s + ")"
	}
	l.add("type", value, off, 1)
	l.add("code", dec(int(w.b[off+1])), off+1, 1)
	l.add("checksum", hex(w.u16(off+2), 4), off+2, 2)
	w.rest(off+4, "")
}

func (w *walker) gre(off int) {
	l := w.layer("gre", "GRE", off, 4)
	if l == nil {
		return
	}
	v, t := w.u16(off), w.u16(off+2)
	l.add("flags", hex(v, 4), off, 2)
	l.add("protocol", hex(t, 4)+etherName(t), off+2, 2)
	n := 4
	for _, bit := range []int{0x8000, 0x2000, 0x1000} { // checksum, key, sequence
		if v&bit != 0 {
			n += 4
		}
	}
	switch {
	case v&0x4007 != 0 || off+n > len(w.b):
		w.rest(off+4, "")
	case t == decode.EtherTEB:
		l.Length = n
		w.ethernet(off + n)
	default:
		l.Length = n
		w.etherType(t, off+n)
	}
}
