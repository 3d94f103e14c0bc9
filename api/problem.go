// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/harbour"
	"breakwater/store"
)

// Problem is an error as the API reports it (RFC 9457).
type Problem struct {
	Type    string         `json:"type" format:"uri-reference" doc:"Leads to what is said of this kind of problem in the reference."`
	Title   string         `json:"title" doc:"What this kind of problem is."`
	Status  int            `json:"status" doc:"The HTTP status again."`
	Detail  string         `json:"detail,omitempty" doc:"What is wrong this time."`
	Hint    string         `json:"hint,omitempty" doc:"What can be done about it."`
	Kind    string         `json:"kind" doc:"The kind as a word, for programs."`
	Request string         `json:"request" doc:"Id of the request, by which the log of the installation can be searched."`
	Errors  []FieldProblem `json:"errors,omitempty" doc:"Each place of the request that does not fit its description, or that breaks a rule."`
	Current any            `json:"current,omitempty" doc:"After a change that came too late (kind stale): the thing as it is now."`

	field string // that is wrong, as use cases name it
	item  int    // of a list in the request, counted from 1; 0 for none
}

// FieldProblem is one place of a request that does not fit.
type FieldProblem struct {
	Location string `json:"location" doc:"query.limit, query.severity[1], body.reason, body.changes[3], body.changes[3].field; items of lists are counted from 0."`
	Message  string `json:"message"`
}

// titles says what each kind of error is.
var titles = map[harbour.ErrorKind]string{
	harbour.ErrInternal:        "The program failed",
	harbour.ErrUsage:           "The request is not formed as it must be",
	harbour.ErrInvalid:         "The request breaks a rule",
	harbour.ErrNotFound:        "There is no such thing",
	harbour.ErrConflict:        "It contradicts what is there",
	harbour.ErrUnreadable:      "It cannot be read",
	harbour.ErrFull:            "There is no room for it",
	harbour.ErrCancelled:       "It was stopped",
	harbour.ErrUnauthenticated: "Nobody is signed in",
	harbour.ErrDenied:          "It is not allowed",
	harbour.ErrStepUp:          "It needs a fresh proof of presence",
	harbour.ErrStale:           "Somebody changed it meanwhile",
	harbour.ErrTooLarge:        "It is too large",
	harbour.ErrTooMany:         "It comes too often",
	harbour.ErrUnavailable:     "Something that is needed does not answer",
	harbour.ErrPrecondition:    "The change names no version",
}

// Error implements error.
func (p *Problem) Error() string { return p.Kind + ": " + p.Detail }

// GetStatus implements [huma.StatusError].
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements [huma.ContentTypeFilter].
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func problemOf(kind harbour.ErrorKind, request, detail, hint string) *Problem {
	return &Problem{Type: Prefix + "reference#" + kind.String(), Title: titles[kind], Status: kind.HTTPStatus(), Detail: detail, Hint: hint, Kind: kind.String(), Request: request}
}

// problem makes the answer of an error. What the program alone should know goes to the log.
func (s *server) problem(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	request := of(ctx).id
	if silent := store.Silence(ctx); silent != nil {
		err = silent
	}
	if errors.Is(err, context.Canceled) {
		return problemOf(harbour.ErrCancelled, request, "the request was given up", "")
	}
	kind := harbour.KindOf(err)
	e, ok := errors.AsType[*harbour.Error](err)
	if !ok || kind == harbour.ErrInternal {
		s.log().ErrorContext(ctx, "a request failed", slog.String("request", request), slog.Any("error", err))
		return problemOf(harbour.ErrInternal, request, "the program failed; what happened is in its log", "tell an administrator the id of the request")
	}
	if by := of(ctx).actor; kind == harbour.ErrDenied && by != nil {
		s.log().WarnContext(ctx, "access denied", slog.String("request", request), slog.String("person", by.Person), slog.String("why", e.Message))
	}
	if kind == harbour.ErrUnavailable || kind == harbour.ErrFull {
		s.log().WarnContext(ctx, "a request was refused", slog.String("request", request), slog.Any("error", err))
	}
	p := problemOf(kind, request, e.Message, harbour.HintOf(err))
	p.field, p.item = e.Field, e.Item
	return p
}

func (s *server) log() *slog.Logger {
	if s.Core == nil || s.Core.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Core.Log
}

// kindOfStatus gives the kind of what the framework found wrong with a request.
func kindOfStatus(status int) harbour.ErrorKind {
	switch status {
	case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusRequestTimeout, http.StatusMethodNotAllowed, http.StatusNotAcceptable:
		return harbour.ErrUsage
	case http.StatusRequestEntityTooLarge:
		return harbour.ErrTooLarge
	case http.StatusUnprocessableEntity:
		return harbour.ErrInvalid
	}
	return harbour.ErrInternal
}

// problems gives what the framework found wrong the form that all problems have. Values of the request are not repeated, but
// for those of filters that know a few values alone: who asks must see which of them was mistyped.
func (s *server) problems(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := problemOf(kindOfStatus(m.Status), of(ctx.Context()).id, m.Detail, "compare it with the description of the operation in the reference")
	p.Status = m.Status
	if p.Kind == harbour.ErrInternal.String() {
		p.Detail, p.Hint = "the program failed", ""
		return p, nil
	}
	if m.Status == http.StatusUnprocessableEntity || m.Detail == "validation failed" {
		p.Detail = "the request does not fit its description"
	}
	for _, e := range m.Errors {
		if e == nil {
			continue
		}
		f := FieldProblem{Location: e.Location, Message: e.Message}
		if filter, value, known, is := unknownValue(e); is {
			f.Message = "“" + value + "” is not known; one of: " + known
			if len(m.Errors) == 1 {
				p.Detail, p.Hint = "the filter “"+filter+"” knows no “"+value+"”", "one of: "+known
			}
		}
		p.Errors = append(p.Errors, f)
	}
	return p, nil
}

// write sends a problem from outside of an operation.
func (p *Problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

func usage(op, message, hint string) error {
	return &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: message, Hint: hint}
}

func indented(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
