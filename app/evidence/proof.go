// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"breakwater/app"
	kinds "breakwater/evidence"
	"breakwater/evidence/sheet"
	"breakwater/harbour"
	"breakwater/store"
)

// Proof is the place in an evidence that a statement rests on. One of Frame, Row and Lines is set.
type Proof struct {
	Evidence store.EvidenceRow
	Locator  string
	Frame    *Frame
	Row      *sheet.Row
	Lines    *Lines
}

// Lines are some lines of a text around the one that is meant.
type Lines struct {
	Number int // of the one that is meant, from 1
	First  int // number of Text[0]
	Text   []string
}

// Proof opens the place that a locator names, as lists and findings cite it: "frame 12", "row 5", "sheet STS row 5",
// "line 9".
//
// Errors: those of [app.Actor.Scope]; ErrNotFound for an evidence out of scope or a place that is not there; ErrInvalid
// for a locator that the evidence's kind does not have; ErrConflict where the bytes were deleted; ErrTooLarge for a frame
// too deep in a compressed capture.
func (u *Evidence) Proof(ctx context.Context, by *app.Actor, org, id, locator string) (*Proof, error) {
	scope, err := by.Scope(app.ReadEvidence, org)
	if err != nil {
		return nil, err
	}
	p := &Proof{Locator: locator}
	if p.Evidence, err = u.core.DB.In(scope).EvidenceByID(ctx, id); err != nil {
		return nil, err
	}
	at, err := parseLocator(locator)
	if err != nil {
		return nil, err
	}
	full := u.mayTakeOut(ctx, by, org, id)
	switch kind := p.Evidence.Kind; {
	case kind == harbour.EvidencePacket && at.unit == "frame":
		p.Frame, err = u.frame(ctx, &p.Evidence, at.number, full)
	case kind == harbour.EvidenceSheet && at.unit == "row":
		p.Row, err = u.row(ctx, &p.Evidence, at)
	case kind == harbour.EvidencePortFile && at.unit == "line":
		p.Lines, err = u.lines(&p.Evidence, int(at.number))
	default:
		err = &harbour.Error{Kind: harbour.ErrInvalid, Op: "open proof", Message: fmt.Sprintf("%s names no place in an evidence of kind %s", locator, kind), Hint: "follow the link of a finding or of an attribute"}
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// mayTakeOut says whether the actor may download this evidence.
func (u *Evidence) mayTakeOut(ctx context.Context, by *app.Actor, org, id string) bool {
	scope, err := by.Scope(app.DownloadEvidence, org)
	if err != nil {
		return false
	}
	_, err = u.core.DB.In(scope).EvidenceByID(ctx, id)
	return err == nil
}

// place is a locator taken apart.
type place struct {
	sheet  string
	unit   string // frame, row, line
	number uint64
}

// parseLocator reads what evidence.PlaceWords writes; what follows a comma, as in "frame 4, byte 100", is passed over.
func parseLocator(s string) (p place, err error) {
	bad := &harbour.Error{Kind: harbour.ErrInvalid, Op: "open proof", Message: "the place cannot be understood", Hint: "write it as a list does: frame 12, row 5, sheet STS row 5, line 9"}
	if len(s) > 500 {
		return p, bad
	}
	rest := s
	if name, ok := strings.CutPrefix(rest, "sheet "); ok {
		i := strings.LastIndex(name, " row ")
		if i < 0 {
			return p, bad
		}
		p.sheet, rest = name[:i], name[i+1:]
	}
	rest, _, _ = strings.Cut(rest, ",")
	unit, number, _ := strings.Cut(rest, " ")
	if p.number, err = strconv.ParseUint(number, 10, 63); err != nil || p.number == 0 || unit != "frame" && unit != "row" && unit != "line" || p.sheet != "" && unit != "row" {
		return p, bad
	}
	p.unit = unit
	return p, nil
}

// rowMemory is what reading a workbook for one row may hold.
const rowMemory = 64 << 20

// row finds a row of a spreadsheet. Cells that hold secrets are never shown.
func (u *Evidence) row(ctx context.Context, e *store.EvidenceRow, at place) (*sheet.Row, error) {
	r, err := u.open(e)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if at.number > 1<<31 {
		return nil, nowhere(e, at)
	}
	var how struct {
		Mapping *sheet.Mapping `json:"mapping"`
	}
	if e.Mapping != "" {
		if err := json.Unmarshal([]byte(e.Mapping), &how); err != nil {
			return nil, &harbour.Error{Kind: harbour.ErrInternal, Op: "open proof", Message: "the mapping of the columns that was kept is damaged", Hint: "map the columns again", Err: err}
		}
	}
	v, err := sheet.Kind{TempDir: u.TempDir, Mapping: how.Mapping}.At(ctx, &kinds.Source{Path: e.Name, Size: r.Size(), Reader: r, ReaderAt: r, Memory: rowMemory}, at.sheet, int(at.number))
	if err != nil {
		return nil, err
	}
	for i := range v.Cells {
		if i < len(v.Secret) && v.Secret[i] && v.Cells[i] != "" && v.Cells[i] != v.Columns[i] {
			v.Cells[i] = "••••••"
		}
	}
	return v, nil
}

func nowhere(e *store.EvidenceRow, at place) error {
	return &harbour.Error{Kind: harbour.ErrNotFound, Op: "open proof", Message: fmt.Sprintf("%s has no %s %d", e.Name, at.unit, at.number)}
}

// Around a line that is meant, this many are shown.
const (
	linesAround = 5
	maxLine     = 500
	maxText     = 16 << 20
)

// lines finds a line of a text, with some around it.
func (u *Evidence) lines(e *store.EvidenceRow, number int) (*Lines, error) {
	r, err := u.open(e)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	v := &Lines{Number: number, First: max(1, number-linesAround)}
	b := bufio.NewReaderSize(io.LimitReader(r, maxText), 64<<10)
	for n := 1; n <= number+linesAround; n++ {
		line, err := b.ReadString('\n')
		if line == "" && err != nil {
			if !errors.Is(err, io.EOF) {
				return nil, err
			}
			break
		}
		if n < v.First {
			continue
		}
		line = strings.ToValidUTF8(strings.TrimRight(line, "\r\n"), "�")
		if runes := []rune(line); len(runes) > maxLine {
			line = string(runes[:maxLine]) + "…"
		}
		v.Text = append(v.Text, line)
	}
	if v.First+len(v.Text) <= number {
		return nil, nowhere(e, place{unit: "line", number: uint64(number)})
	}
	return v, nil
}
