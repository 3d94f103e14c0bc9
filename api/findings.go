// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/app"
	"breakwater/app/findings"
	"breakwater/harbour"
	"breakwater/store"
)

// severity gives the word of a rank; "" for none.
func severity(rank int) harbour.Severity {
	for _, s := range []harbour.Severity{harbour.SeverityInfo, harbour.SeverityLow, harbour.SeverityMedium, harbour.SeverityHigh, harbour.SeverityCritical} {
		if s.Rank() == rank {
			return s
		}
	}
	return ""
}

// severities gives ranks their words.
func severities(list []store.Tally) []Tally {
	out := tallies(list)
	for i := range out {
		if n, err := strconv.Atoi(out[i].Value); err == nil {
			out[i].Value = string(severity(n))
		}
	}
	return out
}

// FindingItem is a finding.
type FindingItem struct {
	harbour.Finding
	Assignee string            `json:"assignee" doc:"Id of the person who works on it; empty for nobody."`
	Until    harbour.Instant   `json:"until" doc:"When an acceptance ends."`
	Names    map[string]string `json:"subject_names" doc:"Names of the subjects that you may see, by id."`
}

func findingItem(r *store.FindingRow) FindingItem {
	v := FindingItem{r.Finding, r.Assignee, r.Until, r.Names}
	v.Subjects, v.Evidence, v.Requirements = filled(v.Subjects), filled(v.Evidence), filled(v.Requirements)
	return v
}

// FindingFilter selects findings.
type FindingFilter struct {
	Text     string   `query:"text" maxLength:"200" doc:"Words that must all occur in title, rule or names of subjects."`
	Severity []string `query:"severity,explode" maxItems:"5" enum:"info,low,medium,high,critical"`
	Status   []string `query:"status,explode" maxItems:"4" enum:"open,accepted,resolved,false_positive"`
	Rule     []string `query:"rule,explode" maxItems:"100"`
	Assignee []string `query:"assignee,explode" maxItems:"100" doc:"Ids of people."`
	Asset    string   `query:"asset" maxLength:"200" doc:"Id of an asset that the finding is about."`
	ID       []string `query:"id,explode" maxItems:"1000"`
}

func (f *FindingFilter) query(o store.Order) store.FindingQuery {
	q := store.FindingQuery{Order: o, Text: f.Text, Status: f.Status, Rule: f.Rule, Assignee: f.Assignee, Asset: f.Asset, IDs: f.ID}
	for _, v := range f.Severity {
		q.Severity = append(q.Severity, harbour.Severity(v))
	}
	return q
}

// Finding is a finding with what was decided about it.
type Finding struct {
	FindingItem
	Version   int64      `json:"version" doc:"Of the last decision, 0 before the first; a decision names it."`
	Decisions []Decision `json:"decisions" nullable:"false" doc:"Newest first."`
}

// Decision is what somebody decided about a finding.
type Decision struct {
	Version  int64                 `json:"version"`
	Status   harbour.FindingStatus `json:"status"`
	Assignee string                `json:"assignee"`
	Until    harbour.Instant       `json:"until"`
	Reason   string                `json:"reason"`
	By       string                `json:"by" doc:"Id of the person."`
	At       harbour.Instant       `json:"at"`
}

func finding(v *findings.View) Finding {
	return Finding{findingItem(&v.FindingRow), v.Version(), each(v.Decisions, func(d *store.Decision) Decision {
		return Decision{d.Version, d.Status, d.Assignee, d.Until, d.Reason, d.By, d.At}
	})}
}

// OneFinding is the path of a finding.
type OneFinding struct {
	InOrganisation
	ID string `path:"id" maxLength:"200" doc:"Id of the finding."`
}

func (s *server) findingRoutes() {
	handle(s, huma.Operation{
		OperationID: "listFindingChanges", Method: http.MethodGet, Path: inOrg("/findings/{id}/changes"), Tags: []string{"Findings"},
		Summary: "Who decided what about a finding, newest first", Description: "Entries of the audit log, with before and after; at most 100.",
	}, func(ctx context.Context, by *app.Actor, in *OneFinding) (*Body[Things[store.Entry]], error) {
		list, err := s.Findings.Changes(ctx, by, in.Organisation, in.ID)
		if err != nil {
			return nil, err
		}
		return things(list, same), nil
	})
	handle(s, huma.Operation{
		OperationID: "listFindings", Method: http.MethodGet, Path: inOrg("/findings"), Tags: []string{"Findings"},
		Summary: "Find findings", Description: "Sorted by one of: severity, rule, status, assignee, last_seen.",
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Paging
		AsOf
		FindingFilter
	},
	) (*Body[List[FindingItem]], error) {
		return past(ctx, by, in.Organisation, &in.Paging, &in.AsOf, in.query, s.Findings.List, findingItem)
	})
	handle(s, huma.Operation{
		OperationID: "countFindings", Method: http.MethodGet, Path: inOrg("/findings/facets"), Tags: []string{"Findings"},
		Summary: "How many findings have which value", Description: "Counted over the whole organisation; empty where you see a part of it.",
	}, pastCounts(s.Findings.Facets))
	handle(s, huma.Operation{
		OperationID: "getFinding", Method: http.MethodGet, Path: inOrg("/findings/{id}"), Tags: []string{"Findings"},
		Summary: "A finding with its proof and what was decided", Description: "Its entity tag begins with the version that a decision names.",
	}, func(ctx context.Context, by *app.Actor, in *struct {
		OneFinding
		AsOf
	},
	) (*Body[Finding], error) {
		at, err := in.instant()
		if err != nil {
			return nil, err
		}
		v, err := s.Findings.Get(ctx, by, in.Organisation, in.ID, at)
		if err != nil {
			return nil, err
		}
		c := of(ctx)
		c.version, c.tagged = v.Version(), true
		return &Body[Finding]{finding(v)}, nil
	})
}
