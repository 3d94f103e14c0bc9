// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"fmt"
	"math/big"
	"time"
)

// domain is the port's name in the domain name system.
const domain = "skerry.example"

// fqdn is the full name of a host.
func fqdn(h *host) string {
	if h.sub == nil {
		return h.name
	}
	return h.name + "." + domain
}

// keyOf derives a host's key pair from the seed: keys protect nothing here, they have to be the same each time.
func (w *world) keyOf(name string) ed25519.PrivateKey {
	seed := sha256.Sum256(fmt.Appendf(nil, "skerry %d %s", w.o.Seed, name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func (w *world) template(name string, years int) *x509.Certificate {
	sum := sha256.Sum256(fmt.Appendf(nil, "serial %d %s", w.o.Seed, name))
	return &x509.Certificate{
		SerialNumber: new(big.Int).SetUint64(binary.BigEndian.Uint64(sum[:]) >> 1),
		Subject:      pkix.Name{CommonName: name, Organization: []string{"Port of Skerry"}, Country: []string{"DE"}},
		NotBefore:    time.Date(2026, 1, 12, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2026+years, 1, 12, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature, DNSNames: []string{name},
	}
}

// certificate makes a server's certificate, signed by the port's own authority.
func (w *world) certificate(h *host) []byte {
	if c := w.certs[h]; c != nil {
		return c
	}
	issuer := w.template("Skerry Issuing CA 1", 8)
	issuer.DNSNames = nil
	key := w.keyOf(fqdn(h))
	der, err := x509.CreateCertificate(nil, w.template(fqdn(h), 2), issuer, key.Public(), w.keyOf("issuing ca"))
	if err != nil {
		panic("sim: make certificate: " + err.Error())
	}
	w.certs[h] = der
	return der
}

// oldCertificate makes a certificate signed by itself with an RSA key of 1024 bits, as old devices have.
func (w *world) oldCertificate(h *host) []byte {
	if c := w.oldCerts[h]; c != nil {
		return c
	}
	r := newRNG(w.o.Seed, uint64(h.num), 77)
	e := big.NewInt(65537)
	prime := func() *big.Int {
		p := new(big.Int).SetBytes(r.bytes(64))
		p.SetBit(p, 511, 1).SetBit(p, 510, 1).SetBit(p, 0, 1)
		for two, one := big.NewInt(2), big.NewInt(1); ; p.Add(p, two) {
			if new(big.Int).GCD(nil, nil, new(big.Int).Sub(p, one), e).Cmp(one) == 0 && p.ProbablyPrime(20) {
				return p
			}
		}
	}
	p, q, one := prime(), prime(), big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: new(big.Int).ModInverse(e, phi), Primes: []*big.Int{p, q}}
	key.Precompute()
	t := w.template(fqdn(h), 6)
	der, err := x509.CreateCertificate(nil, t, t, &key.PublicKey, key)
	if err != nil {
		panic("sim: make certificate: " + err.Error())
	}
	w.oldCerts[h] = der
	return der
}
