// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/crypto/chacha20poly1305"

	"breakwater/harbour"
)

// header is the file vault.json: which master key the vault needs, and the vault's own keys under it.
type header struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	ID      string `json:"id"`  // of the vault, drawn when it was made
	Key     string `json:"key"` // id of the master key
	Ring    []byte `json:"ring"`
}

// ring holds the vault's own keys, which outlive a rotation of the master key.
type ring struct {
	Names    sealer    `json:"names"`              // of the HMAC that names objects
	Secrets  []ringKey `json:"secrets"`            // of Seal: the last one seals, all open
	Previous *ringKey  `json:"previous,omitempty"` // wrapping key before the rotation that is under way
}

type ringKey struct {
	ID  string `json:"id"`
	Key sealer `json:"key"`
}

const (
	headerName    = "vault.json"
	headerCopy    = "vault.json.copy"
	headerLimit   = 1 << 20
	headerFormat  = "breakwater-vault"
	headerVersion = 1
)

func newRing() ring {
	r := ring{Names: make([]byte, 32)}
	rand.Read(r.Names)
	r.addSecret()
	return r
}

// addSecret makes a new key for secrets that are sealed from now on.
func (r *ring) addSecret() {
	var id keyID
	rand.Read(id[:])
	k := make([]byte, chacha20poly1305.KeySize)
	rand.Read(k)
	r.Secrets = append(r.Secrets, ringKey{id.String(), k})
}

func (r *ring) valid() error {
	bad := len(r.Names) != 32 || len(r.Secrets) == 0
	for _, k := range r.Secrets {
		_, err := parseKeyID(k.ID)
		bad = bad || err != nil || len(k.Key) != chacha20poly1305.KeySize
	}
	if p := r.Previous; p != nil {
		_, err := parseKeyID(p.ID)
		bad = bad || err != nil || len(p.Key) != chacha20poly1305.KeySize
	}
	if bad {
		return errors.New("keys are missing or of another length")
	}
	return nil
}

// bound is what the sealed ring is tied to.
func (h *header) bound() []byte {
	return fmt.Appendf(nil, "breakwater vault header\n%d\n%s\n%s\n", h.Version, h.ID, h.Key)
}

// encode writes the header with the ring under k.
func (h *header) encode(r ring, k Key) ([]byte, error) {
	secret, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	h.Format, h.Version, h.Key = headerFormat, headerVersion, k.ID()
	h.Ring = k.ring().seal(nil, secret, h.bound())
	b, err := json.MarshalIndent(h, "", "  ")
	return append(b, '\n'), err
}

// readHeader takes a header apart; what it says holds only after openRing.
func readHeader(b []byte) (h header, err error) {
	if len(b) > headerLimit {
		return h, errors.New("it is too large")
	}
	if err := json.Unmarshal(b, &h); err != nil {
		return h, err
	}
	if h.Format != headerFormat {
		return h, errors.New("it is not the header of a vault")
	}
	if h.Version != headerVersion {
		return h, &harbour.Error{
			Kind: harbour.ErrConflict, Op: "open vault", Message: fmt.Sprintf("the vault is of version %d, this program knows version %d", h.Version, headerVersion),
			Hint: "use the newer program that made it",
		}
	}
	if _, err := parseKeyID(h.Key); err != nil {
		return h, err
	}
	return h, nil
}

func (h *header) openRing(k Key) (r ring, err error) {
	b, err := k.ring().open(h.Ring, h.bound())
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, err
	}
	return r, r.valid()
}

// loadHeaders reads the header and its copy, as many as are whole on their face. None and no error mean a new vault.
func loadHeaders(dir string) (hs []header, err error) {
	var first error
	for _, n := range []string{headerName, headerCopy} {
		b, err := os.ReadFile(filepath.Join(dir, n))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var h header
		if err == nil {
			h, err = readHeader(b)
		}
		if err == nil {
			hs = append(hs, h)
		} else if first == nil {
			first = err
		}
	}
	if len(hs) > 0 || first == nil {
		return hs, nil
	}
	if _, known := errors.AsType[*harbour.Error](first); known {
		return nil, first
	}
	return nil, headerDamaged(dir, first)
}

func headerDamaged(dir string, err error) error {
	return &harbour.Error{
		Kind: harbour.ErrUnreadable, Op: "open vault", Message: "the header of the vault, " + headerName + ", is damaged, and so is its copy",
		Hint: "restore " + filepath.Join(dir, headerName) + " from a backup", Err: err,
	}
}

// saveHeader writes the header and then its copy.
func saveHeader(dir string, b []byte) error {
	for _, n := range []string{headerName, headerCopy} {
		if err := writeFile(filepath.Join(dir, n), filepath.Join(dir, n+".part"), b); err != nil {
			return err
		}
	}
	return nil
}

// mendHeaderCopy makes the two alike again after a kill between them, or after damage to one.
func mendHeaderCopy(dir string, h header) error {
	want, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return err
	}
	want = append(want, '\n')
	for _, n := range []string{headerName, headerCopy} {
		if got, err := os.ReadFile(filepath.Join(dir, n)); err != nil || !bytes.Equal(got, want) {
			return saveHeader(dir, want)
		}
	}
	return nil
}
