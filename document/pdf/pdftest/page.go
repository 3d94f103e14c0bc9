// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdftest

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// PageText gives what a page says with all of it unfolded, as a PDF of it is to say: the contents stand behind the cover,
// and what surrounds a page on a screen, or is meant for printing from there, is left out. Elements are parted by spaces.
func PageText(page []byte) (string, error) {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return "", err
	}
	var contents, text strings.Builder
	var walk func(n *html.Node, b *strings.Builder)
	walk = func(n *html.Node, b *strings.Builder) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		var classes []string
		for _, a := range n.Attr {
			if a.Key == "class" {
				classes = strings.Fields(a.Val)
			}
		}
		switch {
		case n.Type != html.ElementNode:
		case slices.Contains([]string{"head", "style", "title", "desc"}, n.Data):
			return
		case slices.ContainsFunc(classes, func(c string) bool { return c == "skip" || c == "marking" || c == "brand" || c == "paper" }):
			return
		case n.Data == "nav":
			b = &contents
		}
		for k := n.FirstChild; k != nil; k = k.NextSibling {
			walk(k, b)
		}
		if slices.Contains(classes, "cover") {
			b.WriteString(contents.String())
		}
	}
	walk(doc, &text)
	return text.String(), nil
}

// Bare leaves out white space: where lines end is not what a text says.
func Bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// Difference shows where two texts first differ, "" where they do not.
func Difference(got, want string) string {
	if got == want {
		return ""
	}
	n := 0
	for n < min(len(got), len(want)) && got[n] == want[n] {
		n++
	}
	around := func(s string) string { return strings.ToValidUTF8(s[max(0, min(n, len(s))-60):min(len(s), n+60)], "") }
	return "got  …" + around(got) + "…\nwant …" + around(want) + "…"
}
