// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package authority gives the pages a certificate from the first start on: one that the operator put in place, or one
// of a local authority that it makes itself.
//
// [Open] takes either. [Authority.TLSConfig] is for the server. [Authority.Check] is called by the clock, about once a
// minute: it renews the own certificate in time and takes up a pair that the operator has replaced, without a restart.
//
// # The local authority
//
// It is an ECDSA P-256 key in the data folder, made at the first start, that signs the server's certificate and nothing
// else: by its name constraints browsers believe it about names of the port's own domain, about private addresses and
// about the machine's own public ones alone. People install the certificate ([Authority.CA]) in their browsers once, after they
// have compared its fingerprint. Server certificates last 90 days and are renewed 30 days before their end,
// or when the machine gets another name or address.
//
// # What goes wrong
//
// A key that others on the machine may read is put right where it is the program's own, and refused where it is the
// operator's. A damaged server certificate of its own is made anew. A damaged or missing key of the authority is an
// error that names the file: making another one would make every installed one worthless, and that is for people to
// decide. A replacement that is damaged, or half copied, is not taken up: the pair before goes on being served, and
// [Status].Problem says why.
//
// # Concurrency
//
// An Authority is safe for concurrent use. One process at a time may use a folder.
package authority
