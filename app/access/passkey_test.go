// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

const (
	rpID   = "breakwater.westhaven.example"
	origin = "https://breakwater.westhaven.example:8443"
)

func withPasskeys(o *access.Options) {
	o.Passkeys = access.PasskeyOptions{ID: rpID, Name: "Port of Westhaven", Origins: []string{origin}}
	o.Sealer = &seals{}
}

// authenticator is a passkey and the browser before it, in software: ES256, no attestation.
type authenticator struct {
	t       testing.TB
	key     *ecdsa.PrivateKey
	id      []byte
	user    []byte
	counter uint32
	counts  bool // or stays at 0, as passkeys that are copied between devices do
	// What a browser would say; tests change it.
	origin, rp string
	verified   bool
}

func newAuthenticator(t testing.TB) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	rand.Read(id)
	return &authenticator{t: t, key: key, id: id, counts: true, origin: origin, rp: rpID, verified: true}
}

func (a *authenticator) client(kind, challenge string) []byte {
	b, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	return b
}

func (a *authenticator) data(attested bool) []byte {
	hash := sha256.Sum256([]byte(a.rp))
	flags := byte(0x01) // present
	if a.verified {
		flags |= 0x04
	}
	if attested {
		flags |= 0x40
	}
	if a.counts {
		a.counter++
	}
	b := append(hash[:], flags)
	b = binary.BigEndian.AppendUint32(b, a.counter)
	if !attested {
		return b
	}
	b = append(b, make([]byte, 16)...) // no model
	b = binary.BigEndian.AppendUint16(b, uint16(len(a.id)))
	b = append(b, a.id...)
	pub, err := a.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		a.t.Fatal(err)
	}
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: pub[1:33], -3: pub[33:]})
	if err != nil {
		a.t.Fatal(err)
	}
	return append(b, cose...)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// create answers a challenge to register.
func (a *authenticator) create(options json.RawMessage) []byte {
	a.t.Helper()
	var o struct {
		PublicKey struct {
			Challenge string
			RP        struct{ ID string }
			User      struct{ ID, Name, DisplayName string }
		}
	}
	if err := json.Unmarshal(options, &o); err != nil {
		a.t.Fatal(err)
	}
	if o.PublicKey.RP.ID != rpID || o.PublicKey.Challenge == "" {
		a.t.Fatalf("options = %s", options)
	}
	a.user, _ = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(true)})
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]any{"clientDataJSON": b64(a.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64(object)})
}

// get answers a challenge to prove.
func (a *authenticator) get(options json.RawMessage) []byte {
	a.t.Helper()
	var o struct {
		PublicKey struct{ Challenge, RPID, UserVerification string }
	}
	if err := json.Unmarshal(options, &o); err != nil {
		a.t.Fatal(err)
	}
	client, data := a.client("webauthn.get", o.PublicKey.Challenge), a.data(false)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(slices.Clone(data), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(a.user)})
}

