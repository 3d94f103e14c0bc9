// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// memoryBlob is a ledger file in memory.
type memoryBlob struct{ *bytes.Reader }

func (memoryBlob) Close() error { return nil }

func inMemory(b []byte) OpenBlob {
	return func() (Blob, error) { return memoryBlob{bytes.NewReader(b)}, nil }
}

// content is everything that a view shows, with texts in words.
func content(tb interface {
	Helper()
	Fatal(...any)
}, l *Ledger,
) (out []string) {
	tb.Helper()
	v, err := l.View()
	if err != nil {
		tb.Fatal(err)
	}
	out = append(out, fmt.Sprintf("%+v %+v %+v", l.Evidence, l.Places, l.Entries))
	for e := range v.Endpoints() {
		out = append(out, fmt.Sprintf("%+v", *e))
	}
	for k := range v.Links() {
		out = append(out, fmt.Sprintf("%+v", *k))
	}
	for o := range v.Observations() {
		out = append(out, fmt.Sprintf("%+v %q %q", *o, v.Text(o.Name), v.TextBytes(o.Value)))
	}
	for c := range v.Conversations() {
		out = append(out, fmt.Sprintf("%+v %q", *c, v.Text(c.Protocol)))
	}
	for o := range v.Operations() {
		out = append(out, fmt.Sprintf("%+v %q %q", *o, v.Text(o.Name), v.Text(o.Target)))
	}
	if err := v.Close(); err != nil {
		tb.Fatal(err)
	}
	return out
}

// draw makes a ledger of anything that its methods let in.
func draw(t *rapid.T) *Ledger {
	l := NewLedger(LimitsFor(8 << 20))
	text := rapid.SliceOfN(rapid.Byte(), 0, 40)
	instant := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(1e15, 2e15), rapid.Int64())
	at := func(name string) harbour.Instant { return harbour.Instant(instant.Draw(t, name)) }
	place := rapid.Map(rapid.OneOf(rapid.Uint64Range(0, 1e6), rapid.Uint64()), func(n uint64) Place { return Place(n) })
	l.Evidence = harbour.Evidence{
		ID: "e-1", Path: string(text.Draw(t, "path")), Kind: harbour.EvidencePacket, SHA256: "00", Bytes: rapid.Int64().Draw(t, "bytes"), Records: 7,
		From: at("from"), To: at("to"), Problems: []harbour.Problem{{Locator: "frame 1", Message: string(text.Draw(t, "message")), Fatal: rapid.Bool().Draw(t, "fatal")}},
	}
	l.Places = PlaceWords{Unit: "row", Part: "sheet", Parts: []string{"", "A"}}
	if rapid.Bool().Draw(t, "port") {
		l.Port = &harbour.Port{Name: "Skerry", Zones: []harbour.DeclaredZone{{ID: "z", VLANs: []int{3}, Selector: &harbour.Selector{Kinds: []harbour.Kind{"plc"}}}}, Modules: []harbour.Module{{Responsible: map[string]string{"patching": "port"}}}}
		l.Entries = map[string]Place{"zones[0]": 12}
	}
	var ids []EndpointID
	for i := range rapid.IntRange(1, 50).Draw(t, "endpoints") {
		var m MAC
		var ip IP
		copy(m[:], rapid.SliceOfN(rapid.Byte(), 0, 6).Draw(t, "mac"))
		if b := rapid.SliceOfN(rapid.Byte(), 0, 16).Draw(t, "ip"); len(b) < 10 {
			ip = V4(b)
		} else {
			copy(ip[:], b)
		}
		var id EndpointID
		if rapid.Bool().Draw(t, "row") {
			id = l.Record(m, ip, 0, uint32(i+1))
		} else {
			id = l.Endpoint(m, ip, uint16(rapid.Uint16().Draw(t, "vlan")), true)
		}
		l.Seen(id, EndpointFlags(rapid.Uint16().Draw(t, "flags")), rapid.Uint32().Draw(t, "sent"), at("first"), at("last"), place.Draw(t, "place"))
		ids = append(ids, id)
	}
	id := rapid.SampledFrom(ids)
	for range rapid.IntRange(0, 2000).Draw(t, "observations") {
		l.Observe(id.Draw(t, "subject"), l.InternString(rapid.SampledFrom([]string{"serial", "name", "model"}).Draw(t, "name")), text.Draw(t, "value"),
			harbour.Confidence(rapid.Byte().Draw(t, "confidence")), rapid.Bool().Draw(t, "declared"), at("seen"), place.Draw(t, "place"))
	}
	for range rapid.IntRange(0, 30).Draw(t, "rest") {
		in := func(name string) Text { return l.Intern(text.Draw(t, name)) }
		l.Link(id.Draw(t, "a"), id.Draw(t, "b"), place.Draw(t, "place"))
		l.AddConversation(Conversation{
			Client: id.Draw(t, "client"), Server: id.Draw(t, "server"), Protocol: in("protocol"), Port: rapid.Uint16().Draw(t, "port"), Transport: Transport(rapid.Byte().Draw(t, "transport")),
			Group: rapid.Bool().Draw(t, "group"), Confirmed: rapid.Bool().Draw(t, "confirmed"), Unanswered: rapid.Bool().Draw(t, "unanswered"),
			Packets: [2]uint64{rapid.Uint64().Draw(t, "packets"), 1}, Bytes: [2]uint64{2, math.MaxUint64}, First: at("first"), Last: at("last"), Place: place.Draw(t, "place"),
		})
		l.AddOperation(Operation{
			Client: id.Draw(t, "client"), Server: id.Draw(t, "server"), Protocol: in("protocol"), Code: in("code"), Name: in("name"), Verb: in("verb"), Target: in("target"), Result: in("result"),
			Group: rapid.Bool().Draw(t, "group"), Count: rapid.Uint64().Draw(t, "count"), First: at("first"), Last: at("last"), Place: place.Draw(t, "place"),
		})
	}
	l.Count("frames", 3)
	l.Finish()
	return l
}

