// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"encoding/base64"
	"fmt"
	"image"
	"image/jpeg"
	"strings"
	"time"

	"breakwater/sim/frame"
)

// request is one exchange over HTTP.
type request struct {
	path, agent, auth string
	status            string
	server            string
	challenge         string
	kind, body        string
}

// http plays one exchange.
func (q request) play(k *conn) {
	var b strings.Builder
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nAccept: */*\r\n", q.path, k.s.ip, q.agent)
	if q.auth != "" {
		fmt.Fprintf(&b, "Authorization: %s\r\n", q.auth)
	}
	k.ask([]byte(b.String() + "\r\n"))
	b.Reset()
	at := start.Add(time.Duration(k.now)).Format("Mon, 02 Jan 2006 15:04:05") + " GMT"
	fmt.Fprintf(&b, "HTTP/1.1 %s\r\nDate: %s\r\nServer: %s\r\n", q.status, at, q.server)
	if q.challenge != "" {
		fmt.Fprintf(&b, "WWW-Authenticate: %s\r\n", q.challenge)
	}
	fmt.Fprintf(&b, "Content-Type: %s\r\nContent-Length: %d\r\n\r\n", q.kind, len(q.body))
	k.answer([]byte(b.String() + q.body))
}

// page is a device's page as HTML.
func page(title string) string {
	return "<!DOCTYPE html>\n<html><head><title>" + title + "</title></head>\n<body><h1>" + title + "</h1></body></html>\n"
}

// basic is the authorization that sends user and password readable.
func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// login plays an HTTP login with a Basic authorization, first without it, and the server's verdict.
func login(user, password string, q request, granted bool) func(k *conn) {
	return func(k *conn) {
		first := q
		first.status, first.challenge, first.kind, first.body = "401 Unauthorized", `Basic realm="`+k.s.p.model+`"`, "text/html", page("401 Unauthorized")
		first.play(k)
		second := q
		second.auth = basic(user, password)
		if !granted {
			second.status, second.challenge, second.kind, second.body = first.status, first.challenge, first.kind, first.body
		}
		second.play(k)
	}
}

// digest plays an HTTP login whose password does not cross the network.
func digest(user string, q request) func(k *conn) {
	return func(k *conn) {
		nonce := fmt.Sprintf("%016x", k.r.next())
		first := q
		first.status, first.kind, first.body = "401 Unauthorized", "text/html", page("401 Unauthorized")
		first.challenge = fmt.Sprintf(`Digest realm="AXIS_%s", nonce="%s", algorithm=MD5, qop="auth"`, k.s.serial, nonce)
		first.play(k)
		q.auth = fmt.Sprintf(`Digest username="%s", realm="AXIS_%s", nonce="%s", uri="%s", algorithm=MD5, response="%016x%016x", qop=auth, nc=00000001, cnonce="%08x"`,
			user, k.s.serial, nonce, q.path, k.r.next(), k.r.next(), uint32(k.r.next()))
		q.play(k)
	}
}

// picture plays the fetch of one picture of a camera by a recorder.
func (w *world) picture(lines int) func(k *conn, i int) {
	return func(k *conn, i int) {
		request{
			path: "/axis-cgi/jpg/image.cgi?resolution=160x120", agent: "skerry-recorder/2.4", status: "200 OK",
			server: "Apache", kind: "image/jpeg", body: w.jpeg(lines, k.r.n(4)),
		}.play(k)
		k.ack()
	}
}

// jpeg draws a small grey picture; there are four of each size.
func (w *world) jpeg(lines, variant int) string {
	k := [2]int{lines, variant}
	if w.pictures[k] == "" {
		r := newRNG(w.o.Seed, uint64(lines), uint64(variant))
		m := image.NewGray(image.Rect(0, 0, 160, lines))
		for i := range m.Pix {
			m.Pix[i] = byte(i/160 + r.n(90))
		}
		var b strings.Builder
		if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 30}); err != nil {
			panic("sim: draw picture: " + err.Error())
		}
		// The encoder leaves out the JFIF header that cameras send.
		w.pictures[k] = "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b.String()[2:]
	}
	return w.pictures[k]
}

// ftpFile plays the fetch of a directory over FTP's control connection.
func ftpFile(user, password string) func(k *conn) {
	return func(k *conn) {
		k.answer([]byte("220 " + k.s.name + " FTP server ready.\r\n"))
		for _, x := range [][2]string{
			{"USER " + user, "331 Password required for " + user + "."},
			{"PASS " + password, "230 User " + user + " logged in."},
			{"TYPE I", "200 Type set to I."},
			{"SIZE /values.csv", "213 18220"},
			{"QUIT", "221 Goodbye."},
		} {
			k.ask([]byte(x[0] + "\r\n"))
			k.answer([]byte(x[1] + "\r\n"))
		}
		k.ack()
	}
}

// tlsTalk plays a session of TLS 1.2 or 1.3 and some encrypted exchanges.
func (w *world) tlsTalk(version uint16, exchanges int) func(k *conn) {
	return func(k *conn) {
		if k.s.legacy {
			w.tlsOld(k)
			return
		}
		k.ask(frame.TLSClientHello(true, fqdn(k.s), k.r.bytes(64)))
		if version == frame.TLS13 {
			hello := frame.TLSRecord(22, frame.TLS12, frame.TLSServerHello(frame.TLS13, 0x1301, k.r.bytes(64)))
			hello = append(hello, frame.TLSRecord(20, frame.TLS12, []byte{1})...)
			k.answer(append(hello, frame.TLSRecord(23, frame.TLS12, k.r.bytes(1900+k.r.n(600)))...))
			k.ask(append(frame.TLSRecord(20, frame.TLS12, []byte{1}), frame.TLSRecord(23, frame.TLS12, k.r.bytes(53))...))
		} else {
			hello := frame.TLSServerHello(frame.TLS12, 0xc02b, k.r.bytes(64))
			hello = append(hello, frame.TLSCertificates(w.certificate(k.s))...)
			hello = append(hello, frame.TLSKeyExchange(k.r.bytes(32), k.r.bytes(64))...)
			k.answer(frame.TLSRecord(22, frame.TLS12, append(hello, frame.TLSHelloDone()...)))
			tlsFinish(k, frame.TLS12, frame.TLSClientKey(false, k.r.bytes(32)))
		}
		for range exchanges {
			k.ask(frame.TLSRecord(23, frame.TLS12, k.r.bytes(200+k.r.n(500))))
			k.answer(frame.TLSRecord(23, frame.TLS12, k.r.bytes(300+k.r.n(2600))))
		}
		k.ack()
	}
}

// tlsOld plays a session of TLS 1.0.
func (w *world) tlsOld(k *conn) {
	k.ask(frame.TLSClientHello(false, "", k.r.bytes(64)))
	hello := frame.TLSServerHello(frame.TLS10, 0x002f, k.r.bytes(64))
	hello = append(hello, frame.TLSCertificates(w.oldCertificate(k.s))...)
	k.answer(frame.TLSRecord(22, frame.TLS10, append(hello, frame.TLSHelloDone()...)))
	tlsFinish(k, frame.TLS10, frame.TLSClientKey(true, k.r.bytes(128)))
	k.ask(frame.TLSRecord(23, frame.TLS10, k.r.bytes(208)))
	k.answer(frame.TLSRecord(23, frame.TLS10, k.r.bytes(912)))
	k.ack()
}

func tlsFinish(k *conn, version uint16, key []byte) {
	done := append(frame.TLSRecord(20, version, []byte{1}), frame.TLSRecord(22, version, k.r.bytes(48))...)
	k.ask(append(frame.TLSRecord(22, version, key), done...))
	k.answer(append(frame.TLSRecord(20, version, []byte{1}), frame.TLSRecord(22, version, k.r.bytes(48))...))
}

// sshTalk plays a session of SSH 2.0 with the host's key.
func (w *world) sshTalk(server string, exchanges int) func(k *conn) {
	return func(k *conn) {
		if k.s.legacy {
			sshOld(k)
			return
		}
		k.answer(frame.SSHBanner("2.0", server))
		k.ask(frame.SSHBanner("2.0", "OpenSSH_9.6"))
		k.ask(frame.SSHKexInit(k.r.bytes(40)))
		k.answer(frame.SSHKexInit(k.r.bytes(40)))
		k.ask(frame.SSHKexStart(k.r.bytes(48)))
		key := w.keyOf(k.s.name)
		k.answer(append(frame.SSHKexReply(key[32:], k.r.bytes(112)), frame.SSHNewKeys(k.r.bytes(24))...))
		k.ask(frame.SSHNewKeys(k.r.bytes(24)))
		for range exchanges {
			k.ask(frame.SSHEncrypted(k.r.bytes(44 + 16*k.r.n(4))))
			k.answer(frame.SSHEncrypted(k.r.bytes(44 + 16*k.r.n(30))))
		}
		k.ack()
	}
}

// sshOld plays the start of a session of SSH 1.5.
func sshOld(k *conn) {
	k.answer([]byte("SSH-1.5-Cisco-1.25\n"))
	k.ask([]byte("SSH-1.5-OpenSSH_7.4\n"))
	k.answer(frame.SSH1PublicKey(k.r.bytes(300)))
	k.ask(frame.SSHEncrypted(k.r.bytes(156)))
	k.answer(frame.SSHEncrypted(k.r.bytes(12)))
	k.ack()
}

// smbTime is the start of the captures as Windows counts time.
const smbTime = (1794805200 + 11644473600) * 10_000_000

// smbTalk plays the negotiation of SMB 3.0.2, or of what an old server has.
func smbTalk(k *conn) {
	if k.s.legacy {
		smbOld(k)
		return
	}
	k.ask(frame.SMB2Negotiate(0, k.r.bytes(16)))
	k.answer(frame.SMB2Chosen(0, 0x0302, smbTime, k.r.bytes(16)))
	k.ack()
}

// smbMulti plays the negotiation of a client that offers SMB 1 and 2 at once to a server that has 2 alone.
func smbMulti(k *conn) {
	k.ask(frame.SMB1Negotiate("NT LM 0.12", "SMB 2.002", "SMB 2.???"))
	k.answer(frame.SMB2Chosen(0, 0x02ff, smbTime, k.r.bytes(16)))
	k.ask(frame.SMB2Negotiate(1, k.r.bytes(16)))
	k.answer(frame.SMB2Chosen(1, 0x0302, smbTime, k.r.bytes(16)))
	k.ack()
}

// smbOld plays the negotiation with a server that has SMB 1 alone.
func smbOld(k *conn) {
	k.ask(frame.SMB1Negotiate("PC NETWORK PROGRAM 1.0", "LANMAN1.0", "NT LM 0.12", "SMB 2.002", "SMB 2.???"))
	k.answer(frame.SMB1Chosen(2, smbTime, k.r.bytes(8), "SKERRY", k.s.name))
	k.ack()
}
