// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"encoding/binary"

	"breakwater/evidence"
	"breakwater/harbour"
)

// Key identifies a flow. A and B are ordered so that both directions have the same key; for traffic without IP they
// hold the MAC addresses and PA the EtherType (or DSAP and SSAP).
type Key struct {
	A, B   evidence.IP
	PA, PB uint16
	VLAN   uint16
	Proto  uint8 // IP protocol; 0 for traffic without IP
	IP     bool
}

// Hash mixes the key. It is fixed, so that the order of eviction is the same on every run.
func (k *Key) Hash() uint64 {
	const m = 0x9E3779B97F4A7C15
	h := uint64(k.PA)<<48 | uint64(k.PB)<<32 | uint64(k.VLAN)<<16 | uint64(k.Proto)
	for _, v := range [4]uint64{
		binary.LittleEndian.Uint64(k.A[:8]), binary.LittleEndian.Uint64(k.A[8:]),
		binary.LittleEndian.Uint64(k.B[:8]), binary.LittleEndian.Uint64(k.B[8:]),
	} {
		h = (h ^ v) * m
		h ^= h >> 29
	}
	h *= 0xD6E8FEB86659FD93
	return h ^ h>>32
}

// same is ==, by words: it is asked for every packet.
func (k *Key) same(o *Key) bool {
	return binary.LittleEndian.Uint64(k.A[8:]) == binary.LittleEndian.Uint64(o.A[8:]) &&
		binary.LittleEndian.Uint64(k.B[8:]) == binary.LittleEndian.Uint64(o.B[8:]) &&
		k.PA == o.PA && k.PB == o.PB && k.VLAN == o.VLAN && k.Proto == o.Proto && k.IP == o.IP &&
		binary.LittleEndian.Uint64(k.A[:8]) == binary.LittleEndian.Uint64(o.A[:8]) &&
		binary.LittleEndian.Uint64(k.B[:8]) == binary.LittleEndian.Uint64(o.B[:8])
}

// Bits of Flow.State.
const (
	Closed      = 1 << iota // RST, or FIN from both sides
	Established             // TCP: a side acknowledged the other's answer
	Ignored                 // not inspected any further
	Group                   // one-to-many
	Confirmed               // both sides speak Protocol, or it announces
	ClientKnown             // Client is certain (a SYN was seen)
	Overlap                 // a MAC changed within the flow
	Fins0                   // FIN from side 0
	Fins1                   // FIN from side 1
	clientB                 // side B is the client
	used                    // the slot holds a flow
)

// Flow is one entry. Index 0 of the pairs is A's side, 1 is B's. Two cache lines hold it: each packet touches both, and a
// third would be fetched for each.
type Flow struct {
	Key         Key
	First, Last harbour.Instant
	Place       evidence.Place
	Packets     [2]uint64
	Bytes       [2]uint64
	MAC         [2]evidence.MAC
	Endpoint    [2]evidence.EndpointID // 0 until entered in the ledger
	State       uint16
	Protocol    uint8    // number in the engine's list plus one; 0 none
	Fit         [2]uint8 // dissect.Fit of each side
	Tries       uint8
	TTL         [2]uint8
	Stream      uint32 // the engine's stream number plus one, 0 none; in a free slot the next free one
}

// Client is the side of the client.
func (f *Flow) Client() int { return int(f.State / clientB & 1) }

// SetClient makes side the client.
func (f *Flow) SetClient(side int) { f.State = f.State&^clientB | uint16(side)*clientB }

// Is says whether all the given state bits are set.
func (f *Flow) Is(bits uint16) bool { return f.State&bits == bits }

const chunk = 1 << 12

// Table is the flow table.
type Table struct {
	chunks   []*[chunk]Flow
	n        int // slots in use or on the free list
	live     int
	capacity int
	free     uint32 // slot plus one
	hand     int
	slots    []uint64 // open addressing: upper half hash, lower half slot plus one
	// Evicted counts flows that were given up for want of place.
	Evicted int64
	evict   func(*Flow)
}

// NewTable returns a table of at most capacity flows. evict is called with a flow before it is given up.
func NewTable(capacity int, evict func(*Flow)) *Table {
	return &Table{capacity: max(capacity, 64), evict: evict, slots: make([]uint64, 1024)}
}

func (t *Table) at(slot uint32) *Flow { return &t.chunks[slot/chunk][slot%chunk] }

// Len is the number of flows in the table.
func (t *Table) Len() int { return t.live }

