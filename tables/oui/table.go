// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package oui

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Table holds assignments of one edition of the list. A nil table has those of the built-in one alone.
type Table struct {
	date  string
	keys  [3][]uint64 // by prefix length: 36, 28, 24 bits, sorted
	names [3][]string
}

var bits = [3]uint{36, 28, 24}

// Lookup names the holder of an address by the built-in table.
func Lookup(mac [6]byte) (vendor string, ok bool) { return (*Table)(nil).Lookup(mac) }

// Date is the day of the built-in table, YYYY-MM-DD.
func Date() string { return builtin.date() }

// Date is the day that the list states, or "".
func (t *Table) Date() string { return t.date }

// Len is the number of assignments.
func (t *Table) Len() int { return len(t.keys[0]) + len(t.keys[1]) + len(t.keys[2]) }

// Lookup names the holder of an address, the longest assignment first. What the list does not have is looked up in the
// built-in table, so that a newer list of large blocks alone does not lose the small ones.
func (t *Table) Lookup(mac [6]byte) (vendor string, ok bool) {
	if mac[0]&3 != 0 || mac == [6]byte{} { // multicast or locally administered
		return "", false
	}
	if t != nil {
		if vendor, ok = t.find(mac); ok {
			return vendor, true
		}
	}
	return builtin.find(mac)
}

func (t *Table) find(mac [6]byte) (vendor string, ok bool) {
	v := uint64(mac[0])<<40 | uint64(mac[1])<<32 | uint64(mac[2])<<24 | uint64(mac[3])<<16 | uint64(mac[4])<<8 | uint64(mac[5])
	for i, n := range bits {
		if at, found := slices.BinarySearch(t.keys[i], v>>(48-n)); found {
			return t.names[i][at], true
		}
	}
	return "", false
}

// maxList bounds a list in bytes, and maxName a holder's name.
const (
	maxList = 64 << 20
	maxName = 200
)

// Load reads a list: the CSV form that the IEEE publishes (Registry, Assignment, Organization Name, …), or lines of a
// hexadecimal prefix of 6, 7 or 9 digits, a space and a name. Later lines win. It fails where no line names a holder.
func Load(r io.Reader) (*Table, error) {
	br := bufio.NewReader(io.LimitReader(r, maxList))
	head, _ := br.Peek(64)
	t := &Table{}
	byKey := [3]map[uint64]string{{}, {}, {}}
	var err error
	if bytes.HasPrefix(head, []byte("Registry,")) || bytes.HasPrefix(head, []byte("\ufeffRegistry,")) {
		err = readCSV(br, byKey)
	} else {
		err = t.readLines(br, byKey)
	}
	if err != nil {
		return nil, err
	}
	for i, m := range byKey {
		for k := range m {
			t.keys[i] = append(t.keys[i], k)
		}
		slices.Sort(t.keys[i])
		for _, k := range t.keys[i] {
			t.names[i] = append(t.names[i], m[k])
		}
	}
	if t.Len() == 0 {
		return nil, errors.New("no assignment found")
	}
	return t, nil
}

func (t *Table) readLines(r io.Reader, byKey [3]map[uint64]string) error {
	sc := bufio.NewScanner(r)
	intern := map[string]string{}
	for sc.Scan() {
		line := sc.Text()
		if _, date, ok := strings.Cut(line, "as of "); ok && strings.HasPrefix(line, "#") {
			t.date = strings.TrimSpace(date)
			continue
		}
		prefix, name, ok := strings.Cut(line, " ")
		if !ok {
			continue
		}
		if s, ok := intern[name]; ok {
			name = s
		} else {
			name = strings.Clone(name)
			intern[name] = name
		}
		enter(byKey, prefix, name)
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("read list: %w", err)
	}
	return nil
}

func readCSV(r io.Reader, byKey [3]map[uint64]string) error {
	c := csv.NewReader(r)
	c.FieldsPerRecord, c.ReuseRecord = -1, true
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read list: %w", err)
		}
		if len(row) >= 3 {
			enter(byKey, row[1], strings.Clone(strings.Join(strings.Fields(row[2]), " ")))
		}
	}
}

func enter(byKey [3]map[uint64]string, prefix, name string) {
	i := 0
	switch len(prefix) {
	case 9:
	case 7:
		i = 1
	case 6:
		i = 2
	default:
		return
	}
	k, err := strconv.ParseUint(prefix, 16, 64)
	if err != nil || name == "" || len(name) > maxName {
		return
	}
	if strings.EqualFold(name, "private") || strings.EqualFold(name, "IEEE Registration Authority") {
		return // says who gives the block out, or hides who holds it, but names no holder
	}
	byKey[i][k] = name
}
