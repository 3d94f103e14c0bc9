// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"reflect"
	"strconv"
	"strings"
)

// places says where in a request the parts of an input stand, by the names that use cases call them by: "reason" at
// body.reason, "value" at body.changes[].value, and the first list of the body, under [firstList]. What stands higher up goes first.
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
					if n.place == "body." && at[firstList] == "" {
						at[firstList] = n.place + name
					}
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

// firstList is the name under which [places] keeps where the first list of a body stands.
const firstList = "[]"

// placeOf is where the part of a request stands that an error is about: the field, of an item of a list (counted from 1; 0 for
// none); the item where no field is named. "" for nowhere.
func placeOf(at map[string]string, field string, item int) string {
	index := "[" + strconv.Itoa(item-1) + "]"
	switch place := at[field]; {
	case field == "" && item > 0 && at[firstList] != "":
		return at[firstList] + index
	case field == "" || place == "":
		return ""
	case item > 0:
		return strings.Replace(place, firstList, index, 1)
	default:
		return place
	}
}

// nested is a part of a body, and the place that it stands at.
type nested struct {
	t     reflect.Type
	place string
}
