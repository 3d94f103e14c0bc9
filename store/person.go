// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// Person is somebody who may sign in, or who could.
type Person struct {
	ID         string
	Login      string
	Name       string
	Email      string
	State      string          // active, suspended, left
	BreakGlass bool            `bun:"break_glass"`
	CreatedAt  harbour.Instant `bun:"created_at"`
	Version    int64
}

// Grant gives a person a role in an organisation, or in a part of it.
type Grant struct {
	Person   string
	Role     string
	Org      string // "*" for every organisation
	Sites    string // "*" or ids with spaces between
	Supplier string // "" unless the role is bound to one
	Source   string // local, or the group that gave it
}

const personColumns = "id, login, name, email, state, break_glass, created_at, version"

// PersonBy finds a person by login (in lower case) or by id.
//
// Errors: ErrNotFound.
func (db *DB) PersonBy(ctx context.Context, login, id string) (p Person, grants []Grant, err error) {
	type known struct {
		person Person
		grants []Grant
	}
	var k known
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		k, err = recallNow(ctx, db, fmt.Sprintf("person %q %q", login, id), sinceAnything, func() (k known, err error) {
			k.person, k.grants, err = personBy(ctx, q, login, id)
			return k, err
		})
		return err
	})
	return k.person, slices.Clone(k.grants), err
}

// PersonBy is [DB.PersonBy] within the transaction.
func (tx *Tx) PersonBy(ctx context.Context, login, id string) (Person, []Grant, error) {
	return personBy(ctx, tx, login, id)
}

func personBy(ctx context.Context, q bun.IDB, login, id string) (p Person, grants []Grant, err error) {
	if err := q.NewRaw("SELECT "+personColumns+" FROM person WHERE id = ? OR (? <> '' AND login = ?)", id, login, login).Scan(ctx, &p); err != nil {
		return p, nil, notFound(err, "person", id+login)
	}
	err = q.NewRaw("SELECT person, role, org, sites, supplier, source FROM person_grant WHERE person = ? ORDER BY org, role, sites, supplier, source", p.ID).Scan(ctx, &grants)
	return p, grants, err
}

// PersonRow is a person with the grants that the reader may know of.
type PersonRow struct {
	Person
	Grants []Grant
	Kinds  []string        // of credentials
	SeenAt harbour.Instant // of the last session
}

// People lists the people who hold a role in one of the organisations ("*" for all), by login.
func (db *DB) People(ctx context.Context, orgs ...string) (list []PersonRow, err error) {
	if len(orgs) == 0 {
		return nil, nil
	}
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		list, err = recallNow(ctx, db, fmt.Sprintf("people %q", orgs), sinceAnything, func() ([]PersonRow, error) { return people(ctx, q, orgs) })
		return err
	})
	return slices.Clone(list), err
}

