// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package packet reads network captures: who is there, who talks to whom by which protocol, what was done.
//
// A capture passes through four steps, each a package of its own: capture finds the frames, decode takes them apart,
// flow keeps who talks to whom and puts streams in order, dissect reads the protocols. The engine in this package ties
// them together and writes to the ledger.
//
// A protocol is recognised by content. Each side of a flow is judged by its first payloads: one side that fits makes the
// conversation likely, both make it confirmed, and after eight payloads without a fit it is not inspected any further.
// Ports only order the candidates and settle what is ambiguous.
//
// Memory is divided from [evidence.Source].Memory: the flow table, the streams and the ledger each have a share and a
// policy for when it is used up; the counters of the evidence's record say if that happened. One capture is read by one
// goroutine; several captures can be read at once, each with a [Kind] value of its own or the same one.
package packet
