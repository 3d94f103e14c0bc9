// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import "encoding/binary"

// Modbus builds a Modbus/TCP message: function and data for a unit.
func Modbus(transaction uint16, unit, function byte, data ...byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, transaction)
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(2+len(data)))
	return append(append(b, unit, function), data...)
}

// ModbusRead builds a request for registers or coils: functions 1 to 4.
func ModbusRead(transaction uint16, unit, function byte, from, count uint16) []byte {
	return Modbus(transaction, unit, function, byte(from>>8), byte(from), byte(count>>8), byte(count))
}

// ModbusRegisters builds the answer to a read of registers.
func ModbusRegisters(transaction uint16, unit, function byte, values []uint16) []byte {
	d := []byte{byte(2 * len(values))}
	for _, v := range values {
		d = binary.BigEndian.AppendUint16(d, v)
	}
	return Modbus(transaction, unit, function, d...)
}

// ModbusWriteOne builds function 6, write single register; the answer is the same.
func ModbusWriteOne(transaction uint16, unit byte, register, value uint16) []byte {
	return Modbus(transaction, unit, 6, byte(register>>8), byte(register), byte(value>>8), byte(value))
}

// ModbusIdentify builds the request for the basic device identification (function 0x2B, type 0x0E).
func ModbusIdentify(transaction uint16, unit byte) []byte {
	return Modbus(transaction, unit, 0x2b, 0x0e, 0x01, 0x00)
}

// ModbusIdentity builds its answer.
func ModbusIdentity(transaction uint16, unit byte, vendor, code, revision string) []byte {
	d := []byte{0x0e, 0x01, 0x01, 0x00, 0x00, 3}
	for i, s := range []string{vendor, code, revision} {
		d = append(append(d, byte(i), byte(len(s))), s...)
	}
	return Modbus(transaction, unit, 0x2b, d...)
}
