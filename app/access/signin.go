// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/app/access/secret"
	"breakwater/app/access/throttle"
	"breakwater/harbour"
	"breakwater/store"
)

// SignedIn is how far a sign-in has come.
type SignedIn struct {
	// Cookie is the value of the session cookie; "" while Next is wanted.
	Cookie string
	// Until is when the session ends at the latest.
	Until time.Time
	// Device is the value of the device cookie, which lasts [DeviceFor]; "" where the browser has a good one.
	Device string
	// Next is the second factor that is wanted, nil where the person is signed in.
	Next *Second
	Name string
	// Proved is set where somebody who is signed in has proved presence: Cookie is the session's new secret.
	Proved bool
}

// Second asks for a second factor.
type Second struct {
	Token string   // to be handed back with it
	Kinds []string // what the person has: passkey, totp, recovery
}

// halfway is a sign-in whose first factor was right.
type halfway struct {
	person  string
	method  string
	attempt throttle.Attempt
}

const (
	halfwayFor = 5 * time.Minute
	maxHalfway = 10_000
	// maxSessions and maxDevices of one person; those not used for longest make room.
	maxSessions, maxDevices = 10, 20
)

// DeviceFor is how long a browser is remembered as one that a person has signed in from.
const DeviceFor = 180 * 24 * time.Hour

// wrong is the one answer to whatever is wrong about a sign-in.
func wrong() error {
	return &harbour.Error{
		Kind: harbour.ErrUnauthenticated, Op: "sign in", Message: "the sign-in name or the password is not right",
		Hint: "Check both. If you have forgotten the password, ask an administrator for a code to set a new one.",
	}
}

// fold brings a sign-in name into the form in which it is kept.
func fold(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// SignIn checks a password. Where the person has a second factor, the answer asks for it: see [Access.SignInCode] and
// [Access.FinishPasskeySecond].
//
// Errors: ErrUnauthenticated for a wrong password, an unknown name, a suspended person, all alike and after the same
// work; ErrTooMany where too many attempts have failed; ErrUnavailable where too many sign in at this moment.
func (u *Access) SignIn(ctx context.Context, login, pw string, r RequestInfo) (*SignedIn, error) {
	login = fold(login)
	p, grants, err := u.core.DB.PersonBy(ctx, login, "")
	if err != nil && !isKind(err, harbour.ErrNotFound) {
		return nil, err
	}
	device, err := u.device(ctx, p.ID, r)
	if err != nil {
		return nil, err
	}
	a := throttle.Attempt{Account: login, Address: r.Address, Device: device}
	if err := u.begin(ctx, a, p, r); err != nil {
		return nil, err
	}
	right, err := u.verify(ctx, p.ID, pw)
	if err != nil {
		return nil, err
	}
	if !right || p.State != "active" || p.BreakGlass {
		return nil, u.fail(ctx, p, grants, actSignInFailed, "password", r)
	}
	return u.first(ctx, p, grants, "password", a, r)
}

// begin asks the guard, and raises the alarm where somebody has been guessing.
func (u *Access) begin(ctx context.Context, a throttle.Attempt, p store.Person, r RequestInfo) error {
	_, alarm, err := u.guard.Begin(a, u.core.Clock())
	if alarm && p.ID != "" {
		u.alarm(ctx, Alert{
			Kind: "guessing", Message: strconv.Itoa(throttle.Alarm) + " attempts to sign in have failed in a row", Person: p.ID, Address: r.address(),
		})
	}
	return err
}

// verify does the work of checking a password whether there is one or not.
func (u *Access) verify(ctx context.Context, person, pw string) (bool, error) {
	list, err := u.core.DB.Credentials(ctx, person, "password")
	if err != nil {
		return false, err
	}
	if len(list) == 0 {
		return false, u.hasher.Pretend(ctx, pw)
	}
	c := list[0]
	right, rehash, err := u.hasher.Verify(ctx, string(c.Secret), pw)
	if isKind(err, harbour.ErrInternal) {
		// A stored string that is damaged must not show to somebody who guesses.
		u.core.Log.ErrorContext(ctx, "stored password unusable", slog.String("person", person), slog.Any("error", err))
		return false, u.hasher.Pretend(ctx, pw)
	}
	if err != nil || !right {
		return false, err
	}
	if rehash {
		if fresh, err := u.hasher.Hash(ctx, pw); err == nil {
			c.Secret = []byte(fresh)
		}
	}
	return true, u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("a password in use; what it was used for is audited")
		_, err := tx.UseCredential(ctx, c)
		return err
	})
}

