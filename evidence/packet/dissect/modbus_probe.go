// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

// modbusProbe judges an ADU by its header, which fits little else, and by the length that its function demands.
func modbusProbe(b []byte) (Fit, Side) {
	n := modbusFrame(b, AnySide)
	if n < 0 {
		return No, AnySide
	}
	if n == 0 || len(b) < n {
		return Short, AnySide
	}
	if len(b) > n && modbusFrame(b[n:], AnySide) < 0 {
		return No, AnySide
	}
	fc, body := b[7], b[8:n]
	if fc&0x80 != 0 {
		if len(body) != 1 {
			return No, AnySide
		}
		if fc != 0x80 && body[0] >= 1 && body[0] <= 11 {
			return Good, ServerSide
		}
		return Weak, ServerSide
	}
	switch ask, answer, fit := modbusShape(fc, body); {
	case ask && answer:
		return fit, AnySide
	case ask:
		return fit, ClientSide
	case answer:
		return fit, ServerSide
	}
	return Weak, AnySide // a function of a vendor's own, or data that the function cannot have, as a scanner sends them
}

// modbusShape says whether the data behind a function code can be a request or a response, and how well such a shape
// tells Modbus from other things.
func modbusShape(fc uint8, body []byte) (ask, answer bool, fit Fit) {
	n := len(body)
	number := func(at int) int { return int(body[at])<<8 | int(body[at+1]) }
	counted := func(at int) bool { return n > at && int(body[at]) == n-at-1 } // a byte count covers the rest
	switch fc {
	case 0x01, 0x02:
		return n == 4 && number(2) >= 1 && number(2) <= 2000, n > 1 && counted(0), Good
	case 0x03, 0x04:
		return n == 4 && number(2) >= 1 && number(2) <= 125, n > 1 && n&1 == 1 && counted(0), Good
	case 0x05:
		ask = n == 4 && (body[2] == 0xff || body[2] == 0) && body[3] == 0
		return ask, ask, Good
	case 0x06:
		return n == 4, n == 4, Good
	case 0x07:
		return n == 0, n == 1, Weak
	case 0x08:
		return n >= 4, n >= 4, Weak
	case 0x0b:
		return n == 0, n == 4, Weak
	case 0x0c, 0x11:
		return n == 0, counted(0), Weak
	case 0x0f, 0x10:
		return n > 5 && counted(4), n == 4, Good
	case 0x14, 0x15:
		ask = n > 2 && counted(0)
		if ask && body[1] == 6 {
			return true, true, Good
		}
		return ask, ask, Weak
	case 0x16:
		return n == 6, n == 6, Good
	case 0x17:
		return n > 9 && counted(8), n > 1 && counted(0), Good
	case 0x18:
		return n == 2, n >= 4 && number(0) == n-2, Weak
	case 0x2b:
		known := n >= 3 && (body[0] == 0x0d || body[0] == 0x0e)
		return known && (n == 3 || body[0] == 0x0d), known && n > 3, Good
	}
	return false, false, Weak
}
