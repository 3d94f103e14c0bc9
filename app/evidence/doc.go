// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package evidence is the use case of looking evidence up: what there is, its chain of custody and its problems, and the
// bytes themselves ([Evidence.Download]). Taking bytes out of the system needs the right to download, and is in the chain
// of custody and in the audit log before the first byte is handed over.
//
// # Concurrency
//
// An Evidence is safe for concurrent use. What it hands out belongs to one request and is closed by it.
package evidence
