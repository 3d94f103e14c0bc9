// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"breakwater/harbour"
)

// mixedPort has what a running system has: findings in the order of their severity and id alone, one rule with two
// severities, two rules that read the same, and some that are settled.
func mixedPort() *harbour.Assessment {
	a := examplePort(240)
	status := []harbour.FindingStatus{harbour.FindingOpen, harbour.FindingOpen, harbour.FindingAccepted, "", harbour.FindingResolved, harbour.FindingOpen, harbour.FindingFalsePositive}
	severities := []harbour.Severity{harbour.SeverityHigh, harbour.SeverityMedium, harbour.SeverityMedium}
	for i := range a.Findings {
		f := &a.Findings[i]
		f.Status = status[i%len(status)]
		f.ID = "f-" + strconv.Itoa(i*7919%1000) // as hashes do, the ids mix the rules
		switch f.Rule {
		case "undeclared_asset", "cleartext_credential":
			f.Rule, f.Severity = "undeclared-asset", severities[i%3]
		case "zone_bypass":
			f.Rule = "site/obsolete_tls"
		}
	}
	a.Settlements = map[string]harbour.Settlement{}
	for i := range a.Findings {
		f := &a.Findings[i]
		d := harbour.Settlement{Status: f.Status, By: "Ines Falk", At: after(8 * 86400), Reason: "the controller is replaced in the yard's spring stop"}
		switch f.Status {
		case harbour.FindingAccepted:
			d.Until = after(130*86400 - 5*3600)
		case harbour.FindingResolved:
			d.By, d.Reason = "Tomé <Reis>", ""
		}
		a.Settlements[f.ID] = d
	}
	slices.SortFunc(a.Findings, func(a, b harbour.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), strings.Compare(a.ID, b.ID))
	})
	return a
}

// headed is a severity as the section of findings has it.
type headed struct {
	note           string
	entries, open_ int
}

// readFindings reads the figures of the contents, and the section that they lead to.
func readFindings(t *testing.T, page []byte) (contents map[string]string, section map[string]*headed, headings []string) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	contents, section = map[string]string{}, map[string]*headed{}
	var now *headed
	for n := range root.Descendants() {
		id, class := attr(n, "id"), attr(n, "class")
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "a" && strings.HasPrefix(attr(n, "href"), "#severity-"), n.Data == "a" && attr(n, "href") == "#findings" && n.Parent != nil && attr(n.Parent, "class") == "contents":
			for k := range n.Descendants() {
				if attr(k, "class") == "n" {
					contents[attr(n, "href")[1:]] = words(k)
				}
			}
		case n.Data == "h3" && strings.HasPrefix(id, "severity-"):
			if section[id] != nil {
				t.Errorf("%s is headed twice", id)
			}
			now = &headed{note: words(n)}
			section[id] = now
		case n.Data == "section" && id != "findings":
			now = nil
		case n.Data == "h4" && now != nil:
			headings = append(headings, words(n))
		case n.Data == "details" && class == "row finding" && now != nil:
			now.entries++
			settled := false
			for k := range n.Descendants() {
				settled = settled || k.Data == "span" && attr(k, "class") == "tag" && k.Parent.Data == "summary"
			}
			if !settled {
				now.open_++
			}
		}
	}
	return contents, section, headings
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func words(n *html.Node) string {
	var b strings.Builder
	for k := range n.Descendants() {
		if k.Type == html.TextNode {
			b.WriteString(k.Data + " ")
		}
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "\u202f", "")), " ")
}

// The contents count what the section lists, settled findings too, and the heading says how many of them are open.
func TestContentsAgreeWithSections(t *testing.T) {
	for name, a := range map[string]*harbour.Assessment{"port": examplePort(240), "mixed": mixedPort()} {
		t.Run(name, func(t *testing.T) {
			contents, section, _ := readFindings(t, render(t, a))
			if len(section) < 4 || len(contents) != len(section)+1 {
				t.Fatalf("contents %v, %d severities headed", contents, len(section))
			}
			if got, want := contents["findings"], strconv.Itoa(len(a.Findings)); got != want {
				t.Errorf("the contents count %s findings, want %s", got, want)
			}
			settled := 0
			for id, h := range section {
				if got, want := contents[id], strconv.Itoa(h.entries); got != want {
					t.Errorf("%s: the contents count %s, the section has %s", id, got, want)
				}
				if want := " " + strconv.Itoa(h.entries) + " · "; !strings.Contains(h.note, want) {
					t.Errorf("the heading %q does not say%s", h.note, want)
				}
				says := strings.Contains(h.note, " open")
				if says != (h.open_ < h.entries) || says && !strings.Contains(h.note, " · "+strconv.Itoa(h.open_)+" open, ") {
					t.Errorf("the heading %q stands over %d open of %d", h.note, h.open_, h.entries)
				}
				settled += h.entries - h.open_
			}
			if settled == 0 {
				t.Error("no finding is settled, so that nothing was tried")
			}
		})
	}
	// A severity that the caps leave out is counted and leads nowhere.
	a := aboveCaps()
	a.Findings[len(a.Findings)-1].Severity = harbour.SeverityInfo
	page := render(t, a)
	contents, section, _ := readFindings(t, page)
	if contents["findings"] != "1050" || contents["severity-low"] != "1049" || !strings.Contains(section["severity-low"].note, " 1049, of which 1000 are shown · ") || len(section) != 1 {
		t.Errorf("contents %v, section %+v", contents, section["severity-low"])
	}
	if strings.Contains(string(page), `"#severity-info"`) {
		t.Error("a link leads to a severity that is not shown")
	}
}

