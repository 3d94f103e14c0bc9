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

// AddOperation adds o to the row with the same keys; its Count is the number of repetitions to add. When the table is
// full, an operation whose target is new is added to the row without target if there is one, else it is counted.
func (l *Ledger) AddOperation(o Operation) {
	if o.Client == 0 || o.Server == 0 {
		return
	}
	row, h := l.findOperation(&o)
	if row < 0 && !l.afford(costOperation) {
		o.Target = 0
		if row, h = l.findOperation(&o); row < 0 {
			l.Count("operations_refused", int64(o.Count))
			return
		}
		l.Count("operation_targets_merged", 1)
	}
	if row < 0 {
		l.operations = append(l.operations, o)
		l.opIndex.add(h, uint32(len(l.operations)-1), func(r uint32) uint64 { return l.operations[r].hash() })
		return
	}
	p := &l.operations[row]
	p.Count += o.Count
	harbour.Widen(&p.First, &p.Last, o.First)
	harbour.Widen(&p.First, &p.Last, o.Last)
	if o.Place != 0 && (p.Place == 0 || o.Place < p.Place) {
		p.Place = o.Place
	}
}

func (l *Ledger) findOperation(o *Operation) (row int, hash uint64) {
	hash = o.hash()
	return l.opIndex.find(hash, func(r uint32) bool {
		p := &l.operations[r]
		return p.Client == o.Client && p.Server == o.Server && p.Protocol == o.Protocol && p.Code == o.Code &&
			p.Name == o.Name && p.Target == o.Target && p.Result == o.Result
	}), hash
}

// Operations returns all operations in order of first appearance.
func (l *Ledger) Operations() []Operation { return l.operations }
