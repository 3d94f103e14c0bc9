// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"breakwater/app"
	"breakwater/app/access/secret"
	"breakwater/app/access/totp"
	"breakwater/harbour"
	"breakwater/store"
)

// Sealer encrypts the secrets of one-time codes before they are stored: the vault.
type Sealer interface {
	Seal(context string, secret []byte) ([]byte, error)
	Unseal(context string, envelope []byte) ([]byte, error)
}

const (
	actFactorAdd    app.Action = "access.add_factor"
	actFactorRemove app.Action = "access.remove_factor"
	actRecovery     app.Action = "access.recovery_codes"
)

// recoveryCodes is how many a person gets.
const recoveryCodes = 10

// Factor is something that a person proves who they are with, beside the password.
type Factor struct {
	ID      string
	Kind    string // passkey, totp
	Label   string
	Created harbour.Instant
	Used    harbour.Instant
}

// Factors lists the actor's own second factors, and how many recovery codes are left.
func (u *Access) Factors(ctx context.Context, by *app.Actor) (list []Factor, recovery int, err error) {
	if err := signedIn(by, "list second factors"); err != nil {
		return nil, 0, err
	}
	all, err := u.core.DB.Credentials(ctx, by.Person, "")
	for _, c := range all {
		switch c.Kind {
		case "passkey", "totp":
			list = append(list, Factor{c.ID, c.Kind, c.Label, c.CreatedAt, c.UsedAt})
		case "recovery":
			recovery++
		}
	}
	return list, recovery, err
}

// mayEnrol says whether the actor may add or remove what proves them: a proof of presence lies back minutes at most.
func (u *Access) mayEnrol(by *app.Actor, op string) error {
	if err := signedIn(by, op); err != nil {
		return err
	}
	if by.BreakGlass {
		return &harbour.Error{Kind: harbour.ErrDenied, Op: op, Message: "an emergency account has its password alone", Hint: "use your own account"}
	}
	return u.present(by, op)
}

// enrolment waits for the first code of a new secret.
type enrolment struct {
	person, label string
	secret        []byte
}

// NewTOTP is a secret that is to be put into an authenticator program. It is shown once.
type NewTOTP struct {
	Token string // to be handed to [Access.FinishTOTP]
	URI   string // for a picture
	Text  string // for typing
}

// BeginTOTP makes a secret for one-time codes. It counts when the first code has been given to [Access.FinishTOTP].
//
// Errors: ErrStepUp, ErrUnavailable where there is no vault to keep secrets in.
func (u *Access) BeginTOTP(ctx context.Context, by *app.Actor, label string) (n NewTOTP, err error) {
	const op = "set up one-time codes"
	if err := u.mayEnrol(by, op); err != nil {
		return n, err
	}
	if u.opt.Sealer == nil {
		return n, &harbour.Error{Kind: harbour.ErrUnavailable, Op: op, Message: "there is no vault to keep the secret in", Hint: "use a passkey"}
	}
	if label = strings.TrimSpace(label); label == "" {
		label = "Authenticator"
	}
	if err := checkName(op, "label", label); err != nil {
		return n, harbour.In("label", err)
	}
	issuer := "Breakwater"
	if orgs, err := u.core.DB.Organisations(ctx, by.Organisations()...); err == nil && len(orgs) == 1 {
		issuer += " " + orgs[0].Name
	}
	e := enrolment{by.Person, label, totp.NewSecret()}
	n = NewTOTP{URI: totp.URI(issuer, by.Login, e.secret), Text: totp.Text(e.secret)}
	n.Token = u.enrolling.put(e, u.core.Clock())
	return n, nil
}

// FinishTOTP takes the first code, and gives recovery codes where the person has none: to be shown once and kept on
// paper. An earlier secret for one-time codes is replaced; other sessions end.
//
// Errors: ErrUnauthenticated for a wrong code, ErrNotFound where it took too long.
func (u *Access) FinishTOTP(ctx context.Context, by *app.Actor, token, code string) (recovery []string, err error) {
	const op = "set up one-time codes"
	if err := u.mayEnrol(by, op); err != nil {
		return nil, err
	}
	e, ok := u.enrolling.get(token, u.core.Clock())
	if !ok || e.person != by.Person {
		return nil, &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: "it took too long", Hint: "begin again"}
	}
	typed, ok := totp.Clean(code)
	var step int64
	if ok {
		step, ok = totp.Check(e.secret, typed, u.core.Clock(), 0)
	}
	if !ok {
		return nil, &harbour.Error{
			Kind: harbour.ErrUnauthenticated, Op: op, Message: "that is not the present code",
			Hint: "A code is six digits and changes every 30 seconds. Check that the clock of the device that shows it is right.",
		}
	}
	id := app.NewID("c-")
	sealed, err := u.opt.Sealer.Seal(sealContext(id), e.secret)
	if err != nil {
		return nil, err
	}
	if _, ok := u.enrolling.take(token, u.core.Clock()); !ok {
		return nil, &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: "it is done already"}
	}
	c := store.Credential{ID: id, Person: by.Person, Kind: "totp", Label: e.label, Secret: sealed, Counter: step}
	return u.addFactor(ctx, by, c, true)
}

