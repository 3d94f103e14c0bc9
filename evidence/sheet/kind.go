// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"context"
	"fmt"

	"breakwater/evidence"
	"breakwater/harbour"
)

// Kind reads inventories.
type Kind struct{}

var _ evidence.Kind = Kind{}

// Kind names the evidence kind.
func (Kind) Kind() harbour.EvidenceKind { return harbour.EvidenceSheet }

// Recognise takes a zip archive with a workbook in it, or text with the header row of an inventory.
func (Kind) Recognise(head []byte) string {
	if isWorkbook(head) {
		return "XLSX workbook"
	}
	if d := sniff(head); d != nil {
		return "CSV inventory"
	}
	return ""
}

// isWorkbook looks for the entries of an XLSX file among the names of a zip's first entries.
func isWorkbook(head []byte) bool {
	if !bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return false
	}
	for _, name := range []string{"xl/workbook.xml", "xl/worksheets/", "xl/_rels/", "xl/theme/", "xl/styles.xml"} {
		if bytes.Contains(head, []byte(name)) {
			return true
		}
	}
	return false
}

// Read declares the assets of every sheet that is an inventory.
func (Kind) Read(ctx context.Context, src *evidence.Source, l *evidence.Ledger) error {
	r := &reader{ledger: l, byKey: map[string]int{}, unknown: map[string]bool{}}
	head, rest, err := peek(src.Reader)
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read sheet", Message: "the file cannot be read", Err: err}
	}
	if isWorkbook(head) {
		err = r.workbook(ctx, src, l)
	} else {
		err = r.csv(ctx, head, rest, l)
	}
	if err != nil {
		return err
	}
	r.finish()
	if len(r.rows) == 0 {
		l.Problem(harbour.Problem{Message: "no row with an asset", Hint: "an inventory has a header row that names at least two columns, such as name and IP address", Fatal: true})
	}
	return nil
}

func cancelled(err error) error {
	return &harbour.Error{Kind: harbour.ErrCancelled, Op: "read sheet", Message: "stopped", Err: err}
}

// locate names places of a file with these sheets; nil for CSV.
func locate(names []string) func(evidence.Place) string {
	return func(p evidence.Place) string {
		sheet, row := int(p>>32), int(uint32(p))
		if sheet < len(names) && names[sheet] != "" {
			return fmt.Sprintf("sheet %s row %d", names[sheet], row)
		}
		return fmt.Sprintf("row %d", row)
	}
}
