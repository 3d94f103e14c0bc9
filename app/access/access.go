// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"

	"breakwater/app"
	"breakwater/app/access/password"
	"breakwater/app/access/throttle"
	"breakwater/harbour"
	"breakwater/store"
)

// Options say how people sign in. Zero values take the defaults.
type Options struct {
	// Hasher of passwords; nil for one with its defaults.
	Hasher Hasher
	// Checker of new passwords. The names of the organisations are added to its words.
	Checker password.Checker
	// Guard against guessing; nil for one of its default size.
	Guard *throttle.Guard
	// Idle is how long a session lasts without an act of its person: one hour. Absolute is how long it lasts at most: a
	// shift of twelve hours. BreakGlass is Absolute for an emergency sign-in: four hours.
	Idle, Absolute, BreakGlass time.Duration
	// Sealer of secrets for one-time codes; nil where there is none, and then nobody can set them up.
	Sealer Sealer
	// Passkeys; the zero value for none.
	Passkeys PasskeyOptions
	// Directory that people sign in through; the zero value for none.
	Directory DirectoryOptions
	// Rebuild is called within the transaction of a change that only a new build of the inventory can show, such as a site
	// that came or was renamed; nil for nothing.
	Rebuild func(ctx context.Context, tx *store.Tx, org, by, why string) error
	// Alarm is told what somebody should look at now; nil for the log alone. It is called after the fact is on disk, and
	// must not block: hand over to a queue.
	Alarm func(context.Context, Alert)
}

// Hasher hashes and checks passwords: a [password.Hasher].
type Hasher interface {
	Hash(ctx context.Context, pw string) (string, error)
	Verify(ctx context.Context, stored, pw string) (ok, rehash bool, err error)
	Pretend(ctx context.Context, pw string) error
}

var _ Hasher = (*password.Hasher)(nil)

// Alert is something that somebody should look at now. It is in the audit log as well.
type Alert struct {
	Kind    string // break_glass, guessing, cloned_passkey, no_administrator
	Message string
	Person  string // id, "" where not known
	Address string
	At      harbour.Instant
}

// Access is the use case of signing in. Make one with [New].
type Access struct {
	core       *app.Core
	opt        Options
	hasher     Hasher
	guard      *throttle.Guard
	failed     *throttle.Limiter // how many failures go into the audit log one by one
	unkept     atomic.Int64      // failures since that did not
	spared     atomic.Uint64     // failures in all that did not
	setup      setup
	halfway    *waiting[halfway]
	enrolling  *waiting[enrolment]
	webauthn   *webauthn.WebAuthn // nil where there are no passkeys
	ceremonies *waiting[ceremony]
	directory  *directory // nil where there is none
	journeys   *waiting[journey]
	inUse      inUse
	asking     *throttle.Limiter // for a challenge, by those who are not known yet
}

// New makes the use case.
//
// Errors: those of [password.NewHasher].
func New(c *app.Core, o Options) (*Access, error) {
	set := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&o.Idle, time.Hour)
	set(&o.Absolute, 12*time.Hour)
	set(&o.BreakGlass, 4*time.Hour)
	u := &Access{core: c, opt: o, hasher: o.Hasher, guard: o.Guard, failed: throttle.NewLimiter(1, 60, 1), inUse: inUse{core: c}}
	if u.hasher == nil {
		h, err := password.NewHasher(password.Options{})
		if err != nil {
			return nil, err
		}
		u.hasher = h
	}
	if u.guard == nil {
		u.guard = throttle.NewGuard(throttle.DefaultKeys)
	}
	u.halfway = newWaiting[halfway](maxHalfway, halfwayFor)
	u.ceremonies = newWaiting[ceremony](maxHalfway, halfwayFor)
	u.asking = throttle.NewLimiter(1, 30, maxHalfway)
	var err error
	if u.webauthn, err = newPasskeys(o.Passkeys); err != nil {
		return nil, err
	}
	u.journeys = newWaiting[journey](maxHalfway, JourneyFor)
	if u.directory, err = newDirectory(o.Directory, c.Clock); err != nil {
		return nil, err
	}
	u.enrolling = newWaiting[enrolment](maxHalfway, 2*halfwayFor)
	return u, nil
}

// RequestInfo is what is known of the caller before anybody is signed in.
type RequestInfo struct {
	Address netip.Addr
	Agent   string // as the browser names itself
	Request string // id of the request
	Device  string // value of the device cookie, or ""
	// Quiet is set for requests that a page makes by itself, such as those that keep a list fresh: they do not prolong a
	// session.
	Quiet bool
}

func (r RequestInfo) address() string {
	if !r.Address.IsValid() {
		return ""
	}
	return r.Address.Unmap().WithZone("").String()
}

// agent is bounded: it comes from outside and is kept.
func (r RequestInfo) agent() string { return clip(r.Agent, 200) }

