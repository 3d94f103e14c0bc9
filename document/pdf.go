// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"breakwater/document/pdf"
	"breakwater/harbour"
	"breakwater/view"
)

// PDF writes the assessment as PDF: the text of [HTML] with all of it unfolded, on pages with the marking, contents with
// page numbers, an outline, and a structure that can be read aloud. The same assessment gives the same bytes.
//
// Errors are those of [HTML]. A file that ends without "%%EOF" is not whole.
func PDF(ctx context.Context, w io.Writer, a *harbour.Assessment) error {
	return Both(ctx, io.Discard, w, a)
}

// Both writes the page and the PDF in one pass over the assessment; the PDF is set while the page is written.
func Both(ctx context.Context, page, paper io.Writer, a *harbour.Assessment) error {
	d, err := NewDraft(ctx, a)
	if err != nil {
		return err
	}
	return d.Both(ctx, page, paper)
}

// Both writes the document as [Both] does.
func (d *Draft) Both(ctx context.Context, page, paper io.Writer) error {
	s := d.s
	if err := d.complete(ctx); err != nil {
		return failure(err)
	}
	r, w := io.Pipe()
	set := make(chan error, 1)
	go func() {
		err := fenced(func() error { return pdf.Set(ctx, paper, bufio.NewReaderSize(r, 64<<10), s.paper()) })
		r.CloseWithError(err) // and so the page ends too, with this error
		set <- err
	}()
	err := s.write(ctx, io.MultiWriter(page, w))
	w.CloseWithError(err)
	if setErr := <-set; err == nil {
		err = setErr
	}
	if err != nil {
		return failure(err)
	}
	return nil
}

// fenced turns a panic into an error: a fault in setting one document must not end a server.
func fenced(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("setting the document: %v", r)
		}
	}()
	return f()
}

// paper is what stands around the text of the PDF.
func (s *survey) paper() pdf.Options {
	o := pdf.Options{
		Title: s.title(), Marking: s.marking(), Version: short(s.a.Summary.Version),
		AsOf: "State as of " + view.Instant(s.a.Summary.GeneratedAt),
	}
	if at := s.a.Summary.GeneratedAt; at.Known() {
		o.At = at.Time().Truncate(time.Second)
	}
	return o
}
