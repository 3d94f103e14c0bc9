// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"cmp"
	"path"
	"slices"
	"strings"

	"breakwater/harbour"
	"breakwater/view"
)

// survey is what the page needs to know before its first line is written: counts, what is shown, and who cites whom.
type survey struct {
	a *harbour.Assessment

	findings   findingSurvey
	assets     assetSurvey
	talk       talkSurvey
	operations operationSurvey
	zones      zoneSurvey
	evidence   evidenceSurvey
	words      map[string]string // names of attributes, in words
	entries    [][]byte          // the assets that are shown, rendered, in their order
	rendered   int               // bytes of them
	rendering  bytes.Buffer      // the one at hand
}

// checkEvery is how many elements are walked between two looks at the context.
const checkEvery = 4096

// name gives the display name of an asset.
func (s *survey) name(id string) string {
	if s.a.AssetName != nil {
		if n := s.a.AssetName(id); n != "" {
			return n
		}
	}
	return id
}

// zoneOf gives the zone id of an asset.
func (s *survey) zoneOf(id string) string {
	if s.a.ZoneOf == nil || id == "" {
		return ""
	}
	return s.a.ZoneOf(id)
}

// evidenceSurvey knows how files are named and which findings rest on them.
type evidenceSurvey struct {
	shown    []*harbour.Evidence
	names    map[string]string // of those shown
	citing   map[string][]int  // evidence id → positions in Findings, at most maxCiting
	cited    map[string]int    // evidence id → number of findings
	bytes    int64
	records  int64
	problems int // over all files
	damaged  int // files that have any
	unread   int // files of which nothing could be read
	other    []harbour.Problem
	kinds    []kindCount
}

type kindCount struct {
	kind harbour.EvidenceKind
	n    int
}

func (s *survey) surveyEvidence() {
	e := &s.evidence
	e.names, e.citing, e.cited = map[string]string{}, map[string][]int{}, map[string]int{}
	known := map[string]bool{}
	bases := map[string]int{}
	kinds := map[harbour.EvidenceKind]int{}
	for i := range s.a.Evidence {
		v := &s.a.Evidence[i]
		known[v.ID] = true
		bases[base(v.Path)]++
		kinds[v.Kind]++
		e.bytes += v.Bytes
		e.records += v.Records
		e.problems += len(v.Problems)
		if len(v.Problems) > 0 {
			e.damaged++
		}
		if unread(v) {
			e.unread++
		}
	}
	e.order(s.a.Evidence)
	for _, v := range e.shown {
		n := base(v.Path)
		if bases[n] > 1 || n == "" {
			n = strings.TrimSpace(n + " (" + view.Clip(v.ID, 10) + ")")
		}
		e.names[v.ID] = view.Plain(view.Clip(n, 48), 48)
	}
	for _, p := range s.a.Summary.Problems {
		if !known[p.Evidence] {
			e.other = append(e.other, p)
		}
	}
	for k, n := range kinds {
		e.kinds = append(e.kinds, kindCount{k, n})
	}
	slices.SortFunc(e.kinds, func(a, b kindCount) int { return cmp.Compare(a.kind, b.kind) })
}

// order puts files of one kind together, by path, and those that gave nothing last.
func (e *evidenceSurvey) order(files []harbour.Evidence) {
	for i := range files {
		e.shown = append(e.shown, &files[i])
	}
	last := func(v *harbour.Evidence) int {
		if unread(v) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(e.shown, func(a, b *harbour.Evidence) int {
		return cmp.Or(last(a)-last(b), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Path, b.Path))
	})
	e.shown = e.shown[:min(len(e.shown), MaxEvidence)]
}

// unread says whether a file gave nothing at all.
func unread(v *harbour.Evidence) bool {
	return v.Kind == harbour.EvidenceUnknown || v.Records == 0 && slices.ContainsFunc(v.Problems, func(p harbour.Problem) bool { return p.Fatal })
}

func base(p string) string {
	p = path.Base(strings.ReplaceAll(p, "\\", "/"))
	if p == "." || p == "/" {
		return ""
	}
	return p
}
