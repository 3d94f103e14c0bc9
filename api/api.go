// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"breakwater/app"
	"breakwater/app/access/pace"
	"breakwater/app/assets"
	"breakwater/app/evidence"
	"breakwater/app/findings"
	"breakwater/app/imports"
	"breakwater/app/jobs"
	"breakwater/app/outlets"
	"breakwater/app/overview"
	"breakwater/app/traffic"
	"breakwater/harbour"
)

// Prefix is where the handler of [New] belongs.
const Prefix = "/api/v1/"

// Options are the parts that the API is made of.
type Options struct {
	Core *app.Core

	// Token gives the actor of a bearer token, and an ErrUnauthenticated for one that is not known or has expired.
	Token func(ctx context.Context, secret, address, request string) (*app.Actor, error)
	// Address gives the address that a request comes from; nil for that of the connection.
	Address func(*http.Request) string

	// Rate is how many requests in a second one token or session may make, over time; 0 for 20.
	Rate float64
	// Burst is how many it may make at once; 0 for 100.
	Burst int

	Assets   *assets.Assets
	Evidence *evidence.Evidence
	Findings *findings.Findings
	Imports  *imports.Imports
	Jobs     *jobs.Jobs
	Outlets  *outlets.Outlets
	Overview *overview.Overview
	Traffic  *traffic.Traffic
}

// server is the API of one installation.
type server struct {
	Options
	mux    *http.ServeMux
	huma   huma.API
	rates  *pace.Pace
	failed *pace.Pace
	spec   []byte
	pages  map[string]page
}

// New makes the handler of everything under [Prefix].
func New(o Options) (http.Handler, error) {
	s, err := build(o)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Document gives the OpenAPI document of the whole API, as it is committed and served.
func Document() ([]byte, error) {
	s, err := build(Options{})
	if err != nil {
		return nil, err
	}
	return s.spec, nil
}

func build(o Options) (*server, error) {
	s := &server{Options: o, mux: http.NewServeMux()}
	if s.Rate <= 0 {
		s.Rate = 20
	}
	if s.Burst <= 0 {
		s.Burst = 100
	}
	if s.Address == nil {
		s.Address = func(r *http.Request) string {
			host, _, err := net.SplitHostPort(r.RemoteAddr)
			if err != nil {
				return r.RemoteAddr
			}
			return host
		}
	}
	s.rates, s.failed = pace.New(s.Rate, s.Burst), pace.New(failuresPerSecond, failuresAtOnce)
	registry := huma.NewMapRegistry("#/components/schemas/", schemaName)
	registry.RegisterTypeAlias(reflect.TypeFor[harbour.Instant](), reflect.TypeFor[instantSchema]())
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Breakwater", Version: "1",
				Description: "What a port has, what is wrong with it, and what proves it. How to get a token, to page, to change things safely and to receive events is described in docs/api.md.",
				License:     &huma.License{Name: "Apache 2.0", Identifier: "Apache-2.0"},
			},
			Components: &huma.Components{
				Schemas: registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token": {Type: "http", Scheme: "bearer", Description: "An API token, made under Settings. It does no more than the person it belongs to may do."},
				},
			},
			Security: []map[string][]string{{"token": {}}},
			Tags:     tags,
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}, // json for all that end in +json
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{s.problems},
	}
	c.RejectUnknownQueryParameters = true
	s.huma = huma.NewAPI(c, humago.NewAdapter(s.mux, ""))
	s.register()
	open(s.huma.OpenAPI())
	var err error
	if s.spec, err = document(s.huma.OpenAPI()); err != nil {
		return nil, err
	}
	if s.pages, err = s.reference(); err != nil {
		return nil, err
	}
	return s, nil
}

var tags = []*huma.Tag{
	{Name: "Start", Description: "Who you are, and where."},
	{Name: "Overview", Description: "What there is, what is wrong, and what changed."},
	{Name: "Assets", Description: "Things worth protecting, with where each statement about them comes from."},
	{Name: "Traffic", Description: "Who talked to whom, and what was done."},
	{Name: "Zones", Description: "Zones and the conduits between them."},
	{Name: "Findings", Description: "What is wrong, unproven or changed, and what was decided about it."},
	{Name: "Evidence", Description: "The files that all of it rests on."},
	{Name: "Jobs", Description: "Work that outlives a request."},
	{Name: "Outlets", Description: "What leaves the house by itself: webhooks, syslog, mail."},
}

func (s *server) register() {
	s.start()
	s.overviewRoutes()
	s.assetRoutes()
	s.statementRoutes()
	s.bulkRoutes()
	s.trafficRoutes()
	s.findingRoutes()
	s.decisionRoutes()
	s.evidenceRoutes()
	s.exportRoutes()
	s.custodyRoutes()
	s.packRoutes()
	s.jobRoutes()
	s.outletRoutes()
	s.networkRoutes()
}

// inOrg is the path of a resource of an organisation.
func inOrg(path string) string { return "/api/v1/{organisation}" + path }

// handle adds an operation. The handler's errors become problem details.
func handle[I, O any](s *server, op huma.Operation, fn func(ctx context.Context, by *app.Actor, in *I) (*O, error)) {
	problem := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses["default"] = &huma.Response{
		Description: "A problem (RFC 9457)",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: problem}},
	}
	at := places(reflect.TypeFor[I]())
	huma.Register(s.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, of(ctx).actor, in)
		if _, made := errors.AsType[*Problem](err); made {
			return nil, err // with its headers
		}
		if err != nil {
			p := s.problem(ctx, err)
			if place := placeOf(at, p.field, p.item); place != "" {
				p.Errors = []FieldProblem{{Location: place, Message: p.Detail}}
			}
			return nil, p
		}
		return out, nil
	})
}

// document writes the description with a stable order and an end of line.
func document(o *huma.OpenAPI) ([]byte, error) {
	return indented(o)
}

// open lets answers carry more than a client knows of: what is added to them later must not break it. What is sent to
// the API stays closed, so that a misspelt name is found.
func open(o *huma.OpenAPI) {
	closed := map[string]bool{}
	var walk func(s *huma.Schema)
	walk = func(s *huma.Schema) {
		if s == nil {
			return
		}
		if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok && !closed[name] {
			closed[name] = true
			walk(o.Components.Schemas.Map()[name])
		}
		walk(s.Items)
		for _, p := range s.Properties {
			walk(p)
		}
	}
	for _, item := range o.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Delete, item.Patch} {
			if op == nil {
				continue
			}
			for _, p := range op.Parameters {
				p.Schema.Nullable = false // a parameter is there or not
				if p.Schema.Description == p.Description {
					p.Schema.Description = ""
				}
			}
			if op.RequestBody == nil {
				continue
			}
			for _, m := range op.RequestBody.Content {
				walk(m.Schema)
			}
		}
	}
	// What the framework would report errors with; here they are all a Problem.
	for _, name := range []string{"ErrorModel", "ErrorDetail"} {
		delete(o.Components.Schemas.Map(), name)
	}
	for name, s := range o.Components.Schemas.Map() {
		if !closed[name] && s.AdditionalProperties == false {
			s.AdditionalProperties = nil
		}
	}
}

// schemaName tells the problem of an evidence from that of a request.
func schemaName(t reflect.Type, hint string) string {
	if t == reflect.TypeFor[harbour.Problem]() {
		return "EvidenceProblem"
	}
	return huma.DefaultSchemaNamer(t, hint)
}

// instantSchema describes [harbour.Instant].
type instantSchema struct{}

// Schema implements [huma.SchemaProvider].
func (instantSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Nullable: true, Description: "An instant in UTC; null where it is not known."}
}
