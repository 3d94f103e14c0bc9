// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Settings are what people say of an outlet.
type Settings struct {
	Kind   string
	Name   string
	Target string   // URL of a webhook; host:port of a log server or a mail server
	Events []string // names of events, or "*" for all
	// Severity is the lowest severity of a finding whose events are sent; "" for all.
	Severity harbour.Severity
	Paused   bool
	Syslog   *SyslogOptions `json:",omitempty"`
	Mail     *MailOptions   `json:",omitempty"`
}

// options are the settings that the database keeps as they are.
type options struct {
	Severity harbour.Severity `json:"severity,omitempty"`
	Syslog   *SyslogOptions   `json:"syslog,omitempty"`
	Mail     *MailOptions     `json:"mail,omitempty"`
}

// View is an outlet with how it does. Its secret is in no view.
type View struct {
	ID string
	Settings
	State        string // active, paused, disabled
	Reason       string // why it is disabled
	Failures     int    // in a row
	FailingSince harbour.Instant
	LastError    string
	SentAt       harbour.Instant
	Waiting      int
	Dropped      int64
	Version      int64
	MadeBy       string
	MadeAt       harbour.Instant
}

// maxOutlets bounds the outlets of one organisation.
const maxOutlets = 100

func settingsOf(o *store.Outlet) (s Settings, err error) {
	var opt options
	if err := json.Unmarshal([]byte(o.Options), &opt); err != nil {
		return s, err
	}
	return Settings{
		Kind: o.Kind, Name: o.Name, Target: o.Target, Events: strings.Fields(o.Events), Severity: opt.Severity, Paused: o.State == store.OutletPaused,
		Syslog: opt.Syslog, Mail: opt.Mail,
	}, nil
}

func (u *Outlets) view(ctx context.Context, s *store.Scoped, o *store.Outlet) (v View, err error) {
	v = View{
		ID: o.ID, State: o.State, Reason: o.Reason, Failures: o.Failures, FailingSince: o.FailingSince, LastError: o.LastError, SentAt: o.SentAt,
		Dropped: o.Dropped, Version: o.Version, MadeBy: o.MadeBy, MadeAt: o.MadeAt,
	}
	if v.Settings, err = settingsOf(o); err != nil {
		return v, err
	}
	v.Waiting, err = s.Waiting(ctx, o.ID)
	return v, err
}

// in gives the reader of those who may manage outlets: they concern the organisation as a whole.
func (u *Outlets) in(by *app.Actor, org string) (*store.Scoped, error) {
	scope, err := by.Whole(app.ManageWebhooks, org)
	if err != nil {
		return nil, err
	}
	return u.core.DB.In(scope), nil
}

// List lists the outlets of an organisation.
func (u *Outlets) List(ctx context.Context, by *app.Actor, org string) (views []View, err error) {
	s, err := u.in(by, org)
	if err != nil {
		return nil, err
	}
	list, err := s.Outlets(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		v, err := u.view(ctx, s, &list[i])
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

// Get reads one outlet.
//
// Errors: ErrNotFound.
func (u *Outlets) Get(ctx context.Context, by *app.Actor, org, id string) (v View, err error) {
	s, err := u.in(by, org)
	if err != nil {
		return v, err
	}
	o, err := s.Outlet(ctx, id)
	if err != nil {
		return v, err
	}
	return u.view(ctx, s, &o)
}

// Add adds an outlet. password is that of a mail server, "" for none. The secret by which a webhook's receiver checks
// signatures is given once, here; later it can only be renewed.
//
// Errors: ErrInvalid, ErrConflict where there are too many.
func (u *Outlets) Add(ctx context.Context, by *app.Actor, org string, s Settings, password string) (id, secret string, err error) {
	in, err := u.in(by, org)
	if err != nil {
		return "", "", err
	}
	if err := u.check(&s, password); err != nil {
		return "", "", err
	}
	id = app.NewID("o-")
	if s.Kind == Webhook {
		secret = newSecret()
		password = secret
	}
	o := store.Outlet{Org: org, ID: id, Kind: s.Kind, MadeBy: by.Person}
	if err := u.fill(&o, &s, password); err != nil {
		return "", "", err
	}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		list, err := in.Outlets(ctx)
		if err != nil {
			return err
		}
		if len(list) >= maxOutlets {
			return &harbour.Error{Kind: harbour.ErrConflict, Op: "add outlet", Message: fmt.Sprintf("there are %d outlets already", len(list)), Hint: "remove one that is not needed"}
		}
		if err := tx.PutOutlet(ctx, o); err != nil {
			return err
		}
		e := by.Entry(org, app.ManageWebhooks, "outlet", id, s.Name)
		e.After = app.State(s)
		return tx.Audit(ctx, e)
	})
	if err != nil {
		return "", "", err
	}
	return id, secret, nil
}

