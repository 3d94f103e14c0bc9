// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"breakwater/app"
	"breakwater/app/outlets"
	"breakwater/harbour"
	"breakwater/web/shell"
)

func (p *pages) registerOutlets(s *shell.Shell) {
	s.In("GET settings/outlets", p.outlets)
	s.In("POST settings/outlets/networks", p.allow)
	s.In("GET settings/add-outlet/{kind}", p.newOutlet)
	s.In("POST settings/add-outlet/{kind}", p.addOutlet)
	s.In("GET settings/outlets/{id}", p.outlet)
	s.In("POST settings/outlets/{id}/change", p.changeOutlet)
	s.In("POST settings/outlets/{id}/test", p.testOutlet)
	s.In("POST settings/outlets/{id}/renew", p.renewOutlet)
	s.In("POST settings/outlets/{id}/remove", p.removeOutlet)
}

// outletKinds are the kinds of outlet, and what people call them.
var outletKinds = []struct{ kind, name, about, target, example string }{
	{outlets.Webhook, "Webhook", "A program gets each event by a signed HTTP POST.", "Address", "https://soc.port.example/breakwater"},
	{outlets.Syslog, "Log server", "Events go to a log server or SIEM as syslog (RFC 5424).", "Host and port", "log.port.example:6514"},
	{outlets.Mail, "E-mail", "People get events by mail, at once or gathered.", "Mail server and port", "mail.port.example:587"},
}

func kindName(kind string) string {
	for _, k := range outletKinds {
		if k.kind == kind {
			return k.name
		}
	}
	return kind
}

func knownKind(kind string) bool { return kindName(kind) != kind }

func (p *pages) outlets(r *shell.Request) error {
	list, err := p.Outlets.List(r.Context(), r.By, r.Org.ID)
	if err != nil {
		return err
	}
	networks, may := "", r.By.Everywhere(app.ManageSystem) == nil
	if may {
		allowed, err := p.Outlets.Allowed(r.Context(), r.By)
		if err != nil {
			return err
		}
		var words []string
		for _, x := range allowed {
			words = append(words, x.String())
		}
		networks = strings.Join(words, "\n")
	}
	return p.show(r, "outlets", shell.Page{Title: "Outlets", Lead: "Where events go by themselves: to programs, log servers and people", Body: outletsPage(r, list, may, networks)})
}

func (p *pages) allow(r *shell.Request) error {
	var list []netip.Prefix
	if err := r.By.Everywhere(app.ManageSystem); err != nil {
		return err
	}
	for _, s := range strings.Fields(r.PostFormValue("networks")) {
		x, err := netip.ParsePrefix(s)
		if err != nil {
			return r.Again(harbour.In("networks", invalid("allow networks", "this is no network: "+s, "write one on each line, such as 10.20.0.0/16")), p.outlets)
		}
		list = append(list, x)
	}
	if err := p.Outlets.Allow(r.Context(), r.By, list); err != nil {
		return r.Again(err, p.outlets)
	}
	return r.Done(r.Path("settings", "outlets"), shell.OK("Changed."))
}

// outletForm is what the form of an outlet holds.
type outletForm struct {
	outlets.Settings
	id      string
	version int64
}

// of a kind, with what is usual.
func usualOutlet(kind string) outlets.Settings {
	s := outlets.Settings{Kind: kind, Events: []string{"*"}, Severity: harbour.SeverityHigh}
	switch kind {
	case outlets.Syslog:
		s.Syslog, s.Severity = &outlets.SyslogOptions{Transport: "tls", Facility: 13}, ""
	case outlets.Mail:
		s.Mail = &outlets.MailOptions{Security: "starttls", Digest: "none"}
	}
	return s
}

// readOutlet reads the form of a kind.
func readOutlet(r *shell.Request, kind string) (s outlets.Settings, err error) {
	s = outlets.Settings{Kind: kind, Name: text(r, "name"), Target: text(r, "target"), Severity: harbour.Severity(r.PostFormValue("severity")), Paused: r.PostFormValue("paused") != ""}
	if s.Events = r.PostForm["event"]; r.PostFormValue("all") != "" {
		s.Events = []string{"*"}
	}
	switch kind {
	case outlets.Syslog:
		n, bad := strconv.Atoi(text(r, "facility"))
		if bad != nil {
			err = harbour.In("facility", invalid("set up outlet", "the facility is no number", "0 to 23; 13 is that of audit logs"))
		}
		s.Syslog = &outlets.SyslogOptions{Transport: r.PostFormValue("transport"), Facility: n, CA: text(r, "ca")}
	case outlets.Mail:
		s.Mail = &outlets.MailOptions{Security: r.PostFormValue("security"), User: text(r, "user"), From: text(r, "from"), To: strings.FieldsFunc(r.PostFormValue("to"), func(c rune) bool { return strings.ContainsRune(" ,;\r\n\t", c) }), Digest: r.PostFormValue("digest")}
	}
	return s, err
}

