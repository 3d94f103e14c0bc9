// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"errors"
	"log/slog"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"breakwater/app"
	"breakwater/app/access/secret"
	"breakwater/app/access/throttle"
	"breakwater/harbour"
	"breakwater/store"
)

const (
	actDirectoryPerson app.Action = "access.directory_person"
	actDirectoryRoles  app.Action = "access.directory_roles"
	actLink            app.Action = "access.link_directory"

	viaDirectory = "oidc"
)

// Directory is the name of the directory for the sign-in page; "" where there is none.
func (u *Access) Directory() string {
	switch {
	case u.directory == nil:
		return ""
	case u.directory.opt.Name == "":
		return "directory"
	}
	return u.directory.opt.Name
}

// Leave is where a browser is sent, and what it has to bring back.
type Leave struct {
	URL string
	// Cookie ties the way back to this browser. It is kept like the session cookie, for [JourneyFor], and goes with the
	// answer: without it somebody could be signed in as another person by a link.
	Cookie string
}

// JourneyFor is how long the way to the directory and back may take.
const JourneyFor = 10 * time.Minute

// BeginDirectory sends somebody to the directory: to sign in (by nil), or to prove presence there once more.
//
// Errors: ErrUnavailable where the directory does not answer: the hint points to the emergency account. ErrNotFound
// where there is none.
func (u *Access) BeginDirectory(ctx context.Context, by *app.Actor, r RequestInfo) (Leave, error) {
	return u.leave(ctx, by, false, r)
}

// BeginLink sends the actor to the directory to tie the account there to the one here. Nothing ties the two by itself,
// neither name nor e-mail address.
//
// Errors: as [Access.BeginDirectory], and ErrStepUp.
func (u *Access) BeginLink(ctx context.Context, by *app.Actor, r RequestInfo) (Leave, error) {
	if err := u.mayEnrol(by, "link directory account"); err != nil {
		return Leave{}, err
	}
	return u.leave(ctx, by, true, r)
}

