// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import "breakwater/evidence"

// What devices say of themselves they say again and again: switches each half minute, servers with each answer. A value
// that was cleaned and entered once is kept with its row, and found by its bytes.

const (
	// factPlaces is how many facts are remembered, over all flows of a capture.
	factPlaces = 4096
	// factBytes is the longest value that is remembered.
	factBytes = 91
)

// knownFact is a fact that has been entered. It fills two cache lines.
type knownFact struct {
	subject     evidence.EndpointID
	text, value evidence.Text // numbers of the name and of the value as it was cleaned
	row         int32
	name        string
	n           uint8
	raw         [factBytes]byte
}

// knownFacts remembers facts.
type knownFacts struct{ memory[knownFact] }

// find looks for a fact and notes where it would be.
func (c *knownFacts) find(subject evidence.EndpointID, name string, value []byte) *knownFact {
	if len(value) > factBytes || len(value) == 0 || len(name) == 0 {
		return nil
	}
	f := c.look(factPlaces, value, uint64(subject)<<16|uint64(len(name))<<8|uint64(name[0]))
	if f.subject == subject && f.name == name && string(f.raw[:f.n]) == string(value) {
		return f
	}
	return nil
}

// keep remembers the fact that find did not find and that has been entered in row since.
func (c *knownFacts) keep(l *evidence.Ledger, subject evidence.EndpointID, name string, value []byte, text evidence.Text, row int32) {
	if row < 0 || len(value) > factBytes || len(value) == 0 || len(name) == 0 {
		return
	}
	f := c.last()
	*f = knownFact{subject: subject, text: text, value: l.ValueOf(row), row: row, name: name, n: uint8(len(value))}
	copy(f.raw[:], value)
}
