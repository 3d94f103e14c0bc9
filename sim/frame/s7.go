// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"fmt"
)

func tpkt(body []byte) []byte {
	b := []byte{3, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(4+len(body)))
	return append(b, body...)
}

// COTPConnect builds a connection request or confirm (RFC 905) to rack 0 and a slot.
func COTPConnect(confirm bool, ref uint16, slot byte) []byte {
	b := []byte{17, 0xe0, 0, 0, byte(ref >> 8), byte(ref), 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, slot}
	if confirm {
		b[1], b[2], b[3], b[4], b[5] = 0xd0, b[4], b[5], 0x44, 0x31
	}
	return tpkt(b)
}

// S7 message types.
const (
	S7Job      = 1
	S7Ack      = 3 // acknowledgement with data
	S7Userdata = 7
)

// S7 builds an S7 communication message in a COTP data unit.
func S7(kind byte, ref uint16, param, data []byte) []byte {
	b := []byte{2, 0xf0, 0x80, 0x32, kind, 0, 0}
	b = binary.BigEndian.AppendUint16(b, ref)
	b = binary.BigEndian.AppendUint16(b, uint16(len(param)))
	b = binary.BigEndian.AppendUint16(b, uint16(len(data)))
	if kind == S7Ack {
		b = append(b, 0, 0)
	}
	return tpkt(append(append(b, param...), data...))
}

// S7Setup builds the negotiation of a connection: two jobs at once, messages of up to pdu bytes.
func S7Setup(kind byte, ref, pdu uint16) []byte {
	return S7(kind, ref, []byte{0xf0, 0, 0, 1, 0, 1, byte(pdu >> 8), byte(pdu)}, nil)
}

func s7Item(db, offset, n uint16) []byte {
	addr := uint32(offset) * 8
	return []byte{0x12, 0x0a, 0x10, 2, byte(n >> 8), byte(n), byte(db >> 8), byte(db), 0x84, byte(addr >> 16), byte(addr >> 8), byte(addr)}
}

// S7Read builds a request for n bytes of a data block.
func S7Read(ref, db, offset, n uint16) []byte {
	return S7(S7Job, ref, append([]byte{4, 1}, s7Item(db, offset, n)...), nil)
}

// S7ReadAnswer builds its answer.
func S7ReadAnswer(ref uint16, values []byte) []byte {
	n := uint16(8 * len(values))
	return S7(S7Ack, ref, []byte{4, 1}, append([]byte{0xff, 4, byte(n >> 8), byte(n)}, values...))
}

// S7Write builds a request to write bytes of a data block.
func S7Write(ref, db, offset uint16, values []byte) []byte {
	n := uint16(8 * len(values))
	return S7(S7Job, ref, append([]byte{5, 1}, s7Item(db, offset, uint16(len(values)))...), append([]byte{0, 4, byte(n >> 8), byte(n)}, values...))
}

// S7WriteAnswer builds its answer.
func S7WriteAnswer(ref uint16) []byte { return S7(S7Ack, ref, []byte{5, 1}, []byte{0xff}) }

// S7ReadList builds the request for a part of the system status list.
func S7ReadList(ref uint16, id, index uint16) []byte {
	return S7(S7Userdata, ref, []byte{0, 1, 0x12, 4, 0x11, 0x44, 1, 0}, []byte{0xff, 9, 0, 4, byte(id >> 8), byte(id), byte(index >> 8), byte(index)})
}

// S7List builds its answer from records of equal length.
func S7List(ref uint16, id, index uint16, records [][]byte) []byte {
	d := binary.BigEndian.AppendUint16(nil, id)
	d = binary.BigEndian.AppendUint16(d, index)
	d = binary.BigEndian.AppendUint16(d, uint16(len(records[0])))
	d = binary.BigEndian.AppendUint16(d, uint16(len(records)))
	for _, r := range records {
		d = append(d, r...)
	}
	head := []byte{0xff, 9, byte(len(d) >> 8), byte(len(d))}
	return S7(S7Userdata, ref, []byte{0, 1, 0x12, 8, 0x12, 0x84, 1, 1, 0, 0, 0, 0}, append(head, d...))
}

