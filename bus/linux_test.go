// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"breakwater/bus"
	"breakwater/harbour"
)

// small mounts a file system of a few megabytes.
func small(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=12m,mode=700"); err != nil {
		t.Skipf("a file system of its own needs leave to mount: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

func openSmall(t *testing.T, dir string, reserve int64) *bus.Bus {
	t.Helper()
	b, err := bus.Open(ctx, bus.Options{Dir: filepath.Join(dir, "bus"), Reserve: reserve, Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// fill publishes until it is refused, and gives what was acknowledged.
func fill(t *testing.T, b *bus.Bus, patience time.Duration) (kept []string, err error) {
	t.Helper()
	for i := range 1000 {
		id := fmt.Sprint("m", i)
		ctx, cancel := context.WithTimeout(ctx, patience)
		err = b.Publish(ctx, "events.a", id, make([]byte, 200<<10))
		cancel()
		if err != nil {
			return kept, err
		}
		kept = append(kept, id)
	}
	t.Fatal("it never was full")
	return nil, nil
}

func receiveAll(t *testing.T, b *bus.Bus, kept []string) {
	t.Helper()
	in := newInbox()
	stop := receive(t, b, bus.Consumer{Name: "a", Subjects: []string{"events.a"}, Lease: 3 * time.Second}, func(_ context.Context, m *bus.Message) error {
		in.take(m)
		return nil
	})
	defer stop()
	in.wait(t, kept...)
}

// TestReserve wants the broker to stop before the disk is full, to say so, and to go on when there is room.
func TestReserve(t *testing.T) {
	b := openSmall(t, small(t), 4<<20)
	kept, err := fill(t, b, time.Minute)
	wantKind(t, "near the end of the disk", err, harbour.ErrFull)
	if harbour.HintOf(err) == "" || len(kept) < 20 {
		t.Errorf("%d kept, %v", len(kept), err)
	}
	if s := b.State(ctx); !s.Connected {
		t.Errorf("state %+v", s)
	}
	receiveAll(t, b, kept)
	for b.Publish(ctx, "events.a", "after", nil) != nil {
		time.Sleep(10 * time.Millisecond)
	}
	receiveAll(t, b, []string{"after"})
}

// TestDiskFull has something else fill the disk under the broker, which then gives up its storage. Nothing that was
// acknowledged may be lost, and the broker comes back by itself when there is room.
func TestDiskFull(t *testing.T) {
	dir := small(t)
	b := openSmall(t, dir, 1<<20)
	publish(t, b, "events.a", "1", "2")
	other := filepath.Join(dir, "other")
	f, err := os.Create(other)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 64<<10))
	}
	f.Close()
	wantKind(t, "on a full disk", b.Publish(ctx, "events.a", "3", make([]byte, 100<<10)), harbour.ErrFull)
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	for b.Publish(ctx, "events.a", "4", nil) != nil {
		time.Sleep(10 * time.Millisecond)
	}
	receiveAll(t, b, []string{"1", "2", "4"})
}

// TestDiskFullUnguarded takes the guard away, so that the server itself meets the full disk and gives up its storage.
func TestDiskFullUnguarded(t *testing.T) {
	dir := small(t)
	b := openSmall(t, dir, -1)
	kept, err := fill(t, b, 5*time.Second)
	if k := harbour.KindOf(err); k != harbour.ErrFull && k != harbour.ErrUnavailable && k != harbour.ErrCancelled {
		t.Errorf("on a full disk: %v", err)
	}
	t.Logf("%d kept, then: %v", len(kept), err)
	// More room: the server is started anew within the bus, which goes on.
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=40m"); err != nil {
		t.Fatal(err)
	}
	for b.Publish(ctx, "events.a", "after", nil) != nil {
		time.Sleep(10 * time.Millisecond)
	}
	receiveAll(t, b, append(kept, "after"))
}

// TestStartsOnFullDisk opens a bus where something else has filled the disk. It opens, says why nothing can be published, and goes on
// by itself, with all that was acknowledged before, when there is room.
func TestStartsOnFullDisk(t *testing.T) {
	dir := small(t)
	b := openSmall(t, dir, 1<<20)
	publish(t, b, "events.a", "1", "2")
	b.Close()
	other := filepath.Join(dir, "other")
	f, err := os.Create(other)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 64<<10))
	}
	f.Close()
	b, err = bus.Open(ctx, bus.Options{Dir: filepath.Join(dir, "bus"), Reserve: 1 << 20, Patience: time.Second})
	if err != nil {
		t.Fatalf("on a full disk: %v", err)
	}
	t.Cleanup(func() { b.Close() })
	if s := b.State(ctx); s.Connected || !strings.Contains(s.Problem, "free on the disk") || s.Hint == "" {
		t.Errorf("state %+v", s)
	}
	wantKind(t, "on a full disk", b.Publish(ctx, "events.a", "3", nil), harbour.ErrFull)
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	for b.Publish(ctx, "events.a", "4", nil) != nil {
		time.Sleep(10 * time.Millisecond)
	}
	receiveAll(t, b, []string{"1", "2", "4"})
}
