// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package browser

import _ "embed"

// Lock is the lock file of the packages that the bundle is made of.
//
//go:embed package-lock.json
var Lock []byte
