// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/bus"
	"breakwater/bus/bustest"
	"breakwater/bus/pack"
	"breakwater/harbour"
)

func TestMain(m *testing.M) { os.Exit(childOr(m)) }

var ctx = context.Background()

// inbox is a receiver that remembers what it had.
type inbox struct {
	mu    sync.Mutex
	ids   map[string]int
	order []string
	more  chan struct{}
}

func newInbox() *inbox { return &inbox{ids: map[string]int{}, more: make(chan struct{}, 1)} }

func (i *inbox) take(m *bus.Message) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ids[m.ID]++
	i.order = append(i.order, m.ID)
	select {
	case i.more <- struct{}{}:
	default:
	}
}

// wait returns when all the ids were there; the test's own time limit is the only one.
func (i *inbox) wait(t *testing.T, ids ...string) {
	t.Helper()
	for {
		i.mu.Lock()
		missing := slices.IndexFunc(ids, func(id string) bool { return i.ids[id] == 0 })
		i.mu.Unlock()
		if missing < 0 {
			return
		}
		select {
		case <-i.more:
		case <-t.Context().Done():
			t.Fatalf("message %s did not come", ids[missing])
		}
	}
}

// receive starts a receiver that ends with the test, or with the returned function.
func receive(t *testing.T, b *bus.Bus, c bus.Consumer, h bus.Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := b.Consume(ctx, c, h); err != nil {
			t.Errorf("Consume %s: %v", c.Name, err)
		}
	}()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

func publish(t *testing.T, b *bus.Bus, subject string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := b.Publish(ctx, subject, id, []byte("payload of "+id)); err != nil {
			t.Fatalf("publish %s: %v", id, err)
		}
	}
}

func wantKind(t *testing.T, what string, err error, want harbour.ErrorKind) {
	t.Helper()
	if err == nil || harbour.KindOf(err) != want {
		t.Errorf("%s: %v, want kind %v", what, err, want)
	}
}

func TestPublishAndConsume(t *testing.T) {
	bustest.Each(t, func(t *testing.T, broker *bustest.Broker) {
		b := broker.Open(t, nil)
		publish(t, b, "jobs.import", "a", "b")
		in := newInbox()
		stop := receive(t, b, bus.Consumer{Name: "importer", Subjects: []string{"jobs.import"}}, func(_ context.Context, m *bus.Message) error {
			if m.Subject != "jobs.import" || string(m.Payload) != "payload of "+m.ID || m.Attempt != 1 || m.At.IsZero() {
				t.Errorf("message %+v", m)
			}
			in.take(m)
			return nil
		})
		in.wait(t, "a", "b")
		publish(t, b, "jobs.import", "c")
		publish(t, b, "jobs.other", "d")
		publish(t, b, "events.e", "e")
		in.wait(t, "c")
		s := b.State(ctx)
		if !s.Connected || s.Replicas != broker.Replicas || s.Published != 5 || s.Problem != "" || len(s.Streams) != 3 {
			t.Errorf("state %+v", s)
		}
		if e := s.Streams[1]; e.Name != "events" || e.Messages != 1 || e.Bytes == 0 || e.MaxBytes == 0 || e.Oldest.IsZero() {
			t.Errorf("stream %+v", e)
		}
		stop()
		if in.ids["d"]+in.ids["e"] > 0 {
			t.Error("a receiver got what is not its own")
		}
		// Closed and opened again: what was not handled is there.
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "publish when closed", b.Publish(ctx, "jobs.import", "x", nil), harbour.ErrUnavailable)
		if s := b.State(ctx); s.Connected || s.Problem == "" {
			t.Errorf("state when closed: %+v", s)
		}
		b = broker.Open(t, nil)
		receive(t, b, bus.Consumer{Name: "other", Subjects: []string{"jobs.other"}, Workers: 3}, func(_ context.Context, m *bus.Message) error {
			in.take(m)
			return nil
		})
		in.wait(t, "d")
	})
}

