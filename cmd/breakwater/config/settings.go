// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"reflect"
	"slices"
	"strings"
)

// Setting is one thing that can be set.
type Setting struct {
	Path    string // in the file, with dots: tls.cert
	Flag    string // without dashes
	Env     string
	Default string
	Words   string // what it means
	Enum    []string
	Value   string // what it must be: address, url, file, …; "" for any
	Secret  string // "url" for one whose password is hidden where it is shown
	Hint    string // placeholder on the command line

	kind  reflect.Kind
	index []int
}

// Settings lists every setting in the order of the file.
func Settings() (list []Setting) {
	return settingsOf(reflect.TypeFor[Config](), "", nil)
}

func settingsOf(t reflect.Type, at string, index []int) (list []Setting) {
	for i := range t.NumField() {
		f := t.Field(i)
		here := append(slices.Clone(index), i)
		name := f.Tag.Get("yaml")
		path := name
		if at != "" {
			path = at + "." + name
		}
		if f.Anonymous {
			list = append(list, settingsOf(f.Type, at, here)...)
			continue
		}
		if f.Type.Kind() == reflect.Struct {
			list = append(list, settingsOf(f.Type, path, here)...)
			continue
		}
		s := Setting{
			Path: path, Flag: f.Tag.Get("name"), Env: f.Tag.Get("env"), Default: f.Tag.Get("default"), Words: f.Tag.Get("help"),
			Value: f.Tag.Get("value"), Secret: f.Tag.Get("secret"), Hint: f.Tag.Get("placeholder"), kind: f.Type.Kind(), index: here,
		}
		if e := f.Tag.Get("enum"); e != "" {
			s.Enum = strings.Split(e, ",")
		}
		list = append(list, s)
	}
	return list
}

// Closed says whether the value is a switch, a number or of a closed list, and so can hold no name.
func (s Setting) Closed() bool {
	return s.Enum != nil || s.kind == reflect.Bool || s.kind == reflect.Int
}

// Type names what the value is in the file.
func (s Setting) Type() string {
	switch s.kind { //nolint:exhaustive // settings are of these kinds alone
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "whole number"
	case reflect.Slice:
		return "list of texts"
	}
	return "text"
}
