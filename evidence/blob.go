// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"io"
	"os"
)

// Blob is a file of bytes that is open for reading at any place. Reading at several places at once must be safe.
type Blob interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// OpenBlob opens a blob. It may be called any number of times, from several goroutines; each result is closed by who
// asked for it. Where files are encrypted at rest, it is what decrypts.
type OpenBlob func() (Blob, error)

// File opens a plain file as a blob.
func File(path string) OpenBlob {
	return func() (Blob, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, err
		}
		return &fileBlob{f, info.Size()}, nil
	}
}

type fileBlob struct {
	*os.File
	size int64
}

func (b *fileBlob) Size() int64 { return b.size }
