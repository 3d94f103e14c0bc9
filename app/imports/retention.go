// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Rules say for how many days evidence of each kind is kept; a kind that is not named is kept for good. [Withdrawn] is
// for how many days withdrawn evidence is kept before its bytes are deleted.
type Rules map[string]int

// Withdrawn is the name of the rule for withdrawn evidence.
const Withdrawn = "withdrawn"

// RuleNames lists what a rule can be about.
func RuleNames() []string {
	return []string{string(harbour.EvidencePacket), string(harbour.EvidenceSheet), string(harbour.EvidencePortFile), string(harbour.EvidenceUnknown), Withdrawn}
}

// settingKeep is the setting of a rule: of the organisation, else of the installation.
func settingKeep(name string) string { return "evidence.keep." + name }

// maxDays bounds a rule: a hundred years.
const maxDays = 36525

// Rules gives an organisation's rules of retention.
func (u *Imports) Rules(ctx context.Context, by *app.Actor, org string) (Rules, error) {
	if _, err := by.Scope(app.ReadEvidence, org); err != nil {
		return nil, err
	}
	return u.rules(ctx, org)
}

func (u *Imports) rules(ctx context.Context, org string) (Rules, error) {
	r := Rules{}
	for _, name := range RuleNames() {
		for _, o := range []string{org, ""} {
			s, err := u.core.DB.Setting(ctx, o, settingKeep(name))
			if err != nil {
				return nil, err
			}
			if s == "" {
				continue
			}
			if n, err := strconv.Atoi(s); err == nil && n > 0 {
				r[name] = n
			}
			break
		}
	}
	return r, nil
}

// SetRules sets an organisation's rules of retention. Look at [Imports.Preview] first.
//
// Errors: those of [app.Actor.Whole]; ErrInvalid for an unknown name or a number of days out of bounds.
func (u *Imports) SetRules(ctx context.Context, by *app.Actor, org string, rules Rules) error {
	if _, err := by.Whole(app.ManageSettings, org); err != nil {
		return err
	}
	if err := rules.check(); err != nil {
		return err
	}
	before, err := u.rules(ctx, org)
	if err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		for _, name := range RuleNames() {
			if err := tx.Set(ctx, org, settingKeep(name), strconv.Itoa(rules[name])); err != nil {
				return err
			}
		}
		e := by.Entry(org, app.ManageSettings, "setting", "evidence.keep", "retention of evidence")
		e.Before, e.After = app.State(before), app.State(rules)
		return tx.Audit(ctx, e)
	})
}

func (r Rules) check() error {
	for name, days := range r {
		if !slices.Contains(RuleNames(), name) {
			return &harbour.Error{Kind: harbour.ErrInvalid, Op: "set retention", Message: "there is no kind of evidence " + name, Hint: "one of the kinds that are listed"}
		}
		if days < 0 || days > maxDays {
			return &harbour.Error{Kind: harbour.ErrInvalid, Op: "set retention", Message: fmt.Sprintf("%d days", days), Hint: fmt.Sprintf("give 1 to %d days, or 0 to keep it for good", maxDays)}
		}
	}
	return nil
}

// Due is an evidence that a rule lets go.
type Due struct {
	store.EvidenceRow
	Delete bool // its bytes go for good; else it is withdrawn
	Why    string
}

// Preview lists what the rules would do if they were applied now.
//
// Errors: those of [app.Actor.Scope] and of SetRules.
func (u *Imports) Preview(ctx context.Context, by *app.Actor, org string, rules Rules) ([]Due, error) {
	scope, err := by.Scope(app.ReadEvidence, org)
	if err != nil {
		return nil, err
	}
	if err := rules.check(); err != nil {
		return nil, err
	}
	return u.due(ctx, scope, rules)
}

