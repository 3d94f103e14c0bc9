// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"breakwater/app"
	"breakwater/app/access/throttle"
	"breakwater/harbour"
	"breakwater/store"
)

// PasskeyOptions say for whom passkeys are made. A browser gives them to pages of this name alone, so they cannot be
// had under an address in numbers.
type PasskeyOptions struct {
	// ID is the host name of the pages, or a domain above it: port.example. "" where there are no passkeys.
	ID string
	// Name of the installation, as browsers show it.
	Name string
	// Origins of the pages, with scheme and port: https://breakwater.port.example:8443.
	Origins []string
}

// Challenge is what a script hands to the browser, and Token what it hands back with the browser's answer. Options are
// the JSON forms of PublicKeyCredential.parseCreationOptionsFromJSON and parseRequestOptionsFromJSON, under the
// name publicKey; the answer is the credential's toJSON.
type Challenge struct {
	Token   string
	Options json.RawMessage
}

// What a challenge was made for; the answer counts for nothing else.
const (
	forRegistration = "registration"
	forSignIn       = "sign-in"
	forSecond       = "second factor"
	forProof        = "proof"
)

// ceremony waits for a browser's answer.
type ceremony struct {
	purpose string
	person  string // "" where the passkey says who it is
	session string // of the actor, for registration and proof
	label   string
	half    string // token of the sign-in whose second factor it is
	data    webauthn.SessionData
}

// maxAnswer bounds what a browser may answer.
const maxAnswer = 64 << 10

func newPasskeys(o PasskeyOptions) (*webauthn.WebAuthn, error) {
	if o.ID == "" {
		return nil, nil
	}
	if o.Name == "" {
		o.Name = "Breakwater"
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: o.ID, RPDisplayName: o.Name, RPOrigins: o.Origins,
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		},
	})
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "set up passkeys", Message: "host name and origins do not go together", Hint: "Give the host name that people type, and each origin with its scheme and port.", Err: err}
	}
	return w, nil
}

// passkeyUser is a person as the library wants to know one.
type passkeyUser struct {
	p    store.Person
	keys []webauthn.Credential
}

func (u *passkeyUser) WebAuthnID() []byte                         { return []byte(u.p.ID) }
func (u *passkeyUser) WebAuthnName() string                       { return u.p.Login }
func (u *passkeyUser) WebAuthnDisplayName() string                { return u.p.Name }
func (u *passkeyUser) WebAuthnCredentials() []webauthn.Credential { return u.keys }

var _ webauthn.User = (*passkeyUser)(nil)

