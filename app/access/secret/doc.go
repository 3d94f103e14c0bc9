// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package secret makes the random strings that stand for a person or a program, and tells them apart later.
//
// There are three shapes:
//
//   - [NewSession]: 32 random bytes for a cookie. Nobody reads it.
//   - [NewAPI]: a token for a program. It starts with "bw_" and ends with a checksum, so that scanners find one that was
//     committed to a repository by mistake, and a mangled one is refused without asking the database.
//   - [NewLetters]: five groups of five letters for a person who reads them from a terminal or from paper: the one-time
//     token of the first set-up, and recovery codes.
//
// Each is at least 113 bits from the system's random source, so a plain fast hash of it is safe to keep: nobody can
// guess through that many. Only the [Digest] is stored, the string itself is shown once. Digests of different shapes
// never meet, because what a string is for goes into its digest: a session cannot be used as a recovery code.
//
// Look a token up by its digest; the comparison is then the database's search for a value that the caller cannot
// choose freely. Where a digest is compared in the program, use [Digest.Equal], which takes the same time wherever
// two digests differ.
//
// # Concurrency
//
// All functions are safe for concurrent use. Nothing is kept.
package secret
