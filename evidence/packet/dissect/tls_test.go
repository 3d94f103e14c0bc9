// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
)

// tlsRecorder keeps what is written to a connection.
type tlsRecorder struct {
	net.Conn
	from Side
	log  *[]say
}

func (r tlsRecorder) Write(b []byte) (int, error) {
	*r.log = append(*r.log, say{r.from, bytes.Clone(b)})
	return r.Conn.Write(b)
}

// tlsHandshakeBytes records a real handshake, and returns it with the server's certificate.
func tlsHandshakeBytes(tb testing.TB, version uint16) (log []say, der []byte) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "gate-1", Organization: []string{"Port"}},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC),
	}
	if der, err = x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key); err != nil {
		tb.Fatal(err)
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	server := tls.Server(tlsRecorder{b, ServerSide, &log}, &tls.Config{
		MinVersion: tls.VersionTLS10, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	})
	done := make(chan error, 1)
	go func() { done <- server.Handshake() }()
	client := tls.Client(tlsRecorder{a, ClientSide, &log}, &tls.Config{
		MinVersion: tls.VersionTLS10, MaxVersion: version, ServerName: "gate.port.example", InsecureSkipVerify: true,
	})
	if err := client.Handshake(); err != nil {
		tb.Fatal(err)
	}
	if err := <-done; err != nil {
		tb.Fatal(err)
	}
	return log, der
}

// tlsRecords cuts what was written into records.
func tlsRecords(tb testing.TB, log []say) (out []say) {
	tb.Helper()
	for _, s := range log {
		for b := s.b; len(b) > 0; {
			n := tlsFrame(b, s.from)
			if n <= 0 || n > len(b) {
				tb.Fatalf("Frame = %d of %d bytes", n, len(b))
			}
			out = append(out, say{s.from, b[:n]})
			b = b[n:]
		}
	}
	return out
}

func TestTLSRead(t *testing.T) {
	for _, tt := range []struct {
		version uint16
		name    string
		cert    bool
	}{
		{tls.VersionTLS10, "TLS 1.0", true},
		{tls.VersionTLS11, "TLS 1.1", true},
		{tls.VersionTLS12, "TLS 1.2", true},
		{tls.VersionTLS13, "TLS 1.3", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log, _ := tlsHandshakeBytes(t, tt.version)
			got := facts(exchange(t, &tlsProtocol, tlsRecords(t, log)...))
			for _, want := range []string{"10.0.0.2 tls_server_name=gate.port.example\n", "10.0.0.1 ja4=t", "10.0.0.2 tls_version=" + tt.name + "\n"} {
				if !strings.Contains(got, want) {
					t.Errorf("facts =\n%swant %s", got, want)
				}
			}
			if strings.Count(got, "tls_version") != 1 {
				t.Errorf("facts =\n%swant one version", got)
			}
			cert := strings.Contains(got, "10.0.0.2 certificate_subject=CN=gate-1,O=Port\n10.0.0.2 certificate_issuer=CN=gate-1,O=Port\n"+
				"10.0.0.2 certificate_not_after=2031-02-03T04:05:06Z\n")
			if cert != tt.cert {
				t.Errorf("facts =\n%scertificate there = %v, want %v", got, cert, tt.cert)
			}
		})
	}
}

// TestTLSSpanning cuts every handshake message into records of few bytes: what is said must not change.
func TestTLSSpanning(t *testing.T) {
	log, _ := tlsHandshakeBytes(t, tls.VersionTLS12)
	records := tlsRecords(t, log)
	want := facts(exchange(t, &tlsProtocol, records...))
	for _, size := range []int{1, 3, 7, 100} {
		var cut []say
		for _, r := range records {
			if r.b[0] != tlsHandshake {
				cut = append(cut, r)
				continue
			}
			for part := range slices.Chunk(r.b[tlsRecordHead:], size) {
				head := append(bytes.Clone(r.b[:3]), byte(len(part)>>8), byte(len(part)))
				cut = append(cut, say{r.from, append(head, part...)})
			}
		}
		if got := facts(exchange(t, &tlsProtocol, cut...)); got != want {
			t.Errorf("in records of %d bytes facts =\n%swant\n%s", size, got, want)
		}
	}
}

