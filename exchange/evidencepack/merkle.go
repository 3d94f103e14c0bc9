// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidencepack

import (
	"crypto/sha256"
	"encoding/hex"
)

// Hash is a SHA-256.
type Hash = [sha256.Size]byte

// leafHash is the hash of an entry as a leaf of the tree (RFC 9162, section 2.1.1).
func leafHash(record []byte) Hash {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(record)
	return Hash(h.Sum(nil))
}

func nodeHash(left, right Hash) Hash {
	h := sha256.New()
	h.Write([]byte{1})
	h.Write(left[:])
	h.Write(right[:])
	return Hash(h.Sum(nil))
}

// included says whether a proof leads from the leaf of a number to the root of a tree (RFC 9162, section 2.1.3.2).
func included(leaf Hash, seq, size int64, proof []Hash, root Hash) bool {
	if seq < 0 || seq >= size {
		return false
	}
	at, last, got := seq, size-1, leaf
	for _, p := range proof {
		if last == 0 {
			return false
		}
		if at&1 == 1 || at == last {
			got = nodeHash(p, got)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			got = nodeHash(got, p)
		}
		at, last = at>>1, last>>1
	}
	return last == 0 && got == root
}

// goesOn says whether a proof shows that a tree goes on from an earlier one (RFC 9162, section 2.1.4.2).
func goesOn(first int64, firstRoot Hash, second int64, secondRoot Hash, proof []Hash) bool {
	if first <= 0 || first > second {
		return false
	}
	if first == second {
		return len(proof) == 0 && firstRoot == secondRoot
	}
	if first&(first-1) == 0 { // a whole tree is a node of the later one, and not repeated
		proof = append([]Hash{firstRoot}, proof...)
	}
	if len(proof) == 0 {
		return false
	}
	at, last := first-1, second-1
	for at&1 == 1 {
		at, last = at>>1, last>>1
	}
	before, after := proof[0], proof[0]
	for _, p := range proof[1:] {
		if last == 0 {
			return false
		}
		if at&1 == 1 || at == last {
			before, after = nodeHash(p, before), nodeHash(p, after)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			after = nodeHash(after, p)
		}
		at, last = at>>1, last>>1
	}
	return last == 0 && before == firstRoot && after == secondRoot
}

// maxProof is how long a proof can be: twice the height of the highest tree that numbers allow.
const maxProof = 2 * 63

func readHash(s string) (h Hash, ok bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) || hex.EncodeToString(b) != s {
		return h, false
	}
	return Hash(b), true
}

func readProof(list []string) (proof []Hash, ok bool) {
	if len(list) > maxProof {
		return nil, false
	}
	for _, s := range list {
		h, ok := readHash(s)
		if !ok {
			return nil, false
		}
		proof = append(proof, h)
	}
	return proof, true
}
