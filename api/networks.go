// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"net/netip"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/app"
	"breakwater/harbour"
)

// Networks are prefixes that outlets may reach although they are not of the public internet.
type Networks struct {
	Prefixes []string `json:"prefixes" nullable:"false" maxItems:"100" doc:"Such as 10.20.0.0/16 or fd00:20::/32."`
}

func (s *server) networkRoutes() {
	handle(s, huma.Operation{
		OperationID: "getOutletNetworks", Method: http.MethodGet, Path: Prefix + "outlet-networks", Tags: []string{"Outlets"},
		Summary: "What outlets may reach beside the public internet", Description: "For administrators of the installation.",
	}, func(ctx context.Context, by *app.Actor, _ *struct{}) (*Body[Networks], error) {
		list, err := s.Outlets.Allowed(ctx, by)
		if err != nil {
			return nil, err
		}
		return &Body[Networks]{Networks{each(list, func(p *netip.Prefix) string { return p.String() })}}, nil
	})
	handle(s, huma.Operation{
		OperationID: "putOutletNetworks", Method: http.MethodPut, Path: Prefix + "outlet-networks", Tags: []string{"Outlets"},
		Summary: "Say what outlets may reach beside the public internet", Description: "For administrators of the installation. The list replaces the one before.", MaxBodyBytes: 64 << 10,
	}, func(ctx context.Context, by *app.Actor, in *struct{ Body Networks }) (*Nothing, error) {
		if err := by.Everywhere(app.ManageSystem); err != nil {
			return nil, err
		}
		list := make([]netip.Prefix, len(in.Body.Prefixes))
		for i, v := range in.Body.Prefixes {
			p, err := netip.ParsePrefix(v)
			if err != nil {
				return nil, harbour.In("prefixes", usage("allow networks", "“"+clip(v)+"” is not a prefix", "write it as 10.20.0.0/16"))
			}
			list[i] = p
		}
		err := s.Outlets.Allow(ctx, by, list)
		if harbour.KindOf(err) == harbour.ErrInvalid {
			err = harbour.In("prefixes", err) // as they are called here
		}
		return nil, err
	})
}
