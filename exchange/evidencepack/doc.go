// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package evidencepack is the format of an evidence pack: a zip that somebody verifies without Breakwater, without a
// network and without trusting who brought it. docs/formats/evidence-pack.md describes it for those who write a verifier of
// their own.
//
// [Writer] writes one. [Verify] reads one and says line by line what holds, what does not, and what each statement rests
// on. The package uses the standard library alone, so that the verifier can be read in an afternoon.
//
// # Bounds
//
// A pack is untrusted until it is verified. Verify reads every file of it once, in a stream, and never more of it than
// the manifest names; the manifest, a line and the number of lines have bounds of their own. It never panics.
//
// # Concurrency
//
// A Writer belongs to one goroutine. Verify keeps no state.
package evidencepack
