// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"breakwater/bus/pack"
	"breakwater/harbour"
)

// Message is one that is being handled.
type Message struct {
	Subject string
	ID      string // as it was published
	Payload []byte
	At      time.Time // when the broker stored it
	Attempt int       // 1 for the first delivery
}

// Handler handles a message. With nil it is taken off the stream. With an error it comes again after a pause, unless the kind
// is ErrInvalid or ErrUnreadable: then it is put aside at once. The context ends when the receiver stops.
type Handler func(ctx context.Context, m *Message) error

// Consumer is a receiver of messages.
type Consumer struct {
	// Name by which the broker remembers what was handled; lower case letters, digits, - and _.
	Name string
	// Subjects, all of one stream; the last word may be * or >. No other receiver may have them.
	Subjects []string
	// Workers that handle messages at the same time; 0 for one.
	Workers int
	// Attempts after which a message is put aside; 0 for ten, negative for never.
	Attempts int
	// Lease is how long the broker waits before it delivers again when a receiver vanished; 0 for 30 s. It is renewed
	// while a handler runs, however long that takes.
	Lease time.Duration
	// Pause before a message comes again after the first error, doubled with each further one up to a minute; 0 for a second.
	Pause time.Duration
}

const (
	pull       = 10 * time.Second // how long one request for a message stands
	maxPending = 1024             // messages of one receiver that are out, among them those that wait to come again
)

// Consume hands messages to h until ctx ends or the Bus is closed; then it returns nil. While the broker is gone it waits.
//
// Errors: ErrUsage for a Consumer that makes no sense, ErrConflict where another receiver has the subjects.
func (b *Bus) Consume(ctx context.Context, c Consumer, h Handler) error {
	stream, err := b.check(&c)
	if err != nil {
		return err
	}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return errClosed()
	}
	b.tasks.Add(1)
	b.mu.Unlock()
	defer b.tasks.Done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(b.ctx, func() { cancel(nil) })()
	r := &receiver{bus: b, c: c, stream: stream, h: h}
	var workers sync.WaitGroup
	for range c.Workers {
		workers.Go(func() {
			if err := r.work(ctx); err != nil {
				cancel(err)
			}
		})
	}
	workers.Wait()
	var known *harbour.Error
	if errors.As(context.Cause(ctx), &known) {
		return known
	}
	return nil
}

func (b *Bus) check(c *Consumer) (stream string, err error) {
	if !wordPattern.MatchString(c.Name) || len(c.Subjects) == 0 {
		return "", &harbour.Error{Kind: harbour.ErrUsage, Op: "consume", Message: fmt.Sprintf("receiver %q needs a plain name and subjects", c.Name)}
	}
	for _, s := range c.Subjects {
		of, ok := b.opt.streamOf(s)
		if !ok || !filterPattern.MatchString(s) || stream != "" && stream != of.Name {
			return "", &harbour.Error{Kind: harbour.ErrUsage, Op: "consume", Message: fmt.Sprintf("receiver %q: %q is no subject of its stream", c.Name, s)}
		}
		stream = of.Name
	}
	c.Workers = max(c.Workers, 1)
	if c.Attempts == 0 {
		c.Attempts = 10
	}
	if c.Lease == 0 {
		c.Lease = 30 * time.Second
	}
	if c.Pause == 0 {
		c.Pause = time.Second
	}
	return stream, nil
}

// receiver is one call of Consume.
type receiver struct {
	bus    *Bus
	c      Consumer
	stream string
	h      Handler

	mu   sync.Mutex
	cons jetstream.Consumer // nil until it is known to be at the broker
}

// work takes one message after the other. It returns an error that waiting will not mend.
func (r *receiver) work(ctx context.Context) error {
	for pause := 20 * time.Millisecond; ctx.Err() == nil; {
		cons, err := r.consumer(ctx)
		if err == nil {
			var m jetstream.Msg
			if m, err = r.next(ctx, cons); err == nil {
				r.handle(ctx, m)
				pause = 20 * time.Millisecond
				continue
			}
			if errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
				continue // none was there
			}
			r.forget(cons)
		}
		if err = r.bus.wrap("consume", err); harbour.KindOf(err) == harbour.ErrConflict {
			return err
		}
		if ctx.Err() == nil {
			r.bus.log.Debug("broker", "receiver", r.c.Name, "error", err)
			r.bus.nudge()
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Second)
	}
	return nil
}

