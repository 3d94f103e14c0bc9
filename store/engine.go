// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
)

// fault is what a user must know of an engine's error.
type fault uint8

const (
	faultNone fault = iota
	faultFull
	faultGone  // cannot be reached
	faultTaken // another process writes
)

// engine is what SQLite and PostgreSQL do differently.
type engine interface {
	name() string
	// open returns the connection of the writer and the pool of the readers.
	open(ctx context.Context) (write, read *bun.DB, err error)
	// openRead returns a pool of readers of a database that must exist.
	openRead(ctx context.Context) (read *bun.DB, err error)
	close() error
	// dump writes the database into a folder; restore fills an empty database from it.
	dump(ctx context.Context, dir string) error
	restore(ctx context.Context, dir string, schema int64) error
	// snapshot gives the options of a reading transaction.
	snapshot() *sql.TxOptions
	classify(err error) fault
	// dialect is goose's word for it; words maps the schema's types to the engine's.
	dialect() string
	words() map[string]string
	// folder holds the migrations that only this engine has.
	folder() string
	// load inserts many rows of one table.
	load(ctx context.Context, tx *Tx, table string, columns []string, rows [][]any) error
	// index and unindex keep the text search of a table beside its rows.
	index(ctx context.Context, tx *Tx, table string, rows []int64, texts []string) error
	unindex(ctx context.Context, tx *Tx, table string, rows []int64) error
	// matching is a condition on the rows of a table whose text holds all the words, each at least three characters.
	matching(table string, words []string) (query string, args []any)
	// measure has the engine look at how its tables are made, by which it chooses the way to rows.
	measure(ctx context.Context, q bun.IDB, tables []string) error
	// size is the number of bytes that the database takes.
	size(ctx context.Context, q bun.IDB) (int64, error)
}
