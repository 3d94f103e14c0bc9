// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"strings"
)

// DNS record types.
const (
	DNSAddress = 1
	DNSPointer = 12
	DNSText    = 16
	DNSService = 33
)

// DNSRecord is a resource record. Set is a bit of multicast DNS that says that the record is the only one.
type DNSRecord struct {
	Name string
	Type uint16
	Set  bool
	TTL  uint32
	Data []byte
}

func dnsName(b []byte, name string) []byte {
	for _, label := range strings.Split(strings.TrimSuffix(name, "."), ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	return append(b, 0)
}

// DNSPointerTo is the data of a pointer record.
func DNSPointerTo(name string) []byte { return dnsName(nil, name) }

// DNSServiceAt is the data of a service record.
func DNSServiceAt(port uint16, host string) []byte {
	return dnsName([]byte{0, 0, 0, 0, byte(port >> 8), byte(port)}, host)
}

// DNSStrings is the data of a text record.
func DNSStrings(list ...string) (b []byte) {
	for _, s := range list {
		b = append(append(b, byte(len(s))), s...)
	}
	return b
}

func dnsHead(id, flags uint16, questions, answers int) []byte {
	b := binary.BigEndian.AppendUint16(nil, id)
	b = binary.BigEndian.AppendUint16(b, flags)
	b = binary.BigEndian.AppendUint16(b, uint16(questions))
	b = binary.BigEndian.AppendUint16(b, uint16(answers))
	return append(b, 0, 0, 0, 0)
}

func dnsQuestion(b []byte, name string, kind uint16) []byte {
	b = binary.BigEndian.AppendUint16(dnsName(b, name), kind)
	return append(b, 0, 1)
}

func dnsRecords(b []byte, list []DNSRecord) []byte {
	for _, r := range list {
		b = binary.BigEndian.AppendUint16(dnsName(b, r.Name), r.Type)
		class := uint16(1)
		if r.Set {
			class |= 0x8000
		}
		b = binary.BigEndian.AppendUint16(b, class)
		b = binary.BigEndian.AppendUint32(b, r.TTL)
		b = binary.BigEndian.AppendUint16(b, uint16(len(r.Data)))
		b = append(b, r.Data...)
	}
	return b
}

// DNSQuery builds a recursive question, as for an address.
func DNSQuery(id uint16, name string, kind uint16) []byte {
	return dnsQuestion(dnsHead(id, 0x0100, 1, 0), name, kind)
}

// DNSAnswer builds the answer of a resolver.
func DNSAnswer(id uint16, name string, kind uint16, list ...DNSRecord) []byte {
	return dnsRecords(dnsQuestion(dnsHead(id, 0x8180, 1, len(list)), name, kind), list)
}

// MDNSQuery builds a question of multicast DNS; LLMNR's has an id instead of 0.
func MDNSQuery(id uint16, name string, kind uint16) []byte {
	return dnsQuestion(dnsHead(id, 0, 1, 0), name, kind)
}

// MDNSAnnounce builds an announcement of multicast DNS.
func MDNSAnnounce(list ...DNSRecord) []byte {
	return dnsRecords(dnsHead(0, 0x8400, 0, len(list)), list)
}

// nbName encodes a NetBIOS name of a kind (RFC 1001 14.1).
func nbName(name string, suffix byte) []byte {
	raw := []byte(strings.ToUpper(name))
	for len(raw) < 15 {
		raw = append(raw, ' ')
	}
	b := []byte{32}
	for _, c := range append(raw[:15], suffix) {
		b = append(b, 'A'+c>>4, 'A'+c&15)
	}
	return append(b, 0)
}

// NBNSRegister builds the broadcast with which a host claims its NetBIOS name.
func NBNSRegister(id uint16, name string, suffix byte, at Addr) []byte {
	b := binary.BigEndian.AppendUint16(nil, id)
	b = append(b, 0x29, 0x10, 0, 1, 0, 0, 0, 0, 0, 1)
	b = append(b, nbName(name, suffix)...)
	b = append(b, 0, 32, 0, 1, 0xc0, 0x0c, 0, 32, 0, 1)
	b = binary.BigEndian.AppendUint32(b, 300000)
	return append(b, 0, 6, 0, 0, at[0], at[1], at[2], at[3])
}
