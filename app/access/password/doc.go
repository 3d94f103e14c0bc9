// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package password decides which passwords may be set, and hashes and verifies them.
//
// # Hashing
//
// A [Hasher] writes PHC strings: argon2id by default, or PBKDF2-HMAC-SHA-256 where only methods approved by FIPS 140
// are allowed. It verifies both whatever the setting, and says when a stored string was made with less than the
// setting, so that the caller hashes the password again while it has it. The OWASP password storage advice (argon2id
// with 19 MiB and 2 passes, PBKDF2 with 600,000 rounds) is the least that is accepted; the default is above it.
//
// argon2id takes its memory for each password under way. At most [Options.AtOnce] run at a time; others queue, and when
// the queue is full the answer is an error of kind unavailable rather than more memory. An account that does not exist
// gets [Hasher.Pretend], which takes the same time.
//
// # What may be set
//
// [Checker.Check] follows SP 800-63B: length counts (12 to 256 characters), composition does not, nothing expires, and
// what attackers try first is refused: passwords known from breaches, words that stand for this person and this
// port, and what a short rule produces (runs on the keyboard, repetition, a common word with a year). Breaches are
// looked up without a network in files that the operator provides: see [OpenBreached] for the formats. For a
// password without a second factor SP 800-63B advises at least 15 characters; set [Checker.MinLength] then.
//
// Passwords are compared in the form [Normal] gives them: one spelling for characters that Unicode can spell in two
// ways, so that a password typed on a phone is the one that was set on a desk.
//
// # Concurrency
//
// Hasher, Checker and what OpenBreached returns are safe for concurrent use. Nothing here logs.
package password
