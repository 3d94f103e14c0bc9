// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"strconv"
	"strings"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
)

func kindWord(k harbour.EvidenceKind) string {
	switch k {
	case harbour.EvidencePacket:
		return "Network capture"
	case harbour.EvidenceSheet:
		return "Spreadsheet"
	case harbour.EvidencePortFile:
		return "Port file"
	case harbour.EvidenceUnknown, "":
		return "Not recognised"
	}
	return view.Name(string(k))
}

func stateWord(s string) view.Word {
	switch s {
	case store.EvidenceReceived:
		return view.Word{Title: "Received", Means: "kept, and waiting to be read", Class: "warn"}
	case store.EvidenceRead:
		return view.Word{Title: "Read", Means: "what it says counts", Class: "ok"}
	case store.EvidenceUnreadable:
		return view.Word{Title: "Unreadable", Means: "kept, and nothing in it could be read", Class: "bad"}
	case store.EvidenceWithdrawn:
		return view.Word{Title: "Withdrawn", Means: "kept, and does not count any more", Class: "none"}
	case store.EvidenceDeleted:
		return view.Word{Title: "Deleted", Means: "its bytes are gone; its record and its chain of custody stay", Class: "none"}
	}
	return view.Word{Title: s}
}

func actWord(s string) string {
	switch s {
	case "hold":
		return "Placed under legal hold"
	case "released":
		return "Legal hold released"
	}
	return view.Name(s)
}

func recordWord(k harbour.EvidenceKind, n int64) string {
	switch k {
	case harbour.EvidencePacket:
		return view.Count(n, "frame", "frames")
	case harbour.EvidenceSheet:
		return view.Count(n, "row", "rows")
	}
	return view.Count(n, "entry", "entries")
}

// opens says whether a locator names a place that the page of proof can show.
func opens(e *store.EvidenceRow, locator string) bool {
	if e.State == store.EvidenceDeleted {
		return false
	}
	switch e.Kind {
	case harbour.EvidencePacket:
		number, _, _ := strings.Cut(strings.TrimPrefix(locator, "frame "), ",")
		n, err := strconv.ParseInt(number, 10, 64)
		return err == nil && n > 0 && n <= e.Records // the record that a capture breaks off in is no frame
	case harbour.EvidenceSheet:
		return strings.HasPrefix(locator, "row ") || strings.HasPrefix(locator, "sheet ") && strings.Contains(locator, " row ")
	case harbour.EvidencePortFile:
		return strings.HasPrefix(locator, "line ")
	}
	return false
}
