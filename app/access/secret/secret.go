// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"hash/crc32"
	"log/slog"
	"regexp"
	"strconv"
	"strings"

	"breakwater/harbour"
)

// Digest is what is kept of a secret. The secret cannot be found from it.
type Digest [sha256.Size]byte

// purpose goes into a digest, so that a string made for one thing is worthless for another.
type purpose string

const (
	forSession purpose = "session"
	forAPI     purpose = "api token"
	forLetters purpose = "letters"
)

func digest(p purpose, secret string) Digest {
	return sha256.Sum256([]byte("breakwater " + string(p) + "\x00" + secret))
}

// Equal compares in constant time.
func (d Digest) Equal(other Digest) bool { return subtle.ConstantTimeCompare(d[:], other[:]) == 1 }

// String is the digest in hexadecimal digits, as it is stored.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// LogValue keeps digests out of logs: one that leaks lets its reader watch for the secret.
func (d Digest) LogValue() slog.Value { return slog.StringValue("(digest)") }

// ParseDigest reads what [Digest.String] wrote.
func ParseDigest(s string) (d Digest, ok bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(d) {
		return d, false
	}
	return Digest(b), true
}

const sessionBytes = 32

// NewSession makes the value of a session cookie, and what to store of it.
func NewSession() (token string, d Digest) {
	b := make([]byte, sessionBytes)
	rand.Read(b)
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, digest(forSession, token)
}

// Session gives the digest of a cookie's value. What cannot be such a value is refused, so that no length of rubbish
// reaches the database.
func Session(token string) (d Digest, ok bool) {
	if len(token) != base64.RawURLEncoding.EncodedLen(sessionBytes) {
		return d, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != sessionBytes {
		return d, false
	}
	return digest(forSession, token), true
}

// APIPrefix starts every API token.
const APIPrefix = "bw_"

// APIPattern is the regular expression for scanners that look for tokens where they do not belong.
const APIPattern = `\bbw_[0-9A-Za-z]{46}\b`

const (
	digits62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	apiBody  = 40 // 238 bits
	apiSum   = 6  // a CRC-32 in base 62
)

var apiShape = regexp.MustCompile(`^bw_[0-9A-Za-z]{46}$`)

// NewAPI makes an API token, and what to store of it.
func NewAPI() (token string, d Digest) {
	body := pick(digits62, apiBody)
	token = APIPrefix + body + checksum(body)
	return token, digest(forAPI, token)
}

// API gives the digest of an API token as a program sent it, or an error that says what it is not.
func API(token string) (Digest, error) {
	if !apiShape.MatchString(token) {
		return Digest{}, &harbour.Error{
			Kind: harbour.ErrUnauthenticated, Op: "read API token", Message: "that is not an API token",
			Hint: "A token starts with " + APIPrefix + " and has 49 characters. Send it as: Authorization: Bearer " + APIPrefix + "…",
		}
	}
	body := token[len(APIPrefix):]
	if checksum(body[:apiBody]) != body[apiBody:] {
		return Digest{}, &harbour.Error{
			Kind: harbour.ErrUnauthenticated, Op: "read API token", Message: "the API token was changed on its way: its check characters do not fit",
			Hint: "Copy it again from where it is kept, or make a new one.",
		}
	}
	return digest(forAPI, token), nil
}

// Shown is what may be shown of a token in a list so that its owner recognises it.
func Shown(token string) string {
	if len(token) < len(APIPrefix)+12 {
		return "…"
	}
	return token[:len(APIPrefix)+4] + "…"
}

// checksum is a CRC-32 in six digits of base 62. It finds mistakes, not forgers.
func checksum(body string) string {
	sum := crc32.ChecksumIEEE([]byte(body))
	var out [apiSum]byte
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = digits62[sum%62]
		sum /= 62
	}
	return string(out[:])
}

// pick draws n characters of an alphabet of at most 256, each as likely as any other.
func pick(alphabet string, n int) string {
	limit := 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	var b [64]byte
	for len(out) < n {
		rand.Read(b[:])
		for _, x := range b {
			if int(x) < limit && len(out) < n {
				out = append(out, alphabet[int(x)%len(alphabet)])
			}
		}
	}
	return string(out)
}

const (
	// readable letters: no I, L and O, which are taken for one another and for digits.
	readable   = "ABCDEFGHJKMNPQRSTUVWXYZ"
	groupLen   = 5
	lettersLen = 25 // 113 bits
)

// NewLetters makes a secret that people read and type, as five groups of five letters, and what to store of it.
func NewLetters() (text string, d Digest) {
	s := pick(readable, lettersLen)
	groups := make([]string, 0, lettersLen/groupLen)
	for i := 0; i < lettersLen; i += groupLen {
		groups = append(groups, s[i:i+groupLen])
	}
	return strings.Join(groups, "-"), digest(forLetters, s)
}

// Letters gives the digest of what a person typed. Case, spaces and hyphens do not matter; the error says what else
// is in the way, which tells nothing about any secret.
func Letters(typed string) (Digest, error) {
	bad := func(message string) (Digest, error) {
		return Digest{}, &harbour.Error{
			Kind: harbour.ErrInvalid, Op: "read code", Message: message,
			Hint: "A code has five groups of five letters, such as ABCDE-FGHJK-MNPQR-STUVW-XYZAB. It never has digits, nor the letters I, L and O.",
		}
	}
	if len(typed) > 200 {
		return bad("that is too long for a code")
	}
	var b strings.Builder
	for _, r := range strings.ToUpper(typed) {
		switch {
		case r < 0x80 && strings.IndexByte(readable, byte(r)) >= 0:
			b.WriteRune(r)
		case strings.ContainsRune(" -\t\r\n\u00a0\u2010\u2011\u2012\u2013\u2014_.", r):
		default:
			return bad("codes do not have the character " + strconv.QuoteRune(r))
		}
	}
	if b.Len() != lettersLen {
		return bad("a code has 25 letters")
	}
	return digest(forLetters, b.String()), nil
}
