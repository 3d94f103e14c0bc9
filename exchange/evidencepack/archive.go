// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidencepack

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
)

// Bounds of a pack that is read.
const (
	maxFiles    = 200_000
	maxManifest = 32 << 20
	maxLine     = 32 << 20
	maxLines    = 20_000_000
)

// name is what a file of a pack may be called.
var fileName = regexp.MustCompile(`^(?:[A-Za-z]{1,20}\.[a-z]{2,5}|evidence/e-[0-9a-f]{1,64}/(?:whole|slice-[0-9]\.(?:pcap|jsonl)))$`)

// archive is a zip that can be read in one way only.
type archive struct {
	files map[string]*zip.File
}

// openArchive opens a zip and refuses what two programs could read differently: names that come twice or lead out of the
// folder, bytes that no name claims, a name in front of the bytes that is not the one in the list at the end.
func openArchive(r io.ReaderAt, size int64) (a *archive, err error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("it is no zip: %w", err)
	}
	if z.Comment != "" {
		return nil, errors.New("the zip has a comment")
	}
	if len(z.File) > maxFiles {
		return nil, fmt.Errorf("the zip has more than %d files", maxFiles)
	}
	a = &archive{map[string]*zip.File{}}
	type place struct{ from, to int64 }
	var places []place
	for _, f := range z.File {
		if !fileName.MatchString(f.Name) {
			return nil, fmt.Errorf("the zip has a file %q, which no pack has", f.Name)
		}
		if a.files[f.Name] != nil {
			return nil, fmt.Errorf("the zip has two files %s", f.Name)
		}
		a.files[f.Name] = f
		if f.Method != zip.Store && f.Method != zip.Deflate || f.Flags&1 != 0 || f.Mode()&^0o777 != 0 || len(f.Extra) > 0 || f.Comment != "" {
			return nil, fmt.Errorf("the file %s is not kept as a pack keeps it", f.Name)
		}
		data, err := f.DataOffset()
		if err != nil {
			return nil, fmt.Errorf("the file %s is not where the zip says", f.Name)
		}
		from := data - 30 - int64(len(f.Name))
		head := make([]byte, 30+len(f.Name))
		if from < 0 {
			return nil, fmt.Errorf("the file %s is not where the zip says", f.Name)
		}
		if _, err := r.ReadAt(head, from); err != nil {
			return nil, fmt.Errorf("the file %s is not where the zip says", f.Name)
		}
		if binary.LittleEndian.Uint32(head) != 0x04034b50 || binary.LittleEndian.Uint16(head[26:]) != uint16(len(f.Name)) || !bytes.Equal(head[30:], []byte(f.Name)) {
			return nil, fmt.Errorf("the file %s has another name in front of its bytes", f.Name)
		}
		places = append(places, place{from, data + int64(f.CompressedSize64)})
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.from, b.from) })
	at := int64(0)
	for _, p := range places {
		// Behind the bytes stand their sizes once more, 24 bytes at most.
		if p.to < p.from || p.from < at || p.from > at+24 || at == 0 && p.from != 0 {
			return nil, errors.New("the zip holds bytes that no file of it claims, or that two claim")
		}
		at = p.to
	}
	return a, nil
}

// open gives a file's bytes; they end after limit, whatever the zip says.
func (a *archive) open(name string, limit int64) (io.ReadCloser, error) {
	f := a.files[name]
	if f == nil {
		return nil, errors.New("it is not there")
	}
	if f.UncompressedSize64 > uint64(limit) {
		return nil, fmt.Errorf("it has %d bytes, more than the %d that it may have", f.UncompressedSize64, limit)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, limit+1), r}, nil
}

// read gives a small file whole.
func (a *archive) read(name string, limit int64) ([]byte, error) {
	r, err := a.open(name, limit)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("it has more than %d bytes", limit)
	}
	return b, err
}
