// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import "breakwater/harbour"

// Operation is what one endpoint asked of another, aggregated over equal repetitions.
type Operation struct {
	Client, Server EndpointID
	Protocol       Text
	Code, Name     Text
	Verb           Text
	Target         Text
	Result         Text
	Group          bool
	Count          uint64
	First, Last    harbour.Instant
	Place          Place
}

func (o *Operation) hash() uint64 {
	h := mix(uint64(o.Client)<<32|uint64(o.Server), uint64(o.Protocol)<<32|uint64(o.Code))
	h = mix(h, uint64(o.Name)<<32|uint64(o.Target))
	return mix(h, uint64(o.Result))
}

// same says whether two operations are repetitions of one another.
func (o *Operation) same(p *Operation) bool {
	return p.Client == o.Client && p.Server == o.Server && p.Protocol == o.Protocol && p.Code == o.Code &&
		p.Name == o.Name && p.Target == o.Target && p.Result == o.Result
}

// AddOperation adds o to the row with the same keys; its Count is the number of repetitions to add. When the table is
// full, an operation whose target is new is added to the row without target if there is one, else it is counted.
func (l *Ledger) AddOperation(o Operation) { l.AddOperationNear(&o, -1) }

// AddOperationNear is [Ledger.AddOperation] with a guess at the row, which saves looking for it where it is right, and
// returns the row: -1 where o was refused. Any number may be guessed.
func (l *Ledger) AddOperationNear(o *Operation, hint int32) int32 {
	if o.Client == 0 || o.Server == 0 {
		return -1
	}
	if uint(hint) < uint(len(l.operations)) && l.operations[hint].same(o) {
		l.operations[hint].repeat(o)
		return hint
	}
	row, h := l.findOperation(o)
	if row < 0 && !l.afford(costOperation) {
		whole := *o
		whole.Target = 0
		o = &whole
		if row, h = l.findOperation(o); row < 0 {
			l.Count("operations_refused", int64(o.Count))
			return -1
		}
		l.Count("operation_targets_merged", 1)
	}
	if row < 0 {
		l.operations = append(l.operations, *o)
		row = len(l.operations) - 1
		l.opIndex.add(h, uint32(row), func(r uint32) uint64 { return l.operations[r].hash() })
		return int32(row)
	}
	l.operations[row].repeat(o)
	return int32(row)
}

// repeat adds the repetitions of o.
func (o *Operation) repeat(more *Operation) {
	o.Count += more.Count
	harbour.Widen(&o.First, &o.Last, more.First)
	harbour.Widen(&o.First, &o.Last, more.Last)
	if more.Place != 0 && (o.Place == 0 || more.Place < o.Place) {
		o.Place = more.Place
	}
}

func (l *Ledger) findOperation(o *Operation) (row int, hash uint64) {
	hash = o.hash()
	return l.opIndex.find(hash, func(r uint32) bool { return l.operations[r].same(o) }), hash
}

// Operations returns all operations in order of first appearance.
func (l *Ledger) Operations() []Operation { return l.operations }
