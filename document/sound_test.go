// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"breakwater/harbour"
	"breakwater/view"
)

var voidElements = map[string]bool{"meta": true, "br": true, "hr": true, "img": true, "input": true, "link": true}

// external is what would load something or run something.
var external = regexp.MustCompile(`(?i)url\(\s*["']?(?:https?:|//|data:)|@import|javascript:`)

// checkPage wants the page to be well formed, to have no script, nothing from elsewhere and no link without its end,
// and to be allowed by its own policy.
func checkPage(t *testing.T, page []byte) {
	t.Helper()
	if !utf8.Valid(page) {
		t.Error("the page is not valid UTF-8")
	}
	if !bytes.HasSuffix(bytes.TrimSpace(page), []byte("</html>")) {
		t.Error("the page does not end")
	}
	ids, refs := map[string]bool{}, map[string]bool{}
	var open []string
	z := html.NewTokenizer(bytes.NewReader(page))
	z.SetMaxBuf(1 << 20)
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		tok := z.Token()
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			if kind == html.StartTagToken && !voidElements[tok.Data] {
				open = append(open, tok.Data)
			}
			checkElement(t, tok, ids, refs)
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != tok.Data {
				t.Fatalf("</%s> closes %v", tok.Data, open[max(0, len(open)-4):])
			}
			open = open[:len(open)-1]
		case html.TextToken:
			if len(open) > 0 && open[len(open)-1] == "style" {
				checkStyle(t, page, tok.Data)
			}
		}
	}
	if len(open) > 0 {
		t.Errorf("left open: %v", open)
	}
	for r := range refs {
		if !ids[r] {
			t.Errorf("a link leads to #%s, which is not there", r)
		}
	}
	if !ids["main"] || len(ids) < 9 {
		t.Errorf("only %d ids", len(ids))
	}
}

func checkElement(t *testing.T, tok html.Token, ids, refs map[string]bool) {
	t.Helper()
	switch tok.Data {
	case "script", "iframe", "object", "embed", "img", "link", "base", "form", "input", "audio", "video":
		t.Errorf("element <%s>", tok.Data)
	}
	for _, a := range tok.Attr {
		switch {
		case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src":
			t.Errorf("<%s> has %s=%q", tok.Data, a.Key, a.Val)
		case a.Key == "href":
			r, ok := strings.CutPrefix(a.Val, "#")
			if !ok {
				t.Errorf("<%s> leads to %q", tok.Data, a.Val)
			}
			refs[r] = true
		case a.Key == "id":
			if ids[a.Val] {
				t.Errorf("two elements have the id %q", a.Val)
			}
			ids[a.Val] = true
		case a.Key == "aria-labelledby":
			for _, id := range strings.Fields(a.Val) {
				refs[id] = true
			}
		case a.Key == "marker-end":
			refs[strings.TrimSuffix(strings.TrimPrefix(a.Val, "url(#"), ")")] = true
		}
	}
}

func checkStyle(t *testing.T, page []byte, sheet string) {
	t.Helper()
	sum := sha256.Sum256([]byte(sheet))
	policy := "style-src &#39;sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "&#39;"
	if !bytes.Contains(page, []byte(policy)) {
		t.Errorf("the policy does not allow the style sheet; want %s", policy)
	}
	if m := external.FindString(sheet); m != "" {
		t.Errorf("the style sheet has %q", m)
	}
	if strings.Count(sheet, "{") != strings.Count(sheet, "}") {
		t.Error("the style sheet has braces that do not match")
	}
}

const hostile = `"'></style></title></svg><script>alert(1)</script><img src=x onerror=alert(2)> ]]> &lt; {{.}} url(https://example.org/) ` + "\u202egnp\u2066\x00\x1b[31m\xff\xfe\u2028 مرحبا"

// fill sets every string below v to what an attacker might have written into it, with n to keep ids apart.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), depth)
			}
		}
	case reflect.Slice:
		if depth > 3 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String && v.Type().Elem().Kind() == reflect.Int {
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf(hostile).Convert(v.Type().Key()), reflect.ValueOf(3))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64, reflect.Int:
		v.SetInt(1_700_000_000_000_000)
	}
}

