// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"

	"breakwater/view"
)

//go:embed style.css
var style string

// styleSheet gives the page's only style sheet. The boxes in the margins of printed pages cannot take text from the
// page in the browsers of today, so that it is written into the sheet.
func (s *survey) styleSheet() string {
	marking, title := s.marking(), s.title()
	var b strings.Builder
	b.WriteString(view.Tokens)
	b.WriteString(style)
	b.WriteString(s.zones.drawing.FocusRules())
	b.WriteString("@page {\n")
	box := func(name string, content string) {
		fmt.Fprintf(&b, "  @%s { content: %s; }\n", name, content)
	}
	box("top-left", cssString(title))
	box("bottom-left", cssString(view.Instant(s.a.Summary.GeneratedAt)))
	box("bottom-right", `"Page " counter(page) " of " counter(pages)`)
	if marking != "" {
		box("top-right", cssString(marking))
		box("bottom-center", cssString(marking))
	}
	b.WriteString("}\n")
	return b.String()
}

// policy forbids everything but the one style sheet, by its hash.
func policy(sheet string) string {
	sum := sha256.Sum256([]byte(sheet))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

// cssString writes text as a CSS string in which nothing but letters and digits stands for itself; text from a port
// file can therefore not leave the string, nor the style element. A space is escaped too, because one that follows an
// escape would be taken as its end.
func cssString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "\\%06x", r)
	}
	b.WriteByte('"')
	return b.String()
}

// marking is the classification, "" where the port file gives none.
func (s *survey) marking() string {
	m := s.a.Summary.Marking
	if m == "" && s.a.Port != nil {
		m = s.a.Port.Marking
	}
	return view.Plain(strings.TrimSpace(m), 80)
}

// port is the name of the port, "" where nobody gave it.
func (s *survey) port() string {
	p := s.a.Summary.Port
	if p == "" && s.a.Port != nil {
		p = s.a.Port.Name
	}
	return view.Plain(strings.TrimSpace(p), 120)
}

func (s *survey) title() string {
	if p := s.port(); p != "" {
		return p + " – security assessment"
	}
	return "Security assessment"
}
