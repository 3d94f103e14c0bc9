// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package view holds what every face of Breakwater shows in the same way, documents and web pages alike: how numbers,
// instants and untrusted text are written ([Number], [Instant], [Plain]), the words and classes for severities,
// verdicts, verbs and confidence, small charts as SVG, and the design tokens ([Tokens]).
//
// All functions are pure and safe for concurrent use. Text that came from evidence passes through [Plain] before it is
// shown: escaping keeps it from becoming markup, Plain keeps it from hiding or reordering what stands around it.
package view
