// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package access alone decides who may do what. It holds the table of roles ([Roles]) and turns what somebody proves (a
// password, a passkey, a code, a token) into an [breakwater/app.Actor] with the grants that the database has for them.
//
// Nothing here is kept between calls but what the database holds; values of this package are safe for concurrent use.
package access
