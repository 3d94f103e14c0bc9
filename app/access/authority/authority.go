// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package authority

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/harbour"
)

// Options of an [Authority].
type Options struct {
	// Dir holds what the authority makes itself. It is made where it is missing.
	Dir string
	// Cert and Key are the operator's own pair in PEM form; both "" for the local authority.
	Cert, Key string
	// Subjects gives the names and addresses that a certificate of the local authority is for; nil for [Local].
	Subjects func() ([]string, []netip.Addr)
	// Clock gives the time; nil for the system's.
	Clock func() time.Time
	// Log is told of renewals and problems; nil for none.
	Log *slog.Logger
}

// Authority holds the certificate that is served. Make one with [Open].
type Authority struct {
	opt     Options
	current atomic.Pointer[tls.Certificate]
	mu      sync.Mutex
	ca      *signer // nil with the operator's pair
	seen    [2][32]byte
	problem string
}

// warnBefore is how long before the end of a certificate that is not renewed by itself people hear of it.
const warnBefore = 30 * 24 * time.Hour

// Open reads the certificate, or makes one.
//
// Errors: ErrUnreadable naming the file that is missing or damaged, ErrDenied for the operator's key that others may
// read, ErrUsage where one of a pair is missing.
func Open(o Options) (*Authority, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Subjects == nil {
		o.Subjects = Local
	}
	if (o.Cert == "") != (o.Key == "") {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "open certificate", Message: "a certificate goes with its key", Hint: "give both files, or neither"}
	}
	a := &Authority{opt: o}
	if o.Cert != "" {
		return a, a.loadPair()
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrInternal, Op: "open certificate", Message: "the folder for certificates cannot be made", Hint: "give the program the right to write there", Err: err}
	}
	ca, err := openSigner(o)
	if err != nil {
		return nil, err
	}
	a.ca = ca
	return a, a.own()
}

// TLSConfig is for a server.
func (a *Authority) TLSConfig() *tls.Config {
	return &tls.Config{GetCertificate: a.GetCertificate, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}

// GetCertificate gives what is served now.
func (a *Authority) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return a.current.Load(), nil
}

// CA is the certificate of the local authority in PEM form, to be installed in browsers; nil with the operator's pair.
func (a *Authority) CA() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ca == nil {
		return nil
	}
	return encode("CERTIFICATE", a.ca.cert.Raw)
}

// Check renews the own certificate where it is due, or takes up the operator's pair where its files have changed. Where
// that fails, what was served goes on being served. The program calls it by the clock.
func (a *Authority) Check(context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var err error
	if a.ca == nil {
		err = a.reload()
	} else {
		err = a.own()
	}
	if err != nil {
		a.problem = words(err)
	}
	return err
}

func words(err error) string {
	var e *harbour.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return "the certificate could not be renewed"
}

// loadPair takes the operator's pair.
func (a *Authority) loadPair() error {
	seen, c, err := readPair(a.opt.Cert, a.opt.Key)
	if err != nil {
		return err
	}
	a.seen, a.problem = seen, ""
	a.current.Store(c)
	a.opt.Log.Info("certificate in use", slog.String("subject", c.Leaf.Subject.String()), slog.Time("until", c.Leaf.NotAfter), slog.String("fingerprint", Fingerprint(c.Leaf)))
	return nil
}

// reload takes the operator's pair where its bytes have changed.
func (a *Authority) reload() error {
	seen, err := digests(a.opt.Cert, a.opt.Key)
	if err == nil && seen == a.seen {
		a.problem = ""
		return nil
	}
	if err != nil {
		return err
	}
	return a.loadPair()
}

func digests(files ...string) (d [2][32]byte, err error) {
	for i, f := range files {
		b, err := readFile(f)
		if err != nil {
			return d, err
		}
		d[i] = sha256.Sum256(b)
	}
	return d, nil
}

// maxFile bounds a certificate with its chain, or a key.
const maxFile = 1 << 20

func readFile(path string) ([]byte, error) {
	bad := func(message, hint string, err error) ([]byte, error) {
		return nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read " + filepath.Base(path), Message: message, Hint: hint, Err: err}
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return bad("the file "+path+" is not there", "bring it back from a backup, or name another", err)
	}
	if err == nil && (info.Size() > maxFile || !info.Mode().IsRegular()) {
		return bad("the file "+path+" is neither a certificate nor a key", "it has to be a text in PEM form", nil)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return bad("the file "+path+" cannot be read", "give the program the right to read it", err)
	}
	return b, nil
}

