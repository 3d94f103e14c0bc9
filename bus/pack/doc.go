// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package pack puts many small events into one message of the broker, so that one write to disk makes many events
// durable. The format is in docs/formats/pack.md.
//
// A [Batch] names where its events come from: the source (a sensor), the segment of its stream, and the sequence number
// of the first event. So every event has an identity of its own, (source, segment, sequence), by which a receiver knows
// what it has had. [Split] cuts a batch to the bounds of a message, [Codec.Encode] packs a piece, [Codec.Decode]
// takes it apart.
//
// # Concurrency
//
// A Codec is safe for concurrent use.
//
// # When damaged
//
// Decode takes any bytes, never allocates more than [MaxBody] for them and refuses what is not exactly one batch, with
// harbour.ErrUnreadable.
package pack
