// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package password

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"

	"breakwater/harbour"
)

// Scheme is how a password is hashed.
type Scheme string

// The schemes, by the names they have in a PHC string.
const (
	Argon2id Scheme = "argon2id"
	PBKDF2   Scheme = "pbkdf2-sha256"
)

// Options of a [Hasher]. Zero values take the defaults.
type Options struct {
	Scheme Scheme // Argon2id
	// MemoryKiB, Passes and Lanes of argon2id: 47104, 2, 1.
	MemoryKiB, Passes uint32
	Lanes             uint8
	// Rounds of PBKDF2: 700,000.
	Rounds int
	// AtOnce is how many passwords are hashed at a time: 2. Memory is at most AtOnce × MemoryKiB.
	AtOnce int
	// Queue is how many may wait for their turn: 64.
	Queue int
}

// The least that OWASP's advice allows, and the most that is believed of a stored string: one that was tampered with
// must not take all memory or all day.
const (
	leastMemory, leastPasses, leastRounds = 19 * 1024, 2, 600_000
	mostMemory, mostPasses, mostRounds    = 512 * 1024, 32, 10_000_000
	mostLanes                             = 16
	saltLen, keyLen                       = 16, 32
)

// Hasher hashes and verifies passwords. Make one with [NewHasher].
type Hasher struct {
	own     params
	running chan struct{} // a place for each hash under way
	waiting chan struct{} // a place for each that waits or runs
	pretend string
}

// params are what a PHC string says before its salt.
type params struct {
	scheme Scheme
	m, t   uint32
	p      uint8
	rounds int
}

// NewHasher checks the options and makes a Hasher.
func NewHasher(o Options) (*Hasher, error) {
	p := params{scheme: o.Scheme, m: o.MemoryKiB, t: o.Passes, p: o.Lanes, rounds: o.Rounds}
	setDefault(&p.scheme, Argon2id)
	setDefault(&p.m, 47104)
	setDefault(&p.t, 2)
	setDefault(&p.p, 1)
	setDefault(&p.rounds, 700_000)
	setDefault(&o.AtOnce, 2)
	setDefault(&o.Queue, 64)
	wrong := func(message string) (*Hasher, error) {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "set up password hashing", Message: message}
	}
	switch {
	case p.scheme != Argon2id && p.scheme != PBKDF2:
		return wrong(fmt.Sprintf("there is no scheme %q; there are %s and %s", p.scheme, Argon2id, PBKDF2))
	case p.m < leastMemory || p.m > mostMemory:
		return wrong(fmt.Sprintf("argon2id memory is %d KiB; it has to be %d to %d", p.m, leastMemory, mostMemory))
	case p.t < leastPasses || p.t > mostPasses:
		return wrong(fmt.Sprintf("argon2id passes are %d; they have to be %d to %d", p.t, leastPasses, mostPasses))
	case p.p > mostLanes:
		return wrong(fmt.Sprintf("argon2id lanes are %d; they have to be 1 to %d", p.p, mostLanes))
	case p.rounds < leastRounds || p.rounds > mostRounds:
		return wrong(fmt.Sprintf("PBKDF2 rounds are %d; they have to be %d to %d", p.rounds, leastRounds, mostRounds))
	case o.AtOnce < 0 || o.Queue < 0:
		return wrong("a number of places is negative")
	}
	if p.scheme == PBKDF2 {
		p.m, p.t, p.p = 0, 0, 0
	} else {
		p.rounds = 0
	}
	h := &Hasher{own: p, running: make(chan struct{}, o.AtOnce), waiting: make(chan struct{}, o.AtOnce+o.Queue)}
	salt, key := make([]byte, saltLen), make([]byte, keyLen)
	rand.Read(salt)
	rand.Read(key) // no password has this hash
	h.pretend = p.phc(salt, key)
	return h, nil
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Hash makes the string to store. It does not ask whether the password is a good one: [Checker.Check] does.
func (h *Hasher) Hash(ctx context.Context, pw string) (string, error) {
	norm, err := Normal(pw)
	if err != nil {
		return "", err
	}
	salt := make([]byte, saltLen)
	rand.Read(salt)
	key, err := h.derive(ctx, h.own, norm, salt, keyLen)
	if err != nil {
		return "", err
	}
	return h.own.phc(salt, key), nil
}

// Verify says whether a password is the one of a stored string. rehash is set where it is and the string was made with
// another scheme or with less work than is set now: hash again and store the new string. An error means that nothing
// was found out: too many at once, cancelled, or a stored string that is damaged.
func (h *Hasher) Verify(ctx context.Context, stored, pw string) (ok, rehash bool, err error) {
	p, salt, want, err := parsePHC(stored)
	if err != nil {
		return false, false, err
	}
	norm, bad := Normal(pw)
	if bad != nil {
		norm = "" // cannot be anybody's; still takes its time
	}
	got, err := h.derive(ctx, p, norm, salt, len(want))
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1 && bad == nil
	return ok, ok && h.own.above(p, len(salt), len(want)), nil
}

