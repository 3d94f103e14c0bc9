// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

import "iter"

// Assessment is everything that documents and lists are written from: the port as one run found it. Long lists are
// iterators that can be walked any number of times and give the same order each time; an element is valid until the
// next one is asked for and must not be kept or changed.
type Assessment struct {
	Summary  Summary
	Port     *Port // nil where no port file was given
	Evidence []Evidence
	Zones    []Zone       // Purdue level descending, then name
	Conduits []ConduitUse // by From, To
	Findings []Finding    // severity descending, then rule, then id
	// Settlements are by finding id, for findings that are not open. nil where nobody decides, as in an assessment of files.
	Settlements   map[string]Settlement
	Assets        iter.Seq[*Asset]
	Conversations iter.Seq[*Conversation]
	Operations    iter.Seq[*Operation]
	// Heads walks the assets as Assets does, with what a list of assets is ordered and counted by alone: ID, Name,
	// Domain, Kind, Level, Zone, Criticality, Declared, Observed. nil where there is no shorter way than Assets.
	Heads iter.Seq[*Asset]
	// Chosen walks those assets whose id is wanted, in the order of Assets. nil where there is no shorter way.
	Chosen func(want func(id string) bool) iter.Seq[*Asset]
	// AssetName gives the display name of an asset id.
	AssetName func(id string) string
	// ZoneOf gives the zone id of an asset id, "" for none.
	ZoneOf func(id string) string
}

// EvidenceByID finds an evidence record, or nil.
func (a *Assessment) EvidenceByID(id string) *Evidence {
	for i := range a.Evidence {
		if a.Evidence[i].ID == id {
			return &a.Evidence[i]
		}
	}
	return nil
}

// AssetHeads walks Heads, or Assets where there are none.
func (a *Assessment) AssetHeads() iter.Seq[*Asset] {
	switch {
	case a.Heads != nil:
		return a.Heads
	case a.Assets != nil:
		return a.Assets
	}
	return func(func(*Asset) bool) {}
}

// ChosenAssets walks the assets whose id is wanted.
func (a *Assessment) ChosenAssets(want func(id string) bool) iter.Seq[*Asset] {
	switch {
	case a.Chosen != nil:
		return a.Chosen(want)
	case a.Assets == nil:
		return func(func(*Asset) bool) {}
	}
	return func(yield func(*Asset) bool) {
		for x := range a.Assets {
			if want(x.ID) && !yield(x) {
				return
			}
		}
	}
}
