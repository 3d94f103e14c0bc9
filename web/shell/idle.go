// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"net/url"
	"slices"
)

// Idle is a value of a filter that fits no row even where nothing else is asked for: most often a name that was mistyped in
// an address, or one of a zone that is gone.
type Idle struct {
	Filter, Title string // of the filter and of the value, for people
	drop          string // the address without it
}

// maxIdle is for how many values of an address a list is asked.
const maxIdle = 12

// Idle finds the values of filters that fit nothing by themselves, for a list of so many rows. One that is empty is asked about
// every value; in another each filter fits something, and only one of several values of a filter can be idle beside the rest.
// fits asks the list with the request that it is given, whose address holds one value of one filter and all that is no
// filter, as the date.
//
// Errors: those of fits.
func (r *Request) Idle(filters []Filter, rows int, fits func(*Request) (bool, error)) (list []Idle, err error) {
	bare, err := url.Parse(r.bare(filters))
	if err != nil {
		return nil, err
	}
	asked := 0
	for _, f := range filters {
		values := r.Values(f.Name)
		if rows > 0 && (f.One || len(values) < 2) {
			continue
		}
		for _, v := range values {
			if v == "" && f.One || rows > 0 && f.counted(v) {
				continue
			}
			if asked++; asked > maxIdle {
				return list, nil
			}
			u := *bare
			q := u.Query()
			q.Set(f.Name, v)
			u.RawQuery = q.Encode()
			one := *r
			one.Request = r.WithContext(r.Context())
			one.URL = &u
			is, err := fits(&one)
			if err != nil {
				return nil, err
			}
			if !is {
				list = append(list, Idle{f.Title, f.title(v), r.Without(f.Name, v)})
			}
		}
	}
	return list, nil
}

// counted says whether rows are known to have a value.
func (f *Filter) counted(value string) bool {
	return slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.Value == value && c.Count > 0 })
}
