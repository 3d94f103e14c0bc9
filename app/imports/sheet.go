// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"breakwater/analysis/inventory"
	"breakwater/app"
	"breakwater/evidence"
	"breakwater/evidence/sheet"
	"breakwater/harbour"
	"breakwater/store"
)

// reviewed is what a record keeps of how a spreadsheet is read.
type reviewed struct {
	// Waiting is set while a person has not said how the file is to be read: it does not count until then.
	Waiting bool `json:"waiting,omitempty"`
	// Mapping of the columns; nil for as their headings say.
	Mapping *sheet.Mapping `json:"mapping,omitempty"`
	// Existing is what the person chose for rows of devices that were known.
	Existing Existing `json:"existing,omitempty"`
}

func reviewOf(row *store.EvidenceRow) (v reviewed, err error) {
	if row.Mapping == "" {
		return v, nil
	}
	if err := json.Unmarshal([]byte(row.Mapping), &v); err != nil {
		return v, &harbour.Error{Kind: harbour.ErrInternal, Op: "read evidence", Message: "the mapping of its columns that was kept is damaged", Hint: "map the columns again", Err: err}
	}
	return v, nil
}

// WaitsForColumns says whether an evidence is not read before somebody says what its columns hold.
func WaitsForColumns(row *store.EvidenceRow) bool {
	v, err := reviewOf(row)
	return err == nil && v.Waiting && row.State == store.EvidenceReceived
}

// GiveSheet is Give for a spreadsheet whose columns a person wants to look at first: it is kept, and read when
// [Imports.MapSheet] says how. Where the organisation has the content already nothing changes.
func (u *Imports) GiveSheet(ctx context.Context, by *app.Actor, org, site, name string, r io.Reader) (Given, error) {
	return u.give(ctx, by, org, site, name, r, true)
}

// Existing is what is done with rows of devices that the inventory has already.
type Existing string

// What can be done with them.
const (
	StopAtExisting  Existing = "stop"   // nothing is imported where there is one, or a row that is wrong
	SkipExisting    Existing = "skip"   // they are left out, and so is what is wrong
	UpdateFromSheet Existing = "update" // what they say is declared beside what is known
)

// What a row of a spreadsheet is to the inventory.
const (
	RowNew     = "new"     // a device that the inventory does not have
	RowChanged = "changed" // says something else of a device, or more
	RowSame    = "same"    // says what is known
	RowWrong   = "wrong"   // names no device, or has cells that are not understood
)

// Trial is what a spreadsheet would do.
type Trial struct {
	Counts map[string]int // by what a row is
	// Rows lists all of them, in the order of the file.
	Rows []TrialRow
	// Problems of the file.
	Problems []harbour.Problem
	// skip lists the rows by sheet that SkipExisting leaves out.
	skip map[string][]int
}

// TrialRow is one row of a trial.
type TrialRow struct {
	Sheet  string
	Number int
	What   string
	Name   string
	Asset  string // id, where the inventory has it
	// Differences from what is known.
	Differences []Difference
	Faults      []string
	// Nobody is set where nothing identifies a device: such a row is never taken.
	Nobody bool
}

// Outcomes of a row, by what is chosen for devices that are known.
const (
	OutcomeCreated = "created"
	OutcomeUpdated = "updated"
	OutcomeSame    = "unchanged" // it is declared as it is known
	OutcomeLeft    = "left out"
	OutcomeRefused = "refused"
)

// Outcome says what would become of a row. With [StopAtExisting] it is what would become of it if no row stopped the import.
func (r *TrialRow) Outcome(e Existing) string {
	switch {
	case r.Nobody:
		return OutcomeRefused
	case r.What == RowWrong && e != UpdateFromSheet:
		return OutcomeLeft
	case r.Asset == "":
		return OutcomeCreated
	case e != UpdateFromSheet:
		return OutcomeLeft
	case len(r.Differences) == 0:
		return OutcomeSame
	}
	return OutcomeUpdated
}

// Outcomes counts what would become of the rows.
func (t *Trial) Outcomes(e Existing) map[string]int {
	n := map[string]int{}
	for i := range t.Rows {
		n[t.Rows[i].Outcome(e)]++
	}
	return n
}

// Stops says whether the import would stop with [StopAtExisting].
func (t *Trial) Stops() bool { return t.Counts[RowChanged]+t.Counts[RowSame]+t.Counts[RowWrong] > 0 }

// Difference is a property that a row states otherwise than it is known.
type Difference struct{ Field, Was, Is string }

// MaxTrial bounds the rows of a file that a trial looks at.
const MaxTrial = 100_000

