// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"breakwater/app"
	"breakwater/app/imports"
	"breakwater/harbour"
	"breakwater/store"
)

// Job is work that outlives a request.
type Job struct {
	ID        string          `json:"id"`
	Kind      string          `json:"kind"`
	State     string          `json:"state" enum:"waiting,running,done,failed,cancelled"`
	Title     string          `json:"title"`
	Step      string          `json:"step" doc:"What is being done."`
	Done      int64           `json:"done"`
	Total     int64           `json:"total" doc:"0 where it is not known."`
	Cancel    bool            `json:"cancel" doc:"Somebody wants it to end."`
	Attempts  int             `json:"attempts"`
	MadeBy    string          `json:"made_by" doc:"Id of the person."`
	MadeAt    harbour.Instant `json:"made_at"`
	BeganAt   harbour.Instant `json:"began_at" doc:"When it was last begun; null before."`
	ChangedAt harbour.Instant `json:"changed_at"`
	EndedAt   harbour.Instant `json:"ended_at"`
	Message   string          `json:"message,omitempty" doc:"Why it failed, or what came of it."`
	Hint      string          `json:"hint,omitempty"`
	Result    string          `json:"result,omitempty"`
}

func job(j *store.Job) Job {
	return Job{
		ID: j.ID, Kind: j.Kind, State: j.State, Title: j.Title, Step: j.Step, Done: j.Done, Total: j.Total, Cancel: j.Cancel, Attempts: j.Attempts,
		MadeBy: j.MadeBy, MadeAt: j.MadeAt, BeganAt: j.BeganAt, ChangedAt: j.ChangedAt, EndedAt: j.EndedAt, Message: j.Message, Hint: j.Hint, Result: j.Result,
	}
}

// OneJob is the path of a job.
type OneJob struct {
	InOrganisation
	ID string `path:"id" maxLength:"200" doc:"Id of the job."`
}

func (s *server) jobRoutes() {
	handle(s, huma.Operation{
		OperationID: "listJobs", Method: http.MethodGet, Path: inOrg("/jobs"), Tags: []string{"Jobs"},
		Summary: "Jobs, newest first", Description: "Who sees a part of the organisation sees the jobs that they asked for. Sorted by made_at.",
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Paging
		Kind  []string `query:"kind,explode" maxItems:"20"`
		State []string `query:"state,explode" maxItems:"5" enum:"waiting,running,done,failed,cancelled"`
	},
	) (*Body[List[Job]], error) {
		o, err := in.order(ctx)
		if err != nil {
			return nil, err
		}
		p, err := s.Jobs.List(ctx, by, in.Organisation, store.JobQuery{Order: o, Kind: in.Kind, State: in.State})
		if err != nil {
			return nil, err
		}
		return listOf(ctx, &p, job), nil
	})
	handle(s, huma.Operation{
		OperationID: "getJob", Method: http.MethodGet, Path: inOrg("/jobs/{id}"), Tags: []string{"Jobs"},
		Summary: "How far a job is, or what came of it",
	}, func(ctx context.Context, by *app.Actor, in *OneJob) (*Body[Job], error) {
		j, err := s.Jobs.Get(ctx, by, in.Organisation, in.ID)
		if err != nil {
			return nil, err
		}
		return &Body[Job]{job(&j)}, nil
	})
	handle(s, huma.Operation{
		OperationID: "cancelJob", Method: http.MethodPost, Path: inOrg("/jobs/{id}/cancel"), Tags: []string{"Jobs"},
		Summary: "Ask a job to end", Description: "One that waits ends at once, one that runs as soon as it can.",
	}, func(ctx context.Context, by *app.Actor, in *OneJob) (*Nothing, error) {
		return nil, s.Jobs.Cancel(ctx, by, in.Organisation, in.ID)
	})
	handle(s, huma.Operation{
		OperationID: "repeatJob", Method: http.MethodPost, Path: inOrg("/jobs/{id}/again"), Tags: []string{"Jobs"},
		Summary: "Have a job done again that failed or was cancelled", Description: "As a new job; where one waits already that would do the same, it is that one.", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, by *app.Actor, in *OneJob) (*Body[Started], error) {
		id, err := s.Jobs.Again(ctx, by, in.Organisation, in.ID)
		if err != nil {
			return nil, err
		}
		return &Body[Started]{Started{id}}, nil
	})
}

// Given is what came of a file that was given.
type Given struct {
	ID     string `json:"id" doc:"Of the evidence."`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
	Known  bool   `json:"known" doc:"The organisation has this content already: it is one evidence, and stays as it is."`
	State  string `json:"state"`
	Name   string `json:"name"`
	Job    string `json:"job,omitempty" doc:"Id of the job that reads it; missing where nothing is to be read."`
}

