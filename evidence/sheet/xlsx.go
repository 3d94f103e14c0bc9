// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"

	"github.com/xuri/excelize/v2"
)

// Bounds on a workbook.
const (
	maxParts    = 4096
	maxSheets   = 256
	maxUnpacked = 1 << 30 // all sheets together, unpacked
	maxSmall    = 4 << 20 // a part other than sheets and texts, unpacked
	maxStyles   = 2 << 20
)

// isWorkbook says whether a zip archive's first entries are those of an Excel workbook in XML.
func isWorkbook(head []byte) bool {
	if !bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return false
	}
	for rest := head; ; {
		i := bytes.Index(rest, []byte("PK\x03\x04"))
		if i < 0 || len(rest) < i+30 {
			return false
		}
		rest = rest[i:]
		n := int(rest[26]) | int(rest[27])<<8
		name := strings.ToLower(string(rest[30:min(len(rest), 30+n)]))
		for _, part := range []string{"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet", "xl/sharedstrings.xml", "xl/styles.xml", "xl/theme/"} {
			if strings.HasPrefix(name, part) && !strings.HasSuffix(name, ".bin") {
				return true
			}
		}
		rest = rest[4:]
	}
}

// readWorkbook reads every sheet of an Excel workbook that is an inventory.
func (r *reader) readWorkbook(src *evidence.Source, rest *bufio.Reader, tempDir string) (err error) {
	at, size := src.ReaderAt, src.Size
	if at == nil {
		b, err := io.ReadAll(io.LimitReader(rest, src.Memory/4+1))
		if err != nil {
			return unreadable("the file cannot be read", "", err)
		}
		if int64(len(b)) > src.Memory/4 {
			return unreadable("the workbook is too large to be read from a stream", "save it as a file, or as CSV", nil)
		}
		at, size = bytes.NewReader(b), int64(len(b))
	}
	defer func() { // the library is not proof against every damaged workbook
		if p := recover(); p != nil {
			err = unreadable("the workbook is damaged", mendHint, fmt.Errorf("%v", p))
		}
	}()
	parts, err := partsOf(at, size, src.Memory)
	if err != nil {
		return err
	}
	if parts.noStyles {
		r.l.Problem(harbour.Problem{Message: "the workbook's formats are too large to be read", Hint: "numbers with leading zeros by format lose them; format such columns as text"})
	}
	f, err := excelize.OpenReader(bytes.NewReader(parts.packed), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: min(max(src.Memory/16, 256<<10), 16<<20), TmpDir: tempDir,
	})
	if f != nil {
		defer f.Close()
	}
	if err != nil {
		return unreadable("the workbook is damaged", mendHint, err)
	}
	parts.packed = nil
	sheets := f.GetSheetList()
	if len(sheets) > maxSheets {
		r.l.Problem(harbour.Problem{Message: fmt.Sprintf("only the first %d of %d sheets are read", maxSheets, len(sheets))})
		sheets = sheets[:maxSheets]
	}
	r.l.Places.Parts = sheets
	found := false
	var without []string
	for i, name := range sheets {
		r.sheet = i + 1
		ok, err := r.readSheet(f, name, parts.merged[strings.ToLower(name)])
		if err != nil {
			return err
		}
		if found = found || ok; !ok {
			without = append(without, fmt.Sprintf("%q", short(name)))
		}
	}
	if !found {
		return unreadable("no sheet of the workbook has a header row that names the columns of an inventory", headerHint, nil)
	}
	if len(without) > 0 {
		text := "sheet " + without[0] + " holds no inventory and is left out"
		if len(without) > 1 {
			text = "sheets " + strings.Join(without, ", ") + " hold no inventory and are left out"
		}
		r.l.Problem(harbour.Problem{Message: text})
	}
	return nil
}

const mendHint = "open it in a spreadsheet program and save it again, or save the inventory as CSV"

// readSheet reads one sheet and says whether it is an inventory.
func (r *reader) readSheet(f *excelize.File, name string, merged []span) (bool, error) {
	shown, err := f.Rows(name)
	if err != nil {
		r.l.Problem(harbour.Problem{Locator: r.locate(place(r.sheet, 0)), Message: "the sheet cannot be read: " + err.Error(), Hint: mendHint})
		return false, nil
	}
	defer shown.Close()
	raw, err := f.Rows(name)
	if err != nil {
		return false, nil
	}
	defer raw.Close()
	return r.readTable(&xlsxTable{shown: shown, raw: raw, merged: merged, filled: map[int]fill{}, cancelled: r.cancelled})
}

// xlsxTable walks the rows of a sheet, once as the cells are shown and once as they are stored: what is shown has the
// leading zeros that a format gives, what is stored the digits that a format hides.
type xlsxTable struct {
	shown, raw *excelize.Rows
	number     int
	idle       int // rows without cells since the last with some
	merged     []span
	filled     map[int]fill // by column: a merged cell that reaches below its first row
	cancelled  func() error
}

type fill struct {
	text string
	last int
}

// maxIdle is how many empty rows in a row end a sheet: some have a stray cell in their very last row.
const maxIdle = 100_000

