// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package portfile

import (
	"fmt"
	"strings"
	"time"

	"breakwater/harbour"
)

// notes says what is allowed and probably not meant: two zones with one prefix, a conduit given twice.
func (f *file) notes() (problems []harbour.Problem) {
	note := func(path, text, hint string) {
		at := f.where(path)
		problems = append(problems, harbour.Problem{Locator: fmt.Sprintf("line %d", at.line), Message: text, Hint: hint})
	}
	type claim struct {
		prefix string
		vlan   int
	}
	zones := map[claim]string{}
	for i, z := range f.port.Zones {
		for j, p := range z.Prefixes {
			for _, v := range append([]int{0}, z.VLANs...) {
				if v == 0 && len(z.VLANs) > 0 {
					continue
				}
				c := claim{p, v}
				if other, ok := zones[c]; ok && other != z.ID {
					note(fmt.Sprintf("zones[%d].prefixes[%d]", i, j), fmt.Sprintf("zones %q and %q both claim %s; the first one gets its assets", other, z.ID, p), "tell them apart by VLAN, or give the nested zone a longer prefix")
				} else {
					zones[c] = z.ID
				}
			}
		}
		if len(z.Prefixes)+len(z.VLANs)+len(z.Assets) == 0 && z.Selector == nil && z.Kind != harbour.ZoneExternal {
			note(fmt.Sprintf("zones[%d]", i), fmt.Sprintf("nothing puts an asset into zone %q unless the asset names it", z.ID), "give it prefixes, vlans, assets or a selector")
		}
	}
	f.noteDoubts(note)
	f.noteUnread(note)
	return problems
}

// noteDoubts names approvals that approve nothing, and assets listed twice.
func (f *file) noteDoubts(note func(path, text, hint string)) {
	for i, e := range f.port.Engineering {
		from, err1 := time.Parse(time.RFC3339, e.From)
		until, err2 := time.Parse(time.RFC3339, e.Until)
		if err1 == nil && err2 == nil && until.Before(from) {
			note(fmt.Sprintf("engineering[%d].until", i), "the approval ends before it begins and approves nothing", "")
		}
		for j, v := range e.Verbs {
			if !v.Engineering() {
				note(fmt.Sprintf("engineering[%d].verbs[%d]", i, j), fmt.Sprintf("%s needs no approval", v), "engineering verbs change what a controller is or does")
			}
		}
	}
	first := map[string]int{}
	for i, a := range f.port.Assets {
		keys := []string{"serial number " + strings.ToLower(a.Serial+" of "+a.Vendor), "inventory number " + a.Tag, "name " + a.Name}
		for k, given := range []string{a.Serial, a.Tag, a.Name} {
			if given == "" {
				continue
			}
			if other, ok := first[keys[k]]; ok {
				note(fmt.Sprintf("assets[%d]", i), fmt.Sprintf("the asset of line %d has the same %s", f.where(fmt.Sprintf("assets[%d]", other)).line, clip(keys[k])), "they are taken for one asset if this is meant")
				break
			}
			first[keys[k]] = i
		}
	}
}
