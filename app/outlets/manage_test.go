// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

func syslogTo(target, transport string) Settings {
	return Settings{Kind: Syslog, Name: "log", Target: target, Events: []string{"*"}, Syslog: &SyslogOptions{Transport: transport, Facility: 16}}
}

func mailTo(target, security string) Settings {
	return Settings{Kind: Mail, Name: "watch", Target: target, Events: []string{"*"}, Mail: &MailOptions{Security: security, From: "breakwater@skerry.example", To: []string{"watch@skerry.example"}}}
}

func TestSettings(t *testing.T) {
	p := newPort(t)
	with := func(s Settings, change func(*Settings)) Settings {
		if s.Syslog != nil {
			v := *s.Syslog
			s.Syslog = &v
		}
		if s.Mail != nil {
			v := *s.Mail
			s.Mail = &v
		}
		change(&s)
		return s
	}
	hook, log, post := all("https://example.org/in"), syslogTo("log.example.org:6514", "tls"), mailTo("mail.example.org:465", "tls")
	for name, s := range map[string]Settings{
		"webhook": hook, "syslog": log, "mail": post,
		"with a port": with(hook, func(s *Settings) { s.Target = "https://example.org:8443/in?x=1" }),
		"some events": with(hook, func(s *Settings) { s.Events = []string{EventFindingNew, EventFindingNew, EventJobFailed} }),
		"starttls":    with(post, func(s *Settings) { s.Mail.Security, s.Mail.User = "starttls", "anna" }),
	} {
		if _, _, err := p.Add(t.Context(), p.admin("skerry"), "skerry", s, ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, s := range map[string]Settings{
		"no kind":               {Name: "x", Target: "https://example.org", Events: []string{"*"}},
		"no name":               with(hook, func(s *Settings) { s.Name = " " }),
		"two lines":             with(hook, func(s *Settings) { s.Name = "a\nb" }),
		"no events":             with(hook, func(s *Settings) { s.Events = nil }),
		"an unknown event":      with(hook, func(s *Settings) { s.Events = []string{"finding.*"} }),
		"an unknown severity":   with(hook, func(s *Settings) { s.Severity = "dire" }),
		"another scheme":        with(hook, func(s *Settings) { s.Target = "file:///etc/passwd" }),
		"gopher":                with(hook, func(s *Settings) { s.Target = "gopher://example.org/" }),
		"no host":               with(hook, func(s *Settings) { s.Target = "https:///in" }),
		"a password in the URL": with(hook, func(s *Settings) { s.Target = "https://u:p@example.org/" }),
		"a fragment":            with(hook, func(s *Settings) { s.Target = "https://example.org/#x" }),
		"a bad port":            with(hook, func(s *Settings) { s.Target = "https://example.org:99999/" }),
		"a line end":            with(hook, func(s *Settings) { s.Target = "https://example.org/\r\nX: y" }),
		"options of another":    with(hook, func(s *Settings) { s.Mail = post.Mail }),
		"no options":            with(log, func(s *Settings) { s.Syslog = nil }),
		"no port":               with(log, func(s *Settings) { s.Target = "log.example.org" }),
		"carrier pigeons":       with(log, func(s *Settings) { s.Syslog.Transport = "pigeon" }),
		"facility":              with(log, func(s *Settings) { s.Syslog.Facility = 24 }),
		"authority":             with(log, func(s *Settings) { s.Syslog.CA = "nonsense" }),
		"no recipient":          with(post, func(s *Settings) { s.Mail.To = nil }),
		"too many":              with(post, func(s *Settings) { s.Mail.To = make([]string, 51) }),
		"a name in the address": with(post, func(s *Settings) { s.Mail.To = []string{"Anna <a@example.org>"} }),
		"two in one":            with(post, func(s *Settings) { s.Mail.To = []string{"a@example.org, b@example.org"} }),
		"a header":              with(post, func(s *Settings) { s.Mail.From = "a@example.org\r\nBcc: b@example.org" }),
		"a password in clear":   with(post, func(s *Settings) { s.Mail.Security, s.Mail.User = "none", "anna" }),
		"an unknown digest":     with(post, func(s *Settings) { s.Mail.Digest = "weekly" }),
	} {
		if _, _, err := p.Add(t.Context(), p.admin("skerry"), "skerry", s, ""); harbour.KindOf(err) != harbour.ErrInvalid || harbour.HintOf(err) == "" {
			t.Errorf("%s: %v, want it refused with a hint", name, err)
		}
	}
}

func TestWhoManages(t *testing.T) {
	p := newPort(t)
	id, _ := p.add(all("https://example.org/"), "")
	ctx := t.Context()
	reader := app.NewActor(app.Actor{Person: "p-r"}, []app.Grant{{Org: "skerry", Actions: map[app.Action]bool{app.ReadFindings: true}}}, p.core.Now)
	part := app.NewActor(app.Actor{Person: "p-p"}, []app.Grant{{Org: "skerry", Actions: map[app.Action]bool{app.ManageWebhooks: true}, Limit: &store.Limit{Sites: []string{"north"}}}}, p.core.Now)
	for name, test := range map[string]struct {
		by   *app.Actor
		org  string
		want harbour.ErrorKind
	}{
		"nobody":                         {nil, "skerry", harbour.ErrUnauthenticated},
		"a reader":                       {reader, "skerry", harbour.ErrDenied},
		"a part":                         {part, "skerry", harbour.ErrDenied},
		"another organisation":           {p.admin("holm"), "skerry", harbour.ErrNotFound},
		"the id in another organisation": {p.admin("holm"), "holm", harbour.ErrNotFound},
	} {
		calls := map[string]func() error{
			"get":    func() error { _, err := p.Get(ctx, test.by, test.org, id); return err },
			"change": func() error { return p.Change(ctx, test.by, test.org, id, all("https://example.org/"), "", 1, true) },
			"renew":  func() error { _, err := p.Renew(ctx, test.by, test.org, id); return err },
			"remove": func() error { return p.Remove(ctx, test.by, test.org, id) },
			"test":   func() error { return p.Test(ctx, test.by, test.org, id) },
		}
		if test.org == "skerry" {
			calls["list"] = func() error { _, err := p.List(ctx, test.by, test.org); return err }
			calls["add"] = func() error {
				_, _, err := p.Add(ctx, test.by, test.org, all("https://example.org/"), "")
				return err
			}
		}
		for call, fn := range calls {
			if err := fn(); harbour.KindOf(err) != test.want {
				t.Errorf("%s: %s: %v, want %s", name, call, err, test.want)
			}
		}
	}
}

func TestSecretsStayHidden(t *testing.T) {
	p := newPort(t)
	_, secret := p.add(all("https://example.org/"), "")
	s := mailTo("mail.example.org:465", "tls")
	s.Mail.User = "anna"
	id, none := p.add(s, "hunter2")
	if none != "" {
		t.Errorf("a mail server has the secret %q", none)
	}
	list, err := p.List(t.Context(), p.admin("skerry"), "skerry")
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	log, _ := p.core.DB.In(store.WholeOrganisation("skerry")).Audit(t.Context(), store.AuditFilter{})
	rows, _ := p.core.DB.OutletsIn(t.Context(), "")
	shown, _ := json.Marshal([]any{list, log, rows})
	for _, hidden := range []string{secret, "hunter2", strings.TrimPrefix(secret, "whsec_")} {
		if strings.Contains(string(shown), hidden) {
			t.Errorf("a secret shows: %s", shown)
		}
	}
	// A password is not carried to another server.
	v := p.outlet(id)
	s.Target = "mail.evil.example:465"
	if err := p.Change(t.Context(), p.admin("skerry"), "skerry", id, s, "", v.Version, false); harbour.KindOf(err) != harbour.ErrInvalid {
		t.Errorf("moving a password to another server: %v", err)
	}
	if err := p.Change(t.Context(), p.admin("skerry"), "skerry", id, s, "other", v.Version, false); err != nil {
		t.Error(err)
	}
	if err := p.Change(t.Context(), p.admin("skerry"), "skerry", id, s, "", v.Version, false); harbour.KindOf(err) != harbour.ErrStale {
		t.Errorf("a change of an old version: %v, want stale", err)
	}
	for i := len(list); i < maxOutlets; i++ {
		p.add(all(fmt.Sprintf("https://example.org/%d", i)), "")
	}
	if _, _, err := p.Add(t.Context(), p.admin("skerry"), "skerry", all("https://example.org/"), ""); harbour.KindOf(err) != harbour.ErrConflict {
		t.Errorf("one outlet too many: %v, want conflict", err)
	}
}
