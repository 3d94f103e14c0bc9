// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package notify

// Reloading is of use where systemd is.
func Reloading() string { return "" }
