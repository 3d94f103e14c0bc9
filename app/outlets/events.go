// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// The events that leave the house.
const (
	EventFindingNew     = "finding.new"
	EventFindingChanged = "finding.changed"
	EventFindingGone    = "finding.gone"
	EventPublished      = "generation.published"
	EventUnreadable     = "evidence.unreadable"
	EventJobFailed      = "job.failed"
	EventBreakGlass     = "break_glass.used"
	EventAlarm          = "alarm.raised"
	EventTest           = "test"
)

// EventInfo describes an event to people.
type EventInfo struct{ Type, About string }

// Events lists every event that an outlet can ask for.
var Events = []EventInfo{
	{EventFindingNew, "a finding came with a new state of the port"},
	{EventFindingChanged, "somebody decided about a finding, or an acceptance ended"},
	{EventFindingGone, "a finding went: the evidence no longer shows it"},
	{EventPublished, "a new state of the port was published"},
	{EventUnreadable, "an evidence could not be read"},
	{EventJobFailed, "a job failed"},
	{EventBreakGlass, "somebody signed in with an emergency account"},
	{EventAlarm, "the program raised an alarm: somebody guesses at passwords, a passkey was copied, the disk is nearly full, the audit log is not whole, a backup is overdue"},
}

func eventNames() string {
	var names []string
	for _, e := range Events {
		names = append(names, e.Type)
	}
	return strings.Join(names, ", ")
}

// MaxFindingEvents is how many events of each kind a generation gives at most.
const MaxFindingEvents = 200

// event is something that happened.
type event struct {
	ID       string
	Type     string
	At       harbour.Instant
	Org      string // "" where every organisation should hear of it
	Severity harbour.Severity
	Title    string
	Data     any
}

// body is the event as receivers get it.
func (e *event) body() []byte {
	b, err := json.Marshal(map[string]any{"type": e.Type, "timestamp": e.At, "organisation": e.Org, "data": e.Data})
	if err != nil {
		b, _ = json.Marshal(map[string]any{"type": e.Type, "timestamp": e.At, "organisation": e.Org, "data": map[string]string{"message": "the event could not be written"}})
	}
	return b
}

// eventID is the same whenever the event is made from the same source.
func eventID(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "evt-" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:15]))
}

// wants says whether an outlet asks for an event.
func (s *Settings) wants(e *event) bool {
	if !slices.Contains(s.Events, "*") && !slices.Contains(s.Events, e.Type) {
		return false
	}
	return s.Severity == "" || e.Severity == "" || e.Severity.Rank() >= s.Severity.Rank()
}

// The settings that say how far the log was followed.
const (
	followedAudit = "outlets.audit"
	followedJobs  = "outlets.jobs"
)

// followBatch is how many entries are followed in one transaction.
const followBatch = 100

// Follow turns what is new in the audit log, and jobs that failed, into deliveries; n is how much it looked at. The first
// call begins with what comes after it.
func (u *Outlets) Follow(ctx context.Context) (n int, err error) {
	seq, err := u.number(ctx, followedAudit)
	if err != nil {
		return 0, err
	}
	failed, err := u.number(ctx, followedJobs)
	if err != nil {
		return 0, err
	}
	if seq < -1 || failed < 0 {
		return 0, u.begin(ctx)
	}
	entries, err := u.core.DB.AuditAfter(ctx, seq, followBatch)
	if err != nil {
		return 0, err
	}
	jobs, err := u.core.DB.FailedJobs(ctx, harbour.Instant(failed), followBatch)
	if err != nil || len(entries)+len(jobs) == 0 {
		return 0, err
	}
	outlets, err := u.core.DB.OutletsIn(ctx, "")
	if err != nil {
		return 0, err
	}
	var events []event
	for i := range entries {
		e := &entries[i]
		if seq = e.Seq; slices.ContainsFunc(outlets, func(o store.Outlet) bool { return e.Org == "" || o.Org == e.Org }) {
			list, err := u.eventsOf(ctx, e)
			if err != nil {
				return 0, err
			}
			events = append(events, list...)
		}
	}
	for i := range jobs {
		failed = int64(jobs[i].EndedAt)
		events = append(events, jobEvent(&jobs[i]))
	}
	var deliveries []store.Delivery
	for i := range events {
		list, err := u.deliveries(&events[i], outlets)
		if err != nil {
			return 0, err
		}
		deliveries = append(deliveries, list...)
	}
	return len(entries) + len(jobs), u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("what is sent was audited when it happened")
		for _, d := range deliveries {
			if err := tx.AddDelivery(ctx, d); err != nil {
				return err
			}
		}
		if err := tx.Set(ctx, "", followedAudit, strconv.FormatInt(seq, 10)); err != nil {
			return err
		}
		return tx.Set(ctx, "", followedJobs, strconv.FormatInt(failed, 10))
	})
}

// unset is what number gives for a setting that there is not; an empty log has the last entry -1.
const unset = -2

func (u *Outlets) number(ctx context.Context, name string) (int64, error) {
	v, err := u.core.DB.Setting(ctx, "", name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return unset, nil
	}
	return n, nil
}

// begin follows from here on: an outlet that is added hears of what comes, not of all that ever was.
func (u *Outlets) begin(ctx context.Context) error {
	last, err := u.core.DB.LastAudit(ctx)
	if err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("nothing is changed for anybody")
		if err := tx.Set(ctx, "", followedAudit, strconv.FormatInt(last, 10)); err != nil {
			return err
		}
		return tx.Set(ctx, "", followedJobs, strconv.FormatInt(int64(tx.At()), 10))
	})
}

