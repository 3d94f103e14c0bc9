// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
)

// dns takes the head and the first question of a message of DNS apart (RFC 1035), also where it comes by TCP with its length before.
func dns(c *cut) {
	if c.end-c.at > 14 && c.peek(0)<<8|c.peek(1) == c.end-c.at-2 {
		c.number("message length", 2, nil)
	}
	c.number("id", 2, hexOf(2))
	c.number("flags", 2, func(v int) string {
		if v&0x8000 != 0 {
			return hex(v, 4) + " (answer)"
		}
		return hex(v, 4) + " (question)"
	})
	n := c.number("questions", 2, nil)
	c.number("answers", 2, nil)
	c.number("authorities", 2, nil)
	c.number("additional", 2, nil)
	if n == 0 || c.over {
		return
	}
	var labels []string
	at := c.at
	for at < c.end && c.w.b[at] != 0 && c.w.b[at] < 0x40 && at+1+int(c.w.b[at]) <= c.end {
		k := int(c.w.b[at])
		text, _ := asText(c.w.b[at+1:at+1+k], c.w.hidden(at+1, k))
		labels = append(labels, text)
		at += 1 + k
	}
	if at >= c.end || c.w.b[at] != 0 {
		return
	}
	c.l.add("name", strings.Join(labels, "."), c.at, at+1-c.at)
	c.at = at + 1
	c.number("type", 2, words(2, map[int]string{1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 255: "any"}))
	c.number("class", 2, hexOf(2))
}

var dhcpOptions = map[int]string{1: "subnet mask", 3: "router", 6: "name servers", 12: "host name", 15: "domain name", 50: "address asked for", 51: "lease, seconds", 53: "message type", 54: "server", 55: "what is asked for", 60: "vendor class", 61: "client id"}

// dhcp takes a message of DHCP apart (RFC 2131).
func dhcp(c *cut) {
	c.number("operation", 1, words(1, map[int]string{1: "request", 2: "answer"}))
	c.number("hardware type", 1, nil)
	c.number("hardware length", 1, nil)
	c.number("hops", 1, nil)
	c.number("transaction", 4, hexOf(4))
	c.number("seconds", 2, nil)
	c.number("flags", 2, hexOf(2))
	address := func(v int) string {
		return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}).String()
	}
	for _, name := range []string{"client address", "your address", "server address", "relay address"} {
		c.number(name, 4, address)
	}
	if c.has(6) {
		c.l.add("hardware address", c.w.mac(c.at), c.at, 6)
	}
	c.skip(16 + 64 + 128)
	c.number("magic", 4, hexOf(4))
	for c.at < c.end && !c.over {
		code := c.peek(0)
		c.skip(1)
		if code == 255 {
			return
		}
		if code == 0 {
			continue
		}
		n := c.peek(0)
		c.skip(1)
		name := dhcpOptions[code]
		if name == "" {
			name = fmt.Sprintf("option %d", code)
		}
		switch {
		case code == 53 && n == 1:
			c.number(name, 1, codeOf("dhcp", 1))
		case (code == 1 || code == 3 || code == 50 || code == 54) && n == 4:
			c.number(name, 4, address)
		case code == 51 && n == 4:
			c.number(name, 4, nil)
		default:
			c.bytes(name, n)
		}
	}
}

// lldp names what a neighbour says of itself (IEEE 802.1AB).
func lldp(c *cut) {
	names := map[int]string{1: "chassis id", 2: "port id", 3: "time to live", 4: "port", 5: "system name", 6: "system", 7: "capabilities", 8: "management address", 127: "of an organisation"}
	for c.end-c.at >= 2 && !c.over {
		kind, n := c.peek(0)>>1, c.peek(0)&1<<8|c.peek(1)
		c.skip(2)
		if kind == 0 {
			return
		}
		name := names[kind]
		if name == "" {
			name = fmt.Sprintf("type %d", kind)
		}
		switch {
		case (kind == 1 || kind == 2) && n > 1:
			sub := c.number(name+" subtype", 1, nil)
			if kind == 1 && sub == 4 || kind == 2 && sub == 3 {
				c.digits(name, n-1)
			} else {
				c.bytes(name, n-1)
			}
		case kind == 3 && n == 2:
			c.number(name, 2, nil)
		default:
			c.bytes(name, n)
		}
	}
}

// cdp names what a neighbour says of itself in the protocol of Cisco.
func cdp(c *cut) {
	names := map[int]string{1: "device id", 2: "addresses", 3: "port id", 4: "capabilities", 5: "software", 6: "platform", 9: "VTP domain", 10: "native VLAN", 11: "duplex"}
	c.number("version", 1, nil)
	c.number("time to live", 1, nil)
	c.number("checksum", 2, hexOf(2))
	for c.end-c.at >= 4 && !c.over {
		kind, n := c.peek(0)<<8|c.peek(1), c.peek(2)<<8|c.peek(3)
		if n < 4 {
			return
		}
		c.skip(4)
		name := names[kind]
		if name == "" {
			name = fmt.Sprintf("type %d", kind)
		}
		if kind == 10 && n == 6 {
			c.number(name, 2, nil)
		} else {
			c.bytes(name, n-4)
		}
	}
}

// tls names the first record (RFC 8446, section 5.1) and the handshake in it.
func tls(c *cut) {
	kind := c.number("record type", 1, words(1, map[int]string{20: "change of cipher", 21: "alert", 22: "handshake", 23: "data"}))
	c.number("record version", 2, hexOf(2))
	c.until(c.number("record length", 2, nil))
	if kind != 22 || c.over {
		return
	}
	message := c.number("handshake type", 1, words(1, map[int]string{1: "client hello", 2: "server hello", 11: "certificate", 12: "server key exchange", 14: "server hello done", 16: "client key exchange"}))
	c.number("handshake length", 3, nil)
	if message != 1 && message != 2 {
		return
	}
	c.number("version", 2, hexOf(2))
	c.digits("random", 32)
	c.digits("session id", c.number("session id length", 1, nil))
	if message == 2 {
		c.number("cipher suite", 2, hexOf(2))
	} else {
		c.digits("cipher suites", c.number("cipher suites length", 2, nil))
	}
}

// http names the first line and the headers of a message (RFC 9112). What is secret in them stays hidden.
func http(c *cut) {
	for first := true; c.at < c.end && !c.over; first = false {
		n := bytes.IndexByte(c.w.b[c.at:c.end], '\n')
		if n < 0 {
			return
		}
		line := bytes.TrimRight(c.w.b[c.at:c.at+n], "\r")
		colon := bytes.IndexByte(line, ':')
		switch {
		case len(line) == 0:
			return
		case first:
			c.l.add("first line", c.w.shown(c.at, len(line)), c.at, len(line))
		case colon > 0:
			from := colon + 1
			for from < len(line) && line[from] == ' ' {
				from++
			}
			if from < len(line) && len(c.l.Fields) < maxFields {
				c.l.add(strings.ToLower(c.w.shown(c.at, colon)), c.w.shown(c.at+from, len(line)-from), c.at+from, len(line)-from)
			}
		}
		c.at += n + 1
	}
}
