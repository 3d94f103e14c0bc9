// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"encoding/binary"

	"breakwater/evidence"
	"breakwater/evidence/spool"
	"breakwater/harbour"
)

// card is what is known of an asset beyond its compact form. Cards stand on a shelf, since together they may be more than
// memory holds.
type card struct {
	keys  []string
	attrs []harbour.Attribute
}

// packer appends values to a row.
type packer struct{ b []byte }

func (p *packer) uint(n uint64) { p.b = binary.AppendUvarint(p.b, n) }
func (p *packer) int(n int64)   { p.b = binary.AppendVarint(p.b, n) }
func (p *packer) byte(n byte)   { p.b = append(p.b, n) }

func (p *packer) bytes(s []byte) {
	p.uint(uint64(len(s)))
	p.b = append(p.b, s...)
}

func (p *packer) string(s string) {
	p.uint(uint64(len(s)))
	p.b = append(p.b, s...)
}

func (p *packer) span(first, last harbour.Instant) {
	p.int(int64(first))
	p.int(int64(last - first))
}

func (p *packer) bool(x bool) { p.byte(byte(b2i(x))) }

// unpacker takes them off again. Rows are what this run packed, so there is nothing to check but that the disk gave
// everything back: past the end all is zero.
type unpacker struct{ b []byte }

func (p *unpacker) uint() uint64 {
	if len(p.b) > 0 && p.b[0] < 0x80 {
		n := p.b[0]
		p.b = p.b[1:]
		return uint64(n)
	}
	n, size := binary.Uvarint(p.b)
	p.b = p.b[max(size, 0):]
	return n
}

func (p *unpacker) int() int64 {
	n := p.uint()
	return int64(n>>1) ^ -int64(n&1)
}

func (p *unpacker) byte() byte {
	if len(p.b) == 0 {
		return 0
	}
	n := p.b[0]
	p.b = p.b[1:]
	return n
}

func (p *unpacker) bool() bool { return p.byte() != 0 }

func (p *unpacker) bytes() []byte {
	n := min(p.uint(), uint64(len(p.b)))
	s := p.b[:n:n]
	p.b = p.b[n:]
	return s
}

func (p *unpacker) span() (first, last harbour.Instant) {
	first = harbour.Instant(p.int())
	return first, first + harbour.Instant(p.int())
}

// cardReader reads cards. It belongs to one goroutine.
type cardReader struct {
	v *Inventory
	r *spool.Reader
}

// ahead is how many bytes of cards a walk reads at a time.
const ahead = 256 << 10

// read returns the card of asset i.
func (r *cardReader) read(i int32) (c card) {
	v := r.v
	p := unpacker{r.r.At(int(i))}
	keys := p.uint()
	c.keys = make([]string, 0, min(keys, maxKeys))
	for range min(keys, maxKeys) {
		c.keys = append(c.keys, string(p.bytes()))
	}
	attrs := p.uint()
	c.attrs = make([]harbour.Attribute, 0, min(attrs, uint64(len(p.b))))
	for range attrs {
		if len(p.b) == 0 {
			break // the disk failed; Err tells
		}
		c.attrs = append(c.attrs, v.attribute(&p))
	}
	return c
}

// attribute reads one attribute of a card.
func (v *Inventory) attribute(p *unpacker) harbour.Attribute {
	t := harbour.Attribute{Name: v.vocab.list[p.uint()], Value: string(p.bytes()), Declared: p.bool(), Confidence: harbour.Confidence(p.byte()), Count: int64(p.uint())}
	t.FirstSeen, t.LastSeen = p.span()
	n := p.byte()
	t.Observations = make([]harbour.Observation, 0, n)
	for range n {
		l := v.ledgers[p.uint()]
		t.Observations = append(t.Observations, harbour.Observation{Evidence: l.Evidence.ID, Locator: l.Locator(evidence.Place(p.uint()))})
	}
	return t
}

// card returns the card of asset i.
func (v *Inventory) card(i int32) card {
	r := cardReader{v, v.cards.Reader(0)}
	return r.read(i)
}

// carded lists the assets that have one of the traits, each with its card.
func (v *Inventory) carded(want traits) func(yield func(int32, card) bool) {
	return func(yield func(int32, card) bool) {
		r := cardReader{v, v.cards.Reader(ahead)}
		for i := range v.assets {
			if v.assets[i].has&want != 0 && !yield(int32(i), r.read(int32(i))) {
				return
			}
		}
	}
}