// PreviewSheet shows the sheets of an evidence with their first rows and what their headings mean.
//
// Errors: those of [app.Actor.Scope]; ErrNotFound; ErrUnreadable for what is no spreadsheet; ErrConflict where it is
// withdrawn or deleted.
func (u *Imports) PreviewSheet(ctx context.Context, by *app.Actor, org, id string) (*sheet.Preview, error) {
	row, err := u.sheetOf(ctx, by, org, id)
	if err != nil {
		return nil, err
	}
	src, r, err := u.source(row)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return sheet.Kind{TempDir: u.temp}.Preview(ctx, src)
}

// sheetOf finds an evidence that may be mapped.
func (u *Imports) sheetOf(ctx context.Context, by *app.Actor, org, id string) (*store.EvidenceRow, error) {
	scope, err := by.Scope(app.ImportEvidence, org)
	if err != nil {
		return nil, err
	}
	row, err := u.core.DB.In(scope).EvidenceByID(ctx, id)
	if err != nil {
		return nil, err
	}
	return &row, mappable(&row)
}

func mappable(row *store.EvidenceRow) error {
	switch {
	case row.State == store.EvidenceWithdrawn || row.State == store.EvidenceDeleted:
		return conflict(row.Name+" is "+row.State, "restore it, or give it again")
	case row.Kind != harbour.EvidenceSheet && row.Kind != harbour.EvidenceUnknown:
		return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read spreadsheet", Message: fmt.Sprintf("%s is of kind %s, no spreadsheet", row.Name, row.Kind)}
	}
	return nil
}

// sheetMemory is what looking at a spreadsheet works in.
const sheetMemory = 64 << 20

func (u *Imports) source(row *store.EvidenceRow) (*evidence.Source, io.Closer, error) {
	r, err := u.vault.Open(row.SHA256)
	if err != nil {
		return nil, nil, err
	}
	return &evidence.Source{Path: row.Name, Size: r.Size(), Reader: r, ReaderAt: r, Memory: sheetMemory}, r, nil
}

// TrySheet says what a spreadsheet would do to the inventory as the actor sees it, and changes nothing. m nil takes the
// columns as their headings say.
//
// Errors: as PreviewSheet; ErrInvalid for a mapping that makes no sense; ErrTooLarge beyond [MaxTrial] rows.
func (u *Imports) TrySheet(ctx context.Context, by *app.Actor, org, id string, m *sheet.Mapping) (*Trial, error) {
	row, err := u.sheetOf(ctx, by, org, id)
	if err != nil {
		return nil, err
	}
	return u.try(ctx, by, org, row, m)
}

func (u *Imports) try(ctx context.Context, by *app.Actor, org string, row *store.EvidenceRow, m *sheet.Mapping) (*Trial, error) {
	if m != nil {
		if err := m.Check(); err != nil {
			return nil, err
		}
	}
	scope, err := by.Scope(app.ReadAssets, org)
	if err != nil {
		return nil, err
	}
	key, err := u.trialKey(ctx, scope, row, m)
	if err != nil {
		return nil, err
	}
	if t := u.trials.get(key, u.core.Clock()); t != nil {
		return t, nil
	}
	t, err := u.tryAnew(ctx, scope, row, m)
	if err == nil {
		u.trials.put(key, t, u.core.Clock())
	}
	return t, err
}

