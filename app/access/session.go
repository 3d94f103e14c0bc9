// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/app/access/secret"
	"breakwater/app/access/throttle"
	"breakwater/harbour"
	"breakwater/store"
)

// How a session began, as its method says.
const methodBreakGlass = "break-glass"

// touchAfter is how long an act may lie back before it is noted: a write for each request would be too much.
const touchAfter = time.Minute

func ended() error {
	return &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "authenticate", Message: "nobody is signed in, or the session has ended", Hint: "sign in"}
}

// Authenticate turns the value of a session cookie, or an API token, into an actor. It asks the database each time, so
// that a role taken away, a session ended or a person suspended takes effect with the next request.
//
// Errors: ErrUnauthenticated.
func (u *Access) Authenticate(ctx context.Context, value string, r RequestInfo) (*app.Actor, error) {
	if strings.HasPrefix(value, secret.APIPrefix) {
		return u.token(ctx, value, r)
	}
	d, ok := secret.Session(value)
	if !ok {
		return nil, ended()
	}
	s, err := u.core.DB.SessionBy(ctx, d[:])
	if isKind(err, harbour.ErrNotFound) {
		return nil, ended()
	}
	if err != nil {
		return nil, err
	}
	p, grants, err := u.person(ctx, s.Person)
	if err != nil {
		return nil, err
	}
	enrol, err := u.mustEnrol(ctx, p.ID, s.Method, grants)
	if err != nil {
		return nil, err
	}
	if enrol {
		grants = nil
	}
	u.touch(s, r)
	a := app.Actor{
		Person: p.ID, Name: p.Name, Login: p.Login, Session: s.ID, Via: "session", Address: r.address(), Request: r.Request,
		ProvedAt: s.ProvedAt, BreakGlass: s.Method == methodBreakGlass, MustEnrol: enrol,
	}
	return app.NewActor(a, grantsOf(grants), u.core.Now), nil
}

// person reads one who may act.
func (u *Access) person(ctx context.Context, id string) (store.Person, []store.Grant, error) {
	p, grants, err := u.core.DB.PersonBy(ctx, "", id)
	if isKind(err, harbour.ErrNotFound) || err == nil && p.State != "active" {
		return p, nil, ended()
	}
	return p, grants, err
}

// touch notes that a session is in use.
func (u *Access) touch(s store.Session, r RequestInfo) {
	now := u.core.Now()
	if r.Quiet || now-s.SeenAt < span(touchAfter) {
		return
	}
	until := min(now+span(u.opt.Idle), s.CreatedAt+span(u.life(s.Method)))
	u.inUse.note(s.ID, func(ctx context.Context, tx *store.Tx) error { return tx.TouchSession(ctx, s.ID, 0, until) })
}

// token is Authenticate for a program.
func (u *Access) token(ctx context.Context, value string, r RequestInfo) (*app.Actor, error) {
	d, err := secret.API(value)
	if err != nil {
		return nil, err
	}
	k, err := u.core.DB.TokenBy(ctx, d[:])
	if isKind(err, harbour.ErrNotFound) {
		return nil, &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "authenticate", Message: "the token is not known, was revoked or has expired", Hint: "make a new token"}
	}
	if err != nil {
		return nil, err
	}
	p, grants, err := u.person(ctx, k.Person)
	if err != nil {
		return nil, err
	}
	if u.core.Now()-k.UsedAt >= span(touchAfter) {
		u.inUse.note(k.ID, func(ctx context.Context, tx *store.Tx) error { return tx.UseToken(ctx, k.ID) })
	}
	var actions []app.Action
	for _, w := range app.Words(k.Actions) {
		actions = append(actions, app.Action(w))
	}
	a := app.Actor{Person: p.ID, Name: p.Name + " (token " + k.Label + ")", Login: p.Login, Via: "token", Address: r.address(), Request: r.Request}
	return app.NewActor(a, grantsOf(grants), u.core.Now).Restrict(actions, k.Org), nil
}

// Session is a sign-in that lasts, as lists show it.
type Session struct {
	ID      string
	Method  string
	Address string
	Agent   string
	Created harbour.Instant
	Seen    harbour.Instant
	Expires harbour.Instant
	Current bool // the one that asks
}

// Sessions lists the actor's own sessions, the last seen first.
func (u *Access) Sessions(ctx context.Context, by *app.Actor) ([]Session, error) {
	if err := signedIn(by, "list sessions"); err != nil {
		return nil, err
	}
	return u.sessions(ctx, by.Person, by.Session)
}

func (u *Access) sessions(ctx context.Context, person, current string) (list []Session, err error) {
	rows, err := u.core.DB.Sessions(ctx, person)
	for _, s := range rows {
		list = append(list, Session{s.ID, s.Method, s.Address, s.Agent, s.CreatedAt, s.SeenAt, s.ExpiresAt, s.ID == current})
	}
	return list, err
}

// SignOut ends the actor's session.
func (u *Access) SignOut(ctx context.Context, by *app.Actor) error {
	if err := signedIn(by, "sign out"); err != nil {
		return err
	}
	return u.endSessions(ctx, by, by.Person, by.Session, "", actSignOut)
}

