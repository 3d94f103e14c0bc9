// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/assets"
	"breakwater/app/audit"
	"breakwater/app/documents"
	"breakwater/app/evidence"
	"breakwater/app/findings"
	"breakwater/app/imports"
	"breakwater/app/jobs"
	"breakwater/app/names"
	"breakwater/app/outlets"
	"breakwater/app/overview"
	"breakwater/app/traffic"
	"breakwater/app/views"
	"breakwater/bus"
	"breakwater/exchange/evidencepack"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

var update = flag.Bool("update", false, "write the table of answers and the table of roles")

// world is a house with two organisations that hold the same sort of things, and every use case over it.
type world struct {
	*house
	assets    *assets.Assets
	audit     *audit.Audit
	evidence  *evidence.Evidence
	findings  *findings.Findings
	imports   *imports.Imports
	documents *documents.Documents
	jobs      *jobs.Jobs
	names     *names.Names
	outlets   *outlets.Outlets
	overview  *overview.Overview
	traffic   *traffic.Traffic
	views     *views.Views
	actors    map[string]*app.Actor // by role, in the own organisation
	reader    string                // a person of the own organisation, by id
	signed    int64                 // entries under a checkpoint
}

// use is a use case: what right it asks for, and how it is called. id is what it is called about, where it is.
type use struct {
	name   string
	action app.Action
	kind   string // of id: asset, finding, evidence, job, view, person; "" where there is none
	call   func(w *world, by *app.Actor, org, id string) (any, error)
}

const reason = "because the table of answers wants one"

