// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package upgrade

import (
	"archive/tar"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/note"

	"breakwater/harbour"
)

// Manifest says what a package holds and what it may be put on.
type Manifest struct {
	Format  int    `json:"format"`
	Version string `json:"version"` // semantic, with v: v1.2.0
	From    string `json:"from"`    // the oldest version that may be upgraded by it
	Schema  int64  `json:"schema"`  // of the database, that the program brings it to
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	BuiltAt string `json:"built_at"` // RFC 3339
	Files   []File `json:"files"`    // in the order in which they follow
}

// File is one file of a package.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Names of what a package holds, in this order. Another name is refused.
const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
	programName   = "breakwater"
	sbomName      = "sbom.json"
)

const (
	format = 1
	// KeyName is the name in a release key.
	KeyName = "breakwater/release"

	maxManifest  = 64 << 10
	maxSignature = 4 << 10
	// MaxProgram bounds the program in a package.
	MaxProgram = 1 << 30
	maxSBOM    = 16 << 20
)

func limitOf(name string) int64 {
	if name == programName {
		return MaxProgram
	}
	return maxSBOM
}

// refused is a package that will not be used, with the reason.
func refused(message, hint string, err error) error {
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: "upgrade", Message: "the package is refused: " + message, Hint: hint, Err: err}
}

func truncated(err error) error {
	return refused("it is cut off", "copy it again, and compare its SHA-256 with the one that was published", err)
}

// signedText is what the signature of a package covers.
func signedText(manifest []byte) string {
	sum := sha256.Sum256(manifest)
	return "Breakwater release\n" + hex.EncodeToString(sum[:]) + "\n"
}

// reader goes through a package, whose bytes nobody has vouched for.
type reader struct {
	tar      *tar.Reader
	manifest Manifest
}

// header reads the head of the next file, which must be a plain one of that name.
func (r *reader) header(name string, most int64) (*tar.Header, error) {
	h, err := r.tar.Next()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, truncated(err)
	case err != nil:
		return nil, refused("it is no package, or damaged", "is this the right file?", err)
	case h.Name != name:
		return nil, refused(fmt.Sprintf("it holds %q where %s should be", clip(h.Name), name), "take the package as it was published", nil)
	case h.Typeflag != tar.TypeReg || h.Format != tar.FormatUSTAR || len(h.PAXRecords) > 0:
		return nil, refused(fmt.Sprintf("%s is not a plain file in it", name), "take the package as it was published", nil)
	case h.Size > most:
		return nil, refused(fmt.Sprintf("%s is too large: %d bytes, and %d at most", name, h.Size, most), "take the package as it was published", nil)
	}
	return h, nil
}

func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}

// small reads a small file whole.
func (r *reader) small(name string, most int64) ([]byte, error) {
	h, err := r.header(name, most)
	if err != nil {
		return nil, err
	}
	b := make([]byte, h.Size)
	if _, err := io.ReadFull(r.tar, b); err != nil {
		return nil, truncated(err)
	}
	return b, nil
}

// open reads manifest and signature. Nothing of the manifest is looked at before its signature was found right.
func open(in io.Reader, keys []string) (*reader, error) {
	r := &reader{tar: tar.NewReader(in)}
	text, err := r.small(manifestName, maxManifest)
	if err != nil {
		return nil, err
	}
	signed, err := r.small(signatureName, maxSignature)
	if err != nil {
		return nil, err
	}
	if err := checkSignature(text, signed, keys); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&r.manifest); err != nil || d.More() {
		return nil, refused("its manifest cannot be read", "it may be for a newer program: upgrade to one in between first", err)
	}
	return r, r.manifest.check()
}

func checkSignature(text, signed []byte, keys []string) error {
	if len(keys) == 0 {
		return &harbour.Error{Kind: harbour.ErrUsage, Op: "upgrade", Message: "no release key is known: this program was built without one", Hint: "give the key that the publisher of the package names, with --key"}
	}
	var list []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(strings.TrimSpace(k))
		if err != nil {
			return &harbour.Error{Kind: harbour.ErrUsage, Op: "upgrade", Message: "the release key " + clip(k) + " is not one", Hint: "it has the form " + KeyName + "+12ab34cd+…", Err: err}
		}
		list = append(list, v)
	}
	n, err := note.Open(signed, note.VerifierList(list...))
	var unknown *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unknown):
		return refused("it is signed with a key that is not known here", "take it from its publisher; do not add a key that came with it", err)
	case err != nil:
		return refused("its signature is wrong", "do not use it; take the package from its publisher again", err)
	case n.Text != signedText(text):
		return refused("its manifest was altered after it was signed", "do not use it; take the package from its publisher again", nil)
	}
	return nil
}

// check wants a manifest to make sense. It is signed: what is wrong here was built wrong.
func (m *Manifest) check() error {
	bad := func(what string) error {
		return refused("its manifest "+what, "it was built wrong, or for a newer program: ask its publisher", nil)
	}
	switch {
	case m.Format != format:
		return bad(fmt.Sprintf("is of format %d, and this program knows %d", m.Format, format))
	case !semver.IsValid(m.Version) || !semver.IsValid(m.From):
		return bad("names no versions")
	case m.Schema <= 0:
		return bad("names no schema")
	}
	var names []string
	for _, f := range m.Files {
		names = append(names, f.Name)
		sum, err := hex.DecodeString(f.SHA256)
		if err != nil || len(sum) != sha256.Size || f.Bytes < 0 {
			return bad("has no hash of " + clip(f.Name))
		}
		if f.Bytes > limitOf(f.Name) {
			return bad(fmt.Sprintf("says that %s is %d bytes, which is too large", clip(f.Name), f.Bytes))
		}
	}
	if !slices.Equal(names, []string{programName, sbomName}) {
		return bad(fmt.Sprintf("lists %q, and not %s and %s", names, programName, sbomName))
	}
	return nil
}

