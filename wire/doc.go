// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package wire reads integers and byte strings from untrusted messages without ever reading past their end.
//
// A [Reader] is a value over a byte slice. A read beyond the end returns zero, sets the reader's bad mark and leaves it
// there, so that a parser reads a whole header first and asks [Reader.OK] once. Nothing is copied and nothing is
// allocated; byte strings share the input's memory and live as long as it does.
//
// A Reader belongs to one goroutine.
package wire
