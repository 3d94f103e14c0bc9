// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidencepack

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// TestGood verifies good packs in every way: with nothing to compare, with the key, and with checkpoints that fit.
func TestGood(t *testing.T) {
	f := newFixture(t)
	b := f.zip()
	key, _ := ParseKey(f.s.text)
	figures := func(n int64) *Witness {
		tree := f.log.tree(t, n)
		return &Witness{Size: n, Root: Hash(tree.Hash)}
	}
	for name, o := range map[string]Options{
		"nothing to compare": {}, "fingerprint": {Key: key.Fingerprint()}, "fingerprint in groups": {Key: strings.ToUpper(key.Fingerprint()[:32]) + " " + key.Fingerprint()[32:]},
		"key": {Key: f.s.text}, "earlier checkpoint": {Witness: figures(checkpointed)}, "the same checkpoint": {Witness: figures(entries)},
	} {
		r := verify(b, o)
		if !r.Whole() || r.Unreadable {
			t.Errorf("%s: %s", name, r.text())
		}
	}
	r := verify(b, Options{})
	for _, want := range []string{
		"pack-1 of Port of Skerry", "for: the “harbour” court; why: court <order>; classification: restricted", "nobody said which key",
		"asset a-1 “STS 1”: 3 observations (2 declared), 1 entries of the audit log", f.evidence + " (frame 12)", "statement (owner by Ada, version 1)",
		"given in slices, 2 places", "its hash stands in entry 2 of the log, 2026-01-01T00:00:02Z", "given whole", "not given, known by its hash; the log in this pack does not say when it came in",
		"the log goes on from 1 earlier checkpoints", "The pack is whole.",
	} {
		if !strings.Contains(r.text(), want) {
			t.Errorf("the report does not say %q:\n%s", want, r.text())
		}
	}
}