func keyLookup(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// passkeyUser reads a person with passkeys. One that is damaged is left out.
func (u *Access) passkeyUser(ctx context.Context, person string) (*passkeyUser, []store.Grant, error) {
	p, grants, err := u.core.DB.PersonBy(ctx, "", person)
	if err != nil {
		return nil, nil, err
	}
	list, err := u.core.DB.Credentials(ctx, person, "passkey")
	if err != nil {
		return nil, nil, err
	}
	w := &passkeyUser{p: p}
	for _, c := range list {
		var k webauthn.Credential
		if err := json.Unmarshal(c.Secret, &k); err != nil {
			u.core.Log.ErrorContext(ctx, "stored passkey unusable", slog.String("person", person), slog.String("credential", c.ID), slog.Any("error", err))
			continue
		}
		k.Authenticator.SignCount, k.Authenticator.CloneWarning = uint32(c.Counter), false
		w.keys = append(w.keys, k)
	}
	return w, grants, nil
}

func (u *Access) passkeys(op string) error {
	if u.webauthn != nil {
		return nil
	}
	return &harbour.Error{Kind: harbour.ErrUnavailable, Op: op, Message: "there are no passkeys here: the pages have no host name", Hint: "Ask an administrator to give the pages a host name, or use one-time codes."}
}

func (u *Access) challenge(op string, options any, c ceremony, err error) (Challenge, error) {
	if err != nil {
		return Challenge{}, &harbour.Error{Kind: harbour.ErrInternal, Op: op, Message: "the challenge could not be made", Err: err}
	}
	b, err := json.Marshal(options)
	if err != nil {
		return Challenge{}, err
	}
	return Challenge{u.ceremonies.put(c, u.core.Clock()), b}, nil
}

// BeginPasskey begins to register a passkey for the actor.
//
// Errors: ErrStepUp, ErrUnavailable where there are none.
func (u *Access) BeginPasskey(ctx context.Context, by *app.Actor, label string) (c Challenge, err error) {
	const op = "register passkey"
	if err := errOr(u.mayEnrol(by, op), u.passkeys(op)); err != nil {
		return c, err
	}
	if label = strings.TrimSpace(label); label == "" {
		label = "Passkey"
	}
	if err := checkName(op, "label", label); err != nil {
		return c, harbour.In("label", err)
	}
	w, _, err := u.passkeyUser(ctx, by.Person)
	if err != nil {
		return c, err
	}
	options, data, err := u.webauthn.BeginRegistration(w, webauthn.WithExclusions(webauthn.Credentials(w.keys).CredentialDescriptors()))
	if err != nil {
		return u.challenge(op, nil, ceremony{}, err)
	}
	return u.challenge(op, options, ceremony{purpose: forRegistration, person: by.Person, session: by.Session, label: label, data: *data}, nil)
}

// answered takes a ceremony up again. It can be answered once.
func (u *Access) answered(op, token, purpose string, answer []byte) (c ceremony, err error) {
	if err := u.passkeys(op); err != nil {
		return c, err
	}
	c, ok := u.ceremonies.take(token, u.core.Clock())
	if !ok || c.purpose != purpose || len(answer) > maxAnswer {
		return c, &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: op, Message: "it took too long, or was answered already", Hint: "begin again"}
	}
	return c, nil
}

func wrongPasskey(op string, err error) error {
	return &harbour.Error{
		Kind: harbour.ErrUnauthenticated, Op: op, Message: "the passkey was not accepted",
		Hint: "Try again with the passkey that you registered here, or sign in another way.", Err: err,
	}
}

// FinishPasskey takes the browser's answer, and gives recovery codes where the person has none: to be shown once.
//
// Errors: ErrUnauthenticated where the answer is not good or took too long, ErrConflict where the passkey is registered
// already, ErrFull.
func (u *Access) FinishPasskey(ctx context.Context, by *app.Actor, token string, answer []byte) (recovery []string, err error) {
	const op = "register passkey"
	if err := u.mayEnrol(by, op); err != nil {
		return nil, err
	}
	c, err := u.answered(op, token, forRegistration, answer)
	if err != nil {
		return nil, err
	}
	if c.session != by.Session {
		return nil, wrongPasskey(op, nil)
	}
	w, _, err := u.passkeyUser(ctx, by.Person)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, wrongPasskey(op, err)
	}
	key, err := u.webauthn.CreateCredential(w, c.data, parsed)
	if err != nil {
		return nil, wrongPasskey(op, err)
	}
	if _, err := u.core.DB.CredentialBy(ctx, "passkey", keyLookup(key.ID)); err == nil {
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: "this passkey is registered already", Hint: "Use another one."}
	} else if !isKind(err, harbour.ErrNotFound) {
		return nil, err
	}
	b, err := json.Marshal(key)
	if err != nil {
		return nil, err
	}
	return u.addFactor(ctx, by, store.Credential{
		ID: app.NewID("c-"), Person: by.Person, Kind: "passkey", Label: c.label, Lookup: keyLookup(key.ID), Secret: b, Counter: int64(key.Authenticator.SignCount),
	}, false)
}

