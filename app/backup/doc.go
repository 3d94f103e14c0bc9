// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package backup copies a whole installation, while it runs, into a folder, and brings it back.
//
// [Make] copies the database as it is at one moment, what the vault holds, the signing key (sealed by the vault) and the
// newest checkpoint of the audit log. [Restore] makes an installation of that in a folder that is empty, and checks all of
// it before it is put in place. The format is in docs/formats/backup.md.
//
// The contents of the vault are encrypted and never change, so that all backups in one folder share them: a further
// backup copies what is new. The vault's key is not in a backup unless it is asked for, under a passphrase.
//
// # Concurrency
//
// A backup may be made beside the process that writes. Into one folder one backup is made at a time.
//
// # When full or broken
//
// A backup is a folder that gets its name when everything in it is on disk; what a killed process or a full disk leaves
// behind ends in ".partial", is refused by Restore and removed by the next Make. Restore works in a folder beside the one
// that it fills, ending in ".restoring", and renames it last.
package backup
