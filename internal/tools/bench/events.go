// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/bus"
	"breakwater/bus/pack"
)

// eventsWanted is how many events a second the embedded broker must take durably.
const eventsWanted = 50_000

const (
	eventSources = 4    // that publish at the same time
	eventBatch   = 1000 // events at a time
)

// throughput is what came of publishing events for a while.
type throughput struct {
	Events   int64   // acknowledged, each on disk
	Bytes    int64   // of these events, before packing
	Messages int64   // that they were packed into
	Accepted float64 // seconds until the last was acknowledged
	Through  float64 // seconds until the last was taken apart by a receiver
}

// events publishes for some seconds to an embedded broker in dir, with a receiver beside. It runs in a process of its own.
func events(ctx context.Context, w io.Writer, dir, seconds string) error {
	n, err := strconv.Atoi(seconds)
	if err != nil {
		return err
	}
	b, err := bus.Open(ctx, bus.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer b.Close()
	var published, received, bytes atomic.Int64
	var first, last atomic.Pointer[error]
	start := time.Now()
	var sources sync.WaitGroup
	for s := range eventSources {
		sources.Go(func() {
			if err := source(ctx, b, s, start.Add(time.Duration(n)*time.Second), &published, &bytes); err != nil {
				first.CompareAndSwap(nil, &err)
			}
		})
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var receiver sync.WaitGroup
	receiver.Go(func() {
		c := bus.Consumer{Name: "bench", Subjects: []string{"events.bench"}, Workers: 2}
		err := b.ConsumeBatches(ctx, c, func(_ context.Context, _ *bus.Message, batch pack.Batch) error {
			received.Add(int64(len(batch.Events)))
			return nil
		})
		if err != nil {
			last.Store(&err)
		}
	})
	sources.Wait()
	t := throughput{Events: published.Load(), Bytes: bytes.Load(), Accepted: time.Since(start).Seconds()}
	for received.Load() < t.Events && ctx.Err() == nil && first.Load() == nil && last.Load() == nil {
		time.Sleep(time.Millisecond)
	}
	t.Through = time.Since(start).Seconds()
	t.Messages = int64(b.State(ctx).Published)
	stop()
	receiver.Wait()
	for _, e := range []*error{first.Load(), last.Load()} {
		if e != nil {
			return *e
		}
	}
	return json.NewEncoder(w).Encode(t)
}

// source publishes events as a sensor has them, until the time is over.
func source(ctx context.Context, b *bus.Bus, number int, until time.Time, published, bytes *atomic.Int64) error {
	r := rand.New(rand.NewPCG(uint64(number), 1))
	batch := pack.Batch{Source: fmt.Sprint("sensor-", number), Segment: "1", Events: make([][]byte, eventBatch)}
	for time.Now().Before(until) {
		size := 0
		for i := range batch.Events {
			batch.Events[i] = fmt.Appendf(batch.Events[i][:0], `{"at":%d,"client":"10.%d.%d.%d","server":"10.7.%d.12","protocol":"modbus","verb":"write","code":"0x10","target":"4%04d","result":"ok","frame":%d}`,
				1_700_000_000_000_000+r.Int64N(1e15), r.IntN(20), r.IntN(250), r.IntN(250), r.IntN(40), r.IntN(10_000), r.IntN(1e9))
			size += len(batch.Events[i])
		}
		if err := b.PublishBatch(ctx, "events.bench", batch); err != nil {
			return err
		}
		batch.First += eventBatch
		published.Add(eventBatch)
		bytes.Add(int64(size))
	}
	return nil
}

// bus reports how many events a second are accepted durably.
func (b *bench) bus(r *report) error {
	seconds := "5"
	if b.o.quick {
		seconds = "1"
	}
	note("events through the broker")
	out, err := exec.CommandContext(b.ctx, b.self, "-child", "events", filepath.Join(b.tmp, "bus"), seconds).Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			err = fmt.Errorf("%w: %s", err, e.Stderr)
		}
		return err
	}
	var t throughput
	if err := json.Unmarshal(out, &t); err != nil {
		return err
	}
	rate := float64(t.Events) / t.Accepted
	r.floor("events accepted durably in a second, embedded broker", "at least "+thousands(eventsWanted), rate >= eventsWanted,
		"%s (%s through a receiver; %d bytes each, %d in a message)", thousands(int64(rate)), thousands(int64(float64(t.Events)/t.Through)), t.Bytes/t.Events, t.Events/t.Messages)
	return nil
}
