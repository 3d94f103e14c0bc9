// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package inventory turns observations into assets, and says what is wrong at first sight.
//
// [Build] takes the ledgers of all evidence and the port file and gives an [Inventory]: assets with the provenance of
// every attribute, conversations and operations between them, zones, and findings.
//
// # Identity
//
// Endpoints are joined by strong keys: a declared serial number, a MAC, an address in its VLAN, a declared name. A MAC
// vouches for an address only where ARP, DHCP or neighbour discovery says so, or where nothing shows that a router
// stands between: a router's MAC never lends its vendor to the hosts behind it. Where two MACs hold one address, they
// stay two assets. Decisions by hand in the port file win. An id derives from the first strong key in canonical order.
//
// # Inference
//
// Kind, Purdue level and domain come from votes, each with a reason and a weight; what a person declared wins.
//
// Everything here is a pure function of its input. The result depends neither on the order of the ledgers nor on the
// number of processors. An Inventory is read-only and safe for concurrent readers.
package inventory
