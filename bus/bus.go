// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"breakwater/bus/pack"
	"breakwater/harbour"
)

// Bus is an open connection to the broker. See the package comment.
type Bus struct {
	opt  Options
	log  *slog.Logger
	srv  *embedded // nil for an external broker
	nc   *nats.Conn
	js   jetstream.JetStream
	pack *pack.Codec

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	tasks  sync.WaitGroup // tend, and Consume
	kick   chan struct{}  // something changed: look at the connection and the streams

	mu       sync.Mutex
	closed   bool
	ready    chan struct{} // closed while the streams can be used
	isReady  bool
	link     context.Context // ends when the broker is lost, so that nobody waits for an answer that cannot come
	unlink   context.CancelFunc
	since    time.Time // of the present condition
	problem  error     // why it is not ready
	replicas int
	counts   counts
}

// Open starts the embedded broker or connects to an external one, and sees that the streams are there. A broker that
// cannot be used within Options.Patience, because it does not answer or its disk is full, is no error: the Bus goes on trying,
// and State says so.
//
// Errors: ErrUsage for options that make no sense, ErrConflict where another process has the folder, ErrUnavailable where
// the embedded broker cannot use it.
func Open(ctx context.Context, o Options) (*Bus, error) {
	if err := o.defaults(); err != nil {
		return nil, err
	}
	b := &Bus{opt: o, log: o.Log, kick: make(chan struct{}, 1), ready: make(chan struct{}), since: time.Now()}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.link, b.unlink = context.WithCancel(b.ctx)
	if err := b.open(); err != nil {
		b.cancel()
		return nil, err
	}
	b.tasks.Go(b.tend)
	wait, cancel := context.WithTimeout(ctx, b.opt.Patience)
	defer cancel()
	if err := b.wait(wait); err != nil {
		if ctx.Err() != nil {
			return nil, errors.Join(b.wrap("open the broker", err), b.Close())
		}
		b.log.Warn("broker does not answer yet", "server", b.server(), "error", err)
	}
	return b, nil
}

func (b *Bus) open() (err error) {
	if b.pack, err = pack.New(); err != nil {
		return err
	}
	list := []nats.Option{
		nats.Name("breakwater"), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(250 * time.Millisecond), nats.ReconnectJitter(100*time.Millisecond, 500*time.Millisecond),
		nats.ReconnectBufSize(-1), // what cannot be sent is refused at once: Publish tries again itself
		nats.PingInterval(10 * time.Second), nats.MaxPingsOutstanding(2), nats.Timeout(5 * time.Second),
		nats.ConnectHandler(func(*nats.Conn) { b.nudge() }),
		nats.ReconnectHandler(func(*nats.Conn) { b.count(func(c *counts) { c.reconnects++ }); b.nudge() }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { b.lost(err) }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) {
			if b.srv == nil { // of the embedded one tend knows why it cannot be reached
				b.lost(err)
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { b.log.Debug("broker", "error", err) }),
		nats.NoCallbacksAfterClientClose(),
	}
	if b.opt.Credentials != "" {
		list = append(list, nats.UserCredentials(b.opt.Credentials))
	}
	if b.opt.TLS != nil {
		list = append(list, nats.Secure(b.opt.TLS))
	}
	if b.opt.Dir != "" {
		if b.srv, err = newEmbedded(&b.opt); err != nil {
			b.pack.Close()
			return err
		}
		list = append(list, nats.InProcessServer(b.srv))
	}
	if b.nc, err = nats.Connect(b.opt.URL, list...); err == nil {
		b.js, err = jetstream.New(b.nc, jetstream.WithDefaultTimeout(5*time.Second))
	}
	if err != nil {
		if b.srv != nil {
			err = errors.Join(err, b.srv.close())
		}
		b.pack.Close()
		return &harbour.Error{
			Kind: harbour.ErrUsage, Op: "open the broker", Message: "the broker's address, credentials or TLS cannot be used",
			Hint: "give a URL such as nats://host:4222, and files that can be read", Err: err,
		}
	}
	return nil
}

// nudge has tend look again.
func (b *Bus) nudge() {
	select {
	case b.kick <- struct{}{}:
	default:
	}
}

// lost notes that the broker is gone.
func (b *Bus) lost(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.problem = err
	}
	if !b.isReady || b.closed {
		return
	}
	b.isReady, b.ready, b.since = false, make(chan struct{}), time.Now()
	b.unlink()
	b.log.Warn("broker is gone", "server", b.server(), "error", err)
}

