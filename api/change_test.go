// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/app/access"
	"breakwater/harbour"
)

const engineer = access.OTEngineer

func done(t *testing.T, w *httptest.ResponseRecorder) (d Done) {
	t.Helper()
	if w.Code != 200 {
		t.Fatalf("the change = %d, want 200: %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestStatement(t *testing.T) {
	h := newHouse(t)
	path := Prefix + "skerry/assets/a-001/statements/vendor"
	put := func(value string, header ...string) *httptest.ResponseRecorder {
		return h.ask(engineer, "PUT", path, `{"value":"`+value+`","reason":"seen on the plate"}`, header...)
	}
	if p := problemIn(t, put("Konecranes")); p.Status != 428 || p.Kind != "precondition_required" || p.Hint == "" {
		t.Errorf("a change without a version: %+v, want 428", p)
	}
	first := put("Konecranes", "If-None-Match", "*")
	if d := done(t, first); d.Version != 1 || d.Undo == "" || first.Header().Get("ETag") != `"1"` {
		t.Errorf("the first statement: %+v, tag %s, want version 1", d, first.Header().Get("ETag"))
	}
	var st harbour.Statement
	tag := h.get(engineer, path, &st).Header().Get("ETag")
	if st.Value != "Konecranes" || st.ByName != "Person ot-engineer" || !strings.HasPrefix(tag, `"1.`) {
		t.Errorf("the statement is %+v with tag %s", st, tag)
	}
	// Two people at once: the second is told what the first said.
	if d := done(t, put("Kone", "If-Match", tag)); d.Version != 2 {
		t.Errorf("the second statement has version %d, want 2", d.Version)
	}
	w := put("Cargotec", "If-Match", tag)
	p := problemIn(t, w)
	now, _ := p.Current.(map[string]any)
	if p.Status != 412 || p.Kind != "stale" || now["value"] != "Kone" || now["version"] != 2.0 || w.Header().Get("ETag") != `"2"` {
		t.Errorf("a late change: %+v, tag %s, want 412 with what is there now", p, w.Header().Get("ETag"))
	}
	if p := problemIn(t, put("Cargotec", "If-None-Match", "*")); p.Status != 412 {
		t.Errorf("a change as if there was nothing = %d, want 412", p.Status)
	}
	for _, bad := range []string{"2", `"x"`, `""`, `"-1"`, `W/"2"`, `"2`, `"9223372036854775808"`} {
		if p := problemIn(t, put("x", "If-Match", bad)); p.Status != 400 {
			t.Errorf("If-Match: %s = %d, want 400", bad, p.Status)
		}
	}
	d := done(t, put("Cargotec", "If-Match", "*"))
	if w := h.ask(engineer, "POST", Prefix+"skerry/assets/undo", `{"undo":"`+d.Undo+`"}`); w.Code != 204 {
		t.Errorf("taking a change back = %d, want 204: %s", w.Code, w.Body)
	}
	if h.get(engineer, path, &st); st.Value != "Kone" {
		t.Errorf("after taking back the vendor is %q, want Kone", st.Value)
	}
	if p := problemIn(t, h.ask(engineer, "POST", Prefix+"skerry/assets/undo", `{"undo":"`+d.Undo+`"}`)); p.Status != 404 {
		t.Errorf("taking it back twice = %d, want 404", p.Status)
	}
	// Withdrawn and stated again.
	if w := h.ask(engineer, "DELETE", path+"?reason=wrong", "", "If-Match", `"4"`); w.Code != 200 {
		t.Errorf("withdrawing = %d: %s", w.Code, w.Body)
	}
	if w := h.ask(engineer, "GET", path, ""); w.Code != 404 {
		t.Errorf("a withdrawn statement = %d, want 404", w.Code)
	}
	if d := done(t, put("Kone again", "If-None-Match", "*")); d.Version != 6 {
		t.Errorf("stated again with version %d, want 6", d.Version)
	}
	var log Things[map[string]any]
	if h.get(engineer, Prefix+"skerry/assets/a-001/changes", &log); len(log.Items) != 6 || log.Items[0]["actor"] != "p-ot-engineer" || log.Items[0]["via"] != "token" {
		t.Errorf("the log has %d entries, the first %v, want 6 by the engineer's token", len(log.Items), log.Items[0])
	}
	for field, status := range map[string]int{"colour": 422, "kind": 422} {
		if w := h.ask(engineer, "PUT", Prefix+"skerry/assets/a-001/statements/"+field, `{"value":"nonsense"}`, "If-None-Match", "*"); w.Code != status {
			t.Errorf("stating %s = %d, want %d", field, w.Code, status)
		}
	}
}

func TestBodies(t *testing.T) {
	h := newHouse(t)
	path := Prefix + "skerry/assets/statements"
	for body, status := range map[string]int{
		``:                              400,
		`{`:                             400,
		`[]`:                            422,
		`{"changes":[]}`:                422,
		`{"changes":null}`:              422,
		`{"change":[]}`:                 422,
		`{"changes":[{"asset":"a-1"}]}`: 422,
		`{"changes":[{"asset":"a-1","field":"vendor","value":"x","colour":1}]}`:                       422,
		`{"changes":[{"asset":1,"field":"vendor"}]}`:                                                  422,
		`{"changes":[{"asset":"a-1","field":"vendor","value":"` + strings.Repeat("x", 9<<20) + `"}]}`: 413,
	} {
		p := problemIn(t, h.ask(engineer, "POST", path, body))
		if p.Status != status {
			t.Errorf("body %.40s = %d, want %d (%s)", body, p.Status, status, p.Detail)
		}
		if status == 422 && len(p.Errors) == 0 {
			t.Errorf("body %.40s: no place is named", body)
		}
	}
	if p := problemIn(t, h.ask(engineer, "POST", path, `<a/>`, "Content-Type", "text/xml")); p.Status != 415 {
		t.Errorf("XML = %d, want 415", p.Status)
	}
	// Values that were sent do not come back in a problem.
	if w := h.ask(engineer, "POST", path, `{"changes":[{"asset":"a-1","field":"vendor","password":"hunter2"}]}`); strings.Contains(w.Body.String(), "hunter2") {
		t.Errorf("the problem repeats a value: %s", w.Body)
	}
}

func TestAllOrNone(t *testing.T) {
	h := newHouse(t)
	path := Prefix + "skerry/assets/statements"
	if w := h.ask(engineer, "POST", path, `{"changes":[{"asset":"a-001","field":"owner","value":"x"},{"asset":"a-999","field":"owner","value":"x"}]}`); w.Code != 404 {
		t.Errorf("with an asset that is not there = %d, want 404", w.Code)
	}
	if w := h.ask(engineer, "GET", Prefix+"skerry/assets/a-001/statements/owner", ""); w.Code != 404 {
		t.Error("a part was kept")
	}
	done(t, h.ask(engineer, "POST", path, `{"changes":[{"asset":"a-001","field":"owner","value":"x"},{"asset":"a-002","field":"owner","value":"y"}],"reason":"r"}`))
	var st harbour.Statement
	if h.get(engineer, Prefix+"skerry/assets/a-002/statements/owner", &st); st.Value != "y" || st.Reason != "r" {
		t.Errorf("stated %+v", st)
	}
}

func TestImportLines(t *testing.T) {
	h := newHouse(t)
	var lines []string
	for i := range 12 {
		lines = append(lines, fmt.Sprintf(`{"asset":"a-%03d","field":"owner","value":"Crew %d","reason":"survey %d"}`, i, i, i/6))
	}
	lines = append(
		lines, ``, `{"asset":"a-001","field":"colour","value":"x"}`, `{"asset":"azzforeign-001","field":"owner","value":"x"}`, `{"asset":"a-001","field":"owner","value":"late"}`,
		`no json`, `{"asset":"a-001","field":"owner","value":"x","vresion":1}`, `{"asset":"a-001","field":"owner","value":"`+strings.Repeat("x", maxImportLine)+`"}`,
		`{"asset":"a-001","field":"owner","value":"forced","force":true}`, `{"asset":"a-002","field":"owner","withdraw":true,"version":1}`,
	)
	w := h.ask(engineer, "POST", Prefix+"skerry/assets/statements/import", strings.Join(lines, "\n"), "Content-Type", "application/jsonl")
	if w.Code != 200 || w.Header().Get("Content-Type") != lineType {
		t.Fatalf("the import = %d: %s", w.Code, w.Body)
	}
	got := map[int]LineResult{}
	var last ImportResult
	for s := bufio.NewScanner(w.Body); s.Scan(); {
		var r LineResult
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if r.Line > 0 {
			got[r.Line] = r
			continue
		}
		if err := json.Unmarshal(s.Bytes(), &last); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range map[int]string{1: "done", 12: "done", 14: "refused invalid", 15: "refused not_found", 16: "refused stale", 17: "refused usage", 18: "refused usage", 19: "refused usage", 20: "done", 21: "done"} {
		if r := got[line]; (line == 14) != (r.Field == "field") {
			t.Errorf("line %d is wrong in %q", line, r.Field)
		}
		if r := got[line]; strings.TrimSpace(r.Result+" "+r.Kind) != want || r.Result == "refused" && r.Detail == "" {
			t.Errorf("line %d: %+v, want %s", line, r, want)
		}
	}
	if last.Lines != 20 || last.Done != 14 || last.Refused != 6 || last.NotTried != 0 {
		t.Errorf("counted %+v, want 20 lines, 14 done, 6 refused", last)
	}
	var st harbour.Statement
	if h.get(engineer, Prefix+"skerry/assets/a-001/statements/owner", &st); st.Value != "forced" {
		t.Errorf("a-001 has owner %q, want forced", st.Value)
	}
	if h.get(engineer, Prefix+"skerry/assets/a-007/statements/owner", &st); st.Reason != "survey 1" {
		t.Errorf("a-007 has reason %q, want survey 1", st.Reason)
	}
	for _, u := range last.Undo {
		h.ask(engineer, "POST", Prefix+"skerry/assets/undo", `{"undo":"`+u+`"}`)
	}
}

func TestImportStops(t *testing.T) {
	h := newHouse(t)
	var b strings.Builder
	for range 50 {
		b.WriteString(`{"asset":"a-001","field":"owner","value":"x","force":true}` + "\n")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(gone, "POST", Prefix+"skerry/assets/statements/import", strings.NewReader(b.String()))
	r.Header.Set("Authorization", "Bearer "+engineer)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	text := w.Body.String()
	if w.Code != 200 || strings.Count(text, `"not_tried"`) != 51 || !strings.Contains(text, `"not_tried":50`) || strings.Count(text, `"kind":"cancelled"`) != 50 {
		t.Errorf("an import that cannot go on = %d: %.600s", w.Code, text)
	}
}

func TestDecision(t *testing.T) {
	h := newHouse(t)
	path := Prefix + "skerry/findings/f-001/decisions"
	decide := func(who, body string, header ...string) *httptest.ResponseRecorder {
		return h.ask(who, "POST", path, body, header...)
	}
	accept := `{"status":"accepted","until":"2027-02-01T00:00:00Z","reason":"until the dock"}`
	if p := problemIn(t, decide(engineer, accept, "If-Match", `"0"`)); p.Status != 403 {
		t.Errorf("an engineer accepts: %d, want 403", p.Status)
	}
	if p := problemIn(t, decide(cso, accept)); p.Status != 428 {
		t.Errorf("without a version: %d, want 428", p.Status)
	}
	for _, bad := range []string{`{}`, `{"status":"accepted"}`, `{"status":"accepted","reason":"x","until":"tomorrow"}`, `{"status":"gone"}`, `{"assignee":"p-nobody"}`} {
		if w := decide(cso, bad, "If-Match", `"0"`); w.Code != 422 && w.Code != 400 {
			t.Errorf("%s = %d, want 422 or 400", bad, w.Code)
		}
	}
	d := done(t, decide(cso, accept, "If-Match", `"0"`))
	if d.Version != 1 {
		t.Errorf("version %d, want 1", d.Version)
	}
	w := decide(engineer, `{"status":"resolved"}`, "If-Match", `"0"`)
	p := problemIn(t, w)
	now, _ := p.Current.(map[string]any)
	if p.Status != 412 || now["status"] != "accepted" || now["version"] != 1.0 || w.Header().Get("ETag") != `"1"` {
		t.Errorf("a late decision: %+v", p)
	}
	var f Finding
	if tag := h.get(engineer, Prefix+"skerry/findings/f-001", &f).Header().Get("ETag"); f.Status != "accepted" || len(f.Decisions) != 1 || !strings.HasPrefix(tag, `"1.`) {
		t.Errorf("the finding is %+v with tag %s", f, tag)
	}
	if w := h.ask(cso, "POST", Prefix+"skerry/findings/undo", `{"undo":"`+d.Undo+`"}`); w.Code != 204 {
		t.Errorf("taking back = %d: %s", w.Code, w.Body)
	}
	many := Prefix + "skerry/findings/decisions"
	w = h.ask(engineer, "POST", many, `{"status":"resolved","reason":"mended","findings":[{"id":"f-000"},{"id":"f-001"}]}`)
	p = problemIn(t, w)
	if differ, _ := p.Current.([]any); p.Status != 412 || len(differ) != 1 || !strings.Contains(fmt.Sprint(differ), "f-001") {
		t.Errorf("many with one that is late: %+v", p)
	}
	done(t, h.ask(engineer, "POST", many, `{"status":"resolved","reason":"mended","findings":[{"id":"f-000"},{"id":"f-001","force":true}]}`))
	var l List[FindingItem]
	if h.get(engineer, Prefix+"skerry/findings?status=resolved", &l); len(l.Items) != 2 {
		t.Errorf("%d are resolved, want 2", len(l.Items))
	}
}

func TestIdentity(t *testing.T) {
	h := newHouse(t)
	if w := h.ask(engineer, "POST", Prefix+"skerry/assets/join", `{"assets":["a-001","a-002"],"reason":"two ports of one"}`); w.Code != 204 {
		t.Fatalf("joining = %d: %s", w.Code, w.Body)
	}
	if w := h.ask(engineer, "POST", Prefix+"skerry/assets/a-003/part", `{"key":"serial:3"}`); w.Code != 204 {
		t.Fatalf("parting = %d: %s", w.Code, w.Body)
	}
	var rules Things[IdentityRule]
	h.get(engineer, Prefix+"skerry/identity-rules", &rules)
	if len(rules.Items) != 2 {
		t.Fatalf("there are %d rules, want 2", len(rules.Items))
	}
	if w := h.ask(engineer, "DELETE", Prefix+"skerry/identity-rules/"+rules.Items[0].ID, ""); w.Code != 204 {
		t.Errorf("taking a rule back = %d: %s", w.Code, w.Body)
	}
	if h.get(engineer, Prefix+"skerry/identity-rules", &rules); len(rules.Items) != 1 {
		t.Errorf("there are %d rules, want 1", len(rules.Items))
	}
}

// TestWhereItIsWrong wants a rule that a request breaks to name the part of the request that breaks it, where it stands there.
func TestWhereItIsWrong(t *testing.T) {
	h := newHouse(t)
	for _, x := range []struct{ method, path, body, place string }{
		{"PUT", "skerry/assets/a-001/statements/kind", `{"value":"submarine"}`, "body.value"},
		{"PUT", "skerry/assets/a-001/statements/colour", `{"value":"red"}`, "path.field"},
		{"POST", "skerry/assets/statements", `{"changes":[{"asset":"a-001","field":"owner","value":"x","force":true},{"asset":"a-002","field":"zone","value":"z-none","force":true}]}`, "body.changes[1].value"},
		{"POST", "skerry/assets/statements", `{"changes":[{"asset":"a-001","field":"colour","value":"x","force":true}]}`, "body.changes[0].field"},
		{"POST", "skerry/findings/decisions", `{"findings":[{"id":"f-001","force":true}],"status":"accepted","reason":"we wait"}`, "body.until"},
		{"POST", "skerry/findings/decisions", `{"findings":[{"id":"f-001","force":true}],"status":"false_positive"}`, "body.reason"},
		{"POST", "skerry/findings/decisions", `{"findings":[{"id":"f-001","force":true}],"assignee":"p-nobody"}`, "body.assignee"},
	} {
		as := engineer
		if strings.Contains(x.path, "findings") {
			as = access.ChiefSecurity
		}
		p := problemIn(t, h.ask(as, x.method, Prefix+x.path, x.body, "If-Match", "*"))
		if p.Status != 422 || len(p.Errors) != 1 || p.Errors[0].Location != x.place || p.Errors[0].Message != p.Detail || p.Detail == "" {
			t.Errorf("%s %s with %s: %+v, want one error at %s", x.method, x.path, x.body, p, x.place)
		}
	}
	// An item of a list that is not there, or that somebody changed, is named too.
	for _, x := range []struct {
		path, body, place string
		status            int
	}{
		{"skerry/assets/statements", `{"changes":[{"asset":"a-001","field":"owner","value":"x","force":true},{"asset":"a-none","field":"owner","value":"x","force":true}]}`, "body.changes[1]", 404},
		{"skerry/assets/statements", `{"changes":[{"asset":"a-001","field":"owner","value":"x","version":77}]}`, "body.changes[0]", 412},
		{"skerry/findings/decisions", `{"findings":[{"id":"f-001","force":true},{"id":"f-none","force":true}],"status":"resolved"}`, "body.findings[1]", 404},
		{"skerry/assets/join", `{"assets":["a-001","a-none"]}`, "body.assets[1]", 404},
	} {
		as := engineer
		if strings.Contains(x.path, "findings") {
			as = access.ChiefSecurity
		}
		p := problemIn(t, h.ask(as, "POST", Prefix+x.path, x.body))
		if p.Status != x.status || len(p.Errors) != 1 || p.Errors[0].Location != x.place || p.Errors[0].Message != p.Detail {
			t.Errorf("%s with %s: %+v, want one error at %s", x.path, x.body, p, x.place)
		}
	}
	// What is about no part of the request names none.
	if p := problemIn(t, h.ask(engineer, "GET", Prefix+"skerry/assets/a-999", "")); p.Status != 404 || len(p.Errors) != 0 {
		t.Errorf("what is not there: %+v", p)
	}
}

// TestPlaces looks into the inputs of operations.
func TestPlaces(t *testing.T) {
	type inner struct {
		Value  string `json:"value"`
		Reason string `json:"reason,omitempty"`
	}
	type embedded struct {
		Org string `path:"organisation"`
	}
	got := places(reflect.TypeFor[struct {
		embedded
		Limit int `query:"limit"`
		Body  struct {
			Changes []inner `json:"changes"`
			Reason  string  `json:"reason"`
			Mail    *struct {
				From string `json:"from"`
			} `json:"mail,omitempty"`
			Ways []string `json:"ways"`
		}
	}]())
	want := map[string]string{"organisation": "path.organisation", "limit": "query.limit", "changes": "body.changes", "reason": "body.reason", "mail": "body.mail", "from": "body.mail.from", "value": "body.changes[].value", "ways": "body.ways", firstList: "body.changes"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	if len(places(reflect.TypeFor[struct{}]())) != 0 {
		t.Error("what takes nothing has places")
	}
}
