// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package dissect holds one file per protocol and the frame that they share.
//
// # A protocol
//
// A protocol is a package-level [Protocol] value in a file of its own. The value says on which carriers the protocol
// occurs, how to judge whether some bytes are of it (Probe), how to cut a TCP stream into its messages (Frame), and how
// to read one message (Read). The generated registry collects all values, so a new protocol is one new file followed by
// go generate.
//
// # What a dissector may do
//
// Read gets a [Message] and the message's bytes. It reports identity facts with [Message.Attr], what was asked with
// [Message.Ask] and how that was answered with [Message.Answer], one-way acts with [Message.Do]. It keeps state between
// messages of one flow in [Message.State]. It does no I/O, keeps no globals, and must not retain the bytes.
//
// A port number is a hint and never proof. The engine calls Probe on the first payloads of both sides of a flow; only
// when both sides fit is the conversation confirmed. Until then everything reported is marked as likely.
//
// # Bounds
//
// Dissectors read through package wire, which never reads past the end. Loops over a message are bounded by the message,
// which is at most [MaxMessage] bytes. The engine fences each call with a recover that counts and rejects the flow.
//
// A Protocol is immutable and safe for concurrent use; a Message belongs to one goroutine.
package dissect

//go:generate go run breakwater/internal/tools/protocols .
