// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"io"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"breakwater/app/access"
	"breakwater/app/imports"
	"breakwater/store"
)

// bomb is a workbook whose sheet unpacks to more than a gigabyte of blanks.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets><sheet name="a" sheetId="1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships/>`,
	} {
		w, err := z.Create(name)
		must(t, "zip", err)
		io.WriteString(w, body)
	}
	const mebibytes = 1100
	var block bytes.Buffer // one mebibyte, which may follow itself
	f, err := flate.NewWriter(&block, flate.BestSpeed)
	must(t, "deflate", err)
	f.Write(bytes.Repeat([]byte{' '}, 1<<20))
	must(t, "deflate", f.Flush())
	packed := append(bytes.Repeat(block.Bytes(), mebibytes), 1, 0, 0, 0xff, 0xff)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, UncompressedSize64: mebibytes << 20, CompressedSize64: uint64(len(packed))})
	must(t, "zip", err)
	w.Write(packed)
	must(t, "zip", z.Close())
	return b.Bytes()
}

// packedBomb is a capture header in gzip with many gigabytes of nothing behind it, as far as it is read.
func packedBomb(t *testing.T, mebibytes int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	must(t, "gzip", err)
	z.Write([]byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0})
	nothing := make([]byte, 1<<20)
	for range mebibytes {
		z.Write(nothing)
	}
	must(t, "gzip", z.Close())
	return b.Bytes()
}

// peak watches how much of the heap is in use while fn runs.
func peak(fn func()) uint64 {
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var most atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if m.HeapAlloc > most.Load() {
				most.Store(m.HeapAlloc)
			}
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	fn()
	close(stop)
	<-done
	if m := most.Load(); m > before.HeapAlloc {
		return m - before.HeapAlloc
	}
	return 0
}

// TestHostile gives files that lie about what they are or are made to burst who reads them. They cost their own reading
// and nothing else.
func TestHostile(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, filepath.Join(dir, "test.db"), imports.Options{})
	p.organisation("skerry")
	by := actor(access.OTEngineer, "skerry", nil)
	good := p.give(by, "skerry", "a.csv", listA)
	given := map[string]imports.Given{
		"a workbook that bursts":       p.give(by, "skerry", "list.xlsx", string(bomb(t))),
		"a capture that bursts":        p.give(by, "skerry", "a.pcap.gz", string(packedBomb(t, 100))),
		"a list that is called so":     p.give(by, "skerry", "capture.pcap", listB),
		"a cut workbook":               p.give(by, "skerry", "b.xlsx", string(bomb(t)[:300])),
		"zeros":                        p.give(by, "skerry", "zero.csv", string(make([]byte, 1<<20))),
		"a header of a capture alone":  p.give(by, "skerry", "c.pcap", "\xd4\xc3\xb2\xa1"),
		"a program":                    p.give(by, "skerry", "d.csv", "\x7fELF\x02\x01\x01"),
		"a name that climbs":           p.give(by, "skerry", "../../../../etc/cron.d/x.csv", "name,ip\nx,10.9.9.9\n"),
		"a name that cannot be shown":  p.give(by, "skerry", "a\x00b\u202ec\n.csv", "name,ip\ny,10.9.9.8\n"),
		"a name with nothing but dots": p.give(by, "skerry", "..", "name,ip\nz,10.9.9.7\n"),
	}
	used := peak(p.run)
	if used > 400<<20 {
		t.Errorf("%d MiB were used at most, want less than 400", used>>20)
	}
	for name, want := range map[string]string{
		"a workbook that bursts": store.EvidenceUnreadable, "a list that is called so": store.EvidenceRead, "a cut workbook": store.EvidenceUnreadable, "zeros": store.EvidenceUnreadable,
		"a header of a capture alone": store.EvidenceUnreadable, "a program": store.EvidenceUnreadable, "a name that climbs": store.EvidenceRead,
	} {
		if row := p.evidence("skerry", given[name].ID); row.State != want || want == store.EvidenceUnreadable && len(row.Problems) == 0 {
			t.Errorf("%s: state %s, problems %+v, want %s", name, row.State, row.Problems, want)
		}
	}
	for name, want := range map[string]string{"a name that climbs": "x.csv", "a name that cannot be shown": "abc.csv", "a name with nothing but dots": "unnamed"} {
		if got := given[name].Name; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if row := p.evidence("skerry", good.ID); row.State != store.EvidenceRead {
		t.Errorf("state %s of what is sound", row.State)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "imports", "*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

// TestLongStream gives a stream of a gigabyte's eighth and wants the memory not to grow with it.
func TestLongStream(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, filepath.Join(dir, "test.db"), imports.Options{})
	p.organisation("skerry")
	by := actor(access.OTEngineer, "skerry", nil)
	const size = 128 << 20
	used := peak(func() {
		g, err := p.u.Give(context.Background(), by, "skerry", "", "long", io.LimitReader(endless{}, size))
		if err != nil || g.Bytes != size {
			t.Fatalf("%+v, %v", g, err)
		}
	})
	if used > 32<<20 {
		t.Errorf("%d MiB were used to take %d MiB in", used>>20, size>>20)
	}
	used = peak(p.run)
	if used > 64<<20 {
		t.Errorf("%d MiB were used to look at %d MiB", used>>20, size>>20)
	}
}

// TestCancelledReading cancels at each step and wants the state that was published to stand, and a rerun to do the rest.
func TestCancelledReading(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, filepath.Join(dir, "test.db"), imports.Options{})
	p.organisation("skerry")
	by := actor(access.OTEngineer, "skerry", nil)
	p.give(by, "skerry", "a.csv", listA)
	p.run()
	g := p.give(by, "skerry", "b.csv", listB)
	for _, at := range []string{"reading", "keeping what was read", "opening the evidence", "building the inventory", "storing findings", "storing assets", "publishing"} {
		ctx, cancel := context.WithCancel(context.Background())
		work := func(kind, input string) (string, error) {
			return p.u.Work(ctx, store.Job{Org: "skerry", Kind: kind, Input: input, Title: "a test"}, func(step string, _, _ int64) {
				if step == at {
					cancel()
				}
			})
		}
		_, readErr := work(imports.JobRead, g.ID)
		_, buildErr := work(imports.JobBuild, "")
		cancel()
		if readErr == nil && buildErr == nil && at != "storing findings" && at != "keeping what was read" {
			t.Errorf("cancelled while %s: no error", at)
		}
		sum, gen, err := p.db.In(store.WholeOrganisation("skerry")).Summary(context.Background())
		if err != nil || sum.Counts["assets"] != len(p.assets("skerry")) {
			t.Errorf("cancelled while %s: generation %d shows %d assets, its summary says %d (%v)", at, gen.Number, len(p.assets("skerry")), sum.Counts["assets"], err)
		}
	}
	p.run()
	if got := p.assets("skerry"); len(got) != 3 {
		t.Errorf("assets %v, want three", got)
	}
}
