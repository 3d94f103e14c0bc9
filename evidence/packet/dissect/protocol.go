// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import "breakwater/harbour"

// MaxMessage is the size in bytes beyond which a message of a stream is not put together.
const MaxMessage = 64 << 10

// Carrier is what a protocol's messages travel in.
type Carrier uint8

// The carriers. A protocol may have several.
const (
	OverTCP      Carrier = 1 << iota // a stream, cut by Frame
	OverUDP                          // one datagram is one message
	OverEthernet                     // EtherTypes or SNAP ids of the protocol: always this protocol, Probe not asked
	OverICMP                         // ICMPv4 and ICMPv6 messages, from the type byte on
)

// Fit is how well some bytes fit a protocol.
type Fit uint8

// The fits.
const (
	No    Fit = iota // cannot be this protocol
	Short            // too few bytes to judge; ask again with more of the stream
	Weak             // fits, but so would other things: needs the port hint or the other side
	Good             // a signature that other traffic does not have
)

// Side of a conversation.
type Side uint8

// The sides.
const (
	AnySide Side = iota
	ClientSide
	ServerSide
)

// Protocol describes one protocol. See the package comment.
type Protocol struct {
	// Name from the closed list, lower snake case.
	Name string
	// Title for people.
	Title string
	// Short is how the field writes it where a line has no room for the title: EtherNet/IP, S7comm.
	Short string
	// Also are other names by which people call it, for a hint to whoever uses one in the port file.
	Also []string
	// Over says what carries it.
	Over Carrier
	// Ports are the server's usual ports: a hint for order and direction.
	Ports []uint16
	// EtherTypes and SNAPs (OUI<<16|PID) for OverEthernet. LLC lists DSAP<<8|SSAP pairs.
	EtherTypes []uint16
	SNAPs      []uint64
	LLC        []uint16
	// First, where set, lists the values that the first byte of any message can have: a cheap filter before Probe.
	First []byte
	// Probe judges the first bytes that one side of a flow sent, or one datagram, and says which side sends such bytes.
	Probe func(b []byte) (Fit, Side)
	// Frame returns the length of the first message in b for OverTCP; 0 where more bytes are needed to tell; negative
	// where b cannot start with a message. It may return more than len(b): the engine waits for the rest. A nil Frame
	// over TCP means that the protocol is read from the start of each side's stream: Read is called each time more of it
	// has arrived, with all that has arrived so far (from byte 0, at most StreamBytes), until it calls Message.Done.
	Frame func(b []byte, from Side) int
	// StreamBytes is how much of the start of each side a protocol without Frame wants to see; 0 means 16 KiB.
	StreamBytes int
	// Read reads one message.
	Read func(m *Message, b []byte)
	// OneSided protocols announce: a single well-formed message is proof, nobody has to answer.
	OneSided bool
	// Codes documents the operations: what the generated page and the tests of the names rest on.
	Codes []Code
	// Refines names the protocol whose confirmed messages this one rides in (cip in enip): it has no carrier, the outer
	// dissector calls it. It is listed so that names stay on the closed list.
	Refines string
	// Notes says, for the page of protocols, how targets are written and what else a reader of operations has to know.
	Notes string
	// Cleartext is set where logins cross the network readable.
	Cleartext bool
}

// Code is one operation of a protocol.
type Code struct {
	// Code as on the wire: 0x03, 0x2b.0x0e.
	Code string
	// Name is the one canonical name, lower snake case.
	Name string
	// Verb from the closed list.
	Verb harbour.Verb
	// Also lists names that other tools use for it.
	Also []string
}

// hinted says whether port is one of the protocol's usual ones.
func (p *Protocol) hinted(port uint16) bool {
	for _, q := range p.Ports {
		if q == port {
			return true
		}
	}
	return false
}

// Hinted says whether one of the two ports is a usual port of the protocol's servers, and which.
func (p *Protocol) Hinted(a, b uint16) (first, second bool) { return p.hinted(a), p.hinted(b) }

// codeTable is a lookup by one-byte function code with a name for codes that are not listed, so that a message with an
// unknown code costs no allocation.
type codeTable [256]Code

// table builds a codeTable. Codes not in codes get the name "function_0x63" and the given verb.
func table(codes []Code, unknown harbour.Verb) *codeTable {
	var t codeTable
	const hex = "0123456789abcdef"
	for i := range t {
		c := "0x" + string([]byte{hex[i>>4], hex[i&15]})
		t[i] = Code{Code: c, Name: "function_" + c, Verb: unknown}
	}
	for _, c := range codes {
		if len(c.Code) == 4 {
			t[unhex(c.Code[2])<<4|unhex(c.Code[3])] = c
		}
	}
	return &t
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}
