// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

import "syscall"

// peakMiB converts the peak of resident memory, which macOS and the BSDs tell in bytes.
func peakMiB(ru *syscall.Rusage) float64 { return float64(ru.Maxrss) / (1 << 20) }