func TestRefused(t *testing.T) {
	b := bustest.Embedded(t).Open(t, nil)
	for name, tt := range map[string]struct {
		subject, id string
		payload     []byte
		want        harbour.ErrorKind
	}{
		"no stream":    {"mail.out", "1", nil, harbour.ErrUsage},
		"aside":        {"aside.jobs", "1", nil, harbour.ErrUsage},
		"stream alone": {"jobs", "1", nil, harbour.ErrUsage},
		"wildcard":     {"jobs.*", "1", nil, harbour.ErrUsage},
		"space":        {"jobs.a b", "1", nil, harbour.ErrUsage},
		"line break":   {"jobs.a\r\nPUB x", "1", nil, harbour.ErrUsage},
		"broker's own": {"$JS.API.STREAM.DELETE.breakwater_jobs", "1", nil, harbour.ErrUsage},
		"no id":        {"jobs.a", "", nil, harbour.ErrUsage},
		"id too long":  {"jobs.a", strings.Repeat("x", bus.MaxID+1), nil, harbour.ErrUsage},
		"too large":    {"jobs.a", "1", make([]byte, bus.MaxPayload+1), harbour.ErrTooLarge},
	} {
		wantKind(t, name, b.Publish(ctx, tt.subject, tt.id, tt.payload), tt.want)
	}
	if err := b.Publish(ctx, "jobs.a", strings.Repeat("x", bus.MaxID), make([]byte, bus.MaxPayload)); err != nil {
		t.Errorf("the largest message: %v", err)
	}
	h := func(context.Context, *bus.Message) error { return nil }
	for name, c := range map[string]bus.Consumer{
		"no name":     {Subjects: []string{"jobs.a"}},
		"bad name":    {Name: "a.b", Subjects: []string{"jobs.a"}},
		"no subjects": {Name: "a"},
		"two streams": {Name: "a", Subjects: []string{"jobs.a", "events.a"}},
		"unknown":     {Name: "a", Subjects: []string{"mail.a"}},
		"all":         {Name: "a", Subjects: []string{">"}},
	} {
		wantKind(t, name, b.Consume(ctx, c, h), harbour.ErrUsage)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	wantKind(t, "cancelled", b.Publish(cancelled, "jobs.a", "2", nil), harbour.ErrCancelled)
	for name, o := range map[string]bus.Options{
		"nowhere":          {},
		"both":             {Dir: "x", URL: "nats://x"},
		"credentials":      {Dir: "x", Credentials: "f"},
		"space":            {Dir: "x", Space: "A B"},
		"unbounded stream": {Dir: "x", Streams: []bus.Stream{{Name: "a"}}},
		"stream aside":     {Dir: "x", Streams: []bus.Stream{{Name: "aside", MaxBytes: 1}}},
		"replicas":         {Dir: "x", Replicas: 9},
		"url":              {URL: "nats://a b c:x"},
	} {
		_, err := bus.Open(ctx, o)
		wantKind(t, name, err, harbour.ErrUsage)
	}
}

// TestTwoReceivers wants a second receiver of the same subjects refused, and one of others not.
func TestTwoReceivers(t *testing.T) {
	b := bustest.Embedded(t).Open(t, nil)
	in := newInbox()
	h := func(_ context.Context, m *bus.Message) error { in.take(m); return nil }
	receive(t, b, bus.Consumer{Name: "one", Subjects: []string{"jobs.a"}}, h)
	receive(t, b, bus.Consumer{Name: "two", Subjects: []string{"jobs.b", "jobs.c.>"}}, h)
	publish(t, b, "jobs.a", "1")
	publish(t, b, "jobs.c.d.e", "2")
	in.wait(t, "1", "2")
	wantKind(t, "the same subject", b.Consume(ctx, bus.Consumer{Name: "three", Subjects: []string{"jobs.a"}}, h), harbour.ErrConflict)
}

// TestOnce wants the same id stored once within the window, wherever it is published.
func TestOnce(t *testing.T) {
	bustest.Each(t, func(t *testing.T, broker *bustest.Broker) {
		b := broker.Open(t, nil)
		publish(t, b, "jobs.a", "1", "1", "2", "1")
		s := b.State(ctx)
		if s.Published != 4 || s.Duplicates != 2 || s.Streams[0].Messages != 2 {
			t.Errorf("state %+v", s)
		}
	})
}

// TestAgain wants a message whose handler failed to come again, and one that fails for good or too often to be put aside.
func TestAgain(t *testing.T) {
	bustest.Each(t, func(t *testing.T, broker *bustest.Broker) {
		b := broker.Open(t, nil)
		publish(t, b, "jobs.a", "soon", "never", "panics", "invalid", "fine")
		in := newInbox()
		var mu sync.Mutex
		attempts := map[string]int{}
		put := true
		receive(t, b, bus.Consumer{Name: "a", Subjects: []string{"jobs.>"}, Attempts: 3, Pause: time.Millisecond}, func(_ context.Context, m *bus.Message) error {
			mu.Lock()
			defer mu.Unlock()
			attempts[m.ID]++
			switch {
			case m.ID == "soon" && m.Attempt < 3:
				return errors.New("not yet")
			case m.ID == "never":
				return errors.New("this will\nnever do")
			case m.ID == "panics":
				panic("as a handler may")
			case m.ID == "invalid" && put:
				return &harbour.Error{Kind: harbour.ErrInvalid, Message: "nonsense"}
			}
			in.take(m)
			return nil
		})
		in.wait(t, "soon", "fine")
		for b.State(ctx).Aside < 3 {
			time.Sleep(10 * time.Millisecond)
		}
		mu.Lock()
		if attempts["soon"] < 3 || attempts["never"] < 3 || attempts["panics"] < 3 || attempts["invalid"] < 1 {
			t.Errorf("attempts %v", attempts)
		}
		put = false
		mu.Unlock()
		list, err := b.Aside(ctx, 0, 10)
		if err != nil || len(list) != 3 {
			t.Fatalf("aside: %+v, %v", list, err)
		}
		var back uint64
		for _, m := range list {
			if m.Subject != "jobs.a" || m.Receiver != "a" || m.Reason == "" || m.At.IsZero() || string(m.Payload) != "payload of "+m.ID {
				t.Errorf("aside: %+v", m)
			}
			if m.ID == "invalid" {
				back = m.Number
			}
		}
		if list, err := b.Aside(ctx, list[1].Number, 10); err != nil || len(list) != 1 {
			t.Errorf("the next page: %+v, %v", list, err)
		}
		if err := b.PutBack(ctx, back); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "put back twice", b.PutBack(ctx, back), harbour.ErrNotFound)
		in.wait(t, fmt.Sprintf("back %d invalid", back))
		if list, err := b.Aside(ctx, 0, 10); err != nil || len(list) != 2 {
			t.Errorf("aside: %+v, %v", list, err)
		}
	})
}