// Slot is what the table has where the search for a hash begins. A caller that has several packets at hand asks for all
// their slots, then for all their flows ([Table.Near]), before it works on the first: the memory they lie in is then
// fetched side by side instead of one after the other.
func (t *Table) Slot(hash uint64) uint64 { return t.slots[hash&uint64(len(t.slots)-1)] }

// Near is the flow that a slot leads to, nil for none. It may be another than the one looked for.
func (t *Table) Near(slot uint64) *Flow {
	if slot == 0 {
		return nil
	}
	return t.at(uint32(slot) - 1)
}

// Get returns the flow with this key, whose hash is h, entering it if needed, and whether it is new. The pointer is valid
// until the flow is evicted, which only Get does.
func (t *Table) Get(k *Key, h uint64) (f *Flow, fresh bool) {
	mask := uint64(len(t.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s == 0 {
			break
		}
		if s>>32 == h>>32 {
			if f := t.at(uint32(s) - 1); f.Key.same(k) {
				return f, false
			}
		}
	}
	return t.enter(k, h), true
}

func (t *Table) enter(k *Key, h uint64) *Flow {
	if t.live >= t.capacity {
		t.makeRoom()
	}
	var slot uint32
	if t.free != 0 {
		slot = t.free - 1
		t.free = t.at(slot).Stream
	} else {
		if t.n%chunk == 0 {
			t.chunks = append(t.chunks, new([chunk]Flow))
		}
		slot = uint32(t.n)
		t.n++
	}
	if (t.live+1)*4 > len(t.slots)*3 {
		t.grow()
	}
	f := t.at(slot)
	*f = Flow{Key: *k, State: used}
	t.put(h, slot)
	t.live++
	return f
}

func (t *Table) put(h uint64, slot uint32) {
	mask := uint64(len(t.slots) - 1)
	i := h & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = h&^0xffffffff | uint64(slot+1)
}

func (t *Table) grow() {
	t.slots = make([]uint64, len(t.slots)*2)
	for i := range t.n {
		if f := t.at(uint32(i)); f.Is(used) {
			t.put(f.Key.Hash(), uint32(i))
		}
	}
}

// makeRoom gives up the worst of the next few flows under the hand.
func (t *Table) makeRoom() {
	best, bestScore, poor := -1, int64(0), false
	// Look at a few; go on for longer while nothing but answered conversations comes by.
	for n := 0; n < 24 || !poor && n < 512; n++ {
		t.hand++
		if t.hand >= t.n {
			t.hand = 0
		}
		f := t.at(uint32(t.hand))
		if !f.Is(used) {
			continue
		}
		score := int64(f.Last)
		switch {
		case f.Is(Closed):
			score -= 1 << 60
		case f.Packets[0] == 0 || f.Packets[1] == 0:
			score -= 1 << 59
		case f.State&Established == 0 && f.Key.Proto == 6:
			score -= 1 << 58
		}
		if best < 0 || score < bestScore {
			best, bestScore, poor = t.hand, score, score < int64(f.Last)
		}
	}
	for best < 0 { // only free slots under the hand
		if t.hand++; t.hand >= t.n {
			t.hand = 0
		}
		if t.at(uint32(t.hand)).Is(used) {
			best = t.hand
		}
	}
	t.Evicted++
	t.Remove(uint32(best))
}

// Remove hands the flow in a slot to the evict function and frees the slot.
func (t *Table) Remove(slot uint32) {
	f := t.at(slot)
	t.evict(f)
	t.unlink(f.Key.Hash(), slot)
	f.State, f.Stream = 0, t.free
	t.free = slot + 1
	t.live--
}

// unlink takes a slot out of the index by shifting back what probed past it.
func (t *Table) unlink(h uint64, slot uint32) {
	mask := uint64(len(t.slots) - 1)
	i := h & mask
	for uint32(t.slots[i]) != slot+1 {
		i = (i + 1) & mask
	}
	for {
		t.slots[i] = 0
		j := i
		for {
			j = (j + 1) & mask
			s := t.slots[j]
			if s == 0 {
				return
			}
			home := t.at(uint32(s)-1).Key.Hash() & mask
			if (j-home)&mask >= (j-i)&mask {
				t.slots[i] = s
				i = j
				break
			}
		}
	}
}

// Drain hands every flow to the evict function in slot order and empties the table.
func (t *Table) Drain() {
	for i := range t.n {
		if f := t.at(uint32(i)); f.Is(used) {
			t.evict(f)
			f.State = 0
		}
	}
	t.live, t.n, t.free, t.chunks = 0, 0, 0, nil
	clear(t.slots)
}
