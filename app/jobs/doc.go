// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package jobs is the use case of work that outlives a request: imports, rebuilds, exports.
//
// [Jobs.Add] writes a job within the transaction of the change that asks for it, so that there is either both or neither.
// [Jobs.Handle] says what does jobs of a kind, [Jobs.Run] does them. [Jobs.List], [Jobs.Get],
// [Jobs.Cancel] and [Jobs.Again] are for people.
//
// # The way of a job
//
// The row in the database is the truth. A message in the outbox, written with it, is relayed to the broker; the broker hands it to a
// receiver of the job's kind, which takes the row, calls the handler, and writes how it ended. Messages may come late,
// twice or out of order: the row decides. A job is lost nowhere on this way:
//
//   - killed before the relay: the outbox is relayed at the next start;
//   - killed while the handler runs: the row says running; at the start it waits once more and is sent again;
//   - the broker lost its storage: jobs that wait while nothing comes are sent again;
//   - the database is away when the job ends: the end is written when it is back.
//
// A handler must therefore bear being run again from the start. A job whose handler took the program down [Attempts] times
// is given up, with that as its reason. The same job never runs twice at once: one process holds the database, and within
// it a job is claimed before it is taken.
//
// # Concurrency
//
// A Jobs is safe for concurrent use. Handle is called before Run. Handlers of one kind run in as many goroutines as
// [Kind] says.
//
// # When full or broken
//
// With the broker gone, jobs wait and [Jobs.State] says so; adding them goes on. With the database gone nothing begins, and what runs waits to
// write its end. A job that failed for something that was away (harbour.ErrUnavailable) is tried again after a pause.
package jobs
