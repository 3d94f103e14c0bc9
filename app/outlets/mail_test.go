// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

var system = app.System("test")

// post is a small mail server.
type post struct {
	address string
	tls     *tls.Config
	start   bool // offers STARTTLS
	refuse  bool

	mu   sync.Mutex
	to   []string
	auth string
	got  []string
}

func (p *port) post(secure, start bool) *post {
	s := &post{start: start, tls: &tls.Config{Certificates: []tls.Certificate{p.cert}}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	s.address = l.Addr().String()
	if secure {
		l = tls.NewListener(l, s.tls)
	}
	p.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c, secure)
		}
	}()
	return s
}

func (s *post) serve(c net.Conn, secure bool) {
	defer func() { c.Close() }()
	say := func(text string) { fmt.Fprintf(c, "%s\r\n", text) }
	r := bufio.NewReader(c)
	say("220 skerry")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch strings.ToUpper(word) {
		case "EHLO":
			say("250-skerry")
			if s.start && !secure {
				say("250-STARTTLS")
			}
			if secure {
				say("250-AUTH PLAIN")
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go on")
			t := tls.Server(c, s.tls)
			if t.Handshake() != nil {
				return
			}
			c, secure = t, true
			r = bufio.NewReader(c)
		case "AUTH":
			_, b64, _ := strings.Cut(rest, " ")
			b, _ := base64.StdEncoding.DecodeString(b64)
			s.mu.Lock()
			s.auth = string(b)
			s.mu.Unlock()
			say("235 ok")
		case "MAIL", "RSET", "NOOP":
			say("250 ok")
		case "RCPT":
			s.mu.Lock()
			s.to = append(s.to, rest)
			refuse := s.refuse
			s.mu.Unlock()
			if refuse {
				say("550 nobody of that name")
				continue
			}
			say("250 ok")
		case "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(line, "."))
			}
			s.mu.Lock()
			s.got = append(s.got, b.String())
			s.mu.Unlock()
			say("250 kept")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("500 what")
		}
	}
}

func (s *post) mails(t *testing.T) (list []*netmail.Message, texts []string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.got {
		m, err := netmail.ReadMessage(strings.NewReader(g))
		if err != nil {
			t.Fatal(err)
		}
		body := io.Reader(m.Body)
		if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			body = quotedprintable.NewReader(body)
		}
		b, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		list, texts = append(list, m), append(texts, string(b))
	}
	return list, texts
}

func TestMail(t *testing.T) {
	for _, security := range []string{"none", "starttls", "tls"} {
		t.Run(security, func(t *testing.T) {
			p := newPort(t)
			server := p.post(security == "tls", security == "starttls")
			s := mailTo(server.address, security)
			s.Mail.To = append(s.Mail.To, "cso@skerry.example")
			if security != "none" {
				s.Mail.User = "anna"
			}
			id, _ := p.add(s, "hunter2")
			p.publish("skerry", finding("f-1", harbour.SeverityHigh, "Login in the clear\r\nBcc: spy@evil.example\r\n\r\nforged\n.\nQUIT"), finding("f-2", harbour.SeverityCritical, "Kran stört 吊車 \u202e"))
			p.follow()
			p.deliver()
			if v := p.outlet(id); v.Waiting != 0 || v.LastError != "" {
				t.Fatalf("afterwards the outlet is %+v", v)
			}
			list, texts := server.mails(t)
			if len(list) != 1 {
				t.Fatalf("%d mails, want one of all three events", len(list))
			}
			m := list[0]
			subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
			if err != nil || subject != "[Breakwater skerry] CRITICAL 3 events; first: New: Kran stört 吊車  " && strings.TrimSpace(subject) != "[Breakwater skerry] CRITICAL 3 events; first: New: Kran stört 吊車" {
				t.Errorf("the subject is %q, %v", subject, err)
			}
			if m.Header.Get("Bcc") != "" || m.Header.Get("Auto-Submitted") != "auto-generated" || !strings.HasSuffix(m.Header.Get("Message-ID"), "@skerry.example>") {
				t.Errorf("the head is %v", m.Header)
			}
			if !strings.Contains(texts[0], "New: Login in the clear  Bcc: spy@evil.example    forged . QUIT\r\n") || !strings.Contains(texts[0], "about: Crane 1") || !strings.Contains(texts[0], "next: Do it.") {
				t.Errorf("the text is %q", texts[0])
			}
			if len(server.to) != 2 {
				t.Errorf("it went to %v", server.to)
			}
			if want := "\x00anna\x00hunter2"; security != "none" && server.auth != want {
				t.Errorf("signed in with %q, want %q", server.auth, want)
			}
		})
	}
}

func TestMailDigest(t *testing.T) {
	p := newPort(t)
	server := p.post(true, false)
	s := mailTo(server.address, "tls")
	s.Mail.Digest = "daily"
	id, _ := p.add(s, "")
	p.publish("skerry", finding("f-1", harbour.SeverityHigh, "one"), finding("f-2", harbour.SeverityCritical, "two"))
	p.follow()
	p.deliver()
	if list, texts := server.mails(t); len(list) != 1 || strings.Contains(texts[0], "one") || !strings.Contains(texts[0], "two") {
		t.Fatalf("%d mails, want the critical finding alone at once: %q", len(list), texts)
	}
	if v := p.outlet(id); v.Waiting != 2 {
		t.Errorf("%d wait for the digest, want 2", v.Waiting)
	}
	p.later(19 * time.Hour)
	p.deliver()
	if list, texts := server.mails(t); len(list) != 2 || !strings.Contains(texts[1], "one") || !strings.Contains(texts[1], "New state of the port") {
		t.Errorf("%d mails after a day: %q", len(list), texts)
	}
}

func TestMailFailures(t *testing.T) {
	p := newPort(t)
	refusing := p.post(true, false)
	refusing.refuse = true
	plain := p.post(false, false)
	for name, test := range map[string]struct{ target, security, say string }{
		"refused":      {refusing.address, "tls", "refused"},
		"no STARTTLS":  {plain.address, "starttls", "could not be spoken to"},
		"TLS to plain": {plain.address, "tls", "does not speak TLS"},
	} {
		id, _ := p.add(mailTo(test.target, test.security), "")
		err := p.Test(t.Context(), p.admin("skerry"), "skerry", id)
		if harbour.KindOf(err) != harbour.ErrUnavailable || !strings.Contains(err.Error(), test.say) {
			t.Errorf("%s: %v, want it to say %q", name, err, test.say)
		}
	}
	if len(plain.got) != 0 {
		t.Error("a mail went in the clear")
	}
}

// TestLongDigest writes what does not fit into one mail as a number.
func TestLongDigest(t *testing.T) {
	var list []store.Delivery
	for i := range 300 {
		e := event{Type: EventFindingNew, At: 1, Data: map[string]any{"finding": map[string]any{"id": fmt.Sprint(i), "title": strings.Repeat("x", 500), "severity": "low"}}}
		list = append(list, store.Delivery{ID: fmt.Sprint(i), Event: e.Type, Body: e.body()})
	}
	subject, text := digest(list, "skerry")
	if !strings.Contains(text, "and 200 more") || len(subject) > 300 || strings.ContainsAny(subject, "\r\n") {
		t.Errorf("subject %q, text of %d bytes", subject, len(text))
	}
}
