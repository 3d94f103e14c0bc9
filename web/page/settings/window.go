// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package settings

import "slices"

// rowsOfPage is how many rows of a short list a page shows.
const rowsOfPage = 50

// window is a page of a list that is read as a whole, by key: cursor is the key of the last row before it, "" for the
// first page. What a cursor no longer finds begins anew.
type window[T any] struct {
	Items          []T
	Next, Previous string
	Total          int
}

// first is the cursor of the first page, where an earlier one is led to.
const first = "-"

func windowOf[T any](list []T, cursor string, key func(*T) string) window[T] {
	at := 0
	if cursor != "" && cursor != first {
		at = slices.IndexFunc(list, func(x T) bool { return key(&x) == cursor }) + 1
	}
	w := window[T]{Total: len(list), Items: list[at:min(at+rowsOfPage, len(list))]}
	if end := at + rowsOfPage; end < len(list) {
		w.Next = key(&list[end-1])
	}
	switch {
	case at > rowsOfPage:
		w.Previous = key(&list[at-rowsOfPage-1])
	case at > 0:
		w.Previous = first
	}
	return w
}
