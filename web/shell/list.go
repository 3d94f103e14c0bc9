// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"net/url"
	"slices"
	"strings"

	"breakwater/harbour"
	"breakwater/store"
)

// Choice is one value of a filter.
type Choice struct {
	Value, Title string
	Count        int // how many rows have it; -1 where not known
}

// Filter is a field by which a list is filtered, in the address as its name.
type Filter struct {
	Name, Title string
	Choices     []Choice
	One         bool // one value at a time
}

// title of a value, also of one that is not among the choices any more.
func (f *Filter) title(value string) string {
	for _, c := range f.Choices {
		if c.Value == value {
			return c.Title
		}
	}
	if value == "" {
		return "none"
	}
	return value
}

// Column is a column that a list may show.
type Column struct{ Name, Title string }

// bounds of what an address may ask for.
const (
	maxValues = 60
	maxValue  = 300
)

// Values are the values of a filter in the address; those that are too many or too long are left out.
func (r *Request) Values(name string) (list []string) {
	for _, v := range r.URL.Query()[name] {
		if len(v) <= maxValue && len(list) < maxValues && !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}

// Text is the search text of the address, field q.
//
// Errors: ErrInvalid for one that is too long.
func (r *Request) Text() (string, error) {
	q := strings.TrimSpace(strings.ToValidUTF8(r.URL.Query().Get("q"), ""))
	if len(q) > 200 {
		return "", &harbour.Error{Kind: harbour.ErrInvalid, Op: "search", Message: "the text to search for is too long", Hint: "search for fewer words"}
	}
	return strings.ReplaceAll(q, "\x00", ""), nil
}

// Facets makes a filter of the facets of a list. title names a value; nil for the value as it is. Values that the address
// asks for are choices even where no row has them.
func (r *Request) Facets(facets []store.Facet, name, title string, of func(string) string) Filter {
	f := Filter{Name: name, Title: title}
	word := func(v string) string {
		switch {
		case v == "":
			return "none"
		case of != nil:
			return of(v)
		}
		return v
	}
	for _, x := range facets {
		if x.Name == name {
			f.Choices = append(f.Choices, Choice{x.Value, word(x.Value), x.Count})
		}
	}
	for _, v := range r.Values(name) {
		if !slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.Value == v }) {
			f.Choices = append(f.Choices, Choice{v, word(v), -1})
		}
	}
	return f
}

// Columns are those of all that the address asks for (col), in the order of all; the usual ones where it asks for none.
func (r *Request) Columns(all []Column, usual ...string) (list []Column) {
	want := r.Values("col")
	if len(want) == 0 {
		want = usual
	}
	for _, c := range all {
		if slices.Contains(want, c.Name) {
			list = append(list, c)
		}
	}
	return list
}

func hasColumn(list []Column, name string) bool {
	return slices.ContainsFunc(list, func(c Column) bool { return c.Name == name })
}

// pair is a field of an address.
type pair struct{ Name, Value string }

// Fields lists the fields of the address but for some, for a form that carries them along.
func (r *Request) Fields(without ...string) (list []Field) {
	for _, p := range r.kept(without...) {
		list = append(list, Field(p))
	}
	return list
}

// Field is a field of an address.
type Field struct{ Name, Value string }

// kept lists the fields of the address but for some, in order.
func (r *Request) kept(without ...string) (list []pair) {
	q := r.URL.Query()
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for n := range q {
			if !yield(n) {
				return
			}
		}
	}) {
		if slices.Contains(without, name) {
			continue
		}
		for _, v := range q[name] {
			list = append(list, pair{name, v})
		}
	}
	return list
}

// Without is the address of the page without one value of a field, or without the field.
func (r *Request) Without(name string, value ...string) string {
	q := r.URL.Query()
	if len(value) == 0 {
		q.Del(name)
	} else {
		q[name] = slices.DeleteFunc(slices.Clone(q[name]), func(v string) bool { return v == value[0] })
	}
	q.Del("cursor")
	return withQuery(r.URL.EscapedPath(), q)
}

// AllOf is the address of a sibling that takes the same query: an export of the list.
func (r *Request) AllOf(path string) string {
	q := r.URL.Query()
	q.Del("cursor")
	return withQuery(path, q)
}

func withQuery(path string, q url.Values) string {
	if e := q.Encode(); e != "" {
		return path + "?" + e
	}
	return path
}

// Filtered says whether the address narrows the list down.
func (r *Request) Filtered(filters []Filter) bool {
	q := r.URL.Query()
	return q.Get("q") != "" || slices.ContainsFunc(filters, func(f Filter) bool { return len(q[f.Name]) > 0 })
}

// ListQuery is what a saved view keeps of the address of a list: all but the page.
func (r *Request) ListQuery() string {
	q := r.URL.Query()
	q.Del("cursor")
	q.Del("at")
	return q.Encode()
}

// OneOf are the values of a filter whose values are a closed list; an empty one says that nothing is asked for.
//
// Errors: ErrInvalid for a value that is none of the list. A list that left it out would look filtered and not be.
func (r *Request) OneOf(name string, known ...string) ([]string, error) {
	for _, v := range r.URL.Query()[name] {
		if v != "" && !slices.Contains(known, v) {
			return nil, &harbour.Error{
				Kind: harbour.ErrInvalid, Op: "read the address", Field: name,
				Message: "the filter “" + name + "” knows no “" + clip(v, 60) + "”", Hint: "one of: " + strings.Join(known, ", "),
			}
		}
	}
	return r.Values(name), nil
}

// Closed reads several filters with [Request.OneOf], each with the values of its closed list.
func (r *Request) Closed(filters ...ClosedFilter) error {
	for _, f := range filters {
		v, err := r.OneOf(f.Name, f.Known...)
		if err != nil {
			return err
		}
		if f.To != nil {
			*f.To = v
		}
	}
	return nil
}

// ClosedFilter is a filter with a closed list of values, and where those that are asked for go; nil for nowhere.
type ClosedFilter struct {
	Name  string
	Known []string
	To    *[]string
}

// Names gives the values of a closed list as the address has them.
func Names[T ~string](list []T) []string {
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = string(v)
	}
	return names
}
