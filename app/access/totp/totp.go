// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package totp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what authenticator programs use; an HMAC with it is sound
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	period    = 30
	secretLen = 20 // as long as the hash, RFC 4226 section 4
	// skew is how many steps before and after the present one are good.
	skew = 1
)

// NewSecret makes a secret.
func NewSecret() []byte {
	b := make([]byte, secretLen)
	rand.Read(b)
	return b
}

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Text is a secret as people type it into a program that cannot read a picture: groups of four.
func Text(secret []byte) string {
	s := encoding.EncodeToString(secret)
	var groups []string
	for len(s) > 4 {
		groups, s = append(groups, s[:4]), s[4:]
	}
	return strings.Join(append(groups, s), " ")
}

// URI is a secret as authenticator programs read it from a picture.
func URI(issuer, account string, secret []byte) string {
	issuer, account = strings.ReplaceAll(issuer, ":", " "), strings.ReplaceAll(account, ":", " ")
	q := "secret=" + encoding.EncodeToString(secret) + "&issuer=" + url.PathEscape(issuer)
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(account) + "?" + q
}

// Code is the code of a step.
func Code(secret []byte, step int64) string {
	var msg [8]byte
	binary.BigEndian.PutUint64(msg[:], uint64(step))
	mac := hmac.New(sha1.New, secret)
	mac.Write(msg[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// Step is the number of the step that an instant lies in.
func Step(now time.Time) int64 { return now.Unix() / period }

// Clean takes the spaces out of what a person typed. ok is false for what cannot be a code.
func Clean(typed string) (code string, ok bool) {
	if len(typed) > 32 {
		return "", false
	}
	code = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '-' {
			return -1
		}
		return r
	}, strings.TrimSpace(typed))
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		return "", false
	}
	return code, true
}

// Check says whether a code is good now, and of which step it is. Steps up to last are refused: their codes were used, or
// are older than one that was.
func Check(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	for s := Step(now) - skew; s <= Step(now)+skew; s++ {
		same := subtle.ConstantTimeCompare([]byte(Code(secret, s)), []byte(code)) == 1
		if same && s > last && !ok {
			step, ok = s, true
		}
	}
	return step, ok
}