// TestFull wants a full stream to refuse, to keep what it has, and to take again when there is room.
func TestFull(t *testing.T) {
	bustest.Each(t, func(t *testing.T, broker *bustest.Broker) {
		b := broker.Open(t, func(o *bus.Options) { o.Streams[0].MaxBytes = 1 << 20 })
		payload := make([]byte, 100<<10)
		var kept []string
		for i := range 100 {
			id := fmt.Sprint(i)
			err := b.Publish(ctx, "jobs.a", id, payload)
			if err != nil {
				wantKind(t, "full", err, harbour.ErrFull)
				if harbour.HintOf(err) == "" {
					t.Error("no hint")
				}
				break
			}
			kept = append(kept, id)
		}
		if len(kept) < 5 || len(kept) > 10 {
			t.Fatalf("%d messages fit", len(kept))
		}
		publish(t, b, "events.a", "other") // another stream has its own bound
		if s := b.State(ctx); s.Refused != 1 || s.Streams[0].Messages != uint64(len(kept)) {
			t.Errorf("state %+v", s)
		}
		in := newInbox()
		receive(t, b, bus.Consumer{Name: "a", Subjects: []string{"jobs.a"}}, func(_ context.Context, m *bus.Message) error {
			in.take(m)
			return nil
		})
		in.wait(t, kept...)
		for b.Publish(ctx, "jobs.a", "after", payload) != nil {
			time.Sleep(10 * time.Millisecond)
		}
		in.wait(t, "after")
	})
}

