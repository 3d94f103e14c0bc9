// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// Session is a sign-in that lasts. The secret that the browser holds is not kept, only its hash.
type Session struct {
	ID        string
	Hash      []byte
	Person    string
	Method    string // how the person signed in
	Address   string
	Agent     string
	CreatedAt harbour.Instant `bun:"created_at"`
	SeenAt    harbour.Instant `bun:"seen_at"`
	ProvedAt  harbour.Instant `bun:"proved_at"`
	ExpiresAt harbour.Instant `bun:"expires_at"`
}

const sessionColumns = "id, hash, person, method, address, agent, created_at, seen_at, proved_at, expires_at"

// SessionBy finds a session that has not expired by the hash of its secret.
func (db *DB) SessionBy(ctx context.Context, hash []byte) (s Session, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		s, err = recallNow(ctx, db, fmt.Sprintf("session %x", hash), sinceAnything, func() (s Session, err error) {
			return s, notFound(q.NewRaw("SELECT "+sessionColumns+" FROM session WHERE hash = ?", hash).Scan(ctx, &s), "session", "")
		})
		if err == nil && s.ExpiresAt <= db.Now() {
			s, err = Session{}, notFound(sql.ErrNoRows, "session", "")
		}
		return err
	})
	return s, err
}

// Sessions lists a person's sessions, the last seen first.
func (db *DB) Sessions(ctx context.Context, person string) (list []Session, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT "+sessionColumns+" FROM session WHERE person = ? AND expires_at > ? ORDER BY seen_at DESC, id", person, db.Now()).Scan(ctx, &list)
	})
	return list, err
}

// AddSession begins a session.
func (tx *Tx) AddSession(ctx context.Context, s Session) error {
	_, err := tx.Raw(ctx, "INSERT INTO session ("+sessionColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		s.ID, s.Hash, s.Person, s.Method, s.Address, s.Agent, tx.at, tx.at, s.ProvedAt, s.ExpiresAt)
	return err
}

// TouchSession notes that a session is in use; proved is kept where it is later than what is known.
func (tx *Tx) TouchSession(ctx context.Context, id string, proved, expires harbour.Instant) error {
	_, err := tx.Raw(ctx, "UPDATE session SET seen_at = ?, proved_at = CASE WHEN proved_at < ? THEN ? ELSE proved_at END, expires_at = ? WHERE id = ?", tx.at, proved, proved, expires, id)
	return err
}

// ProveSession notes that the person of a session has proved presence, and gives it another secret, by its hash. The one
// before opens nothing from then on.
//
// Errors: ErrNotFound where the session has ended.
func (tx *Tx) ProveSession(ctx context.Context, id string, hash []byte) (s Session, err error) {
	if _, err = tx.Raw(ctx, "UPDATE session SET hash = ?, seen_at = ?, proved_at = ? WHERE id = ? AND expires_at > ?", hash, tx.at, tx.at, id, tx.at); err != nil {
		return s, err
	}
	return s, notFound(tx.NewRaw("SELECT "+sessionColumns+" FROM session WHERE id = ? AND expires_at > ?", id, tx.at).Scan(ctx, &s), "session", id)
}

// KeepSessions ends all sessions of a person but so many, the last seen.
func (tx *Tx) KeepSessions(ctx context.Context, person string, n int) error {
	_, err := tx.Raw(ctx, "DELETE FROM session WHERE person = ? AND id NOT IN (SELECT id FROM session WHERE person = ? ORDER BY seen_at DESC, id LIMIT ?)", person, person, n)
	return err
}

// EndSessions ends one session of a person (id), or all but one (except).
func (tx *Tx) EndSessions(ctx context.Context, person, id, except string) (n int64, err error) {
	return tx.Raw(ctx, "DELETE FROM session WHERE person = ? AND (id = ? OR ? = '') AND id <> ?", person, id, id, except)
}

// EndExpired removes sessions, tokens and failures that have passed.
func (tx *Tx) EndExpired(ctx context.Context, failuresBefore harbour.Instant) error {
	for _, q := range []string{"DELETE FROM session WHERE expires_at <= ?", "DELETE FROM api_token WHERE expires_at <= ?"} {
		if _, err := tx.Raw(ctx, q, tx.at); err != nil {
			return err
		}
	}
	_, err := tx.Raw(ctx, "DELETE FROM sign_in_failure WHERE last <= ?", failuresBefore)
	return err
}

// APIToken lets a program act for a person, within actions and one organisation, until it expires.
type APIToken struct {
	ID        string
	Hash      []byte
	Person    string
	Label     string
	Actions   string          // names with spaces between
	Org       string          // "*" or one
	CreatedAt harbour.Instant `bun:"created_at"`
	UsedAt    harbour.Instant `bun:"used_at"`
	ExpiresAt harbour.Instant `bun:"expires_at"`
}

const tokenColumns = "id, hash, person, label, actions, org, created_at, used_at, expires_at"

// TokenBy finds a token that has not expired by the hash of its secret.
func (db *DB) TokenBy(ctx context.Context, hash []byte) (k APIToken, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return notFound(q.NewRaw("SELECT "+tokenColumns+" FROM api_token WHERE hash = ? AND expires_at > ?", hash, db.Now()).Scan(ctx, &k), "token", "")
	})
	return k, err
}

// Tokens lists the tokens of a person, or of everybody with "".
func (db *DB) Tokens(ctx context.Context, person string) (list []APIToken, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT "+tokenColumns+" FROM api_token WHERE ? = '' OR person = ? ORDER BY created_at DESC, id", person, person).Scan(ctx, &list)
	})
	return list, err
}

// AddToken adds a token.
func (tx *Tx) AddToken(ctx context.Context, k APIToken) error {
	_, err := tx.Raw(ctx, "INSERT INTO api_token ("+tokenColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)", k.ID, k.Hash, k.Person, k.Label, k.Actions, k.Org, tx.at, k.ExpiresAt)
	return err
}

// UseToken notes that a token was used.
func (tx *Tx) UseToken(ctx context.Context, id string) error {
	_, err := tx.Raw(ctx, "UPDATE api_token SET used_at = ? WHERE id = ?", tx.at, id)
	return err
}

// RemoveTokens removes a token (id) of a person, or all of them.
func (tx *Tx) RemoveTokens(ctx context.Context, person, id string) (n int64, err error) {
	return tx.Raw(ctx, "DELETE FROM api_token WHERE person = ? AND (id = ? OR ? = '')", person, id, id)
}

// Failures says how often signing in failed for a name or from an address, and when last.
func (db *DB) Failures(ctx context.Context, who string) (count int, last harbour.Instant, err error) {
	var list []struct {
		Count int
		Last  harbour.Instant
	}
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT count, last FROM sign_in_failure WHERE who = ?", who).Scan(ctx, &list)
	})
	if len(list) > 0 {
		count, last = list[0].Count, list[0].Last
	}
	return count, last, err
}

// AddFailure counts a failed sign-in.
func (tx *Tx) AddFailure(ctx context.Context, who string) error {
	_, err := tx.Raw(ctx, "INSERT INTO sign_in_failure (who, count, last) VALUES (?, 1, ?) ON CONFLICT (who) DO UPDATE SET count = sign_in_failure.count + 1, last = excluded.last", who, tx.at)
	return err
}

// ClearFailures forgets failed sign-ins.
func (tx *Tx) ClearFailures(ctx context.Context, who string) error {
	_, err := tx.Raw(ctx, "DELETE FROM sign_in_failure WHERE who = ?", who)
	return err
}
