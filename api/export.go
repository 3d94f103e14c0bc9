// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Stream is an answer that is written as it is made.
type Stream struct{ Body func(huma.Context) }

// Choice is which form an export has.
type Choice struct {
	Format string `query:"format" enum:"jsonl,csv" doc:"jsonl: a JSON object in each line; csv: a table with a head. It goes before Accept; jsonl where neither says."`
	Accept string `header:"X-Breakwater-Accept" hidden:"true"`
}

const (
	lineType  = "application/jsonl"
	tableType = "text/csv; charset=utf-8"
)

func (c *Choice) table() bool {
	if c.Format != "" {
		return c.Format == "csv"
	}
	// The order of the list decides between those that are wanted equally; more is not asked for in practice.
	for want := range strings.SplitSeq(c.Accept, ",") {
		kind, quality, _ := strings.Cut(strings.TrimSpace(want), ";")
		if strings.ReplaceAll(quality, " ", "") == "q=0" {
			continue
		}
		switch strings.TrimSpace(kind) {
		case "text/csv":
			return true
		case lineType, "application/x-ndjson", "application/*", "*/*":
			return false
		}
	}
	return false
}

// column is one column of a table.
type column[T any] struct {
	name string
	of   func(*T) string
}

// exported is one kind of row as it leaves the house.
type exported[T any] struct {
	name    string
	columns []column[T]
}

