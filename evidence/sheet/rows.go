// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// Limits of one file.
const (
	maxRows    = 1_000_000
	maxColumns = 256
	maxCell    = 4 << 10
	headerRows = 20 // rows among which a header is looked for
)

// table reads the rows of one sheet.
type table struct {
	sheet   string
	number  int // of the sheet in the file
	ledger  *evidence.Ledger
	parent  *reader
	cols    []field
	looked  int
	started bool
}

// reader collects the rows of a file; a row that has the key of an earlier one replaces it.
type reader struct {
	ledger  *evidence.Ledger
	rows    []row
	byKey   map[string]int
	unknown map[string]bool
	full    bool
}

type row struct {
	asset harbour.DeclaredAsset
	place evidence.Place
	dead  bool
}

// place packs sheet and row.
func place(sheet, row int) evidence.Place { return evidence.Place(uint64(sheet)<<32 | uint64(row)) }

func (t *table) locator(n int) string {
	if t.sheet == "" {
		return fmt.Sprintf("row %d", n)
	}
	return fmt.Sprintf("sheet %s row %d", t.sheet, n)
}

func (t *table) problem(n int, message, hint string) {
	t.ledger.Problem(harbour.Problem{Locator: t.locator(n), Message: message, Hint: hint})
}

// add takes row n (from 1) and says whether to go on.
func (t *table) add(n int, cells []string) bool {
	if len(cells) > maxColumns {
		cells = cells[:maxColumns]
	}
	if blank(cells) {
		return true
	}
	if cols, unknown, ok := header(cells); ok && (!t.started || slices.Equal(cols, t.cols)) {
		if t.started {
			return true // a header repeated on each printed page
		}
		t.cols, t.started = cols, true
		for _, u := range unknown {
			if !t.parent.unknown[u] && len(t.parent.unknown) < maxColumns {
				t.parent.unknown[u] = true
				t.problem(n, fmt.Sprintf("column %q is not known and was passed over", clip(u)), "rename it if it holds something that the inventory should know")
			}
		}
		return true
	}
	if !t.started {
		t.looked++
		return t.looked < headerRows
	}
	if len(t.parent.rows) >= maxRows {
		if !t.parent.full {
			t.parent.full = true
			t.problem(n, fmt.Sprintf("more than %d rows; the rest was not read", maxRows), "split the file")
		}
		return false
	}
	t.ledger.Evidence.Records++
	t.read(n, cells)
	return true
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}

// read makes a declared asset of a row.
func (t *table) read(n int, cells []string) {
	var a harbour.DeclaredAsset
	for i, f := range t.cols {
		if i >= len(cells) {
			break
		}
		v := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(cells[i]), "'"))
		if v == "" || v == "-" || strings.EqualFold(v, "n/a") || strings.EqualFold(v, "none") || strings.HasPrefix(v, "#N/A") {
			continue
		}
		if len(v) > maxCell {
			t.problem(n, fmt.Sprintf("column %d holds more than %d bytes and was cut", i+1, maxCell), "")
			v = strings.ToValidUTF8(v[:maxCell], "")
		}
		t.cell(n, i, f, v, &a)
	}
	if a.Name == "" && a.Tag == "" && a.Serial == "" && len(a.MACs)+len(a.IPs)+len(a.Hostnames) == 0 {
		t.problem(n, "nothing in this row identifies an asset", "give a name, serial number, MAC or address")
		return
	}
	t.parent.enter(t, n, a)
}

// texts are the fields that are taken as they stand.
func textField(a *harbour.DeclaredAsset, f field) *string {
	switch f {
	case fieldName:
		return &a.Name
	case fieldTag:
		return &a.Tag
	case fieldRole:
		return &a.Role
	case fieldOrganisation:
		return &a.Organisation
	case fieldSite:
		return &a.Site
	case fieldLocation:
		return &a.Location
	case fieldZone:
		return &a.Zone
	case fieldVendor:
		return &a.Vendor
	case fieldModel:
		return &a.Model
	case fieldFirmware:
		return &a.Firmware
	case fieldSupplier:
		return &a.Supplier
	case fieldModule:
		return &a.Module
	}
	return nil
}

