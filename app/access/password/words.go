// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package password

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// words are the first 8 bytes of the SHA-256 of each word, sorted. With ten million words one password in 10^12 is
// refused that is not on the list.
type words []uint64

const (
	mostWordBytes = 256 << 20
	mostWords     = 10_000_000
)

func wordKey(normal string) uint64 {
	sum := sha256.Sum256([]byte(strings.ToLower(normal)))
	return binary.BigEndian.Uint64(sum[:8])
}

func readWords(r io.Reader, size int64) (words, error) {
	if size > mostWordBytes {
		return nil, fmt.Errorf("the list has %d MiB; a plain list may have %d", size>>20, mostWordBytes>>20)
	}
	var list words
	unread := 0
	in := bufio.NewReaderSize(io.LimitReader(r, mostWordBytes), 64<<10)
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return nil, errors.New("the file is not a list of words: a line is longer than 64 KiB")
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("the list cannot be read: %w", cause(err))
		}
		if first {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if bytes.IndexByte(line, 0) >= 0 {
			return nil, errors.New("the file is not a list of words: it holds zero bytes")
		}
		if word := strings.TrimRight(string(line), "\r\n"); word != "" {
			if normal, bad := Normal(word); bad == nil {
				list = append(list, wordKey(normal))
			} else {
				unread++ // cannot be anybody's password here
			}
		}
		if len(list) > mostWords {
			return nil, fmt.Errorf("the list has more than %d words", mostWords)
		}
		if err != nil {
			break
		}
	}
	if len(list) == 0 || unread > len(list) {
		return nil, errors.New("the file is not a list of words")
	}
	slices.Sort(list)
	return slices.Clip(slices.Compact(list)), nil
}

func (w words) contains(_ *[hashDigits]byte, normal string) (bool, error) {
	_, known := slices.BinarySearch(w, wordKey(normal))
	return known, nil
}

// Close has nothing to give back.
func (words) Close() error { return nil }
