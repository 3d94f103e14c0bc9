// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"bytes"
	"runtime"
	"runtime/debug"

	"breakwater/app"
	"breakwater/app/health"
	"breakwater/exchange/sbom"
	"breakwater/harbour"
	"breakwater/web/browser"
	"breakwater/web/shell"
)

func (p *pages) registerAbout(s *shell.Shell) {
	s.In("GET settings/about", p.about)
	s.In("GET settings/about/sbom.json", p.ownSBOM)
}

// mayAbout says who sees what the program is made of: those who see the overview. Versions help an attacker, too.
func mayAbout(r *shell.Request) error {
	_, err := r.By.Scope(app.ReadOverview, r.Org.ID)
	return err
}

// build is what the program says of itself.
type build struct {
	Version, Go, System string
	Revision, At        string
	Changed             bool // built from a tree with changes that were not committed
}

func buildOf(version string, info *debug.BuildInfo) build {
	b := build{Version: version, Go: runtime.Version(), System: runtime.GOOS + " on " + runtime.GOARCH}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.At = s.Value
		case "vcs.modified":
			b.Changed = s.Value == "true"
		}
	}
	return b
}

func buildInfo() (*debug.BuildInfo, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil, &harbour.Error{Kind: harbour.ErrNotFound, Op: "list parts", Message: "the program was built without what it is made of", Hint: "build it in module mode"}
	}
	return info, nil
}

func (p *pages) about(r *shell.Request) error {
	if err := mayAbout(r); err != nil {
		return err
	}
	info, err := buildInfo()
	if err != nil {
		return err
	}
	parts, err := sbom.Parts(info, browser.Lock)
	if err != nil {
		return err
	}
	var state *health.State
	if p.Health != nil && r.May(app.ReadAudit) {
		s := p.Health(r.Context())
		state = &s
	}
	return p.show(r, "about", shell.Page{Title: "About", Lead: "Version, health, and what the program is made of", Body: aboutPage(r, buildOf(r.Core().Version, info), state, parts)})
}

func (p *pages) ownSBOM(r *shell.Request) error {
	if err := mayAbout(r); err != nil {
		return err
	}
	info, err := buildInfo()
	if err != nil {
		return err
	}
	parts, err := sbom.Parts(info, browser.Lock)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := sbom.Write(&b, sbom.Program{Version: r.Core().Version, Go: runtime.Version(), At: r.Now().Time()}, parts); err != nil {
		return err
	}
	return download(r, "breakwater.cdx.json", "application/vnd.cyclonedx+json; version=1.6", b.Bytes())
}
