// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package tables is the floor of generated public tables; each has a package of its own below.
package tables
