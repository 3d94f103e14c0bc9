// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package explain

import "fmt"

var (
	cotpTypes  = map[int]string{0xf0: "data", 0xe0: "connection request", 0xd0: "connection confirm", 0x80: "disconnect request"}
	s7Types    = map[int]string{1: "job", 2: "acknowledgement", 3: "acknowledgement with data", 7: "user data"}
	s7Groups   = map[int]string{1: "programmer commands", 2: "cyclic data", 3: "blocks", 4: "system status", 5: "security", 7: "clock"}
	s7Areas    = map[int]string{0x03: "system information", 0x81: "inputs", 0x82: "outputs", 0x83: "flags", 0x84: "data block", 0x85: "instance data block", 0x1c: "counters", 0x1d: "timers"}
	s7Returned = map[int]string{0xff: "success", 0x0a: "object does not exist", 0x05: "address out of range", 0x03: "access not allowed", 0x06: "data type not supported", 0x07: "data type inconsistent"}
)

// s7comm takes a message of S7comm apart, from its ISO transport (RFC 1006, ISO 8073) on.
func s7comm(c *cut) {
	c.number("TPKT version", 1, nil)
	c.skip(1)
	c.until(c.number("TPKT length", 2, nil) - 4)
	after := c.number("COTP length", 1, nil)
	after += c.at
	kind := c.number("COTP type", 1, words(1, cotpTypes))
	switch kind {
	case 0xe0, 0xd0:
		c.number("COTP destination reference", 2, hexOf(2))
		c.number("COTP source reference", 2, hexOf(2))
		c.number("COTP class", 1, hexOf(1))
		for c.at < min(after, c.end) && !c.over {
			code := c.peek(0)
			c.skip(1)
			n := c.peek(0)
			c.skip(1)
			switch code {
			case 0xc0:
				c.number("COTP size of units, as a power of 2", n, nil)
			case 0xc1:
				c.digits("COTP source TSAP", n)
			case 0xc2:
				c.digits("COTP destination TSAP", n)
			default:
				c.skip(n)
			}
		}
		return
	case 0xf0:
		c.number("COTP number and end", 1, hexOf(1))
	default:
		return
	}
	if c.at != after || c.peek(0) != 0x32 {
		c.number("protocol id", 1, hexOf(1))
		return
	}
	c.number("protocol id", 1, hexOf(1))
	rosctr := c.number("message type", 1, words(1, s7Types))
	c.skip(2)
	c.number("PDU reference", 2, nil)
	parameter := c.number("parameter length", 2, nil)
	data := c.number("data length", 2, nil)
	if rosctr == 2 || rosctr == 3 {
		c.number("error class", 1, hexOf(1))
		c.number("error code", 1, hexOf(1))
	}
	from := c.at
	end := c.until(parameter)
	group, function := 0, 0
	if rosctr == 7 {
		group = s7UserData(c)
	} else {
		function = s7Function(c, rosctr)
	}
	if c.over && end-from < parameter {
		return
	}
	c.over, c.at, c.end = false, min(from+parameter, end), end
	c.until(data)
	switch {
	case rosctr == 7:
		s7UserBlock(c, group)
	case function == 4 && rosctr == 3, function == 5 && rosctr == 1:
		for i := 1; c.at < c.end && !c.over; i++ {
			s7Value(c, i)
		}
	case function == 5 && rosctr == 3:
		for i := 1; c.at < c.end && !c.over; i++ {
			c.number(fmt.Sprintf("item %d return code", i), 1, words(1, s7Returned))
		}
	case c.end > c.at:
		c.digits("data", c.end-c.at)
	}
}

// s7Function names the parameter of a job or its answer.
func s7Function(c *cut, rosctr int) int {
	if c.end == c.at {
		return 0
	}
	function := c.number("function", 1, codeOf("s7comm", 1))
	switch function {
	case 0x04, 0x05:
		n := c.number("item count", 1, nil)
		for i := 1; i <= n && rosctr == 1 && !c.over; i++ {
			s7Item(c, fmt.Sprintf("item %d ", i))
		}
	case 0xf0:
		c.skip(1)
		c.number("jobs at once, caller", 2, nil)
		c.number("jobs at once, called", 2, nil)
		c.number("PDU size", 2, nil)
	default:
		if c.end > c.at {
			c.bytes("parameter", c.end-c.at)
		}
	}
	return function
}

// s7Item names what is read or written.
func s7Item(c *cut, name string) {
	if c.peek(0) != 0x12 || c.peek(1) != 0x0a || c.peek(2) != 0x10 {
		n := c.peek(1)
		c.digits(name+"specification", 2+n)
		return
	}
	c.skip(2)
	c.number(name+"syntax", 1, hexOf(1))
	c.number(name+"transport size", 1, hexOf(1))
	c.number(name+"length", 2, nil)
	c.number(name+"data block", 2, nil)
	c.number(name+"area", 1, words(1, s7Areas))
	c.number(name+"address", 3, func(v int) string { return fmt.Sprintf("byte %d, bit %d", v>>3, v&7) })
}

// s7Value names what was read, or is to be written.
func s7Value(c *cut, i int) {
	name := fmt.Sprintf("item %d ", i)
	c.number(name+"return code", 1, words(1, s7Returned))
	size := c.number(name+"transport size", 1, hexOf(1))
	n := c.number(name+"size", 2, nil)
	if size >= 3 && size <= 5 { // counted in bits
		n = (n + 7) / 8
	}
	c.digits(name+"value", n)
	if n%2 == 1 && c.at < c.end {
		c.skip(1)
	}
}

// s7Part marks user data that is spread over several messages: where a list begins in one of them is not to be seen.
const s7Part = 0x100

// s7UserData names the parameter of user data and gives its group and function.
func s7UserData(c *cut) int {
	c.skip(3)
	c.number("rest of the parameter", 1, nil)
	answer := c.number("method", 1, words(1, map[int]string{0x11: "request", 0x12: "answer"})) == 0x12
	kind := c.number("type and group", 1, func(v int) string { return words(1, nil)(v) + " (" + s7Groups[v&0xf] + ")" })
	sub := c.number("subfunction", 1, func(v int) string {
		if kind&0xf == 4 && v == 1 {
			return "0x01 (read SZL)"
		}
		return hex(v, 2)
	})
	c.number("sequence", 1, nil)
	if answer {
		if c.number("data unit reference", 1, nil) != 0 {
			kind |= s7Part
		}
		c.number("last unit", 1, words(1, map[int]string{0: "yes", 1: "no"}))
		c.number("error code", 2, hexOf(2))
	}
	return kind<<8 | sub
}

// s7UserBlock names the data of user data, and the system status list (SZL) that is read.
func s7UserBlock(c *cut, group int) {
	if c.end-c.at < 4 {
		return
	}
	c.number("return code", 1, words(1, s7Returned))
	c.number("transport size", 1, hexOf(1))
	n := c.number("size", 2, nil)
	c.until(n)
	if group>>8&s7Part != 0 || group>>8&0xf != 4 || group&0xff != 1 || n < 4 {
		c.digits("data", c.end-c.at)
		return
	}
	c.number("SZL id", 2, hexOf(2))
	c.number("SZL index", 2, hexOf(2))
	if c.end == c.at {
		return
	}
	each := c.number("SZL entry length", 2, nil)
	for i := range c.number("SZL entries", 2, nil) {
		if each == 0 || c.end-c.at < each {
			break
		}
		c.bytes(fmt.Sprintf("SZL entry %d", i+1), each)
	}
}
