// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package view

import _ "embed"

// Tokens is the style sheet of the design tokens and of the parts in this package and in zonemap.
//
//go:embed tokens.css
var Tokens string
