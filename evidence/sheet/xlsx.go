// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"archive/zip"
	"context"
	"fmt"
	"io"

	"breakwater/evidence"
	"breakwater/harbour"

	"github.com/xuri/excelize/v2"
)

// Limits of a workbook.
const (
	maxWorkbook = 256 << 20 // packed
	maxEntries  = 4096
	maxSheets   = 64
)

// workbook reads every sheet of an XLSX file that has an inventory's header.
func (r *reader) workbook(ctx context.Context, src *evidence.Source, l *evidence.Ledger) error {
	refuse := func(message, hint string, err error) error {
		return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read workbook", Message: message, Hint: hint, Err: err}
	}
	if src.ReaderAt == nil || src.Size > maxWorkbook {
		return refuse("the workbook is too large to open", "save the inventory sheet as CSV", nil)
	}
	unpacked, err := unpackedSize(src)
	if err != nil {
		return refuse("the workbook is damaged: "+err.Error(), "open and save it again, or save it as CSV", nil)
	}
	limit := max(src.Memory, 64<<20)
	if unpacked > limit*8 {
		return refuse(fmt.Sprintf("the workbook unpacks to %d MB", unpacked>>20), "save the inventory sheet as CSV", nil)
	}
	f, err := excelize.OpenReader(io.NewSectionReader(src.ReaderAt, 0, src.Size), excelize.Options{UnzipSizeLimit: limit * 8, UnzipXMLSizeLimit: 1 << 20, RawCellValue: false})
	if err != nil {
		return refuse("the workbook cannot be opened", "open and save it again, or save it as CSV", err)
	}
	defer f.Close()
	names := f.GetSheetList()
	if len(names) > maxSheets {
		l.Problem(harbour.Problem{Message: fmt.Sprintf("only the first %d of %d sheets were read", maxSheets, len(names))})
		names = names[:maxSheets]
	}
	l.Locate = locate(names)
	for i, name := range names {
		if err := r.sheet(ctx, f, i, name, l); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) sheet(ctx context.Context, f *excelize.File, number int, name string, l *evidence.Ledger) error {
	t := &table{sheet: name, number: number, ledger: l, parent: r}
	rows, err := f.Rows(name)
	if err != nil {
		t.problem(1, "the sheet cannot be read: "+err.Error(), "")
		return nil
	}
	defer rows.Close()
	for n := 1; rows.Next(); n++ {
		if n&0xfff == 0 && ctx.Err() != nil {
			return cancelled(ctx.Err())
		}
		cells, err := rows.Columns()
		if err != nil {
			t.problem(n, "the row cannot be read: "+err.Error(), "")
			continue
		}
		if !t.add(n, cells) {
			break
		}
	}
	if !t.started {
		t.problem(1, "no inventory on this sheet", "its first rows name no columns that are known")
	}
	return nil
}

// unpackedSize adds up what the archive's directory says.
func unpackedSize(src *evidence.Source) (int64, error) {
	z, err := zip.NewReader(src.ReaderAt, src.Size)
	if err != nil {
		return 0, err
	}
	if len(z.File) > maxEntries {
		return 0, fmt.Errorf("%d entries", len(z.File))
	}
	total := int64(0)
	for _, f := range z.File {
		if f.UncompressedSize64 > 1<<40 {
			return 1 << 40, nil
		}
		total += int64(f.UncompressedSize64)
	}
	return total, nil
}
