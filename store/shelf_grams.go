// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

// gramKinds is how many kinds of three bytes are told apart, by a hash.
const gramKinds = 1 << 12

// blockRows is how many rows share a signature: those of one byte of a set.
const blockRows = 8

// grams are signatures of texts, laid out by kind: for each kind of three bytes the blocks of rows in which it occurs. The
// blocks in which a word may occur are those that all of its kinds have in common (a bit-sliced signature file; Faloutsos and
// Christodoulakis, ACM TOIS 2(4), 1984). What they leave is looked at by itself, so a hash that two kinds share costs time alone.
type grams struct {
	stride int // words of a kind's set
	sets   []uint64
}

func gramKind(a, b, c byte) uint32 {
	return (uint32(a) | uint32(b)<<8 | uint32(c)<<16) * 0x9E3779B1 >> 20
}

// gramsOf makes the signatures of texts.
func gramsOf(t *texts) *grams {
	g := &grams{stride: gramStride(len(t.end))}
	g.sets = make([]uint64, g.stride*gramKinds)
	var seen [gramKinds]uint32 // 1 + the block that set it last
	for p := range t.end {
		block := p / blockRows
		mark := uint32(block + 1)
		text := t.at(p)
		for i := 2; i < len(text); i++ {
			if k := gramKind(text[i-2], text[i-1], text[i]); seen[k] != mark {
				seen[k] = mark
				g.sets[int(k)*g.stride+block/64] |= 1 << (block % 64)
			}
		}
	}
	return g
}

// limit leaves in a set of rows those of blocks in which a word may occur.
func (g *grams) limit(found bits, word string) {
	if len(word) < 3 {
		return
	}
	common := make([]uint64, g.stride)
	for i := range common {
		common[i] = ^uint64(0)
	}
	for i := 2; i < len(word); i++ {
		k := int(gramKind(word[i-2], word[i-1], word[i]))
		for j, w := range g.sets[k*g.stride : (k+1)*g.stride] {
			common[j] &= w
		}
	}
	const perWord = 64 / blockRows
	for i, w := range found {
		if w == 0 {
			continue
		}
		eight := common[i*perWord/64] >> (i * perWord % 64) & (1<<perWord - 1)
		var mask uint64
		for b := range perWord {
			mask |= (eight >> b & 1) * 0xff << (b * blockRows)
		}
		found[i] = w & mask
	}
}

// gramStride is how many words a kind's set has for so many rows.
func gramStride(rows int) int { return ((rows+blockRows-1)/blockRows + 63) / 64 }

// gramsSize is how much memory the signatures of so many rows take, in bytes.
func gramsSize(rows int) int64 { return int64(gramStride(rows)) * gramKinds * 8 }
