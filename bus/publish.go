// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"breakwater/bus/pack"
	"breakwater/harbour"
)

// MaxID is how many bytes an id may have.
const MaxID = 512

// Publish stores a message and returns when the broker has it on disk. Publishing the same id again within the window
// changes nothing. After an error the message may be there or not: publish it again with the same id.
//
// Errors: ErrUsage for a subject of no stream or an id that is missing; ErrTooLarge; ErrFull where the stream or the disk is
// full; ErrUnavailable where the broker was gone for Options.Patience; ErrCancelled.
func (b *Bus) Publish(ctx context.Context, subject, id string, payload []byte) error {
	const op = "publish"
	stream, ok := b.opt.streamOf(subject)
	switch {
	case !ok || !subjectPattern.MatchString(subject):
		return &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: fmt.Sprintf("%q is the subject of no stream", subject)}
	case id == "" || len(id) > MaxID:
		return &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: fmt.Sprintf("the message's id has %d bytes, 1 to %d are allowed", len(id), MaxID)}
	case len(payload) > MaxPayload:
		return &harbour.Error{Kind: harbour.ErrTooLarge, Op: op, Message: fmt.Sprintf("the message has %d bytes, %d are allowed", len(payload), MaxPayload)}
	}
	m := nats.NewMsg(b.opt.Space + "." + subject)
	m.Data = payload
	err := b.publish(ctx, m, stream.Name, id)
	b.count(func(c *counts) {
		if err == nil {
			c.published++
		} else {
			c.refused++
		}
	})
	return err
}

// answer is how long an acknowledgement is awaited before the message is sent again.
const answer = 4 * time.Second

var errNoAnswer = errors.New("no acknowledgement")

func (b *Bus) publish(ctx context.Context, m *nats.Msg, stream, id string) error {
	const op = "publish"
	if b.srv != nil {
		if err := b.srv.room(len(m.Data)); err != nil {
			return err
		}
	}
	patient, cancel := context.WithTimeout(ctx, b.opt.Patience)
	defer cancel()
	var last error
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := b.wait(patient)
		if err == nil {
			var ack *jetstream.PubAck
			asking, done := b.asking(patient, answer)
			ack, err = b.js.PublishMsg(asking, m, jetstream.WithMsgID(id), jetstream.WithExpectStream(b.opt.at(stream)))
			if done(); err == nil {
				if ack.Duplicate {
					b.count(func(c *counts) { c.duplicates++ })
				}
				return nil
			}
		}
		if _, _, isFull := full(err); isFull || lasting(err) || harbourKind(err) {
			return b.wrap(op, err)
		}
		if ctx.Err() == nil && (last == nil || !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled)) {
			last = errors.Join(errNoAnswer, err)
		}
		if ctx.Err() != nil {
			return b.wrap(op, context.Cause(ctx))
		}
		b.nudge()
		select {
		case <-patient.Done():
			if ctx.Err() != nil {
				return b.wrap(op, context.Cause(ctx))
			}
			return b.wrap(op, last)
		case <-time.After(pause):
		}
	}
}

// harbourKind says whether an error has its words already.
func harbourKind(err error) bool {
	var e *harbour.Error
	return errors.As(err, &e)
}

// PublishBatch stores many events, packed into as few messages as their size allows, and returns when all are on disk.
// Each message's id is that of its piece, so that publishing a batch again stores only what is missing.
//
// Errors: those of [Bus.Publish], and ErrInvalid or ErrTooLarge for a batch that cannot be packed; nothing of it is stored then.
func (b *Bus) PublishBatch(ctx context.Context, subject string, batch pack.Batch) error {
	if err := batch.Check(); err != nil {
		return err
	}
	for piece := range pack.Split(batch) {
		p, err := b.pack.Encode(piece)
		if err != nil {
			return err
		}
		if err := b.Publish(ctx, subject, piece.ID(), p); err != nil {
			return err
		}
		b.count(func(c *counts) { c.events += uint64(len(piece.Events)) })
	}
	return nil
}