// TestBatches publishes many events, twice, and wants each once and in its place.
func TestBatches(t *testing.T) {
	bustest.Each(t, func(t *testing.T, broker *bustest.Broker) {
		b := broker.Open(t, nil)
		batch := pack.Batch{Source: "sensor-1", Segment: "7", First: 100}
		for i := range 20_000 {
			batch.Events = append(batch.Events, fmt.Appendf(nil, "event %d %s", i, bytes.Repeat([]byte("x"), i%200)))
		}
		for range 2 {
			if err := b.PublishBatch(ctx, "events.sensor", batch); err != nil {
				t.Fatal(err)
			}
		}
		wantKind(t, "no events", b.PublishBatch(ctx, "events.sensor", pack.Batch{Source: "s", Segment: "1"}), harbour.ErrInvalid)
		publish(t, b, "events.sensor", "no batch")
		if s := b.State(ctx); s.Duplicates == 0 || s.Duplicates*2 != s.Published-1 || s.Streams[1].Messages != s.Duplicates+1 {
			t.Errorf("state %+v", s)
		}
		var mu sync.Mutex
		got := map[uint64]string{}
		all := make(chan struct{})
		c := bus.Consumer{Name: "reader", Subjects: []string{"events.sensor"}, Workers: 2}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		ended := make(chan error)
		go func() {
			ended <- b.ConsumeBatches(ctx, c, func(_ context.Context, _ *bus.Message, p pack.Batch) error {
				mu.Lock()
				defer mu.Unlock()
				if p.Source != "sensor-1" || p.Segment != "7" {
					t.Errorf("batch of %s, %s", p.Source, p.Segment)
				}
				before := len(got)
				for i, e := range p.Events {
					got[p.First+uint64(i)] = string(e)
				}
				if before < len(batch.Events) && len(got) == len(batch.Events) {
					close(all)
				}
				return nil
			})
		}()
		<-all
		for b.State(ctx).Aside == 0 {
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		for i, e := range batch.Events {
			if got[100+uint64(i)] != string(e) {
				t.Fatalf("event %d is %q", i, got[100+uint64(i)])
			}
		}
	})
}

// TestLongHandler wants a handler that takes longer than the lease not to be given its message again.
func TestLongHandler(t *testing.T) {
	b := bustest.Embedded(t).Open(t, nil)
	publish(t, b, "jobs.a", "long")
	in := newInbox()
	stop := receive(t, b, bus.Consumer{Name: "a", Subjects: []string{"jobs.a"}, Workers: 2, Lease: 6 * time.Second}, func(_ context.Context, m *bus.Message) error {
		time.Sleep(8 * time.Second)
		in.take(m)
		return nil
	})
	in.wait(t, "long")
	stop()
	if in.ids["long"] != 1 {
		t.Errorf("handled %d times", in.ids["long"])
	}
}

// TestStopped wants a handler that is stopped to have its message delivered again to the next one.
func TestStopped(t *testing.T) {
	bustest.Each(t, func(t *testing.T, broker *bustest.Broker) {
		b := broker.Open(t, nil)
		publish(t, b, "jobs.a", "1")
		began := make(chan struct{})
		stop := receive(t, b, bus.Consumer{Name: "a", Subjects: []string{"jobs.a"}}, func(ctx context.Context, m *bus.Message) error {
			close(began)
			<-ctx.Done()
			return ctx.Err()
		})
		<-began
		stop()
		in := newInbox()
		receive(t, b, bus.Consumer{Name: "a", Subjects: []string{"jobs.a"}}, func(_ context.Context, m *bus.Message) error {
			in.take(m)
			return nil
		})
		in.wait(t, "1")
	})
}
