// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"breakwater/evidence"
	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

func read(tb testing.TB, b []byte) (*evidence.Ledger, error) {
	tb.Helper()
	l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
	err := Kind{}.Read(context.Background(), &evidence.Source{Reader: bytes.NewReader(b), ReaderAt: bytes.NewReader(b), Size: int64(len(b)), Memory: 64 << 20}, l)
	return l, err
}

// declared lists the values of each declared record.
func declared(l *evidence.Ledger) (out []string) {
	for i := range l.Endpoints() {
		e := &l.Endpoints()[i]
		s := fmt.Sprintf("%s %s %d", e.MAC, e.IP, e.VLAN)
		for _, o := range l.Observations() {
			if o.Subject == evidence.EndpointID(i+1) && l.Text(o.Name) != harbour.AttrMAC && l.Text(o.Name) != harbour.AttrIP {
				s += fmt.Sprintf(" %s=%s", l.Text(o.Name), l.Text(o.Value))
			}
		}
		out = append(out, s+" @ "+l.Locator(e.Place))
	}
	return out
}

func messages(l *evidence.Ledger) string {
	var s []string
	for _, p := range l.Evidence.Problems {
		s = append(s, p.Locator+": "+p.Message)
	}
	return strings.Join(s, "\n")
}

func utf16le(s string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func TestDialects(t *testing.T) {
	want := []string{"00:1b:1b:00:00:01 10.0.0.5 20 name=Kran Süd kind=plc vendor=Siemens serial=0012 @ row 2"}
	comma := "Device name,Type,Manufacturer,S/N,MAC address,IP address,VLAN ID\nKran Süd,PLC,Siemens,0012,00-1B-1B-00-00-01,10.0.0.5,20\n"
	german := strings.NewReplacer("Device name", "Gerätename", "Type", "Gerätetyp", "PLC", "SPS", "Manufacturer", "Hersteller", "S/N", "Seriennummer",
		"MAC address", "MAC-Adresse", "IP address", "IP-Adresse", "VLAN ID", "VLAN", ",", ";", "00-1B-1B-00-00-01", "001b.1b00.0001").Replace(comma)
	latin := bytes.ReplaceAll(bytes.ReplaceAll([]byte(german), []byte("ü"), []byte{0xfc}), []byte("ä"), []byte{0xe4})
	for name, b := range map[string][]byte{
		"comma": []byte(comma), "byte order mark": []byte("\ufeff" + comma), "tab": []byte(strings.ReplaceAll(comma, ",", "\t")),
		"pipe": []byte(strings.ReplaceAll(comma, ",", "|")), "German, semicolon": []byte(german), "Windows-1252": latin,
		"UTF-16": utf16le(comma), "CRLF": []byte(strings.ReplaceAll(comma, "\n", "\r\n")),
	} {
		if got := (Kind{}).Recognise(b); got != "CSV inventory" {
			t.Errorf("%s: Recognise = %q", name, got)
		}
		l, err := read(t, b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(want, declared(l)); d != "" {
			t.Errorf("%s (-want +got):\n%s%s", name, d, messages(l))
		}
	}
}

func TestRowsAreIndependent(t *testing.T) {
	l, err := read(t, []byte(`Port of Skerry - inventory 2026,,,,
,,,,
Name,Kind,IP address,MAC,Serial,Colour
good-1,camera,10.0.0.1,00:40:8c:00:00:01,A1B2,red
bad-mac,camera,10.0.0.2,00:40:8c:00,A1B3,
bad-ip,camera,10.0.0.300,,A1B4,
two,switch,"10.0.0.3 / 10.0.1.3",,A1B5,
Name,Kind,IP address,MAC,Serial,Colour
prefix,camera,10.0.0.4/24,,1.23457E+11,
odd-kind,camra,10.0.0.6,,A1B7,
,,,,,
,plc,,,,
good-1b,camera,10.0.0.9,00:40:8c:00:00:01,A1B2,
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		" 10.0.0.2 0 name=bad-mac kind=camera serial=A1B3 @ row 5",
		"  0 name=bad-ip kind=camera serial=A1B4 @ row 6",
		" 10.0.0.3 0 name=two kind=switch serial=A1B5 @ row 7",
		" 10.0.1.3 0 @ row 7",
		" 10.0.0.4 0 name=prefix kind=camera @ row 9",
		" 10.0.0.6 0 name=odd-kind role=camra serial=A1B7 @ row 10",
		"00:40:8c:00:00:01 10.0.0.9 0 name=good-1b kind=camera serial=A1B2 @ row 13",
	}
	if d := cmp.Diff(want, declared(l)); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	for _, m := range []string{`column "Colour" is not known`, `row 5: column 4: "00:40:8c:00" is not a MAC`, `row 6: column 3: "10.0.0.300"`, "row 9: serial number", "row 10:", "row 12: nothing", "row 13: the same"} {
		if !strings.Contains(messages(l), m) {
			t.Errorf("no problem says %q:\n%s", m, messages(l))
		}
	}
}

func TestWorkbook(t *testing.T) {
	f := excelize.NewFile()
	f.SetSheetName("Sheet1", "Notes")
	f.SetCellValue("Notes", "A1", "Please keep up to date")
	f.NewSheet("Assets")
	rows := [][]any{{"Terminal 1 assets"}, {}, {"Asset", "Hersteller", "IP", "VLAN", "Serial no."}, {"cam-1", "Axis", "10.3.0.1", 30, "ACCC8E1"}, {"cam-2", "Axis", "10.3.0.2", 30.0, 123456789012}}
	for i, r := range rows {
		f.SetSheetRow("Assets", fmt.Sprintf("A%d", i+1), &r)
	}
	f.MergeCell("Assets", "A1", "E1")
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	if got := (Kind{}).Recognise(b.Bytes()); got != "XLSX workbook" {
		t.Errorf("Recognise = %q", got)
	}
	l, err := read(t, b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		" 10.3.0.1 30 name=cam-1 vendor=Axis serial=ACCC8E1 @ sheet Assets row 4",
		" 10.3.0.2 30 name=cam-2 vendor=Axis serial=123456789012 @ sheet Assets row 5",
	}
	if d := cmp.Diff(want, declared(l)); d != "" {
		t.Errorf("rows (-want +got):\n%s%s", d, messages(l))
	}
	if !strings.Contains(messages(l), "no inventory on this sheet") {
		t.Errorf("the sheet without inventory is not named:\n%s", messages(l))
	}
	if _, err := read(t, b.Bytes()[:b.Len()/2]); harbour.KindOf(err) != harbour.ErrUnreadable {
		t.Errorf("half a workbook: error %v, want unreadable", err)
	}
}

// TestNotAnInventory holds the look-alikes.
func TestNotAnInventory(t *testing.T) {
	for name, s := range map[string]string{
		"tide table": "date,time,height\n2026-01-01,04:00,3.2\n", "event log": "time,source,message\n2026,fw,denied\n",
		"firewall": "hostname fw1\ninterface GigabitEthernet0/1\n ip address 10.0.0.1 255.255.255.0\n", "JSON": `{"name": "x", "ip": "10.0.0.1"}`,
		"YAML": "name: x\nip: 10.0.0.1\n", "NMEA": "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\n", "prose": "The name, and the address, of the port.\n",
		"flow export": "src ip,dst ip,bytes\n10.0.0.1,10.0.0.2,5\n", "vulnerabilities": "cve,product,version\nCVE-1,x,1\n", "empty": "", "zip": "PK\x03\x04 something else",
		"lease log":   "#fields\tts\tuid\tclient_addr\tmac\thost_name\tlease_time\n#types\ttime\tstring\taddr\tstring\tstring\tinterval\n",
		"session log": "ts,uid,orig,client_addr,mac,host_name,domain,assigned,lease,msg\n1,2,3,10.0.0.1,00:00:00:00:00:01,h,d,a,l,m\n",
		"people":      "name,role,department\nJane,pfso,Port\n", "addresses alone": "ip\n10.0.0.1\n",
	} {
		if got := (Kind{}).Recognise([]byte(s)); got != "" {
			t.Errorf("%s: recognised as %q", name, got)
		}
	}
}

// TestAnyOrderOfColumns writes the same assets with columns in any order and spelling and wants the same values back.
func TestAnyOrderOfColumns(t *testing.T) {
	spell := map[string][]string{
		"name": {"Name", "Device name", "Gerätename", "nombre"}, "mac": {"MAC", "MAC-Adresse", "Hardware Address", "adresse MAC"},
		"ip": {"IP", "IP-Adresse", "IPv4 address", "Adresse IP"}, "serial": {"Serial no.", "S/N", "Seriennummer", "N° de série"},
		"vendor": {"Make", "Hersteller", "Fabricant", "Vendor"},
	}
	value := map[string]string{"name": "x-1", "mac": "00:1b:1b:0a:0b:0c", "ip": "10.9.8.7", "serial": "S7-0042", "vendor": "Siemens AG"}
	rapid.Check(t, func(t *rapid.T) {
		cols := rapid.Permutation([]string{"name", "mac", "ip", "serial", "vendor"}).Draw(t, "columns")
		var head, row []string
		for _, c := range cols {
			head = append(head, rapid.SampledFrom(spell[c]).Draw(t, c))
			row = append(row, value[c])
		}
		l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
		b := []byte(strings.Join(head, ";") + "\n" + strings.Join(row, ";") + "\n")
		if err := (Kind{}).Read(context.Background(), &evidence.Source{Reader: bytes.NewReader(b)}, l); err != nil {
			t.Fatal(err)
		}
		want := []string{"00:1b:1b:0a:0b:0c 10.9.8.7 0 name=x-1 vendor=Siemens AG serial=S7-0042 @ row 2"}
		if d := cmp.Diff(want, declared(l)); d != "" {
			t.Fatalf("header %q (-want +got):\n%s", head, d)
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("name,ip\nplc,10.0.0.1\n"))
	f.Add([]byte("Gerät;MAC-Adresse\nx;\"00:1b\n"))
	f.Add(utf16le("name,ip\nplc,10.0.0.1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if (Kind{}).Recognise(b) == "CSV inventory" {
			read(t, b)
		}
	})
}

func FuzzXLSX(f *testing.F) {
	x := excelize.NewFile()
	x.SetSheetRow("Sheet1", "A1", &[]any{"name", "ip"})
	x.SetSheetRow("Sheet1", "A2", &[]any{"plc", "10.0.0.1"})
	var b bytes.Buffer
	x.Write(&b)
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if isWorkbook(b) {
			read(t, b)
		}
	})
}
