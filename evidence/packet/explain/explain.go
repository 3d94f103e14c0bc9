// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"breakwater/evidence/packet/decode"
)

// Layer is one header, or what follows the last one that is known.
type Layer struct {
	Name   string // as a protocol is named in lists: ethernet, ipv4, modbus
	Title  string // for people
	Offset int    // of its first byte in the frame
	Length int    // of its own bytes, without what it carries
	Fields []Field
	Note   string // what is wrong with it, "" for nothing
}

// Field is one value of a layer. A field of some bits names the bytes that they are in.
type Field struct {
	Name, Value    string
	Offset, Length int
}

// Span is a run of bytes of the frame.
type Span struct{ Offset, Length int }

// Explanation is a frame taken apart.
type Explanation struct {
	Layers  []Layer
	Secrets []Span
}

// maxLayers is how deep a frame is taken apart.
const maxLayers = 24

// Frame explains a frame of a link type.
func Frame(link decode.LinkType, b []byte) *Explanation {
	w := &walker{b: b, out: &Explanation{}}
	switch link {
	case decode.LinkEthernet:
		w.ethernet(0)
	case decode.LinkSLL:
		w.sll(0)
	case decode.LinkSLL2:
		w.sll2(0)
	case decode.LinkNull, decode.LinkLoop:
		w.loop(0)
	case decode.LinkRaw, decode.LinkRawOld, decode.LinkRawBSD, decode.LinkIPv4, decode.LinkIPv6:
		w.ip(0)
	default:
		w.rest(0, fmt.Sprintf("link type %d is not taken apart", link))
	}
	return w.out
}

// walker goes through a frame. end is where the bytes of the innermost length field end.
type walker struct {
	b   []byte
	out *Explanation
}

// layer begins a layer of n bytes at off; nil where the frame ends before.
func (w *walker) layer(name, title string, off, n int) *Layer {
	if len(w.out.Layers) >= maxLayers {
		return nil
	}
	l := Layer{Name: name, Title: title, Offset: off, Length: n}
	if off+n > len(w.b) {
		l.Length = max(0, len(w.b)-off)
		l.Note = fmt.Sprintf("the frame ends after %d of %d bytes", l.Length, n)
		w.out.Layers = append(w.out.Layers, l)
		return nil
	}
	w.out.Layers = append(w.out.Layers, l)
	return &w.out.Layers[len(w.out.Layers)-1]
}

func (l *Layer) add(name, value string, off, n int) {
	l.Fields = append(l.Fields, Field{name, value, off, n})
}

// rest is what nobody takes apart.
func (w *walker) rest(off int, note string) {
	if off >= len(w.b) || len(w.out.Layers) >= maxLayers {
		return
	}
	w.out.Layers = append(w.out.Layers, Layer{Name: "data", Title: "Data", Offset: off, Length: len(w.b) - off, Note: note})
}

func (w *walker) u16(off int) int { return int(binary.BigEndian.Uint16(w.b[off:])) }

func dec(n int) string { return strconv.Itoa(n) }

func hex(n, digits int) string { return fmt.Sprintf("0x%0*x", digits, n) }

func (w *walker) mac(off int) string {
	b := w.b[off : off+6]
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
}

func (w *walker) addr(off, n int) string {
	a, _ := netip.AddrFromSlice(w.b[off : off+n])
	return a.String()
}

func (w *walker) ethernet(off int) {
	l := w.layer("ethernet", "Ethernet", off, 14)
	if l == nil {
		return
	}
	l.add("destination", w.mac(off), off, 6)
	l.add("source", w.mac(off+6), off+6, 6)
	w.typeOrLength(l, off+12)
}

// typeOrLength reads the last two bytes of a link header and goes on behind them.
func (w *walker) typeOrLength(l *Layer, off int) {
	t := w.u16(off)
	if t >= 0x600 {
		l.add("type", hex(t, 4)+etherName(t), off, 2)
		w.etherType(t, off+2)
		return
	}
	l.add("length", dec(t), off, 2)
	if end := off + 2 + t; end < len(w.b) {
		w.b = w.b[:end] // padding
	}
	w.llc(off + 2)
}

func etherName(t int) string {
	if s := map[int]string{
		decode.EtherIPv4: "IPv4", decode.EtherIPv6: "IPv6", decode.EtherARP: "ARP", decode.EtherVLAN: "802.1Q", decode.EtherQinQ: "802.1ad",
		decode.EtherMPLS: "MPLS", decode.EtherPPPoE: "PPPoE session", 0x8892: "PROFINET", 0x88b8: "GOOSE", 0x88ba: "sampled values", 0x88cc: "LLDP", 0x88a4: "EtherCAT",
	}[t]; s != "" {
		return " (" + s + ")"
	}
	return ""
}

func (w *walker) etherType(t, off int) {
	switch t {
	case decode.EtherVLAN, decode.EtherQinQ, 0x9100, 0x9200:
		l := w.layer("vlan", "802.1Q tag", off, 4)
		if l == nil {
			return
		}
		v := w.u16(off)
		l.add("priority", dec(v>>13), off, 1)
		l.add("drop eligible", dec(v>>12&1), off, 1)
		l.add("VLAN", dec(v&0xfff), off, 2)
		w.typeOrLength(l, off+2)
	case decode.EtherMPLS, decode.EtherMPLSMul:
		w.mpls(off)
	case decode.EtherPPPoE:
		w.pppoe(off)
	case decode.EtherARP:
		w.arp(off)
	case decode.EtherIPv4:
		w.ipv4(off)
	case decode.EtherIPv6:
		w.ipv6(off)
	default:
		w.linkMessage(off, func(p *known) bool { return p.etherTypes(t) })
	}
}