// stream gives the rows that walk finds in the wanted form. The first row is asked for before the answer begins, so that
// what is wrong with the request is still a problem with its status; after that only the connection can break, which
// tells the client that the list is not whole.
func stream[T any](s *server, ctx context.Context, e *exported[T], c *Choice, walk func(fn func(*T) error) error) (*Stream, error) {
	probe := errProbe
	if err := walk(func(*T) error { return probe }); err != nil && err != probe {
		return nil, err
	}
	return &Stream{func(hc huma.Context) {
		r, w := humago.Unwrap(hc)
		h := w.Header()
		end := ".jsonl"
		h.Set("Content-Type", lineType)
		if c.table() {
			end = ".csv"
			h.Set("Content-Type", tableType)
		}
		h.Set("Content-Disposition", `attachment; filename="`+e.name+end+`"`)
		w.WriteHeader(http.StatusOK)
		if r.Method == http.MethodHead {
			return
		}
		_ = http.NewResponseController(w).Flush()
		put, done := lines[T](w)
		if c.table() {
			put, done = table(w, e)
		}
		err := walk(put)
		if err == nil {
			err = done()
		}
		if err != nil {
			if ctx.Err() == nil {
				s.log().WarnContext(ctx, "an export was cut short", slog.String("request", of(ctx).id), slog.Any("error", err))
			}
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

var errProbe = &harbour.Error{Kind: harbour.ErrCancelled, Op: "export", Message: "the first row is enough"}

func lines[T any](w io.Writer) (put func(*T) error, done func() error) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return func(v *T) error { return enc.Encode(v) }, func() error { return nil }
}

func table[T any](w io.Writer, e *exported[T]) (put func(*T) error, done func() error) {
	t := csv.NewWriter(w)
	t.UseCRLF = true
	row := make([]string, len(e.columns))
	for i, c := range e.columns {
		row[i] = c.name
	}
	_ = t.Write(row) // an error comes again with the next row
	return func(v *T) error {
			for i, c := range e.columns {
				row[i] = harmless(c.of(v))
			}
			return t.Write(row)
		}, func() error {
			t.Flush()
			return t.Error()
		}
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		if _, err := strconv.ParseFloat(s, 64); err != nil {
			return "'" + s
		}
	}
	return s
}

func yes(b bool) string { return strconv.FormatBool(b) }

var exportedAssets = exported[AssetItem]{"assets", []column[AssetItem]{
	{"id", func(v *AssetItem) string { return v.ID }},
	{"name", func(v *AssetItem) string { return v.Name }},
	{"domain", func(v *AssetItem) string { return string(v.Domain) }},
	{"kind", func(v *AssetItem) string { return string(v.Kind) }},
	{"vendor", func(v *AssetItem) string { return v.Vendor }},
	{"model", func(v *AssetItem) string { return v.Model }},
	{"firmware", func(v *AssetItem) string { return v.Firmware }},
	{"zone", func(v *AssetItem) string { return v.Zone }},
	{"level", func(v *AssetItem) string { return v.Level }},
	{"site", func(v *AssetItem) string { return v.Site }},
	{"supplier", func(v *AssetItem) string { return v.Supplier }},
	{"criticality", func(v *AssetItem) string { return v.Criticality }},
	{"address", func(v *AssetItem) string { return v.Address }},
	{"declared", func(v *AssetItem) string { return yes(v.Declared) }},
	{"observed", func(v *AssetItem) string { return yes(v.Observed) }},
	{"first_seen", func(v *AssetItem) string { return v.FirstSeen.String() }},
	{"last_seen", func(v *AssetItem) string { return v.LastSeen.String() }},
	{"open_findings", func(v *AssetItem) string { return strconv.Itoa(v.OpenFindings) }},
	{"worst_severity", func(v *AssetItem) string { return string(v.Worst) }},
}}

var exportedConversations = exported[Conversation]{"conversations", []column[Conversation]{
	{"id", func(v *Conversation) string { return v.ID }},
	{"client", func(v *Conversation) string { return v.Client }},
	{"client_name", func(v *Conversation) string { return v.ClientName }},
	{"client_ip", func(v *Conversation) string { return v.ClientIP }},
	{"client_zone", func(v *Conversation) string { return v.ClientZone }},
	{"server", func(v *Conversation) string { return v.Server }},
	{"server_name", func(v *Conversation) string { return v.ServerName }},
	{"server_ip", func(v *Conversation) string { return v.ServerIP }},
	{"server_zone", func(v *Conversation) string { return v.ServerZone }},
	{"group", func(v *Conversation) string { return v.Group }},
	{"transport", func(v *Conversation) string { return v.Transport }},
	{"port", func(v *Conversation) string { return strconv.Itoa(v.Port) }},
	{"protocol", func(v *Conversation) string { return v.Protocol }},
	{"packets", func(v *Conversation) string { return strconv.FormatInt(v.Packets, 10) }},
	{"bytes", func(v *Conversation) string { return strconv.FormatInt(v.Bytes, 10) }},
	{"first_seen", func(v *Conversation) string { return v.FirstSeen.String() }},
	{"last_seen", func(v *Conversation) string { return v.LastSeen.String() }},
	{"verdict", func(v *Conversation) string { return string(v.Verdict) }},
	{"evidence", func(v *Conversation) string { return v.Evidence }},
	{"locator", func(v *Conversation) string { return v.Locator }},
}}

var exportedOperations = exported[Operation]{"operations", []column[Operation]{
	{"id", func(v *Operation) string { return v.ID }},
	{"client", func(v *Operation) string { return v.Client }},
	{"client_name", func(v *Operation) string { return v.ClientName }},
	{"client_ip", func(v *Operation) string { return v.ClientIP }},
	{"server", func(v *Operation) string { return v.Server }},
	{"server_name", func(v *Operation) string { return v.ServerName }},
	{"server_ip", func(v *Operation) string { return v.ServerIP }},
	{"group", func(v *Operation) string { return v.Group }},
	{"protocol", func(v *Operation) string { return v.Protocol }},
	{"verb", func(v *Operation) string { return string(v.Verb) }},
	{"code", func(v *Operation) string { return v.Code }},
	{"name", func(v *Operation) string { return v.Name }},
	{"target", func(v *Operation) string { return v.Target }},
	{"result", func(v *Operation) string { return v.Result }},
	{"count", func(v *Operation) string { return strconv.FormatInt(v.Count, 10) }},
	{"first_seen", func(v *Operation) string { return v.FirstSeen.String() }},
	{"last_seen", func(v *Operation) string { return v.LastSeen.String() }},
	{"evidence", func(v *Operation) string { return v.Evidence }},
	{"locator", func(v *Operation) string { return v.Locator }},
}}

var exportedFindings = exported[FindingItem]{"findings", []column[FindingItem]{
	{"id", func(v *FindingItem) string { return v.ID }},
	{"rule", func(v *FindingItem) string { return v.Rule }},
	{"severity", func(v *FindingItem) string { return string(v.Severity) }},
	{"title", func(v *FindingItem) string { return v.Title }},
	{"explanation", func(v *FindingItem) string { return v.Explanation }},
	{"action", func(v *FindingItem) string { return v.Action }},
	{"subjects", func(v *FindingItem) string { return strings.Join(v.Subjects, " ") }},
	{"requirements", func(v *FindingItem) string { return strings.Join(v.Requirements, " ") }},
	{"status", func(v *FindingItem) string { return string(v.Status) }},
	{"assignee", func(v *FindingItem) string { return v.Assignee }},
	{"until", func(v *FindingItem) string { return v.Until.String() }},
	{"first_seen", func(v *FindingItem) string { return v.FirstSeen.String() }},
	{"last_seen", func(v *FindingItem) string { return v.LastSeen.String() }},
}}

var exportedEvidence = exported[EvidenceItem]{"evidence", []column[EvidenceItem]{
	{"id", func(v *EvidenceItem) string { return v.ID }},
	{"name", func(v *EvidenceItem) string { return v.Name }},
	{"kind", func(v *EvidenceItem) string { return string(v.Kind) }},
	{"site", func(v *EvidenceItem) string { return v.Site }},
	{"state", func(v *EvidenceItem) string { return v.State }},
	{"sha256", func(v *EvidenceItem) string { return v.SHA256 }},
	{"bytes", func(v *EvidenceItem) string { return strconv.FormatInt(v.Bytes, 10) }},
	{"records", func(v *EvidenceItem) string { return strconv.FormatInt(v.Records, 10) }},
	{"problems", func(v *EvidenceItem) string { return strconv.Itoa(len(v.Problems)) }},
	{"from", func(v *EvidenceItem) string { return v.From.String() }},
	{"to", func(v *EvidenceItem) string { return v.To.String() }},
	{"hold", func(v *EvidenceItem) string { return v.Hold }},
	{"keep_until", func(v *EvidenceItem) string { return v.KeepUntil.String() }},
	{"received_at", func(v *EvidenceItem) string { return v.ReceivedAt.String() }},
	{"received_by", func(v *EvidenceItem) string { return v.ReceivedBy }},
}}

// exportOperation describes an export.
func exportOperation(id, path, tag, summary string) huma.Operation {
	whole := &huma.Schema{Type: huma.TypeString}
	return huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: inOrg(path), Tags: []string{tag}, Summary: summary,
		Description: "All rows of the list with the same filters, in its order, streamed. A list that could not be finished ends with a broken connection.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The rows",
			Content:     map[string]*huma.MediaType{lineType: {Schema: whole}, "text/csv": {Schema: whole}},
		}},
	}
}

