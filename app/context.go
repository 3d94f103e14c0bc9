// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package app

import "context"

type workKey struct{}

// Work says on whose account something happens, for the log.
type Work struct {
	Request string // id of the request that began it, "" for none
	Job     string // id of the job, "" outside of one
}

// WithWork gives the context to hand on. A job keeps the request that asked for it.
func WithWork(ctx context.Context, w Work) context.Context {
	return context.WithValue(ctx, workKey{}, w)
}

// WorkOf is what WithWork put into the context.
func WorkOf(ctx context.Context) Work {
	w, _ := ctx.Value(workKey{}).(Work)
	return w
}

type routeKey struct{}

// WithRoute gives the context to hand on, in which [NoteRoute] writes into route.
func WithRoute(ctx context.Context, route *string) context.Context {
	return context.WithValue(ctx, routeKey{}, route)
}

// NoteRoute tells whoever counts requests by which pattern this one is answered.
func NoteRoute(ctx context.Context, pattern string) {
	if p, _ := ctx.Value(routeKey{}).(*string); p != nil {
		*p = pattern
	}
}
