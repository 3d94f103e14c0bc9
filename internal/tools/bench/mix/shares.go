// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package mix

// Share is one row of the mix.
type Share struct {
	Name string
	// Percent of the packets.
	Percent float64
	// Open is how many conversations are under way at once.
	Open int
	// Exchanges is how long a conversation is, in steps of its protocol; 0 lasts for the whole capture.
	Exchanges int
	// What the conversation is like, for the table in the documentation.
	What string
	talk func(m *maker, c *talk) // one step
	ends func(m *maker) *talk    // a new conversation
}

// Shares lists the mix. Percentages add up to 100.
func Shares() []Share {
	return []Share{
		{"Modbus/TCP", 24, 160, 260, "polls of 10 to 60 registers, one write in 200", modbus, controllers(502, isModbus)},
		{"S7comm", 15, 100, 260, "connection set-up, then reads of 20 to 100 bytes of data blocks", s7, controllers(102, isS7)},
		{"EtherNet/IP", 13, 80, 260, "session, connection, then connected tag reads", enip, controllers(44818, isENIP)},
		{"CIP I/O", 4, 40, 600, "cyclic connected data over UDP, 16 to 64 bytes each way", cipIO, controllers(2222, isENIP)},
		{"NMEA 0183", 3, 12, 0, "position sentences over UDP to a group", nmea, senders},
		{"TLS", 9, 120, 12, "handshakes of 1.3 and 1.2 with certificate, then application data", tls, officeTo(443, 10, 24)},
		{"HTTP", 4, 60, 3, "requests on a kept connection, answers of 200 to 2,000 bytes", http, officeTo(80, 34, 10)},
		{"SMB", 3, 40, 20, "negotiation of SMB 2, then requests and answers", smb, officeTo(445, 4, 6)},
		{"SSH", 3, 20, 40, "banners, key exchange, then encrypted packets", ssh, officeTo(22, 10, 40)},
		{"DNS", 3, 40, 1, "one question, one answer", dns, officeTo(53, 0, 2)},
		{"TCP bulk", 3, 12, 160, "an unknown protocol: small requests, answers of 1 to 3 segments", tcpBulk, officeTo(0, 44, 8)},
		{"UDP bulk", 7, 20, 1500, "an unknown protocol, 64 to 204 bytes one way", udpBulk, officeTo(0, 52, 6)},
		{"NTP", 1, 30, 4, "client and server", ntp, officeTo(123, 2, 2)},
		{"ARP", 4, 20, 1, "request and answer", arp, neighbours},
		{"ICMP echo", 1.5, 20, 20, "request and answer", echo, officeTo(0, 0, 60)},
		{"LLDP", 0.5, 40, 0, "announcements of switches with inventory", lldp, switches},
		{"mDNS", 0.8, 60, 0, "service announcements", mdns, officers},
		{"DHCP", 0.4, 10, 1, "request and acknowledgement", dhcp, officers},
		{"TCP refused", 0.8, 4, 1, "SYN answered by RST", refused, officeTo(0, 44, 16)},
	}
}
