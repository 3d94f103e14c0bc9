// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package entrance

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestQR draws the path on a grid and looks for what every QR code has: three finders of seven, one missing, a quiet zone,
// and the dark module beside the lower finder.
func TestQR(t *testing.T) {
	q := qrOf("otpauth://totp/Breakwater:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Breakwater")
	if (q.side-2*quiet-17)%4 != 0 || q.side < 21+2*quiet {
		t.Fatalf("no side of a QR code: %d", q.side)
	}
	grid := make([][]bool, q.side)
	for i := range grid {
		grid[i] = make([]bool, q.side)
	}
	n := 0
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(q.path, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		w, _ := strconv.Atoi(m[3])
		for i := range w {
			grid[y][x+i] = true
		}
		n += len(m[0])
	}
	if n != len(q.path) {
		t.Fatalf("the path holds something else: %.80s", q.path)
	}
	finder := func(x, y int) bool {
		for dy := range 7 {
			for dx := range 7 {
				ring := dx == 0 || dx == 6 || dy == 0 || dy == 6
				core := dx >= 2 && dx <= 4 && dy >= 2 && dy <= 4
				if grid[y+dy][x+dx] != (ring || core) {
					return false
				}
			}
		}
		return true
	}
	far := q.side - quiet - 7
	if !finder(quiet, quiet) || !finder(far, quiet) || !finder(quiet, far) || finder(far, far) {
		t.Error("the finders are not where they belong")
	}
	if !grid[q.side-quiet-8][quiet+8] {
		t.Error("the dark module is light")
	}
	for i := range q.side {
		for d := range quiet {
			if grid[d][i] || grid[q.side-1-d][i] || grid[i][d] || grid[i][q.side-1-d] {
				t.Fatal("something stands in the quiet zone")
			}
		}
	}
	if qrOf(strings.Repeat("x", 5000)).side != 0 {
		t.Error("a text that fits into no code gives one")
	}
}
