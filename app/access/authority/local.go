// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/harbour"
)

const (
	caFor       = 10 * 365 * 24 * time.Hour
	serverFor   = 90 * 24 * time.Hour
	renewBefore = 30 * 24 * time.Hour
	// early is how much before now a certificate begins, for clocks that are behind.
	early = time.Hour

	caCert, caKey         = "ca.pem", "ca.key"
	serverCert, serverKey = "server.pem", "server.key"
)

// signer is the local authority.
type signer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// openSigner reads the local authority, or makes it where there is nothing of it.
func openSigner(o Options) (*signer, error) {
	keyFile, certFile := filepath.Join(o.Dir, caKey), filepath.Join(o.Dir, caCert)
	unreadable := func(message, hint string, err error) (*signer, error) {
		return nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "open local authority", Message: message, Hint: hint, Err: err}
	}
	const anew = "bring it back from a backup; or remove ca.key and ca.pem to have another authority made, which then has to be installed in all browsers"
	if err := mend(o.Log, keyFile); err != nil {
		return nil, err
	}
	keyPEM, err := os.ReadFile(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(certFile); err == nil {
			return unreadable("the key "+keyFile+" is not there, but its certificate is", anew, nil)
		}
		return makeSigner(o, nil)
	}
	if err != nil {
		return unreadable("the key "+keyFile+" cannot be read", "give the program the right to read it", err)
	}
	key, err := parseKey(keyPEM)
	if err != nil {
		return unreadable("the key "+keyFile+" is damaged", anew, err)
	}
	certPEM, err := os.ReadFile(certFile)
	if errors.Is(err, fs.ErrNotExist) {
		return makeSigner(o, key) // the same key: what is installed in browsers goes on being good
	}
	if err != nil {
		return unreadable("the certificate "+certFile+" cannot be read", "give the program the right to read it", err)
	}
	block, _ := pem.Decode(certPEM)
	if block == nil {
		return unreadable("the certificate "+certFile+" is damaged", "bring it back from a backup, or remove this file alone: it is made again from its key", nil)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !cert.IsCA {
		return unreadable("the certificate "+certFile+" is damaged", "bring it back from a backup, or remove this file alone: it is made again from its key", err)
	}
	if !key.PublicKey.Equal(cert.PublicKey) {
		return unreadable("the key "+keyFile+" and the certificate "+certFile+" do not go together", anew, nil)
	}
	if !o.Clock().Before(cert.NotAfter) {
		o.Log.Warn("the local authority has expired; another one is made and has to be installed in browsers", slog.Time("until", cert.NotAfter))
		for _, f := range []string{keyFile, certFile} {
			if err := os.Rename(f, f+".expired"); err != nil {
				return unreadable("the expired "+f+" cannot be put aside", "give the program the right to write there", err)
			}
		}
		return makeSigner(o, nil)
	}
	return &signer{cert, key}, nil
}

// makeSigner makes the authority's certificate, and its key where there is none.
func makeSigner(o Options, key *ecdsa.PrivateKey) (*signer, error) {
	if key == nil {
		var err error
		if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return nil, err
		}
		if err := writeKey(filepath.Join(o.Dir, caKey), key); err != nil {
			return nil, err
		}
	}
	names, addresses := o.Subjects()
	domains, ranges := constraints(names, addresses)
	pub, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(pub)
	now := o.Clock()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{Organization: []string{"Breakwater"}, CommonName: "Breakwater local authority " + hex.EncodeToString(sum[:4])},
		NotBefore: now.Add(-early), NotAfter: now.Add(caFor), IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: domains, PermittedIPRanges: ranges,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if err := writeFile(filepath.Join(o.Dir, caCert), encode("CERTIFICATE", der), 0o644); err != nil {
		return nil, err
	}
	o.Log.Info("local authority made", slog.String("fingerprint", Fingerprint(cert)), slog.Time("until", cert.NotAfter))
	return &signer{cert, key}, nil
}

// privateRanges are those that mean something within one network alone.
var privateRanges = []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"}

