// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package mix makes the capture that the benchmark reads: the traffic of a port's networks with the shares of [Shares],
// by number of packets, as real protocol bytes with correct lengths and checksums.
//
// Call [Write] with a destination and [Options]. At any time several conversations of each protocol are under way; the
// protocol that is furthest behind its share speaks next, so the shares hold in every stretch of the capture and not
// only at its end. Hosts, and with them flows, grow with the number of packets. The same options give the same bytes.
// A call shares nothing with others and holds only the conversations that are under way.
package mix
