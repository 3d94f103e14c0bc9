// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/harbour"
)

const cso = access.ChiefSecurity

func TestDocumentIsCommitted(t *testing.T) {
	want, err := Document()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("openapi.json")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("openapi.json (%v) is not what the types say: run go generate ./api", err)
	}
	again, _ := Document()
	if !bytes.Equal(want, again) {
		t.Error("the document is made differently each time")
	}
}

func TestPages(t *testing.T) {
	h := newHouse(t)
	seen := map[string]bool{}
	cursor, pages := "", 0
	for {
		var l List[AssetItem]
		w := h.get(cso, Prefix+"skerry/assets?limit=5&sort=-name&cursor="+cursor, &l)
		if w.Header().Get("ETag") == "" {
			t.Error("a page has no entity tag")
		}
		for _, a := range l.Items {
			if seen[a.ID] {
				t.Errorf("%s is on two pages", a.ID)
			}
			seen[a.ID] = true
		}
		if l.Total != 12 || l.AtLeast {
			t.Errorf("total = %d, %v, want 12", l.Total, l.AtLeast)
		}
		pages++
		if cursor = l.Next; cursor == "" {
			break
		}
	}
	if len(seen) != 12 || pages != 3 {
		t.Errorf("%d assets on %d pages, want 12 on 3", len(seen), pages)
	}
}

func TestWrongCursor(t *testing.T) {
	h := newHouse(t)
	var l List[AssetItem]
	h.get(cso, Prefix+"skerry/assets?limit=5", &l)
	good := l.Next
	for name, path := range map[string]string{
		"of another order":   "skerry/assets?sort=-name&cursor=" + good,
		"of another filter":  "skerry/assets?kind=plc&cursor=" + good,
		"of another list":    "skerry/findings?cursor=" + good,
		"altered":            "skerry/assets?cursor=" + good[:len(good)-1] + "x",
		"cut":                "skerry/assets?cursor=" + good[:10],
		"made up":            "skerry/assets?cursor=" + strings.Repeat("A", 200),
		"with foreign bytes": "skerry/assets?cursor=" + url.QueryEscape("\x00\xff'; --"),
	} {
		p := problemIn(t, h.ask(cso, "GET", Prefix+path, ""))
		if p.Status != 400 || p.Kind != "usage" || p.Hint == "" {
			t.Errorf("cursor %s: %+v, want 400 with a hint", name, p)
		}
	}
	// The limit may change from page to page.
	if w := h.ask(cso, "GET", Prefix+"skerry/assets?limit=2&cursor="+good, ""); w.Code != 200 {
		t.Errorf("a page of another size = %d, want 200", w.Code)
	}
}

func TestFilters(t *testing.T) {
	h := newHouse(t)
	for path, want := range map[string]int{
		"assets?kind=plc":                                4,
		"assets?kind=plc&kind=switch":                    8,
		"assets?kind=plc&site=north":                     2,
		"assets?vendor=" + url.QueryEscape("Axis, Inc."): 4, // a comma is part of a name
		"assets?text=crane+11":                           1,
		"assets?known=undeclared":                        3,
		"assets?worst=high":                              3,
		"assets?worst=info":                              6,
		"assets?id=a-001&id=a-002&id=azzforeign-001":     2,
		"assets?supplier=konecranes":                     6,
		"findings?severity=high":                         3,
		"findings?status=open&asset=a-001":               1,
		"findings?status=resolved":                       0,
		"conversations?asset=a-001":                      2,
		"conversations?client=a-001":                     1,
		"conversations?verdict=bypass":                   0,
		"conversations?protocol=modbus&limit=1000":       11,
		"operations?engineering=true":                    0,
		"operations?verb=read&server=a-001":              1,
		"operations?until=1970-01-02T00:00:00Z":          11,
		"operations?from=1970-01-02T00:00:00Z":           0,
		"assets?as_of=2001-01-01T00:00:00Z":              0,
		"findings?as_of=2001-01-01T00:00:00%2B02:00":     0,
	} {
		var l List[map[string]any]
		h.get(cso, Prefix+"skerry/"+path, &l)
		if l.Total != want || want < 50 && len(l.Items) != want {
			t.Errorf("%s gives %d, total %d, want %d", path, len(l.Items), l.Total, want)
		}
	}
	for path, status := range map[string]int{
		"assets?kidn=plc":                           422, // misspelt
		"assets?limit=0":                            422,
		"assets?limit=1001":                         422,
		"assets?limit=many":                         422,
		"assets?known=perhaps":                      422,
		"assets?domain=sea":                         422,
		"assets?sort=colour":                        422,
		"assets?as_of=yesterday":                    400,
		"assets?as_of=2026-11-01":                   400,
		"operations?from=9999999":                   400,
		"findings?severity=terrible":                422,
		"assets?kind=spaceship":                     422,
		"assets?level=9":                            422,
		"operations?verb=juggle":                    422,
		"evidence?kind=video":                       422,
		"findings?text=" + strings.Repeat("x", 300): 422,
	} {
		p := problemIn(t, h.ask(cso, "GET", Prefix+"skerry/"+path, ""))
		if p.Status != status || p.Hint == "" || p.Request == "" {
			t.Errorf("%s: %+v, want %d with a hint and the id of the request", path, p, status)
		}
	}
}

