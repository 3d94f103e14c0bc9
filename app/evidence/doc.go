// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package evidence is the use case of looking evidence up: what there is, its chain of custody and its problems, the
// bytes themselves ([Evidence.Download]), and the place behind a statement ([Evidence.Proof]): a frame with its layers,
// fields and bytes, a row of a spreadsheet, lines of a port file.
//
// # Secrets
//
// Passwords that cross a network in clear are never shown among decoded fields, nor are cells below headings that name
// them. Who may not download evidence gets the bytes of such a frame with the secret masked. Taking bytes out of the
// system (a download, a slice) needs the right to download, and is in the chain of custody and in the audit log before the
// first byte is handed over.
//
// # Bounds
//
// A frame is found through the index that was made when its capture was read, in about the time that a mebibyte takes to
// read; in a compressed capture what precedes it has to be unpacked, up to [MaxUnpacked]. A slice holds at most
// [MaxSlice] bytes and looks through at most [MaxSearched].
//
// # Concurrency
//
// An Evidence is safe for concurrent use. What it hands out belongs to one request and is closed by it.
package evidence
