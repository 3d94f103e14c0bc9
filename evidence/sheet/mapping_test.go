// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
)

// polish is an inventory whose headings nobody here knows.
const polish = "Spis urządzeń;;;\nNazwa;Adres IP;Numer seryjny;Hasło\nplc-1;10.0.0.1;A-0017;hunter2\nplc-2;10.0.0.300;A-0018;\nNazwa;Adres IP;Numer seryjny;Hasło\n;;;\nplc-3;;;\n"

func records(t *testing.T, k Kind, file []byte) (list []Record, problems []harbour.Problem) {
	t.Helper()
	problems, err := k.Each(context.Background(), source(file), func(r *Record) error {
		list = append(list, *r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list, problems
}

func TestMapping(t *testing.T) {
	m := &Mapping{Sheets: []SheetMapping{{Header: 2, Columns: []string{"name", "ip", "serial", ""}}}}
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	if (Kind{}).Recognise([]byte(polish)) != "" || (Kind{Mapping: m}).Recognise([]byte(polish)) == "" {
		t.Error("a table is recognised by a mapping and not without")
	}
	list, problems := records(t, Kind{Mapping: m}, []byte(polish))
	var got []string
	for _, r := range list {
		got = append(got, fmt.Sprintf("%d %s %s %s %d", r.Number, r.Asset.Name, strings.Join(r.Asset.IPs, ","), r.Asset.Serial, len(r.Faults)))
	}
	if d := cmp.Diff([]string{"3 plc-1 10.0.0.1 A-0017 0", "4 plc-2  A-0018 1", "7 plc-3   0"}, got); d != "" {
		t.Errorf("records (-want +got)\n%s\n%+v", d, problems)
	}
	m.Sheets[0].Skip = []int{4}
	l := evidence.NewLedger(evidence.LimitsFor(1 << 20))
	if err := (Kind{Mapping: m}).Read(context.Background(), source([]byte(polish)), l); err != nil {
		t.Fatal(err)
	}
	l.Finish()
	if l.Evidence.Records != 2 || l.Counter("rows_left_out_by_choice") != 1 {
		t.Errorf("%d records, counters %+v", l.Evidence.Records, l.Evidence.Counters)
	}
	row, err := Kind{Mapping: m}.At(context.Background(), source([]byte(polish)), "", 3)
	if err != nil || strings.Join(row.Means, "|") != "name|ip|serial|" || row.Cells[0] != "plc-1" {
		t.Errorf("row %+v, %v", row, err)
	}
	m.Sheets[0].Header = 99
	l = evidence.NewLedger(evidence.LimitsFor(1 << 20))
	if err := (Kind{Mapping: m}).Read(context.Background(), source([]byte(polish)), l); harbour.KindOf(err) != harbour.ErrUnreadable {
		t.Errorf("a header that is not there: %v", err)
	}
}

func TestMappingOfWorkbook(t *testing.T) {
	book := workbook(t, []string{"Quay", "Yard", "Old"},
		[][]string{{"Nazwa", "Numer"}, {"plc-1", "A-0017"}}, [][]string{{"plc-9", "A-0099"}, {"Nazwa", "Numer"}, {"plc-2", "A-0018"}}, [][]string{{"Name", "Serial"}, {"plc-3", "A-0019"}})
	m := &Mapping{Sheets: []SheetMapping{{Sheet: "Quay", Header: 1, Columns: []string{"name", "serial"}}, {Sheet: "Yard", Header: 2, Columns: []string{"tag", "serial"}}}}
	list, _ := records(t, Kind{Mapping: m, TempDir: t.TempDir()}, book)
	if len(list) != 2 || list[0].Asset.Name != "plc-1" || list[1].Asset.Tag != "plc-2" || list[1].Sheet != "Yard" {
		t.Errorf("records %+v", list)
	}
}

func TestMappingCheck(t *testing.T) {
	for name, m := range map[string]Mapping{
		"no sheet":            {},
		"no header":           {Sheets: []SheetMapping{{Columns: []string{"name"}}}},
		"no such meaning":     {Sheets: []SheetMapping{{Header: 1, Columns: []string{"name", "colour"}}}},
		"the same twice":      {Sheets: []SheetMapping{{Header: 1, Columns: []string{"name", "name"}}}},
		"nothing identifies":  {Sheets: []SheetMapping{{Header: 1, Columns: []string{"vendor", "zone"}}}},
		"one sheet twice":     {Sheets: []SheetMapping{{Header: 1, Columns: []string{"name"}}, {Header: 1, Columns: []string{"name"}}}},
		"rows out of order":   {Sheets: []SheetMapping{{Header: 1, Columns: []string{"name"}, Skip: []int{5, 3}}}},
		"a million columns":   {Sheets: []SheetMapping{{Header: 1, Columns: make([]string, 1_000_000)}}},
		"a header far beyond": {Sheets: []SheetMapping{{Header: 1 << 30, Columns: []string{"name"}}}},
	} {
		if err := m.Check(); harbour.KindOf(err) != harbour.ErrInvalid || err == nil {
			t.Errorf("%s: error %v, want one of kind invalid", name, err)
		}
	}
	for _, w := range Meanings() {
		if f, ok := fieldOf(w); !ok || f == fieldNone || f == fieldCounter || f == fieldContrary {
			t.Errorf("%q means field %d", w, f)
		}
	}
	if n := len(Meanings()); n != int(fieldCount)-3 {
		t.Errorf("%d meanings of %d fields", n, fieldCount)
	}
}

func TestPreview(t *testing.T) {
	p, err := Kind{}.Preview(context.Background(), source([]byte(polish)))
	if err != nil || len(p.Sheets) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	s := p.Sheets[0]
	if s.Inventory || s.Header != 2 || len(s.Columns) != 4 || s.Columns[0].Name != "Nazwa" || s.Rows[0].Number != 1 || s.Rows[2].Cells[0] != "plc-1" {
		t.Errorf("preview %+v", s)
	}
	p, err = Kind{}.Preview(context.Background(), source([]byte("List\n\nName,IP address,Admin password,Colour\nplc-1,10.0.0.1,hunter2,red\nplc-2,10.0.0.2,,\n")))
	if err != nil {
		t.Fatal(err)
	}
	s = p.Sheets[0]
	if !s.Inventory || s.Header != 3 || s.Columns[1].Means != "ip" || s.Columns[3].Means != "" || strings.Join(s.Rows[2].Cells, "|") != "plc-1|10.0.0.1|••••••|red" {
		t.Errorf("preview %+v", s)
	}
	book := workbook(t, []string{"Read me", "STS", "Empty"}, [][]string{{"Dear colleagues"}}, [][]string{{"Name", "Serial"}, {"plc-1", "0017"}}, nil)
	p, err = Kind{TempDir: t.TempDir()}.Preview(context.Background(), source(book))
	if err != nil || len(p.Sheets) != 3 || p.Sheets[0].Inventory || !p.Sheets[1].Inventory || p.Sheets[2].Header != 0 {
		t.Errorf("preview %+v, %v", p, err)
	}
	for name, file := range map[string]string{"a capture": "\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00", "a letter": "Dear colleagues", "nothing": ""} {
		if p, err := (Kind{}).Preview(context.Background(), source([]byte(file))); harbour.KindOf(err) != harbour.ErrUnreadable {
			t.Errorf("%s: %+v, error %v, want one of kind unreadable", name, p, err)
		}
	}
}

func FuzzMapped(f *testing.F) {
	f.Add([]byte(polish), 2, "name ip serial")
	f.Add([]byte("a,b\nc,d\n"), 1, "tag  mac")
	f.Fuzz(func(t *testing.T, file []byte, at int, columns string) {
		m := &Mapping{Sheets: []SheetMapping{{Header: at, Columns: strings.Split(columns, " ")}}}
		if m.Check() != nil {
			return
		}
		k := Kind{Mapping: m, TempDir: t.TempDir()}
		_ = k.Read(context.Background(), source(file), evidence.NewLedger(evidence.LimitsFor(1<<20)))
		_, _ = k.Preview(context.Background(), source(file))
		_, _ = k.Each(context.Background(), source(file), func(*Record) error { return nil })
	})
}
