// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzQuery asks lists with any query: the answer is a page, or a problem that blames the request. Nothing foreign shows.
func FuzzQuery(f *testing.F) {
	h := newHouse(f)
	var l List[AssetItem]
	h.get(cso, Prefix+"skerry/assets?limit=5", &l)
	for _, q := range []string{
		"", "limit=5&cursor=" + l.Next, "cursor=" + l.Next, "kind=plc&kind=hmi&sort=-name", "text=%00", "text=%ff%fe", "zone=%00&id=%27;--", "as_of=2026-11-01T00:00:00Z",
		"worst=high&known=unseen", "limit=-1", "limit=99999999999999999999", "sort=%00", "text=%22crane%22+OR+1", "text=*&vendor=%25", "a=%zz", ";", "id=azzforeign-001",
		"from=2026-01-01T00:00:00Z&until=x", "severity=high&status=open&asset=a-001", "text=" + strings.Repeat("a+", 99), "as_of=9999-12-31T23:59:59.999999999%2B14:00",
	} {
		f.Add(uint8(0), q)
		f.Add(uint8(1), q)
		f.Add(uint8(2), q)
	}
	lists := []string{"assets", "findings", "conversations", "operations", "evidence", "assets/export", "findings/export", "generations"}
	f.Fuzz(func(t *testing.T, list uint8, query string) {
		r := httptest.NewRequest("GET", Prefix+"skerry/"+lists[int(list)%len(lists)], nil)
		r.URL.RawQuery = query
		r.Header.Set("Authorization", "Bearer "+northGuard)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 && w.Code != 400 && w.Code != 422 {
			t.Errorf("%s?%s = %d: %s", r.URL.Path, query, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), foreign) && !strings.Contains(query, "zz") {
			t.Errorf("%s?%s shows something of the other organisation: %s", r.URL.Path, query, w.Body)
		}
		if w.Code != 200 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s?%s: the problem is no JSON: %s", r.URL.Path, query, w.Body)
		}
	})
}

// FuzzCursor takes marks out of cursors: only its own, of the same query.
func FuzzCursor(f *testing.F) {
	c := &call{query: "/api/v1/skerry/assets?sort=name"}
	f.Add(c.cursor("abc"), "abc")
	f.Add("", "")
	f.Add(strings.Repeat("A", 40), "\x00\xff")
	f.Fuzz(func(t *testing.T, cursor, mark string) {
		if got, err := c.mark(cursor); err == nil && cursor != "" && c.cursor(got) != cursor {
			t.Errorf("cursor %q was taken for the mark %q", cursor, got)
		}
		made := c.cursor(mark)
		if got, err := c.mark(made); err != nil || got != mark {
			t.Errorf("the cursor of %q gives %q, %v", mark, got, err)
		}
		other := &call{query: c.query + "&kind=plc"}
		if _, err := other.mark(made); err == nil && made != "" {
			t.Errorf("the cursor %q is taken for another query", made)
		}
	})
}

// FuzzAccept takes any header that says what is wanted.
func FuzzAccept(f *testing.F) {
	h := newHouse(f)
	for _, s := range []string{"a;,b", ";", ",", "text/csv;q=0, */*", "text/csv", "*/*;q=0.1", "application/jsonl;;,"} {
		f.Add(s, `"3"`)
	}
	f.Add("", `W/"x", "`)
	f.Fuzz(func(t *testing.T, accept, tag string) {
		for _, path := range []string{"zones", "assets/export"} {
			r := httptest.NewRequest("GET", Prefix+"skerry/"+path, nil)
			r.Header = map[string][]string{"Authorization": {"Bearer " + cso}, "Accept": {accept}, "If-None-Match": {tag}}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != 200 && w.Code != 304 {
				t.Errorf("%s with Accept %q and tag %q = %d: %s", path, accept, tag, w.Code, w.Body)
			}
		}
		if n, force, err := (&Basis{IfMatch: tag}).version(); err == nil && (n < 0 || force != (strings.TrimSpace(tag) == "*")) {
			t.Errorf("If-Match %q is version %d, %v", tag, n, force)
		}
	})
}