// TestTLSEncrypted checks that nothing is taken for a handshake once a side encrypts.
func TestTLSEncrypted(t *testing.T) {
	log, _ := tlsHandshakeBytes(t, tls.VersionTLS12)
	records := tlsRecords(t, log)
	hello := records[0]
	got := facts(exchange(t, &tlsProtocol, say{ClientSide, []byte("\x14\x03\x03\x00\x01\x01")}, hello))
	if !strings.Contains(got, "ja4") {
		t.Error("a stray record before the handshake ended it")
	}
	got = facts(exchange(t, &tlsProtocol, hello, say{ServerSide, []byte("\x14\x03\x03\x00\x01\x01")}, say{ServerSide, records[1].b}))
	if strings.Contains(got, "tls_version") {
		t.Errorf("facts =\n%swant no version from an encrypted record", got)
	}
}

func TestTLSTooLong(t *testing.T) {
	part := append([]byte{tlsHandshake, 3, 3, 0x3f, 0xff}, make([]byte, 0x3fff)...)
	copy(part[5:], "\x02\xff\xff\xff") // a ServerHello of 16 MiB
	m := say{ServerSide, part}
	l := exchange(t, &tlsProtocol, m, m, m, m)
	if n := l.Counter("tls_handshakes_too_long"); n != 1 {
		t.Errorf("tls_handshakes_too_long = %d, want 1", n)
	}
}

func TestTLSBadCertificate(t *testing.T) {
	body := "\x00\x00\x08\x00\x00\x05junk!"
	hs := "\x0b\x00\x00" + string([]byte{byte(len(body))}) + body
	l := exchange(t, &tlsProtocol, say{ServerSide, []byte("\x16\x03\x03" + be16(len(hs)) + hs)})
	if n := l.Counter("tls_certificates_refused"); n != 1 || !strings.HasPrefix(facts(l), "10.0.0.2 certificate_sha256=") {
		t.Errorf("tls_certificates_refused = %d, facts = %s, want 1 and the fingerprint alone", n, facts(l))
	}
}

func TestTLSProbe(t *testing.T) {
	log, _ := tlsHandshakeBytes(t, tls.VersionTLS13)
	wantProbe(t, &tlsProtocol, "ClientHello", log[0].b, Good, ClientSide)
	wantProbe(t, &tlsProtocol, "ServerHello", log[1].b, Good, ServerSide)
	wantProbe(t, &tlsProtocol, "first bytes", log[0].b[:4], Short, AnySide)
	wantProbe(t, &tlsProtocol, "alert", []byte("\x15\x03\x01\x00\x02\x02\x28"), Good, AnySide)
	wantProbe(t, &tlsProtocol, "data", []byte("\x17\x03\x03\x00\x20abcdef"), Weak, AnySide)
	wantProbe(t, &tlsProtocol, "SSL 2.0 hello", []byte("\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10"), No, AnySide)
	wantProbe(t, &tlsProtocol, "other version", []byte("\x16\x02\x01\x00\x20\x01\x00\x00\x1c\x03\x03"), No, AnySide)
	wantProbe(t, &tlsProtocol, "too long", []byte("\x16\x03\x01\xff\x20\x01\x00\x00\x1c\x03\x03"), No, AnySide)
	wantProbe(t, &tlsProtocol, "no hello inside", []byte("\x16\x03\x01\x00\x20\x01\x77\x00\x1c\x03\x03"), No, AnySide)
	wantProbe(t, &tlsProtocol, "text", []byte("\x16\x03 hello you there"), No, AnySide)
}

// TestJA4 uses the worked example of the published description of JA4, with GREASE values put in.
func FuzzTLS(f *testing.F) {
	var seeds [][]byte
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		log, _ := tlsHandshakeBytes(f, v)
		for _, s := range log {
			seeds = append(seeds, s.b)
		}
	}
	fuzzProtocol(f, &tlsProtocol, seeds...)
}

func TestTLSSidesFromContent(t *testing.T) {
	log, _ := tlsHandshakeBytes(t, tls.VersionTLS12)
	l := evidence.NewLedger(evidence.LimitsFor(1 << 20))
	f := &FlowState{Protocol: &tlsProtocol}
	m := &Message{From: ServerSide, Packet: &decode.Packet{}, Ledger: l, Flow: f, Confirmed: true, Place: 1}
	m.Begin(&tlsProtocol)
	tlsRead(m, log[0].b)
	if got := f.TakeSide(); got != ClientSide {
		t.Errorf("side of a ClientHello's sender = %d, want %d", got, ClientSide)
	}
}
