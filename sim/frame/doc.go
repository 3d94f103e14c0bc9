// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package frame encodes the packets of the reference port: Ethernet, IPv4, TCP and UDP with correct lengths and
// checksums, and the messages of the protocols that the port speaks.
//
// It shares no code with the readers under evidence, so that a mistake made there is not made here too. Every function
// is pure: the same arguments give the same bytes. All of them may be called concurrently. Arguments are the
// simulator's own and are not checked; a message too long for its length field is a fault of the caller.
package frame
