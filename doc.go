// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package breakwater is the root of the module. It holds no code, only the tests that keep the rules of the repository.
package breakwater

//go:generate go tool -modfile=tools/go.mod templ generate
