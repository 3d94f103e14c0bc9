// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package spool keeps rows of bytes that may be more than memory holds: in memory as long as they are few, in temporary
// files beyond.
//
// A [Sorter] takes rows in any order and gives them back by key, rows of equal key in the order in which they came. A
// [Shelf] takes rows in order and gives back any of them by number. Both are told how much memory to use and in which
// folder their files may lie; without a folder everything stays in memory. What is given back is the same either way.
//
// Adding belongs to one goroutine; after Sort, or after the last Append, any number may read at once, each with an
// iterator or a reader of its own. Errors are those of the disk: an iterator that meets one ends, and Err tells. Close
// removes the file.
package spool
