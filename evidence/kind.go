// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"io"

	"breakwater/harbour"
)

// Kind reads one kind of evidence.
type Kind interface {
	// Kind names what it reads.
	Kind() harbour.EvidenceKind
	// Recognise judges from the first bytes (up to 64 KiB, decompression is the kind's own affair) whether it can read
	// the file. It looks at content, never at the name. "" means no; else it says what was recognised.
	Recognise(head []byte) string
	// Read writes everything that the source holds to the ledger. Damage inside the evidence is a problem of the ledger
	// and not an error; an error means that reading could not go on at all or was cancelled.
	Read(ctx context.Context, src *Source, l *Ledger) error
}

// HeadSize is how many bytes [Kind.Recognise] is given at most.
const HeadSize = 64 << 10

// Source is one file to read.
type Source struct {
	// Path as the user gave it, for messages.
	Path string
	// Size in bytes.
	Size int64
	// Reader delivers the bytes from the start, once.
	Reader io.Reader
	// ReaderAt delivers any part, for formats that need it (XLSX).
	ReaderAt io.ReaderAt
	// Memory is the number of bytes that the reader may hold at once.
	Memory int64
}
