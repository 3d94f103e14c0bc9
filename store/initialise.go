// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"

	"github.com/pressly/goose/v3"
)

// Initialise makes an empty SQLite database at an older version of the schema, as an older program would have made it: for
// trying how one is brought up to date.
func Initialise(ctx context.Context, path string, schema int64) (err error) {
	s := &sqlite{path: path}
	write, _, err := s.open(ctx)
	defer func() { err = errors.Join(err, s.close()) }()
	if err != nil {
		return err
	}
	files, err := migrationsFor(s)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.Dialect(s.dialect()), write.DB, files, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, schema)
	return err
}