func (a *authenticator) answer(response map[string]any) []byte {
	b, _ := json.Marshal(map[string]any{"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	return b
}

// register registers a new passkey.
func (h *house) register(by *app.Actor) *authenticator {
	h.t.Helper()
	a := newAuthenticator(h.t)
	c, err := h.BeginPasskey(h.t.Context(), by, "key")
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.FinishPasskey(h.t.Context(), by, c.Token, a.create(c.Options)); err != nil {
		h.t.Fatal(err)
	}
	return a
}

// enter signs in by passkey.
func (h *house) enter(a *authenticator) (*access.SignedIn, error) {
	h.t.Helper()
	c, err := h.BeginPasskeySignIn(h.t.Context(), from("10.0.0.1"))
	if err != nil {
		h.t.Fatal(err)
	}
	return h.FinishPasskeySignIn(h.t.Context(), c.Token, a.get(c.Options), from("10.0.0.1"))
}

func TestPasskeys(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		h, ctx := openHouse(t, url, withPasskeys), t.Context()
		ada := h.actor(h.setUp().Cookie)
		a := newAuthenticator(t)
		c, err := h.BeginPasskey(ctx, ada, "blue key")
		if err != nil {
			t.Fatal(err)
		}
		answer := a.create(c.Options)
		recovery, err := h.FinishPasskey(ctx, ada, c.Token, answer)
		if err != nil || len(recovery) != 10 {
			t.Fatalf("FinishPasskey = %v, %v", recovery, err)
		}
		_, err = h.FinishPasskey(ctx, ada, c.Token, answer)
		wantKind(t, "the same registration once more", err, harbour.ErrUnauthenticated)
		if list, _, _ := h.Factors(ctx, ada); len(list) != 1 || list[0].Kind != "passkey" || list[0].Label != "blue key" {
			t.Errorf("Factors = %+v", list)
		}

		in, err := h.enter(a)
		if err != nil || in.Cookie == "" || in.Name != "Ada Marsh" {
			t.Fatalf("signing in = %+v, %v", in, err)
		}
		by := h.actor(in.Cookie)
		if by.Login != "ada" || by.ProvedAt != h.core.Now() {
			t.Errorf("actor = %+v", by)
		}

		// As second factor.
		half, err := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.1"))
		if err != nil || half.Next == nil || !slices.Equal(half.Next.Kinds, []string{"passkey", "recovery"}) {
			t.Fatalf("SignIn = %+v, %v", half, err)
		}
		c, err = h.BeginPasskeySecond(ctx, half.Next.Token)
		if err != nil {
			t.Fatal(err)
		}
		a.verified = false // presence is enough after a password
		answer = a.get(c.Options)
		if in, err = h.FinishPasskeySecond(ctx, c.Token, answer, from("10.0.0.1")); err != nil || in.Cookie == "" {
			t.Fatalf("FinishPasskeySecond = %+v, %v", in, err)
		}
		_, err = h.FinishPasskeySecond(ctx, c.Token, answer, from("10.0.0.1"))
		wantKind(t, "the same answer once more", err, harbour.ErrUnauthenticated)
		_, err = h.BeginPasskeySecond(ctx, half.Next.Token)
		wantKind(t, "the same sign-in once more", err, harbour.ErrUnauthenticated)
		_, err = h.enter(a)
		wantKind(t, "signing in without finger or PIN", err, harbour.ErrUnauthenticated)
		a.verified = true

		// To prove presence.
		h.pass(11 * time.Minute)
		by = h.actor(in.Cookie)
		wantKind(t, "a dangerous act", second(by.Scope(app.ManagePeople, west)), harbour.ErrStepUp)
		c, err = h.BeginPasskeyProof(ctx, by)
		if err != nil {
			t.Fatal(err)
		}
		renewed, err := h.FinishPasskeyProof(ctx, by, c.Token, a.get(c.Options), from("10.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Authenticate(ctx, in.Cookie, from("10.0.0.1"))
		wantKind(t, "the secret before the proof", err, harbour.ErrUnauthenticated)
		if _, err := h.actor(renewed.Cookie).Scope(app.ManagePeople, west); err != nil {
			t.Errorf("a dangerous act after the proof: %v", err)
		}
	})
}

// TestBadAnswers changes one thing of a good answer at a time.
func TestBadAnswers(t *testing.T) {
	h, ada := newHouse(t, withPasskeys)
	ctx := t.Context()
	a := h.register(ada)
	stranger := newAuthenticator(t)
	stranger.user = a.user
	for name, change := range map[string]func(b *authenticator, c *access.Challenge){
		"origin": func(b *authenticator, _ *access.Challenge) {
			b.origin = "https://breakwater.westhaven.example.evil.example:8443"
		},
		"another port":       func(b *authenticator, _ *access.Challenge) { b.origin = "https://" + rpID },
		"plain HTTP":         func(b *authenticator, _ *access.Challenge) { b.origin = strings.Replace(origin, "https", "http", 1) },
		"site":               func(b *authenticator, _ *access.Challenge) { b.rp = "westhaven.example" },
		"key":                func(b *authenticator, _ *access.Challenge) { b.key = stranger.key },
		"foreign credential": func(b *authenticator, _ *access.Challenge) { b.id = stranger.id },
		"person":             func(b *authenticator, _ *access.Challenge) { b.user = []byte("p-nobody") },
		"no person":          func(b *authenticator, _ *access.Challenge) { b.user = nil },
		"challenge": func(_ *authenticator, c *access.Challenge) {
			c.Options = []byte(`{"publicKey":{"challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}`)
		},
		"challenge of another": func(_ *authenticator, c *access.Challenge) {
			o, _ := h.BeginPasskeySignIn(ctx, from("10.0.0.2"))
			c.Options = o.Options
		},
		"registration's purpose": func(_ *authenticator, c *access.Challenge) { o, _ := h.BeginPasskey(ctx, ada, ""); c.Token = o.Token },
		"proof's purpose":        func(_ *authenticator, c *access.Challenge) { o, _ := h.BeginPasskeyProof(ctx, ada); *c = o },
		"token":                  func(_ *authenticator, c *access.Challenge) { c.Token = "rubbish" },
	} {
		c, err := h.BeginPasskeySignIn(ctx, from("10.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		b := *a
		b.counter += 100
		change(&b, &c)
		in, err := h.FinishPasskeySignIn(ctx, c.Token, b.get(c.Options), from("10.0.0.1"))
		wantKind(t, name, err, harbour.ErrUnauthenticated)
		if in != nil || err != nil && strings.Contains(harbour.HintOf(err), "p-") {
			t.Errorf("%s: %+v, %v", name, in, err)
		}
		h.pass(time.Minute)
	}
	for name, answer := range map[string]string{"empty": "", "rubbish": "\xff", "no object": "[]", "empty object": "{}", "long": `{"id":"` + strings.Repeat("A", 1<<17) + `"}`} {
		c, err := h.BeginPasskeySignIn(ctx, from("10.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.FinishPasskeySignIn(ctx, c.Token, []byte(answer), from("10.0.0.1"))
		wantKind(t, name, err, harbour.ErrUnauthenticated)
	}
	c, _ := h.BeginPasskeySignIn(ctx, from("10.0.0.1"))
	answer := a.get(c.Options)
	h.pass(5 * time.Minute)
	_, err := h.FinishPasskeySignIn(ctx, c.Token, answer, from("10.0.0.1"))
	wantKind(t, "an answer after five minutes", err, harbour.ErrUnauthenticated)
	if _, err := h.enter(a); err != nil {
		t.Errorf("the right answer after all: %v", err)
	}
}

func TestClonedPasskey(t *testing.T) {
	h, ada := newHouse(t, withPasskeys)
	a := h.register(ada)
	copied := *a
	if _, err := h.enter(a); err != nil {
		t.Fatal(err)
	}
	_, err := h.enter(&copied)
	wantKind(t, "a copy that counts from before", err, harbour.ErrUnauthenticated)
	if got := h.raised(); !slices.Equal(got, []string{"cloned_passkey"}) {
		t.Errorf("alarms = %v", got)
	}
	if _, err := h.enter(a); err != nil {
		t.Errorf("the passkey itself: %v", err)
	}
	// One that never counts is kept on several devices at once: that is no copy to be alarmed about.
	free := newAuthenticator(t)
	free.counts = false
	ada = h.reread(ada)
	c, err := h.BeginPasskey(t.Context(), ada, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.FinishPasskey(t.Context(), ada, c.Token, free.create(c.Options)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := h.enter(free); err != nil {
			t.Errorf("a passkey that does not count: %v", err)
		}
	}
	if len(h.raised()) != 1 {
		t.Errorf("alarms = %v", h.raised())
	}
}

func TestPasskeyRules(t *testing.T) {
	h, ada := newHouse(t, withPasskeys)
	ctx := t.Context()
	bob := h.join(ada, west, "bob", access.Analyst)
	a := h.register(ada)

	// A passkey belongs to one person, and a challenge to one session.
	c, _ := h.BeginPasskey(ctx, bob, "")
	taken := *a
	_, err := h.FinishPasskey(ctx, bob, c.Token, taken.create(c.Options))
	wantKind(t, "registering another person's passkey", err, harbour.ErrConflict)
	c, _ = h.BeginPasskey(ctx, ada, "")
	_, err = h.FinishPasskey(ctx, bob, c.Token, newAuthenticator(t).create(c.Options))
	wantKind(t, "registering with another person's challenge", err, harbour.ErrUnauthenticated)
	_, err = h.BeginPasskeyProof(ctx, bob)
	wantKind(t, "BeginPasskeyProof of one who has none", err, harbour.ErrNotFound)
	b := h.register(bob)
	c, _ = h.BeginPasskeyProof(ctx, bob)
	wantKind(t, "proving with another person's passkey", second(h.FinishPasskeyProof(ctx, bob, c.Token, a.get(c.Options), from("10.0.0.1"))), harbour.ErrUnauthenticated)
	c, _ = h.BeginPasskeyProof(ctx, bob)
	wantKind(t, "proving with another session's challenge", second(h.FinishPasskeyProof(ctx, ada, c.Token, b.get(c.Options), from("10.0.0.1"))), harbour.ErrUnauthenticated)

	p := h.row(ada, west, "bob")
	if err := h.SetState(ctx, ada, west, p.ID, p.Version, access.Suspended, ""); err != nil {
		t.Fatal(err)
	}
	_, err = h.enter(b)
	wantKind(t, "signing in while suspended", err, harbour.ErrUnauthenticated)

	// One that cannot be read any more does not keep its person's others from working.
	err = h.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		return tx.AddCredential(ctx, store.Credential{ID: "c-bad", Person: ada.Person, Kind: "passkey", Lookup: "bad", Secret: []byte("{")})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.enter(a); err != nil {
		t.Errorf("beside a damaged passkey: %v", err)
	}
	for range 40 {
		_, err = h.BeginPasskeySignIn(ctx, from("10.0.0.77"))
	}
	wantKind(t, "asking for challenges without end", err, harbour.ErrTooMany)

	none, owner := newHouse(t)
	_, err = none.BeginPasskey(ctx, owner, "")
	wantKind(t, "BeginPasskey without a host name", err, harbour.ErrUnavailable)
	_, err = none.BeginPasskeySignIn(ctx, from("10.0.0.1"))
	wantKind(t, "BeginPasskeySignIn without a host name", err, harbour.ErrUnavailable)
	_, err = access.New(none.core, access.Options{Passkeys: access.PasskeyOptions{ID: "not a host", Origins: []string{origin}}})
	wantKind(t, "New with a bad host name", err, harbour.ErrUsage)
}
