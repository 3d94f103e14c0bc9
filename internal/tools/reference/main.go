// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Command reference writes the reference page of the settings from the types that hold them.
//
//	reference docs/configuration.md
package main

import (
	"log"
	"os"

	"breakwater/cmd/breakwater/config"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: reference PAGE")
	}
	if err := os.WriteFile(os.Args[1], config.Page(), 0o644); err != nil {
		log.Fatal(err)
	}
}
