// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pack

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"iter"
	"math"

	"github.com/klauspost/compress/zstd"

	"breakwater/harbour"
	"breakwater/wire"
)

// Bounds of the format. A packed batch is never longer than [MaxPacked], which fits the default limit of a broker's
// messages, 1 MiB, with room for its headers.
const (
	MaxName   = 128     // bytes of the name of a source or a segment
	MaxEvents = 1 << 16 // in one message
	MaxEvent  = 1 << 18 // bytes of one event
	MaxBody   = 960 << 10
	MaxPacked = header + MaxBody
)

const (
	magic   = "BWP\x01"
	header  = 4 + 1 + 4 + 4 // magic, codec, checksum, length of the body
	fixed   = 1 + 1 + 8 + 4 // of a body: two lengths of names, first, count
	plain   = 0
	zstdAll = 1
)

// Batch is a run of events of one segment: event i has the sequence number First + i.
type Batch struct {
	Source  string // who saw it: the sensor's id
	Segment string // part of the source's stream within which numbers are counted
	First   uint64
	Events  [][]byte
}

// Last is the sequence number of the last event. A batch without events has none; it gives First.
func (b *Batch) Last() uint64 { return b.First + uint64(max(len(b.Events), 1)-1) }

// ID names the batch: the same events of the same segment have the same name.
func (b *Batch) ID() string {
	return fmt.Sprintf("%s/%s/%d-%d", b.Source, b.Segment, b.First, b.Last())
}

// Check says whether the batch keeps the bounds that [Split] cannot bring about.
//
// Errors: ErrInvalid for a name that is missing or too long, no events, or numbers that run over; ErrTooLarge for an event
// that no message can hold.
func (b *Batch) Check() error {
	bad := func(format string, args ...any) error {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "pack events", Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case b.Source == "" || len(b.Source) > MaxName:
		return bad("the name of the source has %d bytes, 1 to %d are allowed", len(b.Source), MaxName)
	case b.Segment == "" || len(b.Segment) > MaxName:
		return bad("the name of the segment has %d bytes, 1 to %d are allowed", len(b.Segment), MaxName)
	case len(b.Events) == 0:
		return bad("there are no events")
	case uint64(len(b.Events)-1) > math.MaxUint64-b.First:
		return bad("the sequence numbers run over")
	}
	for i, e := range b.Events {
		if len(e) > MaxEvent {
			return &harbour.Error{
				Kind: harbour.ErrTooLarge, Op: "pack events", Message: fmt.Sprintf("event %d has %d bytes, %d are allowed", b.First+uint64(i), len(e), MaxEvent),
				Hint: "send large content as evidence, and an event that names it",
			}
		}
	}
	return nil
}

// Split cuts a batch that passed [Batch.Check] into pieces that fit a message each, in order. The pieces share the events' memory.
func Split(b Batch) iter.Seq[Batch] {
	return func(yield func(Batch) bool) {
		names := fixed + len(b.Source) + len(b.Segment)
		for len(b.Events) > 0 {
			n, size := 0, names
			for n < len(b.Events) && n < MaxEvents && size+4+len(b.Events[n]) <= MaxBody {
				size += 4 + len(b.Events[n])
				n++
			}
			if n == 0 { // longer than any message: Check refuses it
				return
			}
			piece := b
			piece.Events = b.Events[:n]
			if !yield(piece) {
				return
			}
			b.First, b.Events = b.First+uint64(n), b.Events[n:]
		}
	}
}

// Codec packs and unpacks.
type Codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
	crc *crc32.Table
}

// New makes a Codec.
func New() (*Codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(2*MaxBody), zstd.WithDecoderMaxWindow(1<<21))
	if err != nil {
		return nil, err
	}
	return &Codec{enc, dec, crc32.MakeTable(crc32.Castagnoli)}, nil
}

// Close gives back what the Codec holds.
func (c *Codec) Close() {
	c.enc.Close()
	c.dec.Close()
}

