// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/app"
	"breakwater/app/outlets"
	"breakwater/harbour"
)

// OutletSettings are what is said of an outlet.
type OutletSettings struct {
	Name     string        `json:"name" maxLength:"100" doc:"For people."`
	Target   string        `json:"target" maxLength:"2000" doc:"URL of a webhook; host:port of a log server or a mail server."`
	Events   []string      `json:"events" nullable:"false" minItems:"1" maxItems:"50" doc:"Names of events, or * for all."`
	Severity string        `json:"severity,omitempty" enum:"info,low,medium,high,critical" doc:"The lowest severity of findings whose events are sent."`
	Paused   bool          `json:"paused,omitempty"`
	Syslog   *OutletSyslog `json:"syslog,omitempty" doc:"For a log server."`
	Mail     *OutletMail   `json:"mail,omitempty" doc:"For a mail server."`
}

// OutletSyslog says how a log server is reached.
type OutletSyslog struct {
	Transport string `json:"transport" enum:"tls,tcp,udp" doc:"tcp and udp to networks that the administrator of the installation allows alone."`
	Facility  int    `json:"facility" minimum:"0" maximum:"23"`
	CA        string `json:"ca,omitempty" maxLength:"65536" doc:"Authority of the log server's certificate (PEM); that of the system without."`
}

// OutletMail says how and to whom mail is sent.
type OutletMail struct {
	Security string   `json:"security" enum:"tls,starttls,none" doc:"none to networks that the administrator of the installation allows alone."`
	User     string   `json:"user,omitempty" maxLength:"300"`
	From     string   `json:"from" maxLength:"254"`
	To       []string `json:"to" nullable:"false" minItems:"1" maxItems:"50"`
	Digest   string   `json:"digest,omitempty" enum:"none,hourly,daily" doc:"Gathers what is not critical; daily is at 06:00 UTC."`
}

// Outlet is an outlet with how it does.
type Outlet struct {
	ID   string `json:"id"`
	Kind string `json:"kind" enum:"webhook,syslog,mail"`
	OutletSettings
	State        string          `json:"state" enum:"active,paused,disabled" doc:"disabled by the program, after long failure."`
	Reason       string          `json:"reason,omitempty" doc:"Why it is disabled."`
	Failures     int             `json:"failures" doc:"In a row."`
	FailingSince harbour.Instant `json:"failing_since"`
	LastError    string          `json:"last_error,omitempty"`
	SentAt       harbour.Instant `json:"sent_at" doc:"When something arrived last."`
	Waiting      int             `json:"waiting" doc:"Events that are still to be sent."`
	Dropped      int64           `json:"dropped" doc:"Events that were given up."`
	Version      int64           `json:"version"`
	MadeBy       string          `json:"made_by" doc:"Id of the person."`
	MadeAt       harbour.Instant `json:"made_at"`
}

func outlet(v *outlets.View) Outlet {
	o := Outlet{
		ID: v.ID, Kind: v.Kind, State: v.State, Reason: v.Reason, Failures: v.Failures, FailingSince: v.FailingSince, LastError: v.LastError,
		SentAt: v.SentAt, Waiting: v.Waiting, Dropped: v.Dropped, Version: v.Version, MadeBy: v.MadeBy, MadeAt: v.MadeAt,
		OutletSettings: OutletSettings{Name: v.Name, Target: v.Target, Events: filled(v.Events), Severity: string(v.Severity), Paused: v.Paused},
	}
	if v.Syslog != nil {
		c := OutletSyslog(*v.Syslog)
		o.Syslog = &c
	}
	if v.Mail != nil {
		c := OutletMail(*v.Mail)
		o.Mail = &c
	}
	return o
}

func (s *OutletSettings) settings(kind string) outlets.Settings {
	v := outlets.Settings{Kind: kind, Name: s.Name, Target: s.Target, Events: s.Events, Severity: harbour.Severity(s.Severity), Paused: s.Paused}
	if s.Syslog != nil {
		c := outlets.SyslogOptions(*s.Syslog)
		v.Syslog = &c
	}
	if s.Mail != nil {
		c := outlets.MailOptions(*s.Mail)
		v.Mail = &c
	}
	return v
}

// Secret is what is shown once.
type Secret struct {
	ID     string `json:"id,omitempty"`
	Secret string `json:"secret,omitempty" doc:"Of a webhook, to check its signatures with. It is shown this once."`
}

// OneOutlet is the path of an outlet.
type OneOutlet struct {
	InOrganisation
	ID string `path:"id" maxLength:"200" doc:"Id of the outlet."`
}

// EventKind is an event that outlets can ask for.
type EventKind struct {
	Type  string `json:"type"`
	About string `json:"about"`
}

