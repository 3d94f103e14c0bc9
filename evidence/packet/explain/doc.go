// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package explain takes one frame apart for a person who looks at it: layers, fields with their values, and which bytes
// each of them is.
//
// [Frame] knows link layers, tags, ARP, IP with its extension headers, TCP, UDP and ICMP. Above that it names the
// protocol whose first bytes fit best, and shows how the message starts. It looks at one frame alone: what a stream is,
// and what was confirmed by both sides, package packet finds out; a name here is what the bytes and ports suggest.
//
// Passwords and other secrets that cross the network in clear are never in a field's value. [Explanation.Secrets] says
// which bytes hold them, so that they can be masked in a dump. A secret that is split between two frames is recognised in
// neither.
//
// Frames are untrusted: nothing here panics or allocates more than a small multiple of the frame. Functions keep no
// state and may be used by many goroutines.
package explain
