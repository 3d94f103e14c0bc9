// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"breakwater/evidence/packet/capture"
	"breakwater/evidence/packet/decode"
	"breakwater/evidence/packet/explain"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

// Frame is one frame of a capture.
type Frame struct {
	Number  uint64
	Frames  int64 // how many the capture has
	At      harbour.Instant
	Nanos   int // into the second, as recorded
	Detail  capture.Detail
	Link    decode.LinkType
	Length  int // on the wire
	Layers  []explain.Layer
	Secrets []explain.Span
	// Bytes as captured. With Masked set, those of Secrets are replaced by asterisks.
	Bytes  []byte
	Masked bool
}

// MaxUnpacked is how much of a compressed capture is unpacked to reach a frame.
const MaxUnpacked = 2 << 30

// frame finds a frame and takes it apart.
func (u *Evidence) frame(ctx context.Context, e *store.EvidenceRow, number uint64, full bool) (*Frame, error) {
	at := place{unit: "frame", number: number}
	if e.Records > 0 && number > uint64(e.Records) {
		return nil, nowhere(e, at)
	}
	v, err := u.openCapture(ctx, e, number)
	if err != nil {
		return nil, err
	}
	defer v.close()
	out := &Frame{Number: number, Frames: e.Records}
	v.r.Details(&out.Detail)
	var f capture.Frame
	for f.Number < number {
		if err := v.next(ctx, &f); errors.Is(err, io.EOF) {
			return nil, nowhere(e, at)
		} else if err != nil {
			return nil, err
		}
	}
	out.At, out.Nanos, out.Link, out.Length, out.Bytes = f.At, out.Detail.Nanos(), f.Link, int(f.OrigLen), bytes.Clone(f.Data)
	x := explain.Frame(f.Link, out.Bytes)
	out.Layers, out.Secrets = x.Layers, x.Secrets
	if out.Masked = !full && len(x.Secrets) > 0; out.Masked {
		for _, s := range x.Secrets {
			for i := range s.Length {
				out.Bytes[s.Offset+i] = '*'
			}
		}
	}
	return out, nil
}

// opened is a capture that is being read from somewhere before a frame.
type opened struct {
	r      *capture.Reader
	file   *vault.Reader
	src    *bounded
	closer func()
}

func (v *opened) close() {
	v.closer()
	v.file.Close()
}

// next reads the next frame; what ended it early comes before the end.
func (v *opened) next(ctx context.Context, f *capture.Frame) error {
	if f.Number&0xfff == 0 && ctx.Err() != nil {
		return cancelled(ctx)
	}
	err := v.r.Next(f)
	if err != nil && v.src.err != nil {
		return v.src.err
	}
	return err
}

func cancelled(ctx context.Context) error {
	return &harbour.Error{Kind: harbour.ErrCancelled, Op: "read capture", Message: "stopped", Err: context.Cause(ctx)}
}

// openCapture opens a capture at the last place from which a frame can be reached.
func (u *Evidence) openCapture(ctx context.Context, e *store.EvidenceRow, number uint64) (v *opened, err error) {
	file, err := u.open(e)
	if err != nil {
		return nil, err
	}
	v = &opened{file: file, closer: func() {}}
	defer func() {
		if err != nil {
			v.close()
		}
	}()
	stream, name, done, err := capture.Unpack(io.NewSectionReader(file, 0, file.Size()))
	if err != nil {
		return nil, err
	}
	v.closer = done
	m, marked := u.mark(e, number)
	if name == "" && marked {
		v.src = &bounded{ctx: ctx, r: io.NewSectionReader(file, m.Offset, file.Size()-m.Offset), left: 1 << 62}
		v.r = capture.Resume(v.src, m, nil)
		return v, nil
	}
	limit := int64(1 << 62)
	if name != "" {
		limit = MaxUnpacked
	}
	v.src = &bounded{ctx: ctx, r: stream, left: limit, name: e.Name}
	if !marked {
		v.r, err = capture.Open(v.src, nil)
		return v, err
	}
	if _, err := io.CopyN(io.Discard, v.src, m.Offset); err != nil {
		if v.src.err != nil {
			return nil, v.src.err
		}
		return nil, nowhere(e, place{unit: "frame", number: number})
	}
	v.r = capture.Resume(v.src, m, nil)
	return v, nil
}

// maxIndex is how long an index is at most.
const maxIndex = 64 << 20

// mark looks the last place before a frame up in the capture's index. Without one, or with a damaged one, the capture is
// read from its start.
func (u *Evidence) mark(e *store.EvidenceRow, number uint64) (capture.Mark, bool) {
	if e.Marks == "" {
		return capture.Mark{}, false
	}
	r, err := u.vault.Open(e.Marks)
	if err == nil {
		defer r.Close()
		var b []byte
		if b, err = io.ReadAll(io.LimitReader(r, maxIndex)); err == nil {
			if x, ok := capture.ParseIndex(b); ok {
				return x.Before(number)
			}
			err = errors.New("it is no index")
		}
	}
	u.core.Log.Warn("the index of a capture cannot be used; its frames are looked for from the start", "evidence", e.ID, "error", err)
	return capture.Mark{}, false
}

// bounded reads up to a limit, and stops when its context ends.
type bounded struct {
	ctx  context.Context
	r    io.Reader
	left int64
	name string
	err  error
}

func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.err != nil:
	case b.ctx.Err() != nil:
		b.err = cancelled(b.ctx)
	case b.left <= 0:
		b.err = &harbour.Error{
			Kind: harbour.ErrTooLarge, Op: "read capture", Message: fmt.Sprintf("the place lies deeper in the compressed capture %s than %d MiB", b.name, int64(MaxUnpacked)>>20),
			Hint: "give the capture as it is, not compressed: its frames are then found at once",
		}
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err != nil && harbour.KindOf(err) == harbour.ErrUnreadable {
		b.err = err // what is kept is damaged
	}
	return n, err
}
