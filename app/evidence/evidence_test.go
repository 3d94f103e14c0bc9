// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/evidence"
	"breakwater/app/imports"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/sim/frame"
	"breakwater/sim/record"
	"breakwater/store"
	"breakwater/store/storetest"
	"breakwater/store/vault"
)

func TestMain(m *testing.M) { testpostgres.Main(m) }

// port is a database and a vault with the organisations skerry and gull, and what looks evidence up.
type port struct {
	t     *testing.T
	db    *store.DB
	vault *vault.Vault
	in    *imports.Imports
	u     *evidence.Evidence
}

func (p *port) Add(ctx context.Context, tx *store.Tx, org, by, kind, title, input string) (string, error) {
	id := app.NewID("j-")
	return id, tx.AddJob(ctx, store.Job{Org: org, ID: id, Kind: kind, Title: title, MadeBy: by, Input: input})
}

func open(t *testing.T, db *store.DB) *port {
	t.Helper()
	dir := t.TempDir()
	v, err := vault.Open(filepath.Join(dir, "vault"), vault.KeySource{}, vault.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	p := &port{t: t, db: db, vault: v}
	core := &app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: time.Now}
	if p.in, err = imports.New(core, v, p, imports.Options{TempDir: dir}); err != nil {
		t.Fatal(err)
	}
	p.u = evidence.New(core, v)
	for _, org := range []string{"skerry", "gull"} {
		storetest.Organisation(t, db, org, org)
	}
	err = db.Write(context.Background(), store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		return tx.PutSite(ctx, store.Site{Org: "skerry", ID: "north", Name: "North", TimeZone: "UTC", Jurisdiction: "EU"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// core is one whose clock stands.
func (p *port) core(now time.Time) *app.Core {
	return &app.Core{DB: p.db, Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return now }}
}

// give gives a file and has it read.
func (p *port) give(name string, content []byte) string {
	p.t.Helper()
	ctx := context.Background()
	g, err := p.in.Give(ctx, actor(access.OTEngineer, "skerry", nil), "skerry", "", name, bytes.NewReader(content))
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.in.Work(ctx, store.Job{Org: "skerry", Kind: imports.JobRead, Input: g.ID}, nil); err != nil {
		p.t.Fatal(err)
	}
	return g.ID
}

func actor(role, org string, limit *store.Limit) *app.Actor {
	actions := map[app.Action]bool{}
	for _, a := range access.RoleByCode(role).Actions() {
		actions[a] = true
	}
	return app.NewActor(app.Actor{Person: "p-" + role, Name: "Jane of " + role, Via: "session", ProvedAt: harbour.At(time.Now())},
		[]app.Grant{{Role: role, Actions: actions, Org: org, Limit: limit}}, func() harbour.Instant { return harbour.At(time.Now()) })
}

func wantKind(t *testing.T, what string, err error, want harbour.ErrorKind) {
	t.Helper()
	if err == nil || harbour.KindOf(err) != want {
		t.Errorf("%s: error %v, want one of kind %v", what, err, want)
	}
}

var (
	macA, macB = frame.MAC{0, 0x1b, 0x1b, 0, 0, 1}, frame.MAC{0, 0x1b, 0x1b, 0, 0, 2}
	ipA, ipB   = frame.Addr{10, 0, 0, 1}, frame.Addr{10, 0, 0, 2}
	start      = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
)

func segment(from, to frame.Addr, sport, dport uint16, payload []byte) []byte {
	t := frame.Segment(from, to, frame.TCP{Sport: sport, Dport: dport, Seq: 7, Ack: 9, Flags: frame.ACK | frame.PSH, Window: 1000}, payload)
	return frame.Ethernet(macB, macA, 0, frame.TypeIPv4, frame.IPv4(frame.IP{Src: from, Dst: to, TTL: 64, Proto: frame.ProtoTCP}, t))
}

// file makes a capture of n frames; frame i asks for register i, and frame 3 logs in.
func file(t *testing.T, n int, fill int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := record.New(&b, "a.pcapng", record.Next, "mirror 1")
	for i := range n {
		f := segment(ipA, ipB, 40000, 502, append(frame.ModbusRead(uint16(i+1), 1, 3, uint16(i+1), 2), make([]byte, fill)...))
		switch i + 1 {
		case 3:
			f = segment(ipA, ipB, 40001, 21, []byte("PASS hunter2\r\n"))
		case 5:
			f = segment(ipB, ipA, 502, 40000, frame.ModbusRegisters(5, 1, 3, []uint16{1, 2}))
		}
		if err := w.Write(start.Add(time.Duration(i)*time.Second), f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestListGetDownload(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, p := context.Background(), open(t, db)
		id := p.give("a.csv", []byte("name,ip\nplc-1,10.0.0.1\n"))
		auditor := actor(access.Auditor, "skerry", nil)
		list, err := p.u.List(ctx, auditor, "skerry", store.EvidenceQuery{})
		if err != nil || len(list.Items) != 1 || list.Items[0].ID != id {
			t.Errorf("list %+v, %v", list, err)
		}
		v, err := p.u.Get(ctx, auditor, "skerry", id)
		if err != nil || v.Name != "a.csv" || len(v.Custody) != 2 || v.Giver == "" || v.Records != 1 {
			t.Errorf("view %+v, %v", v, err)
		}
		c, err := p.u.Download(ctx, auditor, "skerry", id)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(c)
		c.Close()
		if err != nil || string(b) != "name,ip\nplc-1,10.0.0.1\n" || c.Name != "a.csv" || c.Size != int64(len(b)) {
			t.Errorf("content %q of %+v, %v", b, c, err)
		}
		if v, err = p.u.Get(ctx, auditor, "skerry", id); err != nil || v.Custody[len(v.Custody)-1].Act != "downloaded" || v.Custody[len(v.Custody)-1].Who != auditor.Name {
			t.Errorf("custody %+v, %v", v.Custody, err)
		}
		log, err := db.In(store.WholeOrganisation("skerry")).Audit(ctx, store.AuditFilter{Object: id, Action: string(app.DownloadEvidence)})
		if err != nil || len(log) != 1 {
			t.Errorf("audit log %+v, %v", log, err)
		}

		foreign, north, board := actor(access.Auditor, "gull", nil), actor(access.Auditor, "skerry", &store.Limit{Sites: []string{"north"}}), actor(access.BoardReader, "skerry", nil)
		_, err = p.u.Get(ctx, foreign, "skerry", id)
		wantKind(t, "seen by another organisation", err, harbour.ErrNotFound)
		_, err = p.u.Get(ctx, foreign, "gull", id)
		wantKind(t, "looked for in another organisation", err, harbour.ErrNotFound)
		_, err = p.u.Download(ctx, foreign, "gull", id)
		wantKind(t, "downloaded from another organisation", err, harbour.ErrNotFound)
		_, err = p.u.Download(ctx, north, "skerry", id)
		wantKind(t, "downloaded from another site", err, harbour.ErrNotFound)
		_, err = p.u.List(ctx, board, "skerry", store.EvidenceQuery{})
		wantKind(t, "listed by a board reader", err, harbour.ErrDenied)
		_, err = p.u.Proof(ctx, north, "skerry", id, "row 2")
		wantKind(t, "proof from another site", err, harbour.ErrNotFound)
		if list, err := p.u.List(ctx, north, "skerry", store.EvidenceQuery{}); err != nil || len(list.Items) != 0 || list.Total != 0 {
			t.Errorf("the list of a site: %+v, %v", list, err)
		}
		if v, err := p.u.Get(ctx, auditor, "skerry", id); err != nil || len(v.Custody) != 3 {
			t.Errorf("a refused download is in the chain of custody: %+v, %v", v.Custody, err)
		}
	})
}

func TestFrame(t *testing.T) {
	ctx, p := context.Background(), open(t, storetest.Open(t))
	plain := file(t, 40, 0)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(plain)
	z.Close()
	engineer := actor(access.OTEngineer, "skerry", nil)
	admin := actor(access.Administrator, "skerry", nil) // sees evidence, downloads none
	for name, content := range map[string][]byte{"a.pcapng": plain, "a.pcapng.gz": packed.Bytes()} {
		id := p.give(name, content)
		v, err := p.u.Proof(ctx, engineer, "skerry", id, "frame 7")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		f := v.Frame
		if f == nil || f.Number != 7 || f.Frames != 40 || !f.At.Time().Equal(start.Add(6*time.Second).Truncate(time.Microsecond)) || f.Nanos != 123456789 || f.Detail.InterfaceName != "mirror 1" {
			t.Errorf("%s: frame %+v", name, f)
		}
		if last := f.Layers[len(f.Layers)-1]; last.Name != "modbus" || !bytes.Equal(f.Bytes[last.Offset:last.Offset+2], []byte{0, 7}) {
			t.Errorf("%s: layers %+v", name, f.Layers)
		}
		if f.Masked || len(f.Secrets) > 0 {
			t.Errorf("%s: a frame without secrets is masked", name)
		}
		for _, by := range []*app.Actor{engineer, admin} {
			v, err := p.u.Proof(ctx, by, "skerry", id, "frame 3")
			if err != nil {
				t.Fatal(err)
			}
			if text := fmt.Sprintf("%+v", v.Frame.Layers); strings.Contains(text, "hunter2") || !strings.Contains(text, "PASS") {
				t.Errorf("%s: layers %s", name, text)
			}
			if shown := bytes.Contains(v.Frame.Bytes, []byte("hunter2")); shown != (by == engineer) || v.Frame.Masked == shown {
				t.Errorf("%s: the password is in the bytes for %s: %v, masked: %v", name, by.Name, shown, v.Frame.Masked)
			}
		}
		for locator, want := range map[string]harbour.ErrorKind{
			"frame 41": harbour.ErrNotFound, "frame 9223372036854775807": harbour.ErrNotFound, "frame 0": harbour.ErrInvalid, "frame -1": harbour.ErrInvalid,
			"row 1": harbour.ErrInvalid, "line 1": harbour.ErrInvalid, "": harbour.ErrInvalid, "sheet x frame 1": harbour.ErrInvalid, "frame 18446744073709551616": harbour.ErrInvalid,
		} {
			_, err := p.u.Proof(ctx, engineer, "skerry", id, locator)
			wantKind(t, name+" "+locator, err, want)
		}
		if v, err := p.u.Proof(ctx, engineer, "skerry", id, "frame 4, byte 100"); err != nil || v.Frame.Number != 4 {
			t.Errorf("%s: a place with a byte: %+v, %v", name, v, err)
		}
	}
}

// TestIndexed wants frames of a capture that is several marks long to be the right ones, plain and compressed, with the
// index and without.
func TestIndexed(t *testing.T) {
	ctx, p := context.Background(), open(t, storetest.Open(t))
	plain := file(t, 5000, 1000)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(plain)
	z.Close()
	by := actor(access.OTEngineer, "skerry", nil)
	for name, content := range map[string][]byte{"a.pcapng": plain, "a.pcapng.gz": packed.Bytes()} {
		id := p.give(name, content)
		look := func(what string) {
			t.Helper()
			for _, n := range []int{1, 2, 1000, 2500, 4999, 5000} {
				v, err := p.u.Proof(ctx, by, "skerry", id, fmt.Sprintf("frame %d", n))
				if err != nil {
					t.Fatalf("%s, %s: frame %d: %v", name, what, n, err)
				}
				last := v.Frame.Layers[len(v.Frame.Layers)-1]
				if got := int(v.Frame.Bytes[last.Offset])<<8 | int(v.Frame.Bytes[last.Offset+1]); got != n {
					t.Errorf("%s, %s: frame %d holds request %d", name, what, n, got)
				}
			}
		}
		row, err := p.db.In(store.WholeOrganisation("skerry")).EvidenceByID(ctx, id)
		if err != nil || row.Marks == "" {
			t.Fatalf("%s: no index was kept: %+v, %v", name, row, err)
		}
		look("with its index")
		if err := p.vault.Delete(row.Marks); err != nil {
			t.Fatal(err)
		}
		look("without")
	}
}

func TestRowsAndLines(t *testing.T) {
	ctx, p := context.Background(), open(t, storetest.Open(t))
	by := actor(access.OTEngineer, "skerry", nil)
	sheet := p.give("a.csv", []byte("Name,IP,Admin password\nplc-1,10.0.0.1,hunter2\nplc-2,10.0.0.2,\n"))
	text := p.give("port.yaml", []byte("name: Skerry\n# "+strings.Repeat("x", 2000)+"\nzones:\n  - {id: quay, name: Quay}\n  - {id: yard, name: Yard}\n"))
	v, err := p.u.Proof(ctx, by, "skerry", sheet, "row 2")
	if err != nil || v.Row == nil || strings.Join(v.Row.Cells, "|") != "plc-1|10.0.0.1|••••••" || strings.Join(v.Row.Columns, "|") != "Name|IP|Admin password" {
		t.Errorf("row %+v, %v", v, err)
	}
	_, err = p.u.Proof(ctx, by, "skerry", sheet, "row 4")
	wantKind(t, "a row that is not there", err, harbour.ErrNotFound)
	_, err = p.u.Proof(ctx, by, "skerry", sheet, "sheet STS row 2")
	wantKind(t, "a sheet that is not there", err, harbour.ErrNotFound)
	v, err = p.u.Proof(ctx, by, "skerry", text, "line 4")
	if err != nil || v.Lines == nil || v.Lines.First != 1 || len(v.Lines.Text) != 5 || v.Lines.Text[3] != "  - {id: quay, name: Quay}" {
		t.Errorf("lines %+v, %v", v, err)
	} else if n := len([]rune(v.Lines.Text[1])); n > 501 {
		t.Errorf("a line of %d characters is shown", n)
	}
	_, err = p.u.Proof(ctx, by, "skerry", text, "line 99")
	wantKind(t, "a line that is not there", err, harbour.ErrNotFound)
	letter := p.give("letter", []byte("Dear colleagues"))
	_, err = p.u.Proof(ctx, by, "skerry", letter, "line 1")
	wantKind(t, "of what nobody knows", err, harbour.ErrInvalid)
}

func TestSlice(t *testing.T) {
	ctx, p := context.Background(), open(t, storetest.Open(t))
	by := actor(access.OTEngineer, "skerry", nil)
	id := p.give("a.pcapng", file(t, 40, 0))
	for name, tt := range map[string]struct {
		cut  evidence.Cut
		want int
	}{
		"a range":                {evidence.Cut{From: 5, To: 9}, 5},
		"to the end":             {evidence.Cut{From: 31}, 10},
		"a conversation":         {evidence.Cut{A: "10.0.0.2", B: "10.0.0.1", Port: 21, Transport: "tcp"}, 1},
		"all of two":             {evidence.Cut{A: "10.0.0.1", B: "10.0.0.2"}, 40},
		"by hardware":            {evidence.Cut{A: macA.String(), B: macB.String(), To: 3}, 3},
		"of others":              {evidence.Cut{A: "10.9.9.9"}, 0},
		"until":                  {evidence.Cut{Until: harbour.At(start.Add(-55 * time.Second))}, 6},
		"another transport":      {evidence.Cut{Transport: "udp"}, 0},
		"a port that nobody has": {evidence.Cut{Port: 9}, 0},
	} {
		var b bytes.Buffer
		s, err := p.u.Slice(ctx, by, "skerry", id, tt.cut, &b)
		if err != nil || s.Frames != tt.want || s.Full || s.Other != 0 {
			t.Errorf("%s: %+v, %v, want %d frames", name, s, err, tt.want)
			continue
		}
		if tt.want == 0 {
			if b.Len() != 24 {
				t.Errorf("%s: %d bytes, want an empty capture", name, b.Len())
			}
			continue
		}
		again := p.give(name+".pcap", b.Bytes())
		row, err := p.db.In(store.WholeOrganisation("skerry")).EvidenceByID(ctx, again)
		if err != nil || row.Records != int64(tt.want) || len(row.Problems) > 0 {
			t.Errorf("%s: the slice reads as %+v, %v", name, row, err)
		}
		v, err := p.u.Proof(ctx, by, "skerry", again, "frame 1")
		if err != nil || v.Frame.Nanos != 123456789 {
			t.Errorf("%s: first frame of the slice %+v, %v", name, v, err)
		}
	}
	for name, cut := range map[string]evidence.Cut{
		"backwards": {From: 9, To: 3}, "no address": {A: "crane"}, "no port": {Port: 70000}, "no transport": {Transport: "pigeon"},
	} {
		_, err := p.u.Slice(ctx, by, "skerry", id, cut, io.Discard)
		wantKind(t, name, err, harbour.ErrInvalid)
	}
	_, err := p.u.Slice(ctx, actor(access.Administrator, "skerry", nil), "skerry", id, evidence.Cut{}, io.Discard)
	wantKind(t, "sliced by who may not download", err, harbour.ErrDenied)
	sheet := p.give("a.csv", []byte("name,ip\nplc-1,10.0.0.1\n"))
	_, err = p.u.Slice(ctx, by, "skerry", sheet, evidence.Cut{}, io.Discard)
	wantKind(t, "a slice of a spreadsheet", err, harbour.ErrInvalid)
}
