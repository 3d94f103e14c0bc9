// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"encoding/binary"

	"breakwater/harbour"
)

// previous is what the rows of a block are told as differences from. It starts at zero in each block, so that blocks can
// be read on their own.
type previous struct {
	id    uint32
	value uint32
	first harbour.Instant
	place Place
}

func (p *previous) appendSpan(b []byte, first, last harbour.Instant) []byte {
	b = binary.AppendVarint(b, int64(first-p.first))
	p.first = first
	return binary.AppendVarint(b, int64(last-first))
}

func (p *previous) span(d *decoder) (first, last harbour.Instant) {
	first = p.first + harbour.Instant(d.varint())
	p.first = first
	return first, first + harbour.Instant(d.varint())
}

func (p *previous) appendPlace(b []byte, at Place) []byte {
	b = binary.AppendVarint(b, int64(at-p.place))
	p.place = at
	return b
}

func (p *previous) placeOf(d *decoder) Place {
	p.place += Place(d.varint())
	return p.place
}

func (p *previous) appendID(b []byte, id uint32) []byte {
	b = binary.AppendVarint(b, int64(id)-int64(p.id))
	p.id = id
	return b
}

// idOf reads a number of at least one and at most limit.
func (p *previous) idOf(d *decoder, limit uint32) uint32 {
	v := int64(p.id) + d.varint()
	if v < 1 || v > int64(limit) {
		d.fail()
		return 0
	}
	p.id = uint32(v)
	return p.id
}

const (
	hasMAC = 1 << iota
	hasIP4
	hasIP6
	hasVLAN
	hasTag
	hasSpan
)

func (p *previous) appendEndpoint(b []byte, e *Endpoint) []byte {
	at := len(b)
	b = append(b, 0)
	b = binary.AppendUvarint(b, uint64(e.Flags))
	b = binary.AppendUvarint(b, uint64(e.Sent))
	b = p.appendPlace(b, e.Place)
	if !e.MAC.None() {
		b[at] |= hasMAC
		b = append(b, e.MAC[:]...)
	}
	switch {
	case e.IP == IP{}:
	case e.IP.Is4():
		b[at] |= hasIP4
		b = append(b, e.IP[12:]...)
	default:
		b[at] |= hasIP6
		b = append(b, e.IP[:]...)
	}
	if e.VLAN != 0 {
		b[at] |= hasVLAN
		b = binary.AppendUvarint(b, uint64(e.VLAN))
	}
	if e.Tag != 0 {
		b[at] |= hasTag
		b = p.appendID(b, e.Tag)
	}
	if e.First != 0 || e.Last != 0 {
		b[at] |= hasSpan
		b = p.appendSpan(b, e.First, e.Last)
	}
	return b
}

func (p *previous) endpoint(d *decoder, e *Endpoint) {
	*e = Endpoint{}
	has := d.byte()
	e.Flags = EndpointFlags(d.upTo(1<<16 - 1))
	e.Sent = uint32(d.upTo(1<<32 - 1))
	e.Place = p.placeOf(d)
	if has&hasMAC != 0 {
		copy(e.MAC[:], d.bytes(6))
	}
	switch {
	case has&hasIP4 != 0:
		e.IP = V4(d.bytes(4))
	case has&hasIP6 != 0:
		e.IP = V6(d.bytes(16))
	}
	if has&hasVLAN != 0 {
		e.VLAN = uint16(d.upTo(1<<16 - 1))
	}
	if has&hasTag != 0 {
		e.Tag = p.idOf(d, 1<<32-1)
	}
	if has&hasSpan != 0 {
		e.First, e.Last = p.span(d)
	}
	if has >= hasSpan<<1 {
		d.fail()
	}
}

func (p *previous) appendLink(b []byte, k *Link) []byte {
	b = p.appendID(b, uint32(k.A))
	b = binary.AppendUvarint(b, uint64(k.B))
	return p.appendPlace(b, k.Place)
}

func (p *previous) link(d *decoder, k *Link, endpoints uint32) {
	k.A = EndpointID(p.idOf(d, endpoints))
	k.B = EndpointID(d.upTo(uint64(endpoints)))
	k.Place = p.placeOf(d)
	if k.B == 0 {
		d.fail()
	}
}

