// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"breakwater/app"
	"breakwater/app/assets"
	"breakwater/harbour"
)

// Bounds of a bulk import.
const (
	maxImport      = 64 << 20
	maxImportLine  = 64 << 10
	maxImportLines = 100_000
	importBatch    = 200
	importFor      = 10 * time.Minute
)

// StatementLine is a line of a bulk import.
type StatementLine struct {
	StatementOf
	Reason string `json:"reason,omitempty"`
}

// LineResult is what came of a line.
type LineResult struct {
	Line   int    `json:"line" doc:"Number of the line, from 1."`
	Result string `json:"result" enum:"done,refused,not_tried"`
	Kind   string `json:"kind,omitempty" doc:"Of the problem."`
	Detail string `json:"detail,omitempty"`
	Hint   string `json:"hint,omitempty"`
	Field  string `json:"field,omitempty" doc:"The part of the line that is wrong."`
}

// ImportResult is the last line of the answer to a bulk import.
type ImportResult struct {
	Lines    int      `json:"lines"`
	Done     int      `json:"done"`
	Refused  int      `json:"refused"`
	NotTried int      `json:"not_tried" doc:"Lines after something that stopped the import; send them again."`
	Undo     []string `json:"undo" nullable:"false" doc:"By these the changes can be taken back."`
}

// LinesIn takes a body as it comes.
type LinesIn struct {
	InOrganisation
	body io.Reader
}

// Resolve implements [huma.Resolver].
func (l *LinesIn) Resolve(ctx huma.Context) []error {
	r, w := humago.Unwrap(ctx)
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(importFor))
	l.body = http.MaxBytesReader(w, r.Body, maxImport)
	return nil
}

var _ huma.Resolver = (*LinesIn)(nil)