func (u *Imports) tryAnew(ctx context.Context, scope store.Scope, row *store.EvidenceRow, m *sheet.Mapping) (*Trial, error) {
	src, r, err := u.source(row)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	sites, err := u.sites(ctx, scope.Organisation())
	if err != nil {
		return nil, err
	}
	t := trial{byKey: map[string][]int{}, sites: sites, all: scope.Whole()}
	problems, err := sheet.Kind{TempDir: u.temp, Mapping: m}.Each(ctx, src, t.add)
	if err != nil {
		return nil, err
	}
	err = u.core.DB.In(scope).EachAsset(ctx, store.AssetQuery{}, func(a *harbour.Asset, shown store.AssetRow) error {
		t.meet(a)
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	return t.result(problems), nil
}

// trial compares rows with assets.
type trial struct {
	rows  []tried
	byKey map[string][]int // rows by identity key
	sites *inventory.Sites
	all   bool // whoever tries it may see all sites
}

type tried struct {
	sheet.Record
	asset *harbour.Asset // the one that it names by its strongest key
	rank  int            // of that key
}

func (t *trial) add(r *sheet.Record) error {
	if len(t.rows) >= MaxTrial {
		return &harbour.Error{Kind: harbour.ErrTooLarge, Op: "try spreadsheet", Message: fmt.Sprintf("a trial looks at up to %d rows", MaxTrial), Hint: "import the file as it is, or split it"}
	}
	for _, k := range inventory.DeclaredKeys(&r.Asset) {
		t.byKey[k] = append(t.byKey[k], len(t.rows))
	}
	row := tried{Record: *r, rank: 1 << 30}
	if id, ok := t.sites.Find(r.Asset.Site); ok {
		row.Record.Asset.Site = id
	} else if text, hint := t.sites.Wrong(r.Asset.Site, t.all); text != "" {
		row.Faults = append(slices.Clip(row.Faults), fmt.Sprintf("column %q: %s; %s", r.SiteHeading, text, hint))
	}
	t.rows = append(t.rows, row)
	return nil
}

// meet notes an asset at the rows that name it.
func (t *trial) meet(a *harbour.Asset) {
	var keep *harbour.Asset
	for _, k := range a.Keys {
		k = inventory.ComparableKey(k)
		for _, k := range []string{k, strings.SplitN(k, "@", 2)[0]} {
			for _, i := range t.byKey[k] {
				row := &t.rows[i]
				rank := slices.Index(inventory.DeclaredKeys(&row.Asset), k)
				if rank < 0 || rank >= row.rank {
					continue
				}
				if keep == nil { // the walk uses the asset again
					keep = trimmed(a)
				}
				row.asset, row.rank = keep, rank
			}
		}
	}
}

// trimmed is what a comparison needs of an asset.
func trimmed(a *harbour.Asset) *harbour.Asset {
	return &harbour.Asset{
		ID: a.ID, Name: a.Name, Kind: a.Kind, Role: a.Role, Vendor: a.Vendor, Model: a.Model, Firmware: a.Firmware, Serial: a.Serial, Level: a.Level,
		Zone: a.Zone, Site: a.Site, Location: a.Location, Supplier: a.Supplier, Criticality: a.Criticality, Declared: a.Declared, Interfaces: slices.Clone(a.Interfaces),
	}
}

func (t *trial) result(problems []harbour.Problem) *Trial {
	out := &Trial{Counts: map[string]int{RowNew: 0, RowChanged: 0, RowSame: 0, RowWrong: 0}, Problems: problems, skip: map[string][]int{}}
	for i := range t.rows {
		r := &t.rows[i]
		v := TrialRow{Sheet: r.Sheet, Number: r.Number, Name: r.Record.Asset.Name, Faults: r.Faults, What: RowNew, Nobody: r.Nobody}
		if r.asset != nil {
			v.Asset, v.What = r.asset.ID, RowSame
			if v.Differences = differences(&r.Record.Asset, r.asset); len(v.Differences) > 0 {
				v.What = RowChanged
			}
		}
		if r.Nobody || len(r.Faults) > 0 {
			v.What = RowWrong
			if r.Nobody && len(v.Faults) == 0 {
				v.Faults = []string{"nothing identifies the device of this row"}
			}
		}
		out.Counts[v.What]++
		if v.What == RowWrong || r.asset != nil {
			out.skip[r.Sheet] = append(out.skip[r.Sheet], r.Number)
		}
		out.Rows = append(out.Rows, v)
	}
	return out
}

// differences lists what a row declares otherwise than the asset is known. What it does not say is no difference.
func differences(d *harbour.DeclaredAsset, a *harbour.Asset) (list []Difference) {
	for _, f := range []struct{ name, is, was string }{
		{harbour.AttrName, d.Name, a.Name},
		{harbour.AttrKind, string(d.Kind), string(a.Kind)},
		{harbour.AttrRole, d.Role, a.Role},
		{harbour.AttrVendor, d.Vendor, a.Vendor},
		{harbour.AttrModel, d.Model, a.Model},
		{harbour.AttrFirmware, d.Firmware, a.Firmware},
		{harbour.AttrSerial, d.Serial, a.Serial},
		{harbour.AttrLevel, d.Level, a.Level},
		{harbour.AttrZone, d.Zone, a.Zone},
		{harbour.AttrSite, d.Site, a.Site},
		{harbour.AttrLocation, d.Location, a.Location},
		{harbour.AttrSupplier, d.Supplier, a.Supplier},
		{harbour.AttrCriticality, d.Criticality, a.Criticality},
	} {
		if f.is != "" && !strings.EqualFold(f.is, f.was) {
			list = append(list, Difference{f.name, f.was, f.is})
		}
	}
	has := func(address string) bool {
		return slices.ContainsFunc(a.Interfaces, func(i harbour.Interface) bool { return i.MAC == address || slices.Contains(i.IPs, address) })
	}
	for _, s := range append(slices.Clone(d.MACs), d.IPs...) {
		if !has(s) {
			list = append(list, Difference{"address", "", s})
		}
	}
	return list
}

// MapSheet has a spreadsheet read as a person says, from now on and at every build: its columns (m nil for as their
// headings say), and what is done with rows of devices that are known. It can be taken back with [Imports.Undo].
//
// Errors: as TrySheet; ErrConflict with StopAtExisting where a row names a device that is known, or is wrong.
func (u *Imports) MapSheet(ctx context.Context, by *app.Actor, org, id string, m *sheet.Mapping, existing Existing) (job string, err error) {
	row, err := u.sheetOf(ctx, by, org, id)
	if err != nil {
		return "", err
	}
	if m, err = u.choose(ctx, by, org, row, m, existing); err != nil {
		return "", err
	}
	b, err := json.Marshal(reviewed{Mapping: m, Existing: existing})
	if err != nil {
		return "", err
	}
	err = u.change(ctx, by, app.ImportEvidence, org, id, "columns: "+mappingWords(m)+"; known devices: "+string(existing), func(ctx context.Context, tx *store.Tx, now *store.EvidenceRow) (string, error) {
		if now.Version != row.Version {
			return "", &harbour.Error{Kind: harbour.ErrStale, Op: "map columns", Message: "somebody has changed this evidence meanwhile", Hint: "look at it again, then map its columns"}
		}
		now.Mapping = string(b)
		if job, err = tx.WaitingJob(ctx, org, JobRead, id); err != nil || job != "" {
			return "mapped", err
		}
		job, err = u.jobs.Add(ctx, tx, org, by.Person, JobRead, "Read "+now.Name+" as mapped", id)
		return "mapped", err
	})
	if err == nil {
		u.remember(ctx, by, org, row, m, existing)
	}
	return job, err
}

// choose settles what is done with rows of known devices.
func (u *Imports) choose(ctx context.Context, by *app.Actor, org string, row *store.EvidenceRow, m *sheet.Mapping, existing Existing) (*sheet.Mapping, error) {
	switch existing {
	case StopAtExisting, SkipExisting, UpdateFromSheet:
	default:
		return nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "map columns", Message: fmt.Sprintf("%q is no choice", existing), Hint: "one of: stop, skip, update"}
	}
	if existing == UpdateFromSheet {
		if m != nil {
			return m, m.Check()
		}
		return nil, nil
	}
	if existing == SkipExisting && m == nil { // rows can be left out of a mapping alone
		var err error
		if m, err = u.asHeadings(ctx, row); err != nil {
			return nil, err
		}
	}
	t, err := u.try(ctx, by, org, row, m)
	if err != nil {
		return nil, err
	}
	if existing == StopAtExisting {
		if n, wrong := t.Counts[RowChanged]+t.Counts[RowSame], t.Counts[RowWrong]; n+wrong > 0 {
			return nil, conflict(fmt.Sprintf("%d rows name devices that are known, %d are wrong; nothing was imported", n, wrong), "choose to skip or to update them, or correct the file")
		}
		return m, nil
	}
	c := sheet.Mapping{Sheets: slices.Clone(m.Sheets)}
	for i := range c.Sheets {
		s := &c.Sheets[i]
		s.Skip = slices.Concat(s.Skip, t.skip[s.Sheet])
		slices.Sort(s.Skip)
		s.Skip = slices.Compact(s.Skip)
	}
	return &c, c.Check()
}

// asHeadings writes down as a mapping what the headings of a file say.
func (u *Imports) asHeadings(ctx context.Context, row *store.EvidenceRow) (*sheet.Mapping, error) {
	src, r, err := u.source(row)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p, err := sheet.Kind{TempDir: u.temp}.Preview(ctx, src)
	if err != nil {
		return nil, err
	}
	m := &sheet.Mapping{}
	for _, s := range p.Sheets {
		if !s.Inventory {
			continue
		}
		v := sheet.SheetMapping{Sheet: s.Name, Header: s.Header}
		for _, c := range s.Columns {
			means := c.Means
			if means != "" && slices.Contains(v.Columns, means) && !sheet.Repeatable(means) {
				means = "" // of two the first counts
			}
			v.Columns = append(v.Columns, means)
		}
		m.Sheets = append(m.Sheets, v)
	}
	return m, m.Check()
}

func mappingWords(m *sheet.Mapping) string {
	if m == nil {
		return "as their headings say"
	}
	rows := 0
	for _, s := range m.Sheets {
		rows += len(s.Skip)
	}
	return fmt.Sprintf("mapped in %d sheets, %d rows left out", len(m.Sheets), rows)
}