// constraints is what the authority may speak for: the port's own domains, private addresses, and the machine's own
// public ones.
func constraints(names []string, addresses []netip.Addr) (domains []string, ranges []*net.IPNet) {
	domains = []string{"localhost"}
	for _, n := range names {
		if labels := strings.Split(n, "."); len(labels) > 2 {
			n = strings.Join(labels[1:], ".")
		}
		if !slices.Contains(domains, n) {
			domains = append(domains, n)
		}
	}
	for _, r := range privateRanges {
		if _, n, err := net.ParseCIDR(r); err == nil {
			ranges = append(ranges, n)
		}
	}
	for _, a := range addresses {
		ip := net.IP(a.Unmap().AsSlice())
		if !slices.ContainsFunc(ranges, func(n *net.IPNet) bool { return n.Contains(ip) }) {
			ranges = append(ranges, &net.IPNet{IP: ip, Mask: net.CIDRMask(8*len(ip), 8*len(ip))})
		}
	}
	return domains, ranges
}

// permits says whether the authority may speak for a name or an address.
func (s *signer) permits(name string, ip net.IP) bool {
	if ip != nil {
		return slices.ContainsFunc(s.cert.PermittedIPRanges, func(n *net.IPNet) bool { return n.Contains(ip) })
	}
	return slices.ContainsFunc(s.cert.PermittedDNSDomains, func(d string) bool { return name == d || strings.HasSuffix(name, "."+d) })
}

// own sees to it that a good certificate of the local authority is served.
func (a *Authority) own() error {
	names, ips, left := a.wanted()
	a.problem = ""
	if len(left) > 0 {
		a.problem = "the local authority may not speak for " + strings.Join(left, ", ") + ": it was made when the machine had other names; remove ca.key and ca.pem to have another one made"
	}
	if c := a.current.Load(); c != nil && a.good(c.Leaf, names, ips) {
		return nil
	}
	certFile, keyFile := filepath.Join(a.opt.Dir, serverCert), filepath.Join(a.opt.Dir, serverKey)
	if err := mend(a.opt.Log, keyFile); err != nil {
		return err
	}
	_, c, err := readPair(certFile, keyFile)
	if err == nil && a.good(c.Leaf, names, ips) {
		a.current.Store(c)
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.opt.Log.Warn("server certificate is made anew", slog.Any("error", err))
	}
	if c, err = a.issue(names, ips, certFile, keyFile); err != nil {
		return err
	}
	a.current.Store(c)
	a.opt.Log.Info("server certificate made", slog.Any("names", names), slog.Any("addresses", ips), slog.Time("until", c.Leaf.NotAfter))
	return nil
}

// wanted lists what the certificate is to be for, and what the authority may not speak for.
func (a *Authority) wanted() (names []string, ips []net.IP, left []string) {
	all, addresses := a.opt.Subjects()
	for _, n := range append([]string{"localhost"}, all...) {
		switch {
		case !a.ca.permits(n, nil):
			left = append(left, n)
		case !slices.Contains(names, n):
			names = append(names, n)
		}
	}
	for _, addr := range append([]netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, addresses...) {
		ip := net.IP(addr.Unmap().WithZone("").AsSlice())
		switch {
		case !a.ca.permits("", ip):
			left = append(left, addr.String())
		case !slices.ContainsFunc(ips, ip.Equal):
			ips = append(ips, ip)
		}
	}
	return names, ips, left
}

// good says whether a certificate is of this authority, for all of these, and not due.
func (a *Authority) good(c *x509.Certificate, names []string, ips []net.IP) bool {
	now := a.opt.Clock()
	if now.Before(c.NotBefore) || c.NotAfter.Sub(now) < renewBefore || c.CheckSignatureFrom(a.ca.cert) != nil {
		return false
	}
	for _, n := range names {
		if !slices.Contains(c.DNSNames, n) {
			return false
		}
	}
	for _, ip := range ips {
		if !slices.ContainsFunc(c.IPAddresses, ip.Equal) {
			return false
		}
	}
	return true
}

