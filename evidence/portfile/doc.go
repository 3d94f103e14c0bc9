// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package portfile reads the port file: what people declare because no packet can say it.
//
// [Parse] decodes strictly and checks everything that can be checked without looking at evidence; every error names line
// and column and what was expected, and all errors are reported at once. [Kind] reads a port file as evidence: an invalid
// one is an error of kind harbour.ErrInvalid, because every other statement leans on it.
//
// The format is that of the types in package harbour; docs/port-file.md is generated from them. A file is at most 8 MiB
// and uses no YAML anchors, aliases, merge keys or tags, so that its meaning is what a reader sees.
package portfile

//go:generate go run breakwater/internal/tools/portreference ../../harbour/port.go ../../docs/port-file.md
