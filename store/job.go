// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// The states of a job.
const (
	JobWaiting   = "waiting"
	JobRunning   = "running"
	JobDone      = "done"
	JobFailed    = "failed"
	JobCancelled = "cancelled"
)

// Job is work that outlives a request. Its row is the truth; the broker carries only its name.
type Job struct {
	Org       string
	ID        string
	Kind      string
	State     string
	Title     string
	Step      string // what is being done
	Done      int64
	Total     int64 // 0 where it is not known
	Cancel    bool  // somebody wants it to end
	Attempts  int
	MadeBy    string          `bun:"made_by"`
	Maker     string          // name of that person, "" where nobody of that id is known
	MadeAt    harbour.Instant `bun:"made_at"`
	BeganAt   harbour.Instant `bun:"began_at"` // the last time; 0 before the first
	ChangedAt harbour.Instant `bun:"changed_at"`
	EndedAt   harbour.Instant `bun:"ended_at"`
	Message   string          // why it failed, or what came of it
	Hint      string
	Input     string // of the kind's own form
	Request   string // id of the request that asked for it, "" where none did
	Result    string
}

// Ended says whether nothing more happens.
func (j *Job) Ended() bool {
	return j.State == JobDone || j.State == JobFailed || j.State == JobCancelled
}

const jobColumns = "org, id, kind, state, title, step, done, total, cancel, attempts, made_by, made_at, began_at, changed_at, ended_at, message, hint, input, request, result"

// jobRow are the columns of a job that is shown to people, with the name of who asked for it.
const (
	jobRow  = "t.org, t.id, t.kind, t.state, t.title, t.step, t.done, t.total, t.cancel, t.attempts, t.made_by, COALESCE(p.name, '') AS maker, t.made_at, t.began_at, t.changed_at, t.ended_at, t.message, t.hint, t.input, t.request, t.result"
	jobFrom = "job AS t LEFT JOIN person AS p ON p.id = t.made_by"
)

// AddJob adds a job and a message for the broker, in one transaction.
func (tx *Tx) AddJob(ctx context.Context, j Job) error {
	if _, err := tx.Raw(ctx, "INSERT INTO job (org, id, kind, state, title, step, made_by, made_at, changed_at, input, request) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		j.Org, j.ID, j.Kind, JobWaiting, j.Title, j.Step, j.MadeBy, tx.at, tx.at, j.Input, j.Request); err != nil {
		return err
	}
	return tx.ResendJob(ctx, &j)
}

// ResendJob puts a message about a job into the outbox, also where one was sent before: the broker may have lost it.
func (tx *Tx) ResendJob(ctx context.Context, j *Job) error {
	return tx.Send(ctx, "jobs."+j.Kind, []byte(j.Org+" "+j.ID))
}

// WaitingJob gives the id of a job of this kind and input that has not begun, "" for none: another one would do the same.
func (tx *Tx) WaitingJob(ctx context.Context, org, kind, input string) (id string, err error) {
	var list []string
	err = tx.NewRaw("SELECT id FROM job WHERE org = ? AND kind = ? AND input = ? AND state = ? ORDER BY made_at, id LIMIT 1", org, kind, input, JobWaiting).Scan(ctx, &list)
	if len(list) > 0 {
		id = list[0]
	}
	return id, err
}

// Job reads a job of the organisation.
func (s *Scoped) Job(ctx context.Context, id string) (j Job, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return notFound(q.NewRaw("SELECT "+jobRow+" FROM "+jobFrom+" WHERE t.org = ? AND t.id = ?", s.scope.org, id).Scan(ctx, &j), "job", id)
	})
	return j, err
}

// JobQuery selects jobs.
type JobQuery struct {
	Order
	Text        string // part of the title
	Kind, State []string
	MadeBy      string // by this person alone; "" for anybody
}

func (q *JobQuery) conditions(org string) (c conditions) {
	c.add("t.org = ?", org)
	in(&c, "t.kind", q.Kind)
	in(&c, "t.state", q.State)
	if q.MadeBy != "" {
		c.add("t.made_by = ?", q.MadeBy)
	}
	if q.Text != "" {
		c.add(`LOWER(t.title) LIKE LOWER(?) ESCAPE '\'`, "%"+likeEscape.Replace(q.Text)+"%")
	}
	return c
}