func (t *table) cell(n, col int, f field, v string, a *harbour.DeclaredAsset) {
	if s := textField(a, f); s != nil {
		*s = v
		return
	}
	switch f {
	case fieldSerial:
		if scientific(v) {
			t.problem(n, fmt.Sprintf("serial number %q was turned into a rounded number by the spreadsheet", v), "format the column as text and enter it again")
			return
		}
		a.Serial = v
	case fieldMAC:
		for _, part := range parts(v) {
			if m, ok := evidence.ParseMAC(part); ok {
				a.MACs = append(a.MACs, m.String())
			} else {
				t.problem(n, fmt.Sprintf("column %d: %q is not a MAC address", col+1, clip(part)), "write for example 00:1b:1b:12:34:56")
			}
		}
	case fieldIP:
		t.addresses(n, col, v, a)
	case fieldVLAN:
		digits := strings.TrimLeft(strings.ToLower(v), "vlan ")
		x, err := strconv.ParseFloat(digits, 64)
		if err != nil || x < 1 || x > 4094 || x != float64(int(x)) {
			t.problem(n, fmt.Sprintf("column %d: %q is not a VLAN id", col+1, clip(v)), "1 to 4094")
			return
		}
		a.VLAN = int(x)
	case fieldHostname:
		a.Hostnames = append(a.Hostnames, parts(v)...)
	case fieldService:
		a.Services = append(a.Services, parts(v)...)
	case fieldLevel:
		l := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(v), "level"), "l"))
		l = strings.Replace(l, ",", ".", 1)
		if slices.Contains([]string{"0", "1", "2", "3", "3.5", "4", "5"}, l) {
			a.Level = l
		} else {
			t.problem(n, fmt.Sprintf("column %d: %q is not a Purdue level", col+1, clip(v)), "0, 1, 2, 3, 3.5, 4 or 5")
		}
	case fieldKind:
		k, near := kindOf(v)
		if k == "" {
			if a.Role == "" {
				a.Role = v
			}
			hint := "write one of the kinds of the port file's reference"
			if near != "" {
				hint = "did you mean " + near + "?"
			}
			t.problem(n, fmt.Sprintf("column %d: %q is not a known kind of asset", col+1, clip(v)), hint)
		}
		a.Kind = k
	case fieldCriticality:
		if c, ok := criticalities[fold(v)]; ok {
			a.Criticality = c
		} else {
			t.problem(n, fmt.Sprintf("column %d: %q is not a criticality", col+1, clip(v)), "low, medium, high or critical")
		}
	case fieldSilent:
		a.Silent = truths[fold(v)]
	}
}

// addresses reads one or several addresses; a prefix length behind one is allowed.
func (t *table) addresses(n, col int, v string, a *harbour.DeclaredAsset) {
	if strings.EqualFold(v, "dhcp") || strings.EqualFold(v, "dynamic") || strings.EqualFold(v, "dynamisch") {
		return
	}
	for _, part := range parts(v) {
		addr := part
		if host, bits, ok := strings.Cut(part, "/"); ok {
			if _, err := strconv.Atoi(bits); err == nil {
				addr = host
			}
		}
		ip, err := netip.ParseAddr(addr)
		if err != nil {
			t.problem(n, fmt.Sprintf("column %d: %q is not an IP address", col+1, clip(part)), "several addresses are separated by comma, semicolon or line break")
			continue
		}
		a.IPs = append(a.IPs, ip.WithZone("").String())
	}
}

