// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"breakwater/harbour"
)

// column is a column of a spreadsheet: how the port spells its heading, and what stands in it.
type column struct {
	heading string
	cell    func(h *host) string
}

func colName(h *host) string     { return h.name }
func colIP(h *host) string       { return h.address() }
func colVLAN(h *host) string     { return strconv.Itoa(int(h.sub.vlan)) }
func colVendor(h *host) string   { return cmp.Or(h.rowVendor, h.p.vendor) }
func colModel(h *host) string    { return cmp.Or(h.rowModel, h.p.model) }
func colSerial(h *host) string   { return cmp.Or(h.rowSerial, h.serial) }
func colFirmware(h *host) string { return cmp.Or(h.rowFirmware, h.p.firmware) }
func colPlace(h *host) string    { return placeName(h.place) }
func colTag(h *host) string      { return h.tag }
func colNote(h *host) string     { return h.note }
func colTitle(h *host) string    { return h.kind.Info().Title }
func colKind(h *host) string     { return string(h.kind) }
func colColons(h *host) string   { return h.row() }
func colDashes(h *host) string   { return strings.ToUpper(strings.ReplaceAll(h.row(), ":", "-")) }
func colDots(h *host) string {
	t := strings.ReplaceAll(h.row(), ":", "")
	return t[:4] + "." + t[4:8] + "." + t[8:]
}

// row is the hardware address that the inventory gives.
func (h *host) row() string { return cmp.Or(h.rowMAC, h.mac.String()) }

// address is the IP address that the inventory gives.
func (h *host) address() string {
	if h.noAddr {
		return ""
	}
	return h.ip.String()
}

// book is one spreadsheet file.
type book struct {
	file    string
	title   string // in a row above the headings
	columns []column
	// semicolons makes a CSV file as German spreadsheets write it, with a byte order mark.
	semicolons bool
}

var books = []book{
	{file: "container-terminal.xlsx", title: "Skerry Container Terminals - equipment list, checked 2026-11-02", columns: []column{
		{"Device name", colName},
		{"Device type", colTitle},
		{"IP address", colIP},
		{"MAC address", colColons},
		{"VLAN", colVLAN},
		{"Make", colVendor},
		{"Model", colModel},
		{"Serial no.", colSerial},
		{"FW version", colFirmware},
		{"Location", colPlace},
		{"Remarks", colNote},
	}},
	{file: "tank-terminal.csv", semicolons: true, columns: []column{
		{"Gerätename", colName},
		{"IP-Adresse", colIP},
		{"Hardware address", colDashes},
		{"Hersteller", colVendor},
		{"Modell", colModel},
		{"Seriennummer", colSerial},
		{"FW version", colFirmware},
		{"Standort", colPlace},
		{"VLAN", colVLAN},
		{"Kind", colKind},
		{"Bemerkung", colNote},
	}},
	{file: "ramps-and-traffic.csv", columns: []column{
		{"Hostname", colName},
		{"Kind", colKind},
		{"Addr", colIP},
		{"MAC address", colColons},
		{"Vendor", colVendor},
		{"Type", colModel},
		{"Serial no.", colSerial},
		{"FW version", colFirmware},
		{"Location", colPlace},
		{"Note", colNote},
	}},
	{file: "corporate-it.csv", columns: []column{
		{"Asset tag", colTag},
		{"Hostname", colName},
		{"Device type", colTitle},
		{"Hardware address", colDots},
		{"IP address", colIP},
		{"Make", colVendor},
		{"Model", colModel},
		{"Serial no.", colSerial},
		{"Location", colPlace},
		{"Note", colNote},
	}},
	{file: "security-systems.xlsx", title: "Access control and video", columns: []column{
		{"Device name", colName},
		{"Device type", colTitle},
		{"Addr", colIP},
		{"MAC address", colDashes},
		{"Vendor", colVendor},
		{"Model", colModel},
		{"Serial no.", colSerial},
		{"FW version", colFirmware},
		{"Location", colPlace},
		{"VLAN", colVLAN},
	}},
}

// writeInventory writes the spreadsheets and returns how many assets they declare.
func (w *world) writeInventory(dir string) (int, error) {
	dir = filepath.Join(dir, "inventory")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return 0, err
	}
	n := 0
	for _, b := range books {
		rows := w.rows(b.file)
		n += len(rows)
		write := writeCSV
		if strings.HasSuffix(b.file, ".xlsx") {
			write = writeXLSX
		}
		if err := write(filepath.Join(dir, b.file), b, rows); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// rows lists the hosts that a file declares.
func (w *world) rows(file string) (list []*host) {
	for _, h := range w.hosts {
		if h != nil && !h.hidden && !h.silent && h.kind != harbour.KindRouter && h.sub.zone.list == file {
			list = append(list, h)
		}
	}
	return list
}

func (b book) cells(h *host) []string {
	row := make([]string, len(b.columns))
	for i, c := range b.columns {
		row[i] = c.cell(h)
	}
	return row
}

func (b book) headings() []string {
	row := make([]string, len(b.columns))
	for i, c := range b.columns {
		row[i] = c.heading
	}
	return row
}

func writeCSV(path string, b book, rows []*host) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	out := bufio.NewWriter(f)
	c := csv.NewWriter(out)
	if b.semicolons {
		c.Comma, c.UseCRLF = ';', true
		out.WriteString("\ufeff")
	}
	c.Write(b.headings())
	for _, h := range rows {
		c.Write(b.cells(h))
	}
	c.Flush()
	return cmp.Or(c.Error(), out.Flush(), f.Close())
}

func writeXLSX(path string, b book, rows []*host) error {
	f := excelize.NewFile()
	defer f.Close()
	var sheets []string
	for _, h := range rows {
		if s := h.sub.zone.sheet; !slices.Contains(sheets, s) {
			sheets = append(sheets, s)
		}
	}
	for i, s := range sheets {
		if _, err := f.NewSheet(s); err != nil {
			return err
		}
		if i == 0 {
			if err := f.DeleteSheet("Sheet1"); err != nil {
				return err
			}
		}
		if err := writeSheet(f, s, b, rows); err != nil {
			return err
		}
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		return err
	}
	return repack(path, buf.Bytes())
}

// repack writes a workbook's parts in order of name: the library gives streamed sheets in any order.
func repack(path string, workbook []byte) error {
	r, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		return err
	}
	slices.SortFunc(r.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	z := zip.NewWriter(out)
	for _, part := range r.File {
		if err := z.Copy(part); err != nil {
			return err
		}
	}
	return cmp.Or(z.Close(), out.Close())
}

func writeSheet(f *excelize.File, sheet string, b book, rows []*host) error {
	s, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	n := 1
	put := func(cells ...string) error {
		row := make([]any, len(cells))
		for i, c := range cells {
			row[i] = c
		}
		at, err := excelize.CoordinatesToCellName(1, n)
		if err != nil {
			return err
		}
		n++
		return s.SetRow(at, row)
	}
	if err := cmp.Or(put(b.title), put(), put(b.headings()...)); err != nil {
		return err
	}
	for _, h := range rows {
		if h.sub.zone.sheet == sheet {
			if err := put(b.cells(h)...); err != nil {
				return err
			}
		}
	}
	return s.Flush()
}