// next implements table.
func (t *xlsxTable) next(x *row) error {
	if t.cancelled != nil {
		if err := t.cancelled(); err != nil {
			return err
		}
	}
	if t.number > maxRows+headerRows*10 || t.idle > maxIdle || !t.shown.Next() || !t.raw.Next() {
		return io.EOF
	}
	t.number++
	x.number = t.number
	shown, err := t.shown.Columns()
	raw, err2 := t.raw.Columns(excelize.Options{RawCellValue: true})
	if err = errors.Join(err, err2); err != nil {
		x.fault = "the row is damaged: " + err.Error()
	}
	if t.idle++; len(shown) > 0 {
		t.idle = 0
	}
	if len(shown) > maxColumns {
		if !blank(shown[maxColumns:]) {
			x.fault = fmt.Sprintf("only the first %d of %d columns are read", maxColumns, len(shown))
		}
		shown = shown[:maxColumns]
	}
	x.raw = raw[:min(len(raw), len(shown))]
	for i := range x.raw {
		shown[i] = typed(x.raw[i], shown[i])
	}
	x.cells = t.fillMerged(shown)
	return nil
}

// typed chooses between what a cell stores and what it shows.
func typed(raw, shown string) string {
	if raw == shown || !numeric(raw) {
		return shown
	}
	if whole(raw) && len(raw) <= 15 && (scientific.MatchString(shown) || strings.ContainsAny(shown, ",.' \u00a0\u202f") && !looksLikeDate(shown)) {
		return raw // digits that the format rounds or groups
	}
	if v, err := strconv.ParseFloat(raw, 64); err == nil && scientific.MatchString(strings.ToUpper(shown)) && v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return shown
}

func whole(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func numeric(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil && !strings.ContainsAny(s, "xXnNiIpP_")
}

// looksLikeDate says whether a number is shown as a date or a time.
func looksLikeDate(shown string) bool {
	n := strings.Count(shown, "/") + strings.Count(shown, ":") + strings.Count(strings.TrimPrefix(shown, "-"), "-")
	return n > 0 && strings.ContainsAny(shown, "0123456789") || strings.Count(shown, ".") == 2
}

// fillMerged gives the cells below the first of a merged range its text.
func (t *xlsxTable) fillMerged(cells []string) []string {
	for len(t.merged) > 0 && t.merged[0].row <= t.number {
		s := t.merged[0]
		t.merged = t.merged[1:]
		if s.row == t.number && s.column < len(cells) && cells[s.column] != "" {
			t.filled[s.column] = fill{cells[s.column], s.last}
		}
	}
	empty := blank(cells)
	for c, f := range t.filled {
		if t.number > f.last {
			delete(t.filled, c)
			continue
		}
		if empty {
			continue
		}
		for len(cells) <= c {
			cells = append(cells, "")
		}
		if cells[c] == "" {
			cells[c] = f.text
		}
	}
	return cells
}

// parts is what is needed of a workbook.
type parts struct {
	packed   []byte // an archive of the needed parts alone, still packed
	merged   map[string][]span
	noStyles bool
}

// partsOf takes the needed parts out of the archive. Pictures, macros, pivot tables and the like are left behind, so
// that neither their size nor their damage matters.
func partsOf(at io.ReaderAt, size, memory int64) (*parts, error) {
	z, err := zip.NewReader(at, size)
	if err != nil {
		return nil, unreadable("the workbook is damaged: its list of parts cannot be read", mendHint, err)
	}
	if len(z.File) > maxParts {
		return nil, unreadable(fmt.Sprintf("the workbook has %d parts, more than any inventory needs", len(z.File)), mendHint, nil)
	}
	var p parts
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	unpacked := uint64(0)
	sheets := map[string]*zip.File{}
	small := map[string]*zip.File{}
	for _, f := range z.File {
		name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))
		isSheet := strings.HasPrefix(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml")
		switch {
		case isSheet:
			sheets[name] = f
		case name == "xl/sharedstrings.xml":
		case name == "[content_types].xml", name == "_rels/.rels", name == "xl/workbook.xml", name == "xl/_rels/workbook.xml.rels", name == "xl/styles.xml":
			if name == "xl/styles.xml" && f.UncompressedSize64 > maxStyles {
				p.noStyles = true
				continue
			}
			if f.UncompressedSize64 > maxSmall {
				return nil, unreadable(fmt.Sprintf("part %s of the workbook unpacks to %d MiB", short(f.Name), f.UncompressedSize64>>20), mendHint, nil)
			}
			small[name] = f
		default:
			continue
		}
		if unpacked += min(f.UncompressedSize64, maxUnpacked+1); unpacked > maxUnpacked {
			return nil, unreadable(fmt.Sprintf("the workbook unpacks to more than %d MiB", int64(maxUnpacked)>>20), "save the inventory as CSV", nil)
		}
		if int64(f.CompressedSize64)+int64(out.Len()) > max(memory/4, 1<<20) {
			return nil, unreadable("the workbook is too large for the memory it may use", "give more memory, or save the inventory as CSV", nil)
		}
		if err := w.Copy(f); err != nil {
			return nil, unreadable("the workbook is damaged", mendHint, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, unreadable("the workbook is damaged", mendHint, err)
	}
	p.packed = out.Bytes()
	p.merged = mergedCells(small, sheets)
	return &p, nil
}