// S7Module builds the records of list 0x0011, module identification: order number, and firmware as three numbers.
func S7Module(order string, firmware [3]byte) [][]byte {
	rec := func(index byte, a, b uint16) []byte {
		r := append([]byte{0, index}, fmt.Sprintf("%-20.20s", order)...)
		return append(r, 0, 0xc0, byte(a>>8), byte(a), byte(b>>8), byte(b))
	}
	return [][]byte{rec(1, 5, 1), rec(6, 5, 1), rec(7, uint16('V')<<8|uint16(firmware[0]), uint16(firmware[1])<<8|uint16(firmware[2]))}
}

// S7Component builds the records of list 0x001C, component identification.
func S7Component(system, module, plant, serial, kind string) [][]byte {
	var out [][]byte
	for _, x := range []struct {
		index byte
		text  string
	}{{1, system}, {2, module}, {3, plant}, {4, "Original Siemens Equipment"}, {5, serial}, {7, kind}} {
		r := append([]byte{0, x.index}, x.text...)
		for len(r) < 34 {
			r = append(r, 0)
		}
		out = append(out, r[:34])
	}
	return out
}

// S7Block names a block in the form that program transfer uses: type "08" is an organisation block, "0A" a data block.
func S7Block(kind string, number int) string { return fmt.Sprintf("_%s%05dP", kind, number) }

// S7RequestDownload builds the announcement of a program download; S7Plain with 0x1A is its answer.
func S7RequestDownload(ref uint16, block string, size int) []byte {
	p := append([]byte{0x1a, 0, 1, 0, 0, 0, 0, 0, byte(len(block))}, block...)
	p = append(p, 13)
	return S7(S7Job, ref, append(p, fmt.Sprintf("1%06d%06d", size+36, size)...), nil)
}

// S7BlockJob builds what the controller asks for in the course of a download: 0x1B the next part, 0x1C its end.
func S7BlockJob(ref uint16, function byte, block string) []byte {
	return S7(S7Job, ref, append([]byte{function, 0, 0, 0, 0, 0, 0, 0, byte(len(block))}, block...), nil)
}

// S7BlockPart builds the tool's answer with a part of the program.
func S7BlockPart(ref uint16, more bool, part []byte) []byte {
	p := []byte{0x1b, 0}
	if more {
		p[1] = 1
	}
	d := binary.BigEndian.AppendUint16(nil, uint16(len(part)))
	return S7(S7Ack, ref, p, append(append(d, 0, 0xfb), part...))
}

// S7Plain builds an answer that repeats the function alone.
func S7Plain(ref uint16, function byte) []byte { return S7(S7Ack, ref, []byte{function}, nil) }

// S7Insert builds the program invocation that makes a loaded block active (0x28, _INSE).
func S7Insert(ref uint16, block string) []byte {
	arg := append([]byte{1, 0}, block[1:]...)
	p := append([]byte{0x28, 0, 0, 0, 0, 0, 0, 0xfd, 0, byte(len(arg))}, arg...)
	return S7(S7Job, ref, append(append(p, 5), "_INSE"...), nil)
}

// S7Start builds the program invocation that starts the controller (0x28, P_PROGRAM).
func S7Start(ref uint16) []byte {
	return S7(S7Job, ref, append([]byte{0x28, 0, 0, 0, 0, 0, 0, 0xfd, 0, 0, 9}, "P_PROGRAM"...), nil)
}

// S7Stop builds the request to stop the controller (0x29).
func S7Stop(ref uint16) []byte {
	return S7(S7Job, ref, append([]byte{0x29, 0, 0, 0, 0, 0, 9}, "P_PROGRAM"...), nil)
}