// wait returns when the streams can be used.
func (b *Bus) wait(ctx context.Context) error {
	b.mu.Lock()
	ready, problem := b.ready, b.problem
	b.mu.Unlock()
	if b.ctx.Err() != nil {
		return errClosed()
	}
	select {
	case <-ready:
		return nil
	default:
	}
	select {
	case <-ready:
		return nil
	case <-b.ctx.Done():
		return errClosed()
	case <-ctx.Done():
		if problem == nil || errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
		return problem
	}
}

// asking gives a context for one question to the broker: it ends after the time given, and when the broker is lost.
func (b *Bus) asking(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	b.mu.Lock()
	link := b.link
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, limit)
	stop := context.AfterFunc(link, cancel)
	return ctx, func() { stop(); cancel() }
}

func errClosed() error {
	return &harbour.Error{Kind: harbour.ErrUnavailable, Op: "reach the broker", Message: "the program is stopping", Hint: "try again in a moment"}
}

// tend keeps the streams in order: when connected, when something said that they are not, and now and then.
func (b *Bus) tend() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var last, healed time.Time // last is when all was well
	for {
		if err := b.heal(&healed); err != nil {
			b.lost(err)
		} else if b.nc.IsConnected() && time.Since(last) > 0 {
			b.arrived()
			last = time.Now().Add(time.Minute)
		}
		select {
		case <-b.ctx.Done():
			return
		case <-b.kick:
			last = time.Time{}
		case <-tick.C:
			b.mu.Lock()
			if !b.isReady {
				last = time.Time{}
			}
			b.mu.Unlock()
		}
	}
}

// heal starts the embedded server anew where it has given up its storage and there is room again.
func (b *Bus) heal(last *time.Time) error {
	if b.srv == nil {
		return nil
	}
	why := b.srv.broken()
	if why == nil {
		return nil
	}
	if err := b.srv.room(0); err != nil {
		return err
	}
	if time.Since(*last) < 5*time.Second {
		return why
	}
	*last = time.Now()
	b.log.Warn("the embedded broker is started anew", "error", why)
	return b.srv.restart()
}

// arrived sees that the streams are there and lets work go on.
func (b *Bus) arrived() {
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	n, err := b.ensure(ctx)
	if b.srv != nil {
		b.srv.lookedAfter()
	}
	if err != nil {
		if b.ctx.Err() == nil {
			b.lost(err)
		}
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.replicas = n
	if b.isReady || !b.nc.IsConnected() {
		return
	}
	b.isReady, b.problem = true, nil
	b.unlink()
	b.link, b.unlink = context.WithCancel(b.ctx)
	close(b.ready)
	b.log.Info("broker is there", "server", b.server(), "replicas", n, "after", time.Since(b.since).Round(time.Millisecond))
	b.since = time.Now()
}

// server names the broker without secrets.
func (b *Bus) server() string {
	if b.srv != nil {
		return "embedded"
	}
	var list []string
	for s := range strings.SplitSeq(b.opt.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(s))
		if err != nil {
			continue
		}
		list = append(list, u.Scheme+"://"+u.Host)
	}
	return strings.Join(list, ",")
}

// Close ends what consumes, waits for its handlers, and closes the connection; the embedded server is stopped.
func (b *Bus) Close() error {
	b.mu.Lock()
	again := b.closed
	b.closed = true
	b.mu.Unlock()
	if again {
		return nil
	}
	b.cancel()
	b.tasks.Wait()
	if b.nc.IsConnected() {
		_ = b.nc.FlushTimeout(2 * time.Second) // acknowledgements on their way
	}
	b.nc.Close()
	b.pack.Close()
	if b.srv != nil {
		return b.srv.close()
	}
	return nil
}