func outletCrumb(r *shell.Request) shell.Crumb {
	return shell.Crumb{Title: "Outlets", Href: r.Path("settings", "outlets")}
}

func (p *pages) newOutlet(r *shell.Request) error {
	kind := r.PathValue("kind")
	if _, err := r.By.Whole(app.ManageWebhooks, r.Org.ID); err != nil {
		return err
	}
	if !knownKind(kind) {
		return shell.NoPage()
	}
	f := outletForm{Settings: usualOutlet(kind)}
	return p.show(r, "outlets", shell.Page{Title: "Add an outlet: " + kindName(kind), Body: newOutletPage(r, f)}, outletCrumb(r))
}

// boxes gives an error about the events the name that their boxes have in the form.
func boxes(err error) error {
	var e *harbour.Error
	if errors.As(err, &e) && e.Field == "events" {
		return harbour.In("event", err)
	}
	return err
}

func (p *pages) addOutlet(r *shell.Request) error {
	kind := r.PathValue("kind")
	if _, err := r.By.Whole(app.ManageWebhooks, r.Org.ID); err != nil {
		return err
	}
	if !knownKind(kind) {
		return shell.NoPage()
	}
	s, err := readOutlet(r, kind)
	var id, secret string
	if err == nil {
		id, secret, err = p.Outlets.Add(r.Context(), r.By, r.Org.ID, s, r.PostFormValue("password"))
	}
	if err != nil {
		return r.Again(boxes(err), p.newOutlet)
	}
	if secret != "" {
		return p.showSecret(r, id, s.Name, secret)
	}
	return r.Done(r.Path("settings", "outlets", id), shell.OK("Added. Send a test to see that it arrives."))
}

func (p *pages) showSecret(r *shell.Request, id, name, secret string) error {
	return p.show(r, "outlets", shell.Page{Title: "The secret of the webhook", Body: outletSecretPage(r, id, name, secret)}, outletCrumb(r))
}

func (p *pages) outlet(r *shell.Request) error { return p.showOutlet(r, nil) }

// showOutlet shows it, with why a test did not arrive.
func (p *pages) showOutlet(r *shell.Request, wrong error) error {
	v, err := p.Outlets.Get(r.Context(), r.By, r.Org.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	f := outletForm{Settings: v.Settings, id: v.ID, version: v.Version}
	page := shell.Page{Title: v.Name, Lead: kindName(v.Kind) + ", " + v.Target, About: shell.Object{Kind: "outlet", ID: v.ID}}
	if wrong != nil {
		page.Status = harbour.KindOf(wrong).HTTPStatus()
	}
	page.Body = outletPage(r, &v, f, wrong)
	return p.show(r, "outlets", page, outletCrumb(r))
}

func (p *pages) changeOutlet(r *shell.Request) error {
	id := r.PathValue("id")
	v, err := p.Outlets.Get(r.Context(), r.By, r.Org.ID, id)
	if err != nil {
		return err
	}
	s, err := readOutlet(r, v.Kind)
	version, _ := strconv.ParseInt(r.PostFormValue("version"), 10, 64) // what is none is stale
	if err == nil {
		err = p.Outlets.Change(r.Context(), r.By, r.Org.ID, id, s, r.PostFormValue("password"), version, false)
	}
	if err != nil {
		return r.Again(boxes(err), p.outlet)
	}
	return r.Done(r.Path("settings", "outlets", id), shell.OK("Changed."))
}

func (p *pages) testOutlet(r *shell.Request) error {
	id := r.PathValue("id")
	err := p.Outlets.Test(r.Context(), r.By, r.Org.ID, id)
	if harbour.KindOf(err) == harbour.ErrUnavailable {
		return p.showOutlet(r, err)
	}
	if err != nil {
		return err
	}
	return r.Done(r.Path("settings", "outlets", id), shell.OK("The test event arrived."))
}

func (p *pages) renewOutlet(r *shell.Request) error {
	id := r.PathValue("id")
	secret, err := p.Outlets.Renew(r.Context(), r.By, r.Org.ID, id)
	if err != nil {
		return err
	}
	return p.showSecret(r, id, "the new secret", secret)
}

func (p *pages) removeOutlet(r *shell.Request) error {
	if err := p.Outlets.Remove(r.Context(), r.By, r.Org.ID, r.PathValue("id")); err != nil {
		return err
	}
	return r.Done(r.Path("settings", "outlets"), shell.OK("Removed, with what waited for it."))
}
