// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"breakwater/harbour"
	"breakwater/store"
)

// form is a message of RFC 5424 with one element of structured data, as strictly as the RFC has it.
var form = regexp.MustCompile(`^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) \[([!-<>-\\^-~]{1,32})((?: [a-z]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\] \x{FEFF}([^\n\r]*)$`)

// parsed takes a message apart; nil where it is none.
func parsed(m string) map[string]string {
	g := form.FindStringSubmatch(m)
	if g == nil {
		return nil
	}
	v := map[string]string{"pri": g[1], "time": g[2], "host": g[3], "app": g[4], "type": g[6], "sd": g[7], "text": g[9]}
	for _, p := range regexp.MustCompile(` ([a-z]+)="((?:[^"\\\]]|\\["\\\]])*)"`).FindAllStringSubmatch(g[8], -1) {
		v["."+p[1]] = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\]`, `]`).Replace(p[2])
	}
	return v
}

// stream takes counted messages (RFC 6587, section 3.4.1) from one connection after the other.
func stream(t *testing.T, l net.Listener, out chan<- string) {
	t.Cleanup(func() { l.Close() })
	go func() {
		defer close(out)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			for r := bufio.NewReader(c); ; {
				count, err := r.ReadString(' ')
				if err != nil {
					break
				}
				n, err := strconv.Atoi(strings.TrimSuffix(count, " "))
				if err != nil || n <= 0 || n > maxMessage {
					out <- "not counted: " + count
					break
				}
				b := make([]byte, n)
				if _, err := io.ReadFull(r, b); err != nil {
					break
				}
				out <- string(b)
			}
			c.Close()
		}
	}()
}

func TestSyslog(t *testing.T) {
	for _, transport := range []string{"tcp", "tls", "udp"} {
		t.Run(transport, func(t *testing.T) {
			p := newPort(t)
			got := make(chan string, 100)
			var address string
			switch transport {
			case "udp":
				c, err := net.ListenPacket("udp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { c.Close() })
				address = c.LocalAddr().String()
				go func() {
					b := make([]byte, 64<<10)
					for {
						n, _, err := c.ReadFrom(b)
						if err != nil {
							return
						}
						got <- string(b[:n])
					}
				}()
			default:
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				address = l.Addr().String()
				if transport == "tls" {
					l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{p.cert}})
				}
				stream(t, l, got)
			}
			id, _ := p.add(syslogTo(address, transport), "")
			hostile := "quote \" backslash \\ bracket ] end\n<13>1 2026-01-01T00:00:00Z evil - - - - \u202eforged\u0000é"
			long := strings.Repeat("ä", 3000)
			p.publish("skerry", finding("f-1", harbour.SeverityCritical, hostile), finding(`f-"]2\`, harbour.SeverityLow, long))
			p.follow()
			p.deliver()
			v := p.outlet(id)
			if v.Waiting != 0 || v.LastError != "" {
				t.Fatalf("afterwards the outlet is %+v", v)
			}
			messages := map[string]map[string]string{}
			for range 3 {
				m := <-got
				f := parsed(m)
				if f == nil {
					t.Fatalf("no message of RFC 5424: %q", m)
				}
				if transport == "udp" && len(m) > maxDatagram {
					t.Errorf("a datagram of %d bytes", len(m))
				}
				if !utf8.ValidString(m) || f["host"] != "bridge" || f["app"] != "breakwater" || f["sd"] != "breakwater@32473" || f[".organisation"] != "skerry" {
					t.Errorf("the message is %q", m)
				}
				messages[f["type"]+f[".finding"]] = f
			}
			if f := messages["finding.newf-1"]; f["pri"] != "130" || f[".severity"] != "critical" || !strings.Contains(f["text"], `quote " backslash \ bracket ] end <13>1`) {
				t.Errorf("the critical finding is %v", f)
			}
			if f := messages[`finding.newf-"]2\`]; f["pri"] != "133" || !strings.Contains(f["text"], "ää") {
				t.Errorf("the low finding is %.300v", f)
			}
			if f := messages["generation.published"]; f["pri"] != "134" {
				t.Errorf("the state is %v", f)
			}
		})
	}
}

func TestSyslogFailures(t *testing.T) {
	p := newPort(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().String()
	l.Close()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stream(t, plain, make(chan string, 100))
	for target, transport := range map[string]string{gone: "tcp", plain.Addr().String(): "tls", "nowhere.invalid:514": "tcp"} {
		id, _ := p.add(syslogTo(target, transport), "")
		err := p.Test(t.Context(), p.admin("skerry"), "skerry", id)
		if harbour.KindOf(err) != harbour.ErrUnavailable || strings.Contains(err.(*harbour.Error).Message, "127.0.0.1") {
			t.Errorf("%s by %s: %v", target, transport, err)
		}
	}
	// Nothing leaves in the clear to where it is not allowed.
	if err := p.Allow(t.Context(), system, nil); err != nil {
		t.Fatal(err)
	}
	id, _ := p.add(syslogTo(plain.Addr().String(), "udp"), "")
	if err := p.Test(t.Context(), p.admin("skerry"), "skerry", id); harbour.KindOf(err) != harbour.ErrUnavailable {
		t.Errorf("syslog over UDP to a network that is not allowed: %v", err)
	}
}

func FuzzSyslogMessage(f *testing.F) {
	f.Add("title", "f-1", "host", "finding.new", "skerry")
	f.Add("a\n<13>1 b", `"]\`, "ho st", "finding.gone", "")
	f.Add("\x00\xff\u202e\u2028", strings.Repeat("]", 600), "", "x y", "é")
	f.Fuzz(func(t *testing.T, title, id, host, kind, org string) {
		e := event{Type: kind, At: 1, Org: org, Data: map[string]any{"finding": map[string]any{"id": id, "title": title, "severity": "high", "subjects": []string{title}}, "reason": title}}
		m := string(message(&store.Delivery{ID: id, Event: kind, Body: e.body(), MadeAt: 1}, 16, host, org))
		if len(m) > maxMessage || !utf8.ValidString(m) || strings.ContainsFunc(m, unicode.IsControl) {
			t.Errorf("the message is %q", m)
		}
		if len(m) < maxMessage-4 && parsed(m) == nil {
			t.Errorf("no message of RFC 5424: %q", m)
		}
	})
}

func TestAtOnceOrLater(t *testing.T) {
	now := harbour.At(newPort(t).clock()) // 12:00
	hour := harbour.Instant(3600e6)
	for digest, want := range map[string]harbour.Instant{"none": now, "hourly": now + hour, "daily": now + 18*hour} {
		s := mailTo("x:25", "tls")
		s.Mail.Digest = digest
		if got := s.due(&event{Severity: harbour.SeverityHigh}, now); got != want {
			t.Errorf("%s: %s, want %s", digest, got, want)
		}
		if got := s.due(&event{Severity: harbour.SeverityCritical}, now); got != now {
			t.Errorf("%s, critical: %s, want at once", digest, got)
		}
	}
	hook := all("https://example.org")
	if got := hook.due(&event{}, now); got != now {
		t.Errorf("a webhook waits until %s", got)
	}
}
