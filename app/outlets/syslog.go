// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"breakwater/harbour"
	"breakwater/store"
)

// SyslogOptions say how a log server is reached.
type SyslogOptions struct {
	// Transport is one of: tls (RFC 5425), tcp (octet counting, RFC 6587), udp (RFC 5426).
	Transport string `json:"transport"`
	// Facility of the messages, 0 to 23.
	Facility int `json:"facility"`
	// CA is the authority that the log server's certificate comes from, in PEM form; "" for those of the system.
	CA string `json:"ca,omitempty"`
}

// syslogs sends events as messages of RFC 5424.
type syslogs struct{ u *Outlets }

func (*syslogs) batch() int { return 100 }

func (*syslogs) check(s *Settings) (err error) {
	if s.Target, err = hostPort(s.Target, "log server"); err != nil {
		return harbour.In("target", err)
	}
	switch s.Syslog.Transport {
	case "tls", "tcp", "udp":
	default:
		return harbour.In("transport", invalid("there is no transport "+clip(s.Syslog.Transport, 40)+" for syslog", "one of: tls, tcp, udp; the last two to a network that the administrator of the installation allows"))
	}
	if s.Syslog.Facility < 0 || s.Syslog.Facility > 23 {
		return harbour.In("facility", invalid("there is no facility "+strconv.Itoa(s.Syslog.Facility), "0 to 23; 16 to 23 are for local use"))
	}
	if s.Syslog.CA == "" {
		return nil
	}
	if _, err := pool(s.Syslog.CA); err != nil || len(s.Syslog.CA) > 64<<10 {
		return harbour.In("ca", invalid("the authority is not a certificate in PEM form", "paste the certificate with its BEGIN and END lines"))
	}
	return nil
}

func pool(pem string) (*x509.CertPool, error) {
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM([]byte(pem)) {
		return nil, invalid("the authority is not a certificate in PEM form", "set it anew")
	}
	return p, nil
}

// syslogFor is how long one message may take to be handed over.
const syslogFor = 10 * time.Second

func (k *syslogs) send(ctx context.Context, to *target, list []store.Delivery) (sent int, err error) {
	o := to.settings.Syslog
	c, err := k.connect(ctx, to)
	if err != nil {
		return 0, reached(err)
	}
	defer c.Close()
	for i := range list {
		m := message(&list[i], o.Facility, k.u.opt.Host, to.org)
		if o.Transport == "udp" {
			m = m[:cut(m, maxDatagram)]
		} else {
			m = append(strconv.AppendInt(nil, int64(len(m)), 10), append([]byte{' '}, m...)...)
		}
		_ = c.SetWriteDeadline(time.Now().Add(syslogFor))
		if _, err := c.Write(m); err != nil {
			return i, reached(err)
		}
	}
	// A stream's peer that is gone shows at the end at the latest: syslog has no acknowledgement of its own.
	if o.Transport != "udp" {
		if err := c.Close(); err != nil {
			return 0, reached(err)
		}
	}
	return len(list), nil
}

func (k *syslogs) connect(ctx context.Context, to *target) (net.Conn, error) {
	o := to.settings.Syslog
	if o.Transport != "tls" {
		return to.guard.dial(true)(ctx, o.Transport, to.settings.Target)
	}
	host, _, err := net.SplitHostPort(to.settings.Target)
	if err != nil {
		return nil, err
	}
	var roots *x509.CertPool
	if o.CA != "" {
		if roots, err = pool(o.CA); err != nil {
			return nil, err
		}
	}
	return to.guard.dialTLS(ctx, host, to.settings.Target, roots)
}

const (
	maxDatagram = 2048 // what a receiver should take (RFC 5426, section 3.2)
	maxMessage  = 8 << 10
)

// cut is where a message may be cut to be no longer than n, between two characters.
func cut(b []byte, n int) int {
	if len(b) <= n {
		return len(b)
	}
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return n
}

// received is an event as it is read back from a delivery.
type received struct {
	Type         string          `json:"type"`
	Timestamp    harbour.Instant `json:"timestamp"`
	Organisation string          `json:"organisation"`
	Data         struct {
		Finding struct {
			ID, Rule, Title, Explanation, Action, Status string
			Severity                                     harbour.Severity
			Subjects                                     []string
			Names                                        map[string]string `json:"subject_names"`
		}
		Person      struct{ ID, Name string }
		Reason      string
		Evidence    string
		Name        string
		Problem     string
		Job         string
		Title       string
		Message     string
		Generation  int64
		NewFindings int `json:"new_findings"`
		Gone        int `json:"gone_findings"`
	} `json:"data"`
}

