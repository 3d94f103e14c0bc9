// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"breakwater/harbour"
	"breakwater/store"
)

// MailOptions say how and to whom mail is sent.
type MailOptions struct {
	// Security is one of: tls (from the start), starttls (asked for and required), none (to a network that the
	// administrator of the installation allows alone).
	Security string   `json:"security"`
	User     string   `json:"user,omitempty"` // "" where the server asks for none
	From     string   `json:"from"`
	To       []string `json:"to"`
	// Digest gathers what is not critical: none, hourly, daily (at 06:00 UTC).
	Digest string `json:"digest"`
}

// mails sends events as mail: what is due together goes into one.
type mails struct{ u *Outlets }

func (*mails) batch() int { return 500 }

const maxRecipients = 50

func (*mails) check(s *Settings) (err error) {
	m := s.Mail
	if s.Target, err = hostPort(s.Target, "mail server"); err != nil {
		return harbour.In("target", err)
	}
	if !slices.Contains([]string{"tls", "starttls", "none"}, m.Security) {
		return harbour.In("security", invalid("there is no security "+clip(m.Security, 40)+" for mail", "one of: tls, starttls, none"))
	}
	if m.Digest == "" {
		m.Digest = "none"
	}
	if !slices.Contains([]string{"none", "hourly", "daily"}, m.Digest) {
		return harbour.In("digest", invalid("there is no digest "+clip(m.Digest, 40), "one of: none, hourly, daily"))
	}
	if m.User, err = line(m.User, "user", 300); err != nil {
		return harbour.In("user", err)
	}
	if m.Security == "none" && m.User != "" {
		return harbour.In("security", invalid("a password is not sent without TLS", "use tls or starttls, or no user"))
	}
	if m.From, err = address(m.From); err != nil {
		return harbour.In("from", err)
	}
	if len(m.To) == 0 || len(m.To) > maxRecipients {
		return harbour.In("to", invalid(fmt.Sprintf("mail to %d people", len(m.To)), fmt.Sprintf("1 to %d; a mailing list takes more", maxRecipients)))
	}
	for i := range m.To {
		if m.To[i], err = address(m.To[i]); err != nil {
			return harbour.InItem(i, harbour.In("to", err))
		}
	}
	return nil
}

// address checks a mail address: the bare form, so that nothing else can hide in it.
func address(s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := netmail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s || len(s) > 254 || !printable(s) || strings.ContainsAny(s, "\"<>,;:\\()") {
		return "", invalid("“"+clip(s, 60)+"” is not a mail address", "write it as name@example.org")
	}
	return s, nil
}

// due is when an event is to be sent: at once, or with the next digest.
func (s *Settings) due(e *event, now harbour.Instant) harbour.Instant {
	if s.Mail == nil || e.Severity == harbour.SeverityCritical {
		return now
	}
	t := now.Time()
	switch s.Mail.Digest {
	case "hourly":
		return harbour.At(t.Truncate(time.Hour).Add(time.Hour))
	case "daily":
		at := time.Date(t.Year(), t.Month(), t.Day(), 6, 0, 0, 0, time.UTC)
		if !at.After(t) {
			at = at.AddDate(0, 0, 1)
		}
		return harbour.At(at)
	}
	return now
}

const mailFor = 30 * time.Second

func (k *mails) send(ctx context.Context, to *target, list []store.Delivery) (sent int, err error) {
	m, err := k.compose(to, list)
	if err != nil {
		return 0, err
	}
	host, port, err := net.SplitHostPort(to.settings.Target)
	if err != nil {
		return 0, &failure{why: "the address of the mail server is not one"}
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return 0, &failure{why: "the address of the mail server is not one"}
	}
	o := to.settings.Mail
	opts := []mail.Option{mail.WithPort(number), mail.WithTimeout(mailFor), mail.WithTLSConfig(to.guard.tls(host, nil)), mail.WithHELO(helo(k.u.opt.Host))}
	switch o.Security {
	case "tls":
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS), mail.WithDialContextFunc(func(ctx context.Context, _, address string) (net.Conn, error) {
			return to.guard.dialTLS(ctx, host, address, nil)
		}))
	case "starttls":
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithDialContextFunc(to.guard.dial(false)))
	default:
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS), mail.WithDialContextFunc(to.guard.dial(true)))
	}
	if o.User != "" {
		// PLAIN and LOGIN are refused by the library where no TLS protects them.
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthPlain), mail.WithUsername(o.User), mail.WithPassword(string(to.secret)))
	}
	c, err := mail.NewClient(host, opts...)
	if err != nil {
		return 0, &failure{why: "the settings of the mail server do not go together"}
	}
	if err := c.DialAndSendWithContext(ctx, m); err != nil {
		return 0, mailed(err)
	}
	return len(list), nil
}

