// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package breakwater

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// asvs is how many requirements of levels 1 and 2 each section of the standard has, version 5.0.0. They are numbered from 1;
// those of level 3 alone follow them.
var asvs = map[string]int{
	"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
	"2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
	"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
	"4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
	"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
	"6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
	"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
	"8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
	"9.1": 3, "9.2": 4,
	"10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
	"11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
	"12.1": 3, "12.2": 2, "12.3": 4,
	"13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
	"14.1": 2, "14.2": 4, "14.3": 3,
	"15.1": 3, "15.2": 3, "15.3": 7,
	"16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
	"17.1": 1, "17.2": 4, "17.3": 2,
}

// TestASVS wants docs/asvs.md to have each requirement of levels 1 and 2 once, those that are met with places and tests
// that are there, the others with a reason, and the figures at its head to be right.
func TestASVS(t *testing.T) {
	page, err := os.ReadFile("docs/asvs.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| (met|not applicable|\*\*open\*\*) \| (.*) \|$`)
	quoted := regexp.MustCompile("`([^`]+)`")
	count := map[string]int{}
	seen := map[string]int{}
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		id, state, where := m[1], strings.Trim(m[4], "*"), m[5]
		seen[id]++
		count[state]++
		if strings.TrimSpace(where) == "" {
			t.Errorf("%s says %s and not where, or why", id, state)
		}
		var text []byte
		files := 0
		for _, q := range quoted.FindAllStringSubmatch(where, -1) {
			name := q[1]
			if strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz") {
				if !bytes.Contains(text, []byte("func "+name+"(")) {
					t.Errorf("%s names the test %s, which is not in the files named before it", id, name)
				}
				continue
			}
			i, err := os.Stat(name)
			if err != nil {
				t.Errorf("%s names %s, which is not there", id, name)
				continue
			}
			if files++; !i.IsDir() {
				b, _ := os.ReadFile(name)
				text = append(text, b...)
			}
		}
		if state == "met" && files == 0 {
			t.Errorf("%s is said to be met and names no place", id)
		}
	}
	total := 0
	for section, last := range asvs {
		for n := 1; n <= last; n++ {
			total++
			id := fmt.Sprintf("%s.%d", section, n)
			if seen[id] != 1 {
				t.Errorf("%s stands %d times in docs/asvs.md, want once", id, seen[id])
			}
			delete(seen, id)
		}
	}
	for id := range seen {
		t.Errorf("%s is no requirement of level 1 or 2", id)
	}
	if total != 253 {
		t.Errorf("%d requirements, the standard has 253 of levels 1 and 2", total)
	}
	head := fmt.Sprintf("%d are met, %d are not applicable, %d are open.", count["met"], count["not applicable"], count["open"])
	if !bytes.Contains(page, []byte(head)) {
		t.Errorf("docs/asvs.md does not say: %s", head)
	}
}