// FileIn takes a file as it comes.
type FileIn struct {
	InOrganisation
	Name string `query:"name" maxLength:"300" required:"true" doc:"As you call it."`
	Site string `query:"site" maxLength:"64" doc:"Id of the site where it belongs; empty for no one site."`
	body *upload
}

// uploadIdle is how long an upload may pause.
const uploadIdle = time.Minute

// Resolve implements [huma.Resolver].
func (f *FileIn) Resolve(ctx huma.Context) []error {
	r, w := humago.Unwrap(ctx)
	f.body = &upload{body: r.Body, size: r.ContentLength, control: http.NewResponseController(w)}
	return nil
}

var _ huma.Resolver = (*FileIn)(nil)

// upload reads a body that must not stand still.
type upload struct {
	body    io.Reader
	size    int64
	control *http.ResponseController
}

// Size is what the client says that is to come; 0 where it does not.
func (u *upload) Size() int64 { return max(u.size, 0) }

// Read implements [io.Reader].
func (u *upload) Read(b []byte) (int, error) {
	_ = u.control.SetReadDeadline(time.Now().Add(uploadIdle)) // where it cannot be set, the server's own holds
	n, err := u.body.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &harbour.Error{Kind: harbour.ErrUsage, Op: "give evidence", Message: "the file did not come to its end", Hint: "send it again; nothing of it was kept", Err: err}
	}
	return n, err
}

// Why is a change of an evidence with its reason.
type Why struct {
	OneEvidence
	Body struct {
		Reason string `json:"reason" maxLength:"2000" doc:"It is kept in the chain of custody."`
	}
}

// Started is a job that was begun.
type Started struct {
	Job string `json:"job" doc:"Id of the job."`
}

func (s *server) custodyRoutes() {
	file := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	handle(s, huma.Operation{
		OperationID: "giveEvidence", Method: http.MethodPost, Path: inOrg("/evidence"), Tags: []string{"Evidence"},
		Summary: "Give a file as evidence",
		Description: "The body is the file as it is; what it is shows from its content, not from its name. When the answer comes, it is kept; a job reads it then. " +
			"The same content given twice is one evidence.",
		DefaultStatus: http.StatusCreated,
		RequestBody:   &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: file}}},
	}, func(ctx context.Context, by *app.Actor, in *FileIn) (*Body[Given], error) {
		g, err := s.Imports.Give(ctx, by, in.Organisation, in.Site, in.Name, in.body)
		if err != nil {
			return nil, err
		}
		return &Body[Given]{given(&g)}, nil
	})
	for _, o := range []struct {
		id, path, summary string
		do                func(ctx context.Context, by *app.Actor, org, id, reason string) error
	}{
		{"withdrawEvidence", "withdraw", "Have an evidence no longer count", s.Imports.Withdraw},
		{"restoreEvidence", "restore", "Have a withdrawn evidence count again", s.Imports.Restore},
		{"holdEvidence", "hold", "Place a legal hold", s.Imports.Hold},
		{"releaseEvidence", "release", "Take a legal hold away", s.Imports.Release},
		{"deleteEvidence", "delete", "Remove the bytes of a withdrawn evidence for good", s.Imports.Delete},
	} {
		handle(s, huma.Operation{
			OperationID: o.id, Method: http.MethodPost, Path: inOrg("/evidence/{id}/" + o.path), Tags: []string{"Evidence"}, Summary: o.summary,
			Description: "Its record and its chain of custody stay.", MaxBodyBytes: 64 << 10,
		}, func(ctx context.Context, by *app.Actor, in *Why) (*Nothing, error) {
			return nil, o.do(ctx, by, in.Organisation, in.ID, in.Body.Reason)
		})
	}
	handle(s, huma.Operation{
		OperationID: "rereadEvidence", Method: http.MethodPost, Path: inOrg("/evidence/{id}/reread"), Tags: []string{"Evidence"},
		Summary: "Read an evidence again", Description: "As after an update of the program.", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, by *app.Actor, in *OneEvidence) (*Body[Started], error) {
		id, err := s.Imports.Reread(ctx, by, in.Organisation, in.ID)
		if err != nil {
			return nil, err
		}
		return &Body[Started]{Started{id}}, nil
	})
}

func given(g *imports.Given) Given {
	return Given{g.ID, g.SHA256, g.Bytes, g.Known, g.State, g.Name, g.Job}
}
