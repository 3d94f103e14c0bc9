// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"context"
	"strings"
	"time"

	"breakwater/harbour"
)

// counts since the Bus was opened.
type counts struct {
	published, duplicates, refused, events, handled, failed, aside, reconnects uint64
}

func (b *Bus) count(fn func(*counts)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fn(&b.counts)
}

// State tells how the bus does, for the health page and for metrics.
type State struct {
	Server    string    // "embedded", or the addresses without secrets
	Connected bool      // connected, and the streams can be used
	Since     time.Time // since when it is so
	Problem   string    // why it is not
	Hint      string    // what to do about it
	Replicas  int       // of each message

	// Counted since the Bus was opened.
	Published  uint64 // messages acknowledged by the broker
	Duplicates uint64 // of these, those that it had already
	Events     uint64 // events in packed messages
	Refused    uint64 // messages that were not taken
	Handled    uint64 // messages taken off by a receiver
	Failed     uint64 // messages that are tried again
	Aside      uint64 // messages put aside
	Reconnects uint64

	Streams []StreamState // empty where the broker does not answer
}

// StreamState tells what waits in a stream.
type StreamState struct {
	Name      string
	Messages  uint64
	Bytes     uint64
	MaxBytes  uint64
	Oldest    time.Time // of what waits; zero where nothing does
	Receivers []ReceiverState
}

// ReceiverState tells how a receiver keeps up.
type ReceiverState struct {
	Name     string
	Waiting  uint64 // not yet delivered
	InFlight int    // delivered and not yet answered
	Again    int    // of these, delivered more than once
}

// State asks the broker how things are; it does not wait longer than two seconds for it.
func (b *Bus) State(ctx context.Context) State {
	b.mu.Lock()
	c := b.counts
	s := State{
		Server: b.server(), Connected: b.isReady, Since: b.since, Replicas: b.replicas,
		Published: c.published, Duplicates: c.duplicates, Events: c.events, Refused: c.refused, Handled: c.handled,
		Failed: c.failed, Aside: c.aside, Reconnects: c.reconnects,
	}
	problem := b.problem
	if b.closed {
		s.Connected, problem = false, errClosed()
	}
	b.mu.Unlock()
	if !s.Connected {
		s.said(b.wrap("reach the broker", problem))
		return s
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := b.streams(ctx, &s); err != nil {
		s.said(b.wrap("ask the broker", err))
	}
	return s
}

func (s *State) said(err error) {
	if err == nil {
		s.Problem = "the broker has not answered yet"
		return
	}
	s.Problem, s.Hint = "the broker does not answer", harbour.HintOf(err)
	if e, ok := err.(*harbour.Error); ok { //nolint:errorlint // it was wrapped here
		s.Problem = e.Message
	}
}

func (b *Bus) streams(ctx context.Context, s *State) error {
	for _, o := range b.opt.all() {
		stream, err := b.js.Stream(ctx, b.opt.at(o.Name))
		if err != nil {
			return err
		}
		i := stream.CachedInfo()
		st := StreamState{Name: o.Name, Messages: i.State.Msgs, Bytes: i.State.Bytes, MaxBytes: uint64(max(i.Config.MaxBytes, 0))}
		if st.Messages > 0 {
			st.Oldest = i.State.FirstTime
		}
		list := stream.ListConsumers(ctx)
		for c := range list.Info() {
			st.Receivers = append(st.Receivers, ReceiverState{Name: strings.TrimSpace(c.Name), Waiting: c.NumPending, InFlight: c.NumAckPending, Again: c.NumRedelivered})
		}
		if err := list.Err(); err != nil {
			return err
		}
		s.Streams = append(s.Streams, st)
	}
	return nil
}
