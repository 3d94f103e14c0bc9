// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package authority

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"breakwater/harbour"
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// place is a folder, a clock and a machine's names that tests change.
type place struct {
	t         *testing.T
	opt       Options
	now       time.Time
	names     []string
	addresses []netip.Addr
	log       bytes.Buffer
}

func newPlace(t *testing.T) *place {
	p := &place{t: t, now: start, names: []string{"breakwater.westhaven.example"}, addresses: []netip.Addr{netip.MustParseAddr("10.1.2.3"), netip.MustParseAddr("203.0.113.9")}}
	p.opt = Options{
		Dir: filepath.Join(t.TempDir(), "tls"), Clock: func() time.Time { return p.now }, Log: slog.New(slog.NewTextHandler(&p.log, nil)),
		Subjects: func() ([]string, []netip.Addr) { return p.names, p.addresses },
	}
	return p
}

func (p *place) open() *Authority {
	p.t.Helper()
	a, err := Open(p.opt)
	if err != nil {
		p.t.Fatal(err)
	}
	return a
}

func (p *place) served(a *Authority) *x509.Certificate {
	p.t.Helper()
	c, err := a.GetCertificate(nil)
	if err != nil || c == nil {
		p.t.Fatalf("GetCertificate = %v, %v", c, err)
	}
	return c.Leaf
}

// trusts checks a certificate as a browser that has the authority installed.
func (p *place) trusts(ca []byte, c *x509.Certificate, name string) error {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		p.t.Fatal("the authority's certificate is none")
	}
	_, err := c.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: p.now})
	return err
}

func TestOwn(t *testing.T) {
	p := newPlace(t)
	a := p.open()
	c := p.served(a)
	for _, name := range []string{"breakwater.westhaven.example", "localhost", "10.1.2.3", "203.0.113.9", "127.0.0.1", "::1"} {
		if err := p.trusts(a.CA(), c, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"westhaven.example", "other.westhaven.example", "10.1.2.4"} {
		if p.trusts(a.CA(), c, name) == nil {
			t.Errorf("the certificate is good for %s, too", name)
		}
	}
	s := a.Status()
	if !s.Own || s.Problem != "" || s.CA == "" || len(s.CA) != 95 || s.Until != start.Add(serverFor) || !slices.Contains(s.Names, "10.1.2.3") {
		t.Errorf("Status = %+v", s)
	}
	for _, f := range []string{caKey, serverKey} {
		info, err := os.Stat(filepath.Join(p.opt.Dir, f))
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f, info.Mode(), err)
		}
	}
	if again := p.open(); !p.served(again).Equal(c) || !bytes.Equal(again.CA(), a.CA()) {
		t.Error("another start made another certificate")
	}
}

// TestHandshake serves by TLS and asks as a browser does.
func TestHandshake(t *testing.T) {
	p := newPlace(t)
	p.opt.Clock, p.opt.Subjects = nil, nil
	a := p.open()
	l, err := tls.Listen("tcp", "127.0.0.1:0", a.TLSConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.(*tls.Conn).Handshake()
			c.Close()
		}
	}()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.CA())
	for _, name := range []string{"127.0.0.1", "localhost"} {
		c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: roots, ServerName: name, NextProtos: []string{"h2"}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := c.ConnectionState(); got.NegotiatedProtocol != "h2" || got.Version < tls.VersionTLS13 {
			t.Errorf("%s: protocol %q, version %x", name, got.NegotiatedProtocol, got.Version)
		}
		c.Close()
	}
	if _, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "localhost", MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 passes")
	}
}

