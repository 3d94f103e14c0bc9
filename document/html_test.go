// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"context"
	"os"
	"testing"

	"breakwater/harbour"
)

// render writes the page of a.
func render(t testing.TB, a *harbour.Assessment) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(context.Background(), &b, a); err != nil {
		t.Fatalf("HTML: %v", err)
	}
	return b.Bytes()
}

// TestKeep writes the example page where KEEP_PAGE names a file, to look at.
func TestKeep(t *testing.T) {
	name := os.Getenv("KEEP_PAGE")
	if name == "" {
		t.Skip("KEEP_PAGE not set")
	}
	if err := os.WriteFile(name, render(t, examplePort(240)), 0o600); err != nil {
		t.Fatal(err)
	}
}
