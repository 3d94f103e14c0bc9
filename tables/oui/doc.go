// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package oui names the holder of a hardware address.
//
// The table is that of the IEEE Registration Authority: MA-L (24 bits), MA-M (28 bits), MA-S and IAB (36 bits), as public
// listings carried it on the date that [Date] gives; the IEEE asserts no copyright in the listing. It was made by
// internal/tools/ouigen from the Debian package ieee-data (2022-08-27) and the npm package oui-data 2.1.9 (2026-08-26),
// the newer winning. A newer list can be read with [Load].
//
// The longest assignment wins. Locally administered and multicast addresses have no holder. A lookup does not allocate;
// everything here is safe for concurrent use.
package oui
