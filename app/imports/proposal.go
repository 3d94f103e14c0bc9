// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"breakwater/app"
	"breakwater/evidence/sheet"
	"breakwater/harbour"
	"breakwater/store"
)

// Where a proposed mapping comes from.
const (
	FromHeadings = "headings" // the names of the columns are known
	FromEvidence = "evidence" // somebody said so of this file
	FromDelivery = "delivery" // somebody said so of an earlier file with the same headings
)

// Proposal is a spreadsheet as a person sees it who is to say how it is read, with what the program would do.
type Proposal struct {
	Name     string // of the file
	State    string // of the evidence
	Sheets   []ProposedSheet
	Existing Existing // what was chosen the last time; "" where nothing was
}

// ProposedSheet is a sheet with the mapping that is proposed for it.
type ProposedSheet struct {
	sheet.SheetPreview
	// Read is set where the sheet would be read.
	Read bool
	// Map says for each column what it would hold, "" for nothing.
	Map []string
	// From says where that comes from, and Before of which delivery, where it is from one.
	From   string
	Before Delivery
}

// Delivery is how a file was mapped that came before.
type Delivery struct {
	Print    string          `json:"print"` // of the headings
	Columns  []string        `json:"columns"`
	Existing Existing        `json:"existing"`
	Name     string          `json:"name"` // of the file
	By       string          `json:"by"`   // name of the person
	At       harbour.Instant `json:"at"`
}

// ProposeSheet shows the sheets of an evidence with their first rows and how they would be read: as somebody said of this
// file, else of an earlier one with the same headings, else as the headings say. headers names, by sheet, the row that holds
// the headings where the person knows better; nil for none.
//
// Errors: as [Imports.PreviewSheet].
func (u *Imports) ProposeSheet(ctx context.Context, by *app.Actor, org, id string, headers map[string]int) (*Proposal, error) {
	row, err := u.sheetOf(ctx, by, org, id)
	if err != nil {
		return nil, err
	}
	v, err := reviewOf(row)
	if err != nil {
		v = reviewed{} // it is mapped anew, which mends it
	}
	if v.Mapping != nil { // the rows that hold the headings, too
		all := map[string]int{}
		for _, s := range v.Mapping.Sheets {
			all[s.Sheet] = s.Header
		}
		for name, n := range headers {
			all[name] = n
		}
		headers = all
	}
	src, r, err := u.source(row)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	preview, err := sheet.Kind{TempDir: u.temp, Headers: headers}.Preview(ctx, src)
	if err != nil {
		return nil, err
	}
	before, err := u.deliveries(ctx, org)
	if err != nil {
		return nil, err
	}
	scope, err := by.Scope(app.ImportEvidence, org)
	if err != nil {
		return nil, err
	}
	if !scope.Whole() { // names tell of evidence of other sites
		for i := range before {
			before[i].Name, before[i].By = "", ""
		}
	}
	p := &Proposal{Name: row.Name, State: row.State, Existing: v.Existing}
	for _, s := range preview.Sheets {
		x := ProposedSheet{SheetPreview: s, Read: s.Inventory, From: FromHeadings}
		for _, c := range s.Columns {
			means := c.Means
			if means != "" && slices.Contains(x.Map, means) && !sheet.Repeatable(means) {
				means = "" // of two the first counts
			}
			x.Map = append(x.Map, means)
		}
		print := printOf(s.Columns)
		if i := slices.IndexFunc(before, func(d Delivery) bool { return d.Print == print && len(d.Columns) <= len(s.Columns) }); i >= 0 && s.Header > 0 {
			x.Read, x.From, x.Before = true, FromDelivery, before[i]
			copy(x.Map, before[i].Columns)
			if p.Existing == "" {
				p.Existing = before[i].Existing
			}
		}
		if m := mappingOf(v.Mapping, s.Name); m != nil && m.Header == s.Header {
			x.Read, x.From = true, FromEvidence
			for c := range x.Map {
				x.Map[c] = ""
			}
			copy(x.Map, m.Columns)
		} else if v.Mapping != nil && m == nil {
			x.Read = false // it was left out
		}
		p.Sheets = append(p.Sheets, x)
	}
	return p, nil
}

func mappingOf(m *sheet.Mapping, name string) *sheet.SheetMapping {
	if m == nil {
		return nil
	}
	if i := slices.IndexFunc(m.Sheets, func(s sheet.SheetMapping) bool { return s.Sheet == name }); i >= 0 {
		return &m.Sheets[i]
	}
	return nil
}

// printOf is the fingerprint of the headings of a sheet. Case and spaces make no difference: people retype them.
func printOf(columns []sheet.Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = strings.Join(strings.Fields(strings.ToLower(c.Name)), " ")
	}
	for len(names) > 0 && names[len(names)-1] == "" {
		names = names[:len(names)-1]
	}
	sum := sha256.Sum256([]byte(strings.Join(names, "\x1f")))
	return hex.EncodeToString(sum[:16])
}

// settingDeliveries is the setting of an organisation that holds how files with which headings were mapped, the last one
// first.
const settingDeliveries = "sheet.deliveries"

// maxDeliveries bounds what is remembered; the oldest goes.
const maxDeliveries = 100

func (u *Imports) deliveries(ctx context.Context, org string) (list []Delivery, err error) {
	text, err := u.core.DB.Setting(ctx, org, settingDeliveries)
	if err != nil || text == "" {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		u.core.Log.Warn("what was remembered of how spreadsheets are mapped is damaged and left aside", "organisation", org, "error", err)
		return nil, nil
	}
	return list, nil
}

// remember keeps how the sheets of a file were mapped, for the next delivery. That it cannot does not undo the import.
func (u *Imports) remember(ctx context.Context, by *app.Actor, org string, row *store.EvidenceRow, m *sheet.Mapping, existing Existing) {
	if m == nil {
		return
	}
	fail := func(err error) {
		u.core.Log.Warn("how a spreadsheet was mapped is not remembered for the next one", "evidence", row.ID, "error", err)
	}
	headers := map[string]int{}
	for _, s := range m.Sheets {
		headers[s.Sheet] = s.Header
	}
	src, r, err := u.source(row)
	if err != nil {
		fail(err)
		return
	}
	defer r.Close()
	preview, err := sheet.Kind{TempDir: u.temp, Headers: headers}.Preview(ctx, src)
	if err != nil {
		fail(err)
		return
	}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("what was mapped is in the audit log; this is for the next proposal")
		text, err := tx.Setting(ctx, org, settingDeliveries)
		if err != nil {
			return err
		}
		var list []Delivery
		if text != "" {
			_ = json.Unmarshal([]byte(text), &list) // what is damaged is written anew
		}
		for _, s := range preview.Sheets {
			x := mappingOf(m, s.Name)
			if x == nil || x.Header != s.Header {
				continue
			}
			d := Delivery{Print: printOf(s.Columns), Columns: x.Columns, Existing: existing, Name: row.Name, By: by.Name, At: tx.At()}
			list = slices.DeleteFunc(list, func(o Delivery) bool { return o.Print == d.Print })
			list = append([]Delivery{d}, list...)
		}
		list = list[:min(len(list), maxDeliveries)]
		return tx.Set(ctx, org, settingDeliveries, string(app.State(list)))
	})
	if err != nil {
		fail(err)
	}
}
