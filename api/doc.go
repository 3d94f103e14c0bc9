// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package api is the face for programs: REST under /api/v1, described by an OpenAPI 3.1 document that is made from the
// types here. docs/api.md tells how to use it.
//
// [New] gives the handler of everything under [Prefix]. A request is authenticated first (by its token), then slowed
// down where it comes too often, then checked against the description, and only then reaches its handler, which calls
// one use case of package app and nothing below. Answers to reads carry an entity tag; changes name the version that
// they are based on. Errors are problem details (RFC 9457) made from [breakwater/harbour.Error] by its one table of
// kinds; the cause goes to the log and never into the answer.
//
// The committed openapi.json is what clients are built from: `go generate ./api` makes it, and a test in this package
// says when it differs from the code.
//
// # Concurrency
//
// The handler is safe for concurrent use. What a request leaves behind is its place in the bounded table of those that
// are counted for the rate.
//
// # When full or broken
//
// Bodies have a limit for each operation (413), lists a limit of rows, and each token a rate (429 with Retry-After).
// Where the table of rates is full, the one unseen for longest is forgotten. An answer that is longer than 4 MiB is sent
// without an entity tag. A database that does not answer is a 503 that says so.
package api

//go:generate go run ../internal/tools/openapi openapi.json