// TestLedgerFile wants a ledger that went through a file to show what it showed before, and the file to be the same when
// it is written again from there.
func TestLedgerFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := draw(t)
		want := content(t, l)
		var b bytes.Buffer
		n, err := l.WriteTo(&b)
		if err != nil || n != int64(b.Len()) {
			t.Fatalf("WriteTo: %d bytes, %v, want %d", n, err, b.Len())
		}
		o, err := OpenLedger(inMemory(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, content(t, o), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("after the file (-before +after):\n%s", d)
		}
		if d := cmp.Diff(l.Port, o.Port); d != "" {
			t.Fatalf("port file (-before +after):\n%s", d)
		}
		if o.Lost() != l.Lost() {
			t.Fatalf("Lost() = %d, want %d", o.Lost(), l.Lost())
		}
		var again bytes.Buffer
		if _, err := o.WriteTo(&again); err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) {
			t.Fatalf("written again: %v, same bytes %v", err, bytes.Equal(again.Bytes(), b.Bytes()))
		}
	})
}

func sample(tb testing.TB) []byte {
	tb.Helper()
	l := NewLedger(LimitsFor(8 << 20))
	l.Evidence = harbour.Evidence{ID: "e-1", Path: "a.csv", Kind: harbour.EvidenceSheet}
	for i := range 3000 {
		l.Declare(&harbour.DeclaredAsset{Name: fmt.Sprintf("plc-%d", i), Vendor: "Siemens AG", MACs: []string{fmt.Sprintf("00:1b:1b:00:%02x:%02x", i>>8, i&255)}, IPs: []string{"10.0.0.1"}}, uint32(i+1), In(1, i+2))
	}
	l.AddConversation(Conversation{Client: 1, Server: 2, Protocol: l.Intern([]byte("modbus")), Port: 502, Transport: TransportTCP, First: 5, Last: 6, Place: 1})
	l.AddOperation(Operation{Client: 1, Server: 2, Name: l.Intern([]byte("read_coils")), Count: 1, Place: 2})
	l.Finish()
	var b bytes.Buffer
	if _, err := l.WriteTo(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// readAll walks everything of a ledger file.
func readAll(b []byte) error {
	l, err := OpenLedger(inMemory(b))
	if err != nil {
		return err
	}
	v, err := l.View()
	if err != nil {
		return err
	}
	n, t := v.EndpointCount(), v.Texts()
	check := func(id EndpointID, names ...Text) {
		if id == 0 || int(id) > n {
			panic("an endpoint that is not there")
		}
		for _, x := range names {
			if int(x) > t {
				panic("a string that is not there")
			}
		}
	}
	ends := 0
	for range v.Endpoints() {
		ends++
	}
	for k := range v.Links() {
		check(k.A)
		check(k.B)
	}
	for o := range v.Observations() {
		check(o.Subject, o.Name, o.Value)
	}
	for c := range v.Conversations() {
		check(c.Client, c.Protocol)
		check(c.Server)
	}
	for o := range v.Operations() {
		check(o.Client, o.Protocol, o.Code, o.Name, o.Verb, o.Target, o.Result)
		check(o.Server)
	}
	err = v.Close()
	if err == nil && ends != n {
		panic("endpoints are missing and nobody said so")
	}
	return err
}

// TestLedgerFileDamage cuts a file at every place and turns bits all over it.
func TestLedgerFileDamage(t *testing.T) {
	good := sample(t)
	if err := readAll(good); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(good); n += 1 + n/50 {
		if err := readAll(good[:n]); !errors.Is(err, ErrLedgerDamaged) {
			t.Fatalf("cut to %d of %d bytes: error %v, want ErrLedgerDamaged", n, len(good), err)
		}
	}
	for i := 0; i < len(good); i += 1 + i/200 {
		b := bytes.Clone(good)
		b[i] ^= 1 << (i % 8)
		err := readAll(b)
		if i >= 8 && i < headerLength && i != 10 && i != 11 {
			if !errors.Is(err, ErrLedgerVersion) || errors.Is(err, ErrLedgerDamaged) || harbour.KindOf(err) != harbour.ErrUnreadable {
				t.Errorf("byte %d of the header: error %v, want ErrLedgerVersion", i, err)
			}
			continue
		}
		if !errors.Is(err, ErrLedgerDamaged) {
			t.Errorf("bit turned in byte %d: error %v, want ErrLedgerDamaged", i, err)
		}
	}
}

func TestShelve(t *testing.T) {
	pool := NewPool(64 << 20)
	l := NewLedger(LimitsIn(pool))
	l.Evidence = harbour.Evidence{ID: "e-1", Kind: harbour.EvidenceSheet}
	for i := range 1000 {
		l.Declare(&harbour.DeclaredAsset{Name: fmt.Sprintf("plc-%d", i), Serial: fmt.Sprint(i * 7919)}, uint32(i+1), Place(i+1))
	}
	l.Finish()
	want := content(t, l)
	path := filepath.Join(t.TempDir(), "1.ledger")
	create := func() (io.WriteCloser, error) { return os.Create(path) }
	if pool.Used() == 0 {
		t.Error("nothing was taken from the pool")
	}
	if err := l.Shelve(create, File(path)); err != nil {
		t.Fatal(err)
	}
	if pool.Used() != 0 {
		t.Errorf("%d bytes of the pool were not given back", pool.Used())
	}
	if d := cmp.Diff(want, content(t, l)); d != "" {
		t.Errorf("after shelving (-before +after):\n%s", d)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := l.View(); harbour.KindOf(err) != harbour.ErrUnreadable {
		t.Errorf("file gone: error %v, want one of kind unreadable", err)
	}
}

func TestPlaceWords(t *testing.T) {
	sheets := PlaceWords{Unit: "row", Part: "sheet", Parts: []string{"IT", ""}}
	for _, tt := range []struct {
		words PlaceWords
		place Place
		want  string
	}{
		{PlaceWords{}, 12, "frame 12"},
		{PlaceWords{}, 1 << 33, "frame 8589934592"},
		{PlaceWords{Unit: "line"}, 3, "line 3"},
		{sheets, In(1, 4), "sheet IT row 4"},
		{sheets, In(1, 0), "sheet IT"},
		{sheets, In(2, 4), "row 4"},
		{sheets, In(9, 4), "row 4"},
	} {
		if got := tt.words.Locator(tt.place); got != tt.want {
			t.Errorf("Locator(%d) = %q, want %q", tt.place, got, tt.want)
		}
	}
}

// FuzzLedgerFile reads anything as a ledger file, with its checksums mended so that what lies behind them is reached.
func FuzzLedgerFile(f *testing.F) {
	good := sample(f)
	f.Add(good[:4096], uint16(0))
	f.Add(good, uint16(1))
	small := NewLedger(LimitsFor(1 << 20))
	small.Declare(&harbour.DeclaredAsset{Name: "x", IPs: []string{"fe80::1"}}, 1, 1)
	small.Port = &harbour.Port{Name: "P"}
	small.Finish()
	var b bytes.Buffer
	small.WriteTo(&b)
	for i := range uint16(24) {
		f.Add(b.Bytes(), i*7)
	}
	f.Fuzz(func(t *testing.T, b []byte, turn uint16) {
		b = bytes.Clone(b)
		if len(b) > headerLength+trailerLength {
			copy(b, good[:headerLength])
			if i := headerLength + int(turn); i < len(b)-trailerLength {
				b[i] ^= 0x15
			}
			mend(b)
		}
		if err := readAll(b); err != nil && !errors.Is(err, ErrLedgerDamaged) && !errors.Is(err, ErrLedgerVersion) {
			t.Errorf("error %v is of no kind that a caller knows", err)
		}
	})
}

// mend sets the checksums of all blocks.
func mend(b []byte) {
	for at := headerLength; at+blockHeader <= len(b)-trailerLength; {
		n := int(binary.LittleEndian.Uint32(b[at+8:]))
		end := at + blockHeader + n
		if n > maxBlock || end > len(b) {
			return
		}
		binary.LittleEndian.PutUint32(b[at+12:], crc32.Update(crc32.Checksum(b[at:at+12], castagnoli), castagnoli, b[at+blockHeader:end]))
		at = end
	}
}
