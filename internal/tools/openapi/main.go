// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Command openapi writes the OpenAPI document of package api to the file that is named. Run it by go generate ./api.
package main

import (
	"fmt"
	"os"

	"breakwater/api"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "use: openapi FILE")
		os.Exit(2)
	}
	b, err := api.Document()
	if err == nil {
		err = os.WriteFile(os.Args[1], b, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
