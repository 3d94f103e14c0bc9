// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"context"
	"slices"
	"strings"

	"breakwater/app"
	"breakwater/store"
)

// ActAlarm is the action of the audit log's entries that say what is wrong with the installation. Its reason holds the
// name of the part, a colon and the message; outlets make an event of it.
const ActAlarm app.Action = "health.alarm"

// alarmSetting holds the names of the parts that an alarm was raised for and that have not recovered since.
const alarmSetting = "health.alarms"

// Alarm raises one alarm for each part that does not do, or needs somebody to look at it, when that begins: a disk that
// is nearly full, an audit log that is not whole, a backup that is overdue. The program calls it by the clock.
//
// Errors: those of the database.
func (u *Health) Alarm(ctx context.Context) error {
	var bad []Part
	var names []string
	for _, p := range u.State(ctx).Parts {
		if (!p.OK || p.Attention) && p.Name != "database" { // without it nothing can be written, and it is on every page
			bad, names = append(bad, p), append(names, p.Name)
		}
	}
	before, err := u.core.DB.Setting(ctx, "", alarmSetting)
	if err != nil || before == strings.Join(names, " ") {
		return err
	}
	raised := strings.Fields(before)
	by := app.System("health")
	return u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("what the program remembers; each alarm has its entry")
		for _, p := range bad {
			if slices.Contains(raised, p.Name) {
				continue
			}
			e := by.Entry("", ActAlarm, "installation", p.Name, p.Name)
			e.Reason = p.Name + ": " + p.Message
			e.After = app.State(map[string]any{"message": p.Message, "hint": p.Hint, "ok": p.OK})
			if err := tx.Audit(ctx, e); err != nil {
				return err
			}
		}
		return tx.Set(ctx, "", alarmSetting, strings.Join(names, " "))
	})
}
