// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"breakwater/evidence"
	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
)

func read(tb testing.TB, b []byte) (*evidence.Ledger, error) {
	tb.Helper()
	l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
	src := &evidence.Source{Reader: bytes.NewReader(b), ReaderAt: bytes.NewReader(b), Size: int64(len(b)), Memory: 64 << 20}
	return l, Kind{TempDir: tb.TempDir()}.Read(context.Background(), src, l)
}

func mustRead(tb testing.TB, s string) *evidence.Ledger {
	tb.Helper()
	l, err := read(tb, []byte(s))
	if err != nil {
		tb.Fatalf("Read: %v", err)
	}
	return l
}

// declared lists the values of each declared record.
func declared(l *evidence.Ledger) (out []string) {
	for i := range l.Endpoints() {
		e := &l.Endpoints()[i]
		s := fmt.Sprintf("%s %s %d", e.MAC, e.IP, e.VLAN)
		if e.Flags&evidence.Silent != 0 {
			s += " silent"
		}
		for _, o := range l.Observations() {
			if o.Subject == evidence.EndpointID(i+1) && l.Text(o.Name) != harbour.AttrMAC && l.Text(o.Name) != harbour.AttrIP {
				s += fmt.Sprintf(" %s=%s", l.Text(o.Name), l.Text(o.Value))
			}
		}
		out = append(out, s+" @ "+l.Locator(e.Place))
	}
	return out
}

// messages lists the problems.
func messages(l *evidence.Ledger) (out []string) {
	for _, p := range l.Evidence.Problems {
		s := p.Message
		if p.Locator != "" {
			s = p.Locator + ": " + s
		}
		if p.Hint != "" {
			s += " (" + p.Hint + ")"
		}
		out = append(out, s)
	}
	return out
}

