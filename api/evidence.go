// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"breakwater/app"
	"breakwater/app/evidence"
	"breakwater/harbour"
	"breakwater/store"
)

// EvidenceItem is an evidence: a file with its hash, and what was read of it.
type EvidenceItem struct {
	harbour.Evidence
	Name       string          `json:"name" doc:"As its giver calls it."`
	Site       string          `json:"site" doc:"Where it belongs; empty for no one site."`
	State      string          `json:"state" enum:"received,read,unreadable,withdrawn,deleted"`
	Hold       string          `json:"hold" doc:"Reason of a legal hold; empty for none."`
	KeepUntil  harbour.Instant `json:"keep_until" doc:"null: as long as the rule of retention says."`
	ReceivedAt harbour.Instant `json:"received_at"`
	ReceivedBy string          `json:"received_by" doc:"Id of the person who gave it last."`
	Version    int64           `json:"version"`
}

func evidenceItem(r *store.EvidenceRow) EvidenceItem {
	v := EvidenceItem{r.Evidence, r.Name, r.Site, r.State, r.Hold, r.KeepUntil, r.ReceivedAt, r.ReceivedBy, r.Version}
	v.Path, v.Problems = r.Name, filled(v.Problems) // where it lay on a disk is nobody's business
	return v
}

// EvidenceDetail is an evidence with who had it in hand.
type EvidenceDetail struct {
	EvidenceItem
	Custody []Custody `json:"custody" nullable:"false" doc:"The chain of custody, oldest first."`
}

// Custody is one entry of a chain of custody.
type Custody struct {
	At     harbour.Instant `json:"at"`
	Who    string          `json:"who"`
	Act    string          `json:"act"`
	Detail string          `json:"detail"`
}

func evidenceDetail(v *evidence.View) EvidenceDetail {
	return EvidenceDetail{evidenceItem(&v.EvidenceRow), each(v.Custody, func(c *store.Custody) Custody { return Custody(*c) })}
}

// OneEvidence is the path of an evidence.
type OneEvidence struct {
	InOrganisation
	ID string `path:"id" maxLength:"200" doc:"Id of the evidence."`
}

// EvidenceFilter selects evidence.
type EvidenceFilter struct {
	Text  string   `query:"text" maxLength:"200" doc:"Part of the name."`
	Kind  []string `query:"kind,explode" maxItems:"20"`
	State []string `query:"state,explode" maxItems:"5" enum:"received,read,unreadable,withdrawn,deleted"`
	Held  bool     `query:"held" doc:"Only what is under a legal hold."`
}

func (f *EvidenceFilter) query(o store.Order) store.EvidenceQuery {
	return store.EvidenceQuery{Order: o, Text: f.Text, Kind: f.Kind, State: f.State, Held: f.Held}
}

func (s *server) evidenceRoutes() {
	handle(s, huma.Operation{
		OperationID: "listEvidenceChanges", Method: http.MethodGet, Path: inOrg("/evidence/{id}/changes"), Tags: []string{"Evidence"},
		Summary: "Who did what with an evidence, newest first", Description: "Entries of the audit log, with before and after; at most 100.",
	}, func(ctx context.Context, by *app.Actor, in *OneEvidence) (*Body[Things[store.Entry]], error) {
		list, err := s.Evidence.Changes(ctx, by, in.Organisation, in.ID)
		if err != nil {
			return nil, err
		}
		return things(list, same), nil
	})
	handle(s, huma.Operation{
		OperationID: "listEvidence", Method: http.MethodGet, Path: inOrg("/evidence"), Tags: []string{"Evidence"},
		Summary: "Find evidence", Description: "Sorted by one of: received_at, name, bytes.",
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Paging
		EvidenceFilter
	},
	) (*Body[List[EvidenceItem]], error) {
		o, err := in.order(ctx)
		if err != nil {
			return nil, err
		}
		p, err := s.Evidence.List(ctx, by, in.Organisation, in.query(o))
		if err != nil {
			return nil, err
		}
		return listOf(ctx, &p, evidenceItem), nil
	})
	handle(s, huma.Operation{
		OperationID: "getEvidence", Method: http.MethodGet, Path: inOrg("/evidence/{id}"), Tags: []string{"Evidence"},
		Summary: "An evidence with its problems and its chain of custody",
	}, func(ctx context.Context, by *app.Actor, in *OneEvidence) (*Body[EvidenceDetail], error) {
		v, err := s.Evidence.Get(ctx, by, in.Organisation, in.ID)
		if err != nil {
			return nil, err
		}
		c := of(ctx)
		c.version, c.tagged = v.Version, true
		return &Body[EvidenceDetail]{evidenceDetail(v)}, nil
	})
	bytes := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	handle(s, huma.Operation{
		OperationID: "downloadEvidence", Method: http.MethodGet, Path: inOrg("/evidence/{id}/content"), Tags: []string{"Evidence"},
		Summary: "The bytes of an evidence, as they were given", Description: "Takes ranges. Its entity tag is the SHA-256. That it was handed out is in its chain of custody.",
		Responses: map[string]*huma.Response{"200": {Description: "The bytes", Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: bytes}}}},
	}, func(ctx context.Context, by *app.Actor, in *OneEvidence) (*Stream, error) {
		content, err := s.Evidence.Download(ctx, by, in.Organisation, in.ID)
		if err != nil {
			return nil, err
		}
		return &Stream{func(hc huma.Context) {
			defer content.Close()
			r, w := humago.Unwrap(hc)
			h := w.Header()
			h.Set("Content-Type", "application/octet-stream")
			h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": content.Name}))
			h.Set("ETag", `"`+content.SHA256+`"`)
			of(ctx).raw = true
			http.ServeContent(w, r, "", time.Time{}, content)
		}}, nil
	})
}
