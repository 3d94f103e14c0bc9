// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
)

// Reader reads one object from any place. ReadAt may be called from several goroutines at once; Read and Seek share a
// position. What it gives has been checked, chunk by chunk of 64 KiB.
type Reader struct {
	obj     Object
	file    *os.File
	content io.ReaderAt
	pos     int64
	last    atomic.Pointer[block]
}

// block is one chunk as it was last read, for the many small reads that follow one another.
type block struct {
	start int64
	data  []byte
}

var (
	_ io.ReaderAt   = (*Reader)(nil)
	_ io.ReadSeeker = (*Reader)(nil)
	_ io.Closer     = (*Reader)(nil)
)

// Open opens the object with this SHA-256 for reading. That it is of its full length is known from then on; each chunk
// is checked when it is read, the SHA-256 of the whole by [Vault.Verify].
//
// Errors: ErrNotFound, ErrUnreadable where it is damaged.
func (v *Vault) Open(sha256 string) (*Reader, error) {
	const op = "open object"
	r, err := v.find(op, sha256)
	if err != nil {
		return nil, err
	}
	return v.reader(op, r)
}

func (v *Vault) reader(op string, r record) (*Reader, error) {
	f, size, err := v.contentOf(r)
	for errors.Is(err, fs.ErrNotExist) {
		if _, going := os.Stat(v.staged(r.content, r.name, ".del")); going == nil {
			return nil, notFound(op, r.object().SHA256) // being deleted
		}
		now, changed := v.recordOf(r.name)
		if errors.Is(changed, fs.ErrNotExist) {
			return nil, notFound(op, r.object().SHA256) // deleted meanwhile
		}
		if changed != nil || now.content == r.content {
			break
		}
		r = now // deleted and put again
		f, size, err = v.contentOf(r)
	}
	o, path := r.object(), v.contentPath(r.content)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, damaged(op, o.SHA256, path, "its content is missing", nil)
	}
	if err != nil {
		return nil, damaged(op, o.SHA256, path, "its content cannot be read", err)
	}
	content, err := decryptContent(f, size, r.bytes, r.box())
	if err != nil {
		f.Close()
		what := "its header or its end does not check"
		switch {
		case errors.Is(err, errLength):
			what = fmt.Sprintf("its content is of %d bytes on disk and should be of %d", size, storedSize(r.bytes))
		case errors.Is(err, errForeign):
			what = "its file holds the content of another object"
		}
		return nil, damaged(op, o.SHA256, path, what, err)
	}
	return &Reader{obj: o, file: f, content: content}, nil
}

// Object says what is read.
func (r *Reader) Object() Object { return r.obj }

// Size is the length of the content in bytes.
func (r *Reader) Size() int64 { return r.obj.Bytes }

// Close ends reading. Calls of ReadAt that follow fail.
func (r *Reader) Close() error { return r.file.Close() }

// ReadAt reads as io.ReaderAt says. Where a chunk does not check, it returns the bytes before it and ErrUnreadable.
func (r *Reader) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, &fs.PathError{Op: "read", Path: r.obj.SHA256, Err: fs.ErrInvalid}
	}
	for n < len(p) && err == nil {
		at := off + int64(n)
		if at >= r.obj.Bytes {
			return n, io.EOF
		}
		var got int
		if at%chunkSize == 0 && len(p)-n >= chunkSize {
			got, err = r.read(p[n:], at)
		} else {
			var b *block
			if b, err = r.chunk(at); err == nil {
				got = copy(p[n:], b.data[at-b.start:])
			}
		}
		n += got
	}
	return n, err
}

// chunk gives the chunk around a place.
func (r *Reader) chunk(at int64) (*block, error) {
	start := at - at%chunkSize
	if b := r.last.Load(); b != nil && b.start == start {
		return b, nil
	}
	b := &block{start, make([]byte, min(chunkSize, r.obj.Bytes-start))}
	if _, err := r.read(b.data, start); err != nil {
		return nil, err
	}
	r.last.Store(b)
	return b, nil
}

// read decrypts into p from the start of a chunk, and names the chunk that fails.
func (r *Reader) read(p []byte, at int64) (int, error) {
	p = p[:min(int64(len(p)), r.obj.Bytes-at)]
	n, err := r.content.ReadAt(p, at)
	if n == len(p) || err == nil {
		return n, nil
	}
	if errors.Is(err, fs.ErrClosed) {
		return n, err
	}
	from := (at + int64(n)) / chunkSize * chunkSize
	to := min(from+chunkSize, r.obj.Bytes)
	return n, damaged("read object", r.obj.SHA256, r.file.Name(), fmt.Sprintf("bytes %d to %d do not check", from, to-1), err)
}

// Read reads on from the position.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := r.ReadAt(p, r.pos)
	r.pos += int64(n)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// Seek sets the position for Read.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.pos
	case io.SeekEnd:
		offset += r.obj.Bytes
	case io.SeekStart:
	default:
		offset = -1
	}
	if offset < 0 {
		return r.pos, &fs.PathError{Op: "seek", Path: r.obj.SHA256, Err: fs.ErrInvalid}
	}
	r.pos = offset
	return offset, nil
}