// hostileAssessment has hostile text everywhere, and ids that are hostile and yet differ.
func hostileAssessment() *harbour.Assessment {
	a := &harbour.Assessment{}
	fill(reflect.ValueOf(&a.Summary).Elem(), 0)
	a.Port = &harbour.Port{Name: hostile, Marking: hostile}
	var (
		asset harbour.Asset
		talk  harbour.Conversation
		op    harbour.Operation
	)
	fill(reflect.ValueOf(&asset).Elem(), 0)
	fill(reflect.ValueOf(&talk).Elem(), 0)
	fill(reflect.ValueOf(&op).Elem(), 0)
	fill(reflect.ValueOf(&a.Evidence).Elem(), 0)
	fill(reflect.ValueOf(&a.Zones).Elem(), 0)
	fill(reflect.ValueOf(&a.Conduits).Elem(), 0)
	fill(reflect.ValueOf(&a.Findings).Elem(), 0)
	for i := range 2 {
		suffix := strings.Repeat("x", i)
		a.Evidence[i].ID += suffix
		a.Zones[i].ID += suffix
		a.Conduits[i].ID += suffix
		a.Conduits[i].To = hostile + "x"
		a.Findings[i].ID += suffix
		a.Findings[i].Status = harbour.FindingOpen
	}
	ops := []harbour.Operation{op, op}
	ops[0].Verb = harbour.VerbWrite
	a.Assets, a.Conversations, a.Operations = each([]harbour.Asset{asset}), each([]harbour.Conversation{talk}), each(ops)
	a.AssetName = func(id string) string { return id }
	a.ZoneOf = func(string) string { return hostile }
	return a
}

func TestHostileText(t *testing.T) {
	page := render(t, hostileAssessment())
	checkPage(t, page)
	for _, r := range string(page) {
		if r < 0x20 && r != '\n' && r != '\t' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x2028 {
			i := bytes.IndexRune(page, r)
			t.Fatalf("the page has %U: %q", r, page[max(0, i-300):i+5])
		}
	}
	for _, want := range []string{"&lt;script&gt;alert(1)", `\u{202e}`, `\xff`, "مرحبا"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page does not show %q", want)
		}
	}
}

// Very long text is cut, and no list of one asset makes the page endless.
func TestLongText(t *testing.T) {
	long := strings.Repeat("crane ", 200_000)
	asset := harbour.Asset{ID: "a", Name: long, Role: long, Kind: harbour.KindPLC}
	for range 5000 {
		asset.Attributes = append(asset.Attributes, harbour.Attribute{Name: "x", Value: long, Observations: make([]harbour.Observation, 3000)})
		asset.Hostnames = append(asset.Hostnames, long)
		asset.Interfaces = append(asset.Interfaces, harbour.Interface{IPs: asset.Hostnames[:min(len(asset.Hostnames), 40)]})
		asset.Reasons = append(asset.Reasons, harbour.Reason{Text: long})
		asset.Protocols = append(asset.Protocols, harbour.ProtocolUse{Name: long})
	}
	a := &harbour.Assessment{
		Assets:   each([]harbour.Asset{asset}),
		Findings: []harbour.Finding{{ID: "f", Title: long, Explanation: long, Subjects: asset.Hostnames, Evidence: make([]harbour.ProofRef, 5000)}},
		Zones:    []harbour.Zone{{ID: "z", Name: long}},
		Evidence: []harbour.Evidence{{ID: "e", Path: long, Problems: make([]harbour.Problem, 5000)}},
	}
	page := render(t, a)
	checkPage(t, page)
	if len(page) > 1<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
}

func TestCSSString(t *testing.T) {
	for in, want := range map[string]string{
		"TLP – G":  `"TLP\000020\002013\000020G"`,
		`a"b\`:     `"a\000022b\00005c"`,
		"</style>": `"\00003c\00002fstyle\00003e"`,
		"ü\n":      `"\0000fc\00000a"`,
	} {
		if got := cssString(in); got != want {
			t.Errorf("cssString(%q) = %s, want %s", in, got, want)
		}
	}
}

// Every token that is used is defined, and every one that is defined is used.
func TestTokensAreUsed(t *testing.T) {
	used := map[string]bool{}
	sheet := view.Tokens + style
	for _, m := range regexp.MustCompile(`var\((--[a-z0-9-]+)`).FindAllStringSubmatch(sheet, -1) {
		used[m[1]] = true
		if !regexp.MustCompile(regexp.QuoteMeta(m[1]) + `:`).MatchString(sheet) {
			t.Errorf("%s is used and not defined", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`(--[a-z0-9-]+):`).FindAllStringSubmatch(sheet, -1) {
		if !used[m[1]] {
			t.Errorf("%s is defined and not used", m[1])
		}
	}
}
