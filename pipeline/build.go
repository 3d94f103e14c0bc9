// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"time"

	"breakwater/analysis/inventory"
	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/tables/oui"
)

// Input is what an inventory is built from.
type Input struct {
	// Ledgers of all evidence that counts, in any order.
	Ledgers []*evidence.Ledger
	// Port is the port file, or nil.
	Port *harbour.Port
	// Sites of the house, beside those of the port file.
	Sites []harbour.Site
	// Given says for which site an evidence was given, by its id.
	Given map[string]string
	// Decisions on identity that people took elsewhere than in the port file.
	Decisions []inventory.Decision
	// Stated gives what people state of an asset; nil for nothing.
	Stated func(asset string) []harbour.Statement
	// At is the instant of the assessment; zero takes the last instant that the evidence shows, so that the same
	// evidence gives the same result on any day.
	At time.Time
	// Vendors replaces the built-in table of hardware address holders.
	Vendors *oui.Table
	// Memory to work in, and the folder for temporary files.
	Memory  int64
	TempDir string
}

// Build makes the inventory. Close it after use.
//
// Errors: ErrCancelled; ErrUnreadable around evidence.ErrLedgerDamaged where a ledger's file is not whole; ErrFull.
func Build(ctx context.Context, in Input) (*inventory.Inventory, error) {
	vendor := oui.Lookup
	if in.Vendors != nil {
		vendor = in.Vendors.Lookup
	}
	return inventory.Build(ctx, inventory.Input{
		Ledgers: in.Ledgers, Port: in.Port, Sites: in.Sites, Given: in.Given, Decisions: in.Decisions, Stated: in.Stated, Vendor: vendor, At: instant(in.At, in.Ledgers), Memory: in.Memory, TempDir: in.TempDir,
	})
}

// instant is the time of the assessment.
func instant(at time.Time, ledgers []*evidence.Ledger) harbour.Instant {
	if !at.IsZero() {
		return harbour.At(at)
	}
	last := harbour.Instant(0)
	for _, l := range ledgers {
		last = max(last, l.Evidence.To)
	}
	return last
}
