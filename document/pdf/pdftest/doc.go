// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package pdftest reads back the files that package pdf writes, so that tests can compare their text and their structure
// with the page that they were set from.
//
// It reads what those files hold and little more: compressed streams, object streams, fonts that say which characters
// their codes are. It follows the tree of elements, as a program that reads aloud does, and so checks that tree too.
// A [File] is not changed after [Read]; it may be read from several goroutines. Only tests import this package.
package pdftest
