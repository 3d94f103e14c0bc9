// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bufio"
	"context"
	"errors"
	"io"

	"breakwater/harbour"
)

// HTML writes the assessment as one self-contained page. Nothing is written before all lists were walked once, so that
// a context that ends early leaves w untouched; a page that ends without "</html>" is not whole, and the caller should
// write to a temporary file and rename it.
//
// Errors are [harbour.Error]: ErrCancelled where ctx ended, ErrFull where w has no space, ErrInternal otherwise.
func HTML(ctx context.Context, w io.Writer, a *harbour.Assessment) error {
	d, err := NewDraft(ctx, a)
	if err != nil {
		return err
	}
	return d.HTML(ctx, w)
}

func (s *survey) write(ctx context.Context, w io.Writer) error {
	buf := bufio.NewWriterSize(w, 64<<10)
	if err := page(s).Render(ctx, buf); err != nil {
		return err
	}
	return buf.Flush()
}

func failure(err error) error {
	e := &harbour.Error{Kind: harbour.ErrInternal, Op: "write document", Message: "the document could not be written", Err: err}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.Kind, e.Message = harbour.ErrCancelled, "stopped before the document was complete"
	case harbour.DiskFull(err):
		e.Kind, e.Message = harbour.ErrFull, "no space left"
		e.Hint = "free space, or choose another folder with --out"
	}
	return e
}
