// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"reflect"
	"strings"
)

// places says where in a request the parts of an input stand, by the names that use cases call them by: "reason" at
// body.reason, "value" at body.changes[].value where any of several may be meant. What stands higher up goes first.
func places(input reflect.Type) map[string]string {
	at := map[string]string{}
	for input.Kind() == reflect.Pointer {
		input = input.Elem()
	}
	note := func(name, place string) {
		if name, _, _ = strings.Cut(name, ","); name != "" && name != "-" && at[name] == "" {
			at[name] = place + name
		}
	}
	var level []nested
	for _, f := range reflect.VisibleFields(input) {
		note(f.Tag.Get("path"), "path.")
		note(f.Tag.Get("query"), "query.")
		if f.Name == "Body" && len(f.Index) == 1 {
			level = append(level, nested{f.Type, "body."})
		}
	}
	for len(level) > 0 {
		var next []nested
		for _, n := range level {
			for n.t.Kind() == reflect.Pointer {
				n.t = n.t.Elem()
			}
			if n.t.Kind() != reflect.Struct {
				continue
			}
			for _, f := range reflect.VisibleFields(n.t) {
				if f.Anonymous || !f.IsExported() {
					continue
				}
				tag := f.Tag.Get("json")
				name, _, _ := strings.Cut(tag, ",")
				if name == "" || name == "-" {
					continue
				}
				note(tag, n.place)
				switch t := f.Type; t.Kind() {
				case reflect.Slice:
					next = append(next, nested{t.Elem(), n.place + name + "[]."})
				case reflect.Struct, reflect.Pointer:
					next = append(next, nested{t, n.place + name + "."})
				}
			}
		}
		level = next
	}
	return at
}

// nested is a part of a body, and the place that it stands at.
type nested struct {
	t     reflect.Type
	place string
}
