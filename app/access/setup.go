// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a port's server need not have the table of time zones
	"unicode"
	"unicode/utf8"

	"breakwater/app"
	"breakwater/app/access/secret"
	"breakwater/app/access/throttle"
	"breakwater/harbour"
	"breakwater/store"
)

// setup is the one-time token of the first set-up. It lives in memory: another start makes another one.
type setup struct {
	mu     sync.Mutex
	digest secret.Digest
	until  time.Time
	left   int
	done   bool // there are people; they never become none again
}

// SetUpFor is how long the token of the first set-up is good, and setUpTries how often a wrong one may be tried.
const (
	SetUpFor   = 24 * time.Hour
	setUpTries = 20
)

// NeedsSetUp says whether nobody is known yet, so that pages lead to the first set-up.
func (u *Access) NeedsSetUp(ctx context.Context) (bool, error) {
	u.setup.mu.Lock()
	defer u.setup.mu.Unlock()
	if u.setup.done {
		return false, nil
	}
	n, err := u.core.DB.CountPeople(ctx)
	u.setup.done = err == nil && n > 0
	return n == 0 && err == nil, err
}

// OfferSetUp makes the one-time token of the first set-up, for the command to print where only the operator sees it. The
// token is "" where there are people already. A token made earlier is worthless from then on.
func (u *Access) OfferSetUp(ctx context.Context) (token string, until time.Time, err error) {
	needs, err := u.NeedsSetUp(ctx)
	if err != nil || !needs {
		return "", until, err
	}
	u.setup.mu.Lock()
	defer u.setup.mu.Unlock()
	token, u.setup.digest = secret.NewLetters()
	u.setup.until, u.setup.left = u.core.Clock().Add(SetUpFor), setUpTries
	return token, u.setup.until, nil
}

// FirstRun is what the first set-up asks.
type FirstRun struct {
	Organisation   string // name
	OrganisationID string // as the port file calls it; made of the name where it is ""
	Site           string // name
	SiteID         string // made of the name where it is ""
	TimeZone       string // IANA name, such as Europe/Amsterdam
	Jurisdiction   string // ISO 3166-1 alpha-2, or EU
	Login          string // of the first administrator
	Name           string
	Email          string
	Password       string
}

// SetUp makes the organisation, its first site and the first administrator, who is signed in by it.
//
// Errors: ErrUnauthenticated for a wrong token, ErrInvalid for a wrong answer, ErrConflict where somebody was faster.
func (u *Access) SetUp(ctx context.Context, token string, f FirstRun, r RequestInfo) (*SignedIn, error) {
	const op = "set up"
	if needs, err := u.NeedsSetUp(ctx); err != nil || !needs {
		return nil, errOr(err, &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: "the first set-up is done", Hint: "sign in"})
	}
	if err := u.setUpToken(token); err != nil {
		return nil, err
	}
	if err := f.check(op); err != nil {
		return nil, err
	}
	p := store.Person{ID: app.NewID("p-"), Login: f.Login, Name: f.Name, Email: f.Email, State: "active"}
	checker := u.opt.Checker
	checker.Words = append([]string{f.Organisation, f.Site}, checker.Words...)
	if err := checker.Check(f.Password, p.Login, p.Name, p.Email); err != nil {
		return nil, err
	}
	hash, err := u.hasher.Hash(ctx, f.Password)
	if err != nil {
		return nil, err
	}
	grant := store.Grant{Person: p.ID, Role: Administrator, Org: "*", Sites: "*", Source: sourceLocal}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		if n, err := tx.CountPeople(ctx); err != nil || n > 0 {
			return errOr(err, &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: "somebody else has done the first set-up meanwhile", Hint: "sign in"})
		}
		org := store.Organisation{ID: f.OrganisationID, Name: f.Organisation}
		if err := tx.AddOrganisation(ctx, org); err != nil && !isKind(err, harbour.ErrConflict) { // evidence may have been there first
			return err
		}
		if err := tx.PutSite(ctx, store.Site{Org: org.ID, ID: f.SiteID, Name: f.Site, TimeZone: f.TimeZone, Jurisdiction: f.Jurisdiction}); err != nil {
			return err
		}
		if err := tx.PutPerson(ctx, p); err != nil {
			return err
		}
		if err := tx.PutGrants(ctx, p.ID, sourceLocal, []store.Grant{grant}); err != nil {
			return err
		}
		if err := putPassword(ctx, tx, p.ID, hash); err != nil {
			return err
		}
		e := entry(p, []store.Grant{grant}, actSetUp, "set-up", r)
		e.After = app.State(map[string]any{"organisation": f.OrganisationID, "site": f.SiteID, "login": p.Login, "role": grant.Role})
		return tx.Audit(ctx, e)
	})
	if err != nil {
		return nil, err
	}
	u.setup.mu.Lock()
	u.setup.done, u.setup.left = true, 0
	u.setup.mu.Unlock()
	return u.finish(ctx, p.ID, "password", throttle.Attempt{Account: p.Login, Address: r.Address}, r, nil)
}

