// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package pipeline is the way of evidence that every face of the program shares: it lists the kinds of evidence, decides
// by content which of them reads a file, reads the file into a ledger ([Read]), and builds the inventory of all ledgers
// ([Build]).
//
// Package app/assess runs it over files of a folder, package app/imports over what a server keeps. Where state lives
// differs; what is done with a file is done here, so that both say the same of the same evidence.
//
// # Memory
//
// [Budget] divides the memory of a run among its parts. Readers bound themselves by what they are given; facts for which
// there is no room are counted in the record of the evidence.
//
// # Concurrency
//
// Functions keep no state and may be called from several goroutines. A ledger belongs to one reading.
package pipeline
