// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"breakwater/app"
	"breakwater/app/evidence"
	"breakwater/harbour"
)

// PackIn asks for an evidence pack.
type PackIn struct {
	InOrganisation
	Body struct {
		Assets         []string        `json:"assets,omitempty" maxItems:"200" doc:"Ids."`
		Findings       []string        `json:"findings,omitempty" maxItems:"200" doc:"Ids; the assets that they are about come with them."`
		Evidence       []string        `json:"evidence,omitempty" maxItems:"200" doc:"Ids."`
		Everything     bool            `json:"everything,omitempty" doc:"Every asset, finding and evidence of the organisation."`
		AuditFrom      harbour.Instant `json:"audit_from,omitempty" required:"false" doc:"Beginning of a time of the audit log."`
		AuditUntil     harbour.Instant `json:"audit_until,omitempty" required:"false" doc:"End of that time."`
		Contents       string          `json:"contents" enum:"none,slices,whole" doc:"What of the evidence is given. whole: the bytes as they are, with whatever passwords and personal data they hold in clear."`
		Reason         string          `json:"reason" maxLength:"2000" doc:"Why it is made."`
		For            string          `json:"for" maxLength:"1000" doc:"For whom."`
		Classification string          `json:"classification,omitempty" maxLength:"1000"`
		Since          string          `json:"since,omitempty" maxLength:"65536" doc:"A checkpoint of the audit log that the recipient holds."`
	}
}

func (s *server) packRoutes() {
	zip := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	job := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Started](), true, "")
	handle(s, huma.Operation{
		OperationID: "makePack", Method: http.MethodPost, Path: inOrg("/packs"), Tags: []string{"Evidence"},
		Summary: "Make an evidence pack that a third party verifies offline",
		Description: "The answer is the zip. Where it is large (everything, more than 64 MiB of evidence, more than a month of the audit log) the answer is 202 with the job that makes it; " +
			"it is downloaded when that is done, and kept for a week. That it is made is in the audit log and in the chains of custody.",
		Responses: map[string]*huma.Response{
			"200": {Description: "The pack", Content: map[string]*huma.MediaType{"application/zip": {Schema: zip}}},
			"202": {Description: "A job makes it", Content: map[string]*huma.MediaType{"application/json": {Schema: job}}},
		},
	}, func(ctx context.Context, by *app.Actor, in *PackIn) (*Stream, error) {
		b := &in.Body
		p, err := s.Evidence.Pack(ctx, by, in.Organisation, evidence.PackRequest{
			Assets: b.Assets, Findings: b.Findings, Evidence: b.Evidence, Everything: b.Everything, AuditFrom: b.AuditFrom, AuditUntil: b.AuditUntil,
			Contents: b.Contents, Reason: b.Reason, For: b.For, Classification: b.Classification, Since: b.Since,
		})
		if err != nil {
			return nil, err
		}
		if p.Content != nil {
			return attached(ctx, p.Content), nil
		}
		return &Stream{func(hc huma.Context) {
			_, w := humago.Unwrap(hc)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusAccepted)
			_ = json.NewEncoder(w).Encode(Started{p.Job}) // a client that has gone asks for its jobs
		}}, nil
	})
	handle(s, huma.Operation{
		OperationID: "downloadPack", Method: http.MethodGet, Path: inOrg("/packs/{id}/content"), Tags: []string{"Evidence"},
		Summary: "An evidence pack that a job made", Description: "For whoever asked for it, by the id of the job. Takes ranges.",
		Responses: map[string]*huma.Response{"200": {Description: "The pack", Content: map[string]*huma.MediaType{"application/zip": {Schema: zip}}}},
	}, func(ctx context.Context, by *app.Actor, in *OneJob) (*Stream, error) {
		c, err := s.Evidence.PackContent(ctx, by, in.Organisation, in.ID)
		if err != nil {
			return nil, err
		}
		return attached(ctx, c), nil
	})
}

// attached answers with a zip, and closes it.
func attached(ctx context.Context, c *evidence.Content) *Stream {
	return &Stream{func(hc huma.Context) {
		defer c.Close()
		r, w := humago.Unwrap(hc)
		h := w.Header()
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", `attachment; filename="`+c.Name+`"`)
		h.Set("ETag", `"`+c.SHA256+`"`)
		of(ctx).raw = true
		http.ServeContent(w, r, "", time.Time{}, c)
	}}
}
