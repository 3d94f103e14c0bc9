// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package main

// raced says that the race detector is on, under which a port takes ten times as long.
const raced = true