// setUpToken compares in constant time. A text that cannot be a token is not counted: it is a slip of the hand.
func (u *Access) setUpToken(typed string) error {
	refuse := func(message, hint string) error {
		return &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "set up", Message: message, Hint: hint}
	}
	const again = "Start the program again; it prints a new token."
	d, err := secret.Letters(typed)
	if err != nil {
		return err
	}
	u.setup.mu.Lock()
	defer u.setup.mu.Unlock()
	switch {
	case u.setup.left <= 0:
		return refuse("there is no token that could be right, or a wrong one was tried too often", again)
	case !u.core.Clock().Before(u.setup.until):
		return refuse("the token has expired", again)
	case !u.setup.digest.Equal(d):
		u.setup.left--
		return refuse("that is not the token", "It is in what the program printed when it was started last.")
	}
	return nil
}

func (f *FirstRun) check(op string) error {
	f.Login = fold(f.Login)
	for _, t := range []*string{&f.Organisation, &f.OrganisationID, &f.Site, &f.SiteID, &f.TimeZone, &f.Jurisdiction, &f.Name, &f.Email} {
		*t = strings.TrimSpace(*t)
	}
	if f.OrganisationID == "" {
		f.OrganisationID = slug(f.Organisation)
	}
	if f.SiteID == "" {
		f.SiteID = slug(f.Site)
	}
	if err := errOr(checkName(op, "name of the organisation", f.Organisation), checkName(op, "name of the site", f.Site)); err != nil {
		return err
	}
	for what, id := range map[string]string{"organisation": f.OrganisationID, "site": f.SiteID} {
		if !goodID.MatchString(id) {
			return invalid(op, "the short name of the "+what+" cannot be used", "Use small letters, digits and hyphens, such as north-quay. It is what files and addresses call it.")
		}
	}
	if _, err := time.LoadLocation(f.TimeZone); err != nil || f.TimeZone == "" || f.TimeZone == "Local" {
		return harbour.In("time_zone", invalid(op, fmt.Sprintf("there is no time zone %q", clip(f.TimeZone, 60)), "Use a name such as Europe/Amsterdam, Asia/Singapore or UTC."))
	}
	if !country.MatchString(f.Jurisdiction) {
		return harbour.In("jurisdiction", invalid(op, "the jurisdiction is a country's code of two capital letters, or EU", "For example NL, GB or SG."))
	}
	return checkPerson(op, f.Login, f.Name, f.Email)
}

var (
	goodID    = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	goodLogin = regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{0,63}$`)
	country   = regexp.MustCompile(`^[A-Z]{2}$`)
)

// slug makes a short name of a name.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.IsSpace(r) || r == '-' || r == '_' || r == '/' || r == '.':
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
		}
	}
	s := b.String()
	return strings.Trim(s[:min(len(s), 60)], "-")
}

func checkName(op, what, s string) error {
	n := utf8.RuneCountInString(s)
	if n == 0 || n > 200 || clip(s, len(s)) != s {
		return invalid(op, "the "+what+" is empty, too long or has characters that cannot be shown", "At most 200 characters.")
	}
	return nil
}

func checkPerson(op, login, name, email string) error {
	if !goodLogin.MatchString(login) {
		return harbour.In("login", invalid(op, "the sign-in name cannot be used", "Use small letters, digits and . _ @ + -, at most 64, such as m.devries."))
	}
	if err := checkName(op, "name", name); err != nil {
		return harbour.In("name", err)
	}
	if email != "" {
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > 254 {
			return harbour.In("email", invalid(op, "the e-mail address cannot be used", "Leave it empty, or write it like m.devries@port.example."))
		}
	}
	return nil
}
