// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/harbour"
)

// outside lists what a filter asks for that is not in its closed list. An empty value asks for what has none.
func outside[T ~string](name string, values []string, known []T) (errs []error) {
	for i, v := range values {
		if v == "" || slices.Contains(known, T(v)) {
			continue
		}
		words := make([]string, len(known))
		for j, k := range known {
			words[j] = string(k)
		}
		errs = append(errs, &huma.ErrorDetail{Location: fmt.Sprintf("query.%s[%d]", name, i), Message: oneOf + strings.Join(words, ", "), Value: v})
	}
	return errs
}

// oneOf begins what the framework says of a value that is not in a closed list; the list follows.
const oneOf = "expected value to be one of "

// maxShown is how much of a value that nothing knows is repeated, in characters.
const maxShown = 60

// unknownValue reads from what was found wrong with a request which value of which filter is not in its closed list.
func unknownValue(e *huma.ErrorDetail) (filter, value, known string, is bool) {
	filter, inQuery := strings.CutPrefix(e.Location, "query.")
	known, of := strings.CutPrefix(e.Message, oneOf)
	value, text := e.Value.(string)
	if !inQuery || !of || !text {
		return "", "", "", false
	}
	filter, _, _ = strings.Cut(filter, "[")
	if r := []rune(value); len(r) > maxShown {
		value = string(r[:maxShown]) + " …"
	}
	return filter, value, strings.Trim(known, `"`), true
}

// Resolve implements [huma.Resolver].
func (f *AssetFilter) Resolve(huma.Context) []error {
	kinds := make([]harbour.Kind, len(harbour.Kinds))
	for i, k := range harbour.Kinds {
		kinds[i] = k.Kind
	}
	return append(outside("kind", f.Kind, kinds), outside("level", f.Level, harbour.Levels)...)
}

// Resolve implements [huma.Resolver].
func (f *EvidenceFilter) Resolve(huma.Context) []error {
	return outside("kind", f.Kind, harbour.EvidenceKinds)
}

// Resolve implements [huma.Resolver].
func (f *OperationFilter) Resolve(huma.Context) []error {
	return outside("verb", f.Verb, harbour.Verbs)
}
