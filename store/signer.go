// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"golang.org/x/mod/sumdb/note"
)

// algEd25519 is the type of an Ed25519 key in a signed note.
const algEd25519 = 1

// NewSigner makes a signer of notes from an Ed25519 key.
func NewSigner(name string, key ed25519.PrivateKey) (note.Signer, error) {
	pub := append([]byte{algEd25519}, key.Public().(ed25519.PublicKey)...)
	text := "PRIVATE+KEY+" + name + "+" + keyHash(name, pub) + "+" + base64.StdEncoding.EncodeToString(append([]byte{algEd25519}, key.Seed()...))
	return note.NewSigner(text)
}

// VerifierKey is the public key of checkpoints as [note.NewVerifier] reads it.
func VerifierKey(name string, key ed25519.PublicKey) string {
	pub := append([]byte{algEd25519}, key...)
	return name + "+" + keyHash(name, pub) + "+" + base64.StdEncoding.EncodeToString(pub)
}

func keyHash(name string, pub []byte) string {
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write(pub)
	const hex = "0123456789abcdef"
	var b []byte
	var four [4]byte
	binary.BigEndian.PutUint32(four[:], binary.BigEndian.Uint32(h.Sum(nil)))
	for _, c := range four {
		b = append(b, hex[c>>4], hex[c&15])
	}
	return string(b)
}

func publicOf(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }
