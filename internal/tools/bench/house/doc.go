// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package house measures a server as people feel it: a database that holds a large port, the real program before it, and
// users who ask for pages and lists without a pause.
//
// [Fill] writes the port through the store's own staged import. Every value follows from the seed and the number of the
// object, so the same size gives the same port on both engines. [Start] runs the program, [Walk] the users.
package house
