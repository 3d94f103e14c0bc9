// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package entrance

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// qrCode is a QR code as a path of squares of one unit, within the quiet zone of four that ISO/IEC 18004 asks for.
type qrCode struct {
	side int // with the quiet zone; 0 for no code
	path string
}

const quiet = 4

func (q qrCode) box() string { return fmt.Sprintf("0 0 %d %d", q.side, q.side) }

// qrOf draws a text, which at the level of correction M may be 2,331 bytes long; what is longer gives no code. Runs of
// dark squares in a row are one rectangle, so that no renderer leaves hairlines between them.
func qrOf(text string) (q qrCode) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return q
	}
	b := code.Bounds()
	dark := func(x, y int) bool {
		if x >= b.Max.X {
			return false
		}
		g, _, _, _ := code.At(x, y).RGBA()
		return color.Gray16{Y: uint16(g)}.Y < 0x8000
	}
	var path strings.Builder
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if !dark(x, y) {
				continue
			}
			from := x
			for dark(x, y) {
				x++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from-b.Min.X+quiet, y-b.Min.Y+quiet, x-from, x-from)
		}
	}
	return qrCode{side: b.Dx() + 2*quiet, path: path.String()}
}
