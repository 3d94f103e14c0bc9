// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package flow keeps the table of flows and puts TCP streams in order.
//
// A [Flow] is what two addresses and ports exchange in one VLAN, both directions in one entry. The [Table] has a fixed
// capacity. When it is full a clock hand looks for an entry to give up: closed and idle flows first, then unanswered
// ones, then the least recently used of those it sees. The caller folds an evicted flow into its results first, so
// nothing that was counted is lost; only the inspection of that flow ends.
//
// A [Half] orders one direction of a TCP stream with bounded memory: segments in order pass through without a copy, a
// few out of order are held, a gap that does not close is skipped and said so.
//
// Neither type is safe for concurrent use.
package flow
