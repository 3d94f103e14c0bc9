// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

func TestReference(t *testing.T) {
	h := newHouse(t)
	w := h.ask("", "GET", Prefix+"reference", "")
	text := w.Body.String()
	if w.Code != 200 || w.Header().Get("Content-Security-Policy") != pagePolicy || w.Header().Get("ETag") == "" {
		t.Fatalf("the reference = %d, policy %q", w.Code, w.Header().Get("Content-Security-Policy"))
	}
	for _, bad := range []string{"<script", " style=", "<style", " onclick", "://"} {
		if strings.Contains(text, bad) {
			t.Errorf("the reference holds %q", bad)
		}
	}
	operations(h.server, func(_, path string, op *huma.Operation) {
		if !strings.Contains(text, `id="`+op.OperationID+`"`) || !strings.Contains(text, path) {
			t.Errorf("the reference does not show %s", op.OperationID)
		}
	})
	for kind := range titles {
		if !strings.Contains(text, `id="`+kind.String()+`"`) {
			t.Errorf("the reference has no place for the problem %s, to which its type leads", kind)
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if ids[m[1]] {
			t.Errorf("the id %s is there twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if !ids[m[1]] {
			t.Errorf("a link leads to #%s, which is not there", m[1])
		}
	}
	if w := h.ask("", "GET", Prefix+"reference.css", ""); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Errorf("the style sheet = %d", w.Code)
	}
	if w := h.ask("", "POST", Prefix+"reference", ""); w.Code != 401 {
		t.Errorf("POST to the reference = %d, want 401", w.Code)
	}
}

// TestDocument checks the OpenAPI document by its own rules: all that it refers to is there, every operation has an id of
// its own, every part of a path is a parameter, every answer is described.
func TestDocument(t *testing.T) {
	h := newHouse(t)
	w := h.ask("", "GET", Prefix+"openapi.json", "")
	var d map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if v, _ := d["openapi"].(string); !strings.HasPrefix(v, "3.1.") {
		t.Errorf("openapi = %v", d["openapi"])
	}
	if info, _ := d["info"].(map[string]any); info["title"] == "" || info["version"] == "" {
		t.Errorf("info = %v", info)
	}
	schemas := d["components"].(map[string]any)["schemas"].(map[string]any)
	used := map[string]bool{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(at, e)
			}
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				name, local := strings.CutPrefix(ref, "#/components/schemas/")
				if used[name] = true; !local || schemas[name] == nil {
					t.Errorf("%s refers to %s, which is not there", at, ref)
				}
			}
			if v["nullable"] != nil {
				t.Errorf("%s says nullable, which is of OpenAPI 3.0", at)
			}
			if kind, ok := v["type"].(string); ok && kind == "array" && v["items"] == nil {
				t.Errorf("%s is a list of nothing in particular", at)
			}
			if list, ok := v["required"].([]any); ok {
				properties, _ := v["properties"].(map[string]any)
				for _, name := range list {
					if properties[name.(string)] == nil {
						t.Errorf("%s requires %v, which it does not have", at, name)
					}
				}
			}
			for name, e := range v {
				walk(at+"/"+name, e)
			}
		}
	}
	walk("", d)
	for name := range schemas {
		if !used[name] {
			t.Errorf("nothing refers to the schema %s", name)
		}
	}
	ids := map[string]bool{}
	for path, item := range d["paths"].(map[string]any) {
		for method, v := range item.(map[string]any) {
			if !slices.Contains([]string{"get", "put", "post", "patch", "delete"}, method) {
				t.Errorf("%s has %s", path, method)
				continue
			}
			op := v.(map[string]any)
			id, _ := op["operationId"].(string)
			if id == "" || ids[id] {
				t.Errorf("%s %s has the id %q", method, path, id)
			}
			ids[id] = true
			var inPath []string
			parameters, _ := op["parameters"].([]any)
			seen := map[string]bool{}
			for _, p := range parameters {
				p := p.(map[string]any)
				key := p["in"].(string) + " " + p["name"].(string)
				if seen[key] {
					t.Errorf("%s has the parameter %s twice", id, key)
				}
				if seen[key] = true; p["in"] == "path" {
					inPath = append(inPath, p["name"].(string))
					if p["required"] != true {
						t.Errorf("%s: the part %s of the path is not required", id, p["name"])
					}
				}
				if strings.HasPrefix(p["name"].(string), "X-Breakwater") {
					t.Errorf("%s shows the header %s", id, p["name"])
				}
			}
			for _, m := range regexp.MustCompile(`{(\w+)}`).FindAllStringSubmatch(path, -1) {
				if !slices.Contains(inPath, m[1]) {
					t.Errorf("%s: the part %s of the path is not described", id, m[1])
				}
			}
			for status, r := range op["responses"].(map[string]any) {
				if r.(map[string]any)["description"] == "" {
					t.Errorf("%s: the answer %s is not described", id, status)
				}
			}
			if op["responses"].(map[string]any)["default"] == nil {
				t.Errorf("%s does not say what a problem looks like", id)
			}
		}
	}
}
