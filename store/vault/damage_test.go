// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"breakwater/harbour"
)

func edit(t testing.TB, path string, f func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, f(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

func flip(at int) func([]byte) []byte {
	return func(b []byte) []byte { b[(at+len(b))%len(b)] ^= 1; return b }
}

const encChunk = chunkSize + chunkTag

// TestDamage does one thing at a time to the content or the record of one of two objects, and wants it named, by
// reading and by Verify, and the other object untouched.
func TestDamage(t *testing.T) {
	const size = 4*chunkSize + 100
	type files struct{ content, key, otherContent, otherKey string }
	swap := func(t *testing.T, a, b string) {
		x, _ := os.ReadFile(a)
		y, _ := os.ReadFile(b)
		os.WriteFile(a, y, 0o600)
		os.WriteFile(b, x, 0o600)
	}
	for name, tt := range map[string]struct {
		do    func(t *testing.T, f files)
		names string // what the error names
		both  bool   // the other object suffers too
	}{
		"header altered":       {func(t *testing.T, f files) { edit(t, f.content, flip(5)) }, "header", false},
		"header MAC altered":   {func(t *testing.T, f files) { edit(t, f.content, flip(100)) }, "header", false},
		"nonce altered":        {func(t *testing.T, f files) { edit(t, f.content, flip(contentStart-1)) }, "header", false},
		"first chunk altered":  {func(t *testing.T, f files) { edit(t, f.content, flip(contentStart)) }, "bytes 0 to 65535", false},
		"third chunk altered":  {func(t *testing.T, f files) { edit(t, f.content, flip(contentStart+2*encChunk+5)) }, "bytes 131072 to 196607", false},
		"tag of chunk altered": {func(t *testing.T, f files) { edit(t, f.content, flip(contentStart+2*encChunk-1)) }, "bytes 65536 to 131071", false},
		"last chunk altered":   {func(t *testing.T, f files) { edit(t, f.content, flip(-20)) }, "end", false},
		"cut by one byte":      {func(t *testing.T, f files) { edit(t, f.content, func(b []byte) []byte { return b[:len(b)-1] }) }, "bytes on disk", false},
		"cut at a chunk": {func(t *testing.T, f files) {
			edit(t, f.content, func(b []byte) []byte { return b[:contentStart+4*encChunk] })
		}, "bytes on disk", false},
		"cut to nothing": {func(t *testing.T, f files) { edit(t, f.content, func(b []byte) []byte { return nil }) }, "0 bytes on disk", false},
		"lengthened":     {func(t *testing.T, f files) { edit(t, f.content, func(b []byte) []byte { return append(b, 0) }) }, "bytes on disk", false},
		"a chunk taken out": {func(t *testing.T, f files) {
			edit(t, f.content, func(b []byte) []byte {
				return append(b[:contentStart+encChunk], b[contentStart+2*encChunk:]...)
			})
		}, "bytes on disk", false},
		"chunks reordered": {func(t *testing.T, f files) {
			edit(t, f.content, func(b []byte) []byte {
				one, two := b[contentStart+encChunk:contentStart+2*encChunk], b[contentStart+2*encChunk:contentStart+3*encChunk]
				x := bytes.Clone(one)
				copy(one, two)
				copy(two, x)
				return b
			})
		}, "bytes 65536 to 131071", false},
		"a chunk twice": {func(t *testing.T, f files) {
			edit(t, f.content, func(b []byte) []byte {
				copy(b[contentStart+3*encChunk:contentStart+4*encChunk], b[contentStart:])
				return b
			})
		}, "bytes 196608 to 262143", false},
		"a chunk of another object": {func(t *testing.T, f files) {
			other, _ := os.ReadFile(f.otherContent)
			edit(t, f.content, func(b []byte) []byte {
				copy(b[contentStart+encChunk:contentStart+2*encChunk], other[contentStart+encChunk:])
				return b
			})
		}, "bytes 65536 to 131071", false},
		"contents swapped": {func(t *testing.T, f files) { swap(t, f.content, f.otherContent) }, "content of another object", true},
		"content missing":  {func(t *testing.T, f files) { os.Remove(f.content) }, "content is missing", false},
		"records swapped":  {func(t *testing.T, f files) { swap(t, f.key, f.otherKey) }, "key record does not check", true},
		"record cut":       {func(t *testing.T, f files) { edit(t, f.key, func(b []byte) []byte { return b[:100] }) }, "key record does not check", false},
		"record long":      {func(t *testing.T, f files) { edit(t, f.key, func(b []byte) []byte { return append(b, 0) }) }, "key record does not check", false},
		"record magic":     {func(t *testing.T, f files) { edit(t, f.key, flip(0)) }, "key record does not check", false},
		"record key id":    {func(t *testing.T, f files) { edit(t, f.key, flip(8)) }, "needs key", false},
		"record name":      {func(t *testing.T, f files) { edit(t, f.key, flip(16)) }, "key record does not check", false},
		"record content":   {func(t *testing.T, f files) { edit(t, f.key, flip(50)) }, "key record does not check", false},
		"record nonce":     {func(t *testing.T, f files) { edit(t, f.key, flip(64)) }, "key record does not check", false},
		"record body":      {func(t *testing.T, f files) { edit(t, f.key, flip(-1)) }, "key record does not check", false},
	} {
		t.Run(name, func(t *testing.T) {
			v := open(t, t.TempDir())
			b := noise(1, size)
			o, other := put(t, v, b), put(t, v, noise(2, size))
			r, q := mustFind(t, v, o.SHA256), mustFind(t, v, other.SHA256)
			f := files{v.contentPath(r.content), v.keyPath(r.name), v.contentPath(q.content), v.keyPath(q.name)}
			tt.do(t, f)
			got, err := read(v, o.SHA256)
			wantError(t, err, harbour.ErrUnreadable, o.SHA256, tt.names)
			if !bytes.HasPrefix(b, got) {
				t.Error("bytes were given that are not those that were put")
			}
			rep := verify(t, v)
			want := 1
			if tt.both {
				want = 2
			}
			if len(rep.Problems) != want || rep.Objects != 2-want || rep.Problems[0].File == "" {
				t.Errorf("Verify = %+v, want %d problems", rep, want)
			}
			if _, err := read(v, other.SHA256); (err != nil) != tt.both {
				t.Errorf("the other object: %v", err)
			}
			// The same evidence given again mends it.
			put(t, v, b)
			put(t, v, noise(2, size))
			if got, err := read(v, o.SHA256); err != nil || !bytes.Equal(got, b) {
				t.Errorf("after mending: %d bytes, %v", len(got), err)
			}
			if rep := verify(t, v); rep.Objects != 2 || len(rep.Problems) > 0 {
				t.Errorf("Verify after mending = %+v", rep)
			}
			if _, _, err := v.RemoveUnclaimed(context.Background()); err != nil {
				t.Error(err)
			}
			whole(t, v, 2)
		})
	}
}

// TestPartOfDamaged wants what is whole of a damaged object readable.
func TestPartOfDamaged(t *testing.T) {
	v := open(t, t.TempDir())
	b := noise(1, 3*chunkSize)
	o := put(t, v, b)
	edit(t, v.contentPath(mustFind(t, v, o.SHA256).content), flip(contentStart+encChunk))
	r, err := v.Open(o.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := make([]byte, len(b))
	if n, err := r.ReadAt(p, 0); n != chunkSize || !bytes.Equal(p[:n], b[:n]) || harbour.KindOf(err) != harbour.ErrUnreadable {
		t.Errorf("ReadAt(all) = %d, %v; want the first chunk", n, err)
	}
	if n, err := r.ReadAt(p[:100], 2*chunkSize); n != 100 || err != nil || !bytes.Equal(p[:n], b[2*chunkSize:2*chunkSize+100]) {
		t.Errorf("ReadAt(last chunk) = %d, %v", n, err)
	}
	if n, err := r.ReadAt(p[:100], chunkSize+5); n != 0 || err == nil {
		t.Errorf("ReadAt(damaged chunk) = %d, %v", n, err)
	}
}

func TestForeignFiles(t *testing.T) {
	v := open(t, t.TempDir())
	o := put(t, v, noise(1, 1000))
	rec := mustFind(t, v, o.SHA256)
	os.WriteFile(filepath.Join(filepath.Dir(v.keyPath(rec.name)), "Thumbs.db"), []byte("x"), 0o600)
	elsewhere := filepath.Join(v.dir, keysDir, "zz", rec.name.String()+".key")
	os.MkdirAll(filepath.Dir(elsewhere), 0o700)
	os.WriteFile(elsewhere, []byte("x"), 0o600)
	rep := verify(t, v)
	if rep.Objects < 1 || len(rep.Problems) == 0 || !strings.Contains(fmt.Sprint(rep.Problems), "Thumbs.db") {
		t.Errorf("Verify = %+v, want the foreign file named", rep)
	}
}

func TestUnclaimed(t *testing.T) {
	v := open(t, t.TempDir())
	o := put(t, v, noise(1, 100_000))
	put(t, v, noise(2, 1000))
	rec := mustFind(t, v, o.SHA256)
	aside := filepath.Join(t.TempDir(), "aside")
	os.Rename(v.keyPath(rec.name), aside)
	rep := verify(t, v)
	if rep.UnclaimedFiles != 1 || rep.UnclaimedBytes != storedSize(100_000) || rep.Unclaimed[0] != v.contentPath(rec.content) {
		t.Errorf("Verify = %+v, want one unclaimed content", rep)
	}
	os.Rename(aside, v.keyPath(rec.name)) // restored
	whole(t, v, 2)
	if n, _, err := v.RemoveUnclaimed(context.Background()); n != 0 || err != nil {
		t.Errorf("RemoveUnclaimed of a whole vault = %d, %v", n, err)
	}
	edit(t, v.keyPath(rec.name), flip(-1))
	_, _, err := v.RemoveUnclaimed(context.Background())
	wantError(t, err, harbour.ErrConflict)
	if err := v.Delete(o.SHA256); err != nil {
		t.Fatal(err)
	}
	if n, size, err := v.RemoveUnclaimed(context.Background()); n != 1 || size != storedSize(100_000) || err != nil {
		t.Errorf("RemoveUnclaimed = %d, %d, %v", n, size, err)
	}
	whole(t, v, 1)
}

// TestRecordPointsElsewhere alters a record so that it names another object's content: putting or deleting must not take
// that away.
func TestRecordPointsElsewhere(t *testing.T) {
	for _, mend := range []bool{false, true} {
		v := open(t, t.TempDir())
		b := noise(1, 1000)
		o, other := put(t, v, b), put(t, v, noise(2, 1000))
		r, q := mustFind(t, v, o.SHA256), mustFind(t, v, other.SHA256)
		edit(t, v.keyPath(r.name), func(b []byte) []byte { copy(b[48:], q.content[:]); return b })
		if mend {
			put(t, v, b)
		} else if err := v.Delete(o.SHA256); err != nil {
			t.Fatal(err)
		}
		if _, err := read(v, other.SHA256); err != nil {
			t.Errorf("mend %v: the other object is gone: %v", mend, err)
		}
	}
}

func TestDiskError(t *testing.T) {
	err := diskError("store object", &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
	wantError(t, err, harbour.ErrFull, "disk is full")
	wantError(t, diskError("store object", io.ErrShortWrite), harbour.ErrUnavailable)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Error("the cause is lost")
	}
}

// FuzzRecord reads records that anybody may have written.
func FuzzRecord(f *testing.F) {
	k := NewKey()
	r := record{bytes: 5, name: name{1}, content: contentID{2}}
	f.Add(r.seal(k.id(), k.wrapper()))
	f.Add([]byte(recordMagic))
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0xff}, recordSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := openRecord(b, k.wrapper())
		if err == nil && got.bytes < 0 {
			t.Errorf("openRecord(%x) = %+v", b, got)
		}
		// Sealed here, and altered anywhere, it must not open.
		good := r.seal(k.id(), k.wrapper())
		if _, err := openRecord(good, k.wrapper()); err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(good)
		for i, c := range b {
			bad[i%len(bad)] ^= c
		}
		if _, err := openRecord(bad, k.wrapper()); (err == nil) != bytes.Equal(bad, good) {
			t.Errorf("openRecord of an altered record gives %v", err)
		}
	})
}