// TestConstraints wants nobody who has the authority installed to believe it about the rest of the world.
func TestConstraints(t *testing.T) {
	p := newPlace(t)
	a := p.open()
	for name, want := range map[string]bool{
		"other.westhaven.example": true, "westhaven.example": true, "bank.example": false, "evilwesthaven.example": false, "10.9.9.9": true, "fd00::1": true, "203.0.113.9": true, "203.0.113.10": false, "198.51.100.1": false,
	} {
		key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		c := &x509.Certificate{SerialNumber: serial(), Subject: pkix.Name{CommonName: "x"}, NotBefore: start, NotAfter: start.Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
		if ip := net.ParseIP(name); ip != nil {
			c.IPAddresses = []net.IP{ip}
		} else {
			c.DNSNames = []string{name}
		}
		der, err := x509.CreateCertificate(rand.Reader, c, a.ca.cert, &key.PublicKey, a.ca.key)
		if err != nil {
			t.Fatal(err)
		}
		leaf, _ := x509.ParseCertificate(der)
		if err := p.trusts(a.CA(), leaf, name); (err == nil) != want {
			t.Errorf("a certificate for %s: %v, want %v", name, err, want)
		}
	}
}

func TestRenewal(t *testing.T) {
	p := newPlace(t)
	a := p.open()
	ca, first := a.CA(), p.served(a)
	check := func() *x509.Certificate {
		t.Helper()
		if err := a.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		return p.served(a)
	}
	p.now = start.Add(60 * 24 * time.Hour)
	if !check().Equal(first) {
		t.Error("renewed before it is due")
	}
	p.now = p.now.Add(time.Hour)
	second := check()
	if second.Equal(first) || second.NotAfter != p.now.Add(serverFor).Truncate(time.Second) {
		t.Errorf("not renewed 30 days before its end: until %v", second.NotAfter)
	}
	if err := p.trusts(ca, second, "10.1.2.3"); err != nil {
		t.Error(err)
	}

	p.addresses = append(p.addresses, netip.MustParseAddr("192.168.7.7"))
	p.names = append(p.names, "bw.westhaven.example")
	third := check()
	if err := p.trusts(ca, third, "192.168.7.7"); err != nil {
		t.Errorf("a new address: %v", err)
	}
	if err := p.trusts(ca, third, "bw.westhaven.example"); err != nil {
		t.Errorf("a new name: %v", err)
	}
	p.names, p.addresses = p.names[:1], p.addresses[:1]
	if !check().Equal(third) {
		t.Error("renewed because a name went")
	}
	p.names = append(p.names, "breakwater.bank.example")
	if check(); !strings.Contains(a.Status().Problem, "breakwater.bank.example") {
		t.Errorf("a name beyond the constraints: %+v", a.Status())
	}
	if err := p.trusts(ca, p.served(a), "10.1.2.3"); err != nil {
		t.Errorf("the rest: %v", err)
	}
	p.names = p.names[:1]

	// After a long time off everything is made again that has to be.
	p.now = start.Add(caFor - 100*24*time.Hour)
	if a = p.open(); !strings.Contains(a.Status().Problem, "local authority ends") || !p.served(a).NotAfter.Before(start.Add(caFor+1)) {
		t.Errorf("near the authority's end: %+v", a.Status())
	}
	p.now = start.Add(caFor + time.Hour)
	a = p.open()
	if err := p.trusts(a.CA(), p.served(a), "10.1.2.3"); err != nil || bytes.Equal(a.CA(), ca) {
		t.Errorf("after the authority's end: %v", err)
	}
	if _, err := os.Stat(filepath.Join(p.opt.Dir, caKey+".expired")); err != nil {
		t.Errorf("the old key: %v", err)
	}
}

func TestDamage(t *testing.T) {
	file := func(p *place, name string) string { return filepath.Join(p.opt.Dir, name) }
	write := func(t *testing.T, path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		do   func(t *testing.T, p *place)
		want string // named in the error; "" where it is mended
		same bool   // the authority is
	}{
		"server certificate cut":  {func(t *testing.T, p *place) { write(t, file(p, serverCert), "-----BEGIN CERTIFICATE-----\nAAAA") }, "", true},
		"server key gone":         {func(_ *testing.T, p *place) { os.Remove(file(p, serverKey)) }, "", true},
		"both gone":               {func(_ *testing.T, p *place) { os.Remove(file(p, serverKey)); os.Remove(file(p, serverCert)) }, "", true},
		"left by one killed":      {func(t *testing.T, p *place) { write(t, file(p, serverKey)+".new", "x"); os.Remove(file(p, serverKey)) }, "", true},
		"authority's certificate": {func(t *testing.T, p *place) { write(t, file(p, caCert), "rubbish") }, caCert, false},
		"its certificate gone":    {func(_ *testing.T, p *place) { os.Remove(file(p, caCert)) }, "", false},
		"authority's key cut":     {func(t *testing.T, p *place) { write(t, file(p, caKey), "-----BEGIN PRIVATE KEY-----\n") }, caKey, false},
		"authority's key gone":    {func(_ *testing.T, p *place) { os.Remove(file(p, caKey)) }, caKey, false},
		"authority's key replaced": {func(t *testing.T, p *place) {
			b, _ := os.ReadFile(file(p, serverKey))
			write(t, file(p, caKey), string(b))
		}, "do not go together", false},
		"all gone": {func(_ *testing.T, p *place) { os.RemoveAll(p.opt.Dir) }, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			old := p.open()
			ca := old.CA()
			tt.do(t, p)
			a, err := Open(p.opt)
			if tt.want != "" {
				if harbour.KindOf(err) != harbour.ErrUnreadable || !strings.Contains(err.Error(), tt.want) || harbour.HintOf(err) == "" {
					t.Errorf("Open = %v, want it to name %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := p.trusts(a.CA(), p.served(a), "10.1.2.3"); err != nil {
				t.Error(err)
			}
			if bytes.Equal(a.CA(), ca) != tt.same {
				t.Errorf("the authority is the same: %v, want %v", !tt.same, tt.same)
			}
			if name == "its certificate gone" {
				if err := p.trusts(ca, p.served(a), "10.1.2.3"); err != nil {
					t.Errorf("what is installed in browsers: %v", err)
				}
			}
		})
	}
}

func TestOwnRights(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("rights are kept otherwise there")
	}
	p := newPlace(t)
	p.open()
	key := filepath.Join(p.opt.Dir, caKey)
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	p.open()
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(p.log.String(), "others might read a key") {
		t.Errorf("rights = %v, %v", info.Mode(), err)
	}
}

// pair writes a certificate of another authority, as an operator would put it in place.
func (p *place) pair(name string, until time.Time) (cert, key string) {
	p.t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: serial(), Subject: pkix.Name{CommonName: name}, NotBefore: start.Add(-time.Hour), NotAfter: until, DNSNames: []string{name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		p.t.Fatal(err)
	}
	dir := filepath.Dir(p.opt.Dir)
	cert, key = filepath.Join(dir, "operator.pem"), filepath.Join(dir, "operator.key")
	if err := writeFile(cert, encode("CERTIFICATE", der), 0o644); err != nil {
		p.t.Fatal(err)
	}
	if err := writeKey(key, k); err != nil {
		p.t.Fatal(err)
	}
	return cert, key
}

func TestOperatorsPair(t *testing.T) {
	p := newPlace(t)
	p.opt.Cert, p.opt.Key = p.pair("one.example", start.Add(100*24*time.Hour))
	a := p.open()
	if a.CA() != nil || a.Status().Own || a.Status().Problem != "" || p.served(a).Subject.CommonName != "one.example" {
		t.Errorf("Status = %+v", a.Status())
	}
	if _, err := os.Stat(p.opt.Dir); err == nil {
		t.Error("a local authority was made beside the operator's pair")
	}
	if err := a.Check(t.Context()); err != nil {
		t.Fatal(err)
	}

	// Half a replacement is not taken up.
	old, _ := os.ReadFile(p.opt.Cert)
	p.pair("two.example", start.Add(200*24*time.Hour))
	fresh, _ := os.ReadFile(p.opt.Cert)
	for name, bytes := range map[string][]byte{"old certificate beside the new key": old, "half a file": fresh[:len(fresh)/2], "nothing": nil} {
		if err := os.WriteFile(p.opt.Cert, bytes, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := a.Check(t.Context()); harbour.KindOf(err) != harbour.ErrUnreadable {
			t.Errorf("%s: Check = %v", name, err)
		}
		if p.served(a).Subject.CommonName != "one.example" || a.Status().Problem == "" {
			t.Errorf("%s: %+v", name, a.Status())
		}
	}
	if err := os.WriteFile(p.opt.Cert, fresh, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := a.Check(t.Context()); err != nil || p.served(a).Subject.CommonName != "two.example" || a.Status().Problem != "" {
		t.Errorf("the whole replacement: %v, %+v", err, a.Status())
	}
	p.now = start.Add(180 * 24 * time.Hour)
	if got := a.Status().Problem; !strings.Contains(got, "within 30 days") {
		t.Errorf("20 days before the end: %q", got)
	}
	p.now = start.Add(200 * 24 * time.Hour)
	if got := a.Status().Problem; !strings.Contains(got, "expired") {
		t.Errorf("at the end: %q", got)
	}
	p.now = start.Add(-24 * time.Hour)
	if got := a.Status().Problem; !strings.Contains(got, "not valid yet") {
		t.Errorf("before its begin: %q", got)
	}
}

func TestBadPairs(t *testing.T) {
	p := newPlace(t)
	cert, key := p.pair("one.example", start.Add(time.Hour))
	open := func(cert, key string) error {
		o := p.opt
		o.Cert, o.Key = cert, key
		_, err := Open(o)
		return err
	}
	if err := open(cert, ""); harbour.KindOf(err) != harbour.ErrUsage {
		t.Errorf("a certificate alone: %v", err)
	}
	dir := t.TempDir()
	locked := filepath.Join(dir, "locked.key")
	os.WriteFile(locked, []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), 0o600)
	big := filepath.Join(dir, "big.pem")
	os.WriteFile(big, make([]byte, maxFile+1), 0o600)
	for name, tt := range map[string]struct{ cert, key, names string }{
		"missing certificate": {cert + "x", key, cert + "x"}, "missing key": {cert, key + "x", key + "x"}, "swapped": {key, cert, key}, "a folder": {dir, key, dir},
		"passphrase": {cert, locked, "passphrase"}, "far too long": {big, key, big},
	} {
		err := open(tt.cert, tt.key)
		if k := harbour.KindOf(err); k != harbour.ErrUnreadable && !(name == "swapped" && k == harbour.ErrDenied) || !strings.Contains(err.Error(), tt.names) && name != "swapped" || harbour.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(key, 0o640); err != nil {
			t.Fatal(err)
		}
		if err := open(cert, key); err != nil {
			t.Errorf("a key for a group: %v", err)
		}
		if err := os.Chmod(key, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := open(cert, key); harbour.KindOf(err) != harbour.ErrDenied || !strings.Contains(err.Error(), key) {
			t.Errorf("a key for everybody: %v", err)
		}
	}
}

func TestWith(t *testing.T) {
	subjects, err := With("Breakwater.Port.Example", "192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	names, addresses := subjects()
	if !slices.Contains(names, "breakwater.port.example") || !slices.Contains(addresses, netip.MustParseAddr("192.0.2.7")) {
		t.Errorf("subjects = %v, %v", names, addresses)
	}
	for _, bad := range []string{"", "*.port.example", "a b", "port..example", "https://port.example", strings.Repeat("a", 64) + ".example"} {
		if _, err := With(bad); harbour.KindOf(err) != harbour.ErrUsage {
			t.Errorf("With(%q) = %v", bad, err)
		}
	}
}
