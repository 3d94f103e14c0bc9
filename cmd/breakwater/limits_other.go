// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux && !darwin

package main

func limits() map[string][2]uint64 { return nil }