// clip cuts a text from outside to so many bytes of valid, printable characters.
func clip(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// actAlarm is an alarm in the audit log, where the act that raised it has no entry that says so.
const actAlarm app.Action = "access.alarm"

// alarm tells whoever has to look, and writes it into the audit log.
func (u *Access) alarm(ctx context.Context, a Alert) {
	ctx = context.WithoutCancel(ctx)
	err := u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		var grants []store.Grant
		if a.Person != "" {
			var err error
			if _, grants, err = tx.PersonBy(ctx, "", a.Person); err != nil && !isKind(err, harbour.ErrNotFound) {
				return err
			}
		}
		for _, org := range concerned(grants) {
			err := tx.Audit(ctx, store.Entry{
				Org: org, Actor: "system", ActorName: "access", Via: "system", Address: a.Address, Action: string(actAlarm), ObjectKind: "person", Object: a.Person, Reason: a.Kind + ": " + a.Message,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		u.core.Log.ErrorContext(ctx, "audit entry of an alarm", slog.Any("error", err))
	}
	u.raise(ctx, a)
}

// concerned are the organisations that should hear of an alarm about a person: those in which the person has a role, and
// no other; "" for all of them, where the person reaches every one or nobody is named.
func concerned(grants []store.Grant) (orgs []string) {
	for _, g := range grants {
		if g.Org == "*" {
			return []string{""}
		}
		if !slices.Contains(orgs, g.Org) {
			orgs = append(orgs, g.Org)
		}
	}
	if len(orgs) == 0 {
		orgs = []string{""}
	}
	return orgs
}

// raise is alarm for what is in the audit log already.
func (u *Access) raise(ctx context.Context, a Alert) {
	a.At = u.core.Now()
	u.core.Log.WarnContext(ctx, "alarm", slog.String("kind", a.Kind), slog.String("message", a.Message), slog.String("person", a.Person), slog.String("address", a.Address))
	if u.opt.Alarm != nil {
		u.opt.Alarm(context.WithoutCancel(ctx), a)
	}
}

// What is written into the audit log about signing in. None of these is a right that a role gives.
const (
	actSetUp        app.Action = "access.set_up"
	actSignIn       app.Action = "access.sign_in"
	actSignInFailed app.Action = "access.sign_in_failed"
	actSignOut      app.Action = "access.sign_out"
	actSessionEnd   app.Action = "access.end_session"
	actProve        app.Action = "access.prove"
	actProveFailed  app.Action = "access.prove_failed"
	actPassword     app.Action = "access.password"
)

// entry begins an entry of the audit log about a person who is not yet an actor.
func entry(p store.Person, grants []store.Grant, action app.Action, via string, r RequestInfo) store.Entry {
	return store.Entry{
		Org: home(grants), Actor: p.ID, ActorName: p.Name, Via: via, Address: r.address(), Request: r.Request,
		Action: string(action), ObjectKind: "person", Object: p.ID, ObjectName: p.Name,
	}
}

// home is the organisation in whose audit log a person's coming and going is written: the only one that the person has
// a role in, or else "", the log of the whole installation.
func home(grants []store.Grant) string {
	org := ""
	for _, g := range grants {
		if g.Org == "*" || org != "" && org != g.Org {
			return ""
		}
		org = g.Org
	}
	return org
}

// grantsOf turns what the database has into what an actor may do. A role that is not in the table gives nothing, nor
// does a supplier's role without the supplier.
func grantsOf(list []store.Grant) (grants []app.Grant) {
	for _, g := range list {
		role := RoleByCode(g.Role)
		if role == nil || g.Org == "" || role.OfSupplier && g.Supplier == "" {
			continue
		}
		a := app.Grant{Role: g.Role, Actions: role.actions, Org: g.Org}
		if g.Sites != "*" || g.Supplier != "" {
			a.Limit = &store.Limit{Supplier: g.Supplier}
			if g.Sites != "*" {
				a.Limit.Sites = append([]string{}, app.Words(g.Sites)...)
			}
		}
		grants = append(grants, a)
	}
	return grants
}

func isKind(err error, k harbour.ErrorKind) bool {
	var e *harbour.Error
	return errors.As(err, &e) && e.Kind == k
}

func invalid(op, message, hint string) error {
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: op, Message: message, Hint: hint}
}

// signedIn says whether a person is there at a page, and not a program or the system.
func signedIn(by *app.Actor, op string) error {
	if by == nil {
		return &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: op, Message: "nobody is signed in", Hint: "sign in first"}
	}
	if by.Session == "" {
		return &harbour.Error{Kind: harbour.ErrDenied, Op: op, Message: "this needs a person who is signed in, not a token", Hint: "sign in at a page"}
	}
	return nil
}

// sourceLocal marks grants that an administrator gave here; others come from the groups of a directory.
const sourceLocal = "local"
