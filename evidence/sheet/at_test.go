// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/harbour"

	"github.com/xuri/excelize/v2"
)

func source(b []byte) *evidence.Source {
	r := bytes.NewReader(b)
	return &evidence.Source{Path: "a", Size: int64(len(b)), Reader: r, ReaderAt: bytes.NewReader(b), Memory: 32 << 20}
}

// workbook makes an Excel workbook; a sheet is a list of rows.
func workbook(t *testing.T, names []string, sheets ...[][]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, name := range names {
		if i == 0 {
			f.SetSheetName("Sheet1", name)
		} else if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for y, cells := range sheets[i] {
			for x, c := range cells {
				at, _ := excelize.CoordinatesToCellName(x+1, y+1)
				if err := f.SetCellStr(name, at, c); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAt(t *testing.T) {
	csv := []byte("List of cranes\n\nName;IP address;Admin password;Colour\nplc-1;10.0.0.1;hunter2;red\n\nplc-2;10.0.0.2;;blue\n")
	book := workbook(t, []string{"Read me", "STS row"}, [][]string{{"Dear colleagues"}}, [][]string{{"Name", "MAC address", "Serial"}, {"plc-1", "00:1b:1b:00:00:01", "0017"}, {"plc-2", "", "0018"}})
	for name, tt := range map[string]struct {
		file    []byte
		sheet   string
		number  int
		cells   string // "" for not found
		columns string
	}{
		"a row":            {csv, "", 4, "plc-1|10.0.0.1|hunter2|red", "Name|IP address|Admin password|Colour"},
		"after a blank":    {csv, "", 6, "plc-2|10.0.0.2||blue", "Name|IP address|Admin password|Colour"},
		"the header":       {csv, "", 3, "Name|IP address|Admin password|Colour", "Name|IP address|Admin password|Colour"},
		"a title":          {csv, "", 1, "", ""},
		"beyond the end":   {csv, "", 99, "", ""},
		"of a workbook":    {book, "STS row", 3, "plc-2||0018", "Name|MAC address|Serial"},
		"of another sheet": {book, "Read me", 1, "", ""},
		"of any sheet":     {book, "", 2, "plc-1|00:1b:1b:00:00:01|0017", "Name|MAC address|Serial"},
	} {
		row, err := Kind{TempDir: t.TempDir()}.At(context.Background(), source(tt.file), tt.sheet, tt.number)
		if tt.cells == "" {
			if harbour.KindOf(err) != harbour.ErrNotFound {
				t.Errorf("%s: %+v, error %v, want one of kind not found", name, row, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := strings.Join(row.Cells, "|"); got != tt.cells || strings.Join(row.Columns, "|") != tt.columns {
			t.Errorf("%s: %s under %s, want %s under %s", name, got, strings.Join(row.Columns, "|"), tt.cells, tt.columns)
		}
	}
	row, err := Kind{}.At(context.Background(), source(csv), "", 4)
	if err != nil || !slices.Equal(row.Means, []string{"name", "ip", "", ""}) || !slices.Equal(row.Secret, []bool{false, false, true, false}) {
		t.Errorf("row %+v, %v", row, err)
	}
}

func TestSecretHeading(t *testing.T) {
	for s, want := range map[string]bool{
		"Password": true, "Admin password": true, "Kennwort (alt)": true, "SNMP community": true, "Mot de passe": true, "PIN": true, "Pre-shared key": true,
		"Name": false, "Spin": false, "Keypad": false, "Pin header": true, "Password changed by": true, "Community centre": true, "Serial": false,
	} {
		if got := secretHeading(s); got != want {
			t.Errorf("secretHeading(%q) = %v, want %v", s, got, want)
		}
	}
}
