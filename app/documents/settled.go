// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package documents

import (
	"context"

	"breakwater/harbour"
	"breakwater/store"
)

// settlements says of the findings that are not open who decided that, with names. A document is for those alone who see
// the whole organisation, so that they may know who decides in it. A person who was deleted is called by their id.
func (u *Documents) settlements(ctx context.Context, s *store.Scoped) (map[string]harbour.Settlement, error) {
	list, err := s.Settled(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{"system": "the program"}
	out := make(map[string]harbour.Settlement, len(list))
	for id, d := range list {
		name, ok := names[d.By]
		if !ok {
			p, _, err := u.core.DB.PersonBy(ctx, "", d.By)
			if err != nil && harbour.KindOf(err) != harbour.ErrNotFound {
				return nil, err
			}
			if name = p.Name; name == "" {
				name = d.By
			}
			names[d.By] = name
		}
		out[id] = harbour.Settlement{Status: d.Status, By: name, At: d.At, Until: d.Until, Reason: d.Reason}
	}
	return out, nil
}
