// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package packet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"breakwater/evidence"
	"breakwater/evidence/packet/capture"
	"breakwater/evidence/packet/decode"
	"breakwater/harbour"
)

// Kind reads captures.
type Kind struct {
	// Marks, where given, is told a place from which reading can go on later, about once for each [capture.MarkEvery]
	// bytes.
	Marks func(capture.Mark)
}

var _ evidence.Kind = Kind{}

// recordSize is what a capture file spends on a frame beside its bytes, about.
const recordSize = 16

// Kind names the evidence kind.
func (Kind) Kind() harbour.EvidenceKind { return harbour.EvidencePacket }

// Recognise looks for a capture file's header.
func (Kind) Recognise(head []byte) string { return capture.Recognise(head) }

// Read reads a whole capture into the ledger.
func (k Kind) Read(ctx context.Context, src *evidence.Source, l *evidence.Ledger) error {
	r, err := capture.Open(src.Reader, l.Problem)
	if err != nil {
		return err
	}
	defer r.Close()
	e := newEngine(l, src.Memory)
	refused := map[decode.LinkType]int64{}
	var frames [lookahead]capture.Frame
	since := 0
	for {
		if k.Marks != nil && since >= capture.MarkEvery {
			k.Marks(r.Mark())
			since = 0
		}
		n, err := r.Batch(frames[:])
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if n == 0 {
			break
		}
		if frames[0].Number&0x3fff < lookahead && ctx.Err() != nil {
			return &harbour.Error{Kind: harbour.ErrCancelled, Op: "read capture", Message: "stopped", Err: ctx.Err()}
		}
		l.Evidence.Records += int64(n)
		for i := range frames[:n] {
			since += len(frames[i].Data) + recordSize
			harbour.Widen(&l.Evidence.From, &l.Evidence.To, frames[i].At)
		}
		e.take(supported(frames[:n], refused))
	}
	e.finish()
	if n := r.Drops(); n > 0 {
		l.Count("frames_lost_by_capturing_host", int64(n))
	}
	for _, t := range slices.Sorted(maps.Keys(refused)) {
		l.Problem(harbour.Problem{
			Message: fmt.Sprintf("%d frames of link type %d are not decoded", refused[t], t),
			Hint:    "Ethernet, Linux cooked (SLL, SLL2), raw IP and BSD loopback captures are read",
			Fatal:   refused[t] == l.Evidence.Records,
		})
	}
	return nil
}

// supported keeps the frames that can be decoded, in place, and counts the others by link type.
func supported(frames []capture.Frame, refused map[decode.LinkType]int64) []capture.Frame {
	n := 0
	for i := range frames {
		if !frames[i].Link.Supported() {
			refused[frames[i].Link]++
			continue
		}
		if n < i {
			frames[n] = frames[i]
		}
		n++
	}
	return frames[:n]
}
