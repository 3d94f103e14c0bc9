// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// countFor is how long counts are kept: turning pages does not change them.
const countFor = 5 * time.Second

type counted struct {
	n    int
	more bool
}

// total counts the rows that conditions leave, up to CountLimit, and remembers it until something is written that since names.
func (s *Scoped) total(ctx context.Context, q bun.IDB, from string, c conditions, since kind) (n int, more bool, err error) {
	r, err := recallNow(ctx, s.db, "count "+from+" "+c.name(q), since, func() (r counted, err error) {
		r.n, r.more, err = count(ctx, q, from, c)
		return r, err
	})
	return r.n, r.more, err
}