// BeginPasskeySignIn makes a challenge for somebody who has not said who it is: the passkey does. The device has to
// check finger, face or PIN, so it is two factors in one.
//
// Errors: ErrUnavailable, ErrTooMany.
func (u *Access) BeginPasskeySignIn(_ context.Context, r RequestInfo) (c Challenge, err error) {
	const op = "sign in by passkey"
	if err := u.passkeys(op); err != nil {
		return c, err
	}
	if _, err := u.asking.Allow(r.address(), u.core.Clock()); err != nil {
		return c, err
	}
	options, data, err := u.webauthn.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return u.challenge(op, nil, ceremony{}, err)
	}
	return u.challenge(op, options, ceremony{purpose: forSignIn, data: *data}, nil)
}

// FinishPasskeySignIn takes the browser's answer and begins a session.
//
// Errors: ErrUnauthenticated.
func (u *Access) FinishPasskeySignIn(ctx context.Context, token string, answer []byte, r RequestInfo) (*SignedIn, error) {
	const op = "sign in by passkey"
	c, err := u.answered(op, token, forSignIn, answer)
	if err != nil {
		return nil, err
	}
	var w *passkeyUser
	var grants []store.Grant
	key, err := u.verifyKey(answer, func(parsed *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
		return u.webauthn.ValidateDiscoverableLogin(func(_, handle []byte) (_ webauthn.User, err error) {
			if w, grants, err = u.passkeyUser(ctx, string(handle)); err != nil {
				return nil, err
			}
			return w, nil
		}, c.data, parsed)
	})
	if w == nil {
		w = &passkeyUser{}
	}
	if err == nil && (w.p.State != Active || w.p.BreakGlass) {
		err = errors.New("the person may not sign in")
	}
	if err != nil {
		u.fail(ctx, w.p, grants, actSignInFailed, "passkey", r)
		return nil, wrongPasskey(op, err)
	}
	use, err := u.useKey(ctx, w.p, key, r)
	if err != nil {
		return nil, err
	}
	device, err := u.device(ctx, w.p.ID, r)
	if err != nil {
		return nil, err
	}
	in, err := u.finish(ctx, w.p.ID, "passkey", throttle.Attempt{Account: w.p.Login, Address: r.Address, Device: device}, r, use)
	if isKind(err, harbour.ErrUnauthenticated) {
		err = wrongPasskey(op, err)
	}
	return in, err
}

// verifyKey reads an answer and has it checked.
func (u *Access) verifyKey(answer []byte, check func(*protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error)) (*webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, err
	}
	return check(parsed)
}

// useKey gives what notes the use of a passkey. One whose counter has not grown was copied, or a copy was used
// before: it is refused, and somebody has to look.
func (u *Access) useKey(ctx context.Context, p store.Person, key *webauthn.Credential, r RequestInfo) (func(context.Context, *store.Tx) (bool, error), error) {
	const op = "use passkey"
	c, err := u.core.DB.CredentialBy(ctx, "passkey", keyLookup(key.ID))
	if err != nil || c.Person != p.ID {
		return nil, errOr(err, wrongPasskey(op, nil))
	}
	if key.Authenticator.CloneWarning {
		u.alarm(ctx, Alert{Kind: "cloned_passkey", Message: "a passkey of " + p.Login + " counts backwards: there may be a copy of it", Person: p.ID, Address: r.address()})
		u.fail(ctx, p, nil, actSignInFailed, "passkey that counts backwards", r)
		return nil, wrongPasskey(op, errors.New("the counter has not grown"))
	}
	if c.Secret, err = json.Marshal(key); err != nil {
		return nil, err
	}
	c.Counter = int64(key.Authenticator.SignCount)
	return func(ctx context.Context, tx *store.Tx) (bool, error) { return tx.UseCredential(ctx, c) }, nil
}