// uses has a line for each use case. TestUsesComplete says which are missing.
var uses = []use{
	{"overview.Get", app.ReadOverview, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.overview.Get(w.t.Context(), by, org, 0)
	}},
	{"overview.Sites", app.ReadFindings, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.overview.Sites(w.t.Context(), by, org)
	}},
	{"overview.Generations", app.ReadFindings, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.overview.Generations(w.t.Context(), by, org, 5)
	}},

	{"assets.List", app.ReadAssets, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.assets.List(w.t.Context(), by, org, store.AssetQuery{}, 0)
	}},
	{"assets.Facets", app.ReadAssets, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.assets.Facets(w.t.Context(), by, org, 0)
	}},
	{"assets.FindingsByZone", app.ReadAssets, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.assets.FindingsByZone(w.t.Context(), by, org)
	}},
	{"assets.Get", app.ReadAssets, "asset", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.assets.Get(w.t.Context(), by, org, id, 0)
	}},
	{"assets.History", app.ReadAssets, "asset", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.assets.History(w.t.Context(), by, org, id)
	}},
	{"assets.Changes", app.ReadAssets, "asset", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.assets.Changes(w.t.Context(), by, org, id)
	}},
	{"assets.Each", app.ReadAssets, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		var list []*harbour.Asset
		err := w.assets.Each(w.t.Context(), by, org, store.AssetQuery{}, 0, func(a *harbour.Asset, _ store.AssetRow) error { list = append(list, a); return nil })
		return list, err
	}},
	{"assets.State", app.EditAssets, "asset", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.assets.State(w.t.Context(), by, org, []assets.Change{{Asset: id, Field: "criticality", Value: "high", Force: true}}, reason)
	}},
	{"assets.Undo", app.EditAssets, "undo", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.assets.Undo(w.t.Context(), by, org, id)
	}},
	{"assets.Join", app.JoinAssets, "asset", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.assets.Join(w.t.Context(), by, org, []string{id, "a-1"}, reason)
	}},
	{"assets.Part", app.JoinAssets, "asset", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.assets.Part(w.t.Context(), by, org, id, "mac:00", reason)
	}},
	{"assets.Rules", app.ReadAssets, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.assets.Rules(w.t.Context(), by, org)
	}},
	{"assets.Forget", app.JoinAssets, "rule", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.assets.Forget(w.t.Context(), by, org, id)
	}},

	{"traffic.Conversations", app.ReadTraffic, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.traffic.Conversations(w.t.Context(), by, org, store.Traffic{})
	}},
	{"traffic.Operations", app.ReadTraffic, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.traffic.Operations(w.t.Context(), by, org, store.Traffic{})
	}},
	{"traffic.Facets", app.ReadTraffic, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.traffic.Facets(w.t.Context(), by, org, "conversation")
	}},
	{"traffic.EachConversation", app.ReadTraffic, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		var list []store.ConversationRow
		err := w.traffic.EachConversation(w.t.Context(), by, org, store.Traffic{}, func(r *store.ConversationRow) error { list = append(list, *r); return nil })
		return list, err
	}},
	{"traffic.EachOperation", app.ReadTraffic, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		var list []store.OperationRow
		err := w.traffic.EachOperation(w.t.Context(), by, org, store.Traffic{}, func(r *store.OperationRow) error { list = append(list, *r); return nil })
		return list, err
	}},
	{"traffic.Zones", app.ReadZones, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.traffic.Zones(w.t.Context(), by, org)
	}},
	{"traffic.Conduits", app.ReadZones, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.traffic.Conduits(w.t.Context(), by, org)
	}},
	{"names.Zones", app.ReadZones, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.names.Zones(w.t.Context(), by, org)
	}},
	{"names.Evidence", app.ReadEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.names.Evidence(w.t.Context(), by, org, id)
	}},

	{"findings.List", app.ReadFindings, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.findings.List(w.t.Context(), by, org, store.FindingQuery{}, 0)
	}},
	{"findings.Facets", app.ReadFindings, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.findings.Facets(w.t.Context(), by, org, 0)
	}},
	{"findings.Get", app.ReadFindings, "finding", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.findings.Get(w.t.Context(), by, org, id, 0)
	}},
	{"findings.Decide (assign)", app.AssignFindings, "finding", func(w *world, by *app.Actor, org, id string) (any, error) {
		analyst := w.actors[access.Analyst].Person
		return w.findings.Decide(w.t.Context(), by, org, []findings.Target{{ID: id, Force: true}}, findings.Decision{Assignee: &analyst})
	}},
	{"findings.Decide (resolve)", app.DecideFindings, "finding", func(w *world, by *app.Actor, org, id string) (any, error) {
		s := harbour.FindingResolved
		return w.findings.Decide(w.t.Context(), by, org, []findings.Target{{ID: id, Force: true}}, findings.Decision{Status: &s, Reason: reason})
	}},
	{"findings.Decide (accept)", app.AcceptFindings, "finding", func(w *world, by *app.Actor, org, id string) (any, error) {
		s := harbour.FindingAccepted
		return w.findings.Decide(w.t.Context(), by, org, []findings.Target{{ID: id, Force: true}}, findings.Decision{Status: &s, Reason: reason, Until: w.core.Now() + 1e12})
	}},
	{"findings.Each", app.ReadFindings, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		var list []store.FindingRow
		err := w.findings.Each(w.t.Context(), by, org, store.FindingQuery{}, 0, 10, func(f *store.FindingRow) error { list = append(list, *f); return nil })
		return list, err
	}},
	{"findings.Colleagues", app.ReadFindings, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.findings.Colleagues(w.t.Context(), by, org)
	}},
	{"findings.Undo", app.AssignFindings, "undo", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.findings.Undo(w.t.Context(), by, org, id)
	}},

	{"evidence.List", app.ReadEvidence, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.evidence.List(w.t.Context(), by, org, store.EvidenceQuery{})
	}},
	{"evidence.Facets", app.ReadEvidence, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.evidence.Facets(w.t.Context(), by, org)
	}},
	{"evidence.Get", app.ReadEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.evidence.Get(w.t.Context(), by, org, id)
	}},
	{"evidence.Download", app.DownloadEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		c, err := w.evidence.Download(w.t.Context(), by, org, id)
		if err != nil {
			return nil, err
		}
		return c.Name, c.Close()
	}},
	{"evidence.Proof", app.ReadEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.evidence.Proof(w.t.Context(), by, org, id, "line 1")
	}},
	{"evidence.Slice", app.DownloadEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.evidence.Slice(w.t.Context(), by, org, id, evidence.Cut{}, io.Discard)
	}},
	{"evidence.Holds", app.ReadEvidence, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.evidence.Holds(w.t.Context(), by, org, store.Order{})
	}},
	{"evidence.Each", app.ReadEvidence, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		var list []store.EvidenceRow
		err := w.evidence.Each(w.t.Context(), by, org, store.EvidenceQuery{}, func(r *store.EvidenceRow) error {
			list = append(list, *r)
			return nil
		})
		return list, err
	}},
	{"evidence.Changes", app.ReadEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.evidence.Changes(w.t.Context(), by, org, id)
	}},
	{"findings.Changes", app.ReadFindings, "finding", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.findings.Changes(w.t.Context(), by, org, id)
	}},
	{"evidence.Pack", app.ReadEvidence, "finding", func(w *world, by *app.Actor, org, id string) (any, error) {
		p, err := w.evidence.Pack(w.t.Context(), by, org, evidence.PackRequest{Findings: []string{id}, Contents: evidencepack.Nothing, Reason: reason, For: "a test"})
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(p)
		return string(b), errors.Join(err, p.Close())
	}},
	{"evidence.PackObjects", app.ReadEvidence, "finding", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.evidence.PackObjects(w.t.Context(), by, org, evidence.PackRequest{Findings: []string{id}, Contents: evidencepack.Nothing})
	}},
	{"evidence.PackJob", app.ReadDocuments, "job", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.evidence.PackJob(w.t.Context(), by, org, id)
	}},
	{"evidence.PackContent", app.ReadDocuments, "job", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.evidence.PackContent(w.t.Context(), by, org, id)
	}},

	{"imports.Give", app.ImportEvidence, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.imports.Give(w.t.Context(), by, org, "quay", "list.csv", strings.NewReader("name,ip\nCrane,10.0.0.1\n"))
	}},
	{"imports.Withdraw", app.DeleteEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.imports.Withdraw(w.t.Context(), by, org, id, reason)
	}},
	{"imports.Restore", app.DeleteEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.imports.Restore(w.t.Context(), by, org, id, reason)
	}},
	{"imports.Undo", app.ImportEvidence, "undo", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.imports.Undo(w.t.Context(), by, org, id)
	}},
	{"imports.Reread", app.ImportEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.imports.Reread(w.t.Context(), by, org, id)
	}},
	{"imports.Hold", app.HoldEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.imports.Hold(w.t.Context(), by, org, id, reason)
	}},
	{"imports.Release", app.HoldEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.imports.Release(w.t.Context(), by, org, id, reason)
	}},
	{"imports.Delete", app.DeleteEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.imports.Delete(w.t.Context(), by, org, id, "")
	}},
	{"imports.GiveSheet", app.ImportEvidence, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.imports.GiveSheet(w.t.Context(), by, org, "quay", "rows.csv", strings.NewReader("name,ip\nCrane,10.0.0.2\n"))
	}},
	{"imports.PreviewSheet", app.ImportEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.imports.PreviewSheet(w.t.Context(), by, org, id)
	}},
	{"imports.ProposeSheet", app.ImportEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.imports.ProposeSheet(w.t.Context(), by, org, id, nil)
	}},
	{"imports.TrySheet", app.ImportEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.imports.TrySheet(w.t.Context(), by, org, id, nil)
	}},
	{"imports.MapSheet", app.ImportEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.imports.MapSheet(w.t.Context(), by, org, id, nil, imports.UpdateFromSheet)
	}},
	{"imports.Rules", app.ReadEvidence, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.imports.Rules(w.t.Context(), by, org)
	}},
	{"imports.Keep", app.DeleteEvidence, "evidence", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.imports.Keep(w.t.Context(), by, org, id, w.core.Now()+1e12, reason)
	}},
	{"imports.SetLimit", app.ManageSettings, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return nil, w.imports.SetLimit(w.t.Context(), by, org, 1<<30)
	}},
	{"imports.SetRules", app.ManageSettings, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return nil, w.imports.SetRules(w.t.Context(), by, org, imports.Rules{imports.Withdrawn: 30})
	}},
	{"imports.Preview", app.ReadEvidence, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.imports.Preview(w.t.Context(), by, org, imports.Rules{})
	}},

	{"documents.Assessment (page)", app.ReadDocuments, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		f, err := w.documents.Assessment(w.t.Context(), by, org, documents.HTML)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		return string(b), err
	}},

	{"jobs.List", app.ReadJobs, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.jobs.List(w.t.Context(), by, org, store.JobQuery{})
	}},
	{"jobs.Facets", app.ReadJobs, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.jobs.Facets(w.t.Context(), by, org)
	}},
	{"jobs.Get", app.ReadJobs, "job", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.jobs.Get(w.t.Context(), by, org, id)
	}},
	{"jobs.Cancel", app.CancelJobs, "job", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.jobs.Cancel(w.t.Context(), by, org, id)
	}},
	{"jobs.Again", app.ImportEvidence, "job", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.jobs.Again(w.t.Context(), by, org, id)
	}},

	{"views.List", app.ReadAssets, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.views.List(w.t.Context(), by, org, "assets")
	}},
	{"views.Save", app.ReadAssets, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.views.Save(w.t.Context(), by, org, store.SavedView{Page: "assets", Name: "mine", Query: "kind=plc"})
	}},
	{"views.Save (share)", app.ShareViews, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.views.Save(w.t.Context(), by, org, store.SavedView{Page: "findings", Name: "ours", Query: "status=open", Shared: true})
	}},
	{"views.Remove", "", "view", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.views.Remove(w.t.Context(), by, org, id)
	}},

	{"audit.List", app.ReadAudit, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.audit.List(w.t.Context(), by, org, store.AuditFilter{})
	}},
	{"audit.History", app.ReadAudit, "asset", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.audit.History(w.t.Context(), by, org, "asset", id)
	}},
	{"audit.Count", app.ReadAudit, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		_, _, err := w.audit.Count(w.t.Context(), by, org, store.AuditFilter{})
		return nil, err
	}},
	{"audit.Entry", app.ReadAudit, "entry", func(w *world, by *app.Actor, org, id string) (any, error) {
		seq, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			seq = 1 << 40
		}
		e, _, err := w.audit.Entry(w.t.Context(), by, org, seq)
		return e, err
	}},
	{"audit.Checkpoints", app.ReadAudit, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		_, err := w.audit.Checkpoints(w.t.Context(), by, org, 0, 10)
		return nil, err
	}},
	{"audit.CheckpointText", app.ReadAudit, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.audit.CheckpointText(w.t.Context(), by, org, w.signed)
	}},
	{"audit.Checkpoint", app.ReadAudit, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.audit.Checkpoint(w.t.Context(), by, org)
	}},

	{"outlets.List", app.ManageWebhooks, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.outlets.List(w.t.Context(), by, org)
	}},
	{"outlets.Get", app.ManageWebhooks, "outlet", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.outlets.Get(w.t.Context(), by, org, id)
	}},
	{"outlets.Add", app.ManageWebhooks, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		_, _, err := w.outlets.Add(w.t.Context(), by, org, outlets.Settings{}, "")
		return nil, err
	}},
	{"outlets.Change", app.ManageWebhooks, "outlet", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.outlets.Change(w.t.Context(), by, org, id, outlets.Settings{}, "", 1, true)
	}},
	{"outlets.Renew", app.ManageWebhooks, "outlet", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.outlets.Renew(w.t.Context(), by, org, id)
	}},
	{"outlets.Remove", app.ManageWebhooks, "outlet", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.outlets.Remove(w.t.Context(), by, org, id)
	}},
	{"outlets.Test", app.ManageWebhooks, "outlet", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.outlets.Test(w.t.Context(), by, org, id)
	}},

	{"access.People", app.ReadPeople, "", func(w *world, by *app.Actor, org, _ string) (any, error) { return w.People(w.t.Context(), by, org) }},
	{"access.PeoplePage", app.ReadPeople, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.PeoplePage(w.t.Context(), by, org, store.PersonQuery{})
	}},
	{"access.Person", app.ReadPeople, "person", func(w *world, by *app.Actor, org, id string) (any, error) {
		p, _, err := w.Person(w.t.Context(), by, org, id)
		return p, err
	}},
	{"access.Unlock", app.ManagePeople, "person", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.Unlock(w.t.Context(), by, org, id, reason)
	}},
	{"access.AddPerson", app.ManagePeople, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		n := access.NewPerson{Login: app.NewID("n-"), Name: "New", Grants: []store.Grant{{Role: access.Analyst, Sites: "*"}}}
		return w.AddPerson(w.t.Context(), by, org, n)
	}},
	{"access.EditPerson", app.ManagePeople, "person", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.EditPerson(w.t.Context(), by, org, id, 1, "x", "X", "")
	}},
	{"access.SetState", app.ManagePeople, "person", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.SetState(w.t.Context(), by, org, id, 1, access.Suspended, reason)
	}},
	{"access.SetGrants", app.ManagePeople, "person", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.SetGrants(w.t.Context(), by, org, id, 1, nil, reason)
	}},
	{"access.SessionsOf", app.ReadPeople, "person", func(w *world, by *app.Actor, org, id string) (any, error) {
		return w.SessionsOf(w.t.Context(), by, org, id)
	}},
	{"access.EndSessionsOf", app.ManagePeople, "person", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.EndSessionsOf(w.t.Context(), by, org, id, "s-none")
	}},
	{"access.Invite", app.ManagePeople, "person", func(w *world, by *app.Actor, org, id string) (any, error) {
		_, _, err := w.Invite(w.t.Context(), by, org, id, false, reason)
		return nil, err
	}},
	{"access.TokensOf", app.ReadPeople, "", func(w *world, by *app.Actor, org, _ string) (any, error) { return w.TokensOf(w.t.Context(), by, org) }},
	{"access.RevokeTokenOf", app.ManageTokens, "token", func(w *world, by *app.Actor, org, id string) (any, error) {
		return nil, w.RevokeTokenOf(w.t.Context(), by, org, id)
	}},
	{"access.SecondFactorRequired", app.ReadPeople, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return w.SecondFactorRequired(w.t.Context(), by, org)
	}},
	{"access.RequireSecondFactor", app.ManageSettings, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return nil, w.RequireSecondFactor(w.t.Context(), by, org, false)
	}},
	{"access.PutSite", app.ManageSettings, "", func(w *world, by *app.Actor, org, _ string) (any, error) {
		return nil, w.PutSite(w.t.Context(), by, store.Site{Org: org, ID: "new", Name: "New", TimeZone: "UTC", Jurisdiction: "NL"})
	}},
	{"access.Sites", "", "", func(w *world, by *app.Actor, org, _ string) (any, error) { return w.Sites(w.t.Context(), by, org) }},
}

