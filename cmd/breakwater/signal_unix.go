// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build !windows

package main

import (
	"os"
	"syscall"
)

// reloadSignal asks the server to take up its certificate anew.
func reloadSignal() os.Signal { return syscall.SIGHUP }