var jobList = listing[Job]{
	from: jobFrom, columns: jobRow, usual: "made_at",
	keys: map[string]key{"made_at": {column: "t.made_at", number: true, desc: true}},
	at:   func(j *Job, _ string) (string, int64, string) { return "", int64(j.MadeAt), j.ID },
}

// Jobs lists jobs of the organisation, newest first unless asked otherwise.
func (s *Scoped) Jobs(ctx context.Context, f JobQuery) (p Page[Job], err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		c := f.conditions(s.scope.org)
		if p, err = page(ctx, q, &jobList, c, f.Order); err != nil {
			return err
		}
		p.Total, p.More, err = count(ctx, q, "job AS t", c)
		return err
	})
	return p, err
}

// JobFacets counts the jobs of the organisation by state and kind, for the filters of their list; those of one person, or of
// all with "".
func (s *Scoped) JobFacets(ctx context.Context, madeBy string) (facets []Facet, err error) {
	c := (&JobQuery{MadeBy: madeBy}).conditions(s.scope.org)
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		for _, name := range []string{"state", "kind"} {
			var list []Facet
			if err := q.NewRaw("SELECT ? AS name, t."+name+" AS value, COUNT(*) AS count FROM job AS t WHERE "+c.text()+" GROUP BY t."+name+" ORDER BY 3 DESC, 2", append([]any{name}, c.args...)...).Scan(ctx, &list); err != nil {
				return err
			}
			facets = append(facets, list...)
		}
		return nil
	})
	return facets, err
}

// OpenJobs lists the jobs of all organisations that wait or run, oldest first, for the program's start.
func (db *DB) OpenJobs(ctx context.Context) (list []Job, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT "+jobColumns+" FROM job WHERE state IN (?) ORDER BY made_at, id", bun.List([]string{JobWaiting, JobRunning})).Scan(ctx, &list)
	})
	return list, err
}

// StartJob takes a job that waits, or that ran when the program ended. taken is false where it has ended or was
// cancelled before it began.
func (tx *Tx) StartJob(ctx context.Context, org, id string) (j Job, taken bool, err error) {
	if err := tx.NewRaw("SELECT "+jobColumns+" FROM job WHERE org = ? AND id = ?", org, id).Scan(ctx, &j); err != nil {
		return j, false, notFound(err, "job", id)
	}
	if j.Ended() {
		return j, false, nil
	}
	j.State, j.Attempts, j.BeganAt, j.ChangedAt = JobRunning, j.Attempts+1, tx.at, tx.at
	_, err = tx.Raw(ctx, "UPDATE job SET state = ?, attempts = ?, began_at = ?, changed_at = ? WHERE org = ? AND id = ?", JobRunning, j.Attempts, tx.at, tx.at, org, id)
	return j, true, err
}

// ProgressJob notes how far a job is and says whether somebody wants it to end.
func (tx *Tx) ProgressJob(ctx context.Context, j *Job) (cancel bool, err error) {
	if _, err := tx.Raw(ctx, "UPDATE job SET step = ?, done = ?, total = ?, changed_at = ? WHERE org = ? AND id = ?", j.Step, j.Done, j.Total, tx.at, j.Org, j.ID); err != nil {
		return false, err
	}
	err = tx.NewRaw("SELECT cancel FROM job WHERE org = ? AND id = ?", j.Org, j.ID).Scan(ctx, &cancel)
	return cancel, err
}

// ReturnJob has a job that runs wait once more: the program stops, or what it needs is away. counted says whether the
// attempt was one. A job that has ended stays so, and back is false.
func (tx *Tx) ReturnJob(ctx context.Context, j *Job, counted bool) (back bool, err error) {
	less := 1
	if counted {
		less = 0
	}
	n, err := tx.Raw(ctx, "UPDATE job SET state = ?, attempts = attempts - ?, message = ?, hint = ?, changed_at = ? WHERE org = ? AND id = ? AND state = ?",
		JobWaiting, less, j.Message, j.Hint, tx.at, j.Org, j.ID, JobRunning)
	return n > 0, err
}

// TouchJob notes that something was done about a job that waits.
func (tx *Tx) TouchJob(ctx context.Context, j *Job) error {
	_, err := tx.Raw(ctx, "UPDATE job SET changed_at = ? WHERE org = ? AND id = ? AND state = ?", tx.at, j.Org, j.ID, JobWaiting)
	return err
}