// elsewhere are use cases that are not in the table, and why.
var elsewhere = map[string]string{
	"overview.Organisations": "lists those of the actor",
	"jobs.MayAgain":          "looks at a job that was read: jobs.Again asks",
	"audit.Verify":           "of the whole installation", "outlets.Allowed": "of the whole installation", "outlets.Allow": "of the whole installation",
	"access.Organisations": "lists those of the actor", "access.AddOrganisation": "of the whole installation: TestOrganisations",
	"access.RenewBreakGlass": "of the whole installation: TestBreakGlass",
	"access.Recover":         "of the command line: TestRecover",
	"access.SignOut":         "one's own", "access.Sessions": "one's own", "access.EndSession": "one's own", "access.EndOtherSessions": "one's own",
	"access.Prove": "one's own", "access.ProveCode": "one's own", "access.BeginPasskeyProof": "one's own", "access.FinishPasskeyProof": "one's own",
	"access.ChangePassword": "one's own", "access.Factors": "one's own", "access.BeginTOTP": "one's own", "access.FinishTOTP": "one's own", "access.RemoveFactor": "one's own",
	"access.NewRecoveryCodes": "one's own", "access.BeginPasskey": "one's own", "access.FinishPasskey": "one's own", "access.BeginDirectory": "one's own", "access.BeginLink": "one's own",
	"access.FinishDirectory": "one's own", "access.AddToken": "one's own: TestTokens", "access.Tokens": "one's own", "access.RevokeToken": "one's own",
}

