// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"encoding/binary"

	"breakwater/evidence"
)

// Decoder decodes frames. The zero value has no fragment table; use [New].
type Decoder struct {
	frags fragments
}

// New returns a decoder whose fragment table may hold about memory bytes.
func New(memory int) *Decoder {
	d := &Decoder{}
	d.frags.init(memory)
	return d
}

// be16 reads without the bounds having to be checked twice.
func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }

// Decode fills p from a frame of the given link type. now is the frame's time in microseconds, for giving up on
// fragments. p is overwritten whole.
func (d *Decoder) Decode(p *Packet, link LinkType, b []byte, now int64) {
	*p = Packet{}
	p.Payload = b
	switch link {
	case LinkEthernet:
		d.ethernet(p, b, now)
	case LinkSLL:
		d.sll(p, b, now)
	case LinkSLL2:
		d.sll2(p, b, now)
	case LinkNull, LinkLoop:
		d.loop(p, b, now)
	case LinkRaw, LinkRawOld, LinkRawBSD, LinkIPv4, LinkIPv6:
		d.raw(p, b, now)
	}
}

func (d *Decoder) raw(p *Packet, b []byte, now int64) {
	if len(b) == 0 {
		p.Damage = ShortHeader
		return
	}
	switch b[0] >> 4 {
	case 4:
		p.EtherType = EtherIPv4
	case 6:
		p.EtherType = EtherIPv6
	default:
		p.Damage = BadHeader
		return
	}
	d.network(p, p.EtherType, b, now)
}

// loop reads the BSD loopback header: an address family in the byte order of the capturing host, so both are tried.
func (d *Decoder) loop(p *Packet, b []byte, now int64) {
	if len(b) < 4 {
		p.Damage = ShortHeader
		return
	}
	family := binary.BigEndian.Uint32(b)
	if family > 0xffff {
		family = binary.LittleEndian.Uint32(b)
	}
	switch family {
	case 2:
		p.EtherType = EtherIPv4
	case 10, 24, 28, 30:
		p.EtherType = EtherIPv6
	default:
		p.Damage = BadHeader
		return
	}
	d.network(p, p.EtherType, b[4:], now)
}

// sll reads the Linux cooked header of 16 bytes. Only the sender's address is in it.
func (d *Decoder) sll(p *Packet, b []byte, now int64) {
	if len(b) < 16 {
		p.Damage = ShortHeader
		return
	}
	if be16(b[4:]) == 6 {
		copy(p.SrcMAC[:], b[6:12])
		p.HasMAC = !p.SrcMAC.None()
	}
	d.cooked(p, be16(b[14:]), b[16:], now)
}

func (d *Decoder) sll2(p *Packet, b []byte, now int64) {
	if len(b) < 20 {
		p.Damage = ShortHeader
		return
	}
	if b[11] == 6 {
		copy(p.SrcMAC[:], b[12:18])
		p.HasMAC = !p.SrcMAC.None()
	}
	d.cooked(p, be16(b), b[20:], now)
}

// cooked goes on after a Linux cooked header, whose protocol field holds small numbers for frames without EtherType.
func (d *Decoder) cooked(p *Packet, proto uint16, b []byte, now int64) {
	p.EtherType, p.Payload = proto, b
	switch proto {
	case 1: // 802.3 without LLC
		p.EtherType = 0
	case 4: // 802.2 LLC
		p.EtherType = 0
		d.llc(p, b, now)
	default:
		d.etherType(p, proto, b, now)
	}
}

func (d *Decoder) ethernet(p *Packet, b []byte, now int64) {
	if len(b) < 14 {
		p.Damage = ShortHeader
		return
	}
	copy(p.DstMAC[:], b)
	copy(p.SrcMAC[:], b[6:])
	p.HasMAC = true
	d.afterMACs(p, be16(b[12:]), b[14:], now)
}

// afterMACs reads a type or length field and what follows it.
func (d *Decoder) afterMACs(p *Packet, t uint16, b []byte, now int64) {
	if t >= 0x600 {
		d.etherType(p, t, b, now)
		return
	}
	// IEEE 802.3: the field is a length, LLC follows, padding is cut off.
	if int(t) <= len(b) {
		b = b[:t]
	} else {
		p.Damage, p.Missing = Cut, int(t)-len(b)
	}
	p.Payload = b
	d.llc(p, b, now)
}

func (d *Decoder) llc(p *Packet, b []byte, now int64) {
	if len(b) < 3 {
		p.Damage = ShortHeader
		return
	}
	p.LLC, p.DSAP, p.SSAP = true, b[0], b[1]
	p.Payload = b[3:]
	if b[0] != 0xaa || b[1] != 0xaa || len(b) < 8 {
		if b[2]&3 != 3 && len(b) >= 4 { // I and S frames have two control bytes
			p.Payload = b[4:]
		}
		return
	}
	p.SNAP = uint64(b[3])<<32 | uint64(b[4])<<24 | uint64(b[5])<<16 | uint64(be16(b[6:]))
	p.Payload = b[8:]
	if b[3] == 0 && b[4] == 0 && b[5] == 0 { // RFC 1042: an EtherType
		p.LLC, p.SNAP = false, 0
		d.etherType(p, be16(b[6:]), b[8:], now)
	}
}