// Pretend takes as long as [Hasher.Verify] and never succeeds. Call it for an account that does not exist or has no
// password, so that the time of the answer does not tell which accounts there are.
func (h *Hasher) Pretend(ctx context.Context, pw string) error {
	_, _, err := h.Verify(ctx, h.pretend, pw)
	return err
}

// above says whether the setting asks for more than a string was made with.
func (p params) above(old params, salt, key int) bool {
	return p.scheme != old.scheme || p.m > old.m || p.t > old.t || p.rounds > old.rounds || salt < saltLen || key < keyLen
}

// derive waits for a place and does the work.
func (h *Hasher) derive(ctx context.Context, p params, pw string, salt []byte, n int) ([]byte, error) {
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return nil, &harbour.Error{
			Kind: harbour.ErrUnavailable, Op: "check password", Message: "too many people sign in at this moment",
			Hint: "Try again in a few seconds. If it goes on, somebody may be guessing passwords; passkeys work meanwhile.",
		}
	}
	select {
	case h.running <- struct{}{}:
		defer func() { <-h.running }()
	case <-ctx.Done():
		return nil, &harbour.Error{Kind: harbour.ErrCancelled, Op: "check password", Message: "it was given up while waiting", Err: ctx.Err()}
	}
	if p.scheme == PBKDF2 {
		key, err := pbkdf2.Key(sha256.New, pw, salt, p.rounds, n)
		if err != nil {
			return nil, &harbour.Error{Kind: harbour.ErrInternal, Op: "check password", Message: "PBKDF2 refused", Err: err}
		}
		return key, nil
	}
	return argon2.IDKey([]byte(pw), salt, p.t, p.m, p.p, uint32(n)), nil
}

var b64 = base64.RawStdEncoding.Strict()

func (p params) phc(salt, key []byte) string {
	head := fmt.Sprintf("v=%d$m=%d,t=%d,p=%d", argon2.Version, p.m, p.t, p.p)
	if p.scheme == PBKDF2 {
		head = fmt.Sprintf("i=%d", p.rounds)
	}
	return "$" + string(p.scheme) + "$" + head + "$" + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key)
}

// parsePHC reads a stored string and holds it to bounds.
func parsePHC(s string) (p params, salt, key []byte, err error) {
	damaged := func(what string) (params, []byte, []byte, error) {
		return params{}, nil, nil, &harbour.Error{
			Kind: harbour.ErrInternal, Op: "check password", Message: "the stored password cannot be used: " + what,
			Hint: "Set a new password for this account.",
		}
	}
	if len(s) > 512 || strings.ContainsAny(s, "\r\n") { // which base64 would skip
		return damaged("it is too long or has several lines")
	}
	part := strings.Split(s, "$")
	switch {
	case len(part) == 6 && part[0] == "" && Scheme(part[1]) == Argon2id:
		if part[2] != "v="+strconv.Itoa(argon2.Version) {
			return damaged("another version of argon2")
		}
		v, ok := numbers(part[3], "m", "t", "p")
		if !ok || v[0] < 8*v[2] || v[0] > mostMemory || v[1] < 1 || v[1] > mostPasses || v[2] < 1 || v[2] > mostLanes {
			return damaged("its argon2id parameters are out of bounds")
		}
		p = params{scheme: Argon2id, m: uint32(v[0]), t: uint32(v[1]), p: uint8(v[2])}
	case len(part) == 5 && part[0] == "" && Scheme(part[1]) == PBKDF2:
		v, ok := numbers(part[2], "i")
		if !ok || v[0] < 1000 || v[0] > mostRounds {
			return damaged("its PBKDF2 rounds are out of bounds")
		}
		p = params{scheme: PBKDF2, rounds: v[0]}
	default:
		return damaged("it is of no known scheme")
	}
	salt, err1 := b64.DecodeString(part[len(part)-2])
	key, err2 := b64.DecodeString(part[len(part)-1])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		return damaged("its salt or hash is damaged")
	}
	return p, salt, key, nil
}

// numbers reads "a=1,b=2" for the given names in the given order.
func numbers(s string, names ...string) (v []int, ok bool) {
	part := strings.Split(s, ",")
	if len(part) != len(names) {
		return nil, false
	}
	for i, name := range names {
		digits, found := strings.CutPrefix(part[i], name+"=")
		n, err := strconv.ParseUint(digits, 10, 31)
		if !found || err != nil || strconv.FormatUint(n, 10) != digits {
			return nil, false
		}
		v = append(v, int(n))
	}
	return v, true
}
