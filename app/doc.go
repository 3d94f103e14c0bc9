// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package app holds what every use case shares: who acts ([Actor]), what can be done ([Action]), and the parts that a
// running system is put together from ([Core]).
//
// Each capability is a package below this one. Its functions take an Actor and the organisation, ask the actor for the
// scope of the action, and do nothing without it; so a use case cannot reach rows that its caller may not see. Actors
// are made by package access alone, from a session, a token or the command line.
//
// # Concurrency
//
// A Core and what is made of it are safe for concurrent use. An Actor belongs to one request.
package app