// etherType walks tags and labels and goes on with the network layer. Each step consumes bytes, so it ends.
func (d *Decoder) etherType(p *Packet, t uint16, b []byte, now int64) {
	for tags := 0; ; {
		p.EtherType, p.Payload = t, b
		switch t {
		case EtherVLAN, EtherQinQ, 0x9100, 0x9200:
			if len(b) < 4 {
				p.Damage = ShortHeader
				return
			}
			if tags++; tags > 4 {
				p.Damage = BadHeader
				return
			}
			if p.VLAN != 0 && p.OuterVLAN == 0 {
				p.OuterVLAN = p.VLAN
			}
			if id := be16(b) & 0xfff; id != 0 { // 0 is a priority tag alone
				p.VLAN = id
			}
			t, b = be16(b[2:]), b[4:]
			if t < 0x600 {
				d.afterMACs(p, t, b, now)
				return
			}
			continue
		case EtherMPLS, EtherMPLSMul:
			d.mpls(p, b)
		case EtherPPPoE:
			if len(b) < 8 {
				p.Damage = ShortHeader
				return
			}
			n := int(be16(b[4:])) // counts the protocol field
			proto := be16(b[6:])
			if b = b[8:]; n >= 2 && n-2 < len(b) {
				b = b[:n-2]
			}
			switch proto {
			case 0x0021:
				t = EtherIPv4
				continue
			case 0x0057:
				t = EtherIPv6
				continue
			}
			p.Payload = b
		default:
			d.network(p, t, b, now)
		}
		return
	}
}

// mpls walks a label stack; what is below is IP by its version nibble, or a pseudowire with Ethernet.
func (d *Decoder) mpls(p *Packet, b []byte) {
	for i := 0; i < 16; i++ {
		if len(b) < 4 {
			p.Damage = ShortHeader
			return
		}
		bottom := b[2]&1 != 0
		b = b[4:]
		if bottom {
			break
		}
	}
	p.Payload = b
	if len(b) == 0 {
		return
	}
	switch b[0] >> 4 {
	case 4, 6:
		p.Inner, p.InnerLink = b, LinkRaw
	case 0: // RFC 4448 control word
		if len(b) > 18 {
			p.Inner, p.InnerLink = b[4:], LinkEthernet
		}
	}
}

func (d *Decoder) network(p *Packet, t uint16, b []byte, now int64) {
	p.EtherType, p.Payload = t, b
	switch t {
	case EtherIPv4:
		d.ipv4(p, b, now)
	case EtherIPv6:
		d.ipv6(p, b, now)
	}
}

func (d *Decoder) ipv4(p *Packet, b []byte, now int64) {
	if len(b) < 20 {
		p.Damage = ShortHeader
		return
	}
	hl := int(b[0]&15) * 4
	if b[0]>>4 != 4 || hl < 20 {
		p.Damage = BadHeader
		return
	}
	if len(b) < hl {
		p.Damage = ShortHeader
		return
	}
	p.IPVersion = 4
	p.Src, p.Dst = evidence.V4(b[12:16]), evidence.V4(b[16:20])
	p.TTL, p.Proto = b[8], b[9]
	total := int(be16(b[2:]))
	body := b[hl:]
	switch {
	case total == 0: // segmentation offload: the capturing host had not filled it in
	case total < hl:
		p.Damage = BadHeader
	case total-hl <= len(body):
		body = body[:total-hl]
	default:
		p.Damage, p.Missing = Cut, total-hl-len(body)
	}
	p.Payload = body
	frag := be16(b[6:])
	if frag&0x3fff != 0 {
		whole := d.frags.add4(p, b, body, int(frag&0x1fff)*8, frag&0x2000 != 0, now)
		if whole == nil {
			p.Partial = true
			return
		}
		p.Fragmented, p.Payload, p.Missing = true, whole, 0
	}
	d.transport(p, p.Payload)
}

