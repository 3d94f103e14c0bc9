// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package documents hands out the assessment of the published state, as PDF and as a page that needs nothing beside it.
// The overview leads there.
//
// Its handlers are safe for concurrent use.
package documents

import (
	"mime"
	"net/http"
	"strconv"
	"time"

	"breakwater/app/documents"
	"breakwater/web/shell"
)

// New makes the addresses of the use case.
func New(use *documents.Documents) shell.Pack {
	give := func(form documents.Form, kind string) shell.Handler {
		return func(r *shell.Request) error {
			f, err := use.Assessment(r.Context(), r.By, r.Org.ID, form)
			if err != nil {
				return err
			}
			defer f.Close()
			h := r.W.Header()
			name := "assessment-" + r.Org.ID + "-" + f.Generation.At.Time().UTC().Format("2006-01-02") + "." + string(form)
			h.Set("Content-Type", kind)
			h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
			h.Set("Cache-Control", "no-store")
			h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
			_ = http.NewResponseController(r.W).SetWriteDeadline(time.Time{})
			http.ServeContent(r.W, r.Request, "", time.Time{}, f)
			return nil
		}
	}
	return shell.Pack{Register: func(s *shell.Shell) {
		s.In("GET assessment.pdf", give(documents.PDF, "application/pdf"))
		s.In("GET assessment.html", give(documents.HTML, "text/html; charset=utf-8"))
	}}
}
