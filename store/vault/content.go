// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"errors"
	"io"

	"filippo.io/age"
)

const (
	chunkSize    = 64 << 10 // of age's payload
	chunkTag     = 16
	stanzaType   = "breakwater-vault-1"
	contentStart = 142 // length of the header and nonce that every content file of this version begins with
)

// dataKeyBox takes part in age as a recipient and as an identity whose data key lies elsewhere: in the key record. The
// header of the age file names the content alone, and age binds the header to the data key.
type dataKeyBox struct {
	id  contentID
	key [16]byte
}

var (
	_ age.Recipient = (*dataKeyBox)(nil)
	_ age.Identity  = (*dataKeyBox)(nil)
)

// Wrap keeps the key that age drew and writes none of it into the file.
func (d *dataKeyBox) Wrap(key []byte) ([]*age.Stanza, error) {
	if len(key) != len(d.key) {
		return nil, errors.New("a data key of another length")
	}
	copy(d.key[:], key)
	return []*age.Stanza{{Type: stanzaType, Args: []string{d.id.String()}}}, nil
}

var errForeign = errors.New("it is the content of another object")

// Unwrap hands age the key for the content that the record names and no other.
func (d *dataKeyBox) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != stanzaType || len(stanzas[0].Args) != 1 || stanzas[0].Args[0] != d.id.String() {
		return nil, errForeign
	}
	return d.key[:], nil
}

// encryptContent gives a writer that encrypts to w. The data key is in the box afterwards.
func encryptContent(w io.Writer, box *dataKeyBox) (io.WriteCloser, error) {
	return age.Encrypt(w, box)
}

var errLength = errors.New("it was cut or lengthened")

// decryptContent opens content of size bytes on disk that holds want bytes. It reads the header and the last chunk.
func decryptContent(src io.ReaderAt, size, want int64, box *dataKeyBox) (io.ReaderAt, error) {
	if size != storedSize(want) {
		return nil, errLength
	}
	r, n, err := age.DecryptReaderAt(src, size, box)
	if err != nil {
		return nil, err
	}
	if n != want {
		return nil, errLength
	}
	return r, nil
}

// chunks is how many chunks size bytes make: an empty object has one.
func chunks(size int64) int64 { return max(1, (size+chunkSize-1)/chunkSize) }

// storedSize is what size bytes take on disk as content.
func storedSize(size int64) int64 { return contentStart + size + chunks(size)*chunkTag }

// plainSize is the inverse of storedSize, for counting without keys. It is wrong for files that are damaged.
func plainSize(stored int64) int64 {
	payload := max(0, stored-contentStart)
	n := max(1, (payload+chunkSize+chunkTag-1)/(chunkSize+chunkTag))
	return max(0, payload-n*chunkTag)
}
