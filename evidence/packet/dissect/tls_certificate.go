// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"crypto/sha256"
	"crypto/x509"
	"time"

	"breakwater/harbour"
	"breakwater/wire"
)

// tlsMaxCertificate bounds the certificate that is parsed.
const tlsMaxCertificate = 16 << 10

// firstCertificate reads the first certificate of a chain, the side's own, as soon as it is there in full. It returns
// false where more bytes are needed.
func (s *tlsSide) firstCertificate(m *Message, b []byte) bool {
	r := wire.Read(b)
	r.U24()
	n := int(r.U24())
	switch {
	case !r.OK():
		return false
	case n == 0 || n > tlsMaxCertificate:
		m.Ledger.Count("tls_certificates_refused", 1)
	case r.Len() < n:
		return false
	default:
		tlsReadCertificate(m, r.Bytes(n))
	}
	s.end()
	return true
}

// tlsReadCertificate reports a certificate about the endpoint that presented it. One that does not parse still has its
// fingerprint.
func tlsReadCertificate(m *Message, der []byte) {
	id := m.Sender()
	sum := sha256.Sum256(der)
	var buf [64]byte
	m.Attr(id, harbour.AttrCertSHA256, wire.AppendHexBytes(buf[:0], sum[:]), harbour.Confirmed)
	c := tlsParseCertificate(der)
	if c == nil {
		m.Ledger.Count("tls_certificates_refused", 1)
		return
	}
	m.AttrString(id, harbour.AttrCertSubject, c.Subject.String(), harbour.Confirmed)
	m.AttrString(id, harbour.AttrCertIssuer, c.Issuer.String(), harbour.Confirmed)
	m.Attr(id, harbour.AttrCertExpiry, c.NotAfter.UTC().AppendFormat(buf[:0], time.RFC3339), harbour.Confirmed)
}

// tlsParseCertificate returns nil where der is no certificate. The fence is against faults of the parser itself.
func tlsParseCertificate(der []byte) (c *x509.Certificate) {
	defer func() {
		if recover() != nil {
			c = nil
		}
	}()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	return c
}
