// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package pdf sets the HTML of a document as PDF: pages with marking and numbers, contents, tables that repeat their
// head, drawings, embedded fonts.
//
// It knows the elements and the style sheet that package document writes, not HTML at large. It works through the
// document once and keeps a page at a time. A call works alone; several may run at once.
package pdf