// readPair reads a certificate with its chain, and its key.
func readPair(cert, key string) (seen [2][32]byte, c *tls.Certificate, err error) {
	bad := func(message, hint string, err error) ([2][32]byte, *tls.Certificate, error) {
		return seen, nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read certificate", Message: message, Hint: hint, Err: err}
	}
	certPEM, err := readFile(cert)
	if err != nil {
		return seen, nil, err
	}
	if open, err := othersMayRead(key); err == nil && open {
		return seen, nil, &harbour.Error{
			Kind: harbour.ErrDenied, Op: "read certificate", Message: "everybody on this machine may read the key " + key,
			Hint: "take that right away: chmod o-rwx " + key + ". If others may have read it, ask for a new certificate with a new key.",
		}
	}
	keyPEM, err := readFile(key)
	if err != nil {
		return seen, nil, err
	}
	if !bytes.Contains(certPEM, []byte("-----BEGIN CERTIFICATE-----")) {
		return bad("the file "+cert+" holds no certificate in PEM form", "it starts with -----BEGIN CERTIFICATE-----", nil)
	}
	if bytes.Contains(keyPEM, []byte("ENCRYPTED")) {
		return bad("the key "+key+" has a passphrase", "store it without: openssl pkey -in KEY -out NEW", nil)
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return bad("the certificate "+cert+" and the key "+key+" are damaged or do not go together", "put both files in place again", err)
	}
	if pair.Leaf == nil {
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return bad("the certificate "+cert+" is damaged", "put it in place again", err)
		}
	}
	return [2][32]byte{sha256.Sum256(certPEM), sha256.Sum256(keyPEM)}, &pair, nil
}

// Status is how the certificate does, for the health page and the settings.
type Status struct {
	Own         bool // of the local authority
	Subject     string
	Names       []string // and addresses
	From, Until time.Time
	Fingerprint string // of the certificate
	CA          string // fingerprint of the local authority, for comparing before it is installed
	CAUntil     time.Time
	Problem     string // "" where all is well
}

// Status tells how the certificate does.
func (a *Authority) Status() Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	now, c := a.opt.Clock(), a.current.Load().Leaf
	s := Status{Own: a.ca != nil, Subject: c.Subject.String(), Names: c.DNSNames, From: c.NotBefore, Until: c.NotAfter, Fingerprint: Fingerprint(c), Problem: a.problem}
	for _, ip := range c.IPAddresses {
		s.Names = append(s.Names, ip.String())
	}
	if a.ca != nil {
		s.CA, s.CAUntil = Fingerprint(a.ca.cert), a.ca.cert.NotAfter
	}
	switch {
	case s.Problem != "":
	case !now.Before(s.Until):
		s.Problem = "the certificate has expired"
	case now.Before(s.From):
		s.Problem = "the certificate is not valid yet: is the clock right?"
	case !s.Own && s.Until.Sub(now) < warnBefore:
		s.Problem = "the certificate ends within 30 days and has to be replaced"
	case s.Own && s.CAUntil.Sub(now) < 2*serverFor:
		s.Problem = "the local authority ends within half a year: a new one will have to be installed in browsers"
	}
	return s
}

// Fingerprint is the SHA-256 of a certificate as browsers show it.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	text := strings.ToUpper(hex.EncodeToString(sum[:]))
	var pairs []string
	for i := 0; i < len(text); i += 2 {
		pairs = append(pairs, text[i:i+2])
	}
	return strings.Join(pairs, ":")
}

// CheckPair reads an operator's certificate and key and says whether they could be served now, without serving them.
//
// Errors: as [Open].
func CheckPair(cert, key string, now time.Time) (Status, error) {
	_, c, err := readPair(cert, key)
	if err != nil {
		return Status{}, err
	}
	a := &Authority{opt: Options{Clock: func() time.Time { return now }}}
	a.current.Store(c)
	return a.Status(), nil
}

// For says whether the certificate is for a host name or an address.
func (s Status) For(host string) bool {
	c := x509.Certificate{}
	for _, n := range s.Names {
		if ip := net.ParseIP(n); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, n)
		}
	}
	return c.VerifyHostname(host) == nil
}