// parts separates several values in one cell.
func parts(v string) (out []string) {
	v = strings.NewReplacer(" / ", "\n", ";", "\n", ",", "\n", "\r", "\n", "|", "\n", " und ", "\n", " and ", "\n").Replace(v)
	for p := range strings.SplitSeq(v, "\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// scientific says whether a spreadsheet has rounded a long number: 1.23457E+11.
func scientific(v string) bool {
	mantissa, exp, ok := strings.Cut(strings.ToUpper(v), "E+")
	if !ok {
		return false
	}
	_, err1 := strconv.ParseFloat(strings.Replace(mantissa, ",", ".", 1), 64)
	_, err2 := strconv.Atoi(exp)
	return err1 == nil && err2 == nil && strings.ContainsAny(mantissa, ".,")
}

// keys of a row for updates.
func keys(a *harbour.DeclaredAsset) (out []string) {
	if a.Serial != "" {
		out = append(out, "serial "+strings.ToUpper(a.Vendor)+" "+strings.ToUpper(a.Serial))
	}
	if a.Tag != "" {
		out = append(out, "tag "+strings.ToUpper(a.Tag))
	}
	for _, m := range a.MACs {
		out = append(out, "MAC "+m)
	}
	return out
}

// enter stores a row; one with the key of an earlier row takes its place.
func (r *reader) enter(t *table, n int, a harbour.DeclaredAsset) {
	for _, k := range keys(&a) {
		if old, ok := r.byKey[k]; ok && !r.rows[old].dead {
			r.rows[old].dead = true
			t.problem(n, fmt.Sprintf("the same %s as in %s; this later row counts", k, r.ledger.Locator(r.rows[old].place)), "remove one of the two rows")
		}
	}
	r.rows = append(r.rows, row{asset: a, place: place(t.number, n)})
	for _, k := range keys(&a) {
		r.byKey[k] = len(r.rows) - 1
	}
}

// finish declares what was collected.
func (r *reader) finish() {
	for i := range r.rows {
		if !r.rows[i].dead {
			r.ledger.Declare(&r.rows[i].asset, uint32(i+1), r.rows[i].place)
		}
	}
}

var criticalities = map[string]string{
	"low": "low", "niedrig": "low", "gering": "low", "faible": "low", "laag": "low", "bajo": "low", "baja": "low", "1": "low",
	"medium": "medium", "mittel": "medium", "moyen": "medium", "moyenne": "medium", "gemiddeld": "medium", "medio": "medium", "media": "medium", "normal": "medium", "2": "medium",
	"high": "high", "hoch": "high", "haut": "high", "haute": "high", "elevee": "high", "hoog": "high", "alto": "high", "alta": "high", "3": "high",
	"critical": "critical", "kritisch": "critical", "critique": "critical", "sehrhoch": "critical", "veryhigh": "critical", "critico": "critical", "critica": "critical", "4": "critical",
}

var truths = map[string]bool{"yes": true, "y": true, "true": true, "x": true, "1": true, "ja": true, "j": true, "wahr": true, "oui": true, "o": true, "si": true, "s": true}

// kindOf knows a kind by its word on the closed list, its title, or another word for it; else it names the closest.
func kindOf(v string) (k harbour.Kind, near string) {
	w := fold(v)
	if k, ok := kindWords[w]; ok {
		return k, ""
	}
	best := 3
	for _, word := range sortedWords {
		if d := distance(w, word); d < best {
			best, near = d, string(kindWords[word])
		}
	}
	return "", near
}

var kindWords = func() map[string]harbour.Kind {
	m := map[string]harbour.Kind{}
	for _, i := range harbour.Kinds {
		m[fold(string(i.Kind))] = i.Kind
		m[fold(i.Title)] = i.Kind
	}
	for k, words := range map[harbour.Kind]string{
		harbour.KindPLC: "sps controller steuerung automate autmate plccpu speicherprogrammierbaresteuerung pac", harbour.KindRTU: "fernwirkgeraet telecontrol",
		harbour.KindHMI: "panel touchpanel operatorterminal bedienpanel pupitre bedienpaneel ihm", harbour.KindSCADA: "scadaserver leitsystem supervision dcs",
		harbour.KindEngineering: "engineeringstation ews engineeringpc programmiergeraet pg engineeringlaptop stationdingenierie", harbour.KindHistorian: "historianserver datalogger",
		harbour.KindDrive: "frequencyconverter frequenzumrichter vfd inverter umrichter antrieb variateur frequentieregelaar variador drives", harbour.KindIOModule: "io remoteio iostation eastation dezentraleperipherie et200",
		harbour.KindSafetyController: "safetyplc fsps failsafeplc sicherheitssteuerung safety", harbour.KindCraneController: "cranecontrol kransteuerung craneplc",
		harbour.KindCamera: "ipcamera cctv cctvcamera kamera camara ocrcamera networkcamera videocamera", harbour.KindBadgeReader: "cardreader kartenleser lecteurdebadge reader badgelezer",
		harbour.KindDoorController: "accesscontroller accesscontrol tuercontroller zutrittskontrolle controledacces", harbour.KindRecorder: "nvr dvr videorecorder vms rekorder",
		harbour.KindSwitch: "networkswitch ethernetswitch netzwerkswitch commutateur schakelaar conmutador", harbour.KindRouter: "gatewayrouter routeur enrutador l3switch", harbour.KindFirewall: "fw ngfw parefeu cortafuegos",
		harbour.KindAccessPoint: "accesspoint ap wlanap wifi wlanaccesspoint pointdacces wirelessap wirelessaccesspoint", harbour.KindCellularGateway: "modem lterouter cellularrouter 4grouter 5grouter mobilfunkrouter cellularmodem lte gsmmodem",
		harbour.KindServer: "serveur servidor vm virtualmachine host domaincontroller fileserver", harbour.KindWorkstation: "pc computer desktop laptop notebook client kiosk arbeitsplatz rechner ordinateur werkstation estaciondetrabajo thinclient",
		harbour.KindPrinter: "drucker imprimante impresora labelprinter", harbour.KindPhone: "ipphone voipphone telefon telephone telefoon telefono", harbour.KindAISReceiver: "ais aisstation aisbasestation",
		harbour.KindGNSSReceiver: "gps gnss gpsreceiver", harbour.KindRadar: "radarsensor", harbour.KindUPS: "usv onduleur sai noodstroom", harbour.KindMeter: "energymeter powermeter zaehler compteur teller contador",
		harbour.KindSensor: "transmitter messgeraet capteur sensoren", harbour.KindBuilding: "bms bmscontroller gebaeudeautomation ddc", harbour.KindGateway: "serialserver serialgateway deviceserver modbusgateway mediaconverter protocolgateway gateway passerelle",
		harbour.KindRobot: "roboter", harbour.KindVesselSystem: "vts vtsstation",
	} {
		for _, w := range strings.Fields(words) {
			m[w] = k
		}
	}
	return m
}()

var sortedWords = func() (words []string) {
	for w := range kindWords {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return words
}()

// distance is the number of edits between two short words, given up beyond 3.
func distance(a, b string) int {
	if d := len(a) - len(b); d > 2 || d < -2 || len(a) > 40 || len(a) < 4 {
		return 9
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diag
			if a[i] != b[j] {
				d = 1 + min(diag, row[j], row[j+1])
			}
			diag, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}
