// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

import "iter"

// Assessment is everything that documents and lists are written from: the port as one run found it. Long lists are
// iterators that can be walked any number of times and give the same order each time; an element is valid until the
// next one is asked for and must not be kept or changed.
type Assessment struct {
	Summary       Summary
	Port          *Port // nil where no port file was given
	Evidence      []Evidence
	Zones         []Zone       // Purdue level descending, then name
	Conduits      []ConduitUse // by From, To
	Findings      []Finding    // severity descending, then rule, then id
	Assets        iter.Seq[*Asset]
	Conversations iter.Seq[*Conversation]
	Operations    iter.Seq[*Operation]
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
