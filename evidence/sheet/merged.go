// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"encoding/xml"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// span is a column of merged cells: its text stands in the first row and holds down to the last.
type span struct{ row, last, column int }

// maxMerged is how many merged ranges are regarded in a sheet.
const maxMerged = 10_000

// mergedCells finds the merged ranges of every sheet that reach over several rows, by the sheet's name in lower case.
// The library reads them only with the whole sheet in memory.
func mergedCells(small, sheets map[string]*zip.File) map[string][]span {
	type relation struct {
		ID     string `xml:"Id,attr"`
		Target string `xml:"Target,attr"`
	}
	var rels struct {
		List []relation `xml:"Relationship"`
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	if decode(small["xl/_rels/workbook.xml.rels"], &rels) != nil || decode(small["xl/workbook.xml"], &book) != nil {
		return nil
	}
	merged := map[string][]span{}
	for _, s := range book.Sheets[:min(len(book.Sheets), maxSheets)] {
		for _, r := range rels.List {
			if r.ID != s.ID {
				continue
			}
			target := strings.ToLower(r.Target)
			if !strings.HasPrefix(target, "/") {
				target = "/xl/" + target
			}
			if spans := spansOf(sheets[strings.TrimPrefix(path.Clean(target), "/")]); len(spans) > 0 {
				merged[strings.ToLower(s.Name)] = spans
			}
			break
		}
	}
	return merged
}

func decode(f *zip.File, v any) error {
	if f == nil {
		return io.EOF
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	return xml.NewDecoder(io.LimitReader(r, maxSmall)).Decode(v)
}

var mergeRef = regexp.MustCompile(`mergeCell [^>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"`)

// spansOf reads the merged ranges, which stand behind the rows of a sheet, without reading the rows.
func spansOf(f *zip.File) (spans []span) {
	if f == nil {
		return nil
	}
	r, err := f.Open()
	if err != nil {
		return nil
	}
	defer r.Close()
	tail, ok := behind(r, []byte("sheetData>"))
	if !ok {
		return nil
	}
	for _, m := range mergeRef.FindAllSubmatch(tail, maxMerged) {
		from, to, _ := strings.Cut(string(m[1]), ":")
		c, r1, err := excelize.CellNameToCoordinates(from)
		if err != nil {
			continue
		}
		if _, r2, err := excelize.CellNameToCoordinates(to); err == nil && r2 > r1 && c <= maxColumns {
			spans = append(spans, span{r1, r2, c - 1})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.column, b.column)) })
	return spans
}

// behind returns what follows the last occurrence of mark, up to a mebibyte.
func behind(r io.Reader, mark []byte) (tail []byte, found bool) {
	b := bufio.NewReaderSize(r, 64<<10)
	for {
		chunk, err := b.Peek(64 << 10)
		start := 0
		if i := bytes.LastIndex(chunk, mark); i >= 0 {
			found, start, tail = true, i+len(mark), tail[:0]
		}
		end := len(chunk)
		if err == nil {
			end = max(start, end-len(mark)+1) // a mark may lie across the border
		}
		if found && len(tail) < 1<<20 {
			tail = append(tail, chunk[start:end]...)
		}
		if err != nil {
			return tail, found
		}
		_, _ = b.Discard(end)
	}
}
