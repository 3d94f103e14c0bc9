// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package evidence is what all kinds of evidence share: the [Kind] that reads one format, the [Source] it reads from,
// and the [Ledger] into which it writes what it saw.
//
// A kind lives in a folder of its own below this one (packet, sheet, portfile) and is registered with one line where the
// program lists its kinds. It turns bytes into observations and never concludes anything: which observations belong to
// one asset, and what is wrong, is decided by the analyses.
//
// A Ledger holds one evidence's observations in aggregated, compact form: equal observations are one row with a count,
// first and last time and at most three places. Its tables are bounded by a [Pool]; when that is empty, new rows are
// refused, existing ones go on counting, and a counter that ends up in the evidence's record says how much was refused.
// Rows are kept in order of first appearance, so the same bytes always give the same ledger.
//
// A Ledger belongs to one goroutine while it is written, and may be read by many afterwards.
package evidence
