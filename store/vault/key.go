// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"breakwater/harbour"
)

const (
	masterSize = 32
	keyPrefix  = "BREAKWATER-VAULT-KEY-1-"
	checkSize  = 4 // bytes of checksum behind a written key, for typing errors
)

// Key is a master key. It prints as its id alone; [Key.Text] is the secret.
type Key struct{ master *[masterSize]byte }

// NewKey makes a random key.
func NewKey() Key {
	k := Key{new([masterSize]byte)}
	rand.Read(k.master[:])
	return k
}

// ParseKey reads what [Key.Text] wrote. Empty lines and lines that begin with # are passed over.
func ParseKey(text []byte) (Key, error) {
	bad := func(message string) (Key, error) {
		return Key{}, &harbour.Error{
			Kind: harbour.ErrInvalid, Op: "read vault key", Message: message,
			Hint: "give the line that begins with " + keyPrefix + " from the key file, as it was written",
		}
	}
	var line string
	for l := range bytes.Lines(text) {
		s := string(bytes.TrimSpace(l))
		if s == "" || s[0] == '#' {
			continue
		}
		if line != "" {
			return bad("there is more than one key")
		}
		line = s
	}
	coded, ok := strings.CutPrefix(line, keyPrefix)
	if !ok {
		return bad("there is no vault key in it")
	}
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(coded)
	if err != nil || len(b) != masterSize+checkSize {
		return bad("the key is cut or has foreign characters")
	}
	sum := sha256.Sum256(b[:masterSize])
	if !bytes.Equal(sum[:checkSize], b[masterSize:]) {
		return bad("the key was copied wrongly: its check does not fit")
	}
	return Key{(*[masterSize]byte)(b[:masterSize])}, nil
}

// Text is the key itself as one line, to be kept in a file, an environment variable or on paper.
func (k Key) Text() string {
	sum := sha256.Sum256(k.master[:])
	b := append(k.master[:masterSize:masterSize], sum[:checkSize]...)
	return keyPrefix + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
}

// ID names the key without giving it away: 16 hexadecimal digits.
func (k Key) ID() string {
	if k.master == nil {
		return ""
	}
	return k.id().String()
}

// String is for logs and messages; it does not hold the key.
func (k Key) String() string { return "vault key " + k.ID() }

// Format prints the same for every verb, so that no verb prints the key.
func (k Key) Format(s fmt.State, _ rune) { io.WriteString(s, k.String()) }

// LogValue keeps the key out of structured logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// keyID names a key on disk.
type keyID [8]byte

func (i keyID) String() string { return hex.EncodeToString(i[:]) }

func parseKeyID(s string) (id keyID, err error) {
	if n, err := hex.Decode(id[:], []byte(s[:min(len(s), 2*len(id))])); err != nil || n != len(id) || len(s) != 2*len(id) {
		return id, errors.New("not the id of a key")
	}
	return id, nil
}

func (k Key) id() keyID { return keyID(derive(k.master[:], "id", len(keyID{}))) }

// wrapper encrypts data keys, ring the vault's own keys.
func (k Key) wrapper() sealer { return sealer(derive(k.master[:], "wrap", chacha20poly1305.KeySize)) }

func (k Key) ring() sealer { return sealer(derive(k.master[:], "ring", chacha20poly1305.KeySize)) }

// derive makes one of the keys that stand in for the master key, so that none is used for two things.
func derive(master []byte, use string, size int) []byte {
	b, err := hkdf.Key(sha256.New, master, nil, "breakwater vault 1 "+use, size)
	if err != nil { // only for sizes beyond 8160 bytes
		panic(err)
	}
	return b
}

// sealer is a key for XChaCha20-Poly1305, whose nonces are long enough to be drawn at random.
type sealer []byte

const sealOverhead = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead

func (s sealer) aead() cipher.AEAD {
	a, err := chacha20poly1305.NewX(s)
	if err != nil { // only for another length of key
		panic(err)
	}
	return a
}

// seal appends nonce and ciphertext of secret to dst.
func (s sealer) seal(dst, secret, bound []byte) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	rand.Read(nonce)
	return s.aead().Seal(append(dst, nonce...), nonce, secret, bound)
}

var errSeal = errors.New("does not fit the key, or was altered")

func (s sealer) open(sealed, bound []byte) ([]byte, error) {
	if len(sealed) < sealOverhead {
		return nil, errSeal
	}
	nonce, body := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	b, err := s.aead().Open(nil, nonce, body, bound)
	if err != nil {
		return nil, errSeal
	}
	return b, nil
}
