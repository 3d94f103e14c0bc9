// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Self is who asks.
type Self struct {
	Person        string   `json:"person" doc:"Id of the person."`
	Name          string   `json:"name"`
	Login         string   `json:"login"`
	Via           string   `json:"via" doc:"token or session."`
	Organisations []Member `json:"organisations" nullable:"false"`
}

// Member is an organisation in which somebody may do something.
type Member struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Roles   []string `json:"roles" nullable:"false"`
	Actions []string `json:"actions" nullable:"false" doc:"What may be done there, at least in a part of it."`
}

func (s *server) start() {
	handle(s, huma.Operation{
		OperationID: "getSelf", Method: http.MethodGet, Path: Prefix + "self", Tags: []string{"Start"},
		Summary: "Who you are", Description: "The person behind the token, and what it may do in which organisation.",
	}, func(ctx context.Context, by *app.Actor, _ *struct{}) (*Body[Self], error) {
		orgs, err := s.Overview.Organisations(ctx, by)
		if err != nil {
			return nil, err
		}
		v := Self{Person: by.Person, Name: by.Name, Login: by.Login, Via: by.Via, Organisations: []Member{}}
		for _, o := range orgs {
			m := Member{ID: o.ID, Name: o.Name, Roles: filled(by.Roles(o.ID)), Actions: []string{}}
			for _, a := range app.Actions {
				if by.May(a.Action, o.ID) {
					m.Actions = append(m.Actions, string(a.Action))
				}
			}
			v.Organisations = append(v.Organisations, m)
		}
		return &Body[Self]{v}, nil
	})
}

// Tally is how many there are of something.
type Tally struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

func tallies(list []store.Tally) []Tally {
	out := make([]Tally, len(list))
	for i, t := range list {
		out[i] = Tally(t)
	}
	return out
}

// Overview is the first page in figures.
type Overview struct {
	Assets        int           `json:"assets"`
	ByDomain      []Tally       `json:"by_domain" nullable:"false"`
	ByKind        []Tally       `json:"by_kind" nullable:"false"`
	Undeclared    int           `json:"undeclared" doc:"Assets seen in traffic that nobody declared."`
	Unseen        int           `json:"unseen" doc:"Assets that were declared and never seen."`
	Conversations int           `json:"conversations" doc:"Of the whole organisation; 0 where you see a part of it."`
	Open          []Tally       `json:"open_findings" nullable:"false" doc:"Open findings by severity."`
	Accepted      int           `json:"accepted_findings"`
	Rules         []Tally       `json:"open_by_rule" nullable:"false"`
	Worst         []FindingItem `json:"worst" nullable:"false" doc:"The worst open findings."`
	Published     *Generation   `json:"published,omitempty" doc:"The state that is shown; missing before the first."`
	Changes       Changes       `json:"changes"`
}

// Changes is what became different since an earlier state.
type Changes struct {
	Since         *Generation   `json:"since,omitempty" doc:"The earlier state; missing where there was none, and all is new."`
	New           int           `json:"new_assets"`
	Gone          int           `json:"gone_assets"`
	Altered       int           `json:"altered_assets"`
	NewAssets     []AssetItem   `json:"first_new_assets" nullable:"false"`
	GoneAssets    []AssetItem   `json:"first_gone_assets" nullable:"false"`
	AlteredAssets []AssetItem   `json:"first_altered_assets" nullable:"false"`
	FoundNew      int           `json:"new_findings"`
	FoundGone     int           `json:"gone_findings"`
	Resolved      int           `json:"resolved_findings"`
	NewFindings   []FindingItem `json:"first_new_findings" nullable:"false"`
}

// Generation is a published state of an organisation.
type Generation struct {
	Number int64           `json:"number"`
	At     harbour.Instant `json:"at"`
	Cause  string          `json:"cause"`
}

func generation(g *store.Generation) Generation { return Generation{g.Number, g.At, g.Cause} }

func generationOrNone(g store.Generation) *Generation {
	if g.Number == 0 {
		return nil
	}
	v := generation(&g)
	return &v
}

// Site is a place of an organisation.
type Site struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	TimeZone     string `json:"time_zone" doc:"IANA name."`
	Jurisdiction string `json:"jurisdiction" doc:"ISO 3166-1 alpha-2, or EU."`
}

func (s *server) overviewRoutes() {
	handle(s, huma.Operation{
		OperationID: "getOverview", Method: http.MethodGet, Path: inOrg("/overview"), Tags: []string{"Overview"},
		Summary: "What there is, what is wrong, what changed",
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Days int `query:"days" minimum:"1" maximum:"400" default:"7" doc:"How far back changes are looked for."`
	},
	) (*Body[Overview], error) {
		v, err := s.Overview.Get(ctx, by, in.Organisation, time.Duration(in.Days)*24*time.Hour)
		if err != nil {
			return nil, err
		}
		o := Overview{
			Assets: v.Assets, ByDomain: tallies(v.ByDomain), ByKind: tallies(v.ByKind), Undeclared: v.Undeclared, Unseen: v.Unseen, Conversations: v.Conversations,
			Open: severities(v.Open), Accepted: v.Accepted, Rules: tallies(v.Rules), Worst: each(v.Worst, findingItem), Published: generationOrNone(v.Published),
			Changes: Changes{
				Since: generationOrNone(v.Changes.Since), New: v.Changes.New, Gone: v.Changes.Gone, Altered: v.Changes.Altered,
				NewAssets: each(v.Changes.NewAssets, assetItem), GoneAssets: each(v.Changes.GoneAssets, assetItem), AlteredAssets: each(v.Changes.AlteredAssets, assetItem),
				FoundNew: v.Changes.FoundNew, FoundGone: v.Changes.FoundGone, Resolved: v.Changes.Resolved, NewFindings: each(v.Changes.NewFindings, findingItem),
			},
		}
		return &Body[Overview]{o}, nil
	})
	handle(s, huma.Operation{
		OperationID: "listSites", Method: http.MethodGet, Path: inOrg("/sites"), Tags: []string{"Overview"},
		Summary: "The sites that you may see",
	}, func(ctx context.Context, by *app.Actor, in *InOrganisation) (*Body[Things[Site]], error) {
		list, err := s.Overview.Sites(ctx, by, in.Organisation)
		if err != nil {
			return nil, err
		}
		return things(list, func(v *store.Site) Site { return Site{v.ID, v.Name, v.TimeZone, v.Jurisdiction} }), nil
	})
	handle(s, huma.Operation{
		OperationID: "listGenerations", Method: http.MethodGet, Path: inOrg("/generations"), Tags: []string{"Overview"},
		Summary: "The published states, newest first", Description: "The instants are those that as_of can tell apart.",
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Limit int `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many."`
	},
	) (*Body[Things[Generation]], error) {
		list, err := s.Overview.Generations(ctx, by, in.Organisation, in.Limit)
		if err != nil {
			return nil, err
		}
		return things(list, generation), nil
	})
}

func each[T, R any](list []R, row func(*R) T) []T {
	out := make([]T, len(list))
	for i := range list {
		out[i] = row(&list[i])
	}
	return out
}