func (s *server) outletRoutes() {
	handle(s, huma.Operation{
		OperationID: "listOutlets", Method: http.MethodGet, Path: inOrg("/outlets"), Tags: []string{"Outlets"},
		Summary: "Where events go",
	}, func(ctx context.Context, by *app.Actor, in *InOrganisation) (*Body[Things[Outlet]], error) {
		list, err := s.Outlets.List(ctx, by, in.Organisation)
		if err != nil {
			return nil, err
		}
		return things(list, outlet), nil
	})
	handle(s, huma.Operation{
		OperationID: "addOutlet", Method: http.MethodPost, Path: inOrg("/outlets"), Tags: []string{"Outlets"},
		Summary: "Send events to a webhook, a log server or people", DefaultStatus: http.StatusCreated, MaxBodyBytes: 128 << 10,
	}, func(ctx context.Context, by *app.Actor, in *struct {
		InOrganisation
		Body struct {
			Kind string `json:"kind" enum:"webhook,syslog,mail"`
			OutletSettings
			Password string `json:"password,omitempty" maxLength:"1000" doc:"Of the mail server."`
		}
	},
	) (*Body[Secret], error) {
		id, secret, err := s.Outlets.Add(ctx, by, in.Organisation, in.Body.settings(in.Body.Kind), in.Body.Password)
		if err != nil {
			return nil, err
		}
		return &Body[Secret]{Secret{id, secret}}, nil
	})
	handle(s, huma.Operation{
		OperationID: "getOutlet", Method: http.MethodGet, Path: inOrg("/outlets/{id}"), Tags: []string{"Outlets"},
		Summary: "An outlet, and how it does", Description: "Its entity tag begins with the version that a change names.",
	}, func(ctx context.Context, by *app.Actor, in *OneOutlet) (*Body[Outlet], error) {
		v, err := s.Outlets.Get(ctx, by, in.Organisation, in.ID)
		if err != nil {
			return nil, err
		}
		c := of(ctx)
		c.version, c.tagged = v.Version, true
		return &Body[Outlet]{outlet(&v)}, nil
	})
	handle(s, huma.Operation{
		OperationID: "changeOutlet", Method: http.MethodPut, Path: inOrg("/outlets/{id}"), Tags: []string{"Outlets"},
		Summary: "Change an outlet", Description: "All settings are replaced; the kind stays. One that was disabled is tried again.", MaxBodyBytes: 128 << 10,
	}, func(ctx context.Context, by *app.Actor, in *struct {
		OneOutlet
		Basis
		Body struct {
			OutletSettings
			Password string `json:"password,omitempty" maxLength:"1000" doc:"Of the mail server; without it the old one stays."`
		}
	},
	) (*Changed, error) {
		read := func() (outlets.View, error) { return s.Outlets.Get(ctx, by, in.Organisation, in.ID) }
		if _, err := read(); err != nil {
			return nil, err
		}
		version, force, err := in.version()
		if err != nil {
			return nil, err
		}
		if err := s.Outlets.Change(ctx, by, in.Organisation, in.ID, in.Body.settings(""), in.Body.Password, version, force); err != nil {
			return nil, s.stale(ctx, err, func() (any, int64, error) {
				v, err := read()
				return outlet(&v), v.Version, err
			})
		}
		v, err := read()
		if err != nil {
			return nil, err
		}
		return changed("", v.Version), nil
	})
	handle(s, huma.Operation{
		OperationID: "removeOutlet", Method: http.MethodDelete, Path: inOrg("/outlets/{id}"), Tags: []string{"Outlets"},
		Summary: "Remove an outlet and what waits for it",
	}, func(ctx context.Context, by *app.Actor, in *OneOutlet) (*Nothing, error) {
		return nil, s.Outlets.Remove(ctx, by, in.Organisation, in.ID)
	})
	handle(s, huma.Operation{
		OperationID: "testOutlet", Method: http.MethodPost, Path: inOrg("/outlets/{id}/test"), Tags: []string{"Outlets"},
		Summary: "Send an event of type test at once", Description: "204 where it arrived; otherwise a problem that says what stands in the way.",
	}, func(ctx context.Context, by *app.Actor, in *OneOutlet) (*Nothing, error) {
		return nil, s.Outlets.Test(ctx, by, in.Organisation, in.ID)
	})
	handle(s, huma.Operation{
		OperationID: "renewOutletSecret", Method: http.MethodPost, Path: inOrg("/outlets/{id}/secret"), Tags: []string{"Outlets"},
		Summary: "Give a webhook a new secret", Description: "The old one is worth nothing from then on.", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, by *app.Actor, in *OneOutlet) (*Body[Secret], error) {
		secret, err := s.Outlets.Renew(ctx, by, in.Organisation, in.ID)
		if err != nil {
			return nil, err
		}
		return &Body[Secret]{Secret{in.ID, secret}}, nil
	})
	handle(s, huma.Operation{
		OperationID: "listEventKinds", Method: http.MethodGet, Path: inOrg("/event-kinds"), Tags: []string{"Outlets"},
		Summary: "The events that outlets can ask for",
	}, func(_ context.Context, by *app.Actor, in *InOrganisation) (*Body[Things[EventKind]], error) {
		if _, err := by.Whole(app.ManageWebhooks, in.Organisation); err != nil {
			return nil, err
		}
		return things(outlets.Events, func(e *outlets.EventInfo) EventKind { return EventKind(*e) }), nil
	})
}
