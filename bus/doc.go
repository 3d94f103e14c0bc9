// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package bus carries messages durably between parts of Breakwater: NATS JetStream, embedded in the process or an
// external server or cluster by URL, through the same code and the same test suite.
//
// [Open] gives a [Bus]. [Bus.Publish] returns when the broker has the message on disk; [Bus.PublishBatch] does so for many
// small events packed into few messages ([breakwater/bus/pack]). [Bus.Consume] hands messages to a handler until its
// context ends, and takes each off the stream when the handler returned nil. The bus is transport: what must be true
// is in the database.
//
// # What is promised
//
// A message that Publish acknowledged is delivered at least once, also after kill -9 of the process or the broker. It
// may be delivered more than once, and out of order. Publishing the same id again within [Options.Window] stores
// nothing; beyond that receivers tell by the id, or by (source, segment, sequence) of an event, what they have had.
//
// The embedded server syncs before it acknowledges, listens on no port, and its folder belongs to one process at a
// time. An external server must be told to sync (sync_interval: always); docs/bus.md has its configuration. In a cluster
// each message is kept three times.
//
// # Concurrency
//
// A Bus is safe for concurrent use. A handler runs in up to Consumer.Workers goroutines at once. Close waits for handlers and
// must not be called by one.
//
// # When full or broken
//
// A stream is bounded in bytes. When it is full, or the disk of the embedded server comes near its reserve, Publish
// refuses with harbour.ErrFull and loses nothing that is there. While the broker is gone, Publish waits for
// [Options.Patience] and then says harbour.ErrUnavailable; Consume waits and goes on by itself. A message that its handler
// refuses for good, or too often, is put aside ([Bus.Aside]) and counted; it can be put back. [Bus.State] tells all of it.
package bus
