// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"breakwater/evidence"
	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// book writes a workbook.
func book(tb testing.TB, fill func(*excelize.File)) []byte {
	tb.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// put writes rows to a sheet, from its first row on.
func put(tb testing.TB, f *excelize.File, sheet string, rows ...[]any) {
	tb.Helper()
	for i, r := range rows {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &r); err != nil {
			tb.Fatal(err)
		}
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func TestWorkbook(t *testing.T) {
	b := book(t, func(f *excelize.File) {
		must(t, f.SetSheetName("Sheet1", "Notes"))
		put(t, f, "Notes", []any{"Please keep up to date"})
		_, err := f.NewSheet("Assets")
		must(t, err)
		put(
			t, f, "Assets", []any{"Terminal 1 assets"}, nil, []any{"Asset", "Hersteller", "IP", "VLAN", "Serial no.", "Purchase date", "Location", "Asset tag"},
			[]any{"cam-1", "Axis", "10.3.0.1", 30, "ACCC8E1", time.Date(2024, 12, 24, 0, 0, 0, 0, time.UTC), "Gate 3", 17},
			[]any{"cam-2", "Axis", "10.3.0.2", 30.0, 123456789012, "2023-01-31", nil, 18},
			nil,
			[]any{"cam-3", "Axis", "10.3.0.3\n10.3.1.3", "30", 12345678901234567000.0, nil, nil, 19},
			[]any{"cam-4", "Axis", nil, 30, "ACCC8E4", nil, "Gate 4", 20},
		)
		must(t, f.MergeCell("Assets", "A1", "E1"))
		must(t, f.MergeCell("Assets", "G4", "G7"))
		tag, err := f.NewStyle(&excelize.Style{CustomNumFmt: ptr("00000")})
		must(t, err)
		must(t, f.SetCellStyle("Assets", "H4", "H8", tag))
		must(t, f.SetCellFormula("Assets", "C8", `CONCATENATE("10.3.0.","4")`))
	})
	if got := (Kind{}).Recognise(b); got != "Excel workbook" {
		t.Errorf("Recognise = %q", got)
	}
	l, err := read(t, b)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		" 10.3.0.1 30 name=cam-1 asset_tag=00017 location=Gate 3 vendor=Axis serial=ACCC8E1 purchased=2024-12-24 @ sheet Assets row 4",
		" 10.3.0.2 30 name=cam-2 asset_tag=00018 location=Gate 3 vendor=Axis serial=123456789012 purchased=2023-01-31 @ sheet Assets row 5",
		" 10.3.0.3 30 name=cam-3 asset_tag=00019 location=Gate 3 vendor=Axis @ sheet Assets row 7",
		" 10.3.1.3 30 @ sheet Assets row 7",
		"  30 name=cam-4 asset_tag=00020 location=Gate 4 vendor=Axis serial=ACCC8E4 @ sheet Assets row 8",
	}
	if d := cmp.Diff(want, declared(l)); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	wantProblems(t, l, `sheet Assets row 7: column "Serial no.":`, `sheet "Notes" holds no inventory`)
}

func ptr(s string) *string { return &s }

func TestExcelTraps(t *testing.T) {
	b := book(t, func(f *excelize.File) {
		put(
			t, f, "Sheet1", []any{"Name", "IP", "Firmware", "MAC", "Serial"},
			[]any{"date", "10.0.0.1", 45302, "00:1b:1b:00:00:01", "a"},
			[]any{"number", "10.0.0.2", 1.1, 102030405060, "b"},
			[]any{"lost zeros", "10.0.0.3", "", 1122334455, "c"},
			[]any{"error", "10.0.0.4", nil, nil, "d"},
			[]any{"name", "IP", "Firmware", "Serial"},
			[]any{"other order", "10.0.0.5", "V2", "e"},
		)
		day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", "C2", "C2", day))
		must(t, f.SetCellFormula("Sheet1", "C5", "1/0"))
	})
	// The library keeps no result of a formula that it writes; put the error in that Excel would have kept.
	b = rewrite(t, b, "xl/worksheets/sheet1.xml", func(s string) string {
		out := strings.Replace(s, `<c r="C5" t="str"><f>1/0</f>`, `<c r="C5" t="e"><f>1/0</f><v>#DIV/0!</v>`, 1)
		if out == s {
			t.Fatal("no formula in the sheet")
		}
		return out
	})
	l, err := read(t, b)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"00:1b:1b:00:00:01 10.0.0.1 0 name=date serial=a @ sheet Sheet1 row 2", "10:20:30:40:50:60 10.0.0.2 0 name=number firmware=1.1 serial=b @ sheet Sheet1 row 3",
		" 10.0.0.3 0 name=lost zeros serial=c @ sheet Sheet1 row 4", " 10.0.0.4 0 name=error serial=d @ sheet Sheet1 row 5",
		" 10.0.0.5 0 name=other order firmware=V2 serial=e @ sheet Sheet1 row 7",
	}
	if d := cmp.Diff(want, declared(l)); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	wantProblems(
		t, l, `sheet Sheet1 row 2: column "Firmware":`, `sheet Sheet1 row 4: column "MAC": "1122334455" is not a MAC address (a spreadsheet program may`,
		`sheet Sheet1 row 5: column "Firmware": the formula gives the error #DIV/0!`,
	)
}