// deliveries gives an event to those outlets that ask for it.
func (u *Outlets) deliveries(e *event, outlets []store.Outlet) (list []store.Delivery, err error) {
	for i := range outlets {
		o := &outlets[i]
		if e.Org != "" && o.Org != e.Org || o.State == store.OutletPaused {
			continue
		}
		s, err := settingsOf(o)
		if err != nil {
			return nil, err
		}
		if !s.wants(e) {
			continue
		}
		mine := *e
		mine.Org = o.Org
		list = append(list, store.Delivery{Org: o.Org, Outlet: o.ID, ID: e.ID, Event: e.Type, Body: mine.body(), DueAt: s.due(e, u.core.Now())})
	}
	return list, nil
}

// eventsOf makes the events of an entry of the audit log; most entries have none.
func (u *Outlets) eventsOf(ctx context.Context, e *store.Entry) ([]event, error) {
	one := func(kind string, data any) []event {
		return []event{{ID: eventID(kind + " " + strconv.FormatInt(e.Seq, 10)), Type: kind, At: e.At, Org: e.Org, Data: data}}
	}
	who := map[string]any{"id": e.Actor, "name": e.ActorName}
	switch {
	case e.Action == "access.break_glass":
		list := one(EventBreakGlass, map[string]any{"person": who, "reason": e.Reason, "address": e.Address})
		list[0].Severity, list[0].Title = harbour.SeverityCritical, "Emergency sign-in by "+e.ActorName
		return list, nil
	case e.Action == "access.alarm" || e.Action == "health.alarm":
		kind, message, _ := strings.Cut(e.Reason, ": ")
		list := one(EventAlarm, map[string]any{"kind": kind, "message": message, "object": map[string]string{"kind": e.ObjectKind, "id": e.Object}, "address": e.Address})
		list[0].Severity, list[0].Title = harbour.SeverityCritical, "Alarm: "+message
		return list, nil
	case e.ObjectKind == "evidence" && e.Action == string(app.ImportEvidence):
		var after struct{ State, Detail, SHA256 string }
		if json.Unmarshal(e.After, &after) != nil || after.State != store.EvidenceUnreadable || e.Reason != "read" {
			return nil, nil
		}
		list := one(EventUnreadable, map[string]any{"evidence": e.Object, "name": e.ObjectName, "sha256": after.SHA256, "problem": after.Detail})
		list[0].Title = "Evidence could not be read: " + e.ObjectName
		return list, nil
	case e.ObjectKind == "finding":
		return u.decided(ctx, e, who)
	case e.ObjectKind == "inventory":
		return u.published(ctx, e)
	}
	return nil, nil
}

// decided makes the event of a decision about a finding.
func (u *Outlets) decided(ctx context.Context, e *store.Entry, who any) ([]event, error) {
	f, err := u.core.DB.In(store.WholeOrganisation(e.Org)).Finding(ctx, e.Object)
	if err != nil && harbour.KindOf(err) != harbour.ErrNotFound {
		return nil, err
	}
	v := event{ID: eventID(EventFindingChanged + " " + strconv.FormatInt(e.Seq, 10)), Type: EventFindingChanged, At: e.At, Org: e.Org, Title: "Finding " + e.Object}
	data := map[string]any{"finding": map[string]any{"id": e.Object}, "person": who, "reason": e.Reason, "before": e.Before, "after": e.After}
	if err == nil {
		v.Severity, v.Title = f.Severity, f.Title
		data["finding"] = findingData(f)
	}
	v.Data = data
	return []event{v}, nil
}

// published makes the events of a new generation.
func (u *Outlets) published(ctx context.Context, e *store.Entry) ([]event, error) {
	var after struct {
		Generation              int64
		Added, Altered, Removed map[string]int
	}
	if json.Unmarshal(e.After, &after) != nil || after.Generation == 0 {
		return nil, nil
	}
	fresh, gone, came, went, err := u.core.DB.In(store.WholeOrganisation(e.Org)).FindingChanges(ctx, after.Generation, MaxFindingEvents)
	if err != nil {
		return nil, err
	}
	list := []event{{
		ID: eventID(fmt.Sprintf("%s %d", EventPublished, e.Seq)), Type: EventPublished, At: e.At, Org: e.Org, Title: fmt.Sprintf("A new state of the port, number %d", after.Generation),
		Data: map[string]any{"generation": after.Generation, "cause": e.Reason, "added": after.Added, "altered": after.Altered, "removed": after.Removed, "new_findings": came, "gone_findings": went},
	}}
	add := func(kind string, rows []store.FindingRow) {
		for i := range rows {
			f := &rows[i]
			list = append(list, event{
				ID: eventID(fmt.Sprintf("%s %d %s", kind, e.Seq, f.ID)), Type: kind, At: e.At, Org: e.Org, Severity: f.Severity, Title: f.Title,
				Data: map[string]any{"finding": findingData(f), "generation": after.Generation},
			})
		}
	}
	add(EventFindingNew, fresh)
	add(EventFindingGone, gone)
	return list, nil
}

func findingData(f *store.FindingRow) map[string]any {
	return map[string]any{
		"id": f.ID, "rule": f.Rule, "severity": f.Severity, "title": f.Title, "explanation": clip(f.Explanation, 2000), "action": clip(f.Action, 1000),
		"subjects": f.Subjects[:min(len(f.Subjects), 20)], "subject_names": f.Names, "status": f.Status, "assignee": f.Assignee, "first_seen": f.FirstSeen, "last_seen": f.LastSeen,
	}
}

func jobEvent(j *store.Job) event {
	return event{
		ID: eventID(EventJobFailed + " " + j.Org + " " + j.ID), Type: EventJobFailed, At: j.EndedAt, Org: j.Org, Title: "Job failed: " + j.Title,
		Data: map[string]any{"job": j.ID, "kind": j.Kind, "title": j.Title, "message": j.Message, "hint": j.Hint},
	}
}