// EndSession ends one of the actor's own sessions.
//
// Errors: ErrNotFound where it is not the actor's, or has ended.
func (u *Access) EndSession(ctx context.Context, by *app.Actor, id string) error {
	if err := signedIn(by, "end session"); err != nil {
		return err
	}
	if id == "" {
		return noSession()
	}
	return u.endSessions(ctx, by, by.Person, id, "", actSessionEnd)
}

// EndOtherSessions ends all of the actor's sessions but the present one.
func (u *Access) EndOtherSessions(ctx context.Context, by *app.Actor) error {
	if err := signedIn(by, "end sessions"); err != nil {
		return err
	}
	return u.endSessions(ctx, by, by.Person, "", by.Session, actSessionEnd)
}

func noSession() error {
	return &harbour.Error{Kind: harbour.ErrNotFound, Op: "end session", Message: "there is no such session, or it has ended"}
}

// endSessions ends one session of a person (id), or all but one (except), with an entry in the log.
func (u *Access) endSessions(ctx context.Context, by *app.Actor, person, id, except string, action app.Action) error {
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		p, grants, err := tx.PersonBy(ctx, "", person)
		if err != nil {
			return err
		}
		n, err := tx.EndSessions(ctx, person, id, except)
		if err != nil {
			return err
		}
		if n == 0 && id != "" {
			return noSession()
		}
		e := by.Entry(home(grants), action, "person", p.ID, p.Name)
		e.Before = app.State(map[string]any{"sessions": n, "session": id})
		return tx.Audit(ctx, e)
	})
}

// Sweep removes what has expired. The program calls it by the clock.
func (u *Access) Sweep(ctx context.Context) error {
	return u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("what has expired means nothing any more")
		return tx.EndExpired(ctx, u.core.Now()-span(24*time.Hour))
	})
}

// Renewed is the new secret of a session whose person has proved presence. The one before opens nothing any more.
type Renewed struct {
	Cookie string
	Until  time.Time // the browser keeps it no longer; the session may end before
}

// Prove notes that the person at the session has proved presence once more, by password, and renews the session's secret.
// Dangerous acts are possible for [app.StepUpFor] from then on; authenticate again, with the new secret, to get an actor
// that knows.
//
// Errors: ErrUnauthenticated for a wrong password, ErrTooMany.
func (u *Access) Prove(ctx context.Context, by *app.Actor, pw string, r RequestInfo) (Renewed, error) {
	if err := signedIn(by, "prove presence"); err != nil {
		return Renewed{}, err
	}
	a, p, grants, err := u.again(ctx, by, r)
	if err != nil {
		return Renewed{}, err
	}
	right, err := u.verify(ctx, by.Person, pw)
	if err != nil {
		return Renewed{}, err
	}
	if !right {
		u.fail(ctx, p, grants, actProveFailed, "password", r)
		return Renewed{}, notProved("the password is not right")
	}
	return u.proved(ctx, by, "password", a, nil)
}

func notProved(message string) error {
	return &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "prove presence", Message: message, Hint: "try again, or use another way to prove that it is you"}
}

// again begins another attempt of somebody who is signed in. The session stands for the device: what strangers do to the
// account does not keep its person from acting.
func (u *Access) again(ctx context.Context, by *app.Actor, r RequestInfo) (a throttle.Attempt, p store.Person, grants []store.Grant, err error) {
	if p, grants, err = u.core.DB.PersonBy(ctx, "", by.Person); err != nil {
		return a, p, nil, err
	}
	a = throttle.Attempt{Account: p.Login, Address: r.Address, Device: "session " + by.Session}
	return a, p, grants, u.begin(ctx, a, p, r)
}

// proved notes the proof, spending what made it in the same transaction.
func (u *Access) proved(ctx context.Context, by *app.Actor, how string, a throttle.Attempt, use func(context.Context, *store.Tx) (bool, error)) (Renewed, error) {
	cookie, digest := secret.NewSession()
	out := Renewed{Cookie: cookie}
	err := u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		p, grants, err := tx.PersonBy(ctx, "", by.Person)
		if err != nil {
			return err
		}
		if use != nil {
			if fresh, err := use(ctx, tx); err != nil || !fresh {
				return errOr(err, notProved("that was used already"))
			}
		}
		s, err := tx.ProveSession(ctx, by.Session, digest[:])
		if isKind(err, harbour.ErrNotFound) {
			return ended()
		}
		if err != nil {
			return err
		}
		out.Until = s.CreatedAt.Time().Add(u.life(s.Method))
		e := by.Entry(home(grants), actProve, "person", p.ID, p.Name)
		e.After = app.State(map[string]any{"session": by.Session, "method": how})
		return tx.Audit(ctx, e)
	})
	if err != nil {
		return Renewed{}, err
	}
	u.guard.Succeeded(a)
	return out, nil
}

// life is how long a session that began in this way lasts at most.
func (u *Access) life(method string) time.Duration {
	if method == methodBreakGlass {
		return u.opt.BreakGlass
	}
	return u.opt.Absolute
}