// file copies the next file, which must be what the manifest says, to w.
func (r *reader) file(f File, w io.Writer) error {
	h, err := r.header(f.Name, f.Bytes)
	if err != nil {
		return err
	}
	if h.Size != f.Bytes {
		return refused(fmt.Sprintf("%s has %d bytes, and its manifest says %d", f.Name, h.Size, f.Bytes), "take the package from its publisher again", nil)
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(w, sum), r.tar)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return truncated(err)
	case err != nil:
		return err
	case hex.EncodeToString(sum.Sum(nil)) != f.SHA256:
		return refused(f.Name+" is not what was signed: its SHA-256 differs", "do not use it; take the package from its publisher again", nil)
	}
	return nil
}

// end wants nothing to follow.
func (r *reader) end() error {
	h, err := r.tar.Next()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return refused("there is something after its last file", "take the package as it was published", err)
	}
	return refused(fmt.Sprintf("it holds %q, which its manifest does not name", clip(h.Name)), "take the package as it was published", nil)
}

// read goes through a whole package and gives its program and its bill of materials to where they are wanted.
func read(in io.Reader, keys []string, program, sbom io.Writer) (*Manifest, error) {
	r, err := open(in, keys)
	if err != nil {
		return nil, err
	}
	for i, w := range []io.Writer{program, sbom} {
		if err := r.file(r.manifest.Files[i], w); err != nil {
			return nil, err
		}
	}
	return &r.manifest, r.end()
}

// Verify reads a package through and checks it. Keys are release keys as [NewKey] gives them, any of which will do.
//
// Errors: ErrInvalid, naming why it is refused; ErrUsage where no key is known.
func Verify(in io.Reader, keys []string) (*Manifest, error) {
	return read(in, keys, io.Discard, io.Discard)
}

// Fits says whether a package may be put in the place of a program.
//
// Errors: ErrInvalid, naming why not.
func (m *Manifest) Fits(version, os, arch string, schema int64) error {
	switch {
	case m.OS != os || m.Arch != arch:
		return refused(fmt.Sprintf("it is for %s on %s, and this is %s on %s", m.OS, m.Arch, os, arch), "take the package for this machine", nil)
	case schema > m.Schema:
		return refused(fmt.Sprintf("its program knows schema %d, and the database is at %d already", m.Schema, schema), "take a newer package", nil)
	}
	if !semver.IsValid(version) {
		return nil // built from source: nothing can be told
	}
	switch {
	case semver.Compare(m.Version, version) == 0:
		return refused("it is of version "+m.Version+", which runs already", "nothing has to be done", nil)
	case semver.Compare(m.Version, version) < 0:
		return refused(fmt.Sprintf("it is of version %s, which is older than %s", m.Version, version), "to go back to the version before, use --rollback", nil)
	case semver.Compare(version, m.From) < 0:
		return refused(fmt.Sprintf("it upgrades from %s on, and this is %s", m.From, version), "upgrade to a version in between first", nil)
	}
	return nil
}

// NewKey makes a release key: the half that signs, and the half that programs are built with.
func NewKey() (private, public string, err error) { return note.GenerateKey(rand.Reader, KeyName) }

// Contents are what is packed.
type Contents struct {
	Program, SBOM []byte
	Version, From string
	Schema        int64
	OS, Arch      string
	BuiltAt       time.Time
}

// Write writes a package, signed with a private release key. The same contents give the same bytes.
func Write(w io.Writer, c Contents, private string) (*Manifest, error) {
	signer, err := note.NewSigner(strings.TrimSpace(private))
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "sign release", Message: "that is no release key", Hint: "make one with release keygen", Err: err}
	}
	m := &Manifest{Format: format, Version: c.Version, From: c.From, Schema: c.Schema, OS: c.OS, Arch: c.Arch, BuiltAt: c.BuiltAt.UTC().Format(time.RFC3339)}
	for _, f := range []struct {
		name string
		b    []byte
	}{{programName, c.Program}, {sbomName, c.SBOM}} {
		sum := sha256.Sum256(f.b)
		m.Files = append(m.Files, File{f.name, int64(len(f.b)), hex.EncodeToString(sum[:])})
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	signed, err := note.Sign(&note.Note{Text: signedText(text)}, signer)
	if err != nil {
		return nil, err
	}
	out := tar.NewWriter(w)
	for _, f := range []struct {
		name string
		b    []byte
		mode int64
	}{{manifestName, text, 0o644}, {signatureName, signed, 0o644}, {programName, c.Program, 0o755}, {sbomName, c.SBOM, 0o644}} {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Size: int64(len(f.b)), Mode: f.mode, ModTime: c.BuiltAt.Truncate(time.Second), Format: tar.FormatUSTAR}
		if err := out.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := out.Write(f.b); err != nil {
			return nil, err
		}
	}
	return m, out.Close()
}

// PublicOf is the public half of a private release key.
func PublicOf(private string) (string, error) {
	// A signer's private text is "PRIVATE+KEY+name+hash+base64(1 || seed)".
	parts := strings.SplitN(strings.TrimSpace(private), "+", 5)
	if len(parts) != 5 {
		return "", errors.New("that is no release key")
	}
	seed, err := decodeKey(parts[4])
	if err != nil {
		return "", err
	}
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	return note.NewEd25519VerifierKey(parts[2], public)
}