// wantProblems checks that there is one problem for each text, in order, and no other.
func wantProblems(t *testing.T, l *evidence.Ledger, want ...string) {
	t.Helper()
	got := messages(l)
	ok := len(got) == len(want)
	for i := range want {
		ok = ok && i < len(got) && strings.Contains(got[i], want[i])
	}
	if !ok {
		t.Errorf("problems:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func utf16Bytes(s string, big, mark bool) (b []byte) {
	if mark {
		s = "\ufeff" + s
	}
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
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
		"bar": []byte(strings.ReplaceAll(comma, ",", "|")), "German, semicolon": []byte(german), "Windows-1252": latin,
		"UTF-16": utf16Bytes(comma, false, true), "UTF-16 big-endian": utf16Bytes(comma, true, true), "UTF-16 without mark": utf16Bytes(comma, false, false),
		"CRLF": []byte(strings.ReplaceAll(comma, "\n", "\r\n")), "CR": []byte(strings.ReplaceAll(comma, "\n", "\r")),
		"quoted": []byte(strings.ReplaceAll(comma, "Kran Süd", `"Kran Süd"`)), "quoted after a space": []byte(strings.ReplaceAll(comma, "Siemens", ` "Siemens"`)),
		"no final line break": []byte(strings.TrimSpace(comma)), "protected numbers": []byte(strings.ReplaceAll(comma, "0012", `="0012"`)),
		"apostrophe": []byte(strings.ReplaceAll(comma, "0012", `'0012`)),
	} {
		if got := (Kind{}).Recognise(b); !strings.HasPrefix(got, "CSV inventory") {
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
	l := mustRead(t, "sep=;\n"+german)
	if want, got := strings.Replace(want[0], "row 2", "row 3", 1), declared(l); len(got) != 1 || got[0] != want {
		t.Errorf("named separator: %q, want %q", got, want)
	}
}

func TestMixedEncodings(t *testing.T) {
	l := mustRead(t, "Gerätename;Seriennummer\nT\xfcr;1\nTür;2\n")
	want := []string{"  0 name=T r serial=1 @ row 2", "  0 name=Tür serial=2 @ row 3"}
	if d := cmp.Diff(want, declared(l)); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	wantProblems(t, l, "1 line")
}

func TestRowsAreIndependent(t *testing.T) {
	l := mustRead(t, `Port of Skerry - inventory 2026,,,,
,,,,
Name,Kind,IP address,MAC,Serial,Colour,Purdue level,VLAN,Criticality,Offline
good-1,camera,10.0.0.1,00:40:8c:00:00:01,A1B2,red,2,20,high,no
bad-mac,camera,10.0.0.2,00:40:8c:00,A1B3,,L1,,,
bad-ip,camera,10.0.0.300,,A1B4,,7,,,
two,switch,"10.0.0.3 / 10.0.1.3",,A1B5,,,VLAN 30,,
Name,Kind,IP address,MAC,Serial,Colour,Purdue level,VLAN,Criticality,Offline
prefix,camera,10.0.0.4/24,,1.23457E+11,,,5000,,
odd-kind,camra,10.0.0.6,,A1B7,,,,urgent,maybe
,,,,,
,plc,,,,
"open,camera,10.0.0.7,,A1B8,,,,,
spare-1,plc,,,A1B9,,,,low,yes
Cameras at the gate,,,
`)
	want := []string{
		"00:40:8c:00:00:01 10.0.0.1 20 name=good-1 kind=camera level=2 serial=A1B2 criticality=high @ row 4",
		" 10.0.0.2 0 name=bad-mac kind=camera level=1 serial=A1B3 @ row 5",
		"  0 name=bad-ip kind=camera serial=A1B4 @ row 6",
		" 10.0.0.3 30 name=two kind=switch serial=A1B5 @ row 7",
		" 10.0.1.3 30 @ row 7",
		" 10.0.0.4 0 name=prefix kind=camera @ row 9",
		" 10.0.0.6 0 name=odd-kind role=camra serial=A1B7 @ row 10",
		" 10.0.0.7 0 name=open kind=camera serial=A1B8 @ row 13",
		"  0 silent name=spare-1 kind=plc serial=A1B9 criticality=low @ row 14",
	}
	if d := cmp.Diff(want, declared(l)); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	wantProblems(
		t, l, `row 3: column "Colour" is not known`, `row 5: column "MAC": "00:40:8c:00" is not a MAC address`, `row 6: column "IP address": "10.0.0.300" is not an IP`,
		`row 6: column "Purdue level": "7" is not`, `row 9: column "Serial": "1.23457E+11" is not what was typed`, `row 9: column "VLAN": 5000`,
		`row 10: column "Kind": "camra" is not a kind of asset that is known; the row is kept, with this as its role (closest are: camera`,
		`row 10: column "Criticality": "urgent"`, `row 10: column "Offline": "maybe"`, `row 12: nothing identifies`, `row 13: a quotation mark is not closed`,
		`row 15: "Cameras at the gate" stands alone`,
	)
	if l.Evidence.Records != 8 {
		t.Errorf("%d records, want 8", l.Evidence.Records)
	}
}

func TestColumnsOfOneMeaning(t *testing.T) {
	l := mustRead(t, "Name,Asset name,IP 1,IP 2,MAC (eth0),MAC (eth1),Building,Room,Owner,Order no.,Purchase date,Comment,Version\n"+
		"a,b,10.0.0.1,10.0.0.2,001b1b000001,0:1b:1b:0:0:2,B7,12,Ops,6ES7 515,24.12.2024,\"two\nlines\",V2.9\n")
	want := []string{
		"00:1b:1b:00:00:01 10.0.0.1 0 name=a location=B7 / 12 model=6ES7 515 firmware=V2.9 order_number=6ES7 515 owner=Ops purchased=2024-12-24 note=two lines @ row 2",
		"00:1b:1b:00:00:02 10.0.0.2 0 @ row 2",
	}
	if d := cmp.Diff(want, declared(l)); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	wantProblems(t, l, `columns "Name" and "Asset name" mean the same`)
	if n := len(l.Links()); n != 1 {
		t.Errorf("%d links between the rows of one asset, want 1", n)
	}
}

// TestTypeColumn: a column "Type" holds a kind of device in some lists and a type designation in others.
func TestTypeColumn(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"a kind":                  {"Name,IP,Type\na,10.0.0.1,Switch\n", "name=a kind=switch"},
		"a designation":           {"Name,IP,Type\na,10.0.0.1,6ES7 515-2AM01\n", "name=a model=6ES7 515-2AM01"},
		"both":                    {"Name,IP,Type\na,10.0.0.1,SIMATIC CPU 1516\n", "name=a kind=plc model=SIMATIC CPU 1516"},
		"a kind and its type":     {"Name,IP,Kind,Type\na,10.0.0.1,camera,P3265-LVE\n", "name=a kind=camera model=P3265-LVE"},
		"a type beside the model": {"Name,IP,Type,Model\na,10.0.0.1,Kamera,P3265\n", "name=a kind=camera model=P3265"},
	} {
		got := declared(mustRead(t, tt.in))
		if want := " 10.0.0.1 0 " + tt.want + " @ row 2"; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestUpdates(t *testing.T) {
	head := "Tag,Name,Vendor,Serial,MAC,IP,Firmware\n"
	for name, tt := range map[string]struct {
		rows     string
		want     []string
		links    int
		problems []string
	}{
		"same tag": {
			"T1,a,X,1,,10.0.0.1,1.0\nT2,b,X,2,,10.0.0.2,\nT1,a,X,9,,10.0.0.1,2.0\n",
			[]string{" 10.0.0.2 0 name=b asset_tag=T2 vendor=X serial=2 @ row 3", " 10.0.0.1 0 name=a asset_tag=T1 vendor=X firmware=2.0 serial=9 @ row 4"},
			0,
			[]string{"row 4: row 4 replaces row 2: both have the inventory number t1"},
		},
		"same serial": {
			",a,X,77,,10.0.0.1,1.0\n,b,X,78,,,\n,a,X,77,,10.0.0.9,2.0\n",
			[]string{"  0 name=b vendor=X serial=78 @ row 3", " 10.0.0.9 0 name=a vendor=X firmware=2.0 serial=77 @ row 4"},
			0,
			[]string{"row 4 replaces row 2"},
		},
		"three times": {
			",a,X,77,,,1.0\n,a,X,77,,,2.0\n,a,X,77,,,3.0\n",
			[]string{"  0 name=a vendor=X firmware=3.0 serial=77 @ row 4"},
			0,
			[]string{"row 3 replaces row 2", "row 4 replaces row 3"},
		},
		"same serial of two vendors": {
			",a,X,77,,10.0.0.1,\n,b,Y,77,,10.0.0.2,\n",
			[]string{" 10.0.0.1 0 name=a vendor=X serial=77 @ row 2", " 10.0.0.2 0 name=b vendor=Y serial=77 @ row 3"},
			0, nil,
		},
		"same MAC": {
			",a,,,00:1b:1b:00:00:01,10.0.0.1,1.0\n,a2,,,00-1B-1B-00-00-01,10.0.0.1,\n",
			[]string{"00:1b:1b:00:00:01 10.0.0.1 0 name=a2 @ row 3"},
			0,
			[]string{"row 3 replaces row 2: both have the MAC address 00:1b:1b:00:00:01"},
		},
		"same MAC, other serial": {
			",a,X,1,00:1b:1b:00:00:01,10.0.0.1,\n,b,X,2,00:1b:1b:00:00:01,10.0.0.2,\n",
			[]string{"00:1b:1b:00:00:01 10.0.0.1 0 name=a vendor=X serial=1 @ row 2", "00:1b:1b:00:00:01 10.0.0.2 0 name=b vendor=X serial=2 @ row 3"},
			0,
			[]string{"row 2 and row 3 are different devices with the same MAC address"},
		},
		"two interfaces": {
			"T1,sw,X,1,00:1b:1b:00:00:01,10.0.0.1,\nT1,sw,X,1,00:1b:1b:00:00:02,10.0.1.1,\n",
			[]string{"00:1b:1b:00:00:01 10.0.0.1 0 name=sw asset_tag=T1 vendor=X serial=1 @ row 2", "00:1b:1b:00:00:02 10.0.1.1 0 name=sw asset_tag=T1 vendor=X serial=1 @ row 3"},
			1, nil,
		},
		"no serial is no key": {
			",a,X,n/a,,10.0.0.1,\n,b,X,n/a,,10.0.0.2,\n",
			[]string{" 10.0.0.1 0 name=a vendor=X @ row 2", " 10.0.0.2 0 name=b vendor=X @ row 3"},
			0, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := mustRead(t, head+tt.rows)
			if d := cmp.Diff(tt.want, declared(l)); d != "" {
				t.Errorf("rows (-want +got):\n%s", d)
			}
			if n := len(l.Links()); n != tt.links {
				t.Errorf("%d links, want %d", n, tt.links)
			}
			wantProblems(t, l, tt.problems...)
		})
	}
}

// TestLittleMemory: rows are written out early, and none is lost.
func TestLittleMemory(t *testing.T) {
	var b strings.Builder
	b.WriteString("Name,Serial,IP\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "device-%d,S%d,10.%d.%d.%d\n", i, i%15_000, 1+i>>16, i>>8&255, i&255)
	}
	l := evidence.NewLedger(evidence.LimitsFor(64 << 20))
	if err := (Kind{}).Read(context.Background(), &evidence.Source{Reader: strings.NewReader(b.String()), Memory: 1 << 20}, l); err != nil {
		t.Fatal(err)
	}
	if n := len(l.Endpoints()); n < 15_000 || n > 20_000 || l.Evidence.Records != 20_000 {
		t.Errorf("%d endpoints of %d records, want all devices", n, l.Evidence.Records)
	}
	if !slices.ContainsFunc(messages(l), func(s string) bool { return strings.Contains(s, "written already") }) {
		t.Errorf("no problem says that a row could not be replaced: %q", messages(l))
	}
}

// broken delivers a text and then an error.
type broken struct{ r io.Reader }

func (b broken) Read(p []byte) (int, error) {
	if n, _ := b.r.Read(p); n > 0 {
		return n, nil
	}
	return 0, io.ErrClosedPipe
}

func TestStopped(t *testing.T) {
	text := "Name,IP\n" + strings.Repeat("a,10.0.0.1\n", 20_000)
	l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
	err := Kind{}.Read(context.Background(), &evidence.Source{Reader: broken{strings.NewReader(text)}}, l)
	if harbour.KindOf(err) != harbour.ErrUnreadable || len(l.Endpoints()) == 0 {
		t.Errorf("broken file: error %v and %d endpoints, want what precedes the break and an error of kind unreadable", err, len(l.Endpoints()))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (Kind{}).Read(ctx, &evidence.Source{Reader: strings.NewReader(text)}, evidence.NewLedger(evidence.LimitsFor(8<<20))); harbour.KindOf(err) != harbour.ErrCancelled {
		t.Errorf("cancelled: error %v", err)
	}
}

func TestBounds(t *testing.T) {
	long := strings.Repeat("x", 5000)
	wide := strings.Repeat(",", 300)
	l := mustRead(t, "Name,IP,Note\na,10.0.0.1,"+long+"\nb,10.0.0.2"+wide+"\nc,10.0.0.3,"+strings.Repeat("y", 2<<20)+"\nd,10.0.0.4,\n")
	if n := len(l.Endpoints()); n != 4 {
		t.Errorf("%d endpoints, want 4: %q", n, messages(l))
	}
	wantProblems(t, l, `row 2: column "Note": the cell is longer`, "row 3: only the first 256 of 302 columns", "row 4: the line is longer than a mebibyte")
}
