// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package password

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/harbour"
)

func hasher(t testing.TB, o Options) *Hasher {
	t.Helper()
	h, err := NewHasher(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// light is the least that is allowed, to keep tests quick.
var light = Options{MemoryKiB: leastMemory, Passes: leastPasses}

func TestHashAndVerify(t *testing.T) {
	for _, o := range []Options{light, {Scheme: PBKDF2, Rounds: leastRounds}} {
		h := hasher(t, o)
		stored, err := h.Hash(t.Context(), "quiet lantern quay 7")
		if err != nil {
			t.Fatal(err)
		}
		again, _ := h.Hash(t.Context(), "quiet lantern quay 7")
		if stored == again || len(stored) > 200 {
			t.Errorf("two hashes of one password: %q, %q, want two salts", stored, again)
		}
		for pw, want := range map[string]bool{
			"quiet lantern quay 7": true, "quiet\u00a0lantern quay 7": true, "quiet lantern quay 8": false, "Quiet lantern quay 7": false,
			"": false, "quiet lantern quay 7\n": false, "quiet lantern quay 7 ": false,
		} {
			if ok, rehash, err := h.Verify(t.Context(), stored, pw); ok != want || rehash || err != nil {
				t.Errorf("%s: Verify(%q) = %v, %v, %v, want %v", o.Scheme, pw, ok, rehash, err, want)
			}
		}
	}
}

// TestVectors verifies strings that other programs made: argon2id by the reference implementation's command, PBKDF2
// from the key that RFC 7914 section 11 gives for HMAC-SHA-256.
func TestVectors(t *testing.T) {
	h := hasher(t, light)
	for name, tt := range map[string]struct{ stored, pw string }{
		"argon2id m=65536 t=2 p=1": {"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
		"argon2id m=256 t=2 p=2":   {"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"},
		"pbkdf2 80000 rounds": {
			"$pbkdf2-sha256$i=80000$TmFDbA$" + b64.EncodeToString(unhex(t, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d")),
			"Password",
		},
	} {
		stored := tt.stored
		if strings.HasPrefix(name, "pbkdf2") { // its salt is shorter than is allowed in a stored string
			p := params{scheme: PBKDF2, rounds: 80000}
			got, err := h.derive(t.Context(), p, tt.pw, []byte("NaCl"), 64)
			if err != nil || p.phc([]byte("NaCl"), got) != stored {
				t.Errorf("%s: %s, %v, want %s", name, p.phc([]byte("NaCl"), got), err, stored)
			}
			continue
		}
		if ok, _, err := h.Verify(t.Context(), stored, tt.pw); !ok || err != nil {
			t.Errorf("%s: Verify = %v, %v, want true", name, ok, err)
		}
	}
}

func TestRehash(t *testing.T) {
	ctx := t.Context()
	weak, strong := hasher(t, light), hasher(t, Options{MemoryKiB: leastMemory + 1024, Passes: leastPasses})
	fips := hasher(t, Options{Scheme: PBKDF2, Rounds: leastRounds})
	hash := func(h *Hasher) string {
		s, err := h.Hash(ctx, "quiet lantern")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	byWeak, byStrong, byFIPS := hash(weak), hash(strong), hash(fips)
	for name, tt := range map[string]struct {
		h      *Hasher
		stored string
		want   bool
	}{
		"same":              {weak, byWeak, false},
		"less than is set":  {strong, byWeak, true},
		"more than is set":  {weak, byStrong, false},
		"argon2id to FIPS":  {fips, byStrong, true},
		"FIPS to argon2id":  {weak, byFIPS, true},
		"FIPS stays":        {fips, byFIPS, false},
		"reference, little": {weak, "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", true},
	} {
		pw := "quiet lantern"
		if strings.HasPrefix(name, "reference") {
			pw = "password"
		}
		ok, rehash, err := tt.h.Verify(ctx, tt.stored, pw)
		if !ok || rehash != tt.want || err != nil {
			t.Errorf("%s: Verify = %v, %v, %v, want true, %v", name, ok, rehash, err, tt.want)
		}
		if ok, rehash, _ := tt.h.Verify(ctx, tt.stored, "wrong"); ok || rehash {
			t.Errorf("%s: Verify of a wrong password = %v, %v", name, ok, rehash)
		}
	}
}

func TestDamaged(t *testing.T) {
	h := hasher(t, light)
	for _, stored := range []string{
		"", "$", "plain", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
		"$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=19456,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=19456,t=2,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$t=2,m=19456,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=19456,t=+2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=19456,t=2,p=1$$",
		"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAA",
		"$pbkdf2-sha256$i=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$pbkdf2-sha256$i=999999999$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$pbkdf2-sha1$i=700000$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		strings.Repeat("$", 1000),
	} {
		if ok, _, err := h.Verify(t.Context(), stored, ""); ok || err == nil || harbour.HintOf(err) == "" {
			t.Errorf("Verify(%q) = %v, %v, want an error with a hint", stored, ok, err)
		}
	}
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"scheme": {Scheme: "md5"}, "memory": {MemoryKiB: 1024}, "memory, much": {MemoryKiB: 1 << 30}, "passes": {Passes: 1}, "lanes": {Lanes: 200},
		"rounds": {Scheme: PBKDF2, Rounds: 10_000}, "places": {AtOnce: -1},
	} {
		if _, err := NewHasher(o); harbour.KindOf(err) != harbour.ErrUsage {
			t.Errorf("%s: NewHasher = %v, want usage", name, err)
		}
	}
	h := hasher(t, Options{})
	if h.own.m < leastMemory || h.own.t < leastPasses || cap(h.running) != 2 {
		t.Errorf("defaults are %+v with %d at once", h.own, cap(h.running))
	}
}

// TestBounded fills the places and wants the next ones to queue, those beyond the queue refused at once, and one that
// gives up while it waits to leave its place.
func TestBounded(t *testing.T) {
	h := hasher(t, Options{MemoryKiB: leastMemory, Passes: leastPasses, AtOnce: 1, Queue: 1})
	h.running <- struct{}{} // one hash under way
	h.waiting <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var waited error
	wg.Go(func() { _, waited = h.Hash(ctx, "quiet lantern") })
	for len(h.waiting) < 2 {
		time.Sleep(time.Millisecond)
	}
	if _, err := h.Hash(t.Context(), "quiet lantern"); harbour.KindOf(err) != harbour.ErrUnavailable || harbour.HintOf(err) == "" {
		t.Errorf("Hash with the queue full = %v, want unavailable", err)
	}
	if err := h.Pretend(t.Context(), "quiet lantern"); harbour.KindOf(err) != harbour.ErrUnavailable {
		t.Errorf("Pretend with the queue full = %v, want unavailable: it would tell accounts apart", err)
	}
	cancel()
	wg.Wait()
	if harbour.KindOf(waited) != harbour.ErrCancelled {
		t.Errorf("Hash given up while waiting = %v, want cancelled", waited)
	}
	<-h.running
	<-h.waiting
	if _, err := h.Hash(t.Context(), "quiet lantern"); err != nil || len(h.running) != 0 || len(h.waiting) != 0 {
		t.Errorf("Hash afterwards = %v with %d running and %d waiting, want all places free", err, len(h.running), len(h.waiting))
	}
}

func TestPretend(t *testing.T) {
	h := hasher(t, light)
	if err := h.Pretend(t.Context(), "quiet lantern"); err != nil {
		t.Errorf("Pretend = %v", err)
	}
	p, _, _, err := parsePHC(h.pretend)
	if err != nil || p != h.own {
		t.Errorf("Pretend works with %+v, %v, want the same as real accounts: %+v", p, err, h.own)
	}
}

func FuzzPHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")
	f.Add("$pbkdf2-sha256$i=80000$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")
	f.Add("$argon2id$v=19$m=,t=,p=$$")
	f.Add("$argon2id$v=19$m=10,t=1,p=1$00000000000$00000000000000\r000000000")
	f.Fuzz(func(t *testing.T, s string) {
		p, salt, key, err := parsePHC(s)
		if err != nil {
			return
		}
		if p.m > mostMemory || p.t > mostPasses || p.rounds > mostRounds || p.p > mostLanes {
			t.Errorf("parsePHC(%q) = %+v, beyond the bounds", s, p)
		}
		if got := p.phc(salt, key); got != s {
			t.Errorf("parsePHC(%q) is written as %q", s, got)
		}
	})
}