// RetainAll applies the rules of every organisation. Run it once a day or oftener.
func (u *Imports) RetainAll(ctx context.Context) error {
	list, err := u.core.DB.Organisations(ctx, "*")
	if err != nil {
		return err
	}
	for _, o := range list {
		withdrawn, deleted, err := u.Retain(ctx, o.ID)
		if withdrawn+deleted > 0 {
			u.core.Log.InfoContext(ctx, "rules of retention were applied", "organisation", o.ID, "withdrawn", withdrawn, "deleted", deleted)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Retain applies an organisation's rules: what is older than its rule allows is withdrawn, what was withdrawn long enough
// is deleted. The port file that stands, what is under a legal hold and what is to be kept until a day to come are left
// alone.
func (u *Imports) Retain(ctx context.Context, org string) (withdrawn, deleted int, err error) {
	rules, err := u.rules(ctx, org)
	if err != nil {
		return 0, 0, err
	}
	list, err := u.due(ctx, store.WholeOrganisation(org), rules)
	for i := range list {
		d := &list[i]
		err := u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
			row, err := tx.EvidenceByID(ctx, store.WholeOrganisation(org), d.ID)
			if err != nil {
				return err
			}
			if row.Version != d.Version { // somebody has changed it since: the next run looks again
				tx.Unaudited("nothing is changed")
				return nil
			}
			return u.changed(ctx, tx, app.System("retention"), app.DeleteEvidence, org, &row, d.Why, func(ctx context.Context, tx *store.Tx, row *store.EvidenceRow) (string, error) {
				if d.Delete {
					row.State = store.EvidenceDeleted
					deleted++
					return "deleted", nil
				}
				withdrawn++
				return "withdrawn", withdraw(row)
			})
		})
		if err != nil {
			return withdrawn, deleted, err
		}
	}
	return withdrawn, deleted, err
}

// Keep has the rules of retention leave an evidence alone until an instant, and withdraw it then whatever they say; 0
// takes that back.
//
// Errors: as Withdraw; ErrInvalid for an instant that has passed.
func (u *Imports) Keep(ctx context.Context, by *app.Actor, org, id string, until harbour.Instant, reason string) error {
	if until < 0 || until != 0 && until <= u.core.Now() {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "keep evidence", Message: "the day has passed", Hint: "give a day to come"}
	}
	return u.change(ctx, by, app.DeleteEvidence, org, id, reason, func(ctx context.Context, tx *store.Tx, row *store.EvidenceRow) (string, error) {
		if row.State == store.EvidenceDeleted {
			return "", conflict(row.Name+" is deleted", "")
		}
		if row.KeepUntil = until; until == 0 {
			return "kept by the rules", nil
		}
		return "kept until " + until.Time().Format("2006-01-02"), nil
	})
}

func (u *Imports) due(ctx context.Context, scope store.Scope, rules Rules) (list []Due, err error) {
	s := u.core.DB.In(scope)
	now := u.core.Now()
	past := func(at harbour.Instant, days int) bool {
		return days > 0 && now-at >= harbour.Instant(days)*24*3600*1_000_000
	}
	counting, err := u.core.DB.EvidenceToRead(ctx, scope.Organisation())
	if err != nil {
		return nil, err
	}
	stands := ""
	if p := standing(counting); p != nil {
		stands = p.ID
	}
	q := store.EvidenceQuery{
		Order: store.Order{Limit: store.MaxLimit, Sort: "received_at"},
		State: []string{store.EvidenceReceived, store.EvidenceRead, store.EvidenceUnreadable, store.EvidenceWithdrawn},
	}
	for {
		p, err := s.Evidence(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, r := range p.Items {
			switch days := rules[string(r.Kind)]; {
			case r.Hold != "" || r.ID == stands || r.KeepUntil > now:
			case r.State != store.EvidenceWithdrawn && r.KeepUntil != 0:
				list = append(list, Due{r, false, "it was to be kept until " + r.KeepUntil.Time().Format("2006-01-02")})
			case r.State != store.EvidenceWithdrawn && past(r.ReceivedAt, days):
				list = append(list, Due{r, false, fmt.Sprintf("evidence of kind %s is kept for %d days", r.Kind, days)})
			case r.State == store.EvidenceWithdrawn && rules[Withdrawn] > 0:
				at, err := u.withdrawnAt(ctx, s, r.ID)
				if err != nil {
					return nil, err
				}
				if past(at, rules[Withdrawn]) {
					list = append(list, Due{r, true, fmt.Sprintf("withdrawn evidence is kept for %d days", rules[Withdrawn])})
				}
			}
		}
		if q.Cursor = p.Next; p.Next == "" {
			return list, nil
		}
	}
}

// withdrawnAt is when an evidence was withdrawn last.
func (u *Imports) withdrawnAt(ctx context.Context, s *store.Scoped, id string) (at harbour.Instant, err error) {
	list, err := s.Custody(ctx, id)
	for _, c := range list {
		if c.Act == "withdrawn" {
			at = c.At
		}
	}
	return at, err
}
