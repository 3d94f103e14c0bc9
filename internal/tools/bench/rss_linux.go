// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import "syscall"

// peakMiB converts the peak of resident memory, which Linux tells in KiB.
func peakMiB(ru *syscall.Rusage) float64 { return float64(ru.Maxrss) / 1024 }