func (w *walker) llc(off int) {
	l := w.layer("llc", "802.2 LLC", off, 3)
	if l == nil {
		return
	}
	d, s := int(w.b[off]), int(w.b[off+1])
	l.add("destination access point", hex(d, 2), off, 1)
	l.add("source access point", hex(s, 2), off+1, 1)
	l.add("control", hex(int(w.b[off+2]), 2), off+2, 1)
	if d != 0xaa || s != 0xaa {
		w.linkMessage(off+3, func(p *known) bool { return p.llc(d<<8 | s) })
		return
	}
	l = w.layer("snap", "SNAP", off+3, 5)
	if l == nil {
		return
	}
	org, pid := int(w.b[off+3])<<16|w.u16(off+4), w.u16(off+6)
	l.add("organisation", hex(org, 6), off+3, 3)
	l.add("protocol", hex(pid, 4), off+6, 2)
	if org == 0 {
		w.etherType(pid, off+8)
		return
	}
	w.linkMessage(off+8, func(p *known) bool { return p.snap(uint64(org)<<16 | uint64(pid)) })
}

func (w *walker) sll(off int) {
	l := w.layer("sll", "Linux cooked capture", off, 16)
	if l == nil {
		return
	}
	l.add("packet type", dec(w.u16(off)), off, 2)
	l.add("address type", dec(w.u16(off+2)), off+2, 2)
	if w.u16(off+4) == 6 {
		l.add("source", w.mac(off+6), off+6, 6)
	}
	t := w.u16(off + 14)
	l.add("protocol", hex(t, 4)+etherName(t), off+14, 2)
	w.cooked(t, off+16)
}

func (w *walker) sll2(off int) {
	l := w.layer("sll2", "Linux cooked capture v2", off, 20)
	if l == nil {
		return
	}
	t := w.u16(off)
	l.add("protocol", hex(t, 4)+etherName(t), off, 2)
	l.add("interface", strconv.FormatUint(uint64(binary.BigEndian.Uint32(w.b[off+4:])), 10), off+4, 4)
	l.add("packet type", dec(int(w.b[off+10])), off+10, 1)
	if w.b[off+11] == 6 {
		l.add("source", w.mac(off+12), off+12, 6)
	}
	w.cooked(t, off+20)
}

func (w *walker) cooked(t, off int) {
	switch t {
	case 1:
		w.rest(off, "")
	case 4:
		w.llc(off)
	default:
		w.etherType(t, off)
	}
}

func (w *walker) loop(off int) {
	l := w.layer("loopback", "BSD loopback", off, 4)
	if l == nil {
		return
	}
	l.add("address family", fmt.Sprintf("% x", w.b[off:off+4]), off, 4)
	w.ip(off + 4)
}

func (w *walker) mpls(off int) {
	for range 16 {
		l := w.layer("mpls", "MPLS label", off, 4)
		if l == nil {
			return
		}
		v := int(binary.BigEndian.Uint32(w.b[off:]))
		l.add("label", dec(v>>12), off, 3)
		l.add("bottom of stack", dec(v>>8&1), off+2, 1)
		l.add("hops left", dec(v&255), off+3, 1)
		off += 4
		if v>>8&1 == 1 {
			break
		}
	}
	w.ip(off)
}

func (w *walker) pppoe(off int) {
	l := w.layer("pppoe", "PPPoE session", off, 8)
	if l == nil {
		return
	}
	l.add("session", hex(w.u16(off+2), 4), off+2, 2)
	l.add("length", dec(w.u16(off+4)), off+4, 2)
	t := w.u16(off + 6)
	l.add("protocol", hex(t, 4), off+6, 2)
	if t == 0x0021 || t == 0x0057 {
		w.ip(off + 8)
		return
	}
	w.rest(off+8, "")
}

func (w *walker) arp(off int) {
	l := w.layer("arp", "ARP", off, 8)
	if l == nil {
		return
	}
	hl, pl := int(w.b[off+4]), int(w.b[off+5])
	op := w.u16(off + 6)
	l.add("hardware type", dec(w.u16(off)), off, 2)
	l.add("protocol type", hex(w.u16(off+2), 4), off+2, 2)
	name := map[int]string{1: " (who has)", 2: " (is at)"}[op]
	l.add("operation", dec(op)+name, off+6, 2)
	if hl != 6 || pl != 4 || off+28 > len(w.b) {
		l.Note = "its addresses are not taken apart"
		w.rest(off+8, "")
		return
	}
	l.Length = 28
	for i, n := range []string{"sender hardware address", "sender address", "target hardware address", "target address"} {
		at := off + 8 + []int{0, 6, 10, 16}[i]
		if i%2 == 0 {
			l.add(n, w.mac(at), at, 6)
		} else {
			l.add(n, w.addr(at, 4), at, 4)
		}
	}
}

func (w *walker) ip(off int) {
	if off >= len(w.b) {
		return
	}
	switch w.b[off] >> 4 {
	case 4:
		w.ipv4(off)
	case 6:
		w.ipv6(off)
	default:
		w.rest(off, "neither IPv4 nor IPv6")
	}
}

func flags(v int, names ...string) string {
	var set []string
	for i, n := range names {
		if v>>(len(names)-1-i)&1 == 1 {
			set = append(set, n)
		}
	}
	return strings.Join(set, ", ")
}
