// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import "os"

// reloadSignal is none here: files that have changed are taken up within a minute.
func reloadSignal() os.Signal { return nil }
