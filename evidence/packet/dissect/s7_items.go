// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import "breakwater/wire"

// s7MaxTarget is where a list of items is cut.
const s7MaxTarget = 180

// s7Items renders what a read or write is about, in the notation of the vendor's tool: "DB 10.DBX 0.0 BYTE 16, M 5.2".
func s7Items(dst, params []byte) []byte {
	r := wire.Read(params)
	r.Skip(1)
	n := int(r.U8())
	for i := range n {
		if r.U8() != 0x12 {
			return dst
		}
		item := r.Bytes(int(r.U8()))
		if !r.OK() || len(item) == 0 {
			return dst
		}
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if len(dst) > s7MaxTarget {
			return append(dst, "…"...)
		}
		dst = s7Item(dst, item)
		if r.Len()&1 == 1 && i+1 < n && len(item)&1 == 1 && r.Rest()[0] == 0 {
			r.Skip(1)
		}
	}
	return dst
}

var s7Sizes = map[uint8]string{
	1: "BOOL", 2: "BYTE", 3: "CHAR", 4: "WORD", 5: "INT", 6: "DWORD", 7: "DINT", 8: "REAL", 9: "DATE", 0xa: "TIME_OF_DAY",
	0xb: "TIME", 0xc: "S5TIME", 0xf: "DATE_AND_TIME", 0x13: "STRING", 0x1c: "COUNTER", 0x1d: "TIMER", 0x1e: "IEC_TIMER",
	0x1f: "IEC_COUNTER", 0x20: "HS_COUNTER",
}

var s7Areas = map[uint8]string{
	0x03: "SYSINFO", 0x05: "SM", 0x06: "AI", 0x07: "AQ", 0x1c: "C", 0x1d: "T", 0x1e: "IEC_C", 0x1f: "IEC_T", 0x80: "P", 0x81: "I",
	0x82: "Q", 0x83: "M", 0x84: "DB", 0x85: "DI", 0x86: "L", 0x87: "V",
}

// s7Item renders one item.
func s7Item(dst, item []byte) []byte {
	r := wire.Read(item)
	switch syntax := r.U8(); {
	case syntax == 0x10 && len(item) >= 10:
		return s7AnyPointer(dst, &r)
	case syntax == 0xb0:
		for i := range int(r.U8()) {
			n, db, at := r.U8(), r.U16(), r.U16()
			if !r.OK() || len(dst) > s7MaxTarget {
				break
			}
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendNumber(append(dst, "DB "...), uint64(db))
			dst = appendNumber(append(dst, ".DBX "...), uint64(at))
			dst = appendNumber(append(dst, ".0 BYTE "...), uint64(n))
		}
		return dst
	case syntax == 0xb2:
		return append(dst, "symbolic variable"...)
	case syntax >= 0x82 && syntax <= 0x84 && len(item) >= 8:
		unit, column, line, module := r.U8(), r.U16(), r.U16(), r.U8()
		dst = wire.AppendHex(append(dst, "NCK area "...), uint64(unit>>5), 1)
		dst = appendNumber(append(dst, " unit "...), uint64(unit&0x1f))
		dst = wire.AppendHex(append(dst, " module "...), uint64(module), 2)
		dst = appendNumber(append(dst, " column "...), uint64(column))
		return appendNumber(append(dst, " line "...), uint64(line))
	default:
		return wire.AppendHex(append(dst, "item of syntax "...), uint64(syntax), 2)
	}
}

func s7AnyPointer(dst []byte, r *wire.Reader) []byte {
	size, count, db, area, at := r.U8(), r.U16(), r.U16(), r.U8(), r.U24()
	if area == 0x84 || area == 0x85 {
		dst = appendNumber(append(append(dst, s7Areas[area]...), ' '), uint64(db))
		if area == 0x84 {
			dst = append(dst, ".DBX "...)
		} else {
			dst = append(dst, ".DIX "...)
		}
	} else if name := s7Areas[area]; name != "" {
		dst = append(append(dst, name...), ' ')
	} else {
		dst = append(wire.AppendHex(append(dst, "area "...), uint64(area), 2), ' ')
	}
	if area == 0x1c || area == 0x1d || area == 0x1e || area == 0x1f { // counted, not addressed by bit
		dst = appendNumber(dst, uint64(at))
		if count > 1 {
			dst = appendNumber(append(dst, '-'), uint64(at)+uint64(count)-1)
		}
		return dst
	}
	dst = appendNumber(dst, uint64(at>>3))
	dst = appendNumber(append(dst, '.'), uint64(at&7))
	if size == 1 && count == 1 {
		return dst
	}
	if name := s7Sizes[size]; name != "" {
		dst = append(append(dst, ' '), name...)
	} else {
		dst = wire.AppendHex(append(dst, " type "...), uint64(size), 2)
	}
	return appendNumber(append(dst, ' '), uint64(count))
}
