// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package names is the use case of what things are called: pages that speak of a zone or an evidence by its id show the
// name instead, to those who may see the thing itself. Nothing is changed here.
package names

import (
	"context"

	"breakwater/app"
)

// Names is safe for concurrent use.
type Names struct{ core *app.Core }

// New makes the use case.
func New(c *app.Core) *Names { return &Names{c} }

// Zones gives the names of the zones that the person may see, by id. A zone whose name nobody declared is not in it.
func (u *Names) Zones(ctx context.Context, by *app.Actor, org string) (map[string]string, error) {
	scope, err := by.Scope(app.ReadZones, org)
	if err != nil {
		return nil, err
	}
	zones, err := u.core.DB.In(scope).Zones(ctx)
	if err != nil {
		return nil, err
	}
	list := make(map[string]string, len(zones))
	for _, z := range zones {
		if z.Name != "" {
			list[z.ID] = z.Name
		}
	}
	return list, nil
}

// Evidence gives the name of the file that an evidence was given as, which may be "". What the person may not see is not
// found ([harbour.ErrNotFound]).
func (u *Names) Evidence(ctx context.Context, by *app.Actor, org, id string) (string, error) {
	scope, err := by.Scope(app.ReadEvidence, org)
	if err != nil {
		return "", err
	}
	e, err := u.core.DB.In(scope).EvidenceByID(ctx, id)
	if err != nil {
		return "", err
	}
	return e.Name, nil
}