// helo is the name by which a mail server is greeted.
func helo(host string) string {
	if host = name(host, 255); host == "-" {
		return "localhost"
	}
	return host
}

// mailed puts what a mail server said into words.
func mailed(err error) error {
	if e, ok := errors.AsType[*mail.SendError](err); ok {
		if code := e.ErrorCode(); code > 0 {
			return &failure{why: "the mail server refused with code " + strconv.Itoa(code)}
		}
		if !e.IsTemp() {
			return &failure{why: "the mail server refused the mail"}
		}
	}
	f := reached(err)
	if f.why == "the connection to the receiver failed" {
		f.why = "the mail server could not be spoken to: connection, TLS or sign-in failed"
	}
	return f
}

// compose makes one mail of what is due.
func (k *mails) compose(to *target, list []store.Delivery) (*mail.Msg, error) {
	o := to.settings.Mail
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.From(o.From); err != nil {
		return nil, &failure{why: "the sender is not a mail address"}
	}
	if err := m.To(o.To...); err != nil {
		return nil, &failure{why: "a recipient is not a mail address"}
	}
	subject, text := digest(list, to.org)
	m.Subject(subject)
	_, domain, _ := strings.Cut(o.From, "@")
	m.SetMessageIDWithValue(list[0].ID + "." + strconv.Itoa(len(list)) + "@" + domain) // the same when it is sent again
	m.SetDateWithValue(k.u.core.Clock())
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(mail.TypeTextPlain, text)
	return m, nil
}

// digest writes the subject and the text of a mail: the gravest first.
func digest(list []store.Delivery, org string) (subject, text string) {
	events := make([]received, len(list))
	for i := range list {
		events[i] = read(&list[i])
	}
	slices.SortStableFunc(events, func(a, b received) int { return a.level() - b.level() })
	subject = clip(visible(events[0].title()), 150)
	if len(events) > 1 {
		subject = fmt.Sprintf("%d events; first: %s", len(events), subject)
	}
	if s := events[0].Data.Finding.Severity; s != "" && events[0].Type == EventFindingNew {
		subject = strings.ToUpper(string(s)) + " " + subject
	}
	subject = "[Breakwater " + clip(visible(org), 40) + "] " + subject
	var b strings.Builder
	const shown = 100
	for i := range events {
		if i == shown {
			fmt.Fprintf(&b, "… and %d more; Breakwater shows them all.\n\n", len(events)-shown)
			break
		}
		v := &events[i]
		f := &v.Data.Finding
		fmt.Fprintf(&b, "%s\n  %s, at %s UTC\n", visible(v.title()), v.Type, v.Timestamp.Time().Format("2006-01-02 15:04:05"))
		if f.Severity != "" {
			fmt.Fprintf(&b, "  severity: %s   rule: %s   id: %s\n", f.Severity, visible(f.Rule), visible(f.ID))
		}
		var names []string
		for _, id := range f.Subjects {
			if n := f.Names[id]; n != "" && len(names) < 5 {
				names = append(names, visible(clip(n, 80)))
			}
		}
		if len(names) > 0 {
			fmt.Fprintf(&b, "  about: %s\n", strings.Join(names, ", "))
		}
		if f.Action != "" && v.Type == EventFindingNew {
			fmt.Fprintf(&b, "  next: %s\n", visible(clip(f.Action, 400)))
		}
		b.WriteString("\n")
	}
	b.WriteString("-- \nSent by Breakwater, organisation " + clip(visible(org), 40) + ". Who receives this is set under outlets.\n")
	return subject, b.String()
}
