// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/harbour"
)

// SignedTree is a checkpoint of the audit log: how many entries it had and the hash over all of them.
type SignedTree struct {
	tlog.Tree
	At   harbour.Instant // when it was signed, as far as that is known; the signature does not cover it
	Note string          // the signed note; "" where a witness kept the figures alone
}

// treeHeader is the first line of what a checkpoint signs, as tlog writes it.
const treeHeader = "go.sum database tree\n"

// maxCheckpoint bounds the text of a checkpoint that is read.
const maxCheckpoint = 64 << 10

// Text is the checkpoint as it is given to a witness: figures that can be read aloud, typed in and compared by eye, and
// below them the signed note.
func (s SignedTree) Text(key string) string {
	var b strings.Builder
	b.WriteString("Breakwater: checkpoint of the audit log\n\n")
	fmt.Fprintf(&b, "Entries: %d\n", s.N)
	if s.At.Known() {
		fmt.Fprintf(&b, "Signed:  %s\n", s.At.Time().Format("2006-01-02 15:04:05 UTC"))
	}
	digits := hex.EncodeToString(s.Hash[:])
	for i, label := range []string{"Root:    ", "         "} {
		b.WriteString(label)
		for j := range 8 {
			at := i*32 + j*4
			b.WriteString(digits[at : at+4])
			if j < 7 {
				b.WriteByte(' ')
			}
		}
		b.WriteByte('\n')
	}
	if key != "" {
		fmt.Fprintf(&b, "Key:     %s\n", key)
	}
	if s.Note != "" {
		b.WriteString("\n" + s.Note)
	}
	return b.String()
}

// ParseCheckpoint reads a checkpoint: what [SignedTree.Text] wrote, the signed note alone, or the lines of entries and
// root alone as somebody typed them from paper. Where both are there they must agree. The signature is not checked here.
//
// Errors: ErrInvalid.
func ParseCheckpoint(text []byte) (SignedTree, error) {
	fail := func(message string) (SignedTree, error) {
		return SignedTree{}, &harbour.Error{Kind: harbour.ErrInvalid, Op: "read checkpoint", Message: message, Hint: "give the file that breakwater audit checkpoint wrote, or type its lines Entries and Root"}
	}
	if len(text) > maxCheckpoint {
		return fail("it is too long for a checkpoint")
	}
	text = bytes.ReplaceAll(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), []byte("\r\n"), []byte("\n"))
	var s SignedTree
	figures := string(text)
	if at := bytes.Index(text, []byte(treeHeader)); at >= 0 && (at == 0 || text[at-1] == '\n') {
		tree, err := tlog.ParseTree(text[at:])
		if err != nil {
			return fail("its signed part is damaged")
		}
		s.Tree, s.Note, figures = tree, string(text[at:]), string(text[:at])
	}
	entries, root, err := readFigures(figures)
	switch {
	case err != nil:
		return fail(err.Error())
	case entries < 0 && s.Note == "":
		return fail("it names neither a number of entries nor a root")
	case entries >= 0 && s.Note == "":
		s.N, s.Hash = entries, root
	case entries >= 0 && (entries != s.N || root != s.Hash):
		return fail("the figures that people read are not those that are signed: somebody changed the text")
	}
	return s, nil
}

// readFigures finds the lines of entries and root; entries is -1 where there are none.
func readFigures(text string) (entries int64, root tlog.Hash, err error) {
	entries = -1
	var digits strings.Builder
	inRoot := false
	for line := range strings.SplitSeq(text, "\n") {
		name, value, found := strings.Cut(line, ":")
		switch {
		case found && strings.EqualFold(strings.TrimSpace(name), "entries"):
			entries, err = strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			if err != nil || entries < 0 {
				return 0, root, errors.New("the number of entries cannot be read")
			}
			inRoot = false
		case found && strings.EqualFold(strings.TrimSpace(name), "root"):
			inRoot = true
			digits.WriteString(value)
		case inRoot && !found && strings.TrimSpace(line) != "":
			digits.WriteString(line)
		default:
			inRoot = false
		}
	}
	if entries < 0 && digits.Len() == 0 {
		return entries, root, nil
	}
	b, err := hex.DecodeString(strings.ToLower(strings.Join(strings.Fields(digits.String()), "")))
	if err != nil || len(b) != tlog.HashSize || entries < 0 {
		return 0, root, errors.New("entries and root are needed both, the root with 64 hexadecimal digits")
	}
	return entries, tlog.Hash(b), nil
}

// CheckKey says whether a text is a key that checkpoints can be checked with.
//
// Errors: ErrInvalid.
func CheckKey(key string) error {
	if _, err := note.NewVerifier(key); err != nil {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "read key", Message: "it is not the public key of an audit log", Hint: "it stands in the line Key of a checkpoint", Err: err}
	}
	return nil
}

// openNote checks the signature of a checkpoint.
func openNote(signed, key string) error {
	v, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	_, err = note.Open([]byte(signed), note.VerifierList(v))
	return err
}

// AuditKey is the public key that checkpoints of this installation are checked with; "" without a signer.
func (db *DB) AuditKey() string {
	if db.opt.Signer == nil {
		return ""
	}
	return VerifierKey(db.opt.Origin, publicOf(db.opt.Signer))
}

// LastCheckpoint is the newest checkpoint that is kept.
//
// Errors: ErrNotFound where none was made yet.
func (db *DB) LastCheckpoint(ctx context.Context) (s SignedTree, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		var row checkpointRow
		if err := q.NewRaw("SELECT size, at, note FROM checkpoint ORDER BY size DESC LIMIT 1").Scan(ctx, &row); err != nil {
			return err
		}
		tree, err := tlog.ParseTree([]byte(row.Note))
		s = SignedTree{tree, row.At, row.Note}
		return err
	})
	return s, err
}

type checkpointRow struct {
	Size int64
	At   harbour.Instant
	Note string
}
