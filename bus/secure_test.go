// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"breakwater/bus"
	"breakwater/bus/bustest"
	"breakwater/harbour"
)

// certificate writes a certificate for the loopback address that is its own authority.
func certificate(t *testing.T) (cert, key string, known *tls.Config) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "broker"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, b []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	known = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	known.RootCAs.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", private), known
}

// reach opens a bus with these options and publishes; the broker is one that is there, so what fails is not patience.
func reach(t *testing.T, o bus.Options) (bus.State, error) {
	t.Helper()
	o.Patience = 20 * time.Second
	if o.Window != 0 { // it is expected to fail
		o.Patience, o.Window = time.Second, 0
	}
	b, err := bus.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	err = b.Publish(ctx, "jobs.a", "1", nil)
	return b.State(ctx), err
}

// TestTLSAndPassword wants a server with both reached by those who have both, and others told what is the matter.
func TestTLSAndPassword(t *testing.T) {
	cert, key, known := certificate(t)
	addr := bustest.ExternalWith(t, fmt.Sprintf("authorization { user: port, password: hunter2 }\ntls { cert_file: %q, key_file: %q }\n", cert, key)).Addr()
	if s, err := reach(t, bus.Options{URL: "tls://port:hunter2@" + addr, TLS: known}); err != nil || !s.Connected {
		t.Errorf("with both: %+v, %v", s, err)
	}
	for name, tt := range map[string]struct {
		o    bus.Options
		says string
	}{
		"wrong password":    {bus.Options{URL: "tls://port:hunter3@" + addr, TLS: known}, "refuses our credentials"},
		"no password":       {bus.Options{URL: "tls://" + addr, TLS: known}, "refuses our credentials"},
		"unknown authority": {bus.Options{URL: "tls://port:hunter2@" + addr}, "does not answer"},
	} {
		tt.o.Window = time.Nanosecond
		s, err := reach(t, tt.o)
		wantKind(t, name, err, harbour.ErrUnavailable)
		if s.Connected || !strings.Contains(s.Problem, tt.says) || s.Hint == "" || strings.Contains(fmt.Sprint(s, err), "hunter") {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

// TestCredentialsFile signs in with a user's JWT and key, as a server with accounts wants it.
func TestCredentialsFile(t *testing.T) {
	pair := func(make func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string) {
		k, err := make()
		if err != nil {
			t.Fatal(err)
		}
		public, err := k.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		return k, public
	}
	must := func(s string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	operator, operatorID := pair(nkeys.CreateOperator)
	account, accountID := pair(nkeys.CreateAccount)
	_, systemID := pair(nkeys.CreateAccount)
	user, userID := pair(nkeys.CreateUser)
	oc := jwt.NewOperatorClaims(operatorID)
	oc.SystemAccount = systemID
	ac := jwt.NewAccountClaims(accountID)
	ac.Limits.JetStreamLimits = jwt.JetStreamLimits{DiskStorage: -1, Streams: -1, Consumer: -1}
	config := fmt.Sprintf("operator: %s\nresolver: MEMORY\nsystem_account: %s\nresolver_preload: { %s: %s, %s: %s }\n",
		must(oc.Encode(operator)), systemID, accountID, must(ac.Encode(operator)), systemID, must(jwt.NewAccountClaims(systemID).Encode(operator)))
	addr := bustest.ExternalWith(t, config).Addr()
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	creds, err := jwt.FormatUserConfig(must(jwt.NewUserClaims(userID).Encode(account)), seed)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "user.creds")
	if err := os.WriteFile(file, creds, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := reach(t, bus.Options{URL: "nats://" + addr, Credentials: file}); err != nil || !s.Connected {
		t.Errorf("with credentials: %+v, %v", s, err)
	}
	if s, err := reach(t, bus.Options{URL: "nats://" + addr, Window: time.Nanosecond}); err == nil || !strings.Contains(s.Problem, "refuses our credentials") {
		t.Errorf("without: %+v, %v", s, err)
	}
	_, err = bus.Open(ctx, bus.Options{URL: "nats://" + addr, Credentials: file + ".missing"})
	wantKind(t, "a file that is not there", err, harbour.ErrUsage)
}
