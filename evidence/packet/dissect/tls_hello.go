// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"breakwater/harbour"
	"breakwater/wire"
)

// The extensions that are read.
const (
	tlsExtServerName = 0
	tlsExtSignatures = 13
	tlsExtALPN       = 16
	tlsExtVersions   = 43
)

// tlsHello is what a ClientHello says, as far as it is used.
type tlsHello struct {
	version    uint16
	ciphers    []byte // list of 16-bit numbers
	extensions []byte
	name       []byte // server name
	alpn       []byte // first protocol offered
	signatures []byte // list of 16-bit numbers
	versions   []byte // list of 16-bit numbers
	named      bool   // the server name extension is there
}

func tlsParseClientHello(b []byte) (h tlsHello, ok bool) {
	r := wire.Read(b)
	h.version = r.U16()
	r.Skip(32)
	r.Skip(int(r.U8()))
	h.ciphers = r.Bytes(int(r.U16()))
	r.Skip(int(r.U8()))
	if !r.OK() || h.version>>8 != 3 {
		return h, false
	}
	if r.Len() == 0 {
		return h, true
	}
	h.extensions = r.Bytes(int(r.U16()))
	for e := wire.Read(h.extensions); e.Len() > 0; {
		kind := e.U16()
		v := e.Bytes(int(e.U16()))
		if !e.OK() {
			return h, false
		}
		x := wire.Read(v)
		switch kind {
		case tlsExtServerName:
			h.named = true
			list := x.Sub(int(x.U16()))
			if list.U8() == 0 {
				h.name = list.Bytes(int(list.U16()))
			}
		case tlsExtSignatures:
			h.signatures = x.Bytes(int(x.U16()))
		case tlsExtALPN:
			list := x.Sub(int(x.U16()))
			h.alpn = list.Bytes(int(list.U8()))
		case tlsExtVersions:
			h.versions = x.Bytes(int(x.U8()))
		}
	}
	return h, r.OK()
}

func tlsReadClientHello(m *Message, b []byte) {
	h, ok := tlsParseClientHello(b)
	if !ok {
		return
	}
	if m.From != ClientSide {
		m.SetSide(ClientSide)
	}
	if wire.Printable(h.name) && len(h.name) <= 255 {
		m.Attr(m.Receiver(), harbour.AttrSNI, h.name, harbour.Confirmed)
	}
	var buf [64]byte
	m.Attr(m.Sender(), harbour.AttrJA4, ja4(buf[:0], &h), harbour.Confirmed)
}

// tlsReadServerHello reports the version that the two sides use, which is the server's choice, and says whether the rest
// of the handshake is encrypted.
func tlsReadServerHello(m *Message, b []byte) bool {
	r := wire.Read(b)
	version := r.U16()
	if version>>8 == tlsDraft { // the early drafts have another form from here on
		m.AttrString(m.Sender(), harbour.AttrTLSVersion, tlsVersionName(version), harbour.Confirmed)
		return true
	}
	r.Skip(32)
	session := int(r.U8())
	r.Skip(session)
	r.Skip(3)
	if !r.OK() || session > 32 || version>>8 != 3 {
		return false
	}
	if r.Len() >= 2 {
		for e := r.Sub(int(r.U16())); e.Len() > 0; {
			kind := e.U16()
			x := e.Sub(int(e.U16()))
			if kind == tlsExtVersions && x.Len() == 2 {
				version = x.U16()
			}
		}
	}
	if m.From != ServerSide {
		m.SetSide(ServerSide)
	}
	m.AttrString(m.Sender(), harbour.AttrTLSVersion, tlsVersionName(version), harbour.Confirmed)
	return version >= 0x0304
}

func tlsVersionName(v uint16) string {
	switch {
	case v == 0x0300:
		return "SSL 3.0"
	case v == 0x0301:
		return "TLS 1.0"
	case v == 0x0302:
		return "TLS 1.1"
	case v == 0x0303:
		return "TLS 1.2"
	case v == 0x0304, v>>8 == tlsDraft:
		return "TLS 1.3"
	}
	return ""
}
