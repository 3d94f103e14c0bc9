// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// generationAt is the generation that was seen at an instant; 0 where nothing had been published.
func generationAt(ctx context.Context, q bun.IDB, org string, at harbour.Instant) (n int64, err error) {
	err = q.NewRaw("SELECT COALESCE(MAX(number), 0) FROM generation WHERE org = ? AND at <= ?", org, at).Scan(ctx, &n)
	return n, err
}

// changed limits a list, in which what is visible has been selected, to rows that differ from those of a generation: "new" ones it did
// not have, "altered" ones it had otherwise.
func changed(c *conditions, table, how string, was int64) error {
	had := "EXISTS (SELECT 1 FROM " + table + " AS e WHERE e.org = t.org AND e.id = t.id AND +e.born <= ? AND +e.died > ?)"
	switch how {
	case "new":
		c.add("t.born > ? AND NOT "+had, was, was, was)
	case "altered":
		c.add("t.born > ? AND "+had, was, was, was)
	default:
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "list", Message: "a change is not " + how, Hint: "one of: new, altered"}
	}
	return nil
}
