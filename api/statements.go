// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/app"
	"breakwater/app/assets"
	"breakwater/harbour"
	"breakwater/store"
)

// Done is what came of a change.
type Done struct {
	Undo    string `json:"undo,omitempty" doc:"By this the change can be taken back within a day, by the one who made it."`
	Version int64  `json:"version,omitempty" doc:"Version of the thing now, for the next change."`
}

// Changed is the answer to a change of one thing.
type Changed struct {
	ETag string `header:"ETag" doc:"Of the thing as it is now, for the next If-Match."`
	Body Done
}

func changed(undo string, version int64) *Changed {
	return &Changed{ETag: `"` + strconv.FormatInt(version, 10) + `"`, Body: Done{undo, version}}
}

// stale is the answer to a change that came too late: with what is there now, as far as the actor may see it.
func (s *server) stale(ctx context.Context, err error, current func() (thing any, version int64, err error)) error {
	if harbour.KindOf(err) != harbour.ErrStale {
		return err
	}
	p := s.problem(ctx, err)
	thing, version, err := current()
	if err != nil {
		return p
	}
	p.Current = thing
	return huma.ErrorWithHeaders(p, http.Header{"Etag": {`"` + strconv.FormatInt(version, 10) + `"`}})
}

// OneField is the path of a field of an asset that people may state.
type OneField struct {
	OneAsset
	Field string `path:"field" maxLength:"40" doc:"One of the fields that can be stated: name, kind, role, vendor, model, …"`
}

// Undoing names a change that is to be taken back.
type Undoing struct {
	InOrganisation
	Body struct {
		Undo string `json:"undo" maxLength:"100" doc:"As the change gave it."`
	}
}

// Nothing is an answer without a body.
type Nothing struct{}

// StatementOf is a statement in a list of changes.
type StatementOf struct {
	Asset    string `json:"asset" maxLength:"200" doc:"Id of the asset."`
	Field    string `json:"field" maxLength:"40"`
	Value    string `json:"value,omitempty" maxLength:"4000"`
	Withdraw bool   `json:"withdraw,omitempty" doc:"Take back what was stated; the value is not looked at."`
	Version  int64  `json:"version,omitempty" minimum:"0" doc:"Of the statement that this one replaces; 0 where there is none."`
	Force    bool   `json:"force,omitempty" doc:"Replace whatever is there."`
}

func (c *StatementOf) change() assets.Change {
	return assets.Change{Asset: c.Asset, Field: c.Field, Value: c.Value, Withdraw: c.Withdraw, Version: c.Version, Force: c.Force}
}

func (s *server) statementRoutes() {
	handle(s, huma.Operation{
		OperationID: "getStatement", Method: http.MethodGet, Path: inOrg("/assets/{id}/statements/{field}"), Tags: []string{"Assets"},
		Summary: "What people stated of a field", Description: "Its entity tag is what a change sends as If-Match. 404 where nobody stated it.",
	}, func(ctx context.Context, by *app.Actor, in *OneField) (*Body[harbour.Statement], error) {
		st, err := s.statement(ctx, by, in)
		if err != nil {
			return nil, err
		}
		if st == nil {
			return nil, &harbour.Error{Kind: harbour.ErrNotFound, Op: "find statement", Message: "nobody stated " + in.Field + " of this asset", Hint: "state it with If-None-Match: *"}
		}
		c := of(ctx)
		c.version, c.tagged = st.Version, true
		return &Body[harbour.Statement]{*st}, nil
	})
	handle(s, huma.Operation{
		OperationID: "putStatement", Method: http.MethodPut, Path: inOrg("/assets/{id}/statements/{field}"), Tags: []string{"Assets"},
		Summary: "State what you know of an asset", Description: "It is shown over what the evidence says, with your name, and takes effect at once.",
		MaxBodyBytes: 64 << 10,
	}, func(ctx context.Context, by *app.Actor, in *struct {
		OneField
		Basis
		Body struct {
			Value  string `json:"value" maxLength:"4000"`
			Reason string `json:"reason,omitempty" maxLength:"500"`
		}
	},
	) (*Changed, error) {
		return s.state(ctx, by, &in.OneField, &in.Basis, assets.Change{Value: in.Body.Value}, in.Body.Reason)
	})
	handle(s, huma.Operation{
		OperationID: "withdrawStatement", Method: http.MethodDelete, Path: inOrg("/assets/{id}/statements/{field}"), Tags: []string{"Assets"},
		Summary: "Take a statement back", Description: "What the evidence says shows again.", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, by *app.Actor, in *struct {
		OneField
		Basis
		Reason string `query:"reason" maxLength:"500"`
	},
	) (*Changed, error) {
		return s.state(ctx, by, &in.OneField, &in.Basis, assets.Change{Withdraw: true}, in.Reason)
	})
	handle(s, huma.Operation{
		OperationID: "putStatements", Method: http.MethodPost, Path: inOrg("/assets/statements"), Tags: []string{"Assets"},
		Summary: "State many things at once, all or none", DefaultStatus: http.StatusOK, MaxBodyBytes: 8 << 20, BodyReadTimeout: time.Minute,
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Body struct {
			Changes []StatementOf `json:"changes" nullable:"false" minItems:"1" maxItems:"5000"`
			Reason  string        `json:"reason,omitempty" maxLength:"500"`
		}
	},
	) (*Body[Done], error) {
		undo, err := s.Assets.State(ctx, by, in.Organisation, each(in.Body.Changes, (*StatementOf).change), in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &Body[Done]{Done{Undo: undo}}, nil
	})
	handle(s, huma.Operation{
		OperationID: "undoStatements", Method: http.MethodPost, Path: inOrg("/assets/undo"), Tags: []string{"Assets"},
		Summary: "Take a change back", Description: "Within a day, by the one who made it, and where nobody changed the same since.", MaxBodyBytes: 4 << 10,
	}, func(ctx context.Context, by *app.Actor, in *Undoing) (*Nothing, error) {
		return nil, s.Assets.Undo(ctx, by, in.Organisation, in.Body.Undo)
	})
	s.identityRoutes()
}

