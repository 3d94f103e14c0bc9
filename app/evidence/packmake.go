// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"breakwater/app"
	"breakwater/exchange/evidencepack"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

// packing is the making of one pack.
type packing struct {
	u      *Evidence
	by     *app.Actor
	org    string
	r      PackRequest
	rights packRights
	id     string
	waited bool // somebody waits; with much to do it ends with errLong
	tell   func(step string, done, total int64)

	assets, findings *store.Scoped
	m                evidencepack.Manifest
	w                *evidencepack.Writer
	put              func(v any) error // objects
	observed         *json.Encoder     // observations, into a file of their own until the objects are written
	cited            map[string]*citation
	unseen           map[string]bool // evidence that is cited and out of scope
	about            map[string][]string
	written          map[string]bool // objects
}

// citation is an evidence that the pack rests on, and where.
type citation struct {
	row    store.EvidenceRow
	places map[string]place
	more   int // places beyond the bound
	lines  []string
}

func putOptions(size int64) vault.PutOptions { return vault.PutOptions{Size: size} }

// make puts the pack together. Closing what it gives removes it.
func (p *packing) make(ctx context.Context) (c *Content, err error) {
	if p.tell == nil {
		p.tell = func(string, int64, int64) {}
	}
	p.cited, p.unseen, p.about, p.written = map[string]*citation{}, map[string]bool{}, map[string][]string{}, map[string]bool{}
	out, err := p.u.temporary()
	if err != nil {
		return nil, err
	}
	spool, err := p.u.temporary()
	if err != nil {
		out.Close()
		return nil, err
	}
	defer func() {
		spool.Close()
		if err != nil {
			out.Close()
		}
	}()
	sum := sha256.New()
	to := bufio.NewWriterSize(io.MultiWriter(out, sum), 256<<10)
	p.w = evidencepack.NewWriter(to)
	if err := p.harbour(ctx, spool); err != nil {
		return nil, err
	}
	if err := p.note(ctx); err != nil {
		return nil, err
	}
	if err := p.rest(ctx, spool); err != nil {
		return nil, err
	}
	if err := to.Flush(); err != nil {
		return nil, diskError(err)
	}
	size, err := out.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = out.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, diskError(err)
	}
	return &Content{ReadSeekCloser: out, Name: p.id + ".zip", SHA256: hex.EncodeToString(sum.Sum(nil)), Size: size}, nil
}

// harbour writes the objects of one state of the harbour, and their observations to the spool.
func (p *packing) harbour(ctx context.Context, spool io.Writer) (err error) {
	in := p.u.core.DB
	var generation int64
	if p.assets, generation, err = in.In(p.rights.assets).Present(ctx); err != nil {
		return err
	}
	p.findings = in.In(p.rights.findings).At(generation)
	p.m.Generation = generation
	p.about["generation"] = []string{fmt.Sprint(generation)}
	b := bufio.NewWriterSize(spool, 64<<10)
	p.observed = json.NewEncoder(b)
	p.observed.SetEscapeHTML(false)
	if p.put, err = p.w.Lines(evidencepack.ObjectsFile); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{p.chosenFindings, p.chosenAssets, p.chosenEvidence} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if n := len(p.unseen); n > 0 {
		p.leave("what rests on %d evidences that the maker does not see", n)
	}
	if err := b.Flush(); err != nil {
		return diskError(err)
	}
	return nil
}

// maxLeft is how many things that are left out are named.
const maxLeft = 200

func (p *packing) leave(format string, args ...any) {
	if len(p.m.LeftOut) < maxLeft {
		p.m.LeftOut = append(p.m.LeftOut, fmt.Sprintf(format, args...))
	} else if len(p.m.LeftOut) == maxLeft {
		p.m.LeftOut = append(p.m.LeftOut, "… and more")
	}
}

func (p *packing) object(kind, id, name string, value any) error {
	if p.written[kind+" "+id] {
		return nil
	}
	p.written[kind+" "+id] = true
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	p.m.Counts.Objects++
	if !p.r.Everything {
		p.about[kind] = append(p.about[kind], id)
	}
	if p.m.Counts.Objects%1000 == 0 {
		p.tell("objects", p.m.Counts.Objects, 0)
	}
	return p.put(evidencepack.Object{Kind: kind, ID: id, Name: name, Value: b})
}

