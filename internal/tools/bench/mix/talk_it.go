// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package mix

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"fmt"
	"math/big"
	"time"

	"breakwater/sim/frame"
)

// certificates makes the certificates of a few servers. Their keys protect nothing; they have to be the same each time.
func certificates(random []byte) (list [][]byte) {
	for i := range 8 {
		key := ed25519.NewKeyFromSeed(random[32*i : 32*i+32])
		t := &x509.Certificate{
			SerialNumber: big.NewInt(int64(1000 + i)), Subject: pkix.Name{CommonName: serverName(uint32(i)), Organization: []string{"Example Port"}},
			NotBefore: start.AddDate(-1, 0, 0), NotAfter: start.AddDate(2, 0, 0), DNSNames: []string{serverName(uint32(i))},
		}
		der, err := x509.CreateCertificate(nil, t, t, key.Public(), key)
		if err == nil {
			list = append(list, der)
		}
	}
	return list
}

func serverName(n uint32) string { return fmt.Sprintf("app%d.port.example", n%40) }

func tls(m *maker, c *talk) {
	record := func(kind byte, body []byte) []byte { return frame.TLSRecord(kind, frame.TLS12, body) }
	if c.step == 0 {
		m.hello(c)
		m.send(c, 0, frame.TLSClientHello(true, serverName(c.id), m.bytes(64)))
		changed := record(20, []byte{1})
		if c.id%3 != 0 {
			b := record(22, frame.TLSServerHello(frame.TLS13, 0x1301, m.bytes(64)))
			b = append(append(b, changed...), record(23, m.bytes(1700))...)
			m.send(c, 1, b)
			m.send(c, 0, append(changed, record(23, m.bytes(53))...))
			return
		}
		b := record(22, frame.TLSServerHello(frame.TLS12, 0xc02b, m.bytes(64)))
		b = append(b, record(22, frame.TLSCertificates(pick(m, m.certs)))...)
		b = append(b, record(22, frame.TLSKeyExchange(m.bytes(32), m.bytes(64)))...)
		m.send(c, 1, append(b, record(22, frame.TLSHelloDone())...))
		b = append(record(22, frame.TLSClientKey(false, m.bytes(32))), changed...)
		m.send(c, 0, append(b, record(22, m.bytes(40))...))
		m.send(c, 1, append(record(20, []byte{1}), record(22, m.bytes(40))...))
		return
	}
	m.send(c, 0, record(23, m.bytes(m.between(60, 400))))
	m.send(c, 1, record(23, m.bytes(m.between(60, 700))))
	m.ack(c, 0)
}

func http(m *maker, c *talk) {
	if c.step == 0 {
		m.hello(c)
	}
	m.send(c, 0, fmt.Appendf(nil, "GET /api/v1/items/%d?page=%d HTTP/1.1\r\nHost: %s\r\nUser-Agent: PortClient/4.2\r\nAccept: application/json\r\nConnection: keep-alive\r\n\r\n", c.id%9000, c.step, serverName(c.id)))
	n := m.between(200, 2000)
	b := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nServer: nginx/1.26.2\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", n)
	m.send(c, 1, append(b, m.bytes(n)...))
	m.ack(c, 0)
}

// smbMessage builds a message of SMB 2 with a body of n bytes.
func smbMessage(m *maker, command uint16, answer bool, message uint64, n int) []byte {
	b := make([]byte, 68, 68+n)
	b[2], b[3] = byte((64+n)>>8), byte(64+n)
	h := b[4:]
	copy(h, "\xfeSMB")
	h[4], h[14] = 64, 1
	binary.LittleEndian.PutUint16(h[12:], command)
	if answer {
		h[16] = 1
	}
	binary.LittleEndian.PutUint64(h[24:], message)
	return append(b, m.bytes(n)...)
}

func smb(m *maker, c *talk) {
	if c.step == 0 {
		m.hello(c)
		m.send(c, 0, frame.SMB2Negotiate(0, m.bytes(16)))
		m.send(c, 1, frame.SMB2Chosen(0, 0x0302, 133769376000000000, m.bytes(16)))
		return
	}
	const read = 8
	m.send(c, 0, smbMessage(m, read, false, uint64(c.step), 49))
	m.send(c, 1, smbMessage(m, read, true, uint64(c.step), m.between(60, 700)))
	m.ack(c, 0)
}

