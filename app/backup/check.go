// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"breakwater/harbour"
)

// Checked says what was read back of a backup and found whole.
type Checked struct {
	Files    int `json:"files"`     // of its own, each against its hash
	Contents int `json:"contents"`  // of the vault that it needs: there, and as long as they were
	ReadBack int `json:"read_back"` // those of them that were read against their hash
}

// turns is in how many checks every content is read back once, where nothing is new.
const turns = 30

// Check reads a backup back: its signature, each of its own files, and of the contents of the vault those that no earlier
// backup needed. Of the others, which are on disk for longer, a thirtieth is read, another one each day, and the rest are
// looked for by name and length. verifier is the key that the installation signs with, as [store.VerifierKey] gives it.
//
// It shows that a backup is on disk as it was written. That it can be brought back a restore alone shows.
//
// Errors: those of [Find]; ErrUnreadable where the signature or a content does not fit.
func Check(ctx context.Context, path, verifier string, at time.Time) (c Checked, err error) {
	broken := func(what string, err error) (Checked, error) {
		return c, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "check backup", Message: what, Hint: "make another, and see whether the disk is sound", Err: err}
	}
	path, m, err := Find(path)
	if err != nil {
		return c, err
	}
	c.Files = len(m.Files)
	if err := signed(path, verifier); err != nil {
		return broken("its signature does not fit", err)
	}
	list, ok := known(path)
	if !ok {
		return broken("the list of contents is damaged", nil)
	}
	earlier, err := before(path)
	if err != nil {
		return c, diskError("check backup", err)
	}
	turn := byte(at.Unix() / (24 * 60 * 60) % turns)
	for _, s := range list {
		if !filepath.IsLocal(filepath.FromSlash(s.Name)) {
			return broken("the list of contents names a file outside: "+s.Name, nil)
		}
		file := filepath.Join(filepath.Dir(path), contentsDir, filepath.FromSlash(s.Name))
		i, err := os.Stat(file)
		if err != nil || i.Size() != s.Bytes {
			return broken("the content "+s.Name+" is missing or cut", err)
		}
		c.Contents++
		if earlier[s.Name] && turnOf(s.Name) != turn {
			continue
		}
		sum, err := sumUntil(ctx, file)
		if err != nil {
			return c, diskError("check backup", err)
		}
		if sum != s.SHA256 {
			return broken("the content "+s.Name+" is damaged", nil)
		}
		c.ReadBack++
	}
	return c, nil
}

// signed checks the signature over the manifest.
func signed(path, verifier string) error {
	manifest, err := read(path, manifestName)
	if err != nil {
		return err
	}
	text, err := read(path, signatureName)
	if err != nil {
		return err
	}
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return err
	}
	n, err := note.Open(text, note.VerifierList(v))
	if err == nil && n.Text != signedText(manifest) {
		err = &harbour.Error{Kind: harbour.ErrUnreadable, Op: "check backup", Message: "the manifest is not the one that was signed"}
	}
	return err
}

// before gives the contents that the backup before this one needs; they were read back then.
func before(path string) (map[string]bool, error) {
	names, err := backups(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	last := ""
	for _, n := range names {
		if n < filepath.Base(path) {
			last = n
		}
	}
	had := map[string]bool{}
	if last == "" {
		return had, nil
	}
	list, _ := known(filepath.Join(filepath.Dir(path), last)) // where it cannot be read all are read back
	for _, s := range list {
		had[s.Name] = true
	}
	return had, nil
}

// turnOf is when a content is read back: names are random, so that each turn has about as many.
func turnOf(name string) byte {
	b, err := hex.DecodeString(name[:strings.IndexByte(name+"/", '/')])
	if err != nil || len(b) == 0 {
		return 0
	}
	return b[0] % turns
}

// sumUntil hashes a file until ctx ends.
func sumUntil(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}
