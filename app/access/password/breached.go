// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package password

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the hash of the published lists, not a protection
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"breakwater/harbour"
)

// List is a breached list in a file or a folder. Close it when it is no longer asked.
type List struct {
	source interface {
		contains(sum *[hashDigits]byte, normal string) (bool, error)
		Close() error
	}
	about string
}

const hashDigits = 2 * sha1.Size

// OpenBreached opens a list of passwords known from breaches. Nothing but its content tells what it is:
//
//   - a text file of SHA-1 hashes in hexadecimal digits, one on a line, sorted, each with ":" and a count or without: the
//     form in which the large public collections come. It may have any size; it is searched where it lies, by some 30
//     reads of 4 KiB for each password, and not loaded;
//   - a folder of 16^5 files named after the first five digits (00000.txt … FFFFF.txt, or without .txt), each with the
//     other 35 digits and counts: the same collections as their downloaders keep them. One file is read for a password;
//   - a plain list of words, one on a line, of at most 256 MiB and 10 million words. Of each word 8 bytes are kept in
//     memory. Words count whatever their case.
//
// A file that is replaced while it is open goes on being read as it was; open it again to see the new one.
func OpenBreached(path string) (*List, error) {
	bad := func(message, hint string, err error) (*List, error) {
		return nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "open breached passwords " + filepath.Base(path), Message: message, Hint: hint, Err: err}
	}
	info, err := os.Stat(path)
	if err != nil {
		return bad("the list cannot be opened", "Check the path and that the service may read it.", cause(err))
	}
	if info.IsDir() {
		d, err := openFolder(path)
		if err != nil {
			return bad(err.Error(), "A folder holds files named 00000.txt to FFFFF.txt.", nil)
		}
		return &List{d, "folder of SHA-1 hashes"}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return bad("the list cannot be opened", "Check the path and that the service may read it.", cause(err))
	}
	head := make([]byte, 512)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		f.Close()
		return bad("the list cannot be read", "Check the disk.", cause(err))
	}
	head = head[:n]
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if _, ok := hashLine(line, hashDigits); ok {
		h := &hashFile{f, info.Size(), f}
		if err := h.check(); err != nil {
			f.Close()
			return bad(err.Error(), "Sort the file by hash: LC_ALL=C sort -o FILE FILE. Public collections come in an order by hash and in one by count; take the first.", nil)
		}
		return &List{h, "file of SHA-1 hashes"}, nil
	}
	defer f.Close()
	w, err := readWords(f, info.Size())
	if err != nil {
		return bad(err.Error(), "Give a text file with one password on a line, or a sorted file of SHA-1 hashes for more.", nil)
	}
	return &List{w, fmt.Sprintf("list of %d words", len(w))}, nil
}

// cause leaves the path out of an error: it may be shown to people who need not know it.
func cause(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// String says what sort of list it is.
func (l *List) String() string { return l.about }

// Close gives the file back.
func (l *List) Close() error { return l.source.Close() }

// Contains implements [Breached]. A list that is damaged where it would have the password gives an error of kind
// unavailable.
func (l *List) Contains(normal string) (bool, error) {
	sum := sha1.Sum([]byte(normal)) //nolint:gosec // as above
	var digits [hashDigits]byte
	hex.Encode(digits[:], sum[:])
	upper(digits[:])
	known, err := l.source.contains(&digits, normal)
	if err != nil {
		return false, &harbour.Error{
			Kind: harbour.ErrUnavailable, Op: "look for the password in the " + l.about, Message: "the list of breached passwords cannot be read",
			Hint: "Ask your administrator to look at the list of breached passwords.", Err: cause(err),
		}
	}
	return known, nil
}

func upper(b []byte) {
	for i, c := range b {
		if c >= 'a' && c <= 'f' {
			b[i] = c - 32
		}
	}
}

// hashLine reads a line of so many hexadecimal digits, alone or followed by ":" and a count.
func hashLine(line []byte, digits int) (hash []byte, ok bool) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) < digits || len(line) > digits+21 {
		return nil, false
	}
	for _, c := range line[:digits] {
		if !(c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f') {
			return nil, false
		}
	}
	if rest := line[digits:]; len(rest) > 0 {
		if rest[0] != ':' || len(rest) == 1 {
			return nil, false
		}
		for _, c := range rest[1:] {
			if c < '0' || c > '9' {
				return nil, false
			}
		}
	}
	return line[:digits], true
}
