// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"

	"breakwater/app"
	"breakwater/web/browser"
	"breakwater/web/shell"
)

// Waiting answers while the installation cannot be opened, at every address: what why says is the matter, and what to do. Of the
// core the log and the clock are used.
//
// Errors: where the embedded bundle is damaged.
func Waiting(core *app.Core, secure bool, why func() error) (http.Handler, error) {
	files, err := browser.Open()
	if err != nil {
		return nil, err
	}
	return shell.New(shell.Options{Core: core, Files: files, Secure: secure, Closed: why}), nil
}