// issue makes a server certificate with a new key.
func (a *Authority) issue(names []string, ips []net.IP, certFile, keyFile string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := a.opt.Clock()
	until := now.Add(serverFor)
	if until.After(a.ca.cert.NotAfter) {
		until = a.ca.cert.NotAfter
	}
	cn := "Breakwater"
	if n := len(names); n > 0 && len(names[n-1]) <= 64 {
		cn = names[n-1]
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{Organization: []string{"Breakwater"}, CommonName: cn}, NotBefore: now.Add(-early), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true, DNSNames: names, IPAddresses: ips,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.ca.cert, &key.PublicKey, a.ca.key)
	if err != nil {
		return nil, err
	}
	if err := writeKey(keyFile, key); err != nil {
		return nil, err
	}
	if err := writeFile(certFile, encode("CERTIFICATE", der), 0o644); err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

func serial() *big.Int {
	b := make([]byte, 16)
	rand.Read(b)
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b)
}

func parseKey(b []byte) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, errors.New("not in PEM form")
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := k.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("not an ECDSA key")
	}
	return key, nil
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writeFile(path, encode("PRIVATE KEY", der), 0o600)
}

// writeFile puts a file in place whole.
func writeFile(path string, b []byte, mode os.FileMode) error {
	fail := func(err error) error {
		return &harbour.Error{Kind: harbour.ErrInternal, Op: "write " + filepath.Base(path), Message: "the file " + path + " cannot be written", Hint: "give the program the right to write there, and see that the disk is not full", Err: err}
	}
	if err := os.Remove(path + ".new"); err != nil && !errors.Is(err, fs.ErrNotExist) { // left by one that was killed
		return fail(err)
	}
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fail(err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		os.Remove(path + ".new")
		return fail(err)
	}
	return nil
}

// othersMayRead says whether everybody on the machine may read a file.
func othersMayRead(path string) (bool, error) {
	info, err := os.Stat(path)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0, err
}

// mend takes the rights of others away from a key that the program made.
func mend(log *slog.Logger, path string) error {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return nil // what is not there is somebody else's concern
	}
	log.Warn("others might read a key; the right is taken away", slog.String("file", path), slog.String("mode", info.Mode().Perm().String()))
	if err := os.Chmod(path, 0o600); err != nil {
		return &harbour.Error{Kind: harbour.ErrDenied, Op: "open local authority", Message: "others may read the key " + path + ", and that cannot be changed", Hint: "make the program's user the owner of the file", Err: err}
	}
	return nil
}

// Local gives the machine's names and addresses.
func Local() (names []string, addresses []netip.Addr) {
	if host, err := os.Hostname(); err == nil && goodName(host) {
		names = append(names, strings.ToLower(host))
	}
	list, err := net.InterfaceAddrs()
	if err != nil {
		return names, nil
	}
	for _, a := range list {
		p, err := netip.ParsePrefix(a.String())
		if err == nil && p.Addr().IsGlobalUnicast() && !slices.Contains(addresses, p.Addr()) {
			addresses = append(addresses, p.Addr())
		}
	}
	return names, addresses
}

// With is [Local] and names or addresses that the operator gives, such as the one in the port's own DNS.
//
// Errors: ErrUsage for what is neither.
func With(more ...string) (func() ([]string, []netip.Addr), error) {
	var names []string
	var addresses []netip.Addr
	for _, m := range more {
		if a, err := netip.ParseAddr(m); err == nil {
			addresses = append(addresses, a)
			continue
		}
		if !goodName(m) {
			return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "open certificate", Message: "a certificate cannot be for " + strconv.Quote(m), Hint: "give a host name such as breakwater.port.example, or an address"}
		}
		names = append(names, strings.ToLower(m))
	}
	return func() ([]string, []netip.Addr) {
		n, a := Local()
		return append(n, names...), append(a, addresses...)
	}, nil
}

// goodName says whether a certificate can be for a name.
func goodName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}
