// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Command reference writes reference pages from the types and lists that they describe.
//
//	reference configuration docs/configuration.md
//	reference metrics docs/metrics.md
package main

import (
	"log"
	"os"

	"breakwater/cmd/breakwater/config"
	"breakwater/cmd/breakwater/metrics"
)

func main() {
	log.SetFlags(0)
	pages := map[string]func() []byte{"configuration": config.Page, "metrics": metrics.Page}
	if len(os.Args) != 3 || pages[os.Args[1]] == nil {
		log.Fatal("usage: reference configuration|metrics PAGE")
	}
	if err := os.WriteFile(os.Args[2], pages[os.Args[1]](), 0o644); err != nil {
		log.Fatal(err)
	}
}
