// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Conversation is who talked to whom. Of an end that you may not see, neither id nor name is given.
type Conversation struct {
	ID string `json:"id"`
	harbour.Conversation
	ClientName string `json:"client_name,omitempty"`
	ServerName string `json:"server_name,omitempty"`
	ClientZone string `json:"client_zone,omitempty"`
	ServerZone string `json:"server_zone,omitempty"`
}

func conversation(r *store.ConversationRow) Conversation {
	return Conversation{r.ID, r.Conversation, r.ClientName, r.ServerName, r.ClientZone, r.ServerZone}
}

// Operation is what was done in a conversation.
type Operation struct {
	ID string `json:"id"`
	harbour.Operation
	ClientName string `json:"client_name,omitempty"`
	ServerName string `json:"server_name,omitempty"`
}

func operation(r *store.OperationRow) Operation {
	return Operation{r.ID, r.Operation, r.ClientName, r.ServerName}
}

// TrafficFilter selects conversations and operations.
type TrafficFilter struct {
	Asset    string   `query:"asset" maxLength:"200" doc:"Id of an asset at either end."`
	Client   string   `query:"client" maxLength:"200" doc:"Id of the asset that asks."`
	Server   string   `query:"server" maxLength:"200" doc:"Id of the asset that answers."`
	Protocol []string `query:"protocol,explode" maxItems:"100"`
	From     string   `query:"from" maxLength:"40" doc:"Seen at this instant (RFC 3339) or later."`
	Until    string   `query:"until" maxLength:"40" doc:"Seen at this instant (RFC 3339) or earlier."`
}

func (f *TrafficFilter) query(o store.Order) (q store.Traffic, err error) {
	q = store.Traffic{Order: o, Asset: f.Asset, Client: f.Client, Server: f.Server, Protocol: f.Protocol}
	if q.From, err = instant("from", f.From); err != nil {
		return q, err
	}
	q.Until, err = instant("until", f.Until)
	return q, err
}

// ConversationFilter selects conversations.
type ConversationFilter struct {
	TrafficFilter
	Verdict    []string `query:"verdict,explode" maxItems:"10" enum:"approved_used,approved_unused,excess_permission,bypass,broken_conduit,undocumented,unknown"`
	ClientZone []string `query:"client_zone,explode" maxItems:"100"`
	ServerZone []string `query:"server_zone,explode" maxItems:"100"`
}

func (f *ConversationFilter) query(o store.Order) (store.Traffic, error) {
	q, err := f.TrafficFilter.query(o)
	q.Verdict, q.ClientZone, q.ServerZone = f.Verdict, f.ClientZone, f.ServerZone
	return q, err
}

// OperationFilter selects operations.
type OperationFilter struct {
	TrafficFilter
	Verb        []string `query:"verb,explode" maxItems:"20" doc:"What was done, in the words of the list of operations."`
	Name        []string `query:"name,explode" maxItems:"100" doc:"Canonical names of codes."`
	Result      []string `query:"result,explode" maxItems:"100"`
	Engineering bool     `query:"engineering" doc:"Only what alters a device beyond its process values."`
}

func (f *OperationFilter) query(o store.Order) (store.Traffic, error) {
	q, err := f.TrafficFilter.query(o)
	q.Verb, q.Name, q.Result, q.Engineering = f.Verb, f.Name, f.Result, f.Engineering
	return q, err
}

func (s *server) trafficRoutes() {
	handle(s, huma.Operation{
		OperationID: "listConversations", Method: http.MethodGet, Path: inOrg("/conversations"), Tags: []string{"Traffic"},
		Summary: "Who talked to whom", Description: "Sorted by one of: last_seen, protocol, bytes.",
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Paging
		ConversationFilter
	},
	) (*Body[List[Conversation]], error) {
		o, err := in.order(ctx)
		if err != nil {
			return nil, err
		}
		q, err := in.query(o)
		if err != nil {
			return nil, err
		}
		p, err := s.Traffic.Conversations(ctx, by, in.Organisation, q)
		if err != nil {
			return nil, err
		}
		return listOf(ctx, &p, conversation), nil
	})
	handle(s, huma.Operation{
		OperationID: "listOperations", Method: http.MethodGet, Path: inOrg("/operations"), Tags: []string{"Traffic"},
		Summary: "Who read, wrote, programmed or stopped what", Description: "Sorted by one of: last_seen, protocol.",
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Paging
		OperationFilter
	},
	) (*Body[List[Operation]], error) {
		o, err := in.order(ctx)
		if err != nil {
			return nil, err
		}
		q, err := in.query(o)
		if err != nil {
			return nil, err
		}
		p, err := s.Traffic.Operations(ctx, by, in.Organisation, q)
		if err != nil {
			return nil, err
		}
		return listOf(ctx, &p, operation), nil
	})
	for _, l := range []struct{ id, path, list, summary string }{
		{"countConversations", "/conversations/facets", "conversation", "How many conversations have which value"},
		{"countOperations", "/operations/facets", "operation", "How many operations have which value"},
	} {
		handle(s, huma.Operation{
			OperationID: l.id, Method: http.MethodGet, Path: inOrg(l.path), Tags: []string{"Traffic"},
			Summary: l.summary, Description: "Counted over the whole organisation; empty where you see a part of it.",
		}, func(ctx context.Context, by *app.Actor, in *InOrganisation) (*Body[Things[Facet]], error) {
			list, err := s.Traffic.Facets(ctx, by, in.Organisation, l.list)
			if err != nil {
				return nil, err
			}
			return things(list, facet), nil
		})
	}
	handle(s, huma.Operation{
		OperationID: "listZones", Method: http.MethodGet, Path: inOrg("/zones"), Tags: []string{"Zones"},
		Summary: "The zones, with how many assets are in each",
	}, func(ctx context.Context, by *app.Actor, in *InOrganisation) (*Body[Things[harbour.Zone]], error) {
		list, err := s.Traffic.Zones(ctx, by, in.Organisation)
		if err != nil {
			return nil, err
		}
		return things(list, same), nil
	})
	handle(s, huma.Operation{
		OperationID: "listConduits", Method: http.MethodGet, Path: inOrg("/conduits"), Tags: []string{"Zones"},
		Summary: "The communication between zones: declared, seen, or both",
	}, func(ctx context.Context, by *app.Actor, in *InOrganisation) (*Body[Things[harbour.ConduitUse]], error) {
		list, err := s.Traffic.Conduits(ctx, by, in.Organisation)
		if err != nil {
			return nil, err
		}
		return things(list, same), nil
	})
}
