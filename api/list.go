// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// InOrganisation is the part of a path that says whose data is meant.
type InOrganisation struct {
	Organisation string `path:"organisation" maxLength:"64" doc:"Id of the organisation."`
}

// Paging says which part of a list is wanted.
type Paging struct {
	Sort   string `query:"sort" maxLength:"40" doc:"What the list is sorted by; with a hyphen before it in descending order."`
	Cursor string `query:"cursor" maxLength:"8192" doc:"The next or previous of a page, unchanged; leave it out for the first page."`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"Rows of a page."`
}

func (p *Paging) order(ctx context.Context) (o store.Order, err error) {
	o.Limit = p.Limit
	o.Sort, o.Desc = strings.CutPrefix(p.Sort, "-")
	o.Cursor, err = of(ctx).mark(p.Cursor)
	return o, err
}

// AsOf asks for a state of the past.
type AsOf struct {
	AsOf string `query:"as_of" maxLength:"40" doc:"The state that was published last at or before this instant (RFC 3339); the present one without." example:"2026-11-01T00:00:00Z"`
}

func (a *AsOf) instant() (harbour.Instant, error) { return instant("as_of", a.AsOf) }

// instant reads an instant of a request; 0 for none.
func instant(name, s string) (harbour.Instant, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return 0, harbour.In(name, usage("read "+name, name+" is not an instant", "write it as in RFC 3339, with a time zone: 2026-11-01T00:00:00Z"))
	}
	return max(harbour.At(t), 1), nil
}

// List is a page of a list.
type List[T any] struct {
	Items    []T    `json:"items" nullable:"false" doc:"The rows of this page."`
	Next     string `json:"next,omitempty" doc:"Cursor of the next page; missing on the last."`
	Previous string `json:"previous,omitempty" doc:"Cursor of the page before; missing on the first."`
	Total    int    `json:"total" doc:"How many rows there are on all pages, as far as they were counted."`
	AtLeast  bool   `json:"total_is_lower_bound" doc:"Set where there are more rows than were counted."`
}

// listOf gives a page of the store the form of the API.
func listOf[T, R any](ctx context.Context, p *store.Page[R], row func(*R) T) *Body[List[T]] {
	c := of(ctx)
	l := List[T]{Items: make([]T, len(p.Items)), Next: c.cursor(p.Next), Previous: c.cursor(p.Previous), Total: p.Total, AtLeast: p.More}
	for i := range p.Items {
		l.Items[i] = row(&p.Items[i])
	}
	return &Body[List[T]]{l}
}

// past answers with a page of a list whose past states can be asked for: the same for every kind of row.
func past[Q, R, T any](ctx context.Context, by *app.Actor, org string, p *Paging, a *AsOf, query func(store.Order) Q,
	list func(context.Context, *app.Actor, string, Q, harbour.Instant) (store.Page[R], error), row func(*R) T,
) (*Body[List[T]], error) {
	o, err := p.order(ctx)
	if err != nil {
		return nil, err
	}
	at, err := a.instant()
	if err != nil {
		return nil, err
	}
	page, err := list(ctx, by, org, query(o), at)
	if err != nil {
		return nil, err
	}
	return listOf(ctx, &page, row), nil
}

// PastCounts asks for the counts of a list as they were.
type PastCounts struct {
	InOrganisation
	AsOf
}

// pastCounts answers with the counts of a list whose past states can be asked for.
func pastCounts(facets func(context.Context, *app.Actor, string, harbour.Instant) ([]store.Facet, error)) func(context.Context, *app.Actor, *PastCounts) (*Body[Things[Facet]], error) {
	return func(ctx context.Context, by *app.Actor, in *PastCounts) (*Body[Things[Facet]], error) {
		at, err := in.instant()
		if err != nil {
			return nil, err
		}
		list, err := facets(ctx, by, in.Organisation, at)
		if err != nil {
			return nil, err
		}
		return things(list, facet), nil
	}
}

// Body is an answer that is nothing but its body.
type Body[T any] struct{ Body T }

// Things is a list that is given whole.
type Things[T any] struct {
	Items []T `json:"items" nullable:"false" doc:"All of them."`
}

func things[T, R any](list []R, row func(*R) T) *Body[Things[T]] {
	t := Things[T]{Items: make([]T, len(list))}
	for i := range list {
		t.Items[i] = row(&list[i])
	}
	return &Body[Things[T]]{t}
}

func same[T any](v *T) T { return *v }

// filled is never null in JSON.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Facet is how many rows have a value.
type Facet struct {
	Name  string `json:"name" doc:"Name of the filter; empty for the whole list."`
	Value string `json:"value"`
	Count int    `json:"count"`
}

func facet(f *store.Facet) Facet { return Facet{f.Name, f.Value, f.Count} }
