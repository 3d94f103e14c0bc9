// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"breakwater/harbour"
)

func open(t testing.TB, dir string) *Vault {
	t.Helper()
	v, err := Open(dir, KeySource{}, Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

func put(t testing.TB, v *Vault, b []byte) Object {
	t.Helper()
	o, err := v.Put(context.Background(), bytes.NewReader(b), PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func read(v *Vault, sha string) ([]byte, error) {
	r, err := v.Open(sha)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// noise is n bytes that no compression or chance makes equal to others.
func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), byte(seed >> 24)}).Read(b)
	return b
}

// wantError checks the kind, that the message names what it should, and that there is a hint.
func wantError(t testing.TB, err error, kind harbour.ErrorKind, names ...string) {
	t.Helper()
	if err == nil || harbour.KindOf(err) != kind || harbour.HintOf(err) == "" {
		t.Fatalf("error = %v (%v, hint %q), want %v with a hint", err, harbour.KindOf(err), harbour.HintOf(err), kind)
	}
	for _, n := range names {
		if !strings.Contains(err.Error(), n) {
			t.Errorf("error = %q, want it to name %q", err, n)
		}
	}
}

func verify(t testing.TB, v *Vault) Report {
	t.Helper()
	rep, err := v.Verify(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// whole wants a vault with so many objects and nothing else.
func whole(t testing.TB, v *Vault, objects int) {
	t.Helper()
	rep := verify(t, v)
	for _, p := range rep.Problems {
		t.Errorf("problem: %v", p.Err)
	}
	if rep.Objects != objects || rep.UnclaimedFiles != 0 {
		t.Errorf("Verify = %d objects, %d unclaimed; want %d, none", rep.Objects, rep.UnclaimedFiles, objects)
	}
	if left := files(t, filepath.Join(v.dir, stagingDir)); len(left) > 0 {
		t.Errorf("staging holds %v, want nothing", left)
	}
}

// files lists the files below a folder.
func files(t testing.TB, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestPutAndRead(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	sizes := []int{0, 1, 100, chunkSize - 1, chunkSize, chunkSize + 1, 2 * chunkSize, 3*chunkSize + 7, 20*chunkSize - 1}
	total := int64(0)
	for i, n := range sizes {
		b := noise(uint64(i), n)
		o := put(t, v, b)
		if o.SHA256 != sum(b) || o.Bytes != int64(n) {
			t.Fatalf("Put(%d bytes) = %+v, want %s", n, o, sum(b))
		}
		total += int64(n)
		got, err := read(v, o.SHA256)
		if err != nil || !bytes.Equal(got, b) {
			t.Fatalf("read of %d bytes gives %d, %v", n, len(got), err)
		}
		r, _ := v.Open(o.SHA256)
		if err := iotest.TestReader(r, b); err != nil {
			t.Errorf("reader of %d bytes: %v", n, err)
		}
		r.Close()
		i, _ := os.Stat(v.contentPath(mustFind(t, v, o.SHA256).content))
		if i.Size() != storedSize(int64(n)) || plainSize(i.Size()) != int64(n) {
			t.Errorf("%d bytes take %d on disk; storedSize says %d, plainSize of it %d", n, i.Size(), storedSize(int64(n)), plainSize(i.Size()))
		}
	}
	whole(t, v, len(sizes))
	u, err := v.Usage()
	if err != nil || u.Objects != len(sizes) || u.Bytes != total {
		t.Errorf("Usage() = %+v, %v; want %d objects, %d bytes", u, err, len(sizes), total)
	}
	var listed []string
	for o, err := range v.List(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, o.SHA256)
	}
	if len(listed) != len(sizes) || !slices.Contains(listed, sum(noise(2, 100))) {
		t.Errorf("List gives %d objects, want %d", len(listed), len(sizes))
	}
	v.Close()
	whole(t, open(t, dir), len(sizes))
}

func mustFind(t testing.TB, v *Vault, sha string) record {
	t.Helper()
	r, err := v.find("test", sha)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadAt(t *testing.T) {
	v := open(t, t.TempDir())
	b := noise(1, 5*chunkSize+1234)
	o := put(t, v, b)
	r, err := v.Open(o.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	near := []int{0, chunkSize, 2 * chunkSize, 4 * chunkSize, 5 * chunkSize, len(b)}
	rapid.Check(t, func(t *rapid.T) {
		var off int
		if rapid.Bool().Draw(t, "near") {
			off = max(0, rapid.SampledFrom(near).Draw(t, "edge")+rapid.IntRange(-3, 3).Draw(t, "by"))
		} else {
			off = rapid.IntRange(0, len(b)+10).Draw(t, "off")
		}
		p := make([]byte, rapid.SampledFrom([]int{0, 1, 16, 1500, chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize, len(b)}).Draw(t, "len"))
		n, err := r.ReadAt(p, int64(off))
		want := b[min(off, len(b)):min(off+len(p), len(b))]
		if !bytes.Equal(p[:n], want) {
			t.Fatalf("ReadAt(%d, %d) gives %d bytes that differ from the %d there", len(p), off, n, len(want))
		}
		if short := n < len(p); short != errors.Is(err, io.EOF) || !short && err != nil {
			t.Fatalf("ReadAt(%d, %d) = %d, %v", len(p), off, n, err)
		}
	})
	if _, err := r.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("ReadAt(-1) gives no error")
	}
}

func TestReadAtConcurrently(t *testing.T) {
	v := open(t, t.TempDir())
	b := noise(1, 7*chunkSize)
	o := put(t, v, b)
	r, err := v.Open(o.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			at := rand.New(rand.NewPCG(uint64(i), 1))
			for range 200 {
				off, p := at.IntN(len(b)), make([]byte, at.IntN(3*chunkSize))
				n, _ := r.ReadAt(p, int64(off))
				if !bytes.Equal(p[:n], b[off:min(len(b), off+len(p))]) {
					t.Errorf("ReadAt(%d, %d) gives other bytes", len(p), off)
				}
			}
		})
	}
	wg.Wait()
}

func TestStoredOnce(t *testing.T) {
	v := open(t, t.TempDir())
	b := noise(1, 100_000)
	first := put(t, v, b)
	again := put(t, v, b)
	if first != again {
		t.Errorf("the same content again = %+v, want %+v", again, first)
	}
	put(t, v, b[1:]) // alike, and another
	whole(t, v, 2)
	if n := len(files(t, filepath.Join(v.dir, objectsDir))); n != 2 {
		t.Errorf("%d content files, want 2", n)
	}
	u, err := v.Usage()
	if err != nil || u.Objects != 2 || u.Bytes != 199_999 {
		t.Errorf("Usage() = %+v, %v", u, err)
	}
	put(t, v, nil)
	if u, err = v.Usage(); err != nil || u.Objects != 3 || u.Disk != func() (n int64) {
		for _, d := range []string{keysDir, objectsDir} {
			for _, f := range files(t, filepath.Join(v.dir, d)) {
				i, _ := os.Stat(f)
				n += i.Size()
			}
		}
		return n
	}() {
		t.Errorf("Usage() = %+v, %v", u, err)
	}
}

// TestBusy puts, reads, deletes, verifies and rotates at once; run it with -race.
func TestBusy(t *testing.T) {
	v := open(t, t.TempDir())
	kept := put(t, v, noise(9999, 100_000))
	ctx := context.Background()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 15 {
				b := noise(uint64(i%5), 1000+i%5*70_000) // several goroutines put the same
				o, err := v.Put(ctx, bytes.NewReader(b), PutOptions{})
				if err != nil {
					t.Errorf("Put: %v", err)
				}
				if got, err := read(v, o.SHA256); err == nil && !bytes.Equal(got, b) || err != nil && harbour.KindOf(err) != harbour.ErrNotFound {
					t.Errorf("read gives %d bytes, %v", len(got), err)
				}
				if (g+i)%3 == 0 {
					if err := v.Delete(o.SHA256); err != nil && harbour.KindOf(err) != harbour.ErrNotFound {
						t.Errorf("Delete: %v", err)
					}
				}
			}
		})
	}
	wg.Go(func() {
		for range 3 {
			if res, err := v.Rotate(ctx, RotateOptions{}); err != nil || len(res.Problems) > 0 {
				t.Errorf("Rotate = %+v, %v", res, err)
			}
			if rep, err := v.Verify(ctx, nil); err != nil || len(rep.Problems) > 0 {
				t.Errorf("Verify = %+v, %v", rep, err)
			}
			if _, err := v.Usage(); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	if _, err := read(v, kept.SHA256); err != nil {
		t.Error(err)
	}
	rep := verify(t, v)
	whole(t, v, rep.Objects)
	u, _ := v.Usage()
	if u.Objects != rep.Objects || u.Bytes != rep.Bytes {
		t.Errorf("Usage() = %+v, Verify finds %d objects, %d bytes", u, rep.Objects, rep.Bytes)
	}
}

func TestDelete(t *testing.T) {
	v := open(t, t.TempDir())
	o, other := put(t, v, noise(1, 70_000)), put(t, v, noise(2, 70_000))
	rec := mustFind(t, v, o.SHA256)
	key := v.keyPath(rec.name)
	link := filepath.Join(t.TempDir(), "seen") // the same bytes on disk, for a look after the file's removal
	if err := os.Link(key, link); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(link)
	if err := v.Delete(o.SHA256); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(link); len(after) != len(before) || bytes.Contains(after, before[recordHead:recordHead+32]) {
		t.Error("the key record was removed without being overwritten")
	}
	_, err := v.Open(o.SHA256)
	wantError(t, err, harbour.ErrNotFound, o.SHA256)
	wantError(t, v.Delete(o.SHA256), harbour.ErrNotFound, o.SHA256)
	if _, err := read(v, other.SHA256); err != nil {
		t.Errorf("the other object: %v", err)
	}
	whole(t, v, 1)
	put(t, v, noise(1, 70_000))
	whole(t, v, 2)
}

func TestNames(t *testing.T) {
	b := noise(1, 1000)
	v, w := open(t, t.TempDir()), open(t, t.TempDir())
	o := put(t, v, b)
	put(t, w, b)
	for _, f := range files(t, v.dir) {
		if strings.Contains(f, o.SHA256[:16]) {
			t.Errorf("the file name %s tells the SHA-256", f)
		}
		raw, _ := os.ReadFile(f)
		s, _ := hex.DecodeString(o.SHA256)
		if bytes.Contains(raw, s) || bytes.Contains(raw, b[:32]) {
			t.Errorf("the file %s tells content or SHA-256", f)
		}
	}
	if mustFind(t, v, o.SHA256).name == mustFind(t, w, o.SHA256).name {
		t.Error("two vaults name the same content alike")
	}
}

func TestAskedWrongly(t *testing.T) {
	v := open(t, t.TempDir())
	o := put(t, v, []byte("evidence"))
	for name, sha := range map[string]string{
		"empty": "", "short": o.SHA256[1:], "long": o.SHA256 + "0", "upper case": strings.ToUpper(o.SHA256), "path": strings.Repeat("../", 21) + "x",
	} {
		if _, err := v.Open(sha); harbour.KindOf(err) != harbour.ErrUsage {
			t.Errorf("%s: Open = %v", name, err)
		}
		wantError(t, v.Delete(sha), harbour.ErrUsage)
	}
	_, err := v.Stat(sum([]byte("other")))
	wantError(t, err, harbour.ErrNotFound)
	if got, err := v.Stat(o.SHA256); err != nil || got != o {
		t.Errorf("Stat = %+v, %v", got, err)
	}
}

func TestPutRefused(t *testing.T) {
	v := open(t, t.TempDir())
	empty := func(name string) {
		t.Helper()
		if n := len(files(t, filepath.Join(v.dir, objectsDir))) + len(files(t, filepath.Join(v.dir, keysDir))) + len(files(t, filepath.Join(v.dir, stagingDir))); n != 0 {
			t.Errorf("%s: %d files are left", name, n)
		}
	}
	ctx := context.Background()
	_, err := v.Put(ctx, bytes.NewReader(noise(1, 1001)), PutOptions{Limit: 1000})
	wantError(t, err, harbour.ErrTooLarge, "1000 bytes")
	empty("too large")

	broken := errors.New("upload broke off")
	_, err = v.Put(ctx, io.MultiReader(bytes.NewReader(noise(1, 200_000)), iotest.ErrReader(broken)), PutOptions{})
	if !errors.Is(err, broken) {
		t.Errorf("Put of a broken reader = %v", err)
	}
	empty("broken reader")

	stopped, cancel := context.WithCancel(ctx)
	_, err = v.Put(stopped, io.MultiReader(bytes.NewReader(noise(1, 600_000)), onRead(cancel), bytes.NewReader(noise(2, 600_000))), PutOptions{})
	if harbour.KindOf(err) != harbour.ErrCancelled || !errors.Is(err, context.Canceled) {
		t.Errorf("Put of a cancelled context = %v", err)
	}
	empty("cancelled")

	if o, err := v.Put(ctx, bytes.NewReader(noise(1, 1000)), PutOptions{Limit: 1000, Size: 1000}); err != nil || o.Bytes != 1000 {
		t.Errorf("Put of exactly the limit = %+v, %v", o, err)
	}
	var told int64
	v.Put(ctx, bytes.NewReader(noise(3, 5<<20)), PutOptions{Progress: func(n int64) { told = n }})
	if told != 5<<20 {
		t.Errorf("progress ended at %d", told)
	}
}

type onRead func()

func (f onRead) Read([]byte) (int, error) { f(); return 0, io.EOF }

func TestReserve(t *testing.T) {
	v := open(t, t.TempDir())
	v.opt.Reserve = 1000
	free := int64(200_000)
	v.free = func() (int64, error) { return free, nil }
	ctx := context.Background()
	_, err := v.Put(ctx, strings.NewReader("x"), PutOptions{Size: 199_500})
	wantError(t, err, harbour.ErrFull, "200000 bytes are free", "1000 bytes are kept back")
	put(t, v, []byte("fits"))
	free = 999
	_, err = v.Put(ctx, strings.NewReader("x"), PutOptions{})
	wantError(t, err, harbour.ErrFull)
	free = 2000
	_, err = v.Put(ctx, io.MultiReader(bytes.NewReader(make([]byte, roomEvery)), onRead(func() { free = 0 }), bytes.NewReader(make([]byte, roomEvery))), PutOptions{})
	wantError(t, err, harbour.ErrFull)
	whole(t, v, 1)
	if u, err := v.Usage(); err != nil || u.Free != 0 || u.Reserve != 1000 {
		t.Errorf("Usage() = %+v, %v", u, err)
	}
	w := open(t, t.TempDir())
	if n, err := w.Free(); err != nil || n <= 0 {
		t.Errorf("Free() = %d, %v", n, err)
	}
}

func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	o := put(t, v, []byte("evidence"))
	_, err := Open(dir, KeySource{}, Options{})
	wantError(t, err, harbour.ErrConflict, dir)

	r, err := Open(dir, KeySource{}, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := read(r, o.SHA256); err != nil || string(b) != "evidence" {
		t.Errorf("reading beside = %q, %v", b, err)
	}
	_, err = r.Put(context.Background(), strings.NewReader("x"), PutOptions{})
	wantError(t, err, harbour.ErrUsage)
	wantError(t, r.Delete(o.SHA256), harbour.ErrUsage)
	_, err = r.Rotate(context.Background(), RotateOptions{})
	wantError(t, err, harbour.ErrUsage)
	whole(t, r, 1)
	if u, err := r.Usage(); err != nil || u.Objects != 1 {
		t.Errorf("Usage() = %+v, %v", u, err)
	}
	v.Close()
	wantError(t, v.Delete(o.SHA256), harbour.ErrUsage)
	whole(t, open(t, dir), 1)

	_, err = Open(filepath.Join(dir, "none"), KeySource{}, Options{ReadOnly: true})
	wantError(t, err, harbour.ErrNotFound)
}

func TestStoredTime(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 123_456_789, time.UTC)
	v, err := Open(t.TempDir(), KeySource{}, Options{Reserve: -1, Clock: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	o := put(t, v, []byte("evidence"))
	if got, _ := v.Stat(o.SHA256); !got.Stored.Equal(at.Truncate(time.Microsecond)) || got != o {
		t.Errorf("Stat = %+v, Put %+v", got, o)
	}
}

func BenchmarkReadAt(b *testing.B) {
	v := open(b, b.TempDir())
	content := noise(1, 64<<20)
	o := put(b, v, content)
	r, err := v.Open(o.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for _, n := range []int{1500, chunkSize, 1 << 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p, at := make([]byte, n), rand.New(rand.NewPCG(1, 1))
			b.SetBytes(int64(n))
			for b.Loop() {
				if _, err := r.ReadAt(p, at.Int64N(int64(len(content)-n))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
