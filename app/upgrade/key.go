// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package upgrade

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
)

// decodeKey reads the seed of a private release key: base64 of a byte 1, for Ed25519, and the seed.
func decodeKey(s string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != 1+ed25519.SeedSize || b[0] != 1 {
		return nil, errors.New("that is no release key")
	}
	return b[1:], nil
}
