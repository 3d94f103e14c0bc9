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

// Observe records a fact. value is kept as it is: clean it first (wire.AppendText). An empty value or subject is no fact
// and is dropped.
func (l *Ledger) Observe(subject EndpointID, name string, value []byte, c harbour.Confidence, declared bool, at harbour.Instant, place Place) {
	if subject == 0 || len(value) == 0 {
		return
	}
	if len(value) > MaxValue {
		value = value[:MaxValue]
	}
	n, v := l.internString(name), l.Intern(value)
	if n == 0 || v == 0 {
		return
	}
	h := mix(uint64(subject)<<32|uint64(n), uint64(v)<<1|b2u(declared))
	row := l.obsIndex.find(h, func(r uint32) bool {
		o := &l.observations[r]
		return o.Subject == subject && o.Name == n && o.Value == v && o.Declared == declared
	})
	if row < 0 {
		if !l.afford(costObservation) {
			l.Count("observations_refused", 1)
			return
		}
		l.observations = append(l.observations, Observation{Subject: subject, Name: n, Value: v, Declared: declared})
		row = len(l.observations) - 1
		l.obsIndex.add(h, uint32(row), func(r uint32) uint64 {
			o := &l.observations[r]
			return mix(uint64(o.Subject)<<32|uint64(o.Name), uint64(o.Value)<<1|b2u(o.Declared))
		})
	}
	o := &l.observations[row]
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

// Observations returns all facts in order of first appearance.
func (l *Ledger) Observations() []Observation { return l.observations }

// internString is Intern for a string, without allocation where the string is known.
func (l *Ledger) internString(s string) Text {
	var buf [64]byte
	return l.Intern(append(buf[:0], s...))
}

func b2u(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func b2u32(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// DeclaredKeys lists the identity keys other than addresses that a declared record has: its serial number, name and tag.
func (l *Ledger) DeclaredKeys(id EndpointID) []string {
	if l.declared == nil {
		l.declared = map[EndpointID][]string{}
		for _, o := range l.observations {
			if !o.Declared {
				continue
			}
			switch name := string(l.text.get(o.Name)); name {
			case harbour.AttrSerial, harbour.AttrName, harbour.AttrTag:
				prefix := map[string]string{harbour.AttrSerial: "serial:", harbour.AttrName: "name:", harbour.AttrTag: "tag:"}[name]
				l.declared[o.Subject] = append(l.declared[o.Subject], prefix+l.Text(o.Value))
			}
		}
	}
	return l.declared[id]
}
