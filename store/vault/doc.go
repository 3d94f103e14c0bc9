// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package vault keeps evidence files, captures, configurations and ledgers on disk, encrypted, each once, and found by
// the SHA-256 of what is in it. Its format is in docs/formats/vault.md, what it protects against in docs/vault.md.
//
// [Open] opens a folder and makes it at first use, with a master key that may lie on another medium ([KeySource]).
// [Vault.Put] streams an object in, [Vault.Open] gives it back with random access, [Vault.Delete] makes it unreadable
// for good, [Vault.Verify] reads everything through. [Vault.Rotate] changes the master key without rewriting content.
// [Vault.Seal] encrypts a small secret that is stored elsewhere, such as in the database.
//
// # How an object lies on disk
//
// The content is an age file (age-encryption.org/v1) that is written once and never changed. Its data key lies apart, in
// a key record of 216 bytes, encrypted under the master key. The record is what makes an object exist: it is put in place by
// one rename after the content is on disk. Rotation replaces records, deletion destroys one.
//
// # Concurrency
//
// A Vault and its Readers are safe for concurrent use. One process at a time may hold a vault open for writing; others
// may open it with Options.ReadOnly meanwhile.
//
// # When full or broken
//
// Put refuses with harbour.ErrFull where less than Options.Reserve would stay free or the disk is full, and leaves
// nothing behind. A process that is killed leaves files in the folder staging, which the next Open finishes or removes.
// Damaged, cut, swapped or foreign files are harbour.ErrUnreadable, with the object and the bytes named; nothing that
// failed its check is ever handed out. Putting the same content again mends a damaged object.
package vault
