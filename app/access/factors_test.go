// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/access/totp"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

// seals stands in for the vault: it binds to the context and never holds the secret in the clear.
type seals struct{ broken atomic.Bool }

func (s *seals) Seal(context string, secret []byte) ([]byte, error) {
	b := []byte(context + "|")
	for _, c := range secret {
		b = append(b, c^0xa5)
	}
	return b, nil
}

func (s *seals) Unseal(context string, envelope []byte) ([]byte, error) {
	head, body, _ := strings.Cut(string(envelope), "|")
	if head != context || s.broken.Load() {
		return nil, errors.New("sealed for something else")
	}
	b := []byte(body)
	for i := range b {
		b[i] ^= 0xa5
	}
	return b, nil
}

func sealed(o *access.Options) { o.Sealer = &seals{} }

// keyOf reads the secret that an authenticator program would.
func keyOf(t testing.TB, uri string) []byte {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// enrol sets one-time codes up and gives the secret with the recovery codes. It takes a step of the clock.
func (h *house) enrol(by *app.Actor) (key []byte, recovery []string) {
	h.t.Helper()
	n, err := h.BeginTOTP(h.t.Context(), by, "phone")
	if err != nil {
		h.t.Fatal(err)
	}
	key = keyOf(h.t, n.URI)
	if recovery, err = h.FinishTOTP(h.t.Context(), by, n.Token, h.code(key)); err != nil {
		h.t.Fatal(err)
	}
	h.pass(30 * time.Second)
	return key, recovery
}

func (h *house) code(key []byte) string { return totp.Code(key, totp.Step(h.clock())) }

func TestOneTimeCodes(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		h, ctx := openHouse(t, url, sealed), t.Context()
		ada := h.actor(h.setUp().Cookie)
		other := h.signIn("ada", adminPassword)
		n, err := h.BeginTOTP(ctx, ada, " phone ")
		if err != nil || !strings.Contains(n.URI, "Port%20of%20Westhaven") || !strings.Contains(n.URI, "ada") {
			t.Fatalf("BeginTOTP = %+v, %v", n, err)
		}
		if _, err := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.1")); err != nil {
			t.Errorf("a secret that was not confirmed is asked for: %v", err)
		}
		key := keyOf(t, n.URI)
		for _, bad := range []string{"", "12345", "abcdef", totp.Code(key, totp.Step(h.clock())+5)} {
			_, err := h.FinishTOTP(ctx, ada, n.Token, bad)
			wantKind(t, "FinishTOTP with "+bad, err, harbour.ErrUnauthenticated)
		}
		recovery, err := h.FinishTOTP(ctx, ada, n.Token, h.code(key))
		if err != nil || len(recovery) != 10 {
			t.Fatalf("FinishTOTP = %v, %v", recovery, err)
		}
		_, err = h.FinishTOTP(ctx, ada, n.Token, h.code(key))
		wantKind(t, "FinishTOTP once more", err, harbour.ErrNotFound)
		_, err = h.Authenticate(ctx, other, from("10.0.0.1"))
		wantKind(t, "Authenticate with another session after a factor was added", err, harbour.ErrUnauthenticated)

		in, err := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.1"))
		if err != nil || in.Cookie != "" || in.Device != "" || in.Next == nil || !slices.Equal(in.Next.Kinds, []string{"totp", "recovery"}) {
			t.Fatalf("SignIn = %+v, %v", in, err)
		}
		_, err = h.SignInCode(ctx, in.Next.Token, h.code(key), from("10.0.0.1"))
		wantKind(t, "the code that set it up", err, harbour.ErrUnauthenticated)
		h.pass(30 * time.Second)
		code := h.code(key)
		done, err := h.SignInCode(ctx, in.Next.Token, code, from("10.0.0.1"))
		if err != nil || done.Cookie == "" {
			t.Fatalf("SignInCode = %+v, %v", done, err)
		}
		_, err = h.SignInCode(ctx, in.Next.Token, code, from("10.0.0.1"))
		wantKind(t, "the same step of a sign-in once more", err, harbour.ErrUnauthenticated)
		again, _ := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.1"))
		_, err = h.SignInCode(ctx, again.Next.Token, code, from("10.0.0.1"))
		wantKind(t, "the same code in another sign-in", err, harbour.ErrUnauthenticated)

		a := h.actor(done.Cookie)
		list, left, err := h.Factors(ctx, a)
		if err != nil || len(list) != 1 || list[0].Label != "phone" || left != 10 {
			t.Errorf("Factors = %+v, %d, %v", list, left, err)
		}
		if s, _ := h.Sessions(ctx, a); !slices.ContainsFunc(s, func(s access.Session) bool { return s.Current && s.Method == "password+totp" }) {
			t.Errorf("Sessions = %+v", s)
		}
		for i := range 2 {
			in, _ := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.1"))
			_, err := h.SignInCode(ctx, in.Next.Token, strings.ToLower(recovery[0]), from("10.0.0.1"))
			if i == 0 && err != nil {
				t.Errorf("a recovery code: %v", err)
			}
			if i == 1 {
				wantKind(t, "the same recovery code", err, harbour.ErrUnauthenticated)
			}
		}
		if strings.Contains(fmt.Sprint(h.entries())+h.log.String(), recovery[1][:11]) {
			t.Error("a recovery code stands in a log")
		}
		var stored []byte
		c, _ := h.core.DB.Credentials(ctx, ada.Person, "")
		for _, c := range c {
			stored = append(stored, c.Secret...)
		}
		if strings.Contains(string(stored), string(key)) {
			t.Error("the secret lies in the database in the clear")
		}
	})
}

