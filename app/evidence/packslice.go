// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"breakwater/evidence/packet/capture"
	"breakwater/evidence/packet/decode"
	"breakwater/evidence/packet/explain"
	"breakwater/exchange/evidencepack"
	"breakwater/harbour"
)

// maxSlices is how many slices are cut from one evidence: one for each link type of a capture.
const maxSlices = 10

// frames writes the cited frames of a capture as pcap files, one for each link type, with secrets masked. A capture of
// which a part cannot be read costs that part.
func (p *packing) frames(ctx context.Context, c *citation) (list []evidencepack.Slice, err error) {
	var wanted []uint64
	for _, at := range c.places {
		if at.unit == "frame" {
			wanted = append(wanted, at.number)
		}
	}
	slices.Sort(wanted)
	for n := 0; len(wanted) > 0 && n < maxSlices; n++ {
		name := evidencepack.SliceFile(c.row.ID, n, "pcap")
		var out *bufio.Writer
		var link decode.LinkType
		s := evidencepack.Slice{File: name, Frames: []uint64{}, Masked: []uint64{}, Places: []string{}}
		others, err := p.u.eachFrame(ctx, c, wanted, func(f *capture.Frame, d *capture.Detail) (taken bool, err error) {
			if out == nil {
				to, err := p.w.Create(name)
				if err != nil {
					return false, err
				}
				link, out = f.Link, bufio.NewWriterSize(to, 64<<10)
				if _, err := out.Write(pcapHeader(link)); err != nil {
					return false, err
				}
			}
			if f.Link != link {
				return false, nil
			}
			s.Frames = append(s.Frames, f.Number)
			if masked, ok := masked(f); ok {
				f.Data = masked
				s.Masked = append(s.Masked, f.Number)
			}
			return true, writeFrame(out, f, d)
		})
		if out != nil {
			if err := out.Flush(); err != nil {
				return nil, err
			}
			list = append(list, s)
		}
		if kind := harbour.KindOf(err); err != nil && kind != harbour.ErrTooLarge && kind != harbour.ErrNotFound && kind != harbour.ErrUnreadable {
			return nil, err
		} else if err != nil {
			p.leave("places of %s (%s): %s", c.row.ID, c.row.Name, err)
			return list, nil
		}
		wanted = others
	}
	return list, nil
}

// masked gives the bytes of a frame with its secrets replaced by asterisks.
func masked(f *capture.Frame) (b []byte, ok bool) {
	secrets := explain.Frame(f.Link, f.Data).Secrets
	if len(secrets) == 0 {
		return nil, false
	}
	b = bytes.Clone(f.Data)
	for _, s := range secrets {
		for i := range s.Length {
			b[s.Offset+i] = '*'
		}
	}
	return b, true
}

// farFrames is how many frames are read over rather than found through the index.
const farFrames = 20_000

// eachFrame calls fn for each frame of a sorted list, and gives those that it did not take.
//
// Errors: ErrTooLarge where too much has to be looked through; those of reading and of fn.
func (u *Evidence) eachFrame(ctx context.Context, c *citation, wanted []uint64, fn func(*capture.Frame, *capture.Detail) (bool, error)) (others []uint64, err error) {
	var v *opened
	var f capture.Frame
	var d capture.Detail
	defer func() {
		if v != nil {
			v.close()
		}
	}()
	searched := int64(0)
	for _, number := range wanted {
		if v == nil || number > f.Number+farFrames {
			if v != nil {
				v.close()
			}
			if v, err = u.openCapture(ctx, &c.row, number); err != nil {
				return others, err
			}
			v.r.Details(&d)
			f = capture.Frame{}
		}
		for f.Number < number {
			if err := v.next(ctx, &f); errors.Is(err, io.EOF) {
				return others, nowhere(&c.row, place{unit: "frame", number: number})
			} else if err != nil {
				return others, err
			}
			if searched += int64(len(f.Data)); searched > maxPackSearch {
				return others, &harbour.Error{Kind: harbour.ErrTooLarge, Op: "slice capture", Message: "the cited frames lie too far apart"}
			}
		}
		if f.Number != number {
			continue
		}
		taken, err := fn(&f, &d)
		if err != nil {
			return others, err
		}
		if !taken {
			others = append(others, number)
		}
	}
	return others, nil
}

// places writes the cited rows of a spreadsheet or lines of a port file, with secret cells masked.
func (p *packing) places(ctx context.Context, c *citation) ([]evidencepack.Slice, error) {
	s := evidencepack.Slice{File: evidencepack.SliceFile(c.row.ID, 0, "jsonl"), Frames: []uint64{}, Masked: []uint64{}, Places: []string{}}
	var lines []any
	var keys []string
	for key := range c.places {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		x, y := c.places[a], c.places[b]
		if x.sheet != y.sheet {
			return strings.Compare(x.sheet, y.sheet)
		}
		return int(int64(x.number) - int64(y.number))
	})
	for _, key := range keys {
		at := c.places[key]
		name := at.unit + " " + strconv.FormatUint(at.number, 10)
		if at.sheet != "" {
			name = "sheet " + at.sheet + " " + name
		}
		var line any
		var err error
		switch {
		case c.row.Kind == harbour.EvidenceSheet && at.unit == "row":
			v, e := p.u.row(ctx, &c.row, at)
			if err = e; err == nil {
				line = map[string]any{"place": name, "columns": v.Columns, "cells": v.Cells}
			}
		case c.row.Kind == harbour.EvidencePortFile && at.unit == "line":
			v, e := p.u.lines(&c.row, int(at.number))
			if err = e; err == nil {
				line = map[string]any{"place": name, "first": v.First, "lines": v.Text}
			}
		default:
			p.leave("%s of %s (%s), which was read as %s", name, c.row.ID, c.row.Name, c.row.Kind)
			continue
		}
		if kind := harbour.KindOf(err); err != nil && kind != harbour.ErrNotFound && kind != harbour.ErrUnreadable && kind != harbour.ErrTooLarge {
			return nil, err
		} else if err != nil {
			p.leave("%s of %s (%s): %s", name, c.row.ID, c.row.Name, err)
			continue
		}
		s.Places, lines = append(s.Places, name), append(lines, line)
	}
	if len(lines) == 0 {
		return []evidencepack.Slice{}, nil
	}
	put, err := p.w.Lines(s.File)
	for _, line := range lines {
		if err == nil {
			err = put(line)
		}
	}
	return []evidencepack.Slice{s}, err
}
