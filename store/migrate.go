// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/pressly/goose/v3"

	"breakwater/harbour"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema to the version of this program, one file and one transaction after the other.
func migrate(ctx context.Context, db *sql.DB, e engine) error {
	files, err := migrationsFor(e)
	if err != nil {
		return err
	}
	return migrateWith(ctx, db, e, files)
}

func migrateWith(ctx context.Context, db *sql.DB, e engine, files fs.FS) error {
	const op = "bring the database up to date"
	p, err := goose.NewProvider(goose.Dialect(e.dialect()), db, files, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrInternal, Op: op, Message: "the list of migrations is broken", Err: err}
	}
	has, err := p.GetDBVersion(ctx)
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrUnavailable, Op: op, Message: "the version of the database cannot be read", Hint: "is this a database of breakwater?", Err: err}
	}
	sources := p.ListSources()
	wants := sources[len(sources)-1].Version
	if has > wants {
		return &harbour.Error{
			Kind: harbour.ErrConflict, Op: op, Message: fmt.Sprintf("the database is at version %d, this program knows %d", has, wants),
			Hint: "start the program that last used it, or restore a backup made with this one; nothing was changed",
		}
	}
	if _, err := p.Up(ctx); err != nil {
		now, _ := p.GetDBVersion(ctx)
		var part *goose.PartialError
		failed := now + 1
		if errors.As(err, &part) && part.Failed != nil {
			failed = part.Failed.Source.Version
		}
		return &harbour.Error{
			Kind: harbour.ErrInternal, Op: op, Message: fmt.Sprintf("step %d failed; the data is as it was at version %d", failed, now),
			Hint: "start the previous program again: it works with this database. The log names the cause", Err: err,
		}
	}
	return nil
}

// schemaKnown is the newest version of the schema that this program has a migration to.
func schemaKnown(e engine) (newest int64, err error) {
	files, err := migrationsFor(e)
	if err != nil {
		return 0, err
	}
	names, err := fs.Glob(files, "*.sql")
	for _, name := range names {
		if v, err := goose.NumericComponent(name); err == nil {
			newest = max(newest, v)
		}
	}
	return newest, err
}

var typeWord = regexp.MustCompile(`\b(TEXT|INTEGER|BLOB|REAL)\b`)

// migrationsFor is the engine's list: the common files with the engine's words for types, and its own.
func migrationsFor(e engine) (fs.FS, error) {
	// goose wants a file system; an archive in memory is one.
	var packed bytes.Buffer
	list := zip.NewWriter(&packed)
	words := e.words()
	for _, folder := range []string{"common", e.folder()} {
		names, err := fs.Glob(migrations, "migrations/"+folder+"/*.sql")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			b, err := migrations.ReadFile(name)
			if err != nil {
				return nil, err
			}
			if folder == "common" {
				b = typeWord.ReplaceAllFunc(b, func(w []byte) []byte {
					if other := words[string(w)]; other != "" {
						return []byte(other)
					}
					return w
				})
			}
			w, err := list.Create(name[len("migrations/"+folder+"/"):])
			if err != nil {
				return nil, err
			}
			if _, err := w.Write(b); err != nil {
				return nil, err
			}
		}
	}
	if err := list.Close(); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
}
