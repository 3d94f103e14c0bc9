// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"testing"
	"time"

	"breakwater/internal/testpostgres"
	"breakwater/store/storetest"
	"breakwater/web/webtest"
)

func TestMain(m *testing.M) { testpostgres.Main(m) }

// TestDatabaseSilent asks for pages the moment after the database has stopped answering, when nobody knows that yet: each comes
// within seconds as one that says so, and says when to try again.
func TestDatabaseSilent(t *testing.T) {
	way := testpostgres.WayTo(t, testpostgres.URL(t))
	way.Open(t)
	h := webtest.NewOn(t, storetest.OpenURL(t, way.URL), 3)
	c := h.As("ot-engineer")
	c.Get("/o/skerry/assets/a-skerry-001").Want(200)
	way.Block()
	defer way.Open(t)
	type said struct {
		answer *webtest.Answer
		took   time.Duration
	}
	paths := []string{"/o/skerry/", "/o/skerry/assets/a-skerry-001", "/o/skerry/evidence", "/o/skerry/findings.csv"}
	all := make(chan said)
	for _, path := range paths {
		go func() {
			begun := time.Now()
			a := h.As("ot-engineer").Get(path)
			all <- said{a, time.Since(begun)}
		}()
	}
	for range paths {
		s := <-all
		s.answer.Want(http.StatusServiceUnavailable).Says("Something does not answer", "The database does not answer", "Check that it runs").Lacks("crane")
		if s.took > 25*time.Second || s.answer.Header.Get("Retry-After") == "" {
			t.Errorf("%s after %v, to be asked again after %q", s.answer, s.took, s.answer.Header.Get("Retry-After"))
		}
	}
}