// TestCodeOnce wants one of two sign-ins with the same code at the same time to pass.
func TestCodeOnce(t *testing.T) {
	h, ada := newHouse(t, sealed)
	key, recovery := h.enrol(ada)
	for name, codeNow := range map[string]func() string{
		"one-time code": func() string { return h.code(key) },
		"recovery code": func() string { return recovery[3] },
	} {
		code := codeNow() // a one-time code is of its time
		var passed atomic.Int32
		var all sync.WaitGroup
		for range 2 { // more would have to wait
			in, err := h.SignIn(t.Context(), "ada", adminPassword, from("10.0.0.1"))
			if err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				if _, err := h.SignInCode(t.Context(), in.Next.Token, code, from("10.0.0.1")); err == nil {
					passed.Add(1)
				}
			})
		}
		all.Wait()
		if passed.Load() != 1 {
			t.Errorf("%s passed %d times, want once", name, passed.Load())
		}
		h.pass(time.Hour)
	}
}

func TestGuessingCodes(t *testing.T) {
	h, ada := newHouse(t, sealed)
	key, _ := h.enrol(ada)
	ctx := t.Context()
	in, err := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	right := h.code(key)
	for i := 0; ; i++ {
		guess := fmt.Sprintf("%06d", i)
		if guess == right {
			continue
		}
		_, err = h.SignInCode(ctx, in.Next.Token, guess, from("10.0.0.1"))
		if harbour.KindOf(err) == harbour.ErrTooMany {
			if i > 10 {
				t.Errorf("%d guesses before anybody had to wait", i)
			}
			break
		}
		wantKind(t, "guess", err, harbour.ErrUnauthenticated)
	}
	h.pass(5 * time.Minute)
	_, err = h.SignInCode(ctx, in.Next.Token, h.code(key), from("10.0.0.1"))
	wantKind(t, "SignInCode after five minutes", err, harbour.ErrUnauthenticated)
	_, err = h.SignInCode(ctx, "rubbish", h.code(key), from("10.0.0.1"))
	wantKind(t, "SignInCode of nothing", err, harbour.ErrUnauthenticated)
}

