// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/bus"
	"breakwater/bus/bustest"
	"breakwater/harbour"
)

// The test binary starts itself as the process that is killed, with the folder of its embedded broker.
const childDir = "BREAKWATER_BUS_CHILD"

func childOr(m *testing.M) int {
	if dir := os.Getenv(childDir); dir != "" {
		return child(dir)
	}
	return bustest.Main(m)
}

// child publishes until it is killed, and says what was acknowledged.
func child(dir string) int {
	b, err := bus.Open(ctx, bus.Options{Dir: dir, Reserve: -1})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	var all sync.WaitGroup
	for w := range 3 {
		all.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i)
				if err := b.Publish(ctx, "jobs.a", id, []byte(id)); err != nil {
					fmt.Println("error", err)
					os.Exit(1)
				}
				fmt.Println("ack", id)
			}
		})
	}
	all.Wait()
	return 0
}

func kills(t *testing.T, usual int) int {
	if n, err := strconv.Atoi(os.Getenv("BUS_KILLS")); err == nil {
		return n
	}
	if testing.Short() {
		return 3
	}
	return usual
}

// TestKilledEmbedded kills a process with an embedded broker at random moments, and wants all that it said was
// acknowledged. BUS_KILLS sets how often.
func TestKilledEmbedded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bus")
	acked := map[string]bool{}
	for i := range kills(t, 12) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := rand.IntN(60)
		s := bufio.NewScanner(out)
		for n := 0; s.Scan(); n++ {
			if what, id, _ := strings.Cut(s.Text(), " "); what == "ack" {
				acked[id] = true
			} else {
				t.Fatalf("kill %d: %s", i, s.Text())
			}
			if n == lines {
				time.AfterFunc(time.Duration(rand.IntN(20))*time.Millisecond, func() { cmd.Process.Kill() })
			}
		}
		cmd.Wait()
	}
	b, err := bus.Open(ctx, bus.Options{Dir: dir, Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	wantAll(t, b, acked)
}

// wantAll receives everything and wants what was acknowledged among it, each with its own bytes.
func wantAll(t *testing.T, b *bus.Bus, acked map[string]bool) {
	t.Helper()
	in := newInbox()
	receive(t, b, bus.Consumer{Name: "all", Subjects: []string{"jobs.>"}, Workers: 4}, func(_ context.Context, m *bus.Message) error {
		if string(m.Payload) != m.ID {
			t.Errorf("message %s holds %q", m.ID, m.Payload)
		}
		in.take(m)
		return nil
	})
	var ids []string
	for id := range acked {
		ids = append(ids, id)
	}
	in.wait(t, ids...)
	t.Logf("%d messages acknowledged, none lost", len(ids))
	if len(ids) < 50 {
		t.Errorf("only %d acknowledged: the test proves little", len(ids))
	}
}

// TestKilledServer kills an external server, or one server of a cluster, while messages are published and handled. Nothing that was
// acknowledged may be lost, and the publishers go on by themselves.
func TestKilledServer(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *bustest.Broker{"external": bustest.External, "cluster": bustest.Cluster} {
		t.Run(name, func(t *testing.T) {
			broker := start(t)
			b := broker.Open(t, nil)
			in := newInbox()
			c := bus.Consumer{Name: "all", Subjects: []string{"jobs.>"}, Workers: 2, Lease: 5 * time.Second, Pause: 10 * time.Millisecond}
			receive(t, b, c, func(_ context.Context, m *bus.Message) error {
				if string(m.Payload) != m.ID {
					t.Errorf("message %s holds %q", m.ID, m.Payload)
				}
				in.take(m)
				if rand.IntN(10) == 0 {
					return fmt.Errorf("once more")
				}
				return nil
			})
			stop := make(chan struct{})
			var mu sync.Mutex
			var acked []string
			var all sync.WaitGroup
			for w := range 3 {
				all.Go(func() {
					for i := 0; ; i++ {
						select {
						case <-stop:
							return
						default:
						}
						id := fmt.Sprintf("%d-%d", w, i)
						if err := b.Publish(ctx, "jobs.a", id, []byte(id)); err != nil {
							t.Errorf("publish %s: %v", id, err)
							return
						}
						mu.Lock()
						acked = append(acked, id)
						mu.Unlock()
					}
				})
			}
			have := func() int { mu.Lock(); defer mu.Unlock(); return len(acked) }
			for range kills(t, 6) {
				for n := have() + 5 + rand.IntN(40); have() < n && !t.Failed(); {
					time.Sleep(5 * time.Millisecond)
				}
				s := broker.Servers[rand.IntN(len(broker.Servers))]
				s.Kill()
				if rand.IntN(2) == 0 {
					time.Sleep(time.Second)
				}
				s.Start(t)
			}
			for n := have() + 10; have() < n && !t.Failed(); {
				time.Sleep(5 * time.Millisecond)
			}
			close(stop)
			all.Wait()
			in.wait(t, acked...)
			t.Logf("%d acknowledged and none lost, %d deliveries, %d reconnects", len(acked), len(in.order), b.State(ctx).Reconnects)
		})
	}
}

// TestGoneAndBack opens a bus before its broker is there, and takes the broker away later.
func TestGoneAndBack(t *testing.T) {
	broker := bustest.External(t)
	broker.Servers[0].Kill()
	impatient := func(o *bus.Options) { o.Patience = 300 * time.Millisecond }
	b := broker.Open(t, impatient)
	in := newInbox()
	receive(t, b, bus.Consumer{Name: "a", Subjects: []string{"jobs.a"}}, func(_ context.Context, m *bus.Message) error {
		in.take(m)
		return nil
	})
	gone := func() {
		t.Helper()
		err := b.Publish(ctx, "jobs.a", "x", nil)
		wantKind(t, "broker gone", err, harbour.ErrUnavailable)
		if harbour.HintOf(err) == "" {
			t.Error("no hint")
		}
		if s := b.State(ctx); s.Connected || s.Problem == "" || s.Hint == "" || s.Since.IsZero() {
			t.Errorf("state %+v", s)
		}
	}
	back := func(id string) {
		t.Helper()
		for b.Publish(ctx, "jobs.a", id, nil) != nil {
		}
		in.wait(t, id)
		for !b.State(ctx).Connected {
			time.Sleep(10 * time.Millisecond)
		}
	}
	gone()
	broker.Servers[0].Start(t)
	back("1")
	broker.Servers[0].Kill()
	gone()
	broker.Servers[0].Start(t)
	back("2")
}

// TestSecretsNotTold wants no password in what is shown.
func TestSecretsNotTold(t *testing.T) {
	b, err := bus.Open(ctx, bus.Options{URL: "nats://jane:hunter2@127.0.0.1:1", Patience: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	err = b.Publish(ctx, "jobs.a", "1", nil)
	if s := fmt.Sprintf("%+v %v", b.State(ctx), err); strings.Contains(s, "hunter2") || !strings.Contains(s, "127.0.0.1:1") {
		t.Errorf("told: %s", s)
	}
}

// TestOneProcess wants a folder used by one process at a time.
func TestOneProcess(t *testing.T) {
	broker := bustest.Embedded(t)
	b := broker.Open(t, nil)
	_, err := bus.Open(ctx, broker.Options())
	wantKind(t, "a second one", err, harbour.ErrConflict)
	b.Close()
	broker.Open(t, nil)
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o600)
	_, err = bus.Open(ctx, bus.Options{Dir: file})
	wantKind(t, "a file for a folder", err, harbour.ErrUnavailable)
}

// TestNoListener wants the embedded broker to be reachable from nowhere.
func TestNoListener(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("asks the system for its sockets, as linux has them")
	}
	listening := func() (n int) {
		for _, name := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
			f, err := os.Open(name)
			if err != nil {
				continue
			}
			defer f.Close()
			text, _ := io.ReadAll(f)
			own := map[string]bool{}
			fds, _ := os.ReadDir("/proc/self/fd")
			for _, fd := range fds {
				to, _ := os.Readlink("/proc/self/fd/" + fd.Name())
				if inode, ok := strings.CutPrefix(to, "socket:["); ok {
					own[strings.TrimSuffix(inode, "]")] = true
				}
			}
			for line := range strings.Lines(string(text)) {
				if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" && own[f[9]] {
					n++
				}
			}
		}
		return n
	}
	before := listening()
	bustest.Embedded(t).Open(t, nil)
	if n := listening() - before; n != 0 {
		t.Errorf("%d sockets listen", n)
	}
}