func TestConditionalRead(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"assets", "assets/a-001", "findings/f-001", "zones", "overview"} {
		first := h.ask(cso, "GET", Prefix+"skerry/"+path, "")
		tag := first.Header().Get("ETag")
		if tag == "" || first.Code != 200 {
			t.Fatalf("%s: %d with tag %q", path, first.Code, tag)
		}
		for header, want := range map[string]int{tag: 304, "W/" + tag: 304, `"x", ` + tag: 304, "*": 304, `"other"`: 200} {
			w := h.ask(cso, "GET", Prefix+"skerry/"+path, "", "If-None-Match", header)
			if w.Code != want || want == 304 && w.Body.Len() > 0 || w.Header().Get("ETag") != tag {
				t.Errorf("%s with If-None-Match %s = %d with %d bytes and tag %s, want %d", path, header, w.Code, w.Body.Len(), w.Header().Get("ETag"), want)
			}
		}
	}
	if got := h.ask(cso, "GET", Prefix+"skerry/findings/f-001", "").Header().Get("ETag"); !strings.HasPrefix(got, `"0.`) {
		t.Errorf("the tag of a finding is %s, want it to begin with its version", got)
	}
	if w := h.ask(cso, "HEAD", Prefix+"skerry/assets", ""); w.Code != 200 || w.Header().Get("ETag") == "" {
		t.Errorf("HEAD = %d with tag %q", w.Code, w.Header().Get("ETag"))
	}
}

func TestExports(t *testing.T) {
	h := newHouse(t)
	for list, want := range map[string]int{"assets": 12, "conversations": 11, "operations": 11, "findings": 6, "findings?severity=high": 3, "evidence": 1, "evidence?held=true": 0, "assets?kind=plc&sort=-name": 4} {
		list, query, _ := strings.Cut(list, "?")
		path := Prefix + "skerry/" + list + "/export?" + query
		w := h.ask(cso, "GET", path, "")
		if w.Code != 200 || w.Header().Get("Content-Type") != "application/jsonl" {
			t.Fatalf("%s = %d %s: %s", path, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		n := 0
		for s := bufio.NewScanner(w.Body); s.Scan(); n++ {
			if !json.Valid(s.Bytes()) {
				t.Errorf("%s: line %d is no JSON: %s", path, n+1, s.Text())
			}
		}
		if n != want {
			t.Errorf("%s has %d lines, want %d", path, n, want)
		}
		for _, c := range []string{path + "&format=csv", path} {
			w := h.ask(cso, "GET", c, "", "Accept", "text/csv;q=0.9, text/html")
			rows, err := csv.NewReader(w.Body).ReadAll()
			if err != nil || len(rows) != want+1 || w.Header().Get("Content-Type") != tableType {
				t.Errorf("%s has %d rows (%v) as %s, want %d and a head", c, len(rows), err, w.Header().Get("Content-Type"), want)
			}
			if list == "findings" && !strings.HasPrefix(rows[1][3], "'=Asset") {
				t.Errorf("a title that a spreadsheet would calculate is written %q", rows[1][3])
			}
		}
	}
	if w := h.ask(cso, "GET", Prefix+"skerry/assets/export?sort=colour", ""); w.Code != 422 {
		t.Errorf("an export that cannot be made = %d, want 422", w.Code)
	}
	if got := harmless("-5.2"); got != "-5.2" {
		t.Errorf("a number is written %q", got)
	}
}

func TestProblems(t *testing.T) {
	h := newHouse(t)
	for _, test := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{"GET", "skerry/cranes", 404, "not_found"},
		{"GET", "", 404, "not_found"},
		{"DELETE", "skerry/assets", 405, "usage"},
		{"GET", "skerry/assets/nothing", 404, "not_found"},
		{"GET", "skerry/findings/nothing", 404, "not_found"},
		{"GET", "skerry/assets/nothing/history", 404, "not_found"},
	} {
		w := h.ask(cso, test.method, Prefix+test.path, "")
		p := problemIn(t, w)
		if p.Status != test.status || p.Kind != test.kind || p.Type != Prefix+"reference#"+test.kind || p.Title == "" || p.Detail == "" || p.Request != w.Header().Get("X-Request-Id") {
			t.Errorf("%s %s: %+v, want %d %s", test.method, test.path, p, test.status, test.kind)
		}
		if test.status == 405 && !strings.Contains(w.Header().Get("Allow"), "GET") {
			t.Errorf("405 allows %q", w.Header().Get("Allow"))
		}
	}
	for kind := harbour.ErrorKind(0); kind.String() != ""; kind++ {
		if titles[kind] == "" {
			t.Errorf("kind %s has no title", kind)
		}
	}
	// Headers that the framework cannot take.
	for _, accept := range []string{"a;,b", ";", ",", "text/html", "*/*", ";;;,,,q=1"} {
		if w := h.ask(cso, "GET", Prefix+"skerry/assets", "", "Accept", accept); w.Code != 200 {
			t.Errorf("Accept %q = %d, want 200", accept, w.Code)
		}
	}
}

func TestInternalsStayInside(t *testing.T) {
	h := newHouse(t)
	var log bytes.Buffer
	h.core.Log = slog.New(slog.NewTextHandler(&log, nil))
	for name, token := range map[string]func(context.Context, string, string, string) (*app.Actor, error){
		"an error": func(context.Context, string, string, string) (*app.Actor, error) {
			return nil, errors.New("secret place")
		},
		"a wrapped error": func(context.Context, string, string, string) (*app.Actor, error) {
			return nil, &harbour.Error{Kind: harbour.ErrInternal, Op: "x", Message: "secret message", Err: errors.New("secret place")}
		},
		"a panic": func(context.Context, string, string, string) (*app.Actor, error) { panic("secret place") },
	} {
		log.Reset()
		w := h.askOf(h.build(func(o *Options) { o.Token = token }), "x", "GET", Prefix+"skerry/assets", "")
		p := problemIn(t, w)
		if p.Status != 500 || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s is answered with %s", name, w.Body)
		}
		if !strings.Contains(log.String(), "secret place") || !strings.Contains(log.String(), p.Request) {
			t.Errorf("%s is not in the log with the request's id: %s", name, log.String())
		}
	}
	// What a use case says of an unavailable database is for the user, its cause is not.
	w := h.askOf(h.build(func(o *Options) {
		o.Token = func(context.Context, string, string, string) (*app.Actor, error) {
			return nil, &harbour.Error{Kind: harbour.ErrUnavailable, Op: "read", Message: "the database does not answer", Hint: "look at it", Err: errors.New("secret place")}
		}
	}), "x", "GET", Prefix+"skerry/assets", "")
	if p := problemIn(t, w); p.Status != 503 || p.Detail != "the database does not answer" || p.Hint != "look at it" || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("a database that is away is answered with %s", w.Body)
	}
}