func ssh(m *maker, c *talk) {
	switch c.step {
	case 0:
		m.hello(c)
		m.send(c, 0, frame.SSHBanner("2.0", "OpenSSH_9.2p1 Debian-2+deb12u3"))
		m.send(c, 1, frame.SSHBanner("2.0", "OpenSSH_9.6"))
		m.send(c, 0, frame.SSHKexInit(m.bytes(64)))
		m.send(c, 1, frame.SSHKexInit(m.bytes(64)))
	case 1:
		m.send(c, 0, frame.SSHKexStart(m.bytes(64)))
		m.send(c, 1, frame.SSHKexReply(m.bytes(32), m.bytes(128)))
		m.send(c, 0, frame.SSHNewKeys(m.bytes(32)))
		m.send(c, 1, frame.SSHNewKeys(m.bytes(32)))
	default:
		m.send(c, 0, m.bytes(36+8*m.between(0, 4)))
		m.send(c, 1, m.bytes(36+8*m.between(0, 40)))
		m.ack(c, 0)
	}
}

func dns(m *maker, c *talk) {
	name, id := serverName(c.id), uint16(c.id>>16)
	m.udp(c, 0, frame.DNSQuery(id, name, frame.DNSAddress))
	addr := pick(m, m.net.servers).addr
	m.udp(c, 1, frame.DNSAnswer(id, name, frame.DNSAddress, frame.DNSRecord{Name: name, Type: frame.DNSAddress, TTL: 300, Data: addr[:]}))
}

// tcpBulk speaks a protocol that nobody knows.
func tcpBulk(m *maker, c *talk) {
	if c.step == 0 {
		m.hello(c)
	}
	m.send(c, 0, append([]byte{0xf7, 0xd3, byte(c.step >> 8), byte(c.step)}, m.bytes(40)...))
	m.send(c, 1, append([]byte{0xf7, 0xd4, byte(c.step >> 8), byte(c.step)}, m.bytes(m.between(100, 3000))...))
}

func udpBulk(m *maker, c *talk) {
	m.udp(c, 0, append([]byte{0xe9, 0xc1, byte(c.step >> 8), byte(c.step)}, m.bytes(m.between(60, 200))...))
}

func ntp(m *maker, c *talk) {
	for side := range 2 {
		b := make([]byte, 48)
		b[0], b[1], b[2], b[3] = 0x23+byte(side), byte(2*side), 6, 0xe9
		binary.BigEndian.PutUint32(b[40:], uint32(m.now.Sub(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).UTC())/time.Second))
		copy(b[44:], m.bytes(4))
		m.udp(c, side, b)
	}
}

func arp(m *maker, c *talk) {
	a, b := c.host[0], c.host[1]
	m.emit(frame.Ethernet(frame.Broadcast, a.mac, a.vlan, frame.TypeARP, frame.ARP(frame.ARPRequest, a.mac, a.addr, frame.MAC{}, b.addr)))
	m.emit(frame.Ethernet(a.mac, b.mac, a.vlan, frame.TypeARP, frame.ARP(frame.ARPReply, b.mac, b.addr, a.mac, a.addr)))
}

func echo(m *maker, c *talk) {
	for side := range 2 {
		m.link(c, side, frame.ProtoICMP, frame.Echo(side == 1, uint16(c.id), uint16(c.step)))
	}
}

func mdns(m *maker, c *talk) {
	c.group, c.port = frame.Addr{224, 0, 0, 251}, [2]uint16{5353, 5353}
	a := c.host[0].addr
	name := fmt.Sprintf("pc-%d-%d.local", a[2], a[3])
	m.udp(c, 0, frame.MDNSAnnounce(
		frame.DNSRecord{Name: name, Type: frame.DNSAddress, Set: true, TTL: 120, Data: a[:]},
		frame.DNSRecord{Name: "_ipp._tcp.local", Type: frame.DNSPointer, TTL: 4500, Data: frame.DNSPointerTo("Printer at " + name)},
	))
}

func dhcp(m *maker, c *talk) {
	h := c.host[0]
	c.group, c.port = frame.Addr{255, 255, 255, 255}, [2]uint16{68, 67}
	server := frame.Addr{h.addr[0], h.addr[1], h.addr[2], 1}
	d := frame.DHCP{Type: frame.DHCPRequest, ID: c.id, Client: h.mac, Wanted: h.addr, Server: server, Host: fmt.Sprintf("pc-%d-%d", h.addr[2], h.addr[3]), Class: "MSFT 5.0", Parameters: []byte{1, 3, 6, 15, 31, 33}}
	m.udp(c, 0, d.Bytes())
	c.host[0] = &host{mac: h.router, addr: server, vlan: h.vlan, ttl: 255}
	c.port = [2]uint16{67, 68}
	m.udp(c, 0, frame.DHCP{Type: frame.DHCPAck, ID: c.id, Client: h.mac, Your: h.addr, Server: server, Gateway: server, DNS: server}.Bytes())
	c.host[0] = h
}

func refused(m *maker, c *talk) {
	m.segment(c, 0, frame.SYN, nil)
	m.segment(c, 1, frame.RST|frame.ACK, nil)
}