// sealContext binds a sealed secret to its row.
func sealContext(id string) string { return "credential " + id + " secret" }

// addFactor stores a second factor, gives recovery codes where there are none, and ends other sessions.
func (u *Access) addFactor(ctx context.Context, by *app.Actor, c store.Credential, replace bool) (recovery []string, err error) {
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		recovery = nil
		p, grants, err := tx.PersonBy(ctx, "", by.Person)
		if err != nil {
			return err
		}
		has, err := tx.Credentials(ctx, p.ID, "")
		if err != nil {
			return err
		}
		if n := countKind(has, c.Kind); n >= maxFactors && !replace {
			return &harbour.Error{Kind: harbour.ErrFull, Op: "add second factor", Message: fmt.Sprintf("a person has at most %d of these", maxFactors), Hint: "Remove one that is no longer used."}
		}
		if replace {
			if _, err := tx.RemoveCredentials(ctx, p.ID, c.Kind, ""); err != nil {
				return err
			}
		}
		if err := tx.AddCredential(ctx, c); err != nil {
			return err
		}
		if countKind(has, "recovery") == 0 {
			if recovery, err = newRecovery(ctx, tx, p.ID); err != nil {
				return err
			}
		}
		n, err := tx.EndSessions(ctx, p.ID, "", by.Session)
		if err != nil {
			return err
		}
		e := by.Entry(home(grants), actFactorAdd, "person", p.ID, p.Name)
		e.After = app.State(map[string]any{"kind": c.Kind, "label": c.Label, "sessions_ended": n})
		return tx.Audit(ctx, e)
	})
	if err != nil {
		return nil, err
	}
	return recovery, nil
}

// maxFactors of one kind that a person may have.
const maxFactors = 20

func countKind(list []store.Credential, kind string) (n int) {
	for _, c := range list {
		if c.Kind == kind {
			n++
		}
	}
	return n
}

func newRecovery(ctx context.Context, tx *store.Tx, person string) (codes []string, err error) {
	if _, err := tx.RemoveCredentials(ctx, person, "recovery", ""); err != nil {
		return nil, err
	}
	for range recoveryCodes {
		text, d := secret.NewLetters()
		c := store.Credential{ID: app.NewID("c-"), Person: person, Kind: "recovery", Lookup: d.String(), Secret: []byte{}}
		if err := tx.AddCredential(ctx, c); err != nil {
			return nil, err
		}
		codes = append(codes, text)
	}
	return codes, nil
}

