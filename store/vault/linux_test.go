// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"breakwater/harbour"
)

// TestDiskFull fills a real file system, at many different places of a Put, and wants nothing half-written.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m,mode=700"); err != nil {
		t.Skipf("a file system of its own needs leave to mount: %v", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	v := open(t, filepath.Join(dir, "vault"))
	defer v.Close()
	ctx := context.Background()
	stored, refused := 0, 0
	for i := range 200 {
		_, err := v.Put(ctx, bytes.NewReader(noise(uint64(i), 1000+i%7*70_000)), PutOptions{})
		if err == nil {
			stored++
			continue
		}
		wantError(t, err, harbour.ErrFull)
		refused++
	}
	if stored == 0 || refused == 0 {
		t.Fatalf("%d stored, %d refused", stored, refused)
	}
	_, err := v.Put(ctx, &io.LimitedReader{R: forever{}, N: 8 << 20}, PutOptions{})
	wantError(t, err, harbour.ErrFull)
	whole(t, v, stored)
	// Changing the key on a full disk fails or works, and loses nothing.
	_, err = v.Rotate(ctx, RotateOptions{})
	if err != nil {
		wantError(t, err, harbour.ErrFull)
	}
	whole(t, v, stored)
	for o, err := range v.List(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if stored--; v.Delete(o.SHA256) != nil {
			t.Error("an object on a full disk cannot be deleted")
		}
		if stored < 5 {
			break
		}
	}
	put(t, v, noise(9999, 100_000))
	v.Close()
	v = open(t, filepath.Join(dir, "vault"))
	defer v.Close()
	if _, err := v.Rotate(ctx, RotateOptions{}); err != nil {
		t.Error(err)
	}
	whole(t, v, stored+1)
}

type forever struct{}

func (forever) Read(p []byte) (int, error) { return len(p), nil }

// TestMemory puts and reads far more than it may keep.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 256 MiB")
	}
	v := open(t, t.TempDir())
	const n = 256 << 20
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	most := uint64(0)
	look := func(int64) {
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapAlloc-min(before.HeapAlloc, now.HeapAlloc))
	}
	o, err := v.Put(context.Background(), io.LimitReader(forever{}, n), PutOptions{Progress: look})
	if err != nil || o.Bytes != n {
		t.Fatalf("Put = %+v, %v", o, err)
	}
	if rep, err := v.Verify(context.Background(), func(_ int, n int64) { look(n) }); err != nil || rep.Bytes != n {
		t.Errorf("Verify = %+v, %v", rep, err)
	}
	if most > 16<<20 {
		t.Errorf("%d MiB in use at most, want under 16", most>>20)
	}
	t.Logf("%d kB in use at most", most>>10)
}

// BenchmarkCPU says what a GB costs in seconds of processor time, all threads together: to put, to read back, and,
// beside it, to hash alone.
func BenchmarkCPU(b *testing.B) {
	const n = 1 << 28
	v := open(b, b.TempDir())
	b.Run("SHA256", func(b *testing.B) {
		cpu(b, n, func() {
			h := sha256.New()
			io.CopyBuffer(onlyWriter{h}, io.LimitReader(forever{}, n), make([]byte, putBuffer))
		})
	})
	var last Object
	b.Run("Put", func(b *testing.B) {
		i := 0
		cpu(b, n, func() {
			i++
			head := bytes.NewReader(fmt.Appendf(nil, "%d %d", b.N, i)) // other content each time
			var err error
			if last, err = v.Put(context.Background(), io.MultiReader(head, io.LimitReader(forever{}, n)), PutOptions{}); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("Read", func(b *testing.B) {
		cpu(b, n, func() {
			r, err := v.Open(last.SHA256)
			if err != nil {
				b.Fatal(err)
			}
			io.CopyBuffer(onlyWriter{io.Discard}, onlyReader{r}, make([]byte, putBuffer))
			r.Close()
		})
	})
}

type (
	onlyWriter struct{ io.Writer }
	onlyReader struct{ io.Reader }
)

func cpu(b *testing.B, bytes int64, f func()) {
	used := func() time.Duration {
		var u syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	start := used()
	b.SetBytes(bytes)
	rounds := 0
	for b.Loop() {
		f()
		rounds++
	}
	b.ReportMetric((used()-start).Seconds()/float64(rounds)/float64(bytes)*1e9, "cpu-s/GB")
}