func (p *previous) appendObservation(b []byte, o *Observation) []byte {
	places := 0
	for i, x := range o.Places {
		if x != 0 {
			places = i + 1
		}
	}
	lead := byte(places << 1)
	if o.Declared {
		lead |= 1
	}
	if o.First != 0 || o.Last != 0 {
		lead |= 8
	}
	b = append(b, lead, byte(o.Confidence))
	b = p.appendID(b, uint32(o.Subject))
	b = binary.AppendUvarint(b, uint64(o.Name))
	b = binary.AppendVarint(b, int64(o.Value)-int64(p.value))
	p.value = uint32(o.Value)
	b = binary.AppendUvarint(b, uint64(o.Count))
	if lead&8 != 0 {
		b = p.appendSpan(b, o.First, o.Last)
	}
	for i := range places {
		if i == 0 {
			b = p.appendPlace(b, o.Places[0])
		} else {
			b = binary.AppendVarint(b, int64(o.Places[i]-o.Places[i-1]))
		}
	}
	return b
}

func (p *previous) observation(d *decoder, o *Observation, endpoints, texts uint32) {
	*o = Observation{}
	lead := d.byte()
	o.Declared = lead&1 != 0
	o.Confidence = harbour.Confidence(d.byte())
	o.Subject = EndpointID(p.idOf(d, endpoints))
	o.Name = Text(d.upTo(uint64(texts)))
	v := int64(p.value) + d.varint()
	if v < 0 || v > int64(texts) {
		d.fail()
		return
	}
	p.value, o.Value = uint32(v), Text(v)
	o.Count = uint32(d.upTo(1<<32 - 1))
	if lead&8 != 0 {
		o.First, o.Last = p.span(d)
	}
	for i := range lead >> 1 & 3 {
		if i == 0 {
			o.Places[0] = p.placeOf(d)
		} else {
			o.Places[i] = o.Places[i-1] + Place(d.varint())
		}
	}
	if lead > 15 {
		d.fail()
	}
}

const (
	flagGroup = 1 << iota
	flagConfirmed
	flagUnanswered
)

func flagIf(set bool, flag byte) byte {
	if set {
		return flag
	}
	return 0
}

func (p *previous) appendConversation(b []byte, c *Conversation) []byte {
	flags := flagIf(c.Group, flagGroup) | flagIf(c.Confirmed, flagConfirmed) | flagIf(c.Unanswered, flagUnanswered)
	b = append(b, flags, byte(c.Transport))
	b = p.appendID(b, uint32(c.Client))
	b = binary.AppendUvarint(b, uint64(c.Server))
	b = binary.AppendUvarint(b, uint64(c.Protocol))
	b = binary.AppendUvarint(b, uint64(c.Port))
	for i := range c.Packets {
		b = binary.AppendUvarint(b, c.Packets[i])
		b = binary.AppendUvarint(b, c.Bytes[i])
	}
	b = p.appendSpan(b, c.First, c.Last)
	return p.appendPlace(b, c.Place)
}

func (p *previous) conversation(d *decoder, c *Conversation, endpoints, texts uint32) {
	flags := d.byte()
	*c = Conversation{Group: flags&flagGroup != 0, Confirmed: flags&flagConfirmed != 0, Unanswered: flags&flagUnanswered != 0, Transport: Transport(d.byte())}
	c.Client = EndpointID(p.idOf(d, endpoints))
	c.Server = EndpointID(d.upTo(uint64(endpoints)))
	c.Protocol = Text(d.upTo(uint64(texts)))
	c.Port = uint16(d.upTo(1<<16 - 1))
	for i := range c.Packets {
		c.Packets[i] = d.uvarint()
		c.Bytes[i] = d.uvarint()
	}
	c.First, c.Last = p.span(d)
	c.Place = p.placeOf(d)
	if c.Server == 0 || flags >= flagUnanswered<<1 {
		d.fail()
	}
}

func (p *previous) appendOperation(b []byte, o *Operation) []byte {
	b = append(b, flagIf(o.Group, flagGroup))
	b = p.appendID(b, uint32(o.Client))
	b = binary.AppendUvarint(b, uint64(o.Server))
	for _, t := range []Text{o.Protocol, o.Code, o.Name, o.Verb, o.Target, o.Result} {
		b = binary.AppendUvarint(b, uint64(t))
	}
	b = binary.AppendUvarint(b, o.Count)
	b = p.appendSpan(b, o.First, o.Last)
	return p.appendPlace(b, o.Place)
}

func (p *previous) operation(d *decoder, o *Operation, endpoints, texts uint32) {
	flags := d.byte()
	*o = Operation{Group: flags == flagGroup}
	o.Client = EndpointID(p.idOf(d, endpoints))
	o.Server = EndpointID(d.upTo(uint64(endpoints)))
	for _, t := range []*Text{&o.Protocol, &o.Code, &o.Name, &o.Verb, &o.Target, &o.Result} {
		*t = Text(d.upTo(uint64(texts)))
	}
	o.Count = d.uvarint()
	o.First, o.Last = p.span(d)
	o.Place = p.placeOf(d)
	if o.Server == 0 || flags > flagGroup {
		d.fail()
	}
}
