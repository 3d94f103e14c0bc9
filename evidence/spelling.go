// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

// maxSpelled is how many bytes of a word are compared: what readers suggest are names, and those are short.
const maxSpelled = 64

// Edits is the number of insertions, deletions and substitutions of bytes between two words, for suggesting what was
// meant (Levenshtein 1966). Words of more than 64 bytes count as 64 edits from anything.
func Edits(a, b string) int {
	if len(a) > maxSpelled || len(b) > maxSpelled {
		return maxSpelled
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}
