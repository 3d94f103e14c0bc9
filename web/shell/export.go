// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"encoding/csv"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"breakwater/harbour"
)

// MaxExport is how many rows a table may have: what a spreadsheet holds.
const MaxExport = 1_048_575

// Table answers with a table as a file, csv or xlsx, row after row. each calls add for each row. An error before the first row is
// shown as a page; a later one breaks the connection, so that a file that is not whole cannot be taken for one that is.
//
// Spreadsheet programs run a cell that starts like a formula. In CSV such text is given an apostrophe before it; in XLSX
// cells are typed as text.
func (r *Request) Table(name, form string, head []string, each func(add func(cells ...string) error) error) error {
	name += "-" + r.Now().Time().Format("20060102-150405Z") + "." + form
	if form == "xlsx" {
		return r.xlsx(name, head, each)
	}
	out := csv.NewWriter(r.W)
	out.UseCRLF = true
	started := false
	begin := func() error {
		started = true
		r.attach(name, "text/csv; charset=utf-8; header=present")
		_, _ = r.W.Write([]byte("\ufeff")) // spreadsheet programs then know that it is UTF-8
		return out.Write(Guarded(head))
	}
	err := each(func(cells ...string) error {
		if !started {
			if err := begin(); err != nil {
				return err
			}
		}
		if err := out.Write(Guarded(cells)); err != nil {
			return err
		}
		return r.Context().Err()
	})
	if err == nil && !started {
		err = begin()
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	return r.broken(started, err)
}

// broken ends an answer that cannot be finished.
func (r *Request) broken(started bool, err error) error {
	if err == nil || !started {
		return err
	}
	if r.Context().Err() == nil {
		r.shell.opt.Core.Log.Error("export broke off", slog.String("path", r.URL.Path), slog.Any("error", err))
	}
	panic(http.ErrAbortHandler)
}

func (r *Request) attach(name, kind string) {
	h := r.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	// A long file takes its time; the limit of pages does not hold.
	_ = http.NewResponseController(r.W).SetWriteDeadline(time.Time{})
}

func (r *Request) xlsx(name string, head []string, each func(add func(cells ...string) error) error) error {
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	n := 0
	add := func(style int, cells []string) error {
		if n++; n > MaxExport {
			return &harbour.Error{Kind: harbour.ErrTooLarge, Op: "export", Message: "the list has more rows than a spreadsheet holds", Hint: "filter it first, or export it as CSV"}
		}
		row := make([]any, len(cells))
		for i, c := range cells {
			row[i] = excelize.Cell{StyleID: style, Value: xlsxText(c)}
		}
		at, err := excelize.CoordinatesToCellName(1, n)
		if err != nil {
			return err
		}
		if err := w.SetRow(at, row); err != nil {
			return err
		}
		return r.Context().Err()
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := add(bold, head); err != nil {
		return err
	}
	if err := each(func(cells ...string) error { return add(0, cells) }); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	r.attach(name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	return r.broken(true, f.Write(r.W))
}

// xlsxText keeps within what a cell holds: 32,767 characters, none of them a control character.
func xlsxText(s string) string {
	return clip(strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' {
			return ' '
		}
		return c
	}, s), 32_000)
}

// Guarded makes cells of a CSV file safe to open in a spreadsheet program: an apostrophe before what starts like a formula.
func Guarded(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(c)[0]) {
			c = "'" + c
		}
		out[i] = c
	}
	return out
}