// No two groups have the same heading, whatever order the source has, and a rule is headed once in each severity.
func TestHeadingsAreUnique(t *testing.T) {
	for name, a := range map[string]*harbour.Assessment{"port": examplePort(240), "mixed": mixedPort()} {
		t.Run(name, func(t *testing.T) {
			was := slices.Clone(a.Findings)
			_, _, headings := readFindings(t, render(t, a))
			seen := map[string]bool{}
			for _, h := range headings {
				if seen[h] {
					t.Errorf("%q is headed twice", h)
				}
				seen[h] = true
			}
			if !slices.EqualFunc(was, a.Findings, func(a, b harbour.Finding) bool { return a.ID == b.ID }) {
				t.Error("the caller's findings were put in another order")
			}
			want := []string{"Undeclared asset", "Obsolete TLS"} // each once: nothing to tell apart
			if name == "mixed" {
				want = []string{"Undeclared asset, high", "Undeclared asset, medium", "Obsolete TLS (obsolete_tls)", "Obsolete TLS (site/obsolete_tls)"}
			}
			for _, w := range want {
				if !seen[w] {
					t.Errorf("no heading %q in %q", w, headings)
				}
			}
		})
	}
}

// Page and PDF say of each settled finding who decided it, when, until when and why, and of an open one nothing.
func TestSettlements(t *testing.T) {
	a := mixedPort()
	page, _, root := paper(t, a)
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string]string{}
	for n := range doc.Descendants() {
		if n.Data == "details" && attr(n, "class") == "row finding" {
			for k := range n.Descendants() {
				if id, ok := strings.CutPrefix(attr(k, "id"), "finding-"); ok {
					entries[id] = words(n)
				}
			}
		}
	}
	want := map[harbour.FindingStatus]string{
		harbour.FindingAccepted:      "Accepted by Ines Falk , 2026-11-24 05:00:12 UTC, until 2027-03-26 Why the controller is replaced in the yard's spring stop About",
		harbour.FindingResolved:      "Resolved by Tomé <Reis> , 2026-11-24 05:00:12 UTC Why no reason was given About",
		harbour.FindingFalsePositive: "False positive by Ines Falk , 2026-11-24 05:00:12 UTC Why the controller",
	}
	tried := map[harbour.FindingStatus]int{}
	for i := range a.Findings {
		f := &a.Findings[i]
		tried[f.Status]++
		e := entries[f.ID]
		if w := want[f.Status]; w != "" && !strings.Contains(e, w) {
			t.Errorf("%s does not say %q: %s", f.ID, w, e)
		} else if w == "" && (strings.Contains(e, "Ines Falk") || strings.Contains(e, "Why")) {
			t.Errorf("%s is open and says %s", f.ID, e)
		}
		if has := strings.Contains(e, "accepted until 2027-03-26"); has != (f.Status == harbour.FindingAccepted) {
			t.Errorf("%s, %s: the tag is wrong in %s", f.ID, f.Status, e)
		}
	}
	for s := range want {
		if tried[s] == 0 {
			t.Errorf("no finding is %s", s)
		}
	}
	text := strings.Join(strings.Fields(root.Text), " ")
	for _, w := range []string{"Ines Falk, 2026-11-24 05:00:12 UTC, until 2027-03-26", "Tomé <Reis>, 2026-11-24 05:00:12 UTC", "spring stop", "no reason was given"} {
		if !strings.Contains(text, w) {
			t.Errorf("the PDF does not say %q", w)
		}
	}
	// Who decided may be unknown, or have decided something else while the document was made.
	for i := range a.Findings {
		f := &a.Findings[i]
		a.Settlements[f.ID] = harbour.Settlement{Status: "other", By: "Ines Falk"}
	}
	if p := string(render(t, a)); strings.Contains(p, "Ines Falk") || !strings.Contains(p, "by whom and why is not in this assessment") {
		t.Error("a decision of another status is told as that of the finding")
	}
}

// TestKeepMixed writes that page and PDF where KEEP_MIXED names a folder, to look at.
func TestKeepMixed(t *testing.T) {
	dir := os.Getenv("KEEP_MIXED")
	if dir == "" {
		t.Skip("KEEP_MIXED not set")
	}
	var page, sheets bytes.Buffer
	if err := Both(t.Context(), &page, &sheets, mixedPort()); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"page.html": page.Bytes(), "page.pdf": sheets.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
