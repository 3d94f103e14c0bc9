// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"breakwater/harbour"
)

// Headers of a message that was put aside.
const (
	headSubject  = "Breakwater-Subject"
	headID       = "Breakwater-Id"
	headReceiver = "Breakwater-Receiver"
	headReason   = "Breakwater-Reason"
	headAttempts = "Breakwater-Attempts"
)

// aside moves a message to those that could not be handled. Only when it is safe there is it taken off its stream.
func (r *receiver) aside(ctx context.Context, m jetstream.Msg, meta *jetstream.MsgMetadata, in *Message, cause error) {
	out := nats.NewMsg(r.bus.opt.Space + "." + asideName + "." + r.stream)
	out.Data = in.Payload
	for k, v := range map[string]string{
		headSubject: in.Subject, headID: in.ID, headReceiver: r.c.Name, headReason: oneLine(cause.Error()), headAttempts: strconv.Itoa(in.Attempt),
	} {
		out.Header.Set(k, v)
	}
	id := fmt.Sprintf("aside %s %d %d", r.stream, meta.Sequence.Stream, meta.Timestamp.UnixNano())
	if err := r.bus.publish(ctx, out, asideName, id); err != nil {
		r.bus.log.Warn("message cannot be put aside and is tried again", "receiver", r.c.Name, "subject", in.Subject, "id", in.ID, "error", err)
		_ = m.NakWithDelay(r.c.Pause)
		return
	}
	_ = m.TermWithReason("put aside")
	r.bus.count(func(c *counts) { c.aside++ })
	r.bus.log.Error("message is put aside", "receiver", r.c.Name, "subject", in.Subject, "id", in.ID, "attempts", in.Attempt, "error", cause)
}

// oneLine makes a text fit a header.
func oneLine(s string) string {
	b := []byte(s[:min(len(s), 500)])
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = ' '
		}
	}
	return string(b)
}

// AsideMessage could not be handled.
type AsideMessage struct {
	Number   uint64 // names it in PutBack
	Subject  string
	ID       string
	Receiver string
	Reason   string
	Attempts int
	At       time.Time // when it was put aside
	Payload  []byte
}

// Aside lists messages that could not be handled, oldest first, from the number after on. The bus keeps 64 MiB of them for
// ninety days; beyond that the oldest go.
func (b *Bus) Aside(ctx context.Context, after uint64, limit int) (list []AsideMessage, err error) {
	const op = "list messages put aside"
	s, err := b.js.Stream(ctx, b.opt.at(asideName))
	if err != nil {
		return nil, b.wrap(op, err)
	}
	info := s.CachedInfo().State
	for n := max(after+1, info.FirstSeq); n <= info.LastSeq && len(list) < limit; n++ {
		m, err := s.GetMsg(ctx, n)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return list, b.wrap(op, err)
		}
		list = append(list, asideMessage(m))
	}
	return list, nil
}

func asideMessage(m *jetstream.RawStreamMsg) AsideMessage {
	attempts, _ := strconv.Atoi(m.Header.Get(headAttempts))
	return AsideMessage{
		Number: m.Sequence, Subject: m.Header.Get(headSubject), ID: m.Header.Get(headID), Receiver: m.Header.Get(headReceiver),
		Reason: m.Header.Get(headReason), Attempts: attempts, At: m.Time, Payload: m.Data,
	}
}

// PutBack gives a message that was put aside to its receiver once more.
//
// Errors: ErrNotFound, and those of [Bus.Publish].
func (b *Bus) PutBack(ctx context.Context, number uint64) error {
	const op = "put a message back"
	s, err := b.js.Stream(ctx, b.opt.at(asideName))
	if err != nil {
		return b.wrap(op, err)
	}
	raw, err := s.GetMsg(ctx, number)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: fmt.Sprintf("there is no message %d among those put aside", number)}
	}
	if err != nil {
		return b.wrap(op, err)
	}
	m := asideMessage(raw)
	stream, ok := b.opt.streamOf(m.Subject)
	if !ok {
		return &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: fmt.Sprintf("the stream of %q is not there any more", m.Subject)}
	}
	out := nats.NewMsg(b.opt.Space + "." + m.Subject)
	out.Data = m.Payload
	// Its own id may still be within the window; the receiver knows the message by what is in it.
	if err := b.publish(ctx, out, stream.Name, fmt.Sprintf("back %d %s", number, m.ID)); err != nil {
		return err
	}
	return b.wrap(op, s.DeleteMsg(ctx, number))
}
