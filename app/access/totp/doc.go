// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package totp makes and checks one-time codes from a secret and the time, as RFC 6238 has them: six digits, HMAC-SHA-1,
// steps of 30 seconds, which is what every authenticator program understands.
//
// [Check] accepts the step before and the one after, for clocks that are not quite right, and says which step a code was
// of. The caller keeps that number and accepts no code of it or of an earlier one again.
//
// # Concurrency
//
// All functions are safe for concurrent use. Nothing is kept.
package totp
