// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import "breakwater/harbour"

// MaxValue is the length in bytes to which a value is cut.
const MaxValue = 512

// Observation is one fact about one endpoint, aggregated over its repetitions.
type Observation struct {
	Subject     EndpointID
	Name        Text
	Value       Text
	Confidence  harbour.Confidence
	Declared    bool
	Count       uint32
	First, Last harbour.Instant
	Places      [3]Place // the first three; 0 is none
}

// Observe records a fact; name is the number of the attribute's name ([Ledger.InternString]). value is kept as it is: clean
// it first (wire.AppendText). An empty value or subject is no fact and is dropped. It returns the fact's row, -1 where it was
// not entered.
func (l *Ledger) Observe(subject EndpointID, name Text, value []byte, c harbour.Confidence, declared bool, at harbour.Instant, place Place) int32 {
	if subject == 0 || len(value) == 0 {
		return -1
	}
	if len(value) > MaxValue {
		value = value[:MaxValue]
	}
	v := l.Intern(value)
	if name == 0 || v == 0 {
		return -1
	}
	row := l.findObservation(subject, name, v, declared)
	if row < 0 {
		if row = l.newObservation(subject, name, v, declared); row < 0 {
			l.Count("observations_refused", 1)
			return -1
		}
	}
	l.observations[row].repeat(c, at, place)
	return int32(row)
}

// ObserveAgain records a repetition of the fact in a row, and says false where the row holds another. Any number may be
// asked for.
func (l *Ledger) ObserveAgain(row int32, subject EndpointID, name, value Text, c harbour.Confidence, at harbour.Instant, place Place) bool {
	if uint(row) >= uint(len(l.observations)) {
		return false
	}
	o := &l.observations[row]
	if o.Subject != subject || o.Name != name || o.Value != value || o.Declared {
		return false
	}
	o.repeat(c, at, place)
	return true
}

// repeat counts a fact once more.
func (o *Observation) repeat(c harbour.Confidence, at harbour.Instant, place Place) {
	o.Count += b2u32(o.Count != ^uint32(0))
	o.Confidence = max(o.Confidence, c)
	harbour.Widen(&o.First, &o.Last, at)
	for i, p := range o.Places {
		if p == place {
			break
		}
		if p == 0 {
			o.Places[i] = place
			break
		}
	}
}

// maxTail is how many rows of one declared record are looked through for a repetition.
const maxTail = 64

// findObservation returns the row of a fact, or -1. What a record declares stands together at the end of the table while
// the record is entered, and no later record repeats it: declared facts need no index, and half the rows of a port are
// such.
func (l *Ledger) findObservation(subject EndpointID, n, v Text, declared bool) int {
	if declared {
		for row := len(l.observations) - 1; row >= max(0, len(l.observations)-maxTail); row-- {
			o := &l.observations[row]
			if o.Subject != subject {
				break
			}
			if o.Name == n && o.Value == v && o.Declared {
				return row
			}
		}
		return -1
	}
	return l.obsIndex.find(hashObservation(subject, n, v), func(r uint32) bool {
		o := &l.observations[r]
		return o.Subject == subject && o.Name == n && o.Value == v
	})
}

// newObservation enters a row, or gives -1 where the pool is empty.
func (l *Ledger) newObservation(subject EndpointID, n, v Text, declared bool) int {
	cost := int64(costObservation)
	if declared {
		cost = costDeclared
	}
	if !l.afford(cost) {
		return -1
	}
	l.observations = append(l.observations, Observation{Subject: subject, Name: n, Value: v, Declared: declared})
	row := len(l.observations) - 1
	if !declared {
		l.obsIndex.add(hashObservation(subject, n, v), uint32(row), func(r uint32) uint64 {
			o := &l.observations[r]
			return hashObservation(o.Subject, o.Name, o.Value)
		})
	}
	return row
}

func hashObservation(subject EndpointID, n, v Text) uint64 {
	return mix(uint64(subject)<<32|uint64(n), uint64(v))
}

// ValueOf is the number of a fact's value.
func (l *Ledger) ValueOf(row int32) Text { return l.observations[row].Value }

// Observations returns all facts in order of first appearance.
func (l *Ledger) Observations() []Observation { return l.observations }

// InternString is Intern for a string, without allocation where the string is known.
func (l *Ledger) InternString(s string) Text {
	var buf [64]byte
	return l.Intern(append(buf[:0], s...))
}

func b2u32(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
