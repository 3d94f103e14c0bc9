// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import "encoding/binary"

// Commands of the EtherNet/IP encapsulation.
const (
	ENIPListIdentity    = 0x63
	ENIPRegisterSession = 0x65
	ENIPUnregister      = 0x66
	ENIPSendRRData      = 0x6f
	ENIPSendUnitData    = 0x70
)

// ENIP builds an encapsulated message.
func ENIP(command uint16, session uint32, context uint64, data []byte) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, command)
	b = le.AppendUint16(b, uint16(len(data)))
	b = le.AppendUint32(b, session)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint64(b, context)
	return append(le.AppendUint32(b, 0), data...)
}

// CIPDevice is the identity of a CIP device.
type CIPDevice struct {
	Vendor, Type, Product uint16
	Major, Minor          byte
	Serial                uint32
	Name                  string
}

func (d CIPDevice) identity() []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, d.Vendor)
	b = le.AppendUint16(b, d.Type)
	b = le.AppendUint16(b, d.Product)
	b = append(b, d.Major, d.Minor)
	b = le.AppendUint16(b, 0x0060)
	b = le.AppendUint32(b, d.Serial)
	return append(append(b, byte(len(d.Name))), d.Name...)
}

// ENIPIdentity builds the answer to ListIdentity.
func ENIPIdentity(at Addr, d CIPDevice) []byte {
	item := []byte{1, 0, 0, 2, 0xaf, 0x12, at[0], at[1], at[2], at[3], 0, 0, 0, 0, 0, 0, 0, 0}
	item = append(append(item, d.identity()...), 3)
	b := []byte{1, 0, 0x0c, 0}
	b = binary.LittleEndian.AppendUint16(b, uint16(len(item)))
	return ENIP(ENIPListIdentity, 0, 0, append(b, item...))
}

// ENIPRegister builds RegisterSession; the answer carries the handle that later messages name.
func ENIPRegister(session uint32) []byte {
	return ENIP(ENIPRegisterSession, session, 0x42, []byte{1, 0, 0, 0})
}

// ENIPUnconnected builds SendRRData around a CIP message.
func ENIPUnconnected(session uint32, context uint64, cip []byte) []byte {
	b := []byte{0, 0, 0, 0, 10, 0, 2, 0, 0, 0, 0, 0, 0xb2, 0}
	b = binary.LittleEndian.AppendUint16(b, uint16(len(cip)))
	return ENIP(ENIPSendRRData, session, context, append(b, cip...))
}

// ENIPConnected builds SendUnitData around a CIP message of a connection.
func ENIPConnected(session, connection uint32, seq uint16, cip []byte) []byte {
	le := binary.LittleEndian
	b := []byte{0, 0, 0, 0, 0, 0, 2, 0, 0xa1, 0, 4, 0}
	b = le.AppendUint32(b, connection)
	b = append(b, 0xb1, 0)
	b = le.AppendUint16(b, uint16(2+len(cip)))
	b = le.AppendUint16(b, seq)
	return ENIP(ENIPSendUnitData, session, 0, append(b, cip...))
}

// CIPGetIdentity builds Get_Attributes_All of the identity object.
func CIPGetIdentity() []byte { return []byte{0x01, 2, 0x20, 0x01, 0x24, 0x01} }

// CIPIdentity builds its answer.
func CIPIdentity(d CIPDevice) []byte { return append([]byte{0x81, 0, 0, 0}, d.identity()...) }

// CIPReadTag builds the request for one element of a tag.
func CIPReadTag(tag string) []byte {
	path := append([]byte{0x91, byte(len(tag))}, tag...)
	if len(path)%2 == 1 {
		path = append(path, 0)
	}
	return append(append([]byte{0x4c, byte(len(path) / 2)}, path...), 1, 0)
}

// CIPTag builds its answer, a 32-bit number.
func CIPTag(v uint32) []byte {
	return binary.LittleEndian.AppendUint32([]byte{0xcc, 0, 0, 0, 0xc4, 0}, v)
}

// CIPForwardOpen builds the opening of a class 3 connection to the controller in slot 0.
func CIPForwardOpen(toOriginator, originSerial uint32, serial uint16) []byte {
	le := binary.LittleEndian
	b := []byte{0x54, 2, 0x20, 0x06, 0x24, 0x01, 0x0a, 0x0e}
	b = le.AppendUint32(b, 0)
	b = le.AppendUint32(b, toOriginator)
	b = le.AppendUint16(b, serial)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, originSerial)
	b = append(b, 2, 0, 0, 0)
	for range 2 {
		b = le.AppendUint32(b, 2_000_000)
		b = le.AppendUint16(b, 0x43f4)
	}
	return append(b, 0xa3, 3, 0x01, 0x00, 0x20, 0x02, 0x24, 0x01)
}

// CIPForwardOpened builds its answer.
func CIPForwardOpened(toTarget, toOriginator, originSerial uint32, serial uint16) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte{0xd4, 0, 0, 0}, toTarget)
	b = le.AppendUint32(b, toOriginator)
	b = le.AppendUint16(b, serial)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, originSerial)
	b = le.AppendUint32(le.AppendUint32(b, 2_000_000), 2_000_000)
	return append(b, 0, 0)
}
