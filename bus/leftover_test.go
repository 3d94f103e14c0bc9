// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus_test

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"breakwater/bus"
	"breakwater/bus/bustest"
)

// TestHalfMade opens an embedded broker on what a program leaves that was killed while it made or changed a stream or a receiver. The
// bus must open, hold every message that was acknowledged, and leave nothing half made for the next start.
func TestHalfMade(t *testing.T) {
	stream := func(dir, name string, file ...string) string {
		return filepath.Join(append([]string{dir, "jetstream", "$G", "streams", "breakwater_" + name}, file...)...)
	}
	for name, leave := range map[string]func(dir string) error{
		"nothing of it but the folder": func(dir string) error {
			os.RemoveAll(stream(dir, "events"))
			return os.MkdirAll(stream(dir, "events"), 0o700)
		},
		"without a description": func(dir string) error {
			os.Remove(stream(dir, "events", "meta.sum"))
			return os.Rename(stream(dir, "events", "meta.inf"), stream(dir, "events", "meta.inf.tmp"))
		},
		"without a checksum": func(dir string) error {
			return os.Rename(stream(dir, "events", "meta.sum"), stream(dir, "events", "meta.sum.tmp"))
		},
		"a checksum of what it was before": func(dir string) error {
			return os.WriteFile(stream(dir, "events", "meta.sum"), []byte("0123456789abcdef"), 0o600)
		},
		"an empty description": func(dir string) error {
			return os.Truncate(stream(dir, "events", "meta.inf"), 0)
		},
		"all streams": func(dir string) error {
			for _, s := range []string{"events", "jobs", "aside"} {
				if err := os.Remove(stream(dir, s, "meta.sum")); err != nil {
					return err
				}
			}
			return nil
		},
		"a receiver without a description": func(dir string) error {
			return os.Remove(stream(dir, "jobs", "obs", "a", "meta.inf"))
		},
		"a receiver without a checksum": func(dir string) error {
			return os.Remove(stream(dir, "jobs", "obs", "a", "meta.sum"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			broker := bustest.Embedded(t)
			b := broker.Open(t, nil)
			publish(t, b, "jobs.a", "handled")
			in := newInbox()
			stop := receive(t, b, bus.Consumer{Name: "a", Subjects: []string{"jobs.a"}}, func(_ context.Context, m *bus.Message) error {
				in.take(m)
				return nil
			})
			in.wait(t, "handled")
			stop()
			publish(t, b, "jobs.a", "1", "2")
			publish(t, b, "events.a", "3", "4")
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			events := []string{"3", "4"}
			if name == "nothing of it but the folder" {
				events = nil // none was acknowledged before a stream was made
			}
			if err := leave(broker.Dir); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			b = broker.Open(t, func(o *bus.Options) { o.Patience = 10 * time.Second })
			if s := b.State(ctx); !s.Connected {
				t.Fatalf("after %v: %+v", time.Since(begun), s)
			}
			publish(t, b, "events.a", "5")
			stop = receive(t, b, bus.Consumer{Name: "a", Subjects: []string{"jobs.a"}}, func(_ context.Context, m *bus.Message) error {
				in.take(m)
				return nil
			})
			in.wait(t, "1", "2")
			stop()
			b.Close()

			var said bytes.Buffer
			b = broker.Open(t, func(o *bus.Options) {
				o.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelWarn}))
			})
			if said.Len() > 0 {
				t.Errorf("the second start says: %s", &said)
			}
			receiveAll(t, b, append(events, "5"))
		})
	}
}

// TestKilledAtFirstStart kills a program while it makes the streams of a broker that was not there before. BUS_KILLS sets how often.
func TestKilledAtFirstStart(t *testing.T) {
	halves := 0
	for i := range kills(t, 25) {
		dir := filepath.Join(t.TempDir(), "bus")
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for range 2000 { // the first stream begins: now it matters
			if list, _ := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "*")); len(list) > 0 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(rand.IntN(12_000)) * time.Microsecond)
		cmd.Process.Kill()
		cmd.Wait()
		made, _ := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "*"))
		whole, _ := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "*", "meta.sum"))
		if len(made) > len(whole) {
			halves++
		}
		b, err := bus.Open(ctx, bus.Options{Dir: dir, Reserve: -1, Patience: time.Minute})
		if err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		if s := b.State(ctx); !s.Connected {
			t.Fatalf("kill %d: %+v", i, s)
		}
		publish(t, b, "jobs.a", "after")
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d times a stream was half made", halves)
}
