// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package explain

// modbus takes a message of Modbus/TCP apart.
func modbus(c *cut) {
	c.number("transaction", 2, nil)
	c.number("protocol id", 2, nil)
	n := c.number("length", 2, nil)
	c.until(n)
	c.number("unit", 1, nil)
	refused := c.peek(0)&0x80 != 0
	function := c.number("function", 1, func(v int) string {
		s := codeOf("modbus", 1)(v & 0x7f)
		if refused {
			s += ", refused"
		}
		return s
	})
	switch {
	case c.over:
	case refused:
		c.number("exception", 1, nil)
	case function >= 1 && function <= 4 && n == 6 && c.peek(0) != 3:
		c.number("address", 2, nil)
		c.number("quantity", 2, nil)
	case function >= 1 && function <= 4:
		c.digits("values", c.number("byte count", 1, nil))
	case function == 5 || function == 6:
		c.number("address", 2, nil)
		c.number("value", 2, hexOf(2))
	case function == 15 || function == 16:
		c.number("address", 2, nil)
		c.number("quantity", 2, nil)
		if n > 6 {
			c.digits("values", c.number("byte count", 1, nil))
		}
	case c.end > c.at:
		c.digits("data", c.end-c.at)
	}
}
