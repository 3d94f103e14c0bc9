// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"

	"breakwater/harbour"
	"breakwater/sim/frame"
)

// firmwareOf reads a firmware version of three numbers.
func firmwareOf(h *host) (v [3]byte) {
	fmt.Sscanf(h.p.firmware, "%d.%d.%d", &v[0], &v[1], &v[2])
	return v
}

// s7Greet opens the COTP connection and negotiates, then asks who the controller is.
func s7Greet(k *conn) {
	s7Connect(k)
	for _, l := range []struct {
		id      uint16
		records [][]byte
	}{
		{0x0011, frame.S7Module(k.s.p.model, firmwareOf(k.s))},
		{0x001c, frame.S7Component(k.s.name, "CPU of "+k.s.name, "Skerry", k.s.serial, "CPU "+k.s.p.model[5:10])},
	} {
		ref := uint16(2 + l.id)
		k.ask(frame.S7ReadList(ref, l.id, 0))
		k.answer(frame.S7List(ref, l.id, 0, l.records))
	}
}

// s7Connect opens the COTP connection and negotiates.
func s7Connect(k *conn) {
	ref := uint16(k.r.next())
	k.ask(frame.COTPConnect(false, ref, 2))
	k.answer(frame.COTPConnect(true, ref, 2))
	k.ask(frame.S7Setup(frame.S7Job, 1, 480))
	k.answer(frame.S7Setup(frame.S7Ack, 1, 240))
}

// s7Read reads process values of a data block.
func s7Read(db uint16, n int) func(k *conn, i int) {
	return func(k *conn, i int) {
		ref := uint16(16 + i)
		k.ask(frame.S7Read(ref, db, 0, uint16(n)))
		k.answer(frame.S7ReadAnswer(ref, k.r.bytes(n)))
		k.ack()
	}
}

// s7Operate reads, and now and then writes a set point, as an operator panel does.
func s7Operate(k *conn, i int) {
	s7Read(100, 32)(k, i)
	if i%8 == 3 {
		ref := uint16(0x4000 + i)
		k.ask(frame.S7Write(ref, 101, uint16(4*(i%10)), []byte{0, byte(i), byte(k.r.next()), 1}))
		k.answer(frame.S7WriteAnswer(ref))
		k.ack()
	}
}

// s7Engineer loads a block into a controller, makes it active, and stops and starts the controller.
func s7Engineer(k *conn) {
	s7Connect(k)
	block, program := frame.S7Block("08", 1), k.r.bytes(380)
	k.ask(frame.S7Stop(5))
	k.answer(frame.S7Plain(5, 0x29))
	k.ask(frame.S7RequestDownload(6, block, len(program)))
	k.answer(frame.S7Plain(6, 0x1a))
	for i, part := range [][]byte{program[:200], program[200:]} {
		ref := uint16(0x7000 + i)
		k.answer(frame.S7BlockJob(ref, 0x1b, block))
		k.ask(frame.S7BlockPart(ref, i == 0, part))
	}
	k.answer(frame.S7BlockJob(0x7002, 0x1c, block))
	k.ask(frame.S7Plain(0x7002, 0x1c))
	k.ask(frame.S7Insert(7, block))
	k.answer(frame.S7Plain(7, 0x28))
	k.ask(frame.S7Start(8))
	k.answer(frame.S7Plain(8, 0x28))
	k.ack()
}

// modbusGreet asks who the device is.
func modbusGreet(k *conn) {
	k.ask(frame.ModbusIdentify(1, 1))
	k.answer(frame.ModbusIdentity(1, 1, k.s.p.vendor, k.s.p.model, "V"+k.s.p.firmware))
}

// modbusRead reads registers with function 3 or 4.
func modbusRead(function byte, from, n uint16) func(k *conn, i int) {
	return func(k *conn, i int) {
		id := uint16(16 + i)
		k.ask(frame.ModbusRead(id, 1, function, from, n))
		values := make([]uint16, n)
		for j := range values {
			values[j] = uint16(k.r.n(4000))
		}
		k.answer(frame.ModbusRegisters(id, 1, function, values))
		k.ack()
	}
}

// modbusCommand reads a state and writes one register.
func modbusCommand(k *conn, i int) {
	modbusRead(3, 0, 4)(k, i)
	id := uint16(0x4000 + i)
	msg := frame.ModbusWriteOne(id, 1, 10, uint16(i%2))
	k.ask(msg)
	k.answer(msg)
	k.ack()
}

// cipDevice is the CIP identity of a host.
func cipDevice(h *host) frame.CIPDevice {
	d := frame.CIPDevice{Vendor: 1, Serial: cipSerial(h), Name: h.p.model, Type: 0x0e, Product: 94}
	switch h.kind {
	case harbour.KindIOModule:
		d.Type, d.Product = 0x0c, 108
	case harbour.KindDrive:
		d.Type, d.Product = 0x8e, 1168
	}
	fmt.Sscanf(h.p.firmware, "%d.%d", &d.Major, &d.Minor)
	return d
}

// cipSerial is the serial number of a CIP device, which type plates show in hexadecimal.
func cipSerial(h *host) (n uint32) {
	fmt.Sscanf(h.serial, "%x", &n)
	return n
}

const enipSession = 0x10020500

// enipGreet registers a session, asks who the device is, and opens a connection.
func enipGreet(k *conn) {
	session := enipSession + uint32(k.s.num)
	k.ask(frame.ENIPRegister(0))
	k.answer(frame.ENIPRegister(session))
	k.ask(frame.ENIPUnconnected(session, 1, frame.CIPGetIdentity()))
	k.answer(frame.ENIPUnconnected(session, 1, frame.CIPIdentity(cipDevice(k.s))))
	k.ask(frame.ENIPUnconnected(session, 2, frame.CIPForwardOpen(0x80fe0001, uint32(k.c.num), 7)))
	k.answer(frame.ENIPUnconnected(session, 2, frame.CIPForwardOpened(0x00310001, 0x80fe0001, uint32(k.c.num), 7)))
}

// enipRead reads a tag over the connection.
func enipRead(tag string) func(k *conn, i int) {
	return func(k *conn, i int) {
		session, seq := enipSession+uint32(k.s.num), uint16(i+1)
		k.ask(frame.ENIPConnected(session, 0x00310001, seq, frame.CIPReadTag(tag)))
		k.answer(frame.ENIPConnected(session, 0x80fe0001, seq, frame.CIPTag(uint32(k.r.n(30000)))))
		k.ack()
	}
}