// fail records a failure and gives the answer. It takes the same time whether the person is known.
func (u *Access) fail(ctx context.Context, p store.Person, grants []store.Grant, action app.Action, how string, r RequestInfo) error {
	u.core.Log.WarnContext(ctx, "sign-in failed", slog.String("how", how), slog.String("person", p.ID), slog.String("address", r.address()), slog.String("request", r.Request))
	if _, err := u.failed.Allow("", u.core.Clock()); err != nil {
		u.unkept.Add(1)
		u.spared.Add(1)
		return wrong()
	}
	more := u.unkept.Swap(0)
	e := entry(p, grants, action, "sign-in", r)
	e.Reason = how
	if more > 0 {
		e.Reason += "; " + strconv.FormatInt(more, 10) + " more failures before it are in the program's log alone"
	}
	err := u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error { return tx.Audit(ctx, e) })
	if err != nil {
		u.unkept.Add(more + 1)
		u.core.Log.ErrorContext(ctx, "audit entry of a failed sign-in", slog.Any("error", err))
	}
	return wrong()
}

// first goes on after the first factor.
func (u *Access) first(ctx context.Context, p store.Person, grants []store.Grant, method string, a throttle.Attempt, r RequestInfo) (*SignedIn, error) {
	kinds, err := u.secondKinds(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	if len(kinds) > 0 {
		token := u.halfway.put(halfway{p.ID, method, a}, u.core.Clock())
		return &SignedIn{Name: p.Name, Next: &Second{token, kinds}}, nil
	}
	return u.finish(ctx, p.ID, method, a, r, nil)
}

// secondKinds lists what second factors a person has.
func (u *Access) secondKinds(ctx context.Context, person string) (kinds []string, err error) {
	list, err := u.core.DB.Credentials(ctx, person, "")
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, c := range list {
		has[c.Kind] = true
	}
	if !has["passkey"] && !has["totp"] {
		return nil, nil // recovery codes alone are no second factor
	}
	for _, k := range []string{"passkey", "totp", "recovery"} {
		if has[k] {
			kinds = append(kinds, k)
		}
	}
	return kinds, nil
}

// finish begins a session. use, where given, spends what proved the last factor within the same transaction; false from
// it means that somebody else has used it meanwhile.
func (u *Access) finish(ctx context.Context, person, method string, a throttle.Attempt, r RequestInfo, use func(context.Context, *store.Tx) (bool, error)) (*SignedIn, error) {
	cookie, digest := secret.NewSession()
	life := u.life(method)
	now := u.core.Now()
	s := store.Session{
		ID: app.NewID("s-"), Hash: digest[:], Person: person, Method: method, Address: r.address(), Agent: r.agent(),
		ProvedAt: now, ExpiresAt: now + span(min(u.opt.Idle, life)),
	}
	out := &SignedIn{Cookie: cookie, Until: now.Time().Add(life)}
	var device string
	var token secret.Digest
	if a.Device == "" {
		device, token = secret.NewSession()
	}
	err := u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		p, grants, err := tx.PersonBy(ctx, "", person)
		if err != nil {
			return err
		}
		if p.State != "active" {
			return wrong()
		}
		if use != nil {
			if fresh, err := use(ctx, tx); err != nil || !fresh {
				return errOr(err, wrong())
			}
		}
		if err := tx.AddSession(ctx, s); err != nil {
			return err
		}
		if err := tx.KeepSessions(ctx, person, maxSessions); err != nil {
			return err
		}
		if device != "" {
			c := store.Credential{ID: app.NewID("c-"), Person: person, Kind: "device", Label: r.agent(), Lookup: token.String(), Secret: []byte{}}
			if err := tx.AddCredential(ctx, c); err != nil {
				return err
			}
			if err := tx.KeepCredentials(ctx, person, "device", maxDevices); err != nil {
				return err
			}
		}
		out.Name, out.Device = p.Name, device
		e := entry(p, grants, actSignIn, "session", r)
		e.After = app.State(map[string]any{"session": s.ID, "method": method, "agent": s.Agent})
		return tx.Audit(ctx, e)
	})
	if err != nil {
		return nil, err
	}
	u.guard.Succeeded(a)
	u.core.Log.InfoContext(ctx, "signed in", slog.String("person", person), slog.String("method", method), slog.String("address", s.Address), slog.String("request", r.Request))
	return out, nil
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func span(d time.Duration) harbour.Instant { return harbour.Instant(d.Microseconds()) }

// device gives the digest of the device cookie where it is good for the person, and "" where it is not.
func (u *Access) device(ctx context.Context, person string, r RequestInfo) (string, error) {
	d, ok := secret.Session(r.Device)
	if !ok {
		return "", nil
	}
	c, err := u.core.DB.CredentialBy(ctx, "device", d.String())
	if isKind(err, harbour.ErrNotFound) {
		return "", nil
	}
	if err != nil || c.Person != person || person == "" || u.core.Now() > c.CreatedAt+span(DeviceFor) {
		return "", err
	}
	return c.Lookup, nil
}