func people(ctx context.Context, q bun.IDB, orgs []string) (list []PersonRow, err error) {
	every := slices.Contains(orgs, "*")
	where, args := "id IN (SELECT person FROM person_grant WHERE org IN (?))", []any{bun.List(orgs)}
	if every {
		where, args = "1 = 1", nil
	}
	var rows []Person
	if err := q.NewRaw("SELECT "+personColumns+" FROM person WHERE "+where+" ORDER BY login", args...).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	for _, p := range rows {
		r, err := personRow(ctx, q, p, every, orgs...)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// PersonQuery says which people are wanted.
type PersonQuery struct {
	Order        // by login or name
	Org   string // whose roles they hold; "*" for everybody
	Text  string // words in sign-in name, name or e-mail address
	Role  string // a code; "" for any
	State string // "" for any
}

var personList = listing[Person]{
	from: "person AS t", columns: "t.id, t.login, t.name, t.email, t.state, t.break_glass, t.created_at, t.version",
	keys: map[string]key{"login": {column: "t.login"}, "name": {column: "t.name"}}, usual: "login",
	at: func(p *Person, sort string) (string, int64, string) {
		if sort == "name" {
			return p.Name, 0, p.ID
		}
		return p.Login, 0, p.ID
	},
}

// PeoplePage gives a page of the people who fit.
//
// Errors: ErrInvalid for a cursor or an order that the list does not know.
func (db *DB) PeoplePage(ctx context.Context, q PersonQuery) (p Page[PersonRow], err error) {
	var c conditions
	grants, args := "SELECT person FROM person_grant WHERE 1 = 1", []any{}
	if q.Org != "*" {
		grants, args = grants+" AND org = ?", append(args, q.Org)
	}
	if q.Role != "" {
		grants, args = grants+" AND role = ?", append(args, q.Role)
	}
	if len(args) > 0 {
		c.add("t.id IN ("+grants+")", args...)
	}
	if q.State != "" {
		c.add("t.state = ?", q.State)
	}
	for w := range strings.FieldsSeq(strings.ToLower(q.Text)) {
		like := "%" + likeEscape.Replace(w) + "%"
		c.add(`(t.login LIKE ? ESCAPE '\' OR LOWER(t.name) LIKE ? ESCAPE '\' OR LOWER(t.email) LIKE ? ESCAPE '\')`, like, like, like)
	}
	err = db.Read(ctx, func(ctx context.Context, r bun.IDB) error {
		rows, err := page(ctx, r, &personList, c, q.Order)
		if err != nil {
			return err
		}
		p.Next, p.Previous = rows.Next, rows.Previous
		for _, x := range rows.Items {
			row, err := personRow(ctx, r, x, q.Org == "*", q.Org)
			if err != nil {
				return err
			}
			p.Items = append(p.Items, row)
		}
		p.Total, p.More, err = count(ctx, r, personList.from, c)
		return err
	})
	return p, err
}

// personRow adds what lists show beside the person.
func personRow(ctx context.Context, q bun.IDB, p Person, every bool, orgs ...string) (r PersonRow, err error) {
	r.Person = p
	if err := q.NewRaw("SELECT person, role, org, sites, supplier, source FROM person_grant WHERE person = ? AND (org IN (?) OR ?) ORDER BY org, role, sites, supplier", p.ID, bun.List(orgs), every).Scan(ctx, &r.Grants); err != nil {
		return r, err
	}
	if err := q.NewRaw("SELECT DISTINCT kind FROM credential WHERE person = ? ORDER BY kind", p.ID).Scan(ctx, &r.Kinds); err != nil {
		return r, err
	}
	return r, q.NewRaw("SELECT COALESCE(MAX(seen_at), 0) FROM session WHERE person = ?", p.ID).Scan(ctx, &r.SeenAt)
}

// PersonRow reads one person as lists show one, with the grants in an organisation, or all with "*".
//
// Errors: ErrNotFound where the person holds no role there.
func (db *DB) PersonRow(ctx context.Context, org, id string) (r PersonRow, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		var p Person
		if err := q.NewRaw("SELECT "+personColumns+" FROM person WHERE id = ? AND (? = '*' OR id IN (SELECT person FROM person_grant WHERE org = ?))", id, org, org).Scan(ctx, &p); err != nil {
			return notFound(err, "person", id)
		}
		r, err = personRow(ctx, q, p, org == "*", org)
		return err
	})
	return r, err
}

// CountPeople says how many people are known; 0 before the first set-up.
func (db *DB) CountPeople(ctx context.Context) (n int, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT COUNT(*) FROM person").Scan(ctx, &n)
	})
	return n, err
}

// CountPeople is [DB.CountPeople] within the transaction.
func (tx *Tx) CountPeople(ctx context.Context) (n int, err error) {
	err = tx.NewRaw("SELECT COUNT(*) FROM person").Scan(ctx, &n)
	return n, err
}

// Holders lists the ids of the active people who hold a role in exactly this organisation ("*" for a grant for all of
// them) and all of its sites. Those who only sign in when glass is broken do not count.
func (tx *Tx) Holders(ctx context.Context, role, org string) (list []string, err error) {
	err = tx.NewRaw("SELECT DISTINCT p.id FROM person p JOIN person_grant g ON g.person = p.id"+
		" WHERE g.role = ? AND g.org = ? AND g.sites = '*' AND p.state = 'active' AND p.break_glass = 0 ORDER BY p.id", role, org).Scan(ctx, &list)
	return list, err
}

// PutPerson adds a person (Version 0) or changes one whose Version is the one that was read.
//
// Errors: ErrConflict where the login is taken, ErrStale where somebody was faster.
func (tx *Tx) PutPerson(ctx context.Context, p Person) error {
	var other []string
	if err := tx.NewRaw("SELECT id FROM person WHERE login = ? AND id <> ?", p.Login, p.ID).Scan(ctx, &other); err != nil {
		return err
	}
	if len(other) > 0 {
		return &harbour.Error{Kind: harbour.ErrConflict, Op: "save person", Message: "somebody has the sign-in name " + p.Login + " already", Hint: "choose another"}
	}
	if p.Version == 0 {
		_, err := tx.Raw(ctx, "INSERT INTO person (id, login, name, email, state, break_glass, created_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
			p.ID, p.Login, p.Name, p.Email, p.State, number(p.BreakGlass), tx.at)
		return err
	}
	n, err := tx.Raw(ctx, "UPDATE person SET login = ?, name = ?, email = ?, state = ?, break_glass = ?, version = version + 1 WHERE id = ? AND version = ?",
		p.Login, p.Name, p.Email, p.State, number(p.BreakGlass), p.ID, p.Version)
	if err == nil && n == 0 {
		return &harbour.Error{Kind: harbour.ErrStale, Op: "save person", Message: "somebody has changed this person meanwhile", Hint: "look at it again, then repeat your change"}
	}
	return err
}

