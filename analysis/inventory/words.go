// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

// words keeps one copy of strings that many assets share: names of attributes, vendors, models, places.
type words map[string]string

// of returns the shared string of these bytes; unlike keep it does not allocate where the string is known.
func (w words) of(b []byte) string {
	if s, ok := w[string(b)]; ok {
		return s
	}
	return w.keep(string(b))
}

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