// Sorted is the order of an export.
type Sorted struct {
	Sort string `query:"sort" maxLength:"40" doc:"As for the list."`
}

func (s *Sorted) order() (o store.Order) {
	o.Sort, o.Desc = strings.CutPrefix(s.Sort, "-")
	return o
}

func (s *server) exportRoutes() {
	handle(s, exportOperation("exportEvidence", "/evidence/export", "Evidence", "Take the list of evidence out"), func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Choice
		Sorted
		EvidenceFilter
	},
	) (*Stream, error) {
		return stream(s, ctx, &exportedEvidence, &in.Choice, func(fn func(*EvidenceItem) error) error {
			return s.Evidence.Each(ctx, by, in.Organisation, in.query(in.order()), func(r *store.EvidenceRow) error {
				v := evidenceItem(r)
				return fn(&v)
			})
		})
	})
	handle(s, exportOperation("exportAssets", "/assets/export", "Assets", "Take assets out"), func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Choice
		Sorted
		AsOf
		AssetFilter
	},
	) (*Stream, error) {
		at, err := in.instant()
		if err != nil {
			return nil, err
		}
		if in.table() {
			return stream(s, ctx, &exportedAssets, &in.Choice, func(fn func(*AssetItem) error) error {
				return s.Assets.Each(ctx, by, in.Organisation, in.query(in.order()), at, func(_ *harbour.Asset, r store.AssetRow) error {
					v := assetItem(&r)
					return fn(&v)
				})
			})
		}
		return stream(s, ctx, &exported[harbour.Asset]{name: "assets"}, &in.Choice, func(fn func(*harbour.Asset) error) error {
			return s.Assets.Each(ctx, by, in.Organisation, in.query(in.order()), at, func(a *harbour.Asset, _ store.AssetRow) error { return fn(a) })
		})
	})
	handle(s, exportOperation("exportConversations", "/conversations/export", "Traffic", "Take conversations out"), func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Choice
		Sorted
		ConversationFilter
	},
	) (*Stream, error) {
		q, err := in.query(in.order())
		if err != nil {
			return nil, err
		}
		return stream(s, ctx, &exportedConversations, &in.Choice, func(fn func(*Conversation) error) error {
			return s.Traffic.EachConversation(ctx, by, in.Organisation, q, func(r *store.ConversationRow) error {
				v := conversation(r)
				return fn(&v)
			})
		})
	})
	handle(s, exportOperation("exportOperations", "/operations/export", "Traffic", "Take operations out"), func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Choice
		Sorted
		OperationFilter
	},
	) (*Stream, error) {
		q, err := in.query(in.order())
		if err != nil {
			return nil, err
		}
		return stream(s, ctx, &exportedOperations, &in.Choice, func(fn func(*Operation) error) error {
			return s.Traffic.EachOperation(ctx, by, in.Organisation, q, func(r *store.OperationRow) error {
				v := operation(r)
				return fn(&v)
			})
		})
	})
	handle(s, exportOperation("exportFindings", "/findings/export", "Findings", "Take findings out"), func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Choice
		Sorted
		AsOf
		FindingFilter
	},
	) (*Stream, error) {
		at, err := in.instant()
		if err != nil {
			return nil, err
		}
		return stream(s, ctx, &exportedFindings, &in.Choice, func(fn func(*FindingItem) error) error {
			q := in.query(in.order())
			q.Limit = 500
			for {
				p, err := s.Findings.List(ctx, by, in.Organisation, q, at)
				if err != nil {
					return err
				}
				for i := range p.Items {
					v := findingItem(&p.Items[i])
					if err := fn(&v); err != nil {
						return err
					}
				}
				if q.Cursor = p.Next; p.Next == "" {
					return nil
				}
			}
		})
	})
}
