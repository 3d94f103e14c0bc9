// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package assess is the whole way from a folder of evidence to a finished assessment, in one shot and offline.
//
// [Run] finds the files, recognises each by its content, reads them with as many workers as there are processors, builds
// the inventory and writes lists and document. The result depends on the bytes of the evidence, the port file and the
// instant of the assessment alone: not on names, order, processors or time of day.
//
// Results are made in a working folder under the output folder and moved into place when all are complete, the summary
// last: a run that is killed, or a disk that is full, leaves no result that looks whole. A run may be cancelled through
// its context at any time.
package assess