// rezip writes a zip anew after change has seen its files in order.
func rezip(t testing.TB, b []byte, change func(list []part) []part) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var list []part
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, part{f.Name, string(text)})
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range change(list) {
		to, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(to, p.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// in changes one file of a zip.
func in(name string, change func(string) string) func([]part) []part {
	return func(list []part) []part {
		for i := range list {
			if strings.HasPrefix(list[i].name, name) {
				list[i].text = change(list[i].text)
				break
			}
		}
		return list
	}
}

// byteOf changes one byte in the middle.
func byteOf(s string) string {
	b := []byte(s)
	b[len(b)/2] ^= 1
	return string(b)
}

// TestTampered changes a finished pack in every way that somebody might without the key.
func TestTampered(t *testing.T) {
	f := newFixture(t)
	good := f.zip()
	if r := verify(rezip(t, good, func(l []part) []part { return l }), Options{}); !r.Whole() {
		t.Fatalf("a pack that is zipped anew and not changed: %s", r.text())
	}
	without := func(name string) func([]part) []part {
		return func(list []part) (kept []part) {
			for _, p := range list {
				if !strings.HasPrefix(p.name, name) {
					kept = append(kept, p)
				}
			}
			return kept
		}
	}
	with := func(p part) func([]part) []part { return func(l []part) []part { return append(l, p) } }
	tests := map[string]struct {
		change func([]part) []part
		want   string
	}{
		"a byte of an object":       {in(ObjectsFile, byteOf), "objects.jsonl was changed"},
		"a byte of an observation":  {in(ObservationsFile, byteOf), "observations.jsonl was changed"},
		"a byte of whole evidence":  {func(l []part) []part { return inWhole(l, byteOf) }, "/whole was changed"},
		"a byte of a slice":         {in(SliceFile(f.evidence, 0, "pcap"), byteOf), "slice-0.pcap was changed"},
		"a byte of an entry":        {in(AuditFile, byteOf), "audit.jsonl was changed"},
		"a byte of custody":         {in(CustodyFile, byteOf), "custody.jsonl was changed"},
		"a byte of the checkpoint":  {in(CheckpointFile, byteOf), "checkpoint.txt"},
		"a byte of the key":         {in(KeyFile, byteOf), "key.txt"},
		"a byte of the signature":   {in(SignatureFile, byteOf), "signature"},
		"the reason":                {in(ManifestFile, func(s string) string { return strings.Replace(s, "court", "courT", 1) }), "changed after it was signed"},
		"a manifest with a space":   {in(ManifestFile, func(s string) string { return " " + s }), "canonical"},
		"a name twice in manifest":  {in(ManifestFile, func(s string) string { return strings.Replace(s, `{`, `{"reason":"other",`, 1) }), "canonical"},
		"another version":           {in(ManifestFile, func(s string) string { return strings.Replace(s, `"version":1`, `"version":2`, 1) }), "another format"},
		"a field nobody knows":      {in(ManifestFile, func(s string) string { return strings.Replace(s, `"version":1`, `"version":1,"x":1`, 1) }), "another format"},
		"a file shorter":            {in(ObjectsFile, func(s string) string { return s[:len(s)-1] }), "objects.jsonl was changed"},
		"a file longer":             {in(ObjectsFile, func(s string) string { return s + "\n" }), "objects.jsonl cannot be read"},
		"evidence removed":          {without("evidence/"), "removed or renamed"},
		"objects removed":           {without(ObjectsFile), "objects.jsonl is missing"},
		"signature removed":         {without(SignatureFile), "signature"},
		"manifest removed":          {without(ManifestFile), "manifest.json cannot be read"},
		"key removed":               {without(KeyFile), "key.txt"},
		"checkpoint removed":        {without(CheckpointFile), "checkpoint.txt is missing"},
		"a file added":              {with(part{"evidence/e-00/whole", "x"}), "added or renamed"},
		"a known file added":        {with(part{"notes.txt", "x"}), "notes.txt is not in the manifest"},
		"a file renamed":            {func(l []part) []part { l[3].name = "evidence/e-00/slice-0.pcap"; return l }, "removed or renamed"},
		"a file twice":              {with(part{ObjectsFile, "x"}), "two files objects.jsonl"},
		"a way out of the folder":   {with(part{"../evil", "x"}), "no pack has"},
		"a way out within evidence": {with(part{"evidence/../../x/whole", "x"}), "no pack has"},
		"an absolute name":          {with(part{"/etc/passwd", "x"}), "no pack has"},
		"a name with a backslash":   {with(part{`evidence\e-00\whole`, "x"}), "no pack has"},
		"a folder":                  {with(part{"evidence/", ""}), "no pack has"},
		"a bomb beside it":          {with(part{"notes.txt", strings.Repeat("0", 50<<20)}), "notes.txt is not in the manifest"},
		"a bomb in an object":       {in(ObjectsFile, func(string) string { return strings.Repeat("0", 50<<20) }), "more than the"},
		"a bomb in the manifest":    {in(ManifestFile, func(string) string { return strings.Repeat(" ", maxManifest+1) }), "more than the"},
		"nested JSON in manifest":   {in(ManifestFile, func(string) string { return strings.Repeat("[", 1<<20) }), "canonical"},
	}
	for name, tt := range tests {
		r := verify(rezip(t, good, tt.change), Options{})
		if r.Whole() || !strings.Contains(r.text(), tt.want) {
			t.Errorf("%s: want %q in\n%s", name, tt.want, r.text())
		}
	}
}

func inWhole(list []part, change func(string) string) []part {
	for i := range list {
		if strings.HasSuffix(list[i].name, "/whole") {
			list[i].text = change(list[i].text)
		}
	}
	return list
}

// TestForged makes packs that hang together and were signed, by somebody who has a key, or by a maker that lies.
func TestForged(t *testing.T) {
	key, _ := ParseKey(newSigner(t, 7).text)
	otherTree := func(f *fixture) tlog.Tree {
		l := &log{}
		for i := range entries {
			l.add(t, "other", fmt.Sprint("y", i), "null")
		}
		return l.tree(t, entries)
	}
	tests := map[string]struct {
		change func(f *fixture)
		o      Options
		want   string
	}{
		"signed with another key": {func(f *fixture) {
			f.s = newSigner(t, 8)
			other, _ := ParseKey(f.s.text)
			f.m.Key = other.Fingerprint()
			f.replace(KeyFile, f.part(KeyFile), f.s.text+"\n")
			f.replace(CheckpointFile, f.part(CheckpointFile), f.s.checkpoint(t, f.log.tree(t, entries)))
		}, Options{Key: key.Fingerprint()}, "signed with another key"},
		"a manifest that names another key": {func(f *fixture) { f.m.Key = strings.Repeat("0", 64) }, Options{}, "the manifest names"},
		"a checkpoint of another key": {func(f *fixture) {
			f.replace(CheckpointFile, f.part(CheckpointFile), newSigner(t, 8).checkpoint(t, f.log.tree(t, entries)))
		}, Options{}, "checkpoint.txt: it is not signed with this key"},
		"a signature of a checkpoint as that of the manifest": {func(f *fixture) {
			f.replace(CheckpointFile, f.part(CheckpointFile), mustSign(t, f.s, Statement([]byte("x"))))
		}, Options{}, "no checkpoint of an audit log"},
		"a proof of another tree": {func(f *fixture) {
			tree := otherTree(f)
			f.m.Tree.Root = hex.EncodeToString(tree.Hash[:])
			f.replace(CheckpointFile, f.part(CheckpointFile), f.s.checkpoint(t, tree))
		}, Options{}, "is not in the log"},
		"a tree that the checkpoint is not of": {func(f *fixture) { f.m.Tree.Size++ }, Options{}, "another tree"},
		"a hash of a proof":                    {func(f *fixture) { f.replace(AuditFile, f.proofHash(), strings.Repeat("0", 64)) }, Options{}, "is not in the log"},
		"an entry with a word changed":         {func(f *fixture) { f.replace(AuditFile, "Quay crew", "Yard crew") }, Options{}, "entry 8 is not in the log"},
		"an entry under another number":        {func(f *fixture) { f.replace(AuditFile, `{"seq":8`, `{"seq":9`) }, Options{}, "entry 9 is not in the log"},
		"an entry left out":                    {func(f *fixture) { f.replace(AuditFile, strings.SplitAfter(f.part(AuditFile), "\n")[0], "") }, Options{}, "audit.jsonl has 3 lines"},
		"an earlier checkpoint that does not fit": {func(f *fixture) {
			tree := tlog.Tree{N: checkpointed, Hash: otherTree(f).Hash}
			f.replace(EarlierFile, f.part(EarlierFile), line(t, Earlier{checkpointed, hex.EncodeToString(tree.Hash[:]), f.s.checkpoint(t, tree), []string{}}))
		}, Options{}, "does not go on from the state of 5"},
		"an earlier checkpoint of another key": {func(f *fixture) {
			old := f.log.tree(t, checkpointed)
			p, _ := tlog.ProveTree(entries, checkpointed, f.log)
			f.replace(EarlierFile, f.part(EarlierFile), line(t, Earlier{checkpointed, hex.EncodeToString(old.Hash[:]), newSigner(t, 8).checkpoint(t, old), texts(p)}))
		}, Options{}, "not signed as it says"},
		"a witness of another log":         {nil, Options{Witness: &Witness{Size: checkpointed, Root: Hash{1}}}, "another log"},
		"a witness of another log, now":    {nil, Options{Witness: &Witness{Size: entries, Root: Hash{1}}}, "another log"},
		"a witness that is newer":          {nil, Options{Witness: &Witness{Size: entries + 1, Root: Hash{1}}}, "newer than the pack"},
		"a witness that no proof leads to": {nil, Options{Witness: &Witness{Size: 6, Root: Hash{1}}}, "no proof from the checkpoint"},
		"a witness with another key":       {nil, Options{Witness: &Witness{Size: entries, Root: Hash(newFixture(t).log.tree(t, entries).Hash), Key: newSigner(t, 8).text}}, "another key"},
		"evidence with another id":         {func(f *fixture) { f.replace(EvidenceFile, `"id":"e-`, `"id":"e-0`) }, Options{}, "not that of its hash"},
		"whole evidence that is another's": {func(f *fixture) { f.replace(f.wholeName(), "crane", "Crane") }, Options{}, "are not those of its hash"},
		"a slice with a frame too few":     {func(f *fixture) { f.replace(EvidenceFile, "[12,14]", "[12]") }, Options{}, "it has 2 parts and should have 1"},
		"a slice that is no capture":       {func(f *fixture) { f.replace(SliceFile(f.evidence, 0, "pcap"), capture(), "x") }, Options{}, "it is no capture"},
		"a slice cut short": {func(f *fixture) {
			p := f.part(SliceFile(f.evidence, 0, "pcap"))
			f.replace(SliceFile(f.evidence, 0, "pcap"), p, p[:len(p)-3])
		}, Options{}, "ends within a frame"},
		"a slice of nobody": {func(f *fixture) { f.parts = append(f.parts, part{"evidence/e-00/slice-0.pcap", capture()}) }, Options{}, "belongs to no evidence"},
		"a hash that the log knows otherwise": {func(f *fixture) {
			l := &log{}
			for _, r := range f.log.records {
				l.add(t, "evidence", f.evidence, `{"sha256":"`+strings.Repeat("0", 64)+`"}`)
				_ = r
			}
			tree := l.tree(t, entries)
			p, _ := tlog.ProveRecord(entries, 0, l)
			f.m.Tree.Root, f.m.Counts.Entries, f.m.Counts.Earlier = hex.EncodeToString(tree.Hash[:]), 1, 0
			f.replace(CheckpointFile, f.part(CheckpointFile), f.s.checkpoint(t, tree))
			f.replace(AuditFile, f.part(AuditFile), line(t, Entry{0, string(l.records[0]), texts(p)}))
			f.replace(EarlierFile, f.part(EarlierFile), "")
		}, Options{}, "the audit log recorded evidence"},
		"an observation of nothing":          {func(f *fixture) { f.replace(ObservationsFile, `"object":"a-1"`, `"object":"a-2"`) }, Options{}, "which is not in the pack"},
		"an observation of no evidence":      {func(f *fixture) { f.replace(ObservationsFile, f.evidence, "e-ffff") }, Options{}, "rests on the evidence e-ffff"},
		"an object twice":                    {func(f *fixture) { o := f.part(ObjectsFile); f.replace(ObjectsFile, o, o+o); f.m.Counts.Objects = 4 }, Options{}, "comes twice"},
		"an object of a kind nobody knows":   {func(f *fixture) { f.replace(ObjectsFile, `"asset"`, `"ship"`) }, Options{}, "objects.jsonl line 2 cannot be read"},
		"custody of nothing":                 {func(f *fixture) { f.replace(CustodyFile, f.evidence, "e-ffff") }, Options{}, "custody.jsonl line 1"},
		"fewer objects than counted":         {func(f *fixture) { f.m.Counts.Objects++ }, Options{}, "objects.jsonl has 2 lines, the manifest counts 3"},
		"a file that every pack has not":     {func(f *fixture) { f.parts = f.parts[1:] }, Options{}, "the manifest names no file objects.jsonl"},
		"control characters in what is told": {func(f *fixture) { f.m.Reason = "\x1b[2K\rok everything"; f.m.Counts.Objects++ }, Options{}, "�[2K�ok everything"},
	}
	for name, tt := range tests {
		f := newFixture(t)
		if tt.change != nil {
			tt.change(f)
		}
		r := verify(f.zip(), tt.o)
		if r.Whole() || !strings.Contains(r.text(), tt.want) {
			t.Errorf("%s: want %q in\n%s", name, tt.want, r.text())
		}
	}
}

func mustSign(t testing.TB, s *signer, text string) string {
	t.Helper()
	n, err := s.sign(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (f *fixture) part(name string) string {
	for _, p := range f.parts {
		if p.name == name {
			return p.text
		}
	}
	return ""
}

func (f *fixture) wholeName() string {
	for _, p := range f.parts {
		if strings.HasSuffix(p.name, "/whole") {
			return p.name
		}
	}
	return ""
}

// proofHash is a hash of the first proof.
func (f *fixture) proofHash() string {
	_, rest, _ := strings.Cut(f.part(AuditFile), `"proof":["`)
	return rest[:64]
}

// TestZipTwoWays gives zips that two programs could read differently.
func TestZipTwoWays(t *testing.T) {
	good := newFixture(t).zip()
	patch := func(change func(b []byte) []byte) []byte { return change(bytes.Clone(good)) }
	for name, tt := range map[string]struct {
		b    []byte
		want string
	}{
		"bytes in front":         {patch(func(b []byte) []byte { return append([]byte("#!/bin/sh\n"), b...) }), "no file of it claims"},
		"another name in front":  {patch(func(b []byte) []byte { copy(b[30:], "Objects"); return b }), "another name in front"},
		"a comment":              {patch(func(b []byte) []byte { b[len(b)-2] = 1; return append(b, 'x') }), "comment"},
		"an entry that is extra": {patch(func(b []byte) []byte { b[28] = 4; return b }), ""},
		"no zip":                 {[]byte("a shopping list"), "no zip"},
		"nothing":                {nil, "no zip"},
		"half of it":             {good[:len(good)/2], "no zip"},
	} {
		r := verify(tt.b, Options{})
		if r.Whole() || !strings.Contains(r.text(), tt.want) {
			t.Errorf("%s: want %q in\n%s", name, tt.want, r.text())
		}
		if unreadable := tt.want == "no zip"; r.Unreadable != unreadable {
			t.Errorf("%s: Unreadable = %v", name, r.Unreadable)
		}
	}
	// A file hidden between two others: in the bytes, in no list.
	first := bytes.Index(good[4:], []byte("PK\x03\x04")) + 4
	hidden := append(append(bytes.Clone(good[:first]), bytes.Repeat([]byte("hidden "), 10)...), good[first:]...)
	if r := verify(hidden, Options{}); r.Whole() {
		t.Errorf("hidden bytes: %s", r.text())
	}
}

// TestProofs compares the verifier's arithmetic with the library that makes proofs, for every tree up to a size.
func TestProofs(t *testing.T) {
	l := &log{}
	const most = 40
	for i := range most {
		l.add(t, "x", fmt.Sprint(i), "null")
	}
	hashes := func(list []tlog.Hash) (to []Hash) {
		for _, h := range list {
			to = append(to, Hash(h))
		}
		return to
	}
	for size := int64(1); size <= most; size++ {
		root := Hash(l.tree(t, size).Hash)
		for n := range size {
			record, err := tlog.ProveRecord(size, n, l)
			if err != nil {
				t.Fatal(err)
			}
			p, leaf := hashes(record), leafHash(l.records[n])
			if !included(leaf, n, size, p, root) {
				t.Errorf("entry %d of %d is not found", n, size)
			}
			if included(leaf, n, size, append(p, Hash{}), root) || len(p) > 0 && included(leaf, n, size, p[:len(p)-1], root) || size > 1 && included(leaf, (n+1)%size, size, p, root) || included(leaf, n, size, p, Hash{}) {
				t.Errorf("entry %d of %d is found by a wrong proof", n, size)
			}
			before := n + 1
			tree, err := tlog.ProveTree(size, before, l)
			if err != nil {
				t.Fatal(err)
			}
			p, old := hashes(tree), Hash(l.tree(t, before).Hash)
			if !goesOn(before, old, size, root, p) {
				t.Errorf("%d entries do not go on to %d", before, size)
			}
			if goesOn(before, Hash{}, size, root, p) || goesOn(before, old, size, Hash{}, p) || goesOn(before, old, size, root, append(p, Hash{})) || goesOn(0, old, size, root, p) || goesOn(size+1, old, size, root, p) {
				t.Errorf("%d entries go on to %d by a wrong proof", before, size)
			}
		}
	}
}

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		`{"b":1,"a":[true,null,"x"]}`:           `{"a":[true,null,"x"],"b":1}`,
		" {\n\"a\" : \"\\u00e9\\u2028<\\/>\" }": "{\"a\":\"é\u2028</>\"}",
		`"\u0001\b\f\n\r\t\"\\"`:                `"\u0001\b\f\n\r\t\"\\"`,
		`-5`:                                    `-5`,
		`1.5`:                                   "", `1e3`: "", `9007199254740993`: "", `{} {}`: "", `{`: "", ``: "",
	} {
		got, err := Canonical([]byte(in))
		if (err == nil) != (want != "") || string(got) != want {
			t.Errorf("Canonical(%s) = %s, %v, want %s", in, got, err, want)
		}
	}
}

func TestParseWitness(t *testing.T) {
	f := newFixture(t)
	tree := f.log.tree(t, checkpointed)
	root := hex.EncodeToString(tree.Hash[:])
	signed := f.s.checkpoint(t, tree)
	for name, tt := range map[string]struct {
		text string
		ok   bool
	}{
		"the note":              {signed, true},
		"from paper":            {"Entries: 5\nRoot: " + root[:32] + "\n      " + strings.ToUpper(root[32:]) + "\n", true},
		"as it is printed":      {"Breakwater: checkpoint of the audit log\n\nEntries: 5\nSigned:  2026-01-01 00:00:00 UTC\nRoot:    " + root + "\nKey:     " + f.s.text + "\n\n" + signed, true},
		"by a mail program":     {"\ufeffEntries: 5\r\nRoot: " + root + "\r\n", true},
		"figures that differ":   {"Entries: 6\nRoot: " + root + "\n\n" + signed, false},
		"no root":               {"Entries: 5\n", false},
		"no entries":            {"Root: " + root, false},
		"a shopping list":       {"milk: 2\n", false},
		"nothing":               {"", false},
		"a note cut short":      {signed[:40], false},
		"as long as a capture":  {strings.Repeat("x", 1<<17), false},
		"a negative number":     {"Entries: -1\nRoot: " + root, false},
		"a note with no number": {strings.Replace(signed, "\n5\n", "\nfive\n", 1), false},
	} {
		w, err := ParseWitness([]byte(tt.text))
		if (err == nil) != tt.ok || tt.ok && (w.Size != 5 || w.Root != Hash(tree.Hash)) {
			t.Errorf("%s: %+v, %v", name, w, err)
		}
		if name == "as it is printed" && w.Key != f.s.text {
			t.Errorf("%s: key %q", name, w.Key)
		}
	}
}

// FuzzVerify reads anything.
func FuzzVerify(f *testing.F) {
	good := newFixture(f).zip()
	f.Add(good, []byte(""))
	f.Add(good[:len(good)-30], []byte("Entries: 5"))
	f.Add(rezip(f, good, in(AuditFile, byteOf)), []byte(newFixture(f).s.text))
	f.Add(rezip(f, good, in(ManifestFile, func(s string) string { return s[:len(s)/2] })), []byte("x"))
	f.Fuzz(func(t *testing.T, b, checkpoint []byte) {
		o := Options{Key: string(checkpoint)}
		if w, err := ParseWitness(checkpoint); err == nil {
			o.Witness = &w
		}
		r := verify(b, o)
		if r.Whole() && !bytes.Equal(b, good) && len(r.Lines) < 5 {
			t.Errorf("whole without being looked at: %s", r.text())
		}
	})
}

// FuzzManifest reads any manifest in a zip that is otherwise good, past the canonical form.
func FuzzManifest(f *testing.F) {
	good := newFixture(f).zip()
	var manifest string
	rezip(f, good, func(l []part) []part {
		for _, p := range l {
			if p.name == ManifestFile {
				manifest = p.text
			}
		}
		return l
	})
	f.Add(manifest, newFixture(f).part(AuditFile), newFixture(f).part(EvidenceFile))
	f.Fuzz(func(t *testing.T, m, audit, evidence string) {
		changed := m != manifest || audit != newFixture(t).part(AuditFile) || evidence != newFixture(t).part(EvidenceFile)
		b := rezip(t, good, func(l []part) []part {
			for i := range l {
				switch l[i].name {
				case ManifestFile:
					l[i].text = m
				case AuditFile:
					l[i].text = audit
				case EvidenceFile:
					l[i].text = evidence
				}
			}
			return l
		})
		if r := verify(b, Options{}); r.Whole() == changed {
			t.Errorf("changed is %v, whole is %v: %s", changed, r.Whole(), r.text())
		}
	})
}
