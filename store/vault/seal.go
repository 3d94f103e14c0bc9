// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"fmt"

	"breakwater/harbour"
)

const (
	sealMagic = "BWS\x01"
	sealHead  = len(sealMagic) + len(keyID{})
	sealLimit = 64 << 10
)

// Seal encrypts a secret that is stored elsewhere, such as one for TOTP or webhooks in the database. It opens with the
// same context alone: name table, column and row in it, so that what was sealed for one cannot be put in the place of
// another. The length of the secret shows.
func (v *Vault) Seal(context string, secret []byte) ([]byte, error) {
	const op = "seal secret"
	if context == "" {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: "a secret needs a context to be bound to"}
	}
	if len(secret) > sealLimit {
		return nil, &harbour.Error{
			Kind: harbour.ErrTooLarge, Op: op, Message: fmt.Sprintf("a secret has at most %d bytes", sealLimit),
			Hint: "store it as an object",
		}
	}
	v.mu.RLock()
	k := v.ring.Secrets[len(v.ring.Secrets)-1]
	v.mu.RUnlock()
	id, _ := parseKeyID(k.ID) // valid since openRing
	b := append([]byte(sealMagic), id[:]...)
	return k.Key.seal(b, secret, sealBound(b, context)), nil
}

// sealBound ties an envelope to its head and its context.
func sealBound(head []byte, context string) []byte {
	return append(append([]byte("breakwater vault seal\x00"), head...), context...)
}

// Unseal opens what Seal made for the same context.
//
// Errors: ErrUnreadable where it was altered, was sealed for another context or by another vault.
func (v *Vault) Unseal(context string, envelope []byte) ([]byte, error) {
	b, _, err := v.unseal(context, envelope)
	return b, err
}

// Reseal brings an envelope under the newest key, after a rotation. changed is false where it already is.
func (v *Vault) Reseal(context string, envelope []byte) (fresh []byte, changed bool, err error) {
	b, newest, err := v.unseal(context, envelope)
	if err != nil || newest {
		return envelope, false, err
	}
	fresh, err = v.Seal(context, b)
	return fresh, err == nil, err
}

func (v *Vault) unseal(context string, envelope []byte) (secret []byte, newest bool, err error) {
	bad := func(message, hint string, err error) ([]byte, bool, error) {
		return nil, false, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "open sealed secret", Message: message, Hint: hint, Err: err}
	}
	const again = "set the secret anew, or restore the database from a backup"
	if len(envelope) < sealHead+sealOverhead || len(envelope) > sealHead+sealOverhead+sealLimit || string(envelope[:len(sealMagic)]) != sealMagic {
		return bad("it is not a sealed secret of this version", again, nil)
	}
	head := envelope[:sealHead]
	id := keyID(head[len(sealMagic):]).String()
	v.mu.RLock()
	keys := v.ring.Secrets
	v.mu.RUnlock()
	for i, k := range keys {
		if k.ID != id {
			continue
		}
		b, err := k.Key.open(envelope[sealHead:], sealBound(head, context))
		if err != nil {
			return bad("the secret was altered, or sealed for something else", again, err)
		}
		return b, i == len(keys)-1, nil
	}
	return bad("it was sealed by another vault: key "+id+" is not here", "restore vault.json and the database from the same backup, or set the secret anew", nil)
}