// TestNothingLeft wants no goroutine left after Close.
func TestNothingLeft(t *testing.T) {
	bustest.Each(t, func(t *testing.T, broker *bustest.Broker) {
		before := stacks()
		for _, id := range []string{"1", "2"} {
			b := broker.Open(t, nil)
			publish(t, b, "jobs.a", id)
			in := newInbox()
			ended := make(chan error, 1)
			go func() {
				ended <- b.Consume(ctx, bus.Consumer{Name: "a", Subjects: []string{"jobs.a"}, Workers: 2}, func(_ context.Context, m *bus.Message) error {
					in.take(m)
					return nil
				})
			}()
			in.wait(t, id)
			if err := b.Close(); err != nil {
				t.Error(err)
			}
			if err := <-ended; err != nil {
				t.Errorf("Consume after Close: %v", err)
			}
			if err := b.Close(); err != nil {
				t.Errorf("closed twice: %v", err)
			}
		}
		var left []string
		for range 100 { // what ends is given time to
			if left = nil; runtime.NumGoroutine() > 0 {
				for g, n := range stacks() {
					if n > before[g] {
						left = append(left, g)
					}
				}
			}
			if len(left) == 0 {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Errorf("left:\n%s", strings.Join(left, "\n\n"))
	})
}

// stacks counts goroutines by where they were made.
func stacks() map[string]int {
	b := make([]byte, 1<<20)
	b = b[:runtime.Stack(b, true)]
	m := map[string]int{}
	for g := range strings.SplitSeq(string(b), "\n\n") {
		if _, made, ok := strings.Cut(g, "created by "); ok && (strings.Contains(g, "nats") || strings.Contains(g, "breakwater/bus.")) {
			m[made]++
		}
	}
	return m
}
