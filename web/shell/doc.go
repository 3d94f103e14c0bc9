// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package shell is what every page stands in: routes, who asks, security headers, errors as pages, the layout, messages
// with undo, and the small parts that pages share.
//
// # Use
//
// A [Shell] is made once. Packages below web/page register their routes in it with one of three methods: [Shell.Open]
// for what people see before they sign in, [Shell.Signed] for what needs a person, and [Shell.In] for what belongs to an
// organisation; its pattern starts with {org}, and only those who have a role there get that far. A handler takes a
// [Request] and returns an error; the shell shows it, by the one table from kind to status. What a handler writes goes
// through [Request.Page], [Request.Part] (for partial updates) or [Request.Done] (a redirect after a change, with a message that
// can offer to take it back).
//
// # What pages may rely on
//
// State-changing requests from other sites are refused before a handler sees them. Bodies are limited. Answers to signed-in people are not
// kept by caches. Styles and scripts come from this server alone and never from the page itself: no style attribute, no
// script element, no event attribute.
//
// # Concurrency
//
// A Shell is safe for concurrent use once its routes are registered. A Request belongs to one request.
package shell
