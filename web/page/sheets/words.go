// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheets

import (
	"cmp"
	"slices"
	"strings"

	"breakwater/app/imports"
	"breakwater/evidence/sheet"
	"breakwater/view"
)

// titles of what a column can hold, where its word alone does not do.
var titles = map[string]string{
	"name": "Name", "hostname": "Host names", "tag": "Inventory number", "serial": "Serial number", "mac": "MAC addresses", "ip": "IP addresses",
	"address": "MAC or IP addresses", "kind": "Kind of device", "type": "Kind of device, or else model", "level": "Purdue level", "vlan": "VLAN",
	"order_number": "Order number", "firmware": "Firmware version", "version": "Firmware version, where no other column gives it", "hardware_revision": "Hardware revision",
	"os": "Operating system", "services": "Services of the port that need it", "silent": "Silent: on no network", "networked": "On a network: the opposite of silent",
	"purchased": "Date of purchase", "location": "Location",
}

func meaningWord(m string) string {
	if t, ok := titles[m]; ok {
		return t
	}
	return view.Name(m)
}

// meaning is what a column can hold, as the form offers it.
type meaning struct{ value, title string }

// meanings in the order of their titles.
var meanings = func() (list []meaning) {
	for _, m := range sheet.Meanings() {
		list = append(list, meaning{m, meaningWord(m)})
	}
	slices.SortFunc(list, func(a, b meaning) int { return cmp.Compare(strings.ToLower(a.title), strings.ToLower(b.title)) })
	return list
}()

func whatWord(w string) view.Word {
	switch w {
	case imports.RowNew:
		return view.Word{Title: "New", Means: "a device that the inventory does not have", Class: "ok"}
	case imports.RowChanged:
		return view.Word{Title: "Says more or other", Means: "a device that is known, of which the row says something else, or more", Class: "warn"}
	case imports.RowSame:
		return view.Word{Title: "Known as it is", Means: "says what is known", Class: "none"}
	case imports.RowWrong:
		return view.Word{Title: "Wrong", Means: "names no device, or has cells that are not understood", Class: "bad"}
	}
	return view.Word{Title: w}
}

func outcomeWord(o string) view.Word {
	v := view.Word{Title: view.Name(o), Class: "none"}
	switch o {
	case imports.OutcomeCreated, imports.OutcomeUpdated:
		v.Class = "ok"
	case imports.OutcomeRefused:
		v.Class = "bad"
	}
	return v
}

// choice is what can be done with rows of devices that are known, and with rows that are wrong.
type choice struct {
	value       imports.Existing
	title, says string
	button      string
}

var choices = []choice{
	{imports.UpdateFromSheet, "Update", "What the file says of devices that are known is declared beside what is known. Of a row with a cell that is not understood the rest counts.", "Import, updating what is known"},
	{imports.SkipExisting, "Skip", "Rows of devices that are known are left out, and so are rows that are wrong.", "Import what is new"},
	{imports.StopAtExisting, "Stop", "Nothing at all is imported if one row names a device that is known, or is wrong.", "Import, unless something is known or wrong"},
}

func choiceOf(e imports.Existing) choice {
	return choices[max(0, slices.IndexFunc(choices, func(c choice) bool { return c.value == e }))]
}

// samples are the first values below the heading of a column.
func samples(s *imports.ProposedSheet, column int) (list []string) {
	for _, row := range s.Rows {
		if row.Number > s.Header && column < len(row.Cells) && row.Cells[column] != "" && len(list) < 3 && !slices.Contains(list, row.Cells[column]) {
			list = append(list, row.Cells[column])
		}
	}
	return list
}