func (d *Decoder) ipv6(p *Packet, b []byte, now int64) {
	if len(b) < 40 {
		p.Damage = ShortHeader
		return
	}
	if b[0]>>4 != 6 {
		p.Damage = BadHeader
		return
	}
	p.IPVersion = 6
	p.Src, p.Dst = evidence.V6(b[8:24]), evidence.V6(b[24:40])
	p.TTL = b[7]
	next, n := b[6], int(be16(b[4:]))
	b = b[40:]
	if n > 0 { // 0: jumbogram or offload, take what is there
		if n <= len(b) {
			b = b[:n]
		} else {
			p.Damage, p.Missing = Cut, n-len(b)
		}
	}
	for i := 0; i < 8; i++ {
		p.Proto, p.Payload = next, b
		switch next {
		case 0, 43, 60, 135, 139, 140: // hop-by-hop, routing, destination options, mobility, HIP, shim6
			if len(b) < 8 || len(b) < 8+int(b[1])*8 {
				p.Damage = ShortHeader
				return
			}
			next, b = b[0], b[8+int(b[1])*8:]
		case 51: // authentication header, in units of four bytes
			if len(b) < 8 || len(b) < (int(b[1])+2)*4 {
				p.Damage = ShortHeader
				return
			}
			next, b = b[0], b[(int(b[1])+2)*4:]
		case 44:
			if len(b) < 8 {
				p.Damage = ShortHeader
				return
			}
			off := be16(b[2:])
			next = b[0]
			p.Proto = next
			id := binary.BigEndian.Uint32(b[4:])
			if b = b[8:]; off&0xfff9 != 0 { // not an atomic fragment (RFC 6946)
				whole := d.frags.add6(p, id, b, int(off&0xfff8), off&1 != 0, now)
				if whole == nil {
					p.Partial, p.Payload = true, b
					return
				}
				p.Fragmented, p.Missing, b = true, 0, whole
			}
		default:
			d.transport(p, b)
			return
		}
	}
	p.Damage = BadHeader
}

func (d *Decoder) transport(p *Packet, b []byte) {
	p.Payload = b
	switch p.Proto {
	case ProtoTCP:
		if len(b) < 20 {
			p.Damage = ShortHeader
			return
		}
		hl := int(b[12]>>4) * 4
		if hl < 20 {
			p.Damage = BadHeader
			return
		}
		if len(b) < hl {
			p.Damage = ShortHeader
			return
		}
		p.Transport = ProtoTCP
		p.SrcPort, p.DstPort = be16(b), be16(b[2:])
		p.Seq, p.Ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
		p.Flags, p.Window = b[13], be16(b[14:])
		p.Payload = b[hl:]
	case ProtoUDP:
		if len(b) < 8 {
			p.Damage = ShortHeader
			return
		}
		p.Transport = ProtoUDP
		p.SrcPort, p.DstPort = be16(b), be16(b[2:])
		n := int(be16(b[4:]))
		b = b[8:]
		if n >= 8 && n-8 < len(b) {
			b = b[:n-8]
		} else if n > 0 && n < 8 {
			p.Damage = BadHeader
		}
		p.Payload = b
		d.udpTunnel(p)
	case ProtoICMP, ProtoICMPv6:
		p.Transport = p.Proto
	case ProtoIPv4, ProtoIPv6:
		p.Inner, p.InnerLink = b, LinkRaw
	case ProtoGRE:
		d.gre(p, b)
	}
}

// udpTunnel enters VXLAN (RFC 7348): port 4789 or the older 8472, and a header whose reserved bits are zero.
func (d *Decoder) udpTunnel(p *Packet) {
	b := p.Payload
	if (p.DstPort == 4789 || p.DstPort == 8472) && len(b) >= 8+14 && b[0] == 8 && b[1] == 0 && b[2] == 0 && b[3] == 0 && b[7] == 0 {
		p.Inner, p.InnerLink = b[8:], LinkEthernet
	}
}

// gre reads RFC 2784/2890 headers; ERSPAN types I to III ride in it.
func (d *Decoder) gre(p *Packet, b []byte) {
	if len(b) < 4 {
		p.Damage = ShortHeader
		return
	}
	flags, proto := be16(b), be16(b[2:])
	n := 4
	if flags&0x8000 != 0 {
		n += 4
	}
	if flags&0x2000 != 0 {
		n += 4
	}
	hasSeq := flags&0x1000 != 0
	if hasSeq {
		n += 4
	}
	if flags&0x7 == 1 && flags&0x0080 != 0 { // PPTP's version 1 has an acknowledgement
		n += 4
	}
	if len(b) < n {
		p.Damage = ShortHeader
		return
	}
	b = b[n:]
	p.Payload = b
	switch proto {
	case EtherIPv4, EtherIPv6:
		p.Inner, p.InnerLink = b, LinkRaw
	case EtherTEB:
		p.Inner, p.InnerLink = b, LinkEthernet
	case EtherERSPAN2:
		if hasSeq { // type II has a header of 8 bytes; type I, without sequence number, none
			if len(b) < 8 {
				p.Damage = ShortHeader
				return
			}
			b = b[8:]
		}
		p.Inner, p.InnerLink = b, LinkEthernet
	case EtherERSPAN3:
		if len(b) < 12 {
			p.Damage = ShortHeader
			return
		}
		n := 12
		if b[11]&1 != 0 { // platform specific subheader
			n = 20
		}
		if len(b) < n {
			p.Damage = ShortHeader
			return
		}
		p.Inner, p.InnerLink = b[n:], LinkEthernet
	}
}
