// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"time"

	"breakwater/exchange/sbom"
)

// bill is the bill of materials of a built program, as the program itself shows it.
func bill(program, lock, version string, at time.Time) ([]byte, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	packages, err := os.ReadFile(lock)
	if err != nil {
		return nil, err
	}
	parts, err := sbom.Parts(info, packages)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = sbom.Write(&b, sbom.Program{Version: version, Go: info.GoVersion, At: at}, parts)
	return b.Bytes(), err
}
