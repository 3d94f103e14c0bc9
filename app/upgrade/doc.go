// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package upgrade puts a new program in the place of an old one, from a signed package and without a network, and takes
// that back where the new one does not do.
//
// [Verify] reads a package (docs/formats/upgrade.md) through and checks it against a release key before anything is
// changed. [Apply] saves the data, swaps the program by one rename, has the new program bring the data up to date and
// check itself, and goes back to the old program and the data as they were where that fails. [Back] does the latter on
// request.
//
// # Killed at any moment
//
// How far an upgrade is stands in a journal in the data folder, written before each step. [Resume], which every start
// of a server calls first, reads it: before the swap the old program goes on with data that nobody touched; after it the
// new one brings them up to date and checks itself once more, and goes back where it does not do; a way back that was
// begun is finished.
//
// # Concurrency
//
// One upgrade of a data folder runs at a time, and none beside a server.
package upgrade