// asked makes a challenge for a person who is known.
func (u *Access) asked(ctx context.Context, op string, c ceremony) (Challenge, error) {
	w, _, err := u.passkeyUser(ctx, c.person)
	if err != nil {
		return Challenge{}, err
	}
	if len(w.keys) == 0 {
		return Challenge{}, &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: "no passkey is registered", Hint: "Use another way."}
	}
	options, data, err := u.webauthn.BeginLogin(w)
	if err != nil {
		return u.challenge(op, nil, ceremony{}, err)
	}
	c.data = *data
	return u.challenge(op, options, c, nil)
}

// checked has the answer of a person who is known checked.
func (u *Access) checked(ctx context.Context, c ceremony, answer []byte, action app.Action, r RequestInfo) (use func(context.Context, *store.Tx) (bool, error), err error) {
	w, grants, err := u.passkeyUser(ctx, c.person)
	if err != nil {
		return nil, err
	}
	key, err := u.verifyKey(answer, func(parsed *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
		return u.webauthn.ValidateLogin(w, c.data, parsed)
	})
	if err != nil {
		u.fail(ctx, w.p, grants, action, "passkey", r)
		return nil, wrongPasskey("check passkey", err)
	}
	return u.useKey(ctx, w.p, key, r)
}

// BeginPasskeySecond makes a challenge for the second factor that [SignedIn.Next] asks for.
func (u *Access) BeginPasskeySecond(ctx context.Context, next string) (Challenge, error) {
	const op = "sign in"
	if err := u.passkeys(op); err != nil {
		return Challenge{}, err
	}
	h, ok := u.halfway.get(next, u.core.Clock())
	if !ok {
		return Challenge{}, &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: op, Message: "it took too long, or the program was started again", Hint: "begin with the password again"}
	}
	return u.asked(ctx, op, ceremony{purpose: forSecond, person: h.person, half: next})
}

// FinishPasskeySecond takes the browser's answer and begins a session.
//
// Errors: ErrUnauthenticated.
func (u *Access) FinishPasskeySecond(ctx context.Context, token string, answer []byte, r RequestInfo) (*SignedIn, error) {
	const op = "sign in"
	c, err := u.answered(op, token, forSecond, answer)
	if err != nil {
		return nil, err
	}
	h, ok := u.halfway.get(c.half, u.core.Clock())
	if !ok {
		return nil, &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: op, Message: "it took too long", Hint: "begin with the password again"}
	}
	use, err := u.checked(ctx, c, answer, actSignInFailed, r)
	if err != nil {
		return nil, err
	}
	in, err := u.finish(ctx, h.person, h.method+"+passkey", h.attempt, r, use)
	if isKind(err, harbour.ErrUnauthenticated) {
		err = wrongPasskey(op, err)
	}
	if err == nil {
		u.halfway.take(c.half, u.core.Clock())
	}
	return in, err
}

// BeginPasskeyProof makes a challenge for [Access.FinishPasskeyProof].
func (u *Access) BeginPasskeyProof(ctx context.Context, by *app.Actor) (Challenge, error) {
	const op = "prove presence"
	if err := errOr(signedIn(by, op), u.passkeys(op)); err != nil {
		return Challenge{}, err
	}
	return u.asked(ctx, op, ceremony{purpose: forProof, person: by.Person, session: by.Session})
}

// FinishPasskeyProof is [Access.Prove] by a passkey.
func (u *Access) FinishPasskeyProof(ctx context.Context, by *app.Actor, token string, answer []byte, r RequestInfo) (Renewed, error) {
	const op = "prove presence"
	if err := signedIn(by, op); err != nil {
		return Renewed{}, err
	}
	c, err := u.answered(op, token, forProof, answer)
	if err != nil {
		return Renewed{}, err
	}
	if c.session != by.Session {
		return Renewed{}, wrongPasskey(op, nil)
	}
	use, err := u.checked(ctx, c, answer, actProveFailed, r)
	if err != nil {
		return Renewed{}, err
	}
	return u.proved(ctx, by, "passkey", throttle.Attempt{Account: by.Login, Address: r.Address, Device: "session " + by.Session}, use)
}