// Change changes an outlet of the version that was read; its kind stays. A password of "" leaves the one that there is,
// unless the outlet leads elsewhere than before: a password is not sent to another server than the one it was given for.
//
// Errors: ErrInvalid, ErrNotFound, ErrStale.
func (u *Outlets) Change(ctx context.Context, by *app.Actor, org, id string, s Settings, password string, version int64, force bool) error {
	in, err := u.in(by, org)
	if err != nil {
		return err
	}
	o, err := in.Outlet(ctx, id)
	if err != nil {
		return err
	}
	before, err := settingsOf(&o)
	if err != nil {
		return err
	}
	s.Kind = o.Kind
	if err := u.check(&s, password); err != nil {
		return err
	}
	if !force {
		o.Version = version
	}
	if o.Version == 0 {
		o.Version = -1 // what is there has a version
	}
	if s.Kind == Mail && s.Target != before.Target && password == "" && s.Mail.User != "" {
		return harbour.In("password", invalid("the password was given for another server", "give it again"))
	}
	if s.Kind == Webhook {
		password = ""
	}
	if err := u.fill(&o, &s, password); err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.PutOutlet(ctx, o); err != nil {
			return err
		}
		e := by.Entry(org, app.ManageWebhooks, "outlet", id, s.Name)
		e.Before, e.After = app.State(before), app.State(s)
		return tx.Audit(ctx, e)
	})
}

// Renew gives a webhook a new secret; the old one is worth nothing from then on.
//
// Errors: ErrNotFound, ErrInvalid for another kind of outlet.
func (u *Outlets) Renew(ctx context.Context, by *app.Actor, org, id string) (secret string, err error) {
	in, err := u.in(by, org)
	if err != nil {
		return "", err
	}
	o, err := in.Outlet(ctx, id)
	if err != nil {
		return "", err
	}
	if o.Kind != Webhook {
		return "", invalid("this outlet has no secret of its own", "change its settings instead")
	}
	if o.State == store.OutletDisabled {
		o.State = store.OutletActive // the old secret may have been what failed
	}
	secret = newSecret()
	if o.Secret, err = u.vault.Seal(sealedFor(org, id), []byte(secret)); err != nil {
		return "", err
	}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.PutOutlet(ctx, o); err != nil {
			return err
		}
		e := by.Entry(org, app.ManageWebhooks, "outlet", id, o.Name)
		e.Reason = "a new secret"
		return tx.Audit(ctx, e)
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// Remove removes an outlet and what waits for it.
//
// Errors: ErrNotFound.
func (u *Outlets) Remove(ctx context.Context, by *app.Actor, org, id string) error {
	in, err := u.in(by, org)
	if err != nil {
		return err
	}
	o, err := in.Outlet(ctx, id)
	if err != nil {
		return err
	}
	before, err := settingsOf(&o)
	if err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.RemoveOutlet(ctx, org, id); err != nil {
			return err
		}
		e := by.Entry(org, app.ManageWebhooks, "outlet", id, o.Name)
		e.Before = app.State(before)
		return tx.Audit(ctx, e)
	})
}

// Test sends an event of type test at once and says what came of it: nil where it arrived.
//
// Errors: ErrNotFound; ErrUnavailable with what stands in the way.
func (u *Outlets) Test(ctx context.Context, by *app.Actor, org, id string) error {
	in, err := u.in(by, org)
	if err != nil {
		return err
	}
	o, err := in.Outlet(ctx, id)
	if err != nil {
		return err
	}
	to, err := u.target(ctx, &o)
	if err != nil {
		return err
	}
	e := by.Entry(org, app.ManageWebhooks, "outlet", id, o.Name)
	e.Reason = "a test event"
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error { return tx.Audit(ctx, e) })
	if err != nil {
		return err
	}
	ev := event{ID: app.NewID("evt-"), Type: EventTest, At: u.core.Now(), Org: org, Data: map[string]any{"message": "a test, sent by " + by.Name}}
	d := store.Delivery{Org: org, Outlet: id, ID: ev.ID, Event: ev.Type, Body: ev.body(), MadeAt: ev.At}
	if _, err := u.kinds[o.Kind].send(ctx, to, []store.Delivery{d}); err != nil {
		return &harbour.Error{Kind: harbour.ErrUnavailable, Op: "test outlet", Message: "the event did not arrive: " + why(err), Hint: "see that the receiver is up, and that the address is right", Err: err}
	}
	return nil
}

