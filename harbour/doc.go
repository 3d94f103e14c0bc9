// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package harbour is Breakwater's vocabulary as Go types: what is in a port, how it ties together, and where each
// statement about it came from.
//
// It imports the standard library alone and does no I/O. Every other package speaks in these words. A fact is never a bare value: an [Attribute] carries the [Observation]s behind it, so a page
// can open any statement down to the frame, row or line it rests on.
//
// All types are plain data. They are not safe for concurrent mutation; share them read-only.
package harbour