// NewRecoveryCodes replaces the actor's recovery codes, used or not. They are shown once.
//
// Errors: ErrStepUp, ErrConflict where the person has no second factor to recover from.
func (u *Access) NewRecoveryCodes(ctx context.Context, by *app.Actor) (codes []string, err error) {
	const op = "make recovery codes"
	if err := u.mayEnrol(by, op); err != nil {
		return nil, err
	}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		codes = nil
		p, grants, err := tx.PersonBy(ctx, "", by.Person)
		if err != nil {
			return err
		}
		has, err := tx.Credentials(ctx, p.ID, "")
		if err != nil {
			return err
		}
		if countKind(has, "totp")+countKind(has, "passkey") == 0 {
			return &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: "there is no second factor that codes could stand in for", Hint: "Set up one-time codes or a passkey first."}
		}
		if codes, err = newRecovery(ctx, tx, p.ID); err != nil {
			return err
		}
		return tx.Audit(ctx, by.Entry(home(grants), actRecovery, "person", p.ID, p.Name))
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// RemoveFactor removes one of the actor's own second factors. With the last one the recovery codes go, too.
//
// Errors: ErrStepUp, ErrNotFound, ErrDenied for the last one where an organisation wants a second factor.
func (u *Access) RemoveFactor(ctx context.Context, by *app.Actor, id string) error {
	const op = "remove second factor"
	if err := u.mayEnrol(by, op); err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		p, grants, err := tx.PersonBy(ctx, "", by.Person)
		if err != nil {
			return err
		}
		has, err := tx.Credentials(ctx, p.ID, "")
		if err != nil {
			return err
		}
		i := slices.IndexFunc(has, func(c store.Credential) bool { return c.ID == id && (c.Kind == "totp" || c.Kind == "passkey") })
		if i < 0 {
			return &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: "there is no such second factor"}
		}
		if countKind(has, "totp")+countKind(has, "passkey") == 1 {
			required, err := tx.SettingsNamed(ctx, settingSecondFactor)
			if err != nil {
				return err
			}
			if requiredFor(grants, required) {
				return &harbour.Error{Kind: harbour.ErrDenied, Op: op, Message: "your organisation wants a second factor, and this is the only one", Hint: "Add another one first."}
			}
			if _, err := tx.RemoveCredentials(ctx, p.ID, "recovery", ""); err != nil {
				return err
			}
		}
		if _, err := tx.RemoveCredentials(ctx, p.ID, has[i].Kind, id); err != nil {
			return err
		}
		e := by.Entry(home(grants), actFactorRemove, "person", p.ID, p.Name)
		e.Before = app.State(map[string]any{"kind": has[i].Kind, "label": has[i].Label})
		return tx.Audit(ctx, e)
	})
}

// spend finds what a typed code is (a one-time code or a recovery code) and gives what uses it up. right is false where it
// is neither of the person's.
func (u *Access) spend(ctx context.Context, person, typed string) (kind string, use func(context.Context, *store.Tx) (bool, error), right bool, err error) {
	if code, ok := totp.Clean(typed); ok {
		list, err := u.core.DB.Credentials(ctx, person, "totp")
		if err != nil || len(list) == 0 {
			return "totp", nil, false, err
		}
		c := list[0]
		if u.opt.Sealer == nil {
			return "totp", nil, false, &harbour.Error{Kind: harbour.ErrUnavailable, Op: "check code", Message: "the vault that keeps the secret is not open", Hint: "Use a passkey or a recovery code, and tell your administrator."}
		}
		key, err := u.opt.Sealer.Unseal(sealContext(c.ID), c.Secret)
		if err != nil {
			u.core.Log.ErrorContext(ctx, "secret of one-time codes unusable", slog.String("person", person), slog.Any("error", err))
			return "totp", nil, false, &harbour.Error{Kind: harbour.ErrUnavailable, Op: "check code", Message: "the secret of your one-time codes cannot be read", Hint: "Use a passkey or a recovery code, and tell your administrator.", Err: err}
		}
		step, ok := totp.Check(key, code, u.core.Clock(), c.Counter)
		if !ok {
			return "totp", nil, false, nil
		}
		c.Counter = step
		return "totp", func(ctx context.Context, tx *store.Tx) (bool, error) { return tx.UseCredential(ctx, c) }, true, nil
	}
	d, err := secret.Letters(typed)
	if err != nil {
		return "code", nil, false, nil
	}
	c, err := u.core.DB.CredentialBy(ctx, "recovery", d.String())
	if isKind(err, harbour.ErrNotFound) || err == nil && c.Person != person {
		return "recovery", nil, false, nil
	}
	if err != nil {
		return "recovery", nil, false, err
	}
	return "recovery", func(ctx context.Context, tx *store.Tx) (bool, error) {
		n, err := tx.RemoveCredentials(ctx, person, "recovery", c.ID)
		return n == 1, err
	}, true, nil
}

// SignInCode gives the second factor that [SignedIn.Next] asks for: a one-time code or a recovery code.
//
// Errors: ErrUnauthenticated for a wrong or used code, or where it took too long; ErrTooMany.
func (u *Access) SignInCode(ctx context.Context, token, code string, r RequestInfo) (*SignedIn, error) {
	h, p, grants, err := u.onward(ctx, token, r)
	if err != nil {
		return nil, err
	}
	kind, use, right, err := u.spend(ctx, p.ID, code)
	if err != nil {
		return nil, err
	}
	if !right {
		u.fail(ctx, p, grants, actSignInFailed, kind, r)
		return nil, wrongCode()
	}
	in, err := u.finish(ctx, p.ID, h.method+"+"+kind, h.attempt, r, use)
	if isKind(err, harbour.ErrUnauthenticated) {
		return nil, wrongCode()
	}
	if err == nil {
		u.halfway.take(token, u.core.Clock())
	}
	return in, err
}