// EndJob writes how a job ended.
func (tx *Tx) EndJob(ctx context.Context, j *Job) error {
	j.EndedAt = tx.at
	_, err := tx.Raw(ctx, "UPDATE job SET state = ?, step = ?, done = ?, total = ?, message = ?, hint = ?, result = ?, changed_at = ?, ended_at = ? WHERE org = ? AND id = ? AND ended_at = 0",
		j.State, j.Step, j.Done, j.Total, j.Message, j.Hint, j.Result, tx.at, tx.at, j.Org, j.ID)
	return err
}

// CancelJob asks a job to end. One that waits ends at once.
//
// Errors: ErrNotFound, ErrConflict where it has ended.
func (tx *Tx) CancelJob(ctx context.Context, s Scope, id string) (j Job, err error) {
	if err := tx.NewRaw("SELECT "+jobColumns+" FROM job WHERE org = ? AND id = ?", s.org, id).Scan(ctx, &j); err != nil {
		return j, notFound(err, "job", id)
	}
	if j.Ended() {
		return j, &harbour.Error{Kind: harbour.ErrConflict, Op: "cancel", Message: "the job has ended already"}
	}
	if j.State == JobWaiting {
		j.State, j.Message = JobCancelled, "cancelled before it began"
		return j, tx.EndJob(ctx, &j)
	}
	_, err = tx.Raw(ctx, "UPDATE job SET cancel = 1 WHERE org = ? AND id = ?", s.org, id)
	return j, err
}

// ForgetJobs removes jobs that ended before an instant, at most limit of them; the audit log keeps who asked for what.
func (db *DB) ForgetJobs(ctx context.Context, before harbour.Instant, limit int) (n int64, err error) {
	err = db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) (err error) {
		tx.Unaudited("retention of jobs, which were audited when added")
		n, err = tx.Raw(ctx, "DELETE FROM job WHERE (org, id) IN (SELECT org, id FROM job WHERE ended_at > 0 AND ended_at < ? ORDER BY ended_at LIMIT ?)", before, limit)
		return err
	})
	return n, err
}

// Message waits in the outbox for the broker.
type Message struct {
	ID      int64
	Subject string
	Payload []byte
	MadeAt  harbour.Instant `bun:"made_at"`
}

// Send puts a message into the outbox, in this transaction. Wake is called when it is on disk.
func (tx *Tx) Send(ctx context.Context, subject string, payload []byte) error {
	_, err := tx.Raw(ctx, "INSERT INTO outbox (id, subject, payload, made_at) VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM (SELECT id FROM outbox UNION ALL SELECT CAST(value AS BIGINT) AS id FROM setting WHERE org = '' AND name = 'outbox.last') AS used), ?, ?, ?)",
		subject, append([]byte{}, payload...), tx.at)
	tx.After(tx.db.wakeOutbox)
	return err
}

// Outbox gives a channel that is signalled when something was put into the outbox.
func (db *DB) Outbox() <-chan struct{} { return db.wake }

func (db *DB) wakeOutbox() {
	select {
	case db.wake <- struct{}{}:
	default:
	}
}

// Pending lists messages of the outbox, oldest first.
func (db *DB) Pending(ctx context.Context, limit int) (list []Message, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT id, subject, payload, made_at FROM outbox ORDER BY id LIMIT ?", limit).Scan(ctx, &list)
	})
	return list, err
}

// OutboxSize is the number of messages that wait for the broker.
func (db *DB) OutboxSize(ctx context.Context) (n int64, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT COUNT(*) FROM outbox").Scan(ctx, &n)
	})
	return n, err
}

// Sent removes messages that the broker has acknowledged. The highest number is remembered, so that none is used twice.
func (db *DB) Sent(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	return db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
		tx.Unaudited("delivery, the change itself was audited")
		var last int64
		if err := tx.NewRaw("SELECT COALESCE(MAX(id), 0) FROM outbox").Scan(ctx, &last); err != nil {
			return err
		}
		if err := tx.Set(ctx, "", "outbox.last", strconv.FormatInt(last, 10)); err != nil {
			return err
		}
		_, err := tx.Raw(ctx, "DELETE FROM outbox WHERE id IN (?)", bun.List(ids))
		return err
	})
}
