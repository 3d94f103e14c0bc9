// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package document writes what people read: the assessment as one self-contained HTML page, and as PDF.
//
// [HTML] streams the page. It walks the lists of the assessment first to count and to choose what is shown, then
// writes; memory is bounded by the caps below however long the lists are. The page needs no script and loads nothing:
// its content security policy forbids both. The same assessment gives the same bytes.
// [PDF] sets the same text, all of it unfolded, on paper; [Both] writes the two in one pass. Package pdf says how.
//
// # Anchors
//
// Every statement opens to its proof. These fragments are stable, so that other documents may link to them:
// #asset-ID, #finding-ID, #evidence-ID, #zone-ID, #conduit-ID, and for the sections #glance, #findings, #zones,
// #assets, #conversations, #operations, #evidence, #reading. Ids are written as [view.Anchor] does.
//
// # When a list is too long to be read
//
// A page of a hundred thousand assets cannot be opened. Above its cap a list shows what matters most, says how many
// are shown of how many and by what choice, and names the file that holds all of them. The PDF shows what the page shows.
//
// # Concurrency
//
// The functions may be called from several goroutines. They only read the assessment.
package document

// Caps of the lists on the page.
const (
	MaxFindings      = 1000 // in the order of the assessment: worst first
	MaxAssets        = 3000 // those with findings, then by criticality, then OT before physical before IT
	MaxConversations = 1000 // rows: what is not approved first, then by volume
	MaxOperations    = 1000 // engineering, then what acts, then logins; earliest first
	MaxEvidence      = 2000 // those that were read first
	MaxConduits      = 500  // what is not approved first
	MaxZones         = 500
	MaxMatrix        = 24 // zones in the matrix, those with most conversations
)

// Caps inside one entry of a list. What is cut is counted where it is cut.
const (
	maxAttributes   = 80
	maxObservations = 4 // places shown for one value
	maxReasons      = 30
	maxSmallList    = 24 // interfaces, protocols, software, host names, services of a conduit
	maxProofs       = 40 // places shown for one finding
	maxSubjects     = 40
	maxProblems     = 40 // for one file
	maxCiting       = 24 // findings named beside an asset or a file

	// groupBound is how many different rows of conversations are told apart; more fall together into one.
	groupBound = 20000
)
