// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidencepack

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Key is the public key of an installation, as it stands in the line Key of a checkpoint: a name, four bytes to find it
// by, and the key (c2sp.org/signed-note).
type Key struct {
	name string
	id   [4]byte
	key  ed25519.PublicKey
}

// ParseKey reads a key.
func ParseKey(text string) (k Key, err error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), "+")
	id, key, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != 1 || name == "" || strings.ContainsAny(name, " \n") {
		return k, errors.New("it is not an Ed25519 key of a signed note")
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), raw...))
	if hex.EncodeToString(sum[:4]) != id {
		return k, errors.New("its name and its bytes do not belong together")
	}
	return Key{name, [4]byte(sum[:4]), raw[1:]}, nil
}

// Fingerprint is the SHA-256 of the key's 32 bytes, in hexadecimal digits: what people compare.
func (k Key) Fingerprint() string {
	sum := sha256.Sum256(k.key)
	return hex.EncodeToString(sum[:])
}

// open checks the signature of a note and gives its text.
func (k Key) open(signed []byte) (text []byte, err error) {
	at := bytes.LastIndex(signed, []byte("\n\n"))
	if at < 0 || len(k.key) == 0 {
		return nil, errors.New("it has no signature")
	}
	text = signed[:at+1]
	for line := range strings.Lines(string(signed[at+2:])) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "— "), " ")
		raw, err := base64.StdEncoding.DecodeString(value)
		if err != nil || name != k.name || len(raw) != 4+ed25519.SignatureSize || [4]byte(raw[:4]) != k.id {
			continue
		}
		if !ed25519.Verify(k.key, text, raw[4:]) {
			return nil, errors.New("its signature does not fit: it was changed")
		}
		return text, nil
	}
	return nil, errors.New("it is not signed with this key")
}

// Statement is what is signed of a manifest. Its first line keeps it apart from a checkpoint, which the same key signs.
func Statement(manifest []byte) string {
	return fmt.Sprintf("%s %d\n%x\n", Format, Version, sha256.Sum256(manifest))
}

const treeHeader = "go.sum database tree\n"

// readTree reads what a checkpoint signs.
func readTree(text []byte) (size int64, root Hash, err error) {
	bad := errors.New("it is no checkpoint of an audit log")
	rest, ok := strings.CutPrefix(string(text), treeHeader)
	number, rest, _ := strings.Cut(rest, "\n")
	hash, rest, _ := strings.Cut(rest, "\n")
	raw, err := base64.StdEncoding.DecodeString(hash)
	if size, e := strconv.ParseInt(number, 10, 64); ok && err == nil && e == nil && size >= 0 && len(raw) == len(root) && rest == "" {
		return size, Hash(raw), nil
	}
	return 0, root, bad
}

// Witness is a checkpoint that somebody kept: the text that breakwater audit checkpoint printed, its signed part alone,
// or its lines Entries and Root.
type Witness struct {
	Size int64
	Root Hash
	Note string // its signed part, "" for none
	Key  string // its line Key, "" for none
}

// ParseWitness reads a checkpoint. Where it has figures and a signed part, both must say the same.
func ParseWitness(b []byte) (w Witness, err error) {
	if len(b) > 1<<16 {
		return w, errors.New("it is too long for a checkpoint")
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(b), "\ufeff"), "\r\n", "\n")
	w.Size = -1
	if i := strings.Index(text, treeHeader); i == 0 || i > 0 && text[i-1] == '\n' {
		w.Note = text[i:]
		end := strings.LastIndex(w.Note, "\n\n")
		if end < 0 {
			return w, errors.New("its signed part has no signature")
		}
		if w.Size, w.Root, err = readTree([]byte(w.Note[:end+1])); err != nil {
			return w, err
		}
		text = text[:i]
	}
	figures, digits, in := int64(-1), "", false
	for line := range strings.Lines(text) {
		name, value, named := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch {
		case named && name == "entries":
			if figures, err = strconv.ParseInt(value, 10, 64); err != nil || figures < 0 {
				return w, errors.New("the number of entries cannot be read")
			}
			in = false
		case named && name == "key":
			w.Key, in = value, false
		case named && name == "root":
			digits, in = value, true
		case in && !named && strings.TrimSpace(line) != "":
			digits += line
		default:
			in = false
		}
	}
	root, whole := readHash(strings.ToLower(strings.Join(strings.Fields(digits), "")))
	switch {
	case figures < 0 && digits == "" && w.Note != "":
		return w, nil
	case figures < 0 || !whole:
		return w, errors.New("it needs the number of entries and the root with 64 hexadecimal digits")
	case w.Note != "" && (figures != w.Size || root != w.Root):
		return w, errors.New("the figures that people read are not those that are signed")
	}
	w.Size, w.Root = figures, root
	return w, nil
}
