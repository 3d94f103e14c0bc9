// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"breakwater/harbour"
)

// The first byte of a body says how it is kept.
const (
	bodyPlain = 'p'
	bodyZstd  = 'z'
)

// maxBody bounds what a body may unpack to.
const maxBody = 64 << 20

var codec = sync.OnceValues(func() (*zstd.Encoder, *zstd.Decoder) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithWindowSize(64<<10))
	if err != nil {
		panic(err) // options of this file
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(4), zstd.WithDecoderMaxMemory(maxBody))
	if err != nil {
		panic(err)
	}
	return e, d
})

func compress(b []byte) []byte {
	if len(b) < 512 {
		return append([]byte{bodyPlain}, b...)
	}
	e, _ := codec()
	return e.EncodeAll(b, append(make([]byte, 0, len(b)/2), bodyZstd))
}

func decompress(b []byte) ([]byte, error) {
	switch {
	case len(b) > 0 && b[0] == bodyPlain:
		return b[1:], nil
	case len(b) > 0 && b[0] == bodyZstd:
		_, d := codec()
		return d.DecodeAll(b[1:], nil)
	}
	return nil, errors.New("a stored record is damaged")
}

func pack(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	return compress(b), err
}

func notFound(err error, what, id string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return &harbour.Error{Kind: harbour.ErrNotFound, Op: "find " + what, Message: fmt.Sprintf("there is no %s %s, or you may not see it", what, id)}
	}
	return err
}
