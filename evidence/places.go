// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import "strconv"

// Place is where in an evidence something stands: a frame number, a row, a line; 0 is none. The ledger's Places turn it
// to words.
type Place uint64

// PlaceWords says how the places of an evidence read. It is data and not a function, so that it can be kept with the
// ledger. The zero value reads "frame 12".
type PlaceWords struct {
	// Unit is what is counted: frame, row, line.
	Unit string
	// Part is what holds the units, where an evidence has several: sheet. The upper 32 bits of a place then number the
	// part, from 1, and the lower the unit in it, 0 meaning the part as a whole.
	Part string
	// Parts are the names of the parts. One without a name is not mentioned.
	Parts []string
}

// In gives the place of a unit in a part.
func In(part, unit int) Place { return Place(uint64(uint32(part))<<32 | uint64(uint32(unit))) }

// Locator gives a place in words.
func (w *PlaceWords) Locator(p Place) string {
	unit := w.Unit
	if unit == "" {
		unit = "frame"
	}
	if w.Part == "" {
		var b [40]byte // a locator is made for every fact and conversation that is listed
		return string(strconv.AppendUint(append(append(b[:0], unit...), ' '), uint64(p), 10))
	}
	number := strconv.FormatUint(uint64(uint32(p)), 10)
	if i := int(p>>32) - 1; i >= 0 && i < len(w.Parts) && w.Parts[i] != "" {
		if uint32(p) == 0 {
			return w.Part + " " + w.Parts[i]
		}
		return w.Part + " " + w.Parts[i] + " " + unit + " " + number
	}
	return unit + " " + number
}
