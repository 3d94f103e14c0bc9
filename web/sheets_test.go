// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/unicode"

	"breakwater/web/webtest"
)

// polish has headings that nobody here knows, and a secret.
const polish = "Nazwa;Adres IP;Numer seryjny;Producent;Password\n" +
	"crane 1;10.20.0.7;;Siemens;hunter2\nnew 1;10.20.0.71;A-71;ABB;\n=cmd|calc;10.20.0.72;A-72;;\nbad 1;10.20.0.300;A-73;;\n;;;ABB;\n"

// polished is how its columns are mapped, as an address says it.
func polished(more ...string) string {
	v := url.Values{"said": {"1"}, "read": {"0"}, "was0": {"1"}, "h0": {"1"}, "c0.0": {"name"}, "c0.1": {"ip"}, "c0.2": {"serial"}, "c0.3": {"vendor"}, "c0.4": {""}}
	for i := 0; i+1 < len(more); i += 2 {
		v.Add(more[i], more[i+1])
	}
	return v.Encode()
}

func TestSheetImport(t *testing.T) {
	h := webtest.New(t, 0)
	h.Give(webtest.Skerry, "known.csv", "name,ip,vendor\ncrane 1,10.20.0.7,Acme\ncrane 2,10.20.0.8,Acme\n")
	c := h.As("ot-engineer")
	c.Get("/o/skerry/evidence").Says("import a spreadsheet step by step")
	c.Get("/o/skerry/evidence/sheet").Want(200).Sound().Says("Step 1 of 3", "North quay")
	h.As("auditor").Get("/o/skerry/evidence/sheet").Want(http.StatusForbidden)
	c.Post("/o/skerry/evidence/sheet").Want(http.StatusUnprocessableEntity).Says("No file was sent")

	kind, body := files(t, "", "spis.csv", polish)
	page := c.Follow(c.Do("POST", "/o/skerry/evidence/sheet", kind, body).Want(303)).Want(200).Sound()
	page.Says("Step 2 of 3", "spis.csv", "its headings are not known", "Nazwa", "crane 1", "10.20.0.71", "Secret: not shown", "Nothing counts before").Lacks("hunter2")
	id := idOf(t, h, "spis.csv")
	at := "/o/skerry/evidence/" + id
	c.Get(at).Want(200).Sound().Says("waits for somebody to say what its columns hold", "Go on with the import").Lacks("Read again")
	h.Work()
	c.Get(at+"/trial?said=1&read=0&was0=1&h0=1&c0.3=vendor").Want(http.StatusUnprocessableEntity).Sound().Says("identifies a device", "What the columns hold")
	c.Get(at + "/trial?said=1&read=0&was0=1&h0=1&c0.0=name&c0.1=name").Want(http.StatusUnprocessableEntity).Sound().Says("Two columns")
	c.Get(at + "/trial?" + polished("existing", "merge")).Want(http.StatusUnprocessableEntity)

	trial := c.Get(at + "/trial?" + polished()).Want(200).Sound()
	trial.Says("Step 3 of 3", "5 rows", "3 created", "1 updated", "1 refused", "crane 1", "Acme", "Siemens", "10.20.0.300", "nothing identifies the device", "Import, updating what is known").Lacks("hunter2")
	c.Get(at+"/trial?"+polished("existing", "skip")).Want(200).Sound().Says("2 created", "2 left out", "1 refused", "Import what is new")
	c.Get(at+"/trial?"+polished("existing", "stop")).Want(200).Sound().Says("Nothing would be imported", "1 row names a device", "2 rows are wrong").Lacks("Import, unless")
	c.Get(at+"/trial?"+polished("what", "new")).Want(200).Says("new 1", "2 rows").Lacks("bad 1", "crane 1")
	c.Get(at + "/trial?" + polished("outcome", "refused")).Want(200).Says("without a name").Lacks("new 1")
	c.Get(at + "/trial?" + polished("q", "NEW")).Want(200).Says("new 1").Lacks("bad 1")
	c.Part(at+"/trial?"+polished(), "list").Want(200).Says("new 1").Lacks("<html", "Step 3")
	csv := c.Get(at + "/trial.csv?" + polished("what", "changed", "what", "wrong")).Want(200)
	csv.Says("crane 1", "Vendor: Acme → Siemens", "updated", "10.20.0.300").Lacks("new 1", "hunter2")
	if all := c.Get(at + "/trial.csv?" + polished()); !strings.Contains(all.Body, "'=cmd|calc") {
		t.Error("a cell that starts like a formula is exported as one")
	}
	c.Get(at + "/trial.xlsx?" + polished()).Want(200)
	c.Get("/o/skerry/assets").Lacks("new 1")

	// The form carries what was said; a refused import says why and changes nothing.
	form := []string{"said", "1", "read", "0", "was0", "1", "h0", "1", "c0.0", "name", "c0.1", "ip", "c0.2", "serial", "c0.3", "vendor"}
	h.As("auditor").Post(at+"/import", form...).Want(http.StatusForbidden)
	c.Post(at+"/import", append(form, "existing", "stop")...).Want(http.StatusConflict).Says("nothing was imported", "skip or to update")
	a := c.Post(at+"/import", append(form, "existing", "skip")...).Want(303)
	if !strings.HasPrefix(a.Header.Get("Location"), "/o/skerry/jobs/j-") {
		t.Errorf("it leads to %s", a.Header.Get("Location"))
	}
	jobs := c.Follow(a).Want(200).Sound().Says("Read spis.csv as mapped", "It is being imported", "Undo")
	h.Work()
	c.Get("/o/skerry/assets").Want(200).Says("new 1", "crane 1").Lacks("bad 1")
	c.Get(a.Header.Get("Location")).Want(200).Says("Done", "The evidence")
	_ = jobs

	// The next delivery with the same headings is read as this one was.
	kind, body = files(t, "", "spis styczen.csv", strings.Replace(polish, "new 1", "new 2", 1))
	next := c.Follow(c.Do("POST", "/o/skerry/evidence/sheet", kind, body).Want(303)).Want(200).Sound().Says("mapped as spis.csv was", "by Ot engineer")
	for name, want := range map[string]string{"existing": "skip"} {
		if got := next.Value(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(next.Body, `<option value="serial" selected>`) {
		t.Error("the mapping of the earlier delivery is not taken up")
	}
	kind, body = files(t, "", "other.csv", strings.Replace(polish, "Producent", "Kto to zrobił", 1))
	c.Follow(c.Do("POST", "/o/skerry/evidence/sheet", kind, body).Want(303)).Want(200).Says("its headings are not known").Lacks("mapped as")
	hallow := h.AsIn("ot-engineer", webtest.Hallow)
	kind, body = files(t, "", "spis.csv", polish)
	hallow.Follow(hallow.Do("POST", "/o/hallow/evidence/sheet", kind, body).Want(303)).Want(200).Says("its headings are not known").Lacks("mapped as", "crane 2")
	hallow.Get("/o/hallow/evidence/" + id + "/trial?" + polished()).Want(200).Lacks("Acme") // its own evidence of the same content
	hallow.Get("/o/skerry/evidence/" + id + "/columns").Want(404)

	// Taken back.
	c.Get(at).Want(200).Sound().Says("Take it back", "What its columns hold")
	c.Follow(c.Post(at + "/undo").Want(303)).Want(200).Says("Withdrawn")
	h.Work()
	c.Get("/o/skerry/assets").Want(200).Says("crane 1").Lacks("new 1")
	c.Get(at + "/columns").Want(http.StatusConflict)
	c.Get(at).Lacks("Take it back", "What its columns hold")
}

// TestSheetForms tries what people really send.
func TestSheetForms(t *testing.T) {
	h := webtest.New(t, 0)
	c := h.As("ot-engineer")
	give := func(name, content string) (*webtest.Answer, string) {
		t.Helper()
		kind, body := files(t, "", name, content)
		a := c.Do("POST", "/o/skerry/evidence/sheet", kind, body).Want(303)
		to := a.Header.Get("Location")
		return c.Get(to), strings.TrimSuffix(to, "/columns")
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("Gerätename\tIP-Adresse\tHersteller\nKran Süd\t10.20.1.1\tMüller\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct{ content, says string }{
		"utf16.txt":     {utf16, "Kran Süd"},
		"latin.csv":     {"Ger\xe4tename;IP-Adresse\nKran S\xfcd;10.20.1.2\n", "Kran Süd"},
		"pipes.csv":     {"name|ip|vendor\nGate pipe|10.20.1.3|Acme\n", "Gate pipe"},
		"mac.csv":       {"name,ip\rOld Mac,10.20.1.4\r", "Old Mac"},
		"quoted.csv":    {"name,ip,note\n\"Crane, \"\"big\"\"\",10.20.1.5,\"two\nlines\"\n", `Crane, "big"`},
		"bom.csv":       {"\ufeffname,ip\nBom crane,10.20.1.6\n", "Bom crane"},
		"empty rows":    {"\n\nInventory of the quay;;\n;;\nname;ip;vendor\n;;\nLate crane;10.20.1.7;Acme\n;;\n", "Late crane"},
		"dates.csv":     {"name,ip,purchased\nDated,10.20.1.8,24.12.2025\n", "24.12.2025"},
		"only one.csv":  {"name,ip\n", "leave it out"},
		"duplicate.csv": {"name,name,ip\nTwice,Other,10.20.1.9\n", "Twice"},
	} {
		page, at := give(name, x.content)
		page.Want(200).Sound().Says(x.says)
		if name != "only one.csv" && !strings.Contains(page.Body, `<option value="ip" selected>`) {
			t.Errorf("%s: no address among the columns", name)
		}
		c.Get(at + "/trial").Want(200).Sound() // as proposed
	}

	// A workbook with merged headings, formulas, dates, and a sheet that is none.
	f := excelize.NewFile()
	sheet := "Quay cranes"
	f.SetSheetName("Sheet1", "Notes")
	f.SetCellStr("Notes", "A1", "Please ask Jane before you change anything")
	f.NewSheet(sheet)
	f.MergeCell(sheet, "A1", "D1")
	f.SetCellStr(sheet, "A1", "Equipment at the quay, as of today")
	for i, v := range []string{"Name", "IP address", "Serial number", "Purchase date"} {
		at, _ := excelize.CoordinatesToCellName(i+1, 3)
		f.SetCellStr(sheet, at, v)
	}
	f.SetCellStr(sheet, "A4", "STS 1")
	f.SetCellStr(sheet, "B4", "10.20.2.1")
	f.SetCellFormula(sheet, "C4", `="SN-"&"1"`)
	f.SetCellValue(sheet, "D4", time.Date(2025, 3, 4, 0, 0, 0, 0, time.UTC))
	f.MergeCell(sheet, "A5", "A6")
	f.SetCellStr(sheet, "A5", "STS 2")
	f.SetCellStr(sheet, "B5", "10.20.2.2")
	f.SetCellStr(sheet, "B6", "10.20.2.3")
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	page, at := give("quay.xlsx", b.String())
	page.Want(200).Sound().Says("Sheet Notes", "Sheet Quay cranes", "mapped as its headings say", "STS 1", "Read this sheet")
	c.Get(at+"/trial").Want(200).Sound().Says("STS 1", "STS 2", "created").Lacks("ask Jane")
	c.Get(at + "/trial?said=1").Want(http.StatusUnprocessableEntity).Says("0 sheets")
	other := c.Get(at + "/columns?said=1&read=1&h1=1&was1=3").Want(200).Sound()
	other.Says("Equipment at the quay").Lacks("mapped as its headings say")
	if a := c.Post(at + "/import").Want(303); a.Header.Get("Location") == "" {
		t.Error("it leads nowhere")
	}
	h.Work()
	c.Get("/o/skerry/assets").Want(200).Says("STS 1", "STS 2")

	// What is no spreadsheet says so, and can be read as what it is or taken back.
	page, at = give("photo.csv", "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02")
	page.Want(http.StatusUnprocessableEntity).Sound().Says("Take it back", "Read it as what it is")
	c.Follow(c.Post(at + "/undo").Want(303)).Says("Withdrawn")
	page, at = give("quay.csv", webtest.Capture(6))
	page.Want(http.StatusUnprocessableEntity).Says("Read it as what it is")
	c.Post(at + "/reread").Want(303)
	h.Work()
	c.Get(at).Want(200).Says("Network capture", "6 frames")
}

// TestSheetLong turns the pages of a long trial, from its first row to its last.
func TestSheetLong(t *testing.T) {
	h := webtest.New(t, 0)
	c := h.As("ot-engineer")
	var b strings.Builder
	b.WriteString("name,ip\n")
	for i := range 250 {
		fmt.Fprintf(&b, "Device %03d,10.30.%d.%d\n", i, i/200, i%200+1)
	}
	kind, body := files(t, "", "long.csv", b.String())
	at := strings.TrimSuffix(c.Do("POST", "/o/skerry/evidence/sheet", kind, body).Want(303).Header.Get("Location"), "/columns")
	seen, path := map[string]bool{}, at+"/trial"
	for range 3 {
		a := c.Get(path).Want(200).Sound().Says("250 rows")
		for i := range 250 {
			if n := fmt.Sprintf("Device %03d", i); strings.Contains(a.Body, n+"<") {
				if seen[n] {
					t.Errorf("%s is on two pages", n)
				}
				seen[n] = true
			}
		}
		for _, l := range a.Links() {
			if strings.Contains(l, "cursor=") {
				path = l
			}
		}
	}
	if len(seen) != 250 {
		t.Errorf("%d rows on three pages", len(seen))
	}
	if n := strings.Count(c.Get(at+"/trial.csv").Body, "\n"); n != 251 {
		t.Errorf("the export has %d lines", n)
	}
}