// Encode packs a batch into the bytes of one message.
//
// Errors: those of [Batch.Check]; ErrTooLarge where it must be split first.
func (c *Codec) Encode(b Batch) ([]byte, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	size := fixed + len(b.Source) + len(b.Segment)
	for _, e := range b.Events {
		size += 4 + len(e)
	}
	if size > MaxBody || len(b.Events) > MaxEvents {
		return nil, &harbour.Error{Kind: harbour.ErrTooLarge, Op: "pack events", Message: fmt.Sprintf("%d events with %d bytes do not fit one message", len(b.Events), size), Hint: "split the batch"}
	}
	body := make([]byte, 0, size)
	body = append(append(body, byte(len(b.Source))), b.Source...)
	body = append(append(body, byte(len(b.Segment))), b.Segment...)
	body = binary.BigEndian.AppendUint64(body, b.First)
	body = binary.BigEndian.AppendUint32(body, uint32(len(b.Events)))
	for _, e := range b.Events {
		body = binary.BigEndian.AppendUint32(body, uint32(len(e)))
		body = append(body, e...)
	}
	head := func(codec byte) []byte {
		out := make([]byte, 0, header+len(body))
		out = append(append(out, magic...), codec)
		out = binary.BigEndian.AppendUint32(out, crc32.Checksum(body, c.crc))
		return binary.BigEndian.AppendUint32(out, uint32(len(body)))
	}
	if out := c.enc.EncodeAll(body, head(zstdAll)); len(out) < header+len(body) {
		return out, nil
	}
	return append(head(plain), body...), nil
}

// Decode takes a message apart. The events share the memory of p where it was not compressed.
//
// Errors: ErrUnreadable for what is no batch, of a version that is not known, or damaged.
func (c *Codec) Decode(p []byte) (b Batch, err error) {
	bad := func(message string, cause error) (Batch, error) {
		return Batch{}, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "unpack events", Message: message, Err: cause}
	}
	if len(p) > MaxPacked {
		return bad(fmt.Sprintf("%d bytes are more than a batch has", len(p)), nil)
	}
	r := wire.Read(p)
	mark, codec, sum, size := r.Bytes(4), r.U8(), r.U32(), r.U32()
	switch {
	case !r.OK() || string(mark[:3]) != magic[:3]:
		return bad("this is no batch of events", nil)
	case string(mark) != magic:
		return bad(fmt.Sprintf("the batch is of version %d, this program reads 1", mark[3]), nil)
	case size < fixed || size > MaxBody:
		return bad(fmt.Sprintf("the batch says it has %d bytes", size), nil)
	}
	body := r.Rest()
	switch codec {
	case plain:
	case zstdAll:
		if body, err = c.dec.DecodeAll(body, make([]byte, 0, size)); err != nil {
			return bad("the batch is damaged: it does not decompress", err)
		}
	default:
		return bad(fmt.Sprintf("the batch is compressed in way %d, which is not known", codec), nil)
	}
	if len(body) != int(size) || crc32.Checksum(body, c.crc) != sum {
		return bad("the batch is damaged: length or checksum do not fit", nil)
	}
	return c.body(body, bad)
}

func (c *Codec) body(p []byte, bad func(string, error) (Batch, error)) (b Batch, err error) {
	r := wire.Read(p)
	b.Source = string(r.Bytes(int(r.U8())))
	b.Segment = string(r.Bytes(int(r.U8())))
	b.First = r.U64()
	n := r.U32()
	if !r.OK() || n == 0 || n > MaxEvents || int(n) > r.Len()/4 {
		return bad("the batch is damaged: its events are not all there", nil)
	}
	b.Events = make([][]byte, n)
	for i := range b.Events {
		size := r.U32()
		if size > MaxEvent {
			r.Fail()
		}
		b.Events[i] = r.Bytes(int(size))
	}
	if !r.OK() || r.Len() != 0 {
		return bad("the batch is damaged: its events do not fill it", nil)
	}
	if err := b.Check(); err != nil {
		return bad("the batch breaks a rule of the format", err)
	}
	return b, nil
}