func FuzzHeader(f *testing.F) {
	k := NewKey()
	h := header{ID: "1"}
	b, err := h.encode(newRing(), k)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"format":"breakwater-vault","version":2}`))
	f.Add([]byte(`{"format":"breakwater-vault","version":1,"key":"0011223344556677","ring":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := readHeader(b)
		if err != nil {
			return
		}
		if r, err := h.openRing(k); err == nil && r.valid() != nil {
			t.Errorf("openRing gives a ring that is not valid")
		}
	})
}

// FuzzContent alters a content file at will: what is read must be what was put, or an error.
func FuzzContent(f *testing.F) {
	want := noise(1, 2*chunkSize+10)
	box := &dataKeyBox{id: contentID{7}}
	var good bytes.Buffer
	w, err := encryptContent(&good, box)
	if err != nil {
		f.Fatal(err)
	}
	w.Write(want)
	w.Close()
	f.Add(uint32(0), []byte{}, uint32(0))
	f.Add(uint32(10), []byte{1}, uint32(0))
	f.Add(uint32(contentStart+encChunk), []byte{0, 1}, uint32(0))
	f.Add(uint32(0), []byte("age-encryption.org/v1\n-> X25519 a\n"), uint32(1000))
	f.Fuzz(func(t *testing.T, at uint32, x []byte, cut uint32) {
		b := bytes.Clone(good.Bytes())
		for i, c := range x {
			b[(int(at)+i)%len(b)] ^= c
		}
		b = b[:len(b)-int(cut)%len(b)]
		r, err := decryptContent(bytes.NewReader(b), int64(len(b)), int64(len(want)), box)
		if err != nil {
			return
		}
		for _, off := range []int64{0, chunkSize, int64(at) % int64(len(want))} {
			p := make([]byte, chunkSize)
			n, _ := r.ReadAt(p, off)
			if !bytes.Equal(p[:n], want[off:off+int64(n)]) {
				t.Fatalf("ReadAt(%d) gives bytes that were not put", off)
			}
		}
	})
}
