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
		errs = append(errs, &huma.ErrorDetail{Location: fmt.Sprintf("query.%s[%d]", name, i), Message: "expected value to be one of " + strings.Join(words, ", ")})
	}
	return errs
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
