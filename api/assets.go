// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/app"
	"breakwater/app/assets"
	"breakwater/harbour"
	"breakwater/store"
)

// AssetItem is what a list shows of an asset.
type AssetItem struct {
	ID           string           `json:"id"`
	Name         string           `json:"name"`
	Domain       harbour.Domain   `json:"domain"`
	Kind         harbour.Kind     `json:"kind"`
	Vendor       string           `json:"vendor"`
	Model        string           `json:"model"`
	Firmware     string           `json:"firmware"`
	Zone         string           `json:"zone"`
	Level        string           `json:"level"`
	Site         string           `json:"site"`
	Supplier     string           `json:"supplier"`
	Criticality  string           `json:"criticality"`
	Address      string           `json:"address"`
	Declared     bool             `json:"declared"`
	Observed     bool             `json:"observed"`
	FirstSeen    harbour.Instant  `json:"first_seen"`
	LastSeen     harbour.Instant  `json:"last_seen"`
	OpenFindings int              `json:"open_findings"`
	Worst        harbour.Severity `json:"worst_severity,omitempty" doc:"Of its open findings; missing where there is none."`
}

func assetItem(r *store.AssetRow) AssetItem {
	return AssetItem{
		ID: r.ID, Name: r.Name, Domain: r.Domain, Kind: r.Kind, Vendor: r.Vendor, Model: r.Model, Firmware: r.Firmware, Zone: r.Zone, Level: r.Level,
		Site: r.Site, Supplier: r.Supplier, Criticality: r.Criticality, Address: r.Address, Declared: r.Declared, Observed: r.Observed,
		FirstSeen: r.FirstSeen, LastSeen: r.LastSeen, OpenFindings: r.OpenFindings, Worst: severity(r.Worst),
	}
}

// AssetFilter selects assets. Within a field any value will do, between fields all must.
type AssetFilter struct {
	Text        string   `query:"text" maxLength:"200" doc:"Words that must all occur in names, addresses, vendor, model, …"`
	Domain      []string `query:"domain,explode" maxItems:"3" enum:"it,ot,physical"`
	Kind        []string `query:"kind,explode" maxItems:"100"`
	Zone        []string `query:"zone,explode" maxItems:"100"`
	Vendor      []string `query:"vendor,explode" maxItems:"100"`
	Site        []string `query:"site,explode" maxItems:"100"`
	Level       []string `query:"level,explode" maxItems:"10"`
	Supplier    []string `query:"supplier,explode" maxItems:"100"`
	Criticality []string `query:"criticality,explode" maxItems:"20"`
	Model       []string `query:"model,explode" maxItems:"100"`
	Firmware    []string `query:"firmware,explode" maxItems:"100"`
	ID          []string `query:"id,explode" maxItems:"1000"`
	Known       string   `query:"known" enum:"declared,observed,undeclared,unseen" doc:"declared by a person; observed in traffic; undeclared: observed alone; unseen: declared alone."`
	Worst       string   `query:"worst" enum:"info,low,medium,high,critical" doc:"Assets with an open finding of this severity or a worse one."`
}

func (f *AssetFilter) query(o store.Order) store.AssetQuery {
	q := store.AssetQuery{
		Order: o, Text: f.Text, Domain: f.Domain, Kind: f.Kind, Zone: f.Zone, Vendor: f.Vendor, Site: f.Site, Level: f.Level, Supplier: f.Supplier,
		Criticality: f.Criticality, Model: f.Model, Firmware: f.Firmware, IDs: f.ID, Known: f.Known,
	}
	if f.Worst != "" {
		q.WithFindings, q.Worst = true, harbour.Severity(f.Worst).Rank()
	}
	return q
}

// AssetDetail is an asset with all that is known of it, and what people stated.
type AssetDetail struct {
	harbour.Asset
	OpenFindings int                 `json:"open_findings"`
	Worst        harbour.Severity    `json:"worst_severity,omitempty"`
	Statements   []harbour.Statement `json:"statements" nullable:"false" doc:"What people stated over the evidence; a change names the version."`
}

// AssetState is a state that an asset had.
type AssetState struct {
	Generation int64           `json:"generation"`
	From       harbour.Instant `json:"from" doc:"When this state was published."`
	Until      harbour.Instant `json:"until" doc:"null for the present state."`
	Asset      *harbour.Asset  `json:"asset"`
}

// OneAsset is the path of an asset.
type OneAsset struct {
	InOrganisation
	ID string `path:"id" maxLength:"200" doc:"Id of the asset."`
}

func (s *server) assetRoutes() {
	handle(s, huma.Operation{
		OperationID: "listAssets", Method: http.MethodGet, Path: inOrg("/assets"), Tags: []string{"Assets"},
		Summary: "Find assets", Description: "Sorted by one of: name, kind, zone, vendor, site, supplier, last_seen, worst.",
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Paging
		AsOf
		AssetFilter
	},
	) (*Body[List[AssetItem]], error) {
		return past(ctx, by, in.Organisation, &in.Paging, &in.AsOf, in.query, s.Assets.List, assetItem)
	})
	handle(s, huma.Operation{
		OperationID: "countAssets", Method: http.MethodGet, Path: inOrg("/assets/facets"), Tags: []string{"Assets"},
		Summary: "How many assets have which value", Description: "Counted over the whole organisation; empty where you see a part of it.",
	}, pastCounts(s.Assets.Facets))
	handle(s, huma.Operation{
		OperationID: "getAsset", Method: http.MethodGet, Path: inOrg("/assets/{id}"), Tags: []string{"Assets"},
		Summary: "All that is known of an asset", Description: "Each attribute with the places in the evidence that it rests on.",
	}, func(ctx context.Context, by *app.Actor, in *struct {
		OneAsset
		AsOf
	},
	) (*Body[AssetDetail], error) {
		at, err := in.instant()
		if err != nil {
			return nil, err
		}
		v, err := s.Assets.Get(ctx, by, in.Organisation, in.ID, at)
		if err != nil {
			return nil, err
		}
		return &Body[AssetDetail]{assetView(v)}, nil
	})
	handle(s, huma.Operation{
		OperationID: "listAssetHistory", Method: http.MethodGet, Path: inOrg("/assets/{id}/history"), Tags: []string{"Assets"},
		Summary: "The states that an asset had, newest first", Description: "As the evidence showed it, without statements by people; at most 100.",
	}, func(ctx context.Context, by *app.Actor, in *OneAsset) (*Body[Things[AssetState]], error) {
		list, err := s.Assets.History(ctx, by, in.Organisation, in.ID)
		if err == nil && len(list) == 0 {
			_, err = s.Assets.Get(ctx, by, in.Organisation, in.ID, 0)
		}
		if err != nil {
			return nil, err
		}
		return things(list, func(v *store.AssetVersion) AssetState { return AssetState(*v) }), nil
	})
	handle(s, huma.Operation{
		OperationID: "listAssetChanges", Method: http.MethodGet, Path: inOrg("/assets/{id}/changes"), Tags: []string{"Assets"},
		Summary: "Who changed what about an asset, newest first", Description: "Entries of the audit log; at most 100.",
	}, func(ctx context.Context, by *app.Actor, in *OneAsset) (*Body[Things[store.Entry]], error) {
		list, err := s.Assets.Changes(ctx, by, in.Organisation, in.ID)
		if err != nil {
			return nil, err
		}
		return things(list, same), nil
	})
}

func assetView(v *assets.View) AssetDetail {
	return AssetDetail{Asset: *v.Asset, OpenFindings: v.Row.OpenFindings, Worst: severity(v.Row.Worst), Statements: filled(v.Statements)}
}