func (u *Access) leave(ctx context.Context, by *app.Actor, link bool, r RequestInfo) (Leave, error) {
	if u.directory == nil {
		return Leave{}, &harbour.Error{Kind: harbour.ErrNotFound, Op: "sign in through the directory", Message: "no directory is connected", Hint: "Sign in with a password or a passkey."}
	}
	now := u.core.Clock()
	if _, err := u.asking.Allow(r.address(), now); err != nil {
		return Leave{}, err
	}
	p, err := u.directory.discover(ctx)
	if err != nil {
		u.core.Log.ErrorContext(ctx, "directory does not answer", slog.Any("error", err))
		return Leave{}, err
	}
	cookie, digest := secret.NewSession()
	nonce, _ := secret.NewSession()
	j := journey{browser: digest, nonce: nonce, verifier: oauth2.GenerateVerifier(), link: link, began: now}
	opts := []oauth2.AuthCodeOption{oidc.Nonce(nonce), oauth2.S256ChallengeOption(j.verifier)}
	if acr := u.directory.opt.ACR; len(acr) > 0 {
		opts = append(opts, oauth2.SetAuthURLParam("acr_values", strings.Join(acr, " ")))
	}
	if by != nil {
		if err := signedIn(by, "prove presence"); err != nil {
			return Leave{}, err
		}
		j.session, j.person = by.Session, by.Person
		opts = append(opts, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	state := u.journeys.put(j, now)
	return Leave{u.directory.oauth(p).AuthCodeURL(state, opts...), cookie}, nil
}

// Return is what a browser brings back from the directory.
type Return struct {
	State, Code, Error string // parameters of the address
	Cookie             string // [Leave.Cookie]
}

// FinishDirectory takes up what [Access.BeginDirectory] or [Access.BeginLink] began. by is the actor of the session, nil
// where nobody is signed in. For a sign-in the answer has a session; where presence was proved or accounts were tied it
// is nil, and the actor's session goes on.
//
// The roles that the directory's groups give are set anew each time. Who is in no group that gives one is not let in.
//
// Errors: ErrUnauthenticated where the answer is not good, ErrDenied where no group gives a role, ErrUnavailable where
// the directory does not answer, ErrConflict where the account there is tied to another person here.
func (u *Access) FinishDirectory(ctx context.Context, by *app.Actor, b Return, r RequestInfo) (*SignedIn, error) {
	if u.directory == nil {
		return nil, notByDirectory("no directory is connected", nil)
	}
	j, ok := u.journeys.take(b.State, u.core.Clock())
	if !ok {
		return nil, notByDirectory("it took too long, or was answered already", nil)
	}
	if d, ok := secret.Session(b.Cookie); !ok || !d.Equal(j.browser) {
		return nil, notByDirectory("it was begun in another browser", nil)
	}
	if b.Error != "" || b.Code == "" || len(b.Code) > 8192 {
		return nil, notByDirectory("the directory did not let you in", errors.New(clip(b.Error, 100)))
	}
	if j.session != "" && (by == nil || by.Session != j.session) {
		return nil, notByDirectory("it was begun in another session", nil)
	}
	id, err := u.directory.redeem(ctx, b.Code, j)
	if err != nil {
		u.core.Log.WarnContext(ctx, "sign-in through the directory failed", slog.Any("error", err), slog.String("address", r.address()))
		if isKind(err, harbour.ErrUnauthenticated) {
			u.fail(ctx, store.Person{}, nil, actSignInFailed, viaDirectory, r)
		}
		return nil, err
	}
	switch {
	case j.link:
		return nil, u.link(ctx, by, id)
	case j.session != "":
		renewed, err := u.provedByDirectory(ctx, by, id, j, r)
		if err != nil {
			return nil, err
		}
		return &SignedIn{Cookie: renewed.Cookie, Until: renewed.Until, Name: by.Name, Proved: true}, nil
	}
	person, err := u.fromDirectory(ctx, id, r)
	if err != nil {
		return nil, err
	}
	device, err := u.device(ctx, person.ID, r)
	if err != nil {
		return nil, err
	}
	in, err := u.finish(ctx, person.ID, viaDirectory, throttle.Attempt{Account: person.Login, Address: r.Address, Device: device}, r, nil)
	if isKind(err, harbour.ErrUnauthenticated) {
		err = notByDirectory("you may not sign in here", nil)
	}
	return in, err
}

// provedByDirectory wants the directory to have asked anew, and the same person to have answered.
func (u *Access) provedByDirectory(ctx context.Context, by *app.Actor, id identity, j journey, r RequestInfo) (Renewed, error) {
	const leeway = time.Minute // clocks differ
	if id.AuthTime == 0 || time.Unix(id.AuthTime, 0).Before(j.began.Add(-leeway)) {
		return Renewed{}, notByDirectory("the directory did not ask you anew", errors.New("auth_time is missing or too old"))
	}
	c, err := u.core.DB.CredentialBy(ctx, viaDirectory, id.lookup)
	if isKind(err, harbour.ErrNotFound) || err == nil && c.Person != by.Person {
		return Renewed{}, notByDirectory("that is another person's account", nil)
	}
	if err != nil {
		return Renewed{}, err
	}
	return u.proved(ctx, by, viaDirectory, throttle.Attempt{Account: by.Login, Address: r.Address, Device: "session " + by.Session}, nil)
}

// link ties an account of the directory to the actor.
func (u *Access) link(ctx context.Context, by *app.Actor, id identity) error {
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		p, grants, err := tx.PersonBy(ctx, "", by.Person)
		if err != nil {
			return err
		}
		if err := u.unlinked(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.RemoveCredentials(ctx, p.ID, viaDirectory, ""); err != nil {
			return err
		}
		if err := tx.AddCredential(ctx, store.Credential{ID: app.NewID("c-"), Person: p.ID, Kind: viaDirectory, Label: u.Directory(), Lookup: id.lookup, Secret: []byte{}}); err != nil {
			return err
		}
		e := by.Entry(home(grants), actLink, "person", p.ID, p.Name)
		e.After = app.State(map[string]any{"directory": u.directory.opt.Issuer, "name_there": clip(id.Username, 200)})
		return tx.Audit(ctx, e)
	})
}

// unlinked wants nobody to have the directory's account yet.
func (u *Access) unlinked(ctx context.Context, tx *store.Tx, id identity) error {
	var n int
	err := tx.NewRaw("SELECT COUNT(*) FROM credential WHERE kind = ? AND lookup = ?", viaDirectory, id.lookup).Scan(ctx, &n)
	if err == nil && n > 0 {
		err = &harbour.Error{Kind: harbour.ErrConflict, Op: "link directory account", Message: "that account is tied to a person here already", Hint: "Sign in through the directory, or ask an administrator."}
	}
	return err
}

// fromDirectory finds the person, or adds one, and sets the roles that the groups give.
func (u *Access) fromDirectory(ctx context.Context, id identity, r RequestInfo) (p store.Person, err error) {
	none := &harbour.Error{
		Kind: harbour.ErrDenied, Op: "sign in through the directory", Message: "none of your groups in the directory gives you a role here",
		Hint: "Ask your administrator which group that would be.",
	}
	if !id.listed {
		none.Hint = "The directory did not say which groups you are in. Your administrator has to have it send them."
	}
	refused := false
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("nothing may have changed; the sign-in is audited")
		refused = false
		var list []string
		if err := tx.NewRaw("SELECT person FROM credential WHERE kind = ? AND lookup = ?", viaDirectory, id.lookup).Scan(ctx, &list); err != nil {
			return err
		}
		if len(list) == 0 {
			if len(u.directory.grants("", id.groups)) == 0 {
				refused = true
				return nil
			}
			p, err = u.addFromDirectory(ctx, tx, id, r)
			return err
		}
		var had []store.Grant
		if p, had, err = tx.PersonBy(ctx, "", list[0]); err != nil {
			return err
		}
		if err := u.rolesFromDirectory(ctx, tx, p, had, id, r); err != nil {
			return err
		}
		_, now, err := tx.PersonBy(ctx, "", p.ID)
		refused = len(now) == 0
		return err
	})
	if err != nil {
		return p, err
	}
	if refused || p.State != Active || p.BreakGlass {
		u.core.Log.WarnContext(ctx, "not let in from the directory", slog.Any("identity", id), slog.String("person", p.ID), slog.String("address", r.address()))
		u.fail(ctx, p, nil, actSignInFailed, viaDirectory, r)
		if !refused {
			return p, notByDirectory("you may not sign in here", nil)
		}
		return p, none
	}
	return p, nil
}

