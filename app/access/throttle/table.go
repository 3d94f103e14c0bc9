// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package throttle

// table is a map with a bound. When full, the entry of least worth among a few makes room.
type table[K comparable, V any] struct {
	m       map[K]V
	max     int
	worth   func(V) float64
	evicted uint64
}

// looked is how many entries are looked at for one to evict. The first entries of a map in its own order are as good
// as random ones.
const looked = 16

func (t *table[K, V]) init(limit int, worth func(V) float64) {
	t.m, t.max, t.worth = map[K]V{}, max(limit, 1), worth
}

func (t *table[K, V]) get(k K) V { return t.m[k] }

func (t *table[K, V]) drop(k K) { delete(t.m, k) }

func (t *table[K, V]) put(k K, v V) {
	if _, known := t.m[k]; !known && len(t.m) >= t.max {
		var least K
		var worth float64
		n := 0
		for key, val := range t.m {
			if w := t.worth(val); n == 0 || w < worth {
				least, worth = key, w
			}
			if n++; n == looked {
				break
			}
		}
		delete(t.m, least)
		t.evicted++
	}
	t.m[k] = v
}
