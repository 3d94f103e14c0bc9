// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"fmt"
	"strings"

	"breakwater/evidence/packet/dissect"
)

// maxFields bounds the fields of one message: a frame of many small items names the first ones.
const maxFields = 120

// cut takes a message apart from its first byte on. It never reads past the end: what lies behind is not named, and further
// calls do nothing.
type cut struct {
	w       *walker
	l       *Layer
	at, end int // the next byte, and the one after the last
	little  bool
	over    bool // the message ends within a field
}

// has says whether n more bytes are there.
func (c *cut) has(n int) bool {
	if n < 0 || c.over || c.end-c.at < n || len(c.l.Fields) >= maxFields {
		c.over = true
		return false
	}
	return true
}

// number reads a number of n bytes and names it. show writes it; nil for its digits.
func (c *cut) number(name string, n int, show func(int) string) int {
	if !c.has(n) {
		return 0
	}
	v := 0
	for i := range n {
		b := int(c.w.b[c.at+i])
		if c.little {
			v |= b << (8 * i)
		} else {
			v = v<<8 | b
		}
	}
	if show == nil {
		show = dec
	}
	c.l.add(name, show(v), c.at, n)
	c.at += n
	return v
}

// bytes names n bytes, as text where they are one.
func (c *cut) bytes(name string, n int) {
	if n == 0 || !c.has(n) {
		return
	}
	c.l.add(name, c.w.shown(c.at, n), c.at, n)
	c.at += n
}

// digits names n bytes, in hexadecimal digits.
func (c *cut) digits(name string, n int) {
	if n == 0 || !c.has(n) {
		return
	}
	c.l.add(name, c.w.digits(c.at, n), c.at, n)
	c.at += n
}

// skip passes bytes that nothing is said of.
func (c *cut) skip(n int) {
	if c.has(n) {
		c.at += n
	}
}

// peek is a byte that lies ahead; 0 behind the end.
func (c *cut) peek(n int) int {
	if c.at+n >= c.end {
		return 0
	}
	return int(c.w.b[c.at+n])
}

// until bounds what follows to n bytes, and gives back the bound that was.
func (c *cut) until(n int) (end int) {
	end = c.end
	c.end = min(c.end, c.at+max(0, n))
	return end
}

// hexOf writes numbers of n bytes.
func hexOf(n int) func(int) string { return func(v int) string { return hex(v, 2*n) } }

// words writes numbers with what they mean.
func words(n int, means map[int]string) func(int) string {
	return func(v int) string {
		if s := means[v]; s != "" {
			return hex(v, 2*n) + " (" + s + ")"
		}
		return hex(v, 2*n)
	}
}

// codeOf writes the code of a protocol with its name, as the list of protocols has it.
func codeOf(protocol string, n int) func(int) string {
	return func(v int) string {
		for _, p := range dissect.All() {
			if p.Name != protocol {
				continue
			}
			for _, x := range p.Codes {
				if x.Code == hex(v, 2*n) {
					return x.Code + " (" + strings.ReplaceAll(x.Name, "_", " ") + ")"
				}
			}
		}
		return hex(v, 2*n)
	}
}

// hidden says of n bytes which are secret.
func (w *walker) hidden(off, n int) []bool {
	hidden := make([]bool, n)
	for _, s := range w.out.Secrets {
		for i := max(s.Offset, off); i < min(s.Offset+s.Length, off+n); i++ {
			hidden[i-off] = true
		}
	}
	return hidden
}

// shown writes bytes as text, or in digits where they are none.
func (w *walker) shown(off, n int) string {
	m := min(n, maxStart)
	if text, ok := asText(w.b[off:off+m], w.hidden(off, m)); ok {
		return text
	}
	return w.digits(off, n)
}

func (w *walker) digits(off, n int) string {
	var b strings.Builder
	m := min(n, 32)
	for i, secret := range w.hidden(off, m) {
		if i > 0 {
			b.WriteByte(' ')
		}
		if secret {
			b.WriteString("••")
		} else {
			fmt.Fprintf(&b, "%02x", w.b[off+i])
		}
	}
	if n > m {
		b.WriteString(" …")
	}
	return b.String()
}

// takers take the messages of protocols apart, by the protocol's name.
var takers = map[string]func(*cut){
	"modbus": modbus, "s7comm": s7comm, "s7comm_plus": s7comm, "enip": enip, "dns": dns, "mdns": dns, "llmnr": dns, "dhcp": dhcp, "lldp": lldp, "cdp": cdp, "tls": tls, "http": http,
}
