// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/app"
	"breakwater/app/findings"
	"breakwater/harbour"
)

// Deciding is what to do with findings. What is left out stays as it is.
type Deciding struct {
	Status   *string `json:"status,omitempty" enum:"open,accepted,resolved,false_positive" doc:"accepted needs a reason and an end; false_positive needs a reason."`
	Assignee *string `json:"assignee,omitempty" maxLength:"200" doc:"Id of the person who works on it; empty for nobody."`
	Until    string  `json:"until,omitempty" maxLength:"40" doc:"When an acceptance ends (RFC 3339)."`
	Reason   string  `json:"reason,omitempty" maxLength:"2000"`
}

func (d *Deciding) decision() (findings.Decision, error) {
	v := findings.Decision{Assignee: d.Assignee, Reason: d.Reason}
	if d.Status == nil && d.Assignee == nil {
		return v, usage("decide", "the decision changes nothing", "give a status, an assignee or both")
	}
	if d.Status != nil {
		status := harbour.FindingStatus(*d.Status)
		v.Status = &status
	}
	var err error
	v.Until, err = instant("until", d.Until)
	return v, err
}

// allowed asks for the right before the form is looked at closely, as the use case asks for it again.
func (d *Deciding) allowed(by *app.Actor, org string) error {
	action := app.AssignFindings
	if d.Status != nil {
		action = app.DecideFindings
		if *d.Status == string(harbour.FindingAccepted) {
			action = app.AcceptFindings
		}
	}
	_, err := by.Scope(action, org)
	return err
}

// TargetOf names a finding and what of it was seen.
type TargetOf struct {
	ID      string `json:"id" maxLength:"200"`
	Version int64  `json:"version,omitempty" minimum:"0" doc:"Of its last decision that was seen; 0 before the first."`
	Force   bool   `json:"force,omitempty" doc:"Whatever was decided meanwhile."`
}

// VersionOf is what version a thing has now.
type VersionOf struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
}

func (s *server) decisionRoutes() {
	handle(s, huma.Operation{
		OperationID: "decideFinding", Method: http.MethodPost, Path: inOrg("/findings/{id}/decisions"), Tags: []string{"Findings"},
		Summary: "Decide about a finding", Description: "Assign it, resolve it, accept it until a date, call it false, or open it again. Accepting needs a right of its own.",
		DefaultStatus: http.StatusOK, MaxBodyBytes: 64 << 10,
	}, func(ctx context.Context, by *app.Actor, in *struct {
		OneFinding
		Basis
		Body Deciding
	},
	) (*Changed, error) {
		if err := in.Body.allowed(by, in.Organisation); err != nil {
			return nil, err
		}
		t := findings.Target{ID: in.ID}
		var err error
		if t.Version, t.Force, err = in.version(); err != nil {
			return nil, err
		}
		d, err := in.Body.decision()
		if err != nil {
			return nil, err
		}
		read := func() (*findings.View, error) { return s.Findings.Get(ctx, by, in.Organisation, in.ID, 0) }
		undo, err := s.Findings.Decide(ctx, by, in.Organisation, []findings.Target{t}, d)
		if err != nil {
			return nil, s.stale(ctx, err, func() (any, int64, error) {
				v, err := read()
				if err != nil {
					return nil, 0, err
				}
				return finding(v), v.Version(), nil
			})
		}
		v, err := read()
		if err != nil { // the token may not read
			return changed(undo, 0), nil
		}
		return changed(undo, v.Version()), nil
	})
	handle(s, huma.Operation{
		OperationID: "decideFindings", Method: http.MethodPost, Path: inOrg("/findings/decisions"), Tags: []string{"Findings"},
		Summary: "Decide about many findings at once, all or none", DefaultStatus: http.StatusOK, MaxBodyBytes: 1 << 20, BodyReadTimeout: time.Minute,
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Body struct {
			Deciding
			Findings []TargetOf `json:"findings" nullable:"false" minItems:"1" maxItems:"1000"`
		}
	},
	) (*Body[Done], error) {
		if err := in.Body.allowed(by, in.Organisation); err != nil {
			return nil, err
		}
		d, err := in.Body.decision()
		if err != nil {
			return nil, err
		}
		undo, err := s.Findings.Decide(ctx, by, in.Organisation, each(in.Body.Findings, func(t *TargetOf) findings.Target { return findings.Target(*t) }), d)
		if err != nil {
			return nil, s.staleFindings(ctx, by, in.Organisation, in.Body.Findings, err)
		}
		return &Body[Done]{Done{Undo: undo}}, nil
	})
	handle(s, huma.Operation{
		OperationID: "undoDecision", Method: http.MethodPost, Path: inOrg("/findings/undo"), Tags: []string{"Findings"},
		Summary: "Take a decision back", Description: "Within a day, by the one who made it, and where nobody decided since.", MaxBodyBytes: 4 << 10,
	}, func(ctx context.Context, by *app.Actor, in *Undoing) (*Nothing, error) {
		return nil, s.Findings.Undo(ctx, by, in.Organisation, in.Body.Undo)
	})
}

// staleFindings adds the versions that differ, as far as they are few.
func (s *server) staleFindings(ctx context.Context, by *app.Actor, org string, targets []TargetOf, err error) error {
	if harbour.KindOf(err) != harbour.ErrStale {
		return err
	}
	const shown = 20
	differ := []VersionOf{}
	for _, t := range targets {
		v, err := s.Findings.Get(ctx, by, org, t.ID, 0)
		if err != nil || len(differ) >= shown {
			break
		}
		if !t.Force && v.Version() != t.Version {
			differ = append(differ, VersionOf{t.ID, v.Version()})
		}
	}
	p := s.problem(ctx, err)
	p.Current = differ
	return p
}
