// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package imports is the living pipeline: evidence in, state out.
//
// [Imports.Give] streams a file into the vault and records it as evidence with the first entry of its chain of custody.
// A job reads it into a ledger, which goes into the vault too; a second job builds the inventory of all evidence that
// counts, with the port file that was given last and what people stated and decided, stages it and publishes it as the
// next generation. What is done with a file and with ledgers is package pipeline's, as for the command assess.
//
// # What happens when
//
// The record of an evidence says where it stands: received, read, unreadable, withdrawn, deleted. Content that was given
// before is one evidence. What no kind knows is kept, with what was tried. Withdrawn evidence no longer counts at the next
// build and can be restored; what is under a legal hold is neither withdrawn nor deleted by anybody.
//
// # When it is stopped
//
// The published state stands until the next one is whole. A job that was cancelled or killed at any moment leaves rows
// that nobody sees, which the next build clears; done again it gives the same. A program that is killed between the last
// byte of a file and its record leaves bytes in the vault that count for nothing; the same file given again takes them up.
//
// # Concurrency
//
// An Imports is safe for concurrent use. Readings share a few places, builds are one at a time; work that waits for a
// place can be cancelled. Each reading and each build works in [Options.Memory].
package imports