// statement reads what was stated of a field; nil for nothing.
func (s *server) statement(ctx context.Context, by *app.Actor, in *OneField) (*harbour.Statement, error) {
	v, err := s.Assets.Get(ctx, by, in.Organisation, in.ID, 0)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(v.Statements, func(st harbour.Statement) bool { return st.Field == in.Field }); i >= 0 {
		return &v.Statements[i], nil
	}
	return nil, nil
}

func (s *server) state(ctx context.Context, by *app.Actor, in *OneField, basis *Basis, c assets.Change, reason string) (*Changed, error) {
	// The right comes before the form, so that what is wrong with the form tells nobody anything.
	if _, err := by.Scope(app.EditAssets, in.Organisation); err != nil {
		return nil, err
	}
	var err error
	c.Asset, c.Field = in.ID, in.Field
	if c.Version, c.Force, err = basis.version(); err != nil {
		return nil, err
	}
	undo, err := s.Assets.State(ctx, by, in.Organisation, []assets.Change{c}, reason)
	if err != nil {
		return nil, s.stale(ctx, err, func() (any, int64, error) {
			st, err := s.statement(ctx, by, in)
			if st == nil {
				return nil, 0, err
			}
			return st, st.Version, err
		})
	}
	st, err := s.statement(ctx, by, in)
	if err != nil || st == nil { // taken back, or the token may not read
		return changed(undo, 0), nil
	}
	return changed(undo, st.Version), nil
}

// IdentityRule is a decision by hand about what is one asset.
type IdentityRule struct {
	ID     string          `json:"id"`
	Kind   string          `json:"kind" enum:"must_link,cannot_link"`
	A      string          `json:"a" doc:"A key by which an asset is known."`
	B      string          `json:"b"`
	Reason string          `json:"reason"`
	By     string          `json:"by" doc:"Id of the person."`
	At     harbour.Instant `json:"at"`
}

func (s *server) identityRoutes() {
	handle(s, huma.Operation{
		OperationID: "joinAssets", Method: http.MethodPost, Path: inOrg("/assets/join"), Tags: []string{"Assets"},
		Summary: "Say that assets are one", Description: "The next build of the inventory follows; it is asked for.", MaxBodyBytes: 64 << 10,
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Body struct {
			Assets []string `json:"assets" nullable:"false" minItems:"2" maxItems:"50" doc:"Ids."`
			Reason string   `json:"reason,omitempty" maxLength:"500"`
		}
	},
	) (*Nothing, error) {
		return nil, s.Assets.Join(ctx, by, in.Organisation, in.Body.Assets, in.Body.Reason)
	})
	handle(s, huma.Operation{
		OperationID: "partAsset", Method: http.MethodPost, Path: inOrg("/assets/{id}/part"), Tags: []string{"Assets"},
		Summary: "Say that a key is of another asset", Description: "The next build of the inventory follows; it is asked for.", MaxBodyBytes: 64 << 10,
	}, func(ctx context.Context, by *app.Actor, in *struct {
		OneAsset
		Body struct {
			Key    string `json:"key" maxLength:"500" doc:"One of the keys of the asset."`
			Reason string `json:"reason,omitempty" maxLength:"500"`
		}
	},
	) (*Nothing, error) {
		return nil, s.Assets.Part(ctx, by, in.Organisation, in.ID, in.Body.Key, in.Body.Reason)
	})
	handle(s, huma.Operation{
		OperationID: "listIdentityRules", Method: http.MethodGet, Path: inOrg("/identity-rules"), Tags: []string{"Assets"},
		Summary: "What was decided by hand about identity", Description: "Empty where you see a part of the organisation.",
	}, func(ctx context.Context, by *app.Actor, in *InOrganisation) (*Body[Things[IdentityRule]], error) {
		list, err := s.Assets.Rules(ctx, by, in.Organisation)
		if err != nil {
			return nil, err
		}
		return things(list, func(r *store.IdentityRule) IdentityRule { return IdentityRule(*r) }), nil
	})
	handle(s, huma.Operation{
		OperationID: "removeIdentityRule", Method: http.MethodDelete, Path: inOrg("/identity-rules/{id}"), Tags: []string{"Assets"},
		Summary: "Take such a decision back",
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		ID string `path:"id" maxLength:"200" doc:"Id of the rule."`
	},
	) (*Nothing, error) {
		return nil, s.Assets.Forget(ctx, by, in.Organisation, in.ID)
	})
}