// rewrite changes one part of a workbook.
func rewrite(tb testing.TB, b []byte, part string, change func(string) string) []byte {
	tb.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	must(tb, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		must(tb, err)
		text, err := io.ReadAll(r)
		must(tb, err)
		if f.Name == part {
			text = []byte(change(string(text)))
		}
		p, err := w.Create(f.Name)
		must(tb, err)
		_, err = p.Write(text)
		must(tb, err)
	}
	must(tb, w.Close())
	return out.Bytes()
}

func inventoryBook(tb testing.TB, rows int) []byte {
	return book(tb, func(f *excelize.File) {
		s, err := f.NewStreamWriter("Sheet1")
		must(tb, err)
		must(tb, s.SetRow("A1", []any{"Name", "IP", "Serial", "Vendor"}))
		for i := range rows {
			must(tb, s.SetRow(fmt.Sprintf("A%d", i+2), []any{fmt.Sprintf("device-%d", i), fmt.Sprintf("10.1.%d.%d", i>>8, i&255), fmt.Sprintf("S%06d", i), "Axis"}))
		}
		must(tb, s.Flush())
	})
}

// TestLargeSheet is unpacked into a temporary file, which is gone afterwards.
func TestLargeSheet(t *testing.T) {
	b := inventoryBook(t, 10_000)
	dir := t.TempDir()
	l := evidence.NewLedger(evidence.LimitsFor(64 << 20))
	err := Kind{TempDir: dir}.Read(context.Background(), &evidence.Source{Reader: bytes.NewReader(b), ReaderAt: bytes.NewReader(b), Size: int64(len(b)), Memory: 4 << 20}, l)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.Endpoints()); n != 10_000 {
		t.Errorf("%d endpoints, want 10000: %q", n, messages(l))
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d temporary files are left", len(left))
	}
	// From a stream alone it is read too.
	l = evidence.NewLedger(evidence.LimitsFor(64 << 20))
	if err := (Kind{TempDir: dir}).Read(context.Background(), &evidence.Source{Reader: bytes.NewReader(b), Memory: 64 << 20}, l); err != nil || len(l.Endpoints()) != 10_000 {
		t.Errorf("from a stream: %d endpoints, error %v", len(l.Endpoints()), err)
	}
}

func TestDamagedWorkbooks(t *testing.T) {
	good := inventoryBook(t, 10)
	bomb := func(part string, size uint64) []byte { // says that it unpacks to size
		z, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
		must(t, err)
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, f := range z.File {
			if f.Name != part {
				must(t, w.Copy(f))
			}
		}
		p, err := w.CreateRaw(&zip.FileHeader{Name: part, Method: zip.Deflate, CompressedSize64: 5, UncompressedSize64: size})
		must(t, err)
		_, err = p.Write([]byte{1, 0, 0, 0xff, 0xff})
		must(t, err)
		must(t, w.Close())
		return out.Bytes()
	}
	for name, tt := range map[string]struct {
		b    []byte
		want string
	}{
		"half":                 {good[:len(good)/2], "its list of parts cannot be read"},
		"bomb in a sheet":      {bomb("xl/worksheets/sheet1.xml", 1<<30+1), "unpacks to more than 1024 MiB"},
		"bomb in the workbook": {bomb("xl/workbook.xml", 64<<20), "xl/workbook.xml of the workbook unpacks to 64 MiB"},
		"no inventory":         {book(t, func(f *excelize.File) { put(t, f, "Sheet1", []any{"Question", "Answer"}) }), "no sheet of the workbook has a header row"},
		"no sheets":            {rewrite(t, good, "xl/workbook.xml", func(string) string { return "<workbook/>" }), ""},
		"no XML":               {rewrite(t, good, "xl/worksheets/sheet1.xml", func(string) string { return "\x00\x01" }), ""},
	} {
		_, err := read(t, tt.b)
		if harbour.KindOf(err) != harbour.ErrUnreadable || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one of kind unreadable that says %q", name, err, tt.want)
		}
	}
	picture := bomb("xl/media/image1.png", 64<<20)
	if l, err := read(t, picture); err != nil || len(l.Endpoints()) != 10 {
		t.Errorf("a large picture: %d endpoints, error %v", len(l.Endpoints()), err)
	}
	far := rewrite(t, good, "xl/worksheets/sheet1.xml", func(s string) string {
		return strings.Replace(s, `<row r="11"`, `<row r="2000000000"`, 1)
	})
	if l, err := read(t, far); err != nil || len(l.Endpoints()) < 9 {
		t.Errorf("a row far down: %d endpoints, error %v", len(l.Endpoints()), err)
	}
}

func TestIsWorkbook(t *testing.T) {
	entry := func(names ...string) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, n := range names {
			p, err := w.Create(n)
			must(t, err)
			fmt.Fprint(p, n)
		}
		must(t, w.Close())
		return b.Bytes()
	}
	for _, tt := range []struct {
		names []string
		want  bool
	}{
		{[]string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"}, true},
		{[]string{"xl/worksheets/sheet1.xml", "[Content_Types].xml"}, true},
		{[]string{"[Content_Types].xml", "word/document.xml"}, false},
		{[]string{"[Content_Types].xml", "xl/workbook.bin", "xl/worksheets/sheet1.bin"}, false},
		{[]string{"captures/xl/workbook.xml.pcap"}, false},
		{[]string{"notes.txt"}, false},
	} {
		if got := isWorkbook(entry(tt.names...)); got != tt.want {
			t.Errorf("isWorkbook of %q = %v, want %v", tt.names, got, tt.want)
		}
	}
}