// TestForeignCodes wants codes of one person to be worth nothing to another.
func TestForeignCodes(t *testing.T) {
	h, ada := newHouse(t, sealed)
	bob := h.join(ada, "*", "bob", access.Administrator)
	ctx := t.Context()
	_, adas := h.enrol(ada)
	n, err := h.BeginTOTP(ctx, h.actor(h.signIn("bob", memberWord)), "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.FinishTOTP(ctx, ada, n.Token, h.code(keyOf(t, n.URI)))
	wantKind(t, "FinishTOTP of another person", err, harbour.ErrNotFound)
	h.enrol(bob)
	in, err := h.SignIn(ctx, "bob", memberWord, from("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.SignInCode(ctx, in.Next.Token, adas[0], from("10.0.0.1"))
	wantKind(t, "another person's recovery code", err, harbour.ErrUnauthenticated)
	_, left, _ := h.Factors(ctx, ada)
	if left != 10 {
		t.Errorf("%d recovery codes are left to their owner, want 10", left)
	}
}

func TestFactorRules(t *testing.T) {
	ctx := t.Context()
	bare, owner := newHouse(t)
	_, err := bare.BeginTOTP(ctx, owner, "")
	wantKind(t, "BeginTOTP without a vault", err, harbour.ErrUnavailable)

	s := &seals{}
	h, ada := newHouse(t, func(o *access.Options) { o.Sealer = s })
	_, err = h.NewRecoveryCodes(ctx, ada)
	wantKind(t, "NewRecoveryCodes without a second factor", err, harbour.ErrConflict)
	key, recovery := h.enrol(ada)
	codes, err := h.NewRecoveryCodes(ctx, ada)
	if err != nil || len(codes) != 10 || slices.Contains(codes, recovery[0]) {
		t.Errorf("NewRecoveryCodes = %v, %v", codes, err)
	}
	if _, err := h.ProveCode(ctx, ada, h.code(key), from("10.0.0.1")); err != nil {
		t.Error(err)
	}
	wantKind(t, "ProveCode with the same code", second(h.ProveCode(ctx, ada, h.code(key), from("10.0.0.1"))), harbour.ErrUnauthenticated)
	if _, err := h.ProveCode(ctx, ada, codes[0], from("10.0.0.1")); err != nil {
		t.Error(err)
	}
	h.pass(time.Minute)
	s.broken.Store(true)
	wantKind(t, "ProveCode with a secret that cannot be opened", second(h.ProveCode(ctx, ada, h.code(key), from("10.0.0.1"))), harbour.ErrUnavailable)
	if _, err := h.ProveCode(ctx, ada, codes[1], from("10.0.0.1")); err != nil {
		t.Errorf("a recovery code while the vault is broken: %v", err)
	}
	wantKind(t, "RemoveFactor of none", h.RemoveFactor(ctx, ada, "c-x"), harbour.ErrNotFound)
	c, _ := h.core.DB.Credentials(ctx, ada.Person, "password")
	wantKind(t, "RemoveFactor of the password", h.RemoveFactor(ctx, ada, c[0].ID), harbour.ErrNotFound)
	list, _, _ := h.Factors(ctx, ada)
	h.pass(11 * time.Minute)
	wantKind(t, "RemoveFactor without a fresh proof", h.RemoveFactor(ctx, ada, list[0].ID), harbour.ErrStepUp)
	if _, err := h.ProveCode(ctx, ada, codes[2], from("10.0.0.1")); err != nil {
		t.Fatal(err)
	}
	ada = h.reread(ada)
	if err := h.RemoveFactor(ctx, ada, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if list, left, _ := h.Factors(ctx, ada); len(list) != 0 || left != 0 {
		t.Errorf("after removal: %+v, %d recovery codes", list, left)
	}
	_, _, err = h.Factors(ctx, nil)
	wantKind(t, "Factors of nobody", err, harbour.ErrUnauthenticated)
}

// reread is the actor as the next request would have it, just after a proof.
func (h *house) reread(a *app.Actor) *app.Actor {
	b := *a
	b.ProvedAt = h.core.Now()
	return &b
}

func TestRequiredFactor(t *testing.T) {
	h, ada := newHouse(t, sealed)
	ctx := t.Context()
	if err := h.AddOrganisation(ctx, ada, "south", "South Terminal"); err != nil {
		t.Fatal(err)
	}
	wim, sue := h.join(ada, west, "wim", access.Administrator), h.join(ada, "south", "sue", access.Analyst)
	wantKind(t, "RequireSecondFactor by one who has none", h.RequireSecondFactor(ctx, wim, west, true), harbour.ErrConflict)
	wantKind(t, "RequireSecondFactor by an analyst", h.RequireSecondFactor(ctx, sue, "south", true), harbour.ErrDenied)
	wantKind(t, "RequireSecondFactor elsewhere", h.RequireSecondFactor(ctx, wim, "south", true), harbour.ErrNotFound)
	wantKind(t, "RequireSecondFactor everywhere", h.RequireSecondFactor(ctx, wim, "*", true), harbour.ErrDenied)
	h.enrol(wim)
	if err := h.RequireSecondFactor(ctx, wim, west, true); err != nil {
		t.Fatal(err)
	}
	if on, err := h.SecondFactorRequired(ctx, wim, west); err != nil || !on {
		t.Errorf("SecondFactorRequired = %v, %v", on, err)
	}
	list, _, _ := h.Factors(ctx, wim)
	wantKind(t, "RemoveFactor of the only one", h.RemoveFactor(ctx, wim, list[0].ID), harbour.ErrDenied)
	// Everybody with a role there is held to it, the administrator of all included; others are not.
	a := h.actor(h.signIn("ada", adminPassword))
	if !a.MustEnrol || a.May(app.ReadAssets, west) || len(a.Organisations()) != 0 {
		t.Errorf("actor = %+v", a)
	}
	if s := h.actor(h.signIn("sue", memberWord)); s.MustEnrol || !s.May(app.ReadAssets, "south") {
		t.Errorf("actor of another organisation = %+v", s)
	}
	h.enrol(a)
	_, err := h.Sessions(ctx, a)
	if err != nil {
		t.Error(err)
	}
	sessions, err := h.core.DB.Sessions(ctx, ada.Person)
	if err != nil || len(sessions) != 1 {
		t.Fatalf("sessions = %+v, %v", sessions, err)
	}
	in, err := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.1"))
	if err != nil || in.Next == nil {
		t.Errorf("SignIn after enrolment = %+v, %v", in, err)
	}
	if err := h.RequireSecondFactor(ctx, wim, west, false); err != nil {
		t.Error(err)
	}
	for name, tt := range map[string]struct {
		grants   []store.Grant
		settings map[string]string
		want     bool
	}{
		"nothing set":    {[]store.Grant{{Org: "a"}}, nil, false},
		"everywhere":     {nil, map[string]string{"": "required"}, true},
		"own":            {[]store.Grant{{Org: "a"}}, map[string]string{"a": "required"}, true},
		"another's":      {[]store.Grant{{Org: "a"}}, map[string]string{"b": "required"}, false},
		"role in all":    {[]store.Grant{{Org: "*"}}, map[string]string{"b": "required"}, true},
		"no longer":      {[]store.Grant{{Org: "*"}}, map[string]string{"b": "optional"}, false},
		"one of several": {[]store.Grant{{Org: "a"}, {Org: "b"}}, map[string]string{"b": "required"}, true},
	} {
		if got := access.RequiredFor(tt.grants, tt.settings); got != tt.want {
			t.Errorf("%s: requiredFor = %v, want %v", name, got, tt.want)
		}
	}
}
