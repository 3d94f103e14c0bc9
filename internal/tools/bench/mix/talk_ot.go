// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package mix

import (
	"encoding/binary"
	"fmt"

	"breakwater/sim/frame"
)

// acks sends the client's pure acknowledgement of an answer for one exchange in four, as delayed acknowledgement does.
func (m *maker) acks(c *talk) {
	if c.step%4 == 3 {
		m.ack(c, 0)
	}
}

func modbus(m *maker, c *talk) {
	if c.step == 0 {
		m.hello(c)
		if c.id%8 == 0 {
			m.send(c, 0, frame.ModbusIdentify(0, 1))
			m.send(c, 1, frame.ModbusIdentity(0, 1, "Schneider Electric", fmt.Sprintf("BMX P34 %04d", c.id%64), "V2.7"))
		}
		return
	}
	ref := uint16(c.step)
	if c.step%200 == 199 {
		b := frame.ModbusWriteOne(ref, 1, uint16(c.id%100), uint16(c.step))
		m.send(c, 0, b)
		m.send(c, 1, b)
		return
	}
	n := 10 + int(c.id>>8)%51
	values := make([]uint16, n)
	for i := range values {
		values[i] = uint16(m.rng.Uint32() & 0x0fff)
	}
	m.send(c, 0, frame.ModbusRead(ref, 1, 3+byte(c.id&1), uint16(c.id%500), uint16(n)))
	m.send(c, 1, frame.ModbusRegisters(ref, 1, 3+byte(c.id&1), values))
	m.acks(c)
}

func s7(m *maker, c *talk) {
	ref := uint16(c.step + 1)
	switch c.step {
	case 0:
		m.hello(c)
		m.send(c, 0, frame.COTPConnect(false, uint16(c.id), 2))
		m.send(c, 1, frame.COTPConnect(true, uint16(c.id), 2))
		m.send(c, 0, frame.S7Setup(frame.S7Job, 0, 480))
		m.send(c, 1, frame.S7Setup(frame.S7Ack, 0, 240))
		return
	case 1:
		if c.id%8 == 0 {
			m.send(c, 0, frame.S7ReadList(ref, 0x0011, 0))
			m.send(c, 1, frame.S7List(ref, 0x0011, 0, frame.S7Module("6ES7 315-2EH14-0AB0", [3]byte{3, 2, byte(c.id >> 8 & 7)})))
			return
		}
	}
	n := 20 + int(c.id>>8)%81
	m.send(c, 0, frame.S7Read(ref, uint16(c.id%40+1), 0, uint16(n)))
	m.send(c, 1, frame.S7ReadAnswer(ref, m.bytes(n)))
	m.acks(c)
}

func enip(m *maker, c *talk) {
	session := c.id | 1
	switch c.step {
	case 0:
		m.hello(c)
		m.send(c, 0, frame.ENIPRegister(0))
		m.send(c, 1, frame.ENIPRegister(session))
		m.send(c, 0, frame.ENIPUnconnected(session, 1, frame.CIPForwardOpen(c.id+1, c.id+2, uint16(c.id))))
		m.send(c, 1, frame.ENIPUnconnected(session, 1, frame.CIPForwardOpened(c.id+3, c.id+1, c.id+2, uint16(c.id))))
		return
	case 1:
		if c.id%8 == 0 {
			m.send(c, 0, frame.ENIPUnconnected(session, 2, frame.CIPGetIdentity()))
			m.send(c, 1, frame.ENIPUnconnected(session, 2, frame.CIPIdentity(frame.CIPDevice{
				Vendor: 1, Type: 14, Product: 166, Major: 33, Minor: 11, Serial: c.id, Name: "1756-L83E/B",
			})))
			return
		}
	}
	seq := uint16(c.step)
	m.send(c, 0, frame.ENIPConnected(session, c.id+3, seq, frame.CIPReadTag(fmt.Sprintf("Crane_%d.Position", c.id%20))))
	m.send(c, 1, frame.ENIPConnected(session, c.id+1, seq, frame.CIPTag(m.rng.Uint32())))
	m.acks(c)
}

// cipIO sends connected data of class 1 each way.
func cipIO(m *maker, c *talk) {
	le := binary.LittleEndian
	c.port[0] = c.port[1] // both ends use the same port
	for side := range 2 {
		n := 16 + int(c.id>>(8*side))%49
		b := []byte{2, 0, 0x02, 0x80, 8, 0}
		b = le.AppendUint32(b, c.id+uint32(side))
		b = le.AppendUint32(b, uint32(c.step))
		b = append(b, 0xb1, 0)
		b = le.AppendUint16(b, uint16(2+n))
		b = le.AppendUint16(b, uint16(c.step))
		m.udp(c, side, append(b, m.bytes(n)...))
	}
}

func nmea(m *maker, c *talk) {
	sentence := frame.NMEA('$', fmt.Sprintf("GPGGA,%02d%02d%02d.00,5433.%04d,N,01012.%04d,E,1,09,0.9,12.1,M,44.1,M,,", c.step/3600%24, c.step/60%60, c.step%60, c.id%9000, c.id>>8%9000))
	m.udp(c, 0, append([]byte("UdPbC\x00\\s:GP0001*27\\"), sentence...))
}

func lldp(m *maker, c *talk) {
	h := c.host[0]
	b := frame.LLDP(frame.Announcement{
		MAC: h.mac, Name: fmt.Sprintf("sw-%d-%d", h.addr[1], h.addr[2]), Port: fmt.Sprintf("Gi1/0/%d", c.id%24+1),
		Text: "industrial switch", Platform: "IE-3300-8T2S", Vendor: "Cisco", Firmware: "17.9.4", Serial: fmt.Sprintf("FOC%08d", h.vlan),
		Address: h.addr, VLAN: h.vlan, TTL: 120,
	})
	m.emit(frame.Ethernet(frame.LLDPMulticast, h.mac, 0, frame.TypeLLDP, b))
}
