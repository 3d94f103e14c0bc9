// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http/httptest"
	"testing"

	"breakwater/harbour"
)

// TestSilentDatabase tells a read that ended because the database fell silent from one that was given up: the first is to be
// tried again, after the time that the answer says.
func TestSilentDatabase(t *testing.T) {
	s := &server{}
	silent, end := context.WithCancelCause(context.Background())
	end(&harbour.Error{Kind: harbour.ErrUnavailable, Op: "reach the database", Message: "the database does not answer", Hint: "check that it runs"})
	p := s.problem(silent, context.Canceled)
	if p.Status != 503 || p.Detail != "the database does not answer" || p.Hint == "" {
		t.Errorf("a silent database: %+v", p)
	}
	w := httptest.NewRecorder()
	a := &answer{ResponseWriter: w, request: httptest.NewRequest("GET", "/", nil), call: &call{}}
	p.write(a)
	a.end()
	if w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("it answers %d, to be asked again after %q", w.Code, w.Header().Get("Retry-After"))
	}
	gone, end := context.WithCancelCause(context.Background())
	end(context.Canceled)
	if p := s.problem(gone, context.Canceled); p.Status != 499 {
		t.Errorf("given up: %+v", p)
	}
}
