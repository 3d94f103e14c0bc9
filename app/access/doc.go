// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package access alone decides who may do what. It holds the table of roles ([Roles]) and turns what somebody proves (a
// password, a passkey, a code, a token) into an [breakwater/app.Actor] with the grants that the database has for them.
//
// # Use by a face
//
// Pages and REST keep two cookies and pass what they hold. Both are HttpOnly, Secure (but for plain HTTP on loopback),
// SameSite=Lax and Path=/; over TLS that of the session is named with the prefix __Host-. Values are opaque.
//
//   - the session: [SignedIn.Cookie], without Max-Age, so that it goes with the browser; the server ends it in time;
//   - the device: [SignedIn.Device] where it is not "", with Max-Age [DeviceFor]. It is kept when the person signs out.
//
// Requests that change something are guarded against forgery by net/http's CrossOriginProtection in package web, and a
// GET changes nothing. Each request begins with
//
//	r := access.RequestInfo{Address: client, Agent: req.UserAgent(), Request: id, Device: deviceCookie, Quiet: poll}
//	actor, err := u.Authenticate(ctx, sessionCookieOrBearerToken, r)
//
// An error of kind unauthenticated leads to the sign-in page, or to the first set-up where [Access.NeedsSetUp] says so.
// Signing in is a few posts:
//
//	in, err := u.SignIn(ctx, login, password, r)
//	if in.Next == nil { set in.Cookie and in.Device, then redirect to a path of one's own }
//	else { show a page that asks for one of in.Next.Kinds, with in.Next.Token in a hidden field }
//
// A new session has a new value each time, so nothing carries over from before the sign-in. Where a use case answers
// with an error of kind step_up, ask for a password, a code or a passkey, call [Access.Prove], [Access.ProveCode] or
// [Access.FinishPasskeyProof], and repeat the request
// with an actor that was authenticated after it.
//
// # What is promised
//
//   - Answers to a wrong sign-in are the same in words, in work and in the audit log, whether the name is known or not.
//   - Roles, suspension and revocation are read with each request: they take effect with the next one.
//   - Nothing that a secret could be made of is kept or logged: digests and hashes alone, and no name as it was typed,
//     since people type passwords into the wrong field.
//   - Nobody is locked out for good: see package throttle.
//
// # When full or broken
//
// What is half done (a sign-in that waits for its second factor) is held in memory, bounded, for minutes; after a restart
// people begin again. A person has at most 50 sessions and 20 remembered devices; the oldest make room. Of failures,
// 60 at once and one a second after that have entries of their own in the audit log; the others are counted in
// the next entry and stand in the program's log. A full disk prolongs no session and lets nobody in, but ends no session
// before its time.
//
// # Concurrency
//
// An [Access] is safe for concurrent use.
//
//go:generate go test -run ^TestRolesTable$ -update .
package access