func (s *server) bulkRoutes() {
	lines := &huma.Schema{Type: huma.TypeString}
	handle(s, huma.Operation{
		OperationID: "importStatements", Method: http.MethodPost, Path: inOrg("/assets/statements/import"), Tags: []string{"Assets"},
		Summary: "State things line by line",
		Description: "Takes JSON Lines: in each line an object with asset, field, value, reason, withdraw, version and force as for stating many at once. " +
			"Each line stands for itself: the answer has a line for each, with line, result (done, refused, not_tried) and for a refused one kind, detail and hint; " +
			"its last line counts them and names what takes the changes back. At most 100,000 lines, 64 KiB each.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{lineType: {Schema: lines}}},
		Responses:   map[string]*huma.Response{"200": {Description: "A result for each line", Content: map[string]*huma.MediaType{lineType: {Schema: lines}}}},
	}, func(ctx context.Context, by *app.Actor, in *LinesIn) (*Stream, error) {
		if _, err := by.Scope(app.EditAssets, in.Organisation); err != nil {
			return nil, err
		}
		b := bulk{s: s, by: by, org: in.Organisation, last: ImportResult{Undo: []string{}}}
		if err := b.run(ctx, in.body); err != nil {
			return nil, err
		}
		return &Stream{func(hc huma.Context) {
			_, w := humago.Unwrap(hc)
			w.Header().Set("Content-Type", lineType)
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			for i := range b.results {
				_ = enc.Encode(&b.results[i]) // a connection that has gone shows at the last
			}
			if err := enc.Encode(&b.last); err != nil {
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}

// bulk is one bulk import.
type bulk struct {
	s       *server
	by      *app.Actor
	org     string
	results []LineResult
	last    ImportResult
	batch   []assets.Change
	at      []int // lines of the batch
	reason  string
	stopped error
}

// run reads all lines. The error is what is wrong with the whole; what stops it midway is the result of a line.
func (b *bulk) run(ctx context.Context, body io.Reader) error {
	in := bufio.NewReaderSize(body, maxImportLine)
	for n := 1; ; n++ {
		line, tooLong, err := nextLine(in)
		empty := len(bytes.TrimSpace(line)) == 0 && !tooLong
		switch {
		case err != nil && err != io.EOF:
			if _, large := errors.AsType[*http.MaxBytesError](err); large {
				err = tooLarge("the lines have more than " + strconv.Itoa(maxImport>>20) + " MiB")
			} else {
				err = &harbour.Error{Kind: harbour.ErrUsage, Op: "import", Message: "the lines could not be read to their end", Hint: "send those again that have no result", Err: err}
			}
			if b.last.Lines == 0 {
				return err
			}
			b.stop(ctx, n, err)
			return nil
		case !empty && b.last.Lines >= maxImportLines:
			b.stop(ctx, n, tooLarge("there are more than "+strconv.Itoa(maxImportLines)+" lines"))
			return nil
		case !empty:
			b.take(ctx, n, line, tooLong)
		}
		if err == io.EOF {
			b.flush(ctx)
			return nil
		}
	}
}

func tooLarge(message string) error {
	return &harbour.Error{Kind: harbour.ErrTooLarge, Op: "import", Message: message, Hint: "send the rest, from this line on, in another request"}
}

// stop ends the import before a line.
func (b *bulk) stop(ctx context.Context, n int, err error) {
	b.flush(ctx)
	b.last.Lines++
	b.result(ctx, n, "not_tried", err)
}

// nextLine reads a line without its end. Of one that is too long nothing is given.
func nextLine(in *bufio.Reader) (line []byte, tooLong bool, err error) {
	line, err = in.ReadSlice('\n')
	for err == bufio.ErrBufferFull {
		tooLong = true
		_, err = in.ReadSlice('\n')
	}
	if tooLong {
		return nil, true, err
	}
	return line, false, err
}

// strictly reads a JSON object that must have no other fields than v.
func strictly(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, err = d.Token(); err == io.EOF {
			return nil
		}
		err = errors.New("something follows the object")
	}
	return usage("import", "the line is not a JSON object of the fields that there are: "+clip(strings.TrimPrefix(err.Error(), "json: ")), "the fields are asset, field, value, reason, withdraw, version, force")
}

func clip(s string) string {
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + " …"
	}
	return s
}

func (b *bulk) take(ctx context.Context, n int, line []byte, tooLong bool) {
	b.last.Lines++
	if b.stopped != nil {
		b.flush(ctx)
		b.result(ctx, n, "not_tried", b.stopped)
		return
	}
	var v StatementLine
	err := usage("import", "the line is longer than "+strconv.Itoa(maxImportLine>>10)+" KiB", "shorten it")
	if !tooLong {
		err = strictly(line, &v)
	}
	if err != nil {
		b.flush(ctx)
		b.result(ctx, n, "refused", err)
		return
	}
	if len(b.batch) >= importBatch || len(b.batch) > 0 && v.Reason != b.reason {
		b.flush(ctx)
	}
	b.reason = v.Reason
	b.batch, b.at = append(b.batch, v.change()), append(b.at, n)
}

// flush records the batch, line by line where it does not go as a whole.
func (b *bulk) flush(ctx context.Context) {
	batch, at := b.batch, b.at
	b.batch, b.at = nil, nil
	if len(batch) == 0 {
		return
	}
	if b.stopped == nil {
		undo, err := b.s.Assets.State(ctx, b.by, b.org, batch, b.reason)
		if err == nil {
			b.last.Undo = append(b.last.Undo, undo)
			for _, n := range at {
				b.result(ctx, n, "done", nil)
			}
			return
		}
	}
	for i, n := range at {
		if b.stopped != nil {
			b.result(ctx, n, "not_tried", b.stopped)
			continue
		}
		undo, err := b.s.Assets.State(ctx, b.by, b.org, batch[i:i+1], b.reason)
		switch harbour.KindOf(err) {
		case harbour.ErrInvalid, harbour.ErrNotFound, harbour.ErrStale, harbour.ErrConflict:
			b.result(ctx, n, "refused", err)
		default:
			if err == nil {
				b.last.Undo = append(b.last.Undo, undo)
				b.result(ctx, n, "done", nil)
				continue
			}
			b.stopped = b.s.problem(ctx, err)
			b.result(ctx, n, "not_tried", b.stopped)
		}
	}
}

func (b *bulk) result(ctx context.Context, n int, result string, err error) {
	r := LineResult{Line: n, Result: result}
	switch result {
	case "done":
		b.last.Done++
	case "refused":
		b.last.Refused++
	default:
		b.last.NotTried++
	}
	if err != nil {
		p := b.s.problem(ctx, err)
		r.Kind, r.Detail, r.Hint, r.Field = p.Kind, p.Detail, p.Hint, p.field
	}
	b.results = append(b.results, r)
}