func TestRate(t *testing.T) {
	h := newHouse(t)
	s := h.build(func(o *Options) { o.Rate, o.Burst = 1, 3 })
	get := func(token string) int {
		w := h.askOf(s, token, "GET", Prefix+"skerry/zones", "")
		if w.Code == 429 && w.Header().Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
		return w.Code
	}
	for i := range 3 {
		if got := get(cso); got != 200 {
			t.Errorf("request %d = %d, want 200", i, got)
		}
	}
	if got := get(cso); got != 429 {
		t.Errorf("the fourth request = %d, want 429", got)
	}
	if got := get(access.Auditor); got != 200 {
		t.Errorf("another token = %d, want 200", got)
	}
	h.now = h.now.Add(1100 * 1e6)
	if got := get(cso); got != 200 {
		t.Errorf("a second later = %d, want 200", got)
	}
	// Guessing.
	for range failuresAtOnce {
		if got := get("guess"); got != 401 {
			t.Fatalf("a wrong token = %d, want 401", got)
		}
	}
	if got := get("guess"); got != 429 {
		t.Errorf("too many wrong tokens = %d, want 429", got)
	}
	if got := get(access.Analyst); got != 429 {
		t.Errorf("a new token from the address of one who guesses = %d, want 429", got)
	}
	h.now = h.now.Add(2e9)
	if got := get(cso); got != 200 {
		t.Errorf("a known token from the address of one who guesses = %d, want 200", got)
	}
	h.now = h.now.Add(6e9)
	if got := get(access.Analyst); got != 200 {
		t.Errorf("a new token after a while = %d, want 200", got)
	}
}

// TestRejectedIsLogged wants what is refused for its form or its number to be in the log, with who sent it and without what
// was sent; and nothing of what is right.
func TestRejectedIsLogged(t *testing.T) {
	h := newHouse(t)
	var log bytes.Buffer
	h.core.Log = slog.New(slog.NewTextHandler(&log, nil))
	h.ask(cso, "GET", Prefix+"skerry/assets", "")
	if strings.Contains(log.String(), "rejected") {
		t.Errorf("what is right: %s", log.String())
	}
	h.ask(cso, "GET", Prefix+"skerry/assets?limit=hidden", "")
	if s := log.String(); !strings.Contains(s, "request rejected") || !strings.Contains(s, "status=422") || !strings.Contains(s, "person=") || strings.Contains(s, "hidden") {
		t.Errorf("the log: %s", s)
	}
}

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{"192.0.2.7": "192.0.2.7", "2001:db8:1:2:3::4": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "::ffff:192.0.2.7": "::ffff:192.0.2.7", "@": "@"} {
		if got := network(address); got != want {
			t.Errorf("network(%s) = %s, want %s", address, got, want)
		}
	}
}