// addFromDirectory adds somebody who comes from the directory for the first time. A local account with the same name
// or address stays its owner's.
func (u *Access) addFromDirectory(ctx context.Context, tx *store.Tx, id identity, r RequestInfo) (p store.Person, err error) {
	var failed error
	login := loginOf(id, func(login string) bool {
		_, _, err := tx.PersonBy(ctx, login, "")
		if err != nil && !isKind(err, harbour.ErrNotFound) {
			failed = err
		}
		return err == nil
	})
	if failed != nil {
		return p, failed
	}
	p = store.Person{ID: app.NewID("p-"), Login: login, Name: nameOf(id, login), Email: emailOf(id), State: Active}
	if err := tx.PutPerson(ctx, p); err != nil {
		return p, err
	}
	if err := tx.AddCredential(ctx, store.Credential{ID: app.NewID("c-"), Person: p.ID, Kind: viaDirectory, Label: u.Directory(), Lookup: id.lookup, Secret: []byte{}}); err != nil {
		return p, err
	}
	grants := u.directory.grants(p.ID, id.groups)
	if err := tx.PutGrants(ctx, p.ID, sourceGroup, grants); err != nil {
		return p, err
	}
	e := entry(p, grants, actDirectoryPerson, viaDirectory, r)
	after := grantsIn(grants, "*")
	after["login"], after["name"], after["email"], after["directory"] = p.Login, p.Name, p.Email, u.directory.opt.Issuer
	e.After = app.State(after)
	return p, tx.Audit(ctx, e)
}

// rolesFromDirectory sets the roles that groups give, and name and address as the directory has them.
func (u *Access) rolesFromDirectory(ctx context.Context, tx *store.Tx, p store.Person, had []store.Grant, id identity, r RequestInfo) error {
	var old, local []store.Grant
	for _, g := range had {
		if g.Source == sourceGroup {
			old = append(old, g)
		} else {
			local = append(local, g)
		}
	}
	slices.SortFunc(old, compareGrants)
	fresh := u.directory.grants(p.ID, id.groups)
	was := p
	if !p.BreakGlass && len(local) == 0 { // an account that people here look after keeps the name they gave it
		p.Name, p.Email = nameOf(id, p.Login), emailOf(id)
	}
	if p != was {
		if err := tx.PutPerson(ctx, p); err != nil {
			return err
		}
	}
	if slices.Equal(old, fresh) && p == was {
		return nil
	}
	if err := tx.PutGrants(ctx, p.ID, sourceGroup, fresh); err != nil {
		return err
	}
	left, err := tx.Holders(ctx, Administrator, "*")
	if err != nil {
		return err
	}
	e := entry(p, append(local, fresh...), actDirectoryRoles, viaDirectory, r)
	if len(left) == 0 {
		a := Alert{Kind: "no_administrator", Message: "the directory has taken the role from the last administrator; the emergency account can give it again", Person: p.ID, Address: r.address()}
		e.Reason = a.Kind + ": " + a.Message
		tx.After(func() { u.raise(ctx, a) })
	}
	before, after := grantsIn(old, "*"), grantsIn(fresh, "*")
	before["name"], before["email"], after["name"], after["email"] = was.Name, was.Email, p.Name, p.Email
	e.Before, e.After = app.State(before), app.State(after)
	return tx.Audit(ctx, e)
}

func nameOf(id identity, login string) string {
	if name := clip(id.Name, 200); checkName("", "", name) == nil {
		return name
	}
	return login
}

func emailOf(id identity) string {
	if a, err := mail.ParseAddress(id.Email); err == nil && a.Address == id.Email && len(id.Email) <= 254 {
		return id.Email
	}
	return ""
}
