// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package outlets is the use case of what leaves the house by itself: events go to programs as signed webhooks, to log
// servers as syslog (RFC 5424), and to people by e-mail. docs/api.md describes them for those who receive.
//
// Those who may manage webhooks add outlets with [Outlets.Add]; [Outlets.Run] does the rest until its context ends.
// Events are made from the audit log ([Outlets.Follow]): what is on disk there becomes a delivery for each outlet that
// asks for it, in one transaction with the number of the entry that was read last. So a stop of the program, at any
// moment, loses no event and makes none twice. An event may reach its receiver more than once, always with the same id.
//
// # What an outlet may reach
//
// Addresses are judged when the connection is made, after names were resolved: loopback, link-local, private and other
// ranges that are not of the public internet are refused unless the administrator of the installation allows a prefix
// ([Outlets.Allow]). Without TLS nothing is sent but to such a prefix. Redirects are not followed, proxies of the
// environment not used, and nothing of an answer is shown but its status.
//
// # Concurrency
//
// An Outlets is safe for concurrent use. Run is called once. Each outlet is served by one goroutine at a time, at most
// sixteen at once, so that a slow receiver holds up nobody else.
//
// # When full or broken
//
// What fails is tried again after 5 seconds, 30 seconds, 2 minutes and so on up to 8 hours. After three days of failures
// an outlet is disabled with a reason, after a week what waits is given up; both show. For one outlet at most
// [store.MaxDeliveries] wait; what comes then is counted and not kept. A generation gives at most [MaxFindingEvents]
// events of each kind, the worst findings first; generation.published says how many there are.
package outlets
