// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"errors"
	"io"
	"iter"

	"breakwater/harbour"
)

// View walks the tables of a finished ledger, wherever they are: in memory, or in a ledger file, of which one block and
// the strings are held at a time. Walks may be repeated and nested; elements belong to the walk, must not be changed, and
// those of a file are reused. A walk that meets damage ends, and Err tells. A View belongs to one goroutine; a ledger may
// have several.
type View struct {
	l    *Ledger
	s    *shelf
	blob Blob
	text *texts
	err  error
}

// View opens the ledger for walking. Close gives up its file and strings.
func (l *Ledger) View() (*View, error) {
	if l.shelf == nil {
		return &View{l: l, text: &l.text}, nil
	}
	b, err := l.shelf.open()
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read ledger file", Message: "it cannot be opened", Err: err}
	}
	v := &View{l: l, s: l.shelf, blob: b}
	if err := v.readTexts(); err != nil {
		b.Close()
		return nil, err
	}
	return v, nil
}

func (v *View) readTexts() error {
	p := v.s.parts[sectionTexts]
	if p.bytes > maxArena {
		return damaged("its strings are too long", nil)
	}
	v.text = &texts{ends: make([]uint32, 0, p.rows), arena: make([]byte, 0, p.bytes)}
	r := newBlockReader(v.blob, sectionTexts, p)
	for {
		rows, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		for range rows {
			b := r.d.bytes(r.d.uvarint())
			if len(b) == 0 {
				return damaged("a string cannot be read", nil)
			}
			v.text.arena = append(v.text.arena, b...)
			v.text.ends = append(v.text.ends, uint32(len(v.text.arena)))
		}
		if r.d.bad || len(r.d.b) > 0 {
			return damaged("a string cannot be read", nil)
		}
	}
	if int64(len(v.text.ends)) != p.rows {
		return damaged("strings are missing", nil)
	}
	return nil
}

// Close ends the view and returns the first error of its walks.
func (v *View) Close() error {
	if v.blob != nil {
		v.blob.Close()
		v.blob = nil
	}
	return v.err
}

// Err is the first error of the walks so far.
func (v *View) Err() error { return v.err }

// Text returns the string with this number.
func (v *View) Text(t Text) string { return string(v.text.get(t)) }

// TextBytes returns the string with this number without copying; it must not be changed, and is gone after Close.
func (v *View) TextBytes(t Text) []byte { return v.text.get(t) }

// Texts is the number of strings; they are numbered from 1.
func (v *View) Texts() int { return len(v.text.ends) }

// Lookup returns the number of a string that the ledger has, or a number that no row has.
func (v *View) Lookup(s string) Text {
	for i := range v.text.ends {
		if string(v.text.get(Text(i)+1)) == s {
			return Text(i) + 1
		}
	}
	return none
}

// EndpointCount is the number of endpoints; they are numbered from 1.
func (v *View) EndpointCount() int {
	if v.s == nil {
		return len(v.l.endpoints)
	}
	return int(v.s.rows(sectionEndpoints))
}

// Endpoints walks the endpoints by number.
func (v *View) Endpoints() iter.Seq[*Endpoint] {
	return rowsOf(v, sectionEndpoints, v.l.endpoints, (*previous).endpoint)
}

// Links walks what Link recorded.
func (v *View) Links() iter.Seq[*Link] {
	n := uint32(v.EndpointCount())
	return rowsOf(v, sectionLinks, v.l.links, func(p *previous, d *decoder, k *Link) { p.link(d, k, n) })
}

// Observations walks the facts in order of first appearance.
func (v *View) Observations() iter.Seq[*Observation] {
	n, t := uint32(v.EndpointCount()), uint32(v.Texts())
	return rowsOf(v, sectionObservations, v.l.observations, func(p *previous, d *decoder, o *Observation) { p.observation(d, o, n, t) })
}

// Conversations walks the conversations in order of first appearance.
func (v *View) Conversations() iter.Seq[*Conversation] {
	n, t := uint32(v.EndpointCount()), uint32(v.Texts())
	return rowsOf(v, sectionConversations, v.l.conversations, func(p *previous, d *decoder, c *Conversation) { p.conversation(d, c, n, t) })
}

// Operations walks the operations in order of first appearance.
func (v *View) Operations() iter.Seq[*Operation] {
	n, t := uint32(v.EndpointCount()), uint32(v.Texts())
	return rowsOf(v, sectionOperations, v.l.operations, func(p *previous, d *decoder, o *Operation) { p.operation(d, o, n, t) })
}

func rowsOf[T any](v *View, at section, inMemory []T, get func(*previous, *decoder, *T)) iter.Seq[*T] {
	if v.s == nil {
		return func(yield func(*T) bool) {
			for i := range inMemory {
				if !yield(&inMemory[i]) {
					return
				}
			}
		}
	}
	return func(yield func(*T) bool) {
		if v.blob == nil {
			v.fail(errors.New("walk of a view that is closed"))
			return
		}
		var row T
		total := int64(0)
		r := newBlockReader(v.blob, at, v.s.parts[at])
		for {
			rows, err := r.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				v.fail(err)
				return
			}
			var p previous
			for range rows {
				if get(&p, &r.d, &row); r.d.bad {
					v.fail(damaged("a row cannot be read", nil))
					return
				}
				if !yield(&row) {
					return
				}
			}
			if len(r.d.b) > 0 {
				v.fail(damaged("a block holds more than its rows", nil))
				return
			}
			total += int64(rows)
		}
		if total != v.s.parts[at].rows {
			v.fail(damaged("rows are missing", nil))
		}
	}
}

func (v *View) fail(err error) {
	if v.err == nil {
		v.err = err
	}
}
