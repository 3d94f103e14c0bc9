// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package throttle slows down those who guess, without locking out those who are being guessed at.
//
// # Signing in
//
// [Guard] counts failed attempts three times: by account, by address, and by device (a cookie that a browser got when
// this account last signed in on it). [Policy.Delay] says how long the next attempt has to wait: nothing for the first
// few, then twice as long each time up to a limit. It is a pure function of the count, so that the table of waits can
// be shown to the people it concerns.
//
// Nobody is locked out for good, because a lock is a weapon: whoever knows the name of the chief security officer
// could keep that officer out on the one day it matters. Instead:
//
//   - An attempt from a device on which the account has signed in before does not wait for what strangers did to the
//     account, nor for what others did from the same address. It has its own count, so a stolen device cannot guess
//     freely either.
//   - From anywhere else the account's wait grows to at most [Accounts].Max. At that pace a guesser has 24 attempts a
//     day, far from finding a password that passed the checks of package password.
//   - Passkeys and the break-glass login are not guessed; the caller need not ask the Guard for a passkey, and asks for
//     break-glass under an account name of its own.
//
// SP 800-63B asks for at most 100 failures in a row before an authenticator is disabled, known devices aside. The
// Guard reports when an account passes [Alarm] failures so that people hear of it and can set another password; it
// does not disable anything by itself, for the reason above.
//
// Attempts are counted when they begin, and taken back when they succeed. So a thousand attempts at once are a
// thousand attempts, not one.
//
// # Everything else
//
// [Limiter] holds each caller (token, person, address) to a rate, with x/time/rate.
//
// # When full
//
// Both hold a bounded number of keys. When full, the key whose loss matters least among a few looked at makes room: the
// one with the fewest failures, or the fullest bucket. So a flood of invented names pushes out other invented names
// first. How often this happened is counted by Evicted. State is in memory and gone after a restart.
//
// # Concurrency
//
// A Guard and a Limiter are safe for concurrent use. The clock is handed in with each call.
package throttle
