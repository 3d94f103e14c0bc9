// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import "sync/atomic"

// Pool is the memory that the ledgers of one run share. A ledger takes from it in pieces as its tables grow, so that a
// small spreadsheet with many assets and a large capture with few each get what they need. It is safe for concurrent
// use.
type Pool struct {
	left    atomic.Int64
	size    int64
	refused atomic.Bool
}

// NewPool returns a pool of the given number of bytes.
func NewPool(bytes int64) *Pool {
	p := &Pool{size: bytes}
	p.left.Store(bytes)
	return p
}

// Take takes n bytes and says whether they were there.
func (p *Pool) Take(n int64) bool {
	if p.left.Add(-n) >= 0 {
		return true
	}
	p.left.Add(n)
	p.refused.Store(true)
	return false
}

// Give returns n bytes.
func (p *Pool) Give(n int64) { p.left.Add(n) }

// Size is the number of bytes in all.
func (p *Pool) Size() int64 { return p.size }

// Used is the number of bytes taken.
func (p *Pool) Used() int64 { return p.size - p.left.Load() }

// Refused says whether something was ever refused.
func (p *Pool) Refused() bool { return p.refused.Load() }

// piece is how much a ledger takes at a time.
const piece = 32 << 10

// What a row of each table costs in bytes: its size, its place in the index, and what growing by doubling leaves unused.
const (
	costEndpoint     = 112
	costConversation = 144
	costOperation    = 128
	costObservation  = 104
	costDeclared     = 80 // an observation without place in the index
	costText         = 28 // plus its length
)

// afford says whether the ledger may grow by n bytes.
func (l *Ledger) afford(n int64) bool {
	if l.left < n {
		if !l.limits.Pool.Take(max(n, piece)) {
			return false
		}
		l.left += max(n, piece)
		l.taken += max(n, piece)
	}
	l.left -= n
	return true
}
