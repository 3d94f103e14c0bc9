// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package store keeps a port's state in a database: SQLite by default, PostgreSQL by URL, through the same queries and
// the same test suite.
//
// [Open] brings the schema up to date and returns a [DB]. Reading goes through [DB.Read]; everything that changes goes
// through [DB.Write], one transaction at a time, and carries its entry of the audit log in the same transaction: a
// write that records nothing is refused.
//
// # Scope
//
// Rows belong to an organisation. Lists and objects are reached through [DB.In], which takes a [Scope]: the
// organisation, the sites and the supplier that the reader is limited to. The limit is put into each query by that
// type, so there is no list without it. A zero Scope sees nothing.
//
// # Generations
//
// What the evidence says (assets, conversations, operations, findings, zones, conduits) is rebuilt as a whole whenever
// evidence changes. [DB.Stage] writes the difference to what is there as rows of the next generation, in short
// transactions that people's writes can pass; nobody sees them until [Stage.Publish] moves the organisation's
// generation in one transaction. A stage that never got there is cleared when the next begins. Superseded rows of
// assets and findings stay, so that the state as of a date can be shown.
//
// # Lists
//
// What the long lists are filtered and sorted by is held in memory (a shelf), within bounds: of the generation that is seen,
// and of the past ones that are looked at, which are derived from it. It is changed with what people change. A shelf finds rows
// and counts them; what is shown of them comes from the database, with scope and filters in the query once more. What has no
// shelf, because it is too long, is read by SQL alone, which gives the same.
//
// # Writing
//
// There is one writer. Writes by people go before those by the machine; several that wait at once share a transaction
// of at most 50 ms. A write is acknowledged after the transaction is on disk (WAL, synchronous = FULL).
//
// # Concurrency
//
// A DB is safe for concurrent use. Of the writers on one database only one process may hold it: SQLite's lock or an
// advisory lock in PostgreSQL sees to that, and Open says so where another has it.
package store