// TestUsesComplete wants each use case that takes an actor in the table.
func TestUsesComplete(t *testing.T) {
	known := map[string]bool{}
	for _, u := range uses {
		name, _, _ := strings.Cut(u.name, " ")
		known[name] = true
		if u.action != "" {
			if _, ok := u.action.Info(); !ok {
				t.Errorf("%s asks for the action %s, which is not in the list", u.name, u.action)
			}
		}
	}
	for name := range elsewhere {
		known[name] = true
	}
	rooms, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rooms {
		room := r.Name()
		if !r.IsDir() {
			continue
		}
		if _, ok := reflect.TypeFor[world]().FieldByName(room); !ok && !slices.Contains([]string{
			"access",  // is the house
			"assess",  // a run at the command line, without an actor
			"backup",  // of the whole installation
			"health",  // as backup, without an actor
			"upgrade", // of the program, by whoever may write where it lies
		}, room) {
			t.Errorf("app/%s is not part of world: add a field for it, and lines to uses", room)
		}
	}
	actor := reflect.TypeFor[*app.Actor]()
	w := reflect.TypeFor[world]()
	found := map[string]bool{}
	for i := range w.NumField() {
		f := w.Field(i)
		typ, room := f.Type, f.Name
		if room == "house" {
			typ, room = reflect.TypeFor[*access.Access](), "access"
		}
		for j := range typ.NumMethod() {
			m := typ.Method(j)
			takes := false
			for k := 1; k < m.Type.NumIn(); k++ {
				takes = takes || m.Type.In(k) == actor
			}
			if !takes {
				continue
			}
			name := room + "." + m.Name
			found[name] = true
			if !known[name] {
				t.Errorf("%s takes an actor and is not in the table: add a line to uses, or name it in elsewhere with the reason", name)
			}
		}
	}
	for name := range known {
		if !found[name] {
			t.Errorf("%s is in the table and no use case", name)
		}
	}
}