// PutGrants replaces the grants of a person that come from one source.
func (tx *Tx) PutGrants(ctx context.Context, person, source string, grants []Grant) error {
	if _, err := tx.Raw(ctx, "DELETE FROM person_grant WHERE person = ? AND source = ?", person, source); err != nil {
		return err
	}
	for _, g := range grants {
		if _, err := tx.Raw(ctx, "INSERT INTO person_grant (person, role, org, sites, supplier, source) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			person, g.Role, g.Org, g.Sites, g.Supplier, source); err != nil {
			return err
		}
	}
	return nil
}

// Credential proves who a person is: a password's hash, a passkey, a secret for one-time codes.
type Credential struct {
	ID        string
	Person    string
	Kind      string // password, totp, passkey, recovery, oidc, link, device
	Label     string
	Lookup    string
	Secret    []byte
	Counter   int64
	CreatedAt harbour.Instant `bun:"created_at"`
	UsedAt    harbour.Instant `bun:"used_at"`
}

const credentialColumns = "id, person, kind, label, lookup, secret, counter, created_at, used_at"

// Credentials lists a person's credentials of a kind, or of all with "".
func (db *DB) Credentials(ctx context.Context, person, kind string) (list []Credential, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT "+credentialColumns+" FROM credential WHERE person = ? AND (? = '' OR kind = ?) ORDER BY created_at, id", person, kind, kind).Scan(ctx, &list)
	})
	return list, err
}

// CredentialBy finds a credential by what leads to it: a passkey's id, or issuer and subject.
func (db *DB) CredentialBy(ctx context.Context, kind, lookup string) (c Credential, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return notFound(q.NewRaw("SELECT "+credentialColumns+" FROM credential WHERE kind = ? AND lookup = ? AND lookup <> ''", kind, lookup).Scan(ctx, &c), "credential", kind)
	})
	return c, err
}

// Credentials is [DB.Credentials] within the transaction.
func (tx *Tx) Credentials(ctx context.Context, person, kind string) (list []Credential, err error) {
	err = tx.NewRaw("SELECT "+credentialColumns+" FROM credential WHERE person = ? AND (? = '' OR kind = ?) ORDER BY created_at, id", person, kind, kind).Scan(ctx, &list)
	return list, err
}

// AddCredential adds one.
func (tx *Tx) AddCredential(ctx context.Context, c Credential) error {
	_, err := tx.Raw(ctx, "INSERT INTO credential (id, person, kind, label, lookup, secret, counter, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		c.ID, c.Person, c.Kind, c.Label, c.Lookup, c.Secret, c.Counter, tx.at)
	return err
}

// UseCredential notes that a credential was used, with its new counter and secret; a counter must grow where it is not
// 0, so that a one-time code or a cloned passkey cannot be used twice at the same time.
func (tx *Tx) UseCredential(ctx context.Context, c Credential) (fresh bool, err error) {
	n, err := tx.Raw(ctx, "UPDATE credential SET used_at = ?, counter = ?, secret = ? WHERE id = ? AND (? = 0 OR counter < ?)", tx.at, c.Counter, c.Secret, c.ID, c.Counter, c.Counter)
	return n > 0, err
}

// RemoveCredentials removes one credential (id), or all of a kind.
func (tx *Tx) RemoveCredentials(ctx context.Context, person, kind, id string) (n int64, err error) {
	return tx.Raw(ctx, "DELETE FROM credential WHERE person = ? AND (kind = ? OR ? = '') AND (id = ? OR ? = '')", person, kind, kind, id, id)
}

// KeepCredentials removes all credentials of a kind of a person but so many, the last made.
func (tx *Tx) KeepCredentials(ctx context.Context, person, kind string, n int) error {
	_, err := tx.Raw(ctx, "DELETE FROM credential WHERE person = ? AND kind = ? AND id NOT IN (SELECT id FROM credential WHERE person = ? AND kind = ? ORDER BY created_at DESC, id LIMIT ?)", person, kind, person, kind, n)
	return err
}
