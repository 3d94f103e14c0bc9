// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"time"

	"breakwater/evidence"
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
	c := m.certificates.read(&sum, der)
	if !c.parsed {
		m.Ledger.Count("tls_certificates_refused", 1)
		return
	}
	m.AttrString(id, harbour.AttrCertSubject, c.subject, harbour.Confirmed)
	m.AttrString(id, harbour.AttrCertIssuer, c.issuer, harbour.Confirmed)
	m.AttrString(id, harbour.AttrCertExpiry, c.expiry, harbour.Confirmed)
}

// certificate is what is reported of a certificate.
type certificate struct {
	sum                     [sha256.Size]byte
	subject, issuer, expiry string
	parsed                  bool
}

// tlsCertificates keeps what the last certificates say, each at a place that its fingerprint chooses: a server presents
// the same one with every connection, and parsing it is the dearest thing that is done for a connection.
type tlsCertificates [64]certificate

func (t *tlsCertificates) read(sum *[sha256.Size]byte, der []byte) *certificate {
	c := &t[int(sum[0])%len(t)]
	if c.sum == *sum {
		return c
	}
	*c = certificate{sum: *sum}
	if x := tlsParseCertificate(der); x != nil {
		c.subject, c.issuer, c.parsed = tlsName(x.Subject), tlsName(x.Issuer), true
		c.expiry = x.NotAfter.UTC().Format(time.RFC3339)
	}
	return c
}

// tlsName is a name as it is reported: cleaned, and no longer than a value may be.
func tlsName(n pkix.Name) string {
	return string(wire.AppendText(nil, []byte(n.String()), evidence.MaxValue))
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