// silent carries nothing: jobs wait.
type silent struct{}

func (silent) Publish(context.Context, string, string, []byte) error { return nil }

func (silent) Consume(ctx context.Context, _ bus.Consumer, _ bus.Handler) error {
	<-ctx.Done()
	return ctx.Err()
}

// own and foreign are the ids of what the two organisations hold; both know of the same kinds of thing. Everything that
// the foreign one holds has Foreign in its name.
var (
	own     = map[string]string{"asset": "a-0", "finding": "f-0", "evidence": "e-own", "job": "j-own", "view": "v-own", "rule": "r-own", "undo": "u-own", "token": "k-own"}
	foreign = map[string]string{"asset": "x-0", "finding": "x-f-0", "evidence": "x-e", "job": "x-j", "view": "x-v", "rule": "x-r", "undo": "x-u", "token": "x-k"}
)

func newWorld(t *testing.T) *world {
	t.Helper()
	h, ada := newHouse(t)
	dir := t.TempDir()
	v, err := vault.Open(filepath.Join(dir, "vault"), vault.KeySource{}, vault.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	w := &world{
		house: h, audit: audit.New(h.core), outlets: outlets.New(h.core, v, outlets.Options{}), assets: assets.New(h.core, nil), evidence: evidence.New(h.core, v), findings: findings.New(h.core, access.Table{}), jobs: jobs.New(h.core, silent{}), documents: documents.New(h.core),
		overview: overview.New(h.core), traffic: traffic.New(h.core), views: views.New(h.core), names: names.New(h.core), actors: map[string]*app.Actor{},
	}
	w.jobs.HandleWith("k", jobs.Kind{Again: app.ImportEvidence}, nil)
	if w.imports, err = imports.New(h.core, v, w.jobs, imports.Options{TempDir: dir}); err != nil {
		t.Fatal(err)
	}
	if err := h.AddOrganisation(t.Context(), ada, "south", "Foreign Terminal"); err != nil {
		t.Fatal(err)
	}
	for _, r := range access.Roles {
		w.actors[r.Code] = h.join(ada, west, r.Code, r.Code)
	}
	w.reader = w.actors[access.BoardReader].Person
	stranger := h.join(ada, "south", "foreigner", access.Administrator)
	if err := h.EditPerson(t.Context(), ada, "*", stranger.Person, 1, "foreigner", "Foreign Person", ""); err != nil {
		t.Fatal(err)
	}
	foreign["person"], own["person"] = stranger.Person, w.reader
	w.fill(west, own, "Quay ", w.reader)
	w.fill("south", foreign, "Foreign ", stranger.Person)
	for _, e := range h.entries() {
		switch e.Org {
		case west:
			own["entry"] = strconv.FormatInt(e.Seq, 10)
		case "south":
			foreign["entry"] = strconv.FormatInt(e.Seq, 10)
		}
		w.signed = e.Seq + 1
	}
	if _, err := h.core.DB.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// fill puts the same things into an organisation.
func (w *world) fill(org string, ids map[string]string, mark, person string) {
	w.t.Helper()
	ctx := w.t.Context()
	second := ids["asset"][:2] + "1"
	list := []*harbour.Asset{
		{ID: ids["asset"], Name: mark + "Crane", Kind: harbour.KindPLC, Domain: harbour.OT, Site: "quay", Supplier: "acme", Zone: "z", Vendor: mark + "Maker", Hostnames: []string{}},
		{ID: second, Name: mark + "Panel", Kind: harbour.KindHMI, Domain: harbour.OT, Site: "quay", Supplier: "acme", Zone: "z", Hostnames: []string{}},
	}
	st, err := w.core.DB.Stage(ctx, org)
	if err != nil {
		w.t.Fatal(err)
	}
	place := func(string) (string, string) { return "quay", "acme" }
	err = errors.Join(
		st.Findings(ctx, slices.Values([]*harbour.Finding{{ID: ids["finding"], Rule: "r", Severity: harbour.SeverityHigh, Title: mark + "Finding", Subjects: []string{ids["asset"]}, Status: harbour.FindingOpen}}), place),
		st.Assets(ctx, slices.Values(list)),
		st.Conversations(ctx, slices.Values([]*harbour.Conversation{{Client: ids["asset"], Server: second, Protocol: "modbus", Transport: "tcp", Port: 502, Evidence: mark + "capture"}}), place),
		st.Operations(ctx, slices.Values([]*harbour.Operation{{Client: ids["asset"], Server: second, Protocol: "modbus", Verb: harbour.VerbRead, Name: "read", Target: mark + "register", Count: 1}}), place),
		st.Zones(ctx, []harbour.Zone{{ID: "z", Name: mark + "Zone"}}, nil),
	)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := st.Publish(ctx, "test", &harbour.Summary{Port: mark + "Port", TopFindings: []harbour.Finding{{ID: ids["finding"], Title: mark + "Finding"}}}, store.Entry{Org: org, Actor: "system", Action: "publish", ObjectKind: "generation"}); err != nil {
		w.t.Fatal(err)
	}
	err = w.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		return errors.Join(
			tx.PutEvidence(ctx, org, store.EvidenceRow{Evidence: harbour.Evidence{ID: ids["evidence"], Kind: harbour.EvidenceSheet, SHA256: strings.Repeat("ab", 32)}, Site: "quay", Name: mark + "list.csv", State: "read"}),
			tx.AddJob(ctx, store.Job{Org: org, ID: ids["job"], Kind: "k", Title: mark + "Job", MadeBy: person}),
			tx.AddView(ctx, org, store.SavedView{ID: ids["view"], Person: person, Shared: true, Page: "assets", Name: mark + "View"}),
			tx.AddToken(ctx, store.APIToken{ID: ids["token"], Hash: []byte(ids["token"]), Person: person, Label: mark + "Token", Org: org, ExpiresAt: w.core.Now() + 1e12}),
		)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// shown is everything of an answer that a caller sees.
func shown(v any, err error) string {
	if err != nil {
		return err.Error() + " " + harbour.HintOf(err)
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// kindOf is an answer as the table has it.
func kindOf(err error) string {
	if err == nil {
		return "ok"
	}
	return harbour.KindOf(err).String()
}

// TestAnswers walks every use case as every role, in the own and in a foreign organisation.
func TestAnswers(t *testing.T) {
	w := newWorld(t)
	var table strings.Builder
	fmt.Fprintf(&table, "%-30s %-18s", "use case", "asks for")
	for _, r := range access.Roles {
		fmt.Fprintf(&table, " %-14.14s", r.Code)
	}
	table.WriteString("\n")
	token := w.actors[access.Administrator].Restrict([]app.Action{app.ReadJobs}, west)
	for _, u := range uses {
		fmt.Fprintf(&table, "%-30s %-18s", u.name, u.action)
		for _, r := range access.Roles {
			by := w.actors[r.Code]
			v, err := u.call(w, by, west, own[u.kind])
			kind := kindOf(err)
			if strings.Contains(shown(v, err), "Foreign") || strings.Contains(shown(v, err), `"x-`) {
				t.Errorf("%s as %s shows what is another organisation's: %s", u.name, r.Code, shown(v, err))
			}
			if u.action != "" {
				if denied := kind == "denied"; denied == r.Allows(u.action) {
					t.Errorf("%s as %s = %v; the role allows %s: %v", u.name, r.Code, err, u.action, r.Allows(u.action))
				}
			}
			if kind == "internal" || kind == "unauthenticated" || kind == "step_up" {
				t.Errorf("%s as %s = %v", u.name, r.Code, err)
			}
			answer := "yes"
			if kind == "denied" {
				answer = "-"
			}
			fmt.Fprintf(&table, " %-14s", answer)

			// In the name of a foreign organisation, and of one that there is not: the same answer, word for word.
			var texts []string
			for _, org := range []string{"south", "nowhere", "*", ""} {
				v, err := u.call(w, by, org, foreign[u.kind])
				if kindOf(err) != "not_found" && (org == "south" || org == "nowhere") {
					t.Errorf("%s as %s in %q = %v, want not found", u.name, r.Code, org, err)
				}
				if err == nil || strings.Contains(shown(v, err), "Foreign") {
					t.Errorf("%s as %s in %q shows %s", u.name, r.Code, org, shown(v, err))
				}
				if org == "south" || org == "nowhere" {
					texts = append(texts, shown(v, err))
				}
			}
			if texts[0] != texts[1] {
				t.Errorf("%s as %s tells a foreign organisation from none: %q", u.name, r.Code, texts)
			}

			// What is foreign, in the own organisation's name: as if it did not exist.
			if u.kind == "" || kind == "denied" {
				continue
			}
			v1, err1 := u.call(w, by, west, foreign[u.kind])
			v2, err2 := u.call(w, by, west, "bogus-id")
			a, b := shown(v1, err1), strings.ReplaceAll(shown(v2, err2), "bogus-id", foreign[u.kind])
			if a != b || strings.Contains(a, "Foreign") {
				t.Errorf("%s as %s about a foreign %s:\n  %s\nabout none:\n  %s", u.name, r.Code, u.kind, a, b)
			}
		}
		table.WriteString("\n")

		_, err := u.call(w, nil, west, own[u.kind])
		if kind := kindOf(err); kind != "unauthenticated" && !(u.action == "" && kind == "not_found") {
			t.Errorf("%s as nobody = %v, want unauthenticated", u.name, err)
		}
		if u.action != "" && u.action != app.ReadJobs {
			_, err = u.call(w, token, west, own[u.kind])
			wantKind(t, u.name+" by a token for something else", err, harbour.ErrDenied)
		}
	}
	golden(t, filepath.Join("testdata", "answers.txt"), trimmed(table.String()))

	// Who is limited to another site sees nothing of what is at this one.
	if err := w.PutSite(t.Context(), app.System("test"), store.Site{Org: west, ID: "pier", Name: "Pier", TimeZone: "UTC", Jurisdiction: "NL"}); err != nil {
		t.Fatal(err)
	}
	for _, r := range access.Roles {
		g := store.Grant{Role: r.Code, Org: west, Sites: "pier"}
		if r.OfSupplier {
			g.Supplier = "acme"
		}
		h := store.Person{ID: "p-pier-" + r.Code, Login: "pier-" + r.Code, Name: "P", State: access.Active}
		w.add(h, memberWord, g)
		by := w.actor(w.signIn(h.Login, memberWord))
		for _, u := range uses {
			v, err := u.call(w, by, west, own[u.kind])
			for _, what := range []string{"Quay Crane", "Quay Panel", "Quay Finding", "Quay list", "Quay Job", "Quay register", "Quay Maker"} {
				if strings.Contains(shown(v, err), what) {
					t.Errorf("%s as %s of another site shows %s: %s", u.name, r.Code, what, shown(v, err))
				}
			}
			if err == nil && u.kind != "" && u.kind != "view" && shown(v, nil) != "null" {
				t.Errorf("%s as %s of another site reaches %s", u.name, r.Code, own[u.kind])
			}
		}
	}

	// What is dangerous wants a fresh proof of presence.
	w.pass(app.StepUpFor + time.Minute)
	for _, u := range uses {
		info, _ := u.action.Info()
		if !info.StepUp {
			continue
		}
		for _, r := range access.Roles {
			if r.Allows(u.action) {
				_, err := u.call(w, w.actors[r.Code], west, own[u.kind])
				wantKind(t, u.name+" as "+r.Code+" without a fresh proof", err, harbour.ErrStepUp)
			}
		}
	}
}

// trimmed has no spaces at the ends of lines.
func trimmed(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s has changed (look at it, then run go test ./app/access -update):\n%s", path, d)
	}
}
