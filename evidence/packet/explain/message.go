// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"fmt"
	"slices"
	"strings"

	"breakwater/evidence/packet/dissect"
)

// known is a protocol that has a dissector.
type known struct{ *dissect.Protocol }

func (p *known) etherTypes(t int) bool { return slices.Contains(p.EtherTypes, uint16(t)) }
func (p *known) snap(v uint64) bool    { return slices.Contains(p.SNAPs, v) }
func (p *known) llc(v int) bool        { return slices.Contains(p.LLC, uint16(v)) }

// linkMessage is the message of a protocol that rides on the link itself.
func (w *walker) linkMessage(off int, is func(*known) bool) {
	for _, p := range dissect.All() {
		if k := (&known{p}); p.Over&dissect.OverEthernet != 0 && is(k) {
			w.start(p.Name, p.Title, off, "")
			return
		}
	}
	w.rest(off, "")
}

// message names the protocol of a segment or datagram.
func (w *walker) message(over dissect.Carrier, src, dst, off int) {
	if off >= len(w.b) {
		return
	}
	b := w.b[off:]
	for _, s := range secrets(b, over, src, dst) {
		w.out.Secrets = append(w.out.Secrets, Span{off + s.Offset, s.Length})
	}
	p, why := recognise(over, b, uint16(src), uint16(dst))
	if p == nil {
		if name := cleartextPorts[[2]int{int(over), dst}]; name != "" {
			w.start(name, strings.ToUpper(name), off, "by its port alone")
			return
		}
		w.start("data", "Data", off, "")
		return
	}
	w.start(p.Name, p.Title, off, why)
}

// recognise finds the protocol that fits best: a signature before what fits loosely, the usual port before others.
func recognise(over dissect.Carrier, b []byte, src, dst uint16) (best *dissect.Protocol, why string) {
	score := 0
	for _, p := range dissect.All() {
		if p.Over&over == 0 || p.Probe == nil || len(p.First) > 0 && !slices.Contains(p.First, b[0]) {
			continue
		}
		fit := probe(p, b)
		s, d := p.Hinted(src, dst)
		n := 0
		switch {
		case fit == dissect.Good && (s || d):
			n = 5
		case fit == dissect.Good:
			n = 4
		case fit == dissect.Weak && (s || d):
			n = 3
		case fit == dissect.Short && (s || d):
			n = 2
		}
		if n > score {
			best, score = p, n
		}
	}
	switch score {
	case 5:
		why = "by its first bytes and its port"
	case 4:
		why = "by its first bytes"
	case 3:
		why = "by its port; the bytes fit"
	case 2:
		why = "by its port; too short to tell"
	}
	return best, why
}

// probe asks a protocol behind a fence, as the reading of captures does.
func probe(p *dissect.Protocol, b []byte) (fit dissect.Fit) {
	defer func() {
		if recover() != nil {
			fit = dissect.No
		}
	}()
	fit, _ = p.Probe(b)
	return fit
}

// maxStart is how many bytes of a message are shown as text or in hexadecimal digits.
const maxStart = 160

// start is a layer that is shown by how it starts.
func (w *walker) start(name, title string, off int, why string) {
	if off >= len(w.b) {
		return
	}
	l := w.layer(name, title, off, len(w.b)-off)
	if l == nil {
		return
	}
	l.Note = why
	if take := takers[name]; take != nil {
		take(&cut{w: w, l: l, at: off, end: len(w.b)})
	}
	n := min(len(w.b)-off, maxStart)
	shown := make([]byte, n)
	copy(shown, w.b[off:])
	hidden := make([]bool, n)
	for _, s := range w.out.Secrets {
		for i := max(s.Offset, off); i < min(s.Offset+s.Length, off+n); i++ {
			hidden[i-off] = true
		}
	}
	if text, ok := asText(shown, hidden); ok {
		l.add("starts with", text, off, n)
		return
	}
	var b strings.Builder
	for i, c := range shown[:min(n, 32)] {
		if i > 0 {
			b.WriteByte(' ')
		}
		if hidden[i] {
			b.WriteString("••")
		} else {
			fmt.Fprintf(&b, "%02x", c)
		}
	}
	l.add("starts with", b.String(), off, min(n, 32))
}

// asText gives bytes as text where most of them are; hidden runs become dots of one length, so that nobody learns how
// long a password is.
func asText(b []byte, hidden []bool) (string, bool) {
	printable, seen := 0, 0
	var s strings.Builder
	for i, c := range b {
		if hidden[i] {
			if i == 0 || !hidden[i-1] {
				s.WriteString("••••••")
			}
			continue
		}
		seen++
		switch {
		case c >= ' ' && c < 0x7f:
			printable++
			s.WriteByte(c)
		case c == '\r':
			printable++
		case c == '\n' || c == '\t':
			printable++
			s.WriteByte(' ')
		default:
			s.WriteByte('.')
		}
	}
	return strings.TrimSpace(s.String()), seen == 0 || printable*10 >= seen*9
}
