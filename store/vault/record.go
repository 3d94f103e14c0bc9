// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"
)

// record is the key record of an object: what wraps its data key and says where its content is.
//
//	 0   8  magic, the last byte is the version
//	 8   8  id of the master key
//	16  32  name of the object: HMAC-SHA-256 of its SHA-256 under the vault's name key
//	48  16  id of the content, the name of its file
//	64 152  nonce (24), then sealed and bound to bytes 0 to 63: data key (16), SHA-256 (32), size (8), stored at (8), zeros (48); tag (16)
type record struct {
	key     keyID
	name    name
	content contentID

	// sealed:
	dataKey [16]byte
	sha     [32]byte
	bytes   int64
	stored  time.Time
}

type (
	name      [32]byte
	contentID [16]byte
)

func (n name) String() string      { return hex.EncodeToString(n[:]) }
func (c contentID) String() string { return hex.EncodeToString(c[:]) }

const (
	recordMagic  = "BWVKEY\x00\x01"
	recordHead   = 64
	recordSecret = 112
	recordSize   = recordHead + sealOverhead + recordSecret
)

var (
	errRecordForm = errors.New("not a key record of this version")
	errRecordSum  = errors.New("the key record was altered, or belongs to another key")
)

// readRecordHead reads what is open in a key record; anybody may have written it until openRecord has checked it.
func readRecordHead(b []byte) (r record, err error) {
	if len(b) != recordSize || string(b[:8]) != recordMagic {
		return r, errRecordForm
	}
	copy(r.key[:], b[8:])
	copy(r.name[:], b[16:])
	copy(r.content[:], b[48:])
	return r, nil
}

// openRecord reads a whole key record with the wrapping key that its head names.
func openRecord(b []byte, wrap sealer) (record, error) {
	r, err := readRecordHead(b)
	if err != nil {
		return r, err
	}
	secret, err := wrap.open(b[recordHead:], b[:recordHead])
	if err != nil {
		return r, errRecordSum
	}
	copy(r.dataKey[:], secret)
	copy(r.sha[:], secret[16:])
	size, at := binary.BigEndian.Uint64(secret[48:]), binary.BigEndian.Uint64(secret[56:])
	r.bytes, r.stored = int64(size), time.UnixMicro(int64(at)).UTC()
	if r.bytes < 0 || !bytes.Equal(secret[64:], make([]byte, recordSecret-64)) {
		return r, errRecordForm
	}
	return r, nil
}

// seal writes the record under a master key.
func (r record) seal(key keyID, wrap sealer) []byte {
	b := make([]byte, 0, recordSize)
	b = append(b, recordMagic...)
	b = append(b, key[:]...)
	b = append(b, r.name[:]...)
	b = append(b, r.content[:]...)
	secret := make([]byte, recordSecret)
	copy(secret, r.dataKey[:])
	copy(secret[16:], r.sha[:])
	binary.BigEndian.PutUint64(secret[48:], uint64(r.bytes))
	binary.BigEndian.PutUint64(secret[56:], uint64(r.stored.UnixMicro()))
	return wrap.seal(b, secret, b[:recordHead])
}