func (r *receiver) next(ctx context.Context, cons jetstream.Consumer) (jetstream.Msg, error) {
	ctx, cancel := r.bus.asking(ctx, pull)
	defer cancel()
	return cons.Next(jetstream.FetchContext(ctx))
}

// consumer makes the receiver known to the broker, also again after the broker lost it.
func (r *receiver) consumer(ctx context.Context) (jetstream.Consumer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cons != nil {
		return r.cons, nil
	}
	if err := r.bus.wait(ctx); err != nil {
		return nil, err
	}
	config := jetstream.ConsumerConfig{
		Durable: r.c.Name, AckPolicy: jetstream.AckExplicitPolicy, AckWait: r.c.Lease, MaxDeliver: -1, MaxAckPending: maxPending,
	}
	for _, s := range r.c.Subjects {
		config.FilterSubjects = append(config.FilterSubjects, r.bus.opt.Space+"."+s)
	}
	ctx, cancel := r.bus.asking(ctx, pull)
	defer cancel()
	cons, err := r.bus.js.CreateOrUpdateConsumer(ctx, r.bus.opt.at(r.stream), config)
	if err == nil {
		r.cons = cons
	}
	return cons, err
}

func (r *receiver) forget(c jetstream.Consumer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cons == c {
		r.cons = nil
	}
}

// handle hands one message to the handler and tells the broker what came of it. What it says may be lost with the
// connection; the message then comes again, and the receiver knows it by its id.
func (r *receiver) handle(ctx context.Context, m jetstream.Msg) {
	meta, err := m.Metadata()
	if err != nil {
		return
	}
	in := &Message{
		Subject: strings.TrimPrefix(m.Subject(), r.bus.opt.Space+"."), ID: m.Headers().Get(jetstream.MsgIDHeader),
		Payload: m.Data(), At: meta.Timestamp, Attempt: int(min(meta.NumDelivered, 1<<30)),
	}
	if r.c.Attempts > 0 && in.Attempt > r.c.Attempts {
		// Delivered often and never answered: it takes the process down with it, or is never done in time.
		r.aside(ctx, m, meta, in, fmt.Errorf("delivered %d times and never handled to the end", in.Attempt-1))
		return
	}
	err = r.run(ctx, m, in)
	switch {
	case err == nil:
		r.bus.count(func(c *counts) { c.handled++ })
		_ = m.Ack()
	case ctx.Err() != nil:
		_ = m.Nak()
	case harbour.KindOf(err) == harbour.ErrInvalid, harbour.KindOf(err) == harbour.ErrUnreadable, r.c.Attempts > 0 && in.Attempt >= r.c.Attempts:
		r.aside(ctx, m, meta, in, err)
	default:
		r.bus.count(func(c *counts) { c.failed++ })
		pause := min(r.c.Pause<<min(in.Attempt-1, 20), time.Minute)
		r.bus.log.Warn("message is tried again", "receiver", r.c.Name, "subject", in.Subject, "id", in.ID, "attempt", in.Attempt, "after", pause, "error", err)
		_ = m.NakWithDelay(pause)
	}
}

// run calls the handler, renews the lease meanwhile, and keeps its panics from the others.
func (r *receiver) run(ctx context.Context, m jetstream.Msg, in *Message) (err error) {
	done := make(chan struct{})
	var renewing sync.WaitGroup
	renewing.Go(func() {
		tick := time.NewTicker(r.c.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				_ = m.InProgress()
			}
		}
	})
	defer renewing.Wait()
	defer close(done)
	defer func() {
		if p := recover(); p != nil {
			err = &harbour.Error{Kind: harbour.ErrInternal, Op: "handle a message", Message: "the program failed", Hint: "the log says more", Err: fmt.Errorf("%v\n%s", p, debug.Stack())}
		}
	}()
	return r.h(ctx, in)
}

// BatchHandler handles a batch of events; see [Handler].
type BatchHandler func(ctx context.Context, m *Message, batch pack.Batch) error

// ConsumeBatches is Consume for events that were published with [Bus.PublishBatch]. What is no whole batch is put aside.
func (b *Bus) ConsumeBatches(ctx context.Context, c Consumer, h BatchHandler) error {
	return b.Consume(ctx, c, func(ctx context.Context, m *Message) error {
		batch, err := b.pack.Decode(m.Payload)
		if err != nil {
			return err
		}
		return h(ctx, m, batch)
	})
}
