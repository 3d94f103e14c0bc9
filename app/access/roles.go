// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"maps"
	"slices"

	"breakwater/app"
)

// Role is what a person is in an organisation, as a code.
type Role struct {
	Code  string
	Name  string
	About string
	// OfSupplier is set for a role that is bound to one supplier.
	OfSupplier bool
	actions    map[app.Action]bool
}

// Allows says whether the role gives an action.
func (r *Role) Allows(a app.Action) bool { return r.actions[a] }

// The codes of the roles.
const (
	Administrator    = "administrator"
	ChiefSecurity    = "chief-security-officer"
	OTEngineer       = "ot-engineer"
	FacilitySecurity = "facility-security-officer"
	Analyst          = "analyst"
	SupplierContact  = "supplier-contact"
	Auditor          = "auditor"
	BoardReader      = "board-reader"
)

func allow(lists ...[]app.Action) map[app.Action]bool {
	m := map[app.Action]bool{}
	for _, list := range lists {
		for _, a := range list {
			m[a] = true
		}
	}
	return m
}

var (
	looking = []app.Action{
		app.ReadOverview, app.ReadAssets, app.ReadTraffic, app.ReadZones, app.ReadFindings, app.ReadEvidence, app.ReadDocuments, app.ReadJobs,
	}
	working = []app.Action{
		app.DownloadEvidence, app.ImportEvidence, app.EditAssets, app.AssignFindings, app.DecideFindings, app.CancelJobs, app.ShareViews,
	}
	running = []app.Action{
		app.ReadAudit, app.ReadPeople, app.ManagePeople, app.ManageTokens, app.ManageSettings, app.ManageWebhooks, app.ManageBackup, app.ManageSystem,
	}
)

// Roles is the table of who may do what: the one place where it is written. An administrator runs the system and does
// not decide about the port's risk; an auditor sees everything in scope and changes nothing.
var Roles = []Role{
	{
		Code: Administrator, Name: "Administrator", About: "Runs the system: people, settings, backups, evidence. Decides nothing about risk.",
		actions: allow(looking, running, []app.Action{app.ImportEvidence, app.CancelJobs, app.ShareViews}),
	},
	{
		Code: ChiefSecurity, Name: "Chief security officer", About: "Answers for the port's security; accepts what stays open.",
		actions: allow(looking, working, []app.Action{app.JoinAssets, app.AcceptFindings, app.HoldEvidence, app.DeleteEvidence, app.ReadAudit, app.ReadPeople}),
	},
	{
		Code: OTEngineer, Name: "OT engineer", About: "Knows the plant: keeps the inventory true and works on findings.",
		actions: allow(looking, working, []app.Action{app.JoinAssets}),
	},
	{
		Code: FacilitySecurity, Name: "Facility security officer", About: "Answers for a port facility; sees its sites, works on findings about doors, cameras and badges.",
		actions: allow(looking, []app.Action{app.EditAssets, app.AssignFindings, app.DecideFindings, app.ImportEvidence, app.DownloadEvidence, app.ShareViews}),
	},
	{
		Code: Analyst, Name: "Analyst", About: "Looks into findings and evidence day and night.",
		actions: allow(looking, []app.Action{app.DownloadEvidence, app.ImportEvidence, app.AssignFindings, app.DecideFindings, app.ShareViews}),
	},
	{
		Code: SupplierContact, Name: "Supplier contact", About: "Sees what the supplier delivers, and findings about it.", OfSupplier: true,
		actions: allow([]app.Action{app.ReadAssets, app.ReadTraffic, app.ReadFindings}),
	},
	{
		Code: Auditor, Name: "Auditor", About: "Sees everything in scope with its proof, and changes nothing.",
		actions: allow(looking, []app.Action{app.DownloadEvidence, app.ReadAudit, app.ReadPeople}),
	},
	{
		Code: BoardReader, Name: "Board reader", About: "Reads the overview, findings and documents.",
		actions: allow([]app.Action{app.ReadOverview, app.ReadFindings, app.ReadZones, app.ReadDocuments}),
	},
}

// RoleByCode finds a role; nil for none.
func RoleByCode(code string) *Role {
	i := slices.IndexFunc(Roles, func(r Role) bool { return r.Code == code })
	if i < 0 {
		return nil
	}
	return &Roles[i]
}

// Actions lists what a role may do.
func (r *Role) Actions() []app.Action { return slices.Sorted(maps.Keys(r.actions)) }