func wrongCode() error {
	return &harbour.Error{
		Kind: harbour.ErrUnauthenticated, Op: "sign in", Message: "the code is not right, or was used already",
		Hint: "Wait for the next code of your authenticator, or use a recovery code.",
	}
}

// onward takes up a sign-in whose first factor was right, and begins an attempt at the second.
func (u *Access) onward(ctx context.Context, token string, r RequestInfo) (h halfway, p store.Person, grants []store.Grant, err error) {
	h, ok := u.halfway.get(token, u.core.Clock())
	if !ok {
		return h, p, nil, &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "sign in", Message: "it took too long, or the program was started again", Hint: "begin with the password again"}
	}
	if p, grants, err = u.core.DB.PersonBy(ctx, "", h.person); err != nil {
		return h, p, nil, err
	}
	return h, p, grants, u.begin(ctx, h.attempt, p, r)
}

// ProveCode is [Access.Prove] by a one-time code or a recovery code.
func (u *Access) ProveCode(ctx context.Context, by *app.Actor, code string, r RequestInfo) (Renewed, error) {
	if err := signedIn(by, "prove presence"); err != nil {
		return Renewed{}, err
	}
	a, p, grants, err := u.again(ctx, by, r)
	if err != nil {
		return Renewed{}, err
	}
	kind, use, right, err := u.spend(ctx, p.ID, code)
	if err != nil {
		return Renewed{}, err
	}
	if !right {
		u.fail(ctx, p, grants, actProveFailed, kind, r)
		return Renewed{}, notProved("the code is not right, or was used already")
	}
	return u.proved(ctx, by, kind, a, use)
}

// settingSecondFactor is kept for each organisation, "" for the whole installation.
const settingSecondFactor = "access.second_factor"

// SecondFactorRequired says whether an organisation wants a second factor of its people; "*" for the whole installation.
func (u *Access) SecondFactorRequired(ctx context.Context, by *app.Actor, org string) (bool, error) {
	if _, err := u.reach(by, app.ReadPeople, org); err != nil {
		return false, err
	}
	v, err := u.core.DB.Setting(ctx, logOf(org), settingSecondFactor)
	return v == "required", err
}

// RequireSecondFactor sets it. Who has none can do nothing but set one up from the next request on.
//
// Errors: ErrConflict where the actor has no second factor: administrators do not lock themselves out.
func (u *Access) RequireSecondFactor(ctx context.Context, by *app.Actor, org string, required bool) error {
	if _, err := u.reach(by, app.ManageSettings, org); err != nil {
		return err
	}
	if required && by.Via == "session" {
		kinds, err := u.secondKinds(ctx, by.Person)
		if err == nil && len(kinds) == 0 {
			err = &harbour.Error{Kind: harbour.ErrConflict, Op: "require second factor", Message: "you have no second factor yourself", Hint: "Set up a passkey or one-time codes first."}
		}
		if err != nil {
			return err
		}
	}
	value := "optional"
	if required {
		value = "required"
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		was, err := tx.Setting(ctx, logOf(org), settingSecondFactor)
		if err != nil {
			return err
		}
		if err := tx.Set(ctx, logOf(org), settingSecondFactor, value); err != nil {
			return err
		}
		e := by.Entry(logOf(org), app.ManageSettings, "setting", settingSecondFactor, "")
		e.Before, e.After = app.State(was), app.State(value)
		return tx.Audit(ctx, e)
	})
}

// requiredFor says whether one with these roles has to have a second factor.
func requiredFor(grants []store.Grant, settings map[string]string) bool {
	if settings[""] == "required" {
		return true
	}
	for _, g := range grants {
		if settings[g.Org] == "required" {
			return true
		}
		if g.Org != "*" {
			continue
		}
		for _, v := range settings {
			if v == "required" {
				return true
			}
		}
	}
	return false
}

// mustEnrol says whether somebody who signed in with a password alone has to set up a second factor first.
func (u *Access) mustEnrol(ctx context.Context, person, method string, grants []store.Grant) (bool, error) {
	if method != "password" {
		return false, nil
	}
	settings, err := u.core.DB.SettingsNamed(ctx, settingSecondFactor)
	if err != nil || !requiredFor(grants, settings) {
		return false, err
	}
	kinds, err := u.secondKinds(ctx, person)
	return len(kinds) == 0, err
}
