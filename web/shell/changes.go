// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
)

// difference is one field of an object that an entry of the audit log changed.
type difference struct{ name, before, after string }

// differences lists the fields that an entry speaks of and that are not as they were, by name.
func differences(e *store.Entry) (list []difference) {
	var before, after map[string]any
	if json.Unmarshal(e.Before, &before) != nil {
		before = nil
	}
	if json.Unmarshal(e.After, &after) != nil {
		after = nil
	}
	names := slices.Collect(maps.Keys(before))
	for n := range after {
		if _, both := before[n]; !both {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	text := func(v any) string {
		switch x := v.(type) {
		case nil:
			return ""
		case string:
			if t, err := time.Parse(time.RFC3339, x); err == nil {
				return view.Instant(harbour.At(t))
			}
			return x
		case map[string]any, []any:
			b, err := json.Marshal(x)
			if err != nil {
				return ""
			}
			return string(b)
		}
		return fmt.Sprint(v)
	}
	for _, n := range names {
		if d := (difference{view.Name(n), text(before[n]), text(after[n])}); d.before != d.after {
			list = append(list, d)
		}
	}
	return list
}
