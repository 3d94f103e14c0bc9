// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"breakwater/app/health"
	"breakwater/web/webtest"
)

// TestAbout shows what the program is, how it does, and what it is made of.
func TestAbout(t *testing.T) {
	h := webtest.New(t, 0)
	h.Options.Health = func(context.Context) health.State {
		return health.State{Parts: []health.Part{{Name: "disk", Message: "Nearly <full>", Hint: "free space"}, {Name: "audit", OK: true}}, Disk: health.Disk{Free: 5 << 30, Reserve: 1 << 30, PerDay: 1 << 30, Days: 4}}
	}
	h.Open()
	at := "/o/skerry/settings/about"
	h.As("administrator").Get(at).Want(200).Sound().Says("Version test", "go1.", "4 days", "Nearly <full>", "does not do", "htmx.org", "0BSD")
	h.As("board-reader").Get(at).Want(200).Sound().Says("htmx.org").Lacks("does not do")
	a := h.As("auditor").Get(at + "/sbom.json").Want(200)
	var b cdx.BOM
	if err := cdx.NewBOMDecoder(strings.NewReader(a.Body), cdx.BOMFileFormatJSON).Decode(&b); err != nil || b.Components == nil || len(*b.Components) < 5 {
		t.Fatalf("the bill of materials: %v, %.200s", err, a.Body)
	}
	if b.Metadata.Component.Version != "test" || !strings.Contains(a.Header.Get("Content-Disposition"), "breakwater.cdx.json") {
		t.Errorf("it is of %+v", b.Metadata.Component)
	}
}
