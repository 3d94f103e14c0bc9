// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"crypto/rand"
	"encoding/base32"
	"log/slog"
	"strings"
	"time"

	"breakwater/harbour"
	"breakwater/store"
)

// Core is what use cases work with.
type Core struct {
	DB    *store.DB
	Log   *slog.Logger
	Clock func() time.Time
	// Version of the program.
	Version string
	// Demo is set where the reference port is shown to people who look around; every page says so.
	Demo bool
}

// Now is the instant by the core's clock.
func (c *Core) Now() harbour.Instant { return harbour.At(c.Clock()) }

// NewID makes an identifier that nobody can guess, with a prefix that says of what.
func NewID(prefix string) string {
	var b [10]byte
	rand.Read(b[:])
	return prefix + strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}