// observation notes a place that a statement rests on. What rests on evidence out of scope is left out.
func (p *packing) observation(ctx context.Context, o evidencepack.Observation) error {
	if o.Evidence != evidencepack.ByPerson {
		c, err := p.cite(ctx, o.Evidence)
		if err != nil || c == nil {
			return err
		}
		if at, err := parseLocator(o.Locator); err == nil && p.r.Contents == evidencepack.Slices {
			most := maxPackPlaces
			if at.unit == "frame" {
				most = maxPackFrames
			}
			key := fmt.Sprintf("%s %s %d", at.sheet, at.unit, at.number)
			if _, known := c.places[key]; !known && len(c.places) >= most {
				c.more++
			} else if !known {
				c.places[key] = at
			}
		}
	}
	p.m.Counts.Observations++
	return p.observed.Encode(o)
}

// cite gives the citation of an evidence, nil where the maker does not see it.
func (p *packing) cite(ctx context.Context, id string) (*citation, error) {
	if c := p.cited[id]; c != nil || p.unseen[id] {
		return c, nil
	}
	row, err := p.u.core.DB.In(p.rights.evidence).EvidenceByID(ctx, id)
	if harbour.KindOf(err) == harbour.ErrNotFound && err != nil {
		p.unseen[id] = true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := &citation{row: row, places: map[string]place{}}
	p.cited[id] = c
	if !p.r.Everything && !slices.Contains(p.about["evidence"], id) {
		p.about["evidence"] = append(p.about["evidence"], id)
	}
	return c, nil
}

func (p *packing) asset(ctx context.Context, a *harbour.Asset) error {
	if p.written["asset "+a.ID] {
		return nil
	}
	if err := p.object("asset", a.ID, a.Name, a); err != nil {
		return err
	}
	for _, v := range a.Attributes {
		for _, o := range v.Observations {
			if err := p.observation(ctx, evidencepack.Observation{
				Kind: "asset", Object: a.ID, Statement: v.Name, Value: v.Value, Declared: v.Declared, Confidence: int(v.Confidence), Evidence: o.Evidence, Locator: o.Locator,
			}); err != nil {
				return err
			}
		}
	}
	for _, v := range a.Reasons {
		for _, o := range v.Evidence {
			if err := p.observation(ctx, evidencepack.Observation{
				Kind: "asset", Object: a.ID, Statement: "reason for " + v.About, Value: v.Text, Confidence: int(v.Confidence), Evidence: o.Evidence, Locator: o.Locator,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *packing) chosenAssets(ctx context.Context) error {
	if p.r.Everything {
		return p.assets.EachAsset(ctx, store.AssetQuery{}, func(a *harbour.Asset, _ store.AssetRow) error { return p.asset(ctx, a) })
	}
	for _, id := range p.r.Assets {
		a, _, err := p.assets.Asset(ctx, id)
		if err == nil {
			err = p.asset(ctx, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// packedFinding is a finding as a pack tells it.
type packedFinding struct {
	harbour.Finding
	Assignee  string           `json:"assignee,omitempty"`
	Until     harbour.Instant  `json:"until"`
	Decisions []packedDecision `json:"decisions"`
}

type packedDecision struct {
	At     harbour.Instant       `json:"at"`
	By     string                `json:"by"` // id of the person
	Status harbour.FindingStatus `json:"status"`
	Until  harbour.Instant       `json:"until"`
	Reason string                `json:"reason"`
}

func (p *packing) finding(ctx context.Context, f *store.FindingRow) error {
	v := packedFinding{Finding: f.Finding, Assignee: f.Assignee, Until: f.Until, Decisions: []packedDecision{}}
	decisions, err := p.findings.Decisions(ctx, f.ID)
	if err != nil {
		return err
	}
	for _, d := range decisions {
		v.Decisions = append(v.Decisions, packedDecision{d.At, d.By, d.Status, d.Until, d.Reason})
	}
	if err := p.object("finding", f.ID, f.Title, v); err != nil {
		return err
	}
	for _, e := range f.Finding.Evidence {
		if err := p.observation(ctx, evidencepack.Observation{Kind: "finding", Object: f.ID, Statement: f.Rule, Value: f.Title, Confidence: 100, Evidence: e.ID, Locator: e.Locator}); err != nil {
			return err
		}
	}
	return nil
}

// chosenFindings writes findings, and the assets that they are about.
func (p *packing) chosenFindings(ctx context.Context) error {
	if p.r.Everything {
		q := store.FindingQuery{Order: store.Order{Limit: store.MaxLimit}}
		for {
			page, err := p.findings.Findings(ctx, q)
			if err != nil {
				return err
			}
			for i := range page.Items {
				if err := p.finding(ctx, &page.Items[i]); err != nil {
					return err
				}
			}
			if q.Cursor = page.Next; page.Next == "" {
				return nil
			}
		}
	}
	for _, id := range p.r.Findings {
		f, err := p.findings.Finding(ctx, id)
		if err != nil {
			return err
		}
		if err := p.finding(ctx, f); err != nil {
			return err
		}
		for i, subject := range f.Subjects {
			if i == MaxChosen {
				p.leave("%d more assets that the finding %s is about", len(f.Subjects)-i, id)
				break
			}
			a, _, err := p.assets.Asset(ctx, subject)
			if err == nil {
				err = p.asset(ctx, a)
			}
			if err != nil && harbour.KindOf(err) != harbour.ErrNotFound {
				return err
			}
		}
	}
	return nil
}

// packedEvidence is the record of an evidence as a pack tells it; where it lay on a disk is nobody's business.
type packedEvidence struct {
	harbour.Evidence
	Path       string          `json:"path"`
	Site       string          `json:"site"`
	State      string          `json:"state"`
	ReceivedAt harbour.Instant `json:"received_at"`
	ReceivedBy string          `json:"received_by"`
	Hold       string          `json:"hold"`
}

func (p *packing) chosenEvidence(ctx context.Context) error {
	write := func(row *store.EvidenceRow) error {
		c, err := p.cite(ctx, row.ID)
		if err != nil || c == nil {
			return err
		}
		return p.object("evidence", row.ID, row.Name, packedEvidence{row.Evidence, row.Name, row.Site, row.State, row.ReceivedAt, row.ReceivedBy, row.Hold})
	}
	if p.r.Everything {
		q := store.EvidenceQuery{Order: store.Order{Limit: store.MaxLimit, Sort: "name"}}
		for {
			page, err := p.u.core.DB.In(p.rights.evidence).Evidence(ctx, q)
			if err != nil {
				return err
			}
			for i := range page.Items {
				if err := write(&page.Items[i]); err != nil {
					return err
				}
			}
			if q.Cursor = page.Next; page.Next == "" {
				return nil
			}
		}
	}
	for _, id := range p.r.Evidence {
		row, err := p.u.core.DB.In(p.rights.evidence).EvidenceByID(ctx, id)
		if err == nil {
			err = write(&row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// given lists the evidence of which bytes are given, and says whether the making may go on.
func (p *packing) given(ctx context.Context) (list []*citation, err error) {
	if p.r.Contents == evidencepack.Nothing {
		return nil, nil
	}
	whole := int64(0)
	for _, id := range slices.Sorted(maps.Keys(p.cited)) {
		c := p.cited[id]
		_, err := p.u.core.DB.In(p.rights.download).EvidenceByID(ctx, id)
		switch {
		case err != nil && harbour.KindOf(err) != harbour.ErrNotFound:
			return nil, err
		case err != nil:
			p.leave("the bytes of %s (%s), which the maker may not take out", id, c.row.Name)
			continue
		case c.row.State == store.EvidenceDeleted:
			p.leave("the bytes of %s (%s), which were deleted", id, c.row.Name)
			continue
		case p.r.Contents == evidencepack.Slices && len(c.places) == 0:
			continue
		}
		whole += c.row.Bytes
		list = append(list, c)
	}
	switch {
	case p.waited && whole > packAtOnce:
		return nil, errLong
	case p.r.Contents == evidencepack.Whole && whole > maxPackWhole:
		return nil, &harbour.Error{Kind: harbour.ErrTooLarge, Op: "make evidence pack", Message: fmt.Sprintf("the evidence has %d bytes, a pack takes %d", whole, int64(maxPackWhole)), Hint: "ask for slices, or for fewer objects"}
	}
	return list, nil
}

// note writes into the chains of custody and into the audit log that the pack is made, once however often its job begins.
func (p *packing) note(ctx context.Context) error {
	list, err := p.given(ctx)
	if err != nil {
		return err
	}
	given := map[string]bool{}
	for _, c := range list {
		given[c.row.ID] = true
		c.lines = []string{} // to be filled
	}
	what := map[string]string{evidencepack.Whole: "as a whole", evidencepack.Slices: "in slices, with secrets masked"}[p.r.Contents]
	p.about["pack"] = []string{p.id}
	return p.u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.PackNoted(ctx, p.org, p.id)
		if err != nil || done {
			tx.Unaudited("noted when the job first began")
			return err
		}
		for id := range given {
			if err := tx.AddCustody(ctx, p.org, id, store.Custody{Who: p.by.Name, Act: "downloaded", Detail: what + ", in the evidence pack " + p.id + " for " + p.r.For}); err != nil {
				return err
			}
		}
		e := p.by.Entry(p.org, app.ReadDocuments, "pack", p.id, "evidence pack for "+p.r.For)
		e.Reason = store.PackMade + p.r.Reason
		e.After = app.State(map[string]any{"request": p.r, "evidence_given": len(given), "objects": p.m.Counts.Objects})
		return tx.Audit(ctx, e)
	})
}
