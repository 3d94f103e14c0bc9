// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

var tlsProtocol = Protocol{
	Name: "tls", Title: "Transport Layer Security", Short: "TLS", Also: []string{"https", "ssl"}, Over: OverTCP, Ports: []uint16{443, 8443, 636, 993, 995, 465, 990, 8883, 3389},
	First: []byte{tlsChangeCipher, tlsAlert, tlsHandshake, tlsData, tlsHeartbeat},
	Probe: tlsProbe, Frame: tlsFrame, Read: tlsRead,
}

const (
	tlsChangeCipher = 20
	tlsAlert        = 21
	tlsHandshake    = 22
	tlsData         = 23
	tlsHeartbeat    = 24

	tlsClientHello = 1
	tlsServerHello = 2
	tlsCertificate = 11

	// tlsDraft is the upper byte of the version in the drafts of TLS 1.3.
	tlsDraft = 0x7f

	tlsRecordHead = 5
	tlsMaxRecord  = 1<<14 + 2048
	// tlsMaxHandshake bounds what is kept of one side's handshake.
	tlsMaxHandshake = 32 << 10
)

// tlsState is what is kept of a connection until both sides have said what they say in the clear.
type tlsState [3]tlsSide

type tlsSide struct {
	buf  []byte // start of a handshake message that goes on in the next record
	done bool
}

// tlsFrame cuts records. The version in a record's head says little: 3.1 in a first record is usual for all versions.
func tlsFrame(b []byte, _ Side) int {
	if len(b) < tlsRecordHead {
		return 0
	}
	n := int(b[3])<<8 | int(b[4])
	if b[0] < tlsChangeCipher || b[0] > tlsHeartbeat || b[1] != 3 || b[2] > 4 || n > tlsMaxRecord {
		return -1
	}
	return tlsRecordHead + n
}

func tlsProbe(b []byte) (Fit, Side) {
	if len(b) < tlsRecordHead {
		if len(b) > 1 && b[1] != 3 {
			return No, AnySide
		}
		return Short, AnySide
	}
	n := tlsFrame(b, AnySide)
	if n < 0 {
		return No, AnySide
	}
	body := b[tlsRecordHead:]
	switch b[0] {
	case tlsHandshake:
		return tlsProbeHandshake(body)
	case tlsAlert:
		if n == tlsRecordHead+2 && len(body) >= 2 && (body[0] == 1 || body[0] == 2) {
			return Good, AnySide
		}
	case tlsChangeCipher:
		if n == tlsRecordHead+1 && len(body) >= 1 && body[0] == 1 {
			return Good, AnySide
		}
		return No, AnySide
	}
	return Weak, AnySide
}

func tlsProbeHandshake(body []byte) (Fit, Side) {
	if len(body) < 6 {
		return Short, AnySide
	}
	hello := body[1] == 0 && (body[4] == 3 && body[5] <= 4 || body[4] == tlsDraft && body[0] == tlsServerHello)
	switch {
	case body[0] == tlsClientHello && hello:
		return Good, ClientSide
	case body[0] == tlsServerHello && hello:
		return Good, ServerSide
	case body[0] == tlsClientHello || body[0] == tlsServerHello:
		return No, AnySide
	}
	return Weak, AnySide
}

// tlsRead follows the handshake. Once a side has begun to encrypt nothing of it is looked at any more.
func tlsRead(m *Message, b []byte) {
	if len(b) < tlsRecordHead {
		return
	}
	st, ok := m.Flow.State.(*tlsState)
	if !ok {
		if b[0] != tlsHandshake {
			return
		}
		st = new(tlsState)
		m.Flow.State = st
	}
	s := &st[m.From]
	if s.done {
		return
	}
	if m.Gap {
		s.buf = nil
	}
	switch b[0] {
	case tlsChangeCipher, tlsData:
		s.end()
	case tlsHandshake:
		s.feed(m, b[tlsRecordHead:])
	}
}

func (s *tlsSide) end() { s.buf, s.done = nil, true }

// feed reads the handshake messages in b and what was kept from the record before.
func (s *tlsSide) feed(m *Message, b []byte) {
	kept := len(s.buf) > 0
	if kept {
		s.buf = append(s.buf, b[:min(len(b), tlsMaxHandshake-len(s.buf))]...)
		b = s.buf
	}
	for len(b) >= 4 && !s.done {
		n := int(b[1])<<16 | int(b[2])<<8 | int(b[3])
		if b[0] == tlsCertificate && s.firstCertificate(m, b[4:min(len(b), 4+n)]) {
			return
		}
		if len(b) < 4+n {
			break
		}
		switch b[0] {
		case tlsClientHello:
			tlsReadClientHello(m, b[4:4+n])
		case tlsServerHello:
			if tlsReadServerHello(m, b[4:4+n]) {
				s.end() // of TLS 1.3 the rest is encrypted
			}
		}
		b = b[4+n:]
	}
	switch {
	case s.done:
	case len(b) == 0:
		s.buf = s.buf[:0]
	case len(b) >= tlsMaxHandshake:
		m.Ledger.Count("tls_handshakes_too_long", 1)
		s.end()
	case kept:
		s.buf = s.buf[:copy(s.buf, b)]
	default:
		s.buf = append(s.buf[:0], b...)
	}
}
