// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package app

// Action is something that a role may or may not do. The list is closed; package access holds the table.
type Action string

// The actions.
const (
	ReadOverview     Action = "overview.read"
	ReadAssets       Action = "assets.read"
	EditAssets       Action = "assets.edit"
	JoinAssets       Action = "assets.join" // merge and split by hand
	ReadTraffic      Action = "traffic.read"
	ReadZones        Action = "zones.read"
	ReadFindings     Action = "findings.read"
	AssignFindings   Action = "findings.assign"
	DecideFindings   Action = "findings.decide" // resolve, false positive, reopen
	AcceptFindings   Action = "findings.accept" // live with it until a date
	ReadEvidence     Action = "evidence.read"
	DownloadEvidence Action = "evidence.download"
	ImportEvidence   Action = "evidence.import"
	DeleteEvidence   Action = "evidence.delete"
	HoldEvidence     Action = "evidence.hold"
	ReadDocuments    Action = "documents.read" // the assessment as a document, lists, evidence packs
	ReadJobs         Action = "jobs.read"
	CancelJobs       Action = "jobs.cancel"
	ShareViews       Action = "views.share"
	ReadAudit        Action = "audit.read"
	ReadPeople       Action = "people.read"
	ManagePeople     Action = "people.manage"
	ManageTokens     Action = "tokens.manage" // of others; one's own need no right
	ManageSettings   Action = "settings.manage"
	ManageWebhooks   Action = "webhooks.manage"
	ManageBackup     Action = "backup.manage"
	ManageSystem     Action = "system.manage" // organisations, the whole installation
)

// ActionInfo describes an action to people.
type ActionInfo struct {
	Action Action
	Words  string // completes "may …"
	// Changes is set where something is changed by it.
	Changes bool
	// StepUp is set where the person must have proved presence within the last minutes.
	StepUp bool
}

// Actions lists every action, in the order in which tables show them.
var Actions = []ActionInfo{
	{ReadOverview, "see the overview", false, false},
	{ReadAssets, "see assets", false, false},
	{EditAssets, "change what is known of assets", true, false},
	{JoinAssets, "join and part assets by hand", true, false},
	{ReadTraffic, "see conversations and operations", false, false},
	{ReadZones, "see zones and conduits", false, false},
	{ReadFindings, "see findings", false, false},
	{AssignFindings, "assign findings", true, false},
	{DecideFindings, "resolve and reopen findings", true, false},
	{AcceptFindings, "accept findings until a date", true, false},
	{ReadEvidence, "see what evidence there is", false, false},
	{DownloadEvidence, "open and download evidence", false, false},
	{ImportEvidence, "add evidence", true, false},
	{DeleteEvidence, "withdraw and delete evidence", true, true},
	{HoldEvidence, "place and release legal holds", true, true},
	{ReadDocuments, "make documents and evidence packs", false, false},
	{ReadJobs, "see jobs", false, false},
	{CancelJobs, "cancel jobs", true, false},
	{ShareViews, "share views with others", true, false},
	{ReadAudit, "read the audit log", false, false},
	{ReadPeople, "see people and their roles", false, false},
	{ManagePeople, "manage people and their roles", true, true},
	{ManageTokens, "revoke tokens of others", true, true},
	{ManageSettings, "change settings", true, true},
	{ManageWebhooks, "manage webhooks", true, true},
	{ManageBackup, "make and restore backups", true, true},
	{ManageSystem, "manage organisations and the installation", true, true},
}

// Info describes an action; false where it is not in the list.
func (a Action) Info() (ActionInfo, bool) {
	for _, i := range Actions {
		if i.Action == a {
			return i, true
		}
	}
	return ActionInfo{}, false
}

// done are the acts of which the audit log tells, about one object, as what somebody did.
var done = map[Action]string{
	EditAssets: "changed what is known of an asset", JoinAssets: "joined or parted assets", AssignFindings: "assigned a finding",
	DecideFindings: "resolved or reopened a finding", AcceptFindings: "accepted a finding", DownloadEvidence: "opened or downloaded evidence",
	ImportEvidence: "added or read evidence", DeleteEvidence: "withdrew or deleted evidence", HoldEvidence: "placed or released a legal hold",
	ReadDocuments: "made a document or an evidence pack", CancelJobs: "cancelled a job", ShareViews: "shared a view", ManagePeople: "changed people or their roles",
	ManageTokens: "revoked a token", ManageSettings: "changed settings", ManageWebhooks: "changed an outlet", ManageBackup: "made or restored a backup",
	ManageSystem: "changed organisations or the installation",
}

// Done completes "somebody …" for an entry of the audit log; "" where the log tells nothing of the action.
func (a Action) Done() string { return done[a] }