func read(d *store.Delivery) (v received) {
	if json.Unmarshal(d.Body, &v) != nil {
		v.Type, v.Timestamp = d.Event, d.MadeAt
	}
	return v
}

// title says in one line what happened.
func (v *received) title() string {
	d := &v.Data
	switch v.Type {
	case EventFindingNew:
		return "New: " + d.Finding.Title
	case EventFindingGone:
		return "Gone: " + d.Finding.Title
	case EventFindingChanged:
		t := d.Finding.Title
		if t == "" {
			t = d.Finding.ID
		}
		return "Decided by " + d.Person.Name + ": " + t
	case EventPublished:
		return "New state of the port, number " + strconv.FormatInt(d.Generation, 10) + ": " + strconv.Itoa(d.NewFindings) + " findings came, " + strconv.Itoa(d.Gone) + " went"
	case EventUnreadable:
		return "Evidence could not be read: " + d.Name + ": " + d.Problem
	case EventJobFailed:
		return "Job failed: " + d.Title + ": " + d.Message
	case EventBreakGlass:
		return "Emergency sign-in by " + d.Person.Name + ": " + d.Reason
	case EventAlarm:
		return "Alarm: " + d.Message
	case EventTest:
		return "Test of an outlet of Breakwater"
	}
	return v.Type
}

// level is the severity of RFC 5424.
func (v *received) level() int {
	switch v.Type {
	case EventBreakGlass, EventAlarm:
		return 1
	case EventUnreadable, EventJobFailed:
		return 4
	case EventFindingNew:
		return map[harbour.Severity]int{harbour.SeverityCritical: 2, harbour.SeverityHigh: 3, harbour.SeverityMedium: 4, harbour.SeverityLow: 5, harbour.SeverityInfo: 6}[v.Data.Finding.Severity]
	}
	return 6
}

// enterprise stands where an own number of the vendor would: that which is set aside for examples (RFC 5612).
const enterprise = "@32473"

// message writes a delivery in the form of RFC 5424.
func message(d *store.Delivery, facility int, host, org string) []byte {
	v := read(d)
	at := v.Timestamp
	if at == 0 {
		at = d.MadeAt
	}
	b := make([]byte, 0, 1024)
	b = append(b, '<')
	b = strconv.AppendInt(b, int64(facility*8+v.level()), 10)
	b = append(b, ">1 "...)
	b = at.Time().AppendFormat(b, "2006-01-02T15:04:05.000000Z")
	for _, part := range []struct {
		s     string
		limit int
	}{{host, 255}, {"breakwater", 48}, {"", 128}, {v.Type, 32}} {
		b = append(b, ' ')
		b = append(b, name(part.s, part.limit)...)
	}
	f := &v.Data.Finding
	b = append(b, " [breakwater"+enterprise...)
	for _, p := range []struct{ name, value string }{
		{"id", d.ID},
		{"organisation", org},
		{"finding", f.ID},
		{"rule", f.Rule},
		{"severity", string(f.Severity)},
		{"status", f.Status},
		{"subjects", strings.Join(f.Subjects, " ")},
		{"person", v.Data.Person.ID},
		{"evidence", v.Data.Evidence},
		{"job", v.Data.Job},
	} {
		if p.value != "" {
			b = append(b, ' ')
			b = append(b, p.name...)
			b = append(b, `="`...)
			b = append(b, escaped(clip(p.value, 500))...)
			b = append(b, '"')
		}
	}
	b = append(b, "] \xef\xbb\xbf"...) // the mark says that UTF-8 follows
	b = append(b, visible(v.title())...)
	return b[:cut(b, maxMessage)]
}

// escaped writes a value of structured data (RFC 5424, section 6.3.3).
func escaped(s string) string {
	return strings.NewReplacer(`"`, `\"`, `\`, `\\`, `]`, `\]`).Replace(visible(s))
}

// visible turns what would end a line, or hide or reorder what stands around it, into spaces.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}

// name writes a part of the head: visible ASCII, or a hyphen for none.
func name(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), limit)]
}

func hostname() string {
	s, err := os.Hostname()
	if err != nil {
		return ""
	}
	return s
}
