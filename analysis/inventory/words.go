// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import "breakwater/evidence"

// words keeps one copy of strings that many assets share: vendors, models, places.
type words map[string]string

// keep returns the shared copy of s.
func (w words) keep(s string) string {
	if k, ok := w[s]; ok {
		return k
	}
	if len(w) < 1<<16 {
		w[s] = s
	}
	return s
}

// vocabulary numbers the words of closed lists that stand in rows: names of attributes, protocols, operations, verbs.
type vocabulary struct {
	list []string
	ids  map[string]uint32
}

func (t *vocabulary) id(b []byte) uint32 {
	if n, ok := t.ids[string(b)]; ok {
		return n
	}
	n := uint32(len(t.list))
	t.list = append(t.list, string(b))
	t.ids[t.list[n]] = n
	return n
}

// translation turns the numbers of strings of one ledger into those of the vocabulary.
type translation struct {
	view  *evidence.View
	vocab *vocabulary
	known map[evidence.Text]uint32
}

func (t *translation) id(x evidence.Text) uint32 {
	n, ok := t.known[x]
	if !ok {
		n = t.vocab.id(t.view.TextBytes(x))
		t.known[x] = n
	}
	return n
}
