// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

// page is a document that needs no sign-in: it says the same of every installation.
type page struct {
	kind string
	body []byte
}

// pagePolicy lets the pages load their own style sheet and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (s *server) reference() (map[string]page, error) {
	return map[string]page{
		Prefix + "openapi.json": {"application/vnd.oai.openapi+json;version=3.1", s.spec},
	}, nil
}
