// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package lists writes an assessment as the JSON Lines files that other programs read: one object per line, the field
// names of the harbour types, instants as RFC 3339 in UTC, absent instants as null, lists never null.
//
// Use [Write] with the folder of the run. Files are first written under hidden temporary names and synced; only when
// all of them are whole are they renamed, summary.json last. A folder that holds summary.json therefore holds a
// complete set, and one without it was left by a run that did not finish. A failed run removes what it wrote and
// leaves an earlier set as it was.
//
// The lists are streamed: memory is one line and one buffer, however long a list is. [Write] must not run twice at the
// same time in one folder. Where the disk is full it returns a [harbour.Error] of kind [harbour.ErrFull] that says how
// much was written; where the context ends, one of kind [harbour.ErrCancelled].
package lists
