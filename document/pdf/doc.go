// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package pdf sets the HTML of a document as PDF: a cover, contents with page numbers, tables that repeat their head,
// drawings as vectors, the marking on each page, an outline, links, embedded fonts, and a tree of elements (headings,
// paragraphs, lists, tables) that a program can read aloud.
//
// [Set] knows the elements and the classes that package document writes, not HTML at large. Text comes out whole: what
// the page folds away is open on paper, and an element that has no rule of its own in style.go is set as a paragraph.
//
// # Why it is written here
//
// Browsers print the page well, but are not there on the day when nothing else is. The libraries for PDF in Go draw lines
// and embed fonts; they have no tree of elements and keep the document in memory, and breaking lines, pages and tables
// would be ours in any case. What they would save is file.go, font.go and ttf.go.
//
// # Bounds
//
// The page is read once, as a stream. Kept are the part at hand (a row, an entry of a list), the sheet at hand, the place
// of each anchor, and a few numbers for each object. A part that is higher than a sheet is cut between lines. Elements
// that are nested deeper, and tables that are wider, than any page of ours lose their form, not their text.
//
// # Letters
//
// Inter, and DejaVu for what it lacks: Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic (its letters stand
// apart), signs. What neither has is shown as a box and can still be copied and searched for. Text that runs from right
// to left is drawn as it is seen and kept as it is read.
//
// # Concurrency
//
// A call works alone; several may run at once. The same page and the same [Options] give the same bytes.
package pdf
