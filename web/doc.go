// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package web is the face for people: pages, made on the server, that work without script and better with it.
//
// [New] puts the pages together and returns one handler. The parts:
//
//	web/shell     what every page stands in: who asks, headers, errors, layout, messages, small shared parts
//	web/page/…    one package for each subject: its addresses, its pages (templ), its tests
//	web/browser   style sheets, scripts, icons, and the bundle made of them
//
// # Adding a page
//
//  1. Make a package below web/page, named for its subject. Its New takes the use cases that it shows and returns a
//     [shell.Pack]: entries of the rail (with the action that a person needs to see them), a finder for the search, and
//     Register, which adds the routes: s.In("GET things/{id}", h) answers at /o/ORGANISATION/things/ID, for people who
//     have a role in that organisation.
//  2. Add one line to packs in pages.go, and what New takes to [Options].
//  3. A handler is func(*shell.Request) error. It calls the use case with r.By and r.Org.ID and returns its error as it
//     is: the shell makes the page of it. It answers with r.Page, with r.Part where r.Partial("id") asks for one element,
//     or, after a change, with r.Done(to, shell.OK("Said."))). Changes are POST forms that lead to a page; there is no other way to change anything.
//     A POST whose error people can mend (ErrInvalid, ErrConflict) brings the page back that the form stands on, filled in as it
//     was, with the error beside the field that [harbour.Error] names; r.Again says which page, where no address leads to it.
//  4. Markup: h1 and the way to the page come from the shell; below it sections with class card, tables with class list
//     (cells with data-label, for phones), shell.Empty for a list with nothing in it, shell.When for instants,
//     view.Plain for text from evidence. Filters live in the query, so that an address says what is shown. Neither style
//     attribute nor script: the headers forbid both. Classes are in web/browser/css; islands in web/browser/src.
//  5. `go generate ./...` makes the Go files of the templ files; both are committed.
//  6. Tests: add the routes to the table in access_test.go, which asks each of them as nobody, in every role and from another
//     organisation; test what the page does with webtest; look at it in a browser, in light and dark, wide and narrow.
//
// # Concurrency
//
// The handler is safe for concurrent use.
//
// # When something is missing
//
// Without the bundle of scripts pages are plain and work. A database that does not answer is said on the page, with
// status 503. But for recovery codes on their way to the page that shows them, nothing is kept in memory between requests.
package web
