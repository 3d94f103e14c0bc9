// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidencepack

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// signer is an installation's key, and what signs with it: the library's own code, not the verifier's.
type signer struct {
	note.Signer
	text string // public key
}

func newSigner(t testing.TB, seed byte) *signer {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	const name = "breakwater/test"
	pub := append([]byte{1}, key.Public().(ed25519.PublicKey)...)
	sum := sha256.Sum256(append([]byte(name+"\n"), pub...))
	id := fmt.Sprintf("%08x", binary.BigEndian.Uint32(sum[:]))
	s, err := note.NewSigner("PRIVATE+KEY+" + name + "+" + id + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, key.Seed()...)))
	if err != nil {
		t.Fatal(err)
	}
	return &signer{s, name + "+" + id + "+" + base64.StdEncoding.EncodeToString(pub)}
}

func (s *signer) sign(text string) (string, error) {
	b, err := note.Sign(&note.Note{Text: text}, s)
	return string(b), err
}

func (s *signer) checkpoint(t testing.TB, tree tlog.Tree) string {
	t.Helper()
	text, err := s.sign(string(tlog.FormatTree(tree)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// log is an audit log, kept by the library that the product keeps its log with.
type log struct {
	records [][]byte
	hashes  []tlog.Hash
}

func (l *log) ReadHashes(at []int64) (list []tlog.Hash, err error) {
	for _, i := range at {
		list = append(list, l.hashes[i])
	}
	return list, nil
}

func (l *log) add(t testing.TB, kind, object, after string) {
	t.Helper()
	n := int64(len(l.records))
	record := fmt.Appendf(nil, `{"seq":%d,"at":"2026-01-01T00:00:%02dZ","object_kind":%q,"object":%q,"after":%s}`, n, n, kind, object, after)
	h, err := tlog.StoredHashes(n, record, l)
	if err != nil {
		t.Fatal(err)
	}
	l.records, l.hashes = append(l.records, record), append(l.hashes, h...)
}

func (l *log) tree(t testing.TB, n int64) tlog.Tree {
	t.Helper()
	h, err := tlog.TreeHash(n, l)
	if err != nil {
		t.Fatal(err)
	}
	return tlog.Tree{N: n, Hash: h}
}

func texts[T ~[]tlog.Hash](p T) []string {
	list := []string{}
	for _, h := range p {
		list = append(list, hex.EncodeToString(h[:]))
	}
	return list
}

// part is a file of a pack as the test writes it.
type part struct{ name, text string }

// fixture is a pack about to be written. A test changes it before it is signed.
type fixture struct {
	t        testing.TB
	s        *signer
	log      *log
	m        Manifest
	parts    []part
	evidence string // id of the capture
}

func line(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

func capture(frames ...string) string {
	b := binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d)
	b = append(b, make([]byte, 20)...)
	for _, f := range frames {
		b = append(b, make([]byte, 8)...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(f)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(f)))
		b = append(b, f...)
	}
	return string(b)
}

// entries is how many entries the log of a fixture has, and checkpointed after how many it was signed before.
const entries, checkpointed = 13, 5

// newFixture makes a good pack: an asset, a finding, a capture in slices, a list given whole and a deleted file.
func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{t: t, s: newSigner(t, 7), log: &log{}}
	hash := func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }
	packets, list, gone := hash("a capture"), "name;ip\ncrane;10.0.0.1\n", hash("gone")
	f.evidence = "e-" + packets[:16]
	listID, goneID := "e-"+hash(list)[:16], "e-"+gone[:16]
	for i := range entries {
		switch i {
		case 2:
			f.log.add(t, "evidence", f.evidence, fmt.Sprintf(`{"sha256":%q}`, packets))
		case 3:
			f.log.add(t, "evidence", listID, fmt.Sprintf(`{"sha256":%q}`, hash(list)))
		case 8:
			f.log.add(t, "asset", "a-1", `{"owner":"Quay crew"}`)
		default:
			f.log.add(t, "other", "x", `null`)
		}
	}
	tree, before := f.log.tree(t, entries), f.log.tree(t, checkpointed)
	var audit, earlier strings.Builder
	for _, seq := range []int64{2, 3, 8, 12} {
		p, err := tlog.ProveRecord(entries, seq, f.log)
		if err != nil {
			t.Fatal(err)
		}
		audit.WriteString(line(t, Entry{seq, string(f.log.records[seq]), texts(p)}))
	}
	p, err := tlog.ProveTree(entries, checkpointed, f.log)
	if err != nil {
		t.Fatal(err)
	}
	earlier.WriteString(line(t, Earlier{checkpointed, hex.EncodeToString(before.Hash[:]), f.s.checkpoint(t, before), texts(p)}))
	slice := SliceFile(f.evidence, 0, "pcap")
	f.parts = []part{
		{ObjectsFile, line(t, Object{"finding", "f-1", "Crane is not declared", json.RawMessage(`{}`)}) + line(t, Object{"asset", "a-1", "STS 1", json.RawMessage(`{"x":1}`)})},
		{ObservationsFile, line(t, Observation{Kind: "asset", Object: "a-1", Statement: "firmware", Value: "4.2", Confidence: 95, Evidence: f.evidence, Locator: "frame 12"}) +
			line(t, Observation{Kind: "asset", Object: "a-1", Statement: "name", Value: "STS 1", Declared: true, Confidence: 100, Evidence: listID, Locator: "row 2"}) +
			line(t, Observation{Kind: "asset", Object: "a-1", Statement: "owner", Value: "Quay crew", Declared: true, Confidence: 100, Evidence: ByPerson, Locator: "owner by Ada, version 1"}) +
			line(t, Observation{Kind: "finding", Object: "f-1", Statement: "undeclared_asset", Evidence: goneID, Locator: "frame 1"})},
		{EvidenceFile, line(t, Evidence{f.evidence, "quay.pcap", "packet", packets, 9, "read", Slices, []Slice{{slice, []uint64{12, 14}, []uint64{14}, []string{}}}}) +
			line(t, Evidence{listID, "list.csv", "sheet", hash(list), int64(len(list)), "read", Whole, []Slice{}}) +
			line(t, Evidence{goneID, "gone.pcap", "packet", gone, 4, "deleted", Nothing, []Slice{}})},
		{slice, capture("frame twelve", "PASS *******")},
		{WholeFile(listID), list},
		{CustodyFile, line(t, Custody{f.evidence, "2026-01-01T00:00:02Z", "Ada", "received", ""})},
		{AuditFile, audit.String()},
		{EarlierFile, earlier.String()},
		{CheckpointFile, f.s.checkpoint(t, tree)},
		{KeyFile, f.s.text + "\n"},
		{ReadmeFile, "Evidence pack\n"},
	}
	key, err := ParseKey(f.s.text)
	if err != nil {
		t.Fatal(err)
	}
	f.m = Manifest{
		ID: "pack-1", Program: "breakwater test", Organisation: "skerry", OrganisationName: "Port of Skerry", MadeAt: "2026-01-02T00:00:00Z",
		MadeBy: Person{"p-1", "Ada", "session"}, Reason: "court <order>", For: "the “harbour” court", Classification: "restricted", Contents: Slices,
		Selection: Selection{Findings: []string{"f-1"}}, Key: key.Fingerprint(), Tree: Tree{entries, hex.EncodeToString(tree.Hash[:])},
		Counts: Counts{Objects: 2, Observations: 4, Evidence: 3, Custody: 1, Entries: 4, Earlier: 1},
	}
	return f
}

// replace changes a text in a file before anything is signed.
func (f *fixture) replace(name, old, by string) {
	f.t.Helper()
	for i := range f.parts {
		if f.parts[i].name == name {
			if !strings.Contains(f.parts[i].text, old) {
				f.t.Fatalf("%s does not hold %q", name, old)
			}
			f.parts[i].text = strings.Replace(f.parts[i].text, old, by, 1)
			return
		}
	}
	f.t.Fatalf("no file %s", name)
}

// zip writes and signs the pack.
func (f *fixture) zip() []byte {
	f.t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	for _, p := range f.parts {
		if err := w.Text(p.name, p.text); err != nil {
			f.t.Fatal(err)
		}
	}
	if err := w.Close(f.m, f.s.sign); err != nil {
		f.t.Fatal(err)
	}
	return b.Bytes()
}

func verify(b []byte, o Options) *Report { return Verify(bytes.NewReader(b), int64(len(b)), o) }

func (r *Report) text() string {
	var b strings.Builder
	_ = r.Write(&b, 0)
	return b.String()
}
