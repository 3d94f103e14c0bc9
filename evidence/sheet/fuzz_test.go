// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// column is one property of an asset for the property test.
type column struct {
	spellings []string
	value     *rapid.Generator[string]
	write     []func(string) string // notations that mean the same
}

func same(s string) string { return s }

var propertyColumns = map[string]column{
	harbour.AttrName: {[]string{"Name", "Device name", "Gerätename", "Nombre del equipo", "Naam", "Nom de l'équipement"}, rapid.StringMatching(`[A-Z][a-zé]{2,8}-[0-9]{1,3}`), []func(string) string{same, func(s string) string { return "  " + s + " " }}},
	harbour.AttrMAC: {
		[]string{"MAC", "MAC-Adresse", "Hardware Address", "adresse MAC", "MAC-adres"},
		rapid.StringMatching(`00:1b:1b:[0-9a-f]{2}:[0-9a-f]{2}:[0-9a-f]{2}`),
		[]func(string) string{same, strings.ToUpper, func(s string) string { return strings.ReplaceAll(s, ":", "-") }, func(s string) string { return strings.ReplaceAll(s, ":", "") + " " }},
	},
	harbour.AttrIP:     {[]string{"IP", "IP-Adresse", "IPv4 address", "Adresse IP", "Addr"}, rapid.StringMatching(`10\.[1-9][0-9]\.1[0-9]{2}\.[1-9]`), []func(string) string{same, func(s string) string { return s + "/24" }, func(s string) string { return s + ", " + s }}},
	harbour.AttrSerial: {[]string{"Serial no.", "S/N", "Seriennummer", "N° de série", "serienummer"}, rapid.StringMatching(`[A-Z]{2}[0-9]{6}`), []func(string) string{same, func(s string) string { return "'" + s }}},
	harbour.AttrVendor: {[]string{"Make", "Hersteller", "Fabricant", "Vendor", "merk", "Marca"}, rapid.StringMatching(`[A-Z][a-z]{3,9}( AG| & Co, Ltd)?`), []func(string) string{same}},
	harbour.AttrKind: {[]string{"Kind", "Device type", "Geräteart", "Soort"}, rapid.SampledFrom([]string{"plc", "camera", "switch"}), []func(string) string{same, strings.ToUpper, func(s string) string {
		return map[string]string{"plc": "SPS", "camera": "Caméra IP", "switch": "Managed switch"}[s]
	}}},
	harbour.AttrFirmware:    {[]string{"Firmware", "FW version", "Firmwarestand"}, rapid.StringMatching(`V[0-9]\.[0-9]{1,2}`), []func(string) string{same}},
	harbour.AttrCriticality: {[]string{"Criticality", "Kritikalität", "criticité"}, rapid.SampledFrom([]string{"high", "low"}), []func(string) string{same, func(s string) string { return map[string]string{"high": "Hoch", "low": "faible"}[s] }}},
	harbour.AttrLocation:    {[]string{"Location", "Standort", "Emplacement"}, rapid.StringMatching(`Quay [0-9]`), []func(string) string{same, func(s string) string { return s + "\n" }}},
}

// TestAnyColumns writes assets with any columns in any order, spelling and notation, as CSV and as a workbook, and wants
// the same values back.
func TestAnyColumns(t *testing.T) {
	order := []string{harbour.AttrName, harbour.AttrMAC, harbour.AttrIP, harbour.AttrSerial, harbour.AttrVendor, harbour.AttrKind, harbour.AttrFirmware, harbour.AttrCriticality, harbour.AttrLocation}
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.Permutation(order).Draw(t, "columns")
		rows := make([][]string, rapid.IntRange(1, 4).Draw(t, "rows")+1)
		want := make([]map[string]string, len(rows)-1)
		for _, name := range names {
			c := propertyColumns[name]
			rows[0] = append(rows[0], rapid.SampledFrom(c.spellings).Draw(t, name))
			values := rapid.SliceOfNDistinct(c.value, len(want), len(want), rapid.ID[string])
			if name == harbour.AttrKind || name == harbour.AttrCriticality || name == harbour.AttrLocation {
				values = rapid.SliceOfN(c.value, len(want), len(want))
			}
			for i, v := range values.Draw(t, name+" values") {
				if want[i] == nil {
					want[i] = map[string]string{}
				}
				want[i][name] = v
				rows[i+1] = append(rows[i+1], rapid.SampledFrom(c.write).Draw(t, "notation")(v))
			}
		}
		separator := rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(t, "separator")
		for form, b := range map[string][]byte{"CSV": asCSV(rows, separator), "XLSX": asBook(rows)} {
			l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
			if (Kind{}).Recognise(b) == "" {
				t.Fatalf("%s is not recognised: %q", form, rows)
			}
			src := &evidence.Source{Reader: bytes.NewReader(b), ReaderAt: bytes.NewReader(b), Size: int64(len(b)), Memory: 64 << 20}
			if err := (Kind{}).Read(context.Background(), src, l); err != nil {
				t.Fatalf("%s: %v", form, err)
			}
			got := make([]map[string]string, len(l.Endpoints()))
			for _, o := range l.Observations() {
				m := &got[o.Subject-1]
				if *m == nil {
					*m = map[string]string{}
				}
				(*m)[l.Text(o.Name)] = l.Text(o.Value)
			}
			if d := cmp.Diff(want, got); d != "" || len(l.Evidence.Problems) > 0 {
				t.Fatalf("%s of %q (-want +got):\n%s%q", form, rows, d, messages(l))
			}
		}
	})
}

func asCSV(rows [][]string, separator rune) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = separator
	w.WriteAll(rows)
	return b.Bytes()
}

func asBook(rows [][]string) []byte {
	f := excelize.NewFile()
	defer f.Close()
	for i, r := range rows {
		f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r)
	}
	var b bytes.Buffer
	f.Write(&b)
	return b.Bytes()
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("name,ip\nplc,10.0.0.1\n"))
	f.Add([]byte("Gerät;MAC-Adresse;Seriennummer\nx;\"00:1b\n;\"\"\";\n"))
	f.Add([]byte("Name\tIP\tVLAN\tLevel\tOffline\na\t10.0.0.1/24, 10.0.0.2\tVLAN 5\tL2\tyes\nName\tSerial\n\xfc\t1E+5\n"))
	f.Add(utf16Bytes("name|ip|Purchase date\nplc|10.0.0.1|1.2.2020\n", true, true))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		what := Kind{}.Recognise(b)
		l, err := read(t, b)
		if what != "" && what != "Excel workbook" && err != nil {
			t.Errorf("recognised as %q and then refused: %v", what, err)
		}
		if int64(len(l.Evidence.Problems)) > 100 {
			t.Errorf("%d problems", len(l.Evidence.Problems))
		}
	})
}

// FuzzSheet puts any XML into the sheet of a workbook, where damage is not stopped by the archive's checksums.
func FuzzSheet(f *testing.F) {
	good := asBook([][]string{{"name", "ip"}, {"plc", "10.0.0.1"}})
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c><c r="B1" t="inlineStr"><is><t>IP</t></is></c></row><row r="3"><c r="B3"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:A3"/></mergeCells></worksheet>`))
	f.Add([]byte(`<worksheet><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row r="99999999"><c t="s" s="7"><v>-3</v></c></row>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		read(t, rewrite(t, good, "xl/worksheets/sheet1.xml", func(string) string { return string(b) }))
	})
}

func FuzzXLSX(f *testing.F) {
	f.Add(asBook([][]string{{"name", "ip"}, {"plc", "10.0.0.1"}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 1<<17 && isWorkbook(b) {
			read(t, b)
		}
	})
}
