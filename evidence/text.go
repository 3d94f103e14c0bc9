// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

// Text is the number of a string in a ledger; 0 is the empty string.
type Text uint32

// maxArena is what the offsets of an arena can address.
const maxArena = 1<<32 - 1

// texts interns strings in one arena.
type texts struct {
	arena []byte
	ends  []uint32 // ends[i] is where text i+1 stops
	index index
}

func (t *texts) get(id Text) []byte {
	if id == 0 || int(id) > len(t.ends) {
		return nil
	}
	start := uint32(0)
	if id > 1 {
		start = t.ends[id-2]
	}
	return t.arena[start:t.ends[id-1]]
}

// put returns the number of b, entering it if needed and affordable.
func (t *texts) put(b []byte, l *Ledger) (Text, bool) {
	if len(b) == 0 {
		return 0, true
	}
	h := hashBytes(b)
	if row := t.index.find(h, func(row uint32) bool { return string(t.get(Text(row)+1)) == string(b) }); row >= 0 {
		return Text(row) + 1, true
	}
	if len(t.arena)+len(b) > maxArena || !l.afford(int64(len(b))+costText) {
		return 0, false
	}
	t.arena = append(t.arena, b...)
	t.ends = append(t.ends, uint32(len(t.arena)))
	row := uint32(len(t.ends) - 1)
	t.index.add(h, row, func(row uint32) uint64 { return hashBytes(t.get(Text(row) + 1)) })
	return Text(row) + 1, true
}

// none is the number of no string.
const none = ^Text(0)

// Lookup returns the number of a string that is in the ledger already, or a number that no row has.
func (l *Ledger) Lookup(s string) Text {
	t := &l.text
	h := hashBytes([]byte(s))
	if row := t.index.find(h, func(row uint32) bool { return string(t.get(Text(row)+1)) == s }); row >= 0 {
		return Text(row) + 1
	}
	return none
}