// target makes an outlet ready to be sent to.
func (u *Outlets) target(ctx context.Context, o *store.Outlet) (*target, error) {
	s, err := settingsOf(o)
	if err != nil {
		return nil, err
	}
	t := &target{id: o.ID, org: o.Org, settings: s}
	if len(o.Secret) > 0 {
		if t.secret, err = u.vault.Unseal(sealedFor(o.Org, o.ID), o.Secret); err != nil {
			return nil, err
		}
	}
	t.guard, err = u.guard(ctx)
	return t, err
}

// check says what is wrong with settings, and cleans them.
func (u *Outlets) check(s *Settings, password string) (err error) {
	k := u.kinds[s.Kind]
	if k == nil {
		return harbour.In("kind", invalid("there is no kind of outlet "+clip(s.Kind, 40), "one of: webhook, syslog, mail"))
	}
	if s.Name, err = line(s.Name, "name", 100); err != nil {
		return harbour.In("name", err)
	}
	if s.Name == "" {
		return harbour.In("name", invalid("an outlet needs a name", "say where it leads, for those who come after you"))
	}
	if len(s.Events) == 0 {
		return harbour.In("events", invalid("an outlet without events sends nothing", "name the events, or * for all"))
	}
	s.Events = slices.Compact(slices.Sorted(slices.Values(s.Events)))
	for _, e := range s.Events {
		if e != "*" && !slices.ContainsFunc(Events, func(i EventInfo) bool { return i.Type == e }) {
			return harbour.In("events", invalid("there is no event "+clip(e, 60), "one of: *, "+eventNames()))
		}
	}
	if s.Severity != "" && s.Severity.Rank() < 0 {
		return harbour.In("severity", invalid("there is no severity "+clip(string(s.Severity), 40), "one of: info, low, medium, high, critical"))
	}
	if len(password) > 1000 || strings.ContainsFunc(password, unicode.IsControl) {
		return harbour.In("password", invalid("the password cannot be one", "type it again"))
	}
	if (s.Kind == Syslog) != (s.Syslog != nil) || (s.Kind == Mail) != (s.Mail != nil) {
		return invalid("the settings are those of another kind of outlet", "a log server needs syslog, a mail server needs mail, a webhook neither")
	}
	return k.check(s)
}

// fill puts settings and a secret into the row. Without a password the secret stays as it is.
func (u *Outlets) fill(o *store.Outlet, s *Settings, password string) error {
	opt, err := json.Marshal(options{s.Severity, s.Syslog, s.Mail})
	if err != nil {
		return err
	}
	o.Name, o.Target, o.Events, o.Options, o.State = s.Name, s.Target, strings.Join(s.Events, " "), string(opt), store.OutletActive
	if s.Paused {
		o.State = store.OutletPaused
	}
	if password != "" {
		if o.Secret, err = u.vault.Seal(sealedFor(o.Org, o.ID), []byte(password)); err != nil {
			return err
		}
	}
	if s.Kind == Mail && s.Mail.User == "" {
		o.Secret = nil
	}
	if o.Secret == nil {
		o.Secret = []byte{}
	}
	return nil
}

// newSecret makes a secret for signatures, in the form that Standard Webhooks gives it.
func newSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return "whsec_" + base64.StdEncoding.EncodeToString(b[:])
}

// line cleans a text that must stand on one line.
func line(s, what string, limit int) (string, error) {
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", invalid("the "+what+" holds characters that cannot stand there", "type it again on one line")
	}
	if utf8.RuneCountInString(s) > limit {
		return "", invalid("the "+what+" is too long", fmt.Sprintf("at most %d characters", limit))
	}
	return s, nil
}

func clip(s string, n int) string {
	r := []rune(strings.ToValidUTF8(s, "�"))
	if len(r) > n {
		return string(r[:n]) + "…"
	}
	return string(r)
}
