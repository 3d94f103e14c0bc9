// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"bufio"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"breakwater/sim/frame"
)

// macStyle is how a spreadsheet writes hardware addresses.
type macStyle uint8

const (
	colons macStyle = iota
	dashes
	dots
)

func (s macStyle) format(m frame.MAC) string {
	t := m.String()
	switch s {
	case dashes:
		return strings.ToUpper(strings.ReplaceAll(t, ":", "-"))
	case dots:
		t = strings.ReplaceAll(t, ":", "")
		return t[:4] + "." + t[4:8] + "." + t[8:]
	}
	return t
}

// writeInventory writes the spreadsheets and returns how many assets are declared in all.
func (w *world) writeInventory(dir string) (int, error) {
	dir = filepath.Join(dir, "inventory")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return 0, err
	}
	return w.writeCSV(filepath.Join(dir, "container-terminal.csv"), "container-terminal.xlsx")
}

func (w *world) writeCSV(path, list string) (n int, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	b := bufio.NewWriter(f)
	c := csv.NewWriter(b)
	c.Write([]string{"Device name", "Device type", "IP address", "MAC address", "VLAN", "Make", "Model", "Serial no.", "FW version", "Location"})
	for _, h := range w.hosts {
		if h == nil || h.hidden || h.sub == nil || h.sub.zone.list != list {
			continue
		}
		n++
		c.Write([]string{h.name, string(h.kind), h.ip.String(), colons.format(h.mac), strconv.Itoa(int(h.sub.vlan)), h.p.vendor, h.p.model, h.serial, h.p.firmware, h.place})
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return 0, err
	}
	return n, b.Flush()
}
