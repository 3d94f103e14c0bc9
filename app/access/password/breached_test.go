// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package password

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakwater/harbour"
)

func sha(pw string) string { return fmt.Sprintf("%X", sha1.Sum([]byte(pw))) }

// hashed writes the hashes of pw0 … pw(n-1) as the public collections do.
func hashed(n int, line func(hash string, i int) string) []byte {
	var hashes []string
	for i := range n {
		hashes = append(hashes, sha(fmt.Sprint("pw", i)))
	}
	slices.Sort(hashes)
	var b bytes.Buffer
	for i, h := range hashes {
		b.WriteString(line(h, i))
	}
	return b.Bytes()
}

func write(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, path string) *List {
	t.Helper()
	l, err := OpenBreached(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestHashFile(t *testing.T) {
	lines := map[string]func(h string, i int) string{
		"counts and CRLF":    func(h string, i int) string { return fmt.Sprintf("%s:%d\r\n", h, i*i+1) },
		"no counts":          func(h string, i int) string { return h + "\n" },
		"small letters":      func(h string, i int) string { return strings.ToLower(h) + ":3\n" },
		"no end of last one": func(h string, i int) string { return "\n"[:min(i, 1)] + h + ":12" },
	}
	for name, line := range lines {
		for _, n := range []int{1, 2, 3, 17, 500} {
			l := open(t, write(t, "list", hashed(n, line)))
			for i := range n {
				if known, err := l.Contains(fmt.Sprint("pw", i)); !known || err != nil {
					t.Fatalf("%s: Contains(pw%d) of %d = %v, %v, want true", name, i, n, known, err)
				}
			}
			for i := range 500 {
				if known, err := l.Contains(fmt.Sprint("other", i)); known || err != nil {
					t.Fatalf("%s: Contains(other%d) of %d = %v, %v, want false", name, i, n, known, err)
				}
			}
		}
	}
}

// big stands for a collection of 48 GB without having one: a line of its own making for each offset, sorted and evenly
// spread.
type big struct {
	lines int64
	reads int
}

const bigLine = 40 + 1 + 6 + 2

func (b *big) hash(i int64) string {
	lead := uint64(float64(i) / float64(b.lines) * (1 << 52))
	return fmt.Sprintf("%013X%027X", lead, i)
}

func (b *big) ReadAt(p []byte, off int64) (int, error) {
	b.reads++
	n := 0
	for n < len(p) {
		i := (off + int64(n)) / bigLine
		if i >= b.lines {
			return n, io.EOF
		}
		line := fmt.Sprintf("%s:%06d\r\n", b.hash(i), i%1_000_000)
		n += copy(p[n:], line[(off+int64(n))%bigLine:])
	}
	return n, nil
}

func TestHashFileOf48GB(t *testing.T) {
	b := &big{lines: 1_000_000_000}
	h := &hashFile{b, b.lines * bigLine, nil}
	if err := h.check(); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	most := 0
	for range 300 {
		i := rng.Int64N(b.lines)
		sum := [hashDigits]byte([]byte(b.hash(i)))
		b.reads = 0
		if known, err := h.contains(&sum, ""); !known || err != nil {
			t.Fatalf("line %d = %v, %v, want it found", i, known, err)
		}
		most = max(most, b.reads)
		sum[39] ^= 'F' ^ '0'
		for c := range sum {
			if sum[c] > '9' && sum[c] < 'A' || sum[c] > 'F' || sum[c] < '0' {
				sum[c] = '7'
			}
		}
		if string(sum[:]) != b.hash(i) {
			if known, err := h.contains(&sum, ""); known && !exists(b, string(sum[:])) || err != nil {
				t.Fatalf("%s = %v, %v, want it not found", sum, known, err)
			}
		}
	}
	if most > 40 {
		t.Errorf("a look-up took %d reads, want at most 40", most)
	}
	t.Logf("at most %d reads for each of 300 look-ups among 10^9 lines", most)
}

func exists(b *big, hash string) bool {
	var i int64
	fmt.Sscanf(hash[13:], "%X", &i)
	return i < b.lines && b.hash(i) == hash
}

func TestHashFileRefused(t *testing.T) {
	good := hashed(2000, func(h string, i int) string { return h + ":5\n" })
	byCount := strings.Split(strings.TrimSpace(string(good)), "\n")
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(byCount), func(i, j int) { byCount[i], byCount[j] = byCount[j], byCount[i] })
	for name, b := range map[string][]byte{
		"sorted by count":  []byte(strings.Join(byCount, "\n")),
		"mixed":            append(bytes.Repeat([]byte("rubbish\n"), 2), good...)[:0:0],
		"empty":            {},
		"binary":           {0x7f, 'E', 'L', 'F', 0, 0, 0, 1},
		"one endless line": bytes.Repeat([]byte("x"), 100_000),
	} {
		if l, err := OpenBreached(write(t, "list", b)); harbour.KindOf(err) != harbour.ErrInvalid || harbour.HintOf(err) == "" {
			t.Errorf("%s: OpenBreached = %v, %v, want invalid with a hint", name, l, err)
		}
	}
	if _, err := OpenBreached(filepath.Join(t.TempDir(), "none")); harbour.KindOf(err) != harbour.ErrInvalid || strings.Contains(err.Error(), "/") {
		t.Errorf("OpenBreached of no file = %v, want invalid without the path", err)
	}
}

// TestHashFileDamaged: a damaged part is an error where it is looked at, never a password let through in silence, and
// never a panic or an endless search.
func TestHashFileDamaged(t *testing.T) {
	good := hashed(2000, func(h string, i int) string { return h + ":5\n" })
	path := write(t, "list", good)
	l := open(t, path)
	b := bytes.Clone(good)
	copy(b[len(b)/2-500:], bytes.Repeat([]byte{0}, 1000))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	failed, found := 0, 0
	for i := range 2000 {
		known, err := l.Contains(fmt.Sprint("pw", i))
		switch {
		case err != nil:
			failed++
			if harbour.KindOf(err) != harbour.ErrUnavailable {
				t.Fatalf("Contains = %v, want unavailable", err)
			}
		case known:
			found++
		}
	}
	if failed == 0 || failed+found != 2000 {
		t.Errorf("%d failed and %d found of 2000, want all to be one or the other", failed, found)
	}
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		l.Contains(fmt.Sprint("pw", i))
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	put := func(hash, count string) {
		f, err := os.OpenFile(filepath.Join(dir, hash[:5]+".txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(f, "%s:%s\r\n", hash[5:], count)
		f.Close()
	}
	if _, err := OpenBreached(dir); harbour.KindOf(err) != harbour.ErrInvalid {
		t.Errorf("OpenBreached of an empty folder = %v, want invalid", err)
	}
	put(strings.Repeat("0", 40), "1")
	if _, err := OpenBreached(dir); harbour.KindOf(err) != harbour.ErrInvalid {
		t.Errorf("OpenBreached of half a folder = %v, want invalid", err)
	}
	put(strings.Repeat("F", 40), "1")
	for i := range 20 {
		put(sha(fmt.Sprint("pw", i)), "7")
	}
	put(sha("padding"), "0")
	l := open(t, dir)
	for i := range 20 {
		if known, err := l.Contains(fmt.Sprint("pw", i)); !known || err != nil {
			t.Errorf("Contains(pw%d) = %v, %v, want true", i, known, err)
		}
	}
	if known, err := l.Contains("padding"); known || err != nil {
		t.Errorf("Contains of a line with the count 0 = %v, %v, want false", known, err)
	}
	if known, err := l.Contains("of a file that is missing"); known || harbour.KindOf(err) != harbour.ErrUnavailable {
		t.Errorf("Contains where the file is missing = %v, %v, want unavailable", known, err)
	}
}

func TestWords(t *testing.T) {
	l := open(t, write(t, "words.txt", []byte("\ufeffCorrectHorse\r\nko\u0308nigskai\n\nlast one")))
	for pw, want := range map[string]bool{
		"correcthorse": true, "CORRECTHORSE": true, "k\u00f6nigskai": true, "last one": true, "last": false, "": false, "correcthors": false,
	} {
		if known, err := l.Contains(pw); known != want || err != nil {
			t.Errorf("Contains(%q) = %v, %v, want %v", pw, known, err, want)
		}
	}
	if got := l.String(); got != "list of 3 words" {
		t.Errorf("String = %q", got)
	}
	if _, err := readWords(strings.NewReader("x"), mostWordBytes+1); err == nil {
		t.Error("a list beyond the bound is read")
	}
}

func FuzzHashFile(f *testing.F) {
	f.Add(hashed(5, func(h string, i int) string { return h + ":5\n" }), "pw1")
	f.Add([]byte("\n\n\n"), "x")
	f.Add([]byte(strings.Repeat("A", 40)), "x")
	f.Fuzz(func(t *testing.T, b []byte, pw string) {
		h := &hashFile{bytes.NewReader(b), int64(len(b)), nil}
		if err := h.check(); err != nil {
			return
		}
		sum := [hashDigits]byte([]byte(sha(pw)))
		known, err := h.contains(&sum, pw)
		if known && !bytes.Contains(bytes.ToUpper(b), sum[:]) {
			t.Errorf("contains(%q) = true, and it is not there", pw)
		}
		_ = err
		if w, err := readWords(bytes.NewReader(b), int64(len(b))); err == nil && len(w) == 0 {
			t.Error(errors.New("an empty list of words"))
		}
	})
}
