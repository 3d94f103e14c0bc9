// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import "strings"

// headingMark parts property and heading in the key of a heading among [Ledger.Entries]; no path of a port file holds it.
const headingMark = "\x00"

// NoteHeading keeps under which heading a table gives a property, so that what is found wrong later can name the column. at is
// the row of the heading. [Ledger.Heading] gives it back.
func (l *Ledger) NoteHeading(property, heading string, at Place) {
	if l.Entries == nil {
		l.Entries = map[string]Place{}
	}
	key := property + headingMark + heading
	for _, known := l.Entries[key]; known && l.Entries[key] != at; _, known = l.Entries[key] {
		key += headingMark // the same heading on another sheet, or above another table
	}
	l.Entries[key] = at
}

// Heading gives the heading under which a property of a place stands: the last one above it on its sheet; "" for none.
func (l *Ledger) Heading(property string, at Place) (heading string) {
	above := Place(0)
	for key, row := range l.Entries {
		name, text, ok := strings.Cut(key, headingMark)
		if ok && name == property && row>>32 == at>>32 && row <= at && row >= above {
			if text = strings.TrimRight(text, headingMark); row > above || text < heading || heading == "" {
				heading, above = text, row
			}
		}
	}
	return heading
}
