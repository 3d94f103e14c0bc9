// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"fmt"
	"strings"
)

var cpfTypes = map[int]string{0: "no address", 0x0c: "identity", 0x86: "security", 0xa1: "connection", 0xb1: "connected data", 0xb2: "unconnected data", 0x100: "services", 0x8000: "socket address to the target", 0x8001: "socket address to the originator", 0x8002: "sequenced address"}

// enip takes a message of EtherNet/IP apart: the encapsulation, its items (common packet format), and the CIP in them.
func enip(c *cut) {
	c.little = true
	command := c.number("command", 2, codeOf("enip", 2))
	n := c.number("length", 2, nil)
	c.number("session", 4, hexOf(4))
	c.number("status", 4, hexOf(4))
	c.digits("sender context", 8)
	c.number("options", 4, hexOf(4))
	c.until(n)
	if c.over || c.end == c.at {
		return
	}
	switch command {
	case 0x65:
		c.number("protocol version", 2, nil)
		c.number("option flags", 2, hexOf(2))
		return
	case 0x6f, 0x70:
		c.number("interface handle", 4, hexOf(4))
		c.number("timeout", 2, nil)
	case 0x63, 0x64, 0x04:
	default:
		c.digits("data", c.end-c.at)
		return
	}
	items := c.number("item count", 2, nil)
	for i := 1; i <= items && !c.over; i++ {
		name := fmt.Sprintf("item %d ", i)
		kind := c.number(name+"type", 2, words(2, cpfTypes))
		n := c.number(name+"length", 2, nil)
		if n > c.end-c.at {
			n = c.end - c.at
		}
		from, end := c.at, c.until(n)
		switch {
		case n == 0:
		case kind == 0xa1:
			c.number(name+"connection id", 4, hexOf(4))
		case kind == 0xb1:
			c.number("sequence", 2, nil)
			cip(c)
		case kind == 0xb2:
			cip(c)
		case kind == 0x0c && command == 0x63:
			enipIdentity(c)
		default:
			c.bytes(name+"data", c.end-c.at)
		}
		if len(c.l.Fields) >= maxFields {
			return
		}
		c.over, c.at, c.end = false, from+n, end
	}
}

// enipIdentity names what a device says of itself.
func enipIdentity(c *cut) {
	c.number("protocol version", 2, nil)
	c.digits("socket address", 16)
	c.number("vendor", 2, nil)
	c.number("device type", 2, nil)
	c.number("product code", 2, nil)
	c.number("revision", 2, func(v int) string { return fmt.Sprintf("%d.%d", v&0xff, v>>8) })
	c.number("device status", 2, hexOf(2))
	c.number("serial number", 4, hexOf(4))
	c.bytes("product name", c.number("name length", 1, nil))
	c.number("state", 1, hexOf(1))
}

// cip names a message of CIP: service and path of a request, service and status of an answer.
func cip(c *cut) {
	if c.end == c.at {
		return
	}
	answer := c.peek(0)&0x80 != 0
	c.number("CIP service", 1, func(v int) string {
		s := codeOf("cip", 1)(v & 0x7f)
		if answer {
			s += ", answer"
		}
		return s
	})
	if answer {
		c.skip(1)
		c.number("CIP status", 1, words(1, map[int]string{0: "success", 4: "path segment error", 5: "path destination unknown", 8: "service not supported", 0x0e: "attribute cannot be set", 0x14: "attribute not supported", 0x1e: "embedded service error", 0xff: "extended"}))
		c.digits("CIP additional status", 2*c.number("CIP additional words", 1, nil))
	} else {
		n := 2 * c.number("CIP path words", 1, nil)
		if n > 0 && c.has(n) {
			c.l.add("CIP path", cipPath(c.w.b[c.at:c.at+n]), c.at, n)
			c.at += n
		}
	}
	if !c.over && c.end > c.at {
		c.digits("CIP data", c.end-c.at)
	}
}

// cipPath writes the logical and symbolic segments of a path (CIP volume 1, appendix C).
func cipPath(b []byte) string {
	var parts []string
	for len(b) > 1 {
		s := b[0]
		name := map[byte]string{0: "class", 4: "instance", 8: "member", 12: "connection point", 16: "attribute"}[s&0x1c]
		switch {
		case s&0xe0 == 0x20 && name != "" && s&3 == 0:
			parts, b = append(parts, fmt.Sprintf("%s 0x%02x", name, b[1])), b[2:]
		case s&0xe0 == 0x20 && name != "" && s&3 == 1 && len(b) >= 4:
			parts, b = append(parts, fmt.Sprintf("%s 0x%04x", name, int(b[2])|int(b[3])<<8)), b[4:]
		case s == 0x91 && len(b) >= 2+int(b[1]):
			n := int(b[1])
			text, _ := asText(b[2:2+n], make([]bool, n))
			parts, b = append(parts, "“"+text+"”"), b[min(len(b), 2+n+n%2):]
		case s&0xe0 == 0 && s&0x10 == 0 && s&0x0f != 0x0f:
			parts, b = append(parts, fmt.Sprintf("port %d, address %d", s&0x0f, b[1])), b[2:]
		default:
			return strings.Join(append(parts, fmt.Sprintf("% x", b)), ", ")
		}
	}
	return strings.Join(parts, ", ")
}
