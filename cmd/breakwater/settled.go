// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"time"

	"breakwater/harbour"
	"breakwater/store"
)

// retain applies the rules of retention of every organisation.
func (h *house) retain(ctx context.Context) error {
	list, err := h.core.DB.Organisations(ctx, "*")
	if err != nil {
		return err
	}
	for _, o := range list {
		withdrawn, deleted, err := h.imports.Retain(ctx, o.ID)
		if err != nil {
			return err
		}
		if withdrawn+deleted > 0 {
			h.core.Log.Info("retention", slog.String("organisation", o.ID), slog.Int("withdrawn", withdrawn), slog.Int("deleted", deleted))
		}
	}
	return nil
}

// settled waits until no job of an organisation waits or runs, and tells of each change. It is for those who started the
// work at the command line.
func (h *house) settled(ctx context.Context, org string, tell func(step string, done, total int64)) error {
	for {
		list, err := h.jobs.List(ctx, atCommandLine(), org, store.JobQuery{Order: store.Order{Limit: 500}})
		if err != nil {
			return err
		}
		open, ended := 0, 0
		step := ""
		for _, j := range list.Items {
			switch j.State {
			case "waiting":
				open++
			case "running":
				open++
				step = j.Step
			case "failed":
				return &harbour.Error{Kind: harbour.ErrInternal, Op: j.Title, Message: j.Message, Hint: j.Hint}
			default:
				ended++
			}
		}
		tell(step, int64(ended), int64(open+ended))
		if open == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
