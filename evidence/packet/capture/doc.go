// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package capture reads capture files: pcap with all four magics, pcapng in both byte orders, and gzip or zstd around
// either. The format is recognised by content.
//
// [Open] returns a [Reader]; [Reader.Next] fills a [Frame] whose bytes are valid until the next call. Frames are
// numbered from 1 as other tools number them.
//
// Damage costs the damaged part alone. A record whose header cannot be right is reported as a problem, and the reader
// looks for the next place at which a chain of plausible records starts. Memory is one window of fixed size; a length
// field can never make it grow.
//
// A Reader belongs to one goroutine.
package capture
