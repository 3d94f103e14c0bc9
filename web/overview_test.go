// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"testing"

	"breakwater/web/webtest"
)

// TestOverviewNamesSilentRules wants an organisation without port file to be told what was not looked for.
func TestOverviewNamesSilentRules(t *testing.T) {
	h := webtest.New(t, 10)
	c := h.As("chief-security-officer")
	c.Get("/o/skerry/").Want(http.StatusOK).Lacks("What was not looked for")
	h.Give(webtest.Skerry, "quay.pcap", webtest.Capture(3))
	h.Work()
	c.Get("/o/skerry/").Want(http.StatusOK).Sound().Says("What was not looked for", "rules did not run", "Operational technology reached from outside its zone",
		"No zones are declared. What would let it run: a port file with zones and conduits.", "Engineering operation without approval")
	h.Give(webtest.Skerry, "port.yaml", "name: Skerry\nzones:\n  - {id: a, name: A, prefixes: [10.0.0.0/8]}\nassets:\n  - {name: plc-1, ips: [10.0.0.9]}\n")
	h.Work()
	c.Get("/o/skerry/").Want(http.StatusOK).Sound().Lacks("What was not looked for", "did not run")
}
