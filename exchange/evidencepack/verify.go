// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidencepack

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Options say what a pack is compared with.
type Options struct {
	// Key is the fingerprint of the key that must have signed, or the key itself; "" for whichever did.
	Key string
	// Witness is a checkpoint that somebody kept; nil for none.
	Witness *Witness
}

// verifier is one run.
type verifier struct {
	Report
	opt     Options
	files   *archive
	m       *Manifest
	listed  map[string]File
	key     Key
	root    Hash
	objects map[string]*object
	order   []string
	sources map[string]*source
	log     map[string]recorded // hash of evidence, as the audit log recorded it
}

type object struct {
	kind, id, name string
	observations   int
	declared       int
	entries        int
	by             map[string][]string // evidence → places
	order          []string
}

type source struct {
	Evidence
	custody int
	how     string // what of it was checked
}

type recorded struct {
	seq      int64
	at, sha  string
	conflict bool
}

// Verify reads a pack and says what holds. That something does not is in the report and no error.
func Verify(r io.ReaderAt, size int64, o Options) *Report {
	v := &verifier{opt: o, listed: map[string]File{}, objects: map[string]*object{}, sources: map[string]*source{}, log: map[string]recorded{}}
	var err error
	if v.files, err = openArchive(r, size); err != nil {
		v.fail("%v", err)
		v.Unreadable = strings.HasPrefix(err.Error(), "it is no zip")
		return &v.Report
	}
	if !v.manifest() {
		return &v.Report
	}
	v.signature()
	v.names()
	v.checkpoint()
	v.earlier()
	v.evidence()
	v.lines(ObjectsFile, v.m.Counts.Objects, v.object)
	v.lines(ObservationsFile, v.m.Counts.Observations, v.observation)
	v.lines(CustodyFile, v.m.Counts.Custody, v.custody)
	v.lines(AuditFile, v.m.Counts.Entries, v.entry)
	v.texts()
	v.recorded()
	v.summary()
	return &v.Report
}

// strict reads a JSON value that has these fields and no others.
func strict(b []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the value")
	}
	return nil
}

func (v *verifier) manifest() bool {
	b, err := v.files.read(ManifestFile, maxManifest)
	if err != nil {
		v.fail("%s cannot be read: %v", ManifestFile, err)
		v.Unreadable = v.files.files[ManifestFile] == nil
		return false
	}
	one, err := Canonical(b)
	if err != nil || !bytes.Equal(one, b) {
		v.fail("%s is not in canonical form: it was changed, or could be read in two ways", ManifestFile)
		return false
	}
	if err := strict(b, &v.Manifest); err != nil || v.Manifest.Format != Format || v.Manifest.Version != Version {
		v.fail("%s is of another format than version %d, which this program knows", ManifestFile, Version)
		return false
	}
	v.m = &v.Manifest
	m := v.m
	v.note("pack %s of %s (%s), made %s by %s (%s) with %s", m.ID, m.OrganisationName, m.Organisation, m.MadeAt, m.MadeBy.Name, m.MadeBy.Via, m.Program)
	v.note("for: %s; why: %s; classification: %s", m.For, m.Reason, m.Classification)
	return true
}

// signature checks who signed the manifest.
func (v *verifier) signature() {
	key, err := v.files.read(KeyFile, 1<<12)
	if err == nil {
		v.key, err = ParseKey(string(key))
	}
	if err != nil {
		v.fail("%s cannot be read: %v", KeyFile, err)
		return
	}
	print := v.key.Fingerprint()
	if print != v.m.Key {
		v.fail("%s holds the key %s, the manifest names %s", KeyFile, print, v.m.Key)
	}
	b, _ := v.files.read(ManifestFile, maxManifest)
	note, err := v.files.read(SignatureFile, 1<<16)
	var text []byte
	if err == nil {
		text, err = v.key.open(note)
	}
	switch {
	case err != nil:
		v.fail("the signature of %s: %v", ManifestFile, err)
	case string(text) != Statement(b):
		v.fail("the signature is of another manifest: %s was changed after it was signed", ManifestFile)
	default:
		v.ok("%s is signed with the key %s", ManifestFile, print)
	}
	want := v.opt.Key
	if want == "" && v.opt.Witness != nil {
		want = v.opt.Witness.Key
	}
	if strings.Contains(want, "+") {
		if k, err := ParseKey(want); err == nil {
			want = k.Fingerprint()
		}
	}
	want = strings.ToLower(strings.NewReplacer(" ", "", ":", "").Replace(want))
	switch {
	case want == "":
		v.note("nobody said which key is the port's: compare the fingerprint with what the port publishes, or give it with --key")
	case want != print:
		v.fail("the pack is signed with another key than the one that was given: %s", want)
	default:
		v.ok("the key is the one that was given")
	}
}

// names compares the files with those of the manifest, and hashes them all.
func (v *verifier) names() {
	last, fine := "", 0
	for _, f := range v.m.Files {
		if f.Name <= last || f.Name == ManifestFile || f.Name == SignatureFile || f.Bytes < 0 {
			v.fail("the manifest's list of files is not as a pack has it, at %s", f.Name)
			return
		}
		last, v.listed[f.Name] = f.Name, f
		sum := sha256.New()
		r, err := v.files.open(f.Name, f.Bytes)
		var n int64
		if err == nil {
			n, err = io.Copy(sum, r)
			r.Close()
		}
		switch {
		case v.files.files[f.Name] == nil:
			v.fail("the file %s is missing: it was removed or renamed", f.Name)
		case err != nil:
			v.fail("the file %s cannot be read: %v", f.Name, err)
		case n != f.Bytes || hex.EncodeToString(sum.Sum(nil)) != f.SHA256:
			v.fail("the file %s was changed: its bytes are not those of the manifest", f.Name)
		default:
			fine++
		}
	}
	extra := 0
	for name := range v.files.files {
		if _, ok := v.listed[name]; !ok && name != ManifestFile && name != SignatureFile {
			extra++
			v.fail("the file %s is not in the manifest: it was added or renamed", name)
		}
	}
	if fine == len(v.m.Files) && extra == 0 {
		v.ok("%d files are those of the manifest, byte by byte", fine)
	}
}

// checkpoint checks the signed state of the audit log that proofs lead to.
func (v *verifier) checkpoint() {
	signed, err := v.files.read(CheckpointFile, 1<<16)
	var text []byte
	var size int64
	var root Hash
	if err == nil {
		text, err = v.key.open(signed)
	}
	if err == nil {
		size, root, err = readTree(text)
	}
	want, ok := readHash(v.m.Tree.Root)
	switch {
	case err != nil:
		v.fail("%s: %v", CheckpointFile, err)
	case !ok || size != v.m.Tree.Size || root != want:
		v.fail("%s is of another tree than the manifest names", CheckpointFile)
	default:
		v.root = root
		v.ok("the checkpoint over %d entries of the audit log is signed with the same key", size)
	}
}

// earlier checks that the log goes on from states that were known before.
func (v *verifier) earlier() {
	asked := v.opt.Witness
	met := false
	shown := 0
	compare := func(size int64, root Hash) {
		if asked == nil || asked.Size != size {
			return
		}
		if met = true; root == asked.Root {
			v.ok("the log goes on from the checkpoint over %d entries that was given", size)
		} else {
			v.fail("the checkpoint over %d entries that was given is of another log: the entries were rewritten, or it is of another installation", size)
		}
	}
	compare(v.m.Tree.Size, v.root)
	v.lines(EarlierFile, v.m.Counts.Earlier, func(at int, b []byte) {
		var e Earlier
		if err := strict(b, &e); err != nil {
			v.fail("%s line %d cannot be read", EarlierFile, at)
			return
		}
		root, ok := readHash(e.Root)
		proof, whole := readProof(e.Proof)
		if !ok || !whole || !goesOn(e.Size, root, v.m.Tree.Size, v.root, proof) {
			v.fail("%s line %d: the log does not go on from the state of %d entries", EarlierFile, at, e.Size)
			return
		}
		if e.Note != "" {
			text, err := v.key.open([]byte(e.Note))
			size, signed, bad := readTree(text)
			if err != nil || bad != nil || size != e.Size || signed != root {
				v.fail("%s line %d: the checkpoint over %d entries is not signed as it says", EarlierFile, at, e.Size)
				return
			}
		}
		shown++
		compare(e.Size, root)
	})
	if shown > 0 {
		v.ok("the log goes on from %d earlier checkpoints", shown)
	}
	switch {
	case asked == nil || met:
	case asked.Size > v.m.Tree.Size:
		v.fail("the checkpoint that was given is over %d entries and newer than the pack, which was made at %d: it cannot be compared", asked.Size, v.m.Tree.Size)
	default:
		v.fail("the pack has no proof from the checkpoint over %d entries that was given: ask for a pack that is made with that checkpoint", asked.Size)
	}
}

// lines walks the lines of a file of JSON.
func (v *verifier) lines(name string, want int64, fn func(at int, b []byte)) {
	f, ok := v.listed[name]
	if !ok {
		v.fail("the manifest names no file %s", name)
		return
	}
	r, err := v.files.open(name, f.Bytes)
	if err != nil {
		return // said already
	}
	defer r.Close()
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), maxLine)
	n := int64(0)
	for s.Scan() && n < maxLines {
		n++
		fn(int(n), s.Bytes())
	}
	if err := s.Err(); err != nil {
		v.fail("%s cannot be read after line %d: %v", name, n, err)
	} else if n != want {
		v.fail("%s has %d lines, the manifest counts %d", name, n, want)
	}
}

func (v *verifier) object(at int, b []byte) {
	var o Object
	if err := strict(b, &o); err != nil || o.ID == "" || !slices.Contains([]string{"asset", "finding", "evidence"}, o.Kind) {
		v.fail("%s line %d cannot be read", ObjectsFile, at)
		return
	}
	id := o.Kind + " " + o.ID
	if v.objects[id] != nil {
		v.fail("%s line %d: %s comes twice", ObjectsFile, at, id)
		return
	}
	v.objects[id] = &object{kind: o.Kind, id: o.ID, name: o.Name, by: map[string][]string{}}
	v.order = append(v.order, id)
}

// maxPlaces is how many places of one evidence are told of an object.
const maxPlaces = 5

func (v *verifier) observation(at int, b []byte) {
	var o Observation
	if err := strict(b, &o); err != nil {
		v.fail("%s line %d cannot be read", ObservationsFile, at)
		return
	}
	x := v.objects[o.Kind+" "+o.Object]
	if x == nil {
		v.fail("%s line %d is about %s %s, which is not in the pack", ObservationsFile, at, o.Kind, o.Object)
		return
	}
	if o.Evidence != ByPerson && v.sources[o.Evidence] == nil {
		v.fail("%s line %d rests on the evidence %s, which is not in the pack", ObservationsFile, at, o.Evidence)
		return
	}
	if x.observations++; o.Declared {
		x.declared++
	}
	places, known := x.by[o.Evidence]
	if !known {
		x.order = append(x.order, o.Evidence)
	}
	if len(places) <= maxPlaces && !slices.Contains(places, o.Locator) {
		places = append(places, o.Locator)
	}
	x.by[o.Evidence] = places
}

func (v *verifier) custody(at int, b []byte) {
	var c Custody
	if err := strict(b, &c); err != nil || v.sources[c.Evidence] == nil {
		v.fail("%s line %d cannot be read, or is of an evidence that is not in the pack", CustodyFile, at)
		return
	}
	v.sources[c.Evidence].custody++
}

// entry checks that the audit log holds an entry.
func (v *verifier) entry(at int, b []byte) {
	var e Entry
	if err := strict(b, &e); err != nil {
		v.fail("%s line %d cannot be read", AuditFile, at)
		return
	}
	proof, ok := readProof(e.Proof)
	if !ok || !included(leafHash([]byte(e.Record)), e.Seq, v.m.Tree.Size, proof, v.root) {
		v.fail("%s line %d: entry %d is not in the log: its text or its proof was changed", AuditFile, at, e.Seq)
		return
	}
	var r struct {
		Seq    int64  `json:"seq"`
		At     string `json:"at"`
		Kind   string `json:"object_kind"`
		Object string `json:"object"`
		After  json.RawMessage
	}
	if err := json.Unmarshal([]byte(e.Record), &r); err != nil || r.Seq != e.Seq {
		v.fail("%s line %d: entry %d says that it is entry %d", AuditFile, at, e.Seq, r.Seq)
		return
	}
	if x := v.objects[r.Kind+" "+r.Object]; x != nil {
		x.entries++
	}
	var after struct {
		SHA256 string `json:"sha256"`
	}
	if r.Kind == "evidence" && json.Unmarshal(r.After, &after) == nil && after.SHA256 != "" {
		was, known := v.log[r.Object]
		if !known || r.Seq < was.seq {
			was.seq, was.at = r.Seq, r.At
		}
		was.conflict = was.conflict || known && was.sha != after.SHA256
		was.sha = after.SHA256
		v.log[r.Object] = was
	}
}

// texts looks at what is for people alone.
func (v *verifier) texts() {
	for _, s := range v.m.LeftOut {
		v.note("left out: %s", s)
	}
	if v.m.Counts.Entries > 0 && v.failed == 0 {
		v.ok("%d entries of the audit log are in the log that the checkpoint signs", v.m.Counts.Entries)
	}
}

// recorded compares the hashes of evidence with what the audit log recorded when it came in.
func (v *verifier) recorded() {
	known := 0
	for _, id := range sortedKeys(v.sources) {
		s, r := v.sources[id], v.log[id]
		switch {
		case r.sha == "":
			s.how += "; the log in this pack does not say when it came in"
		case r.conflict || r.sha != s.SHA256:
			v.fail("the audit log recorded evidence %s with the hash %s, the pack says %s", id, r.sha, s.SHA256)
		default:
			known++
			s.how += fmt.Sprintf("; its hash stands in entry %d of the log, %s", r.seq, r.at)
		}
	}
	if known > 0 {
		v.ok("the hashes of %d evidences are those that the audit log recorded when they came in", known)
	}
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// summary says what each object rests on.
func (v *verifier) summary() {
	for _, id := range v.order {
		x := v.objects[id]
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s “%s”: %d observations (%d declared), %d entries of the audit log", x.kind, x.id, x.name, x.observations, x.declared, x.entries)
		slices.Sort(x.order)
		for _, e := range x.order {
			places := x.by[e]
			more := ""
			if len(places) > maxPlaces {
				places, more = places[:maxPlaces], ", …"
			}
			fmt.Fprintf(&b, "; %s (%s%s)", e, strings.Join(places, ", "), more)
		}
		v.Rests = append(v.Rests, b.String())
	}
	for _, id := range sortedKeys(v.sources) {
		s := v.sources[id]
		v.Rests = append(v.Rests, fmt.Sprintf("%s “%s”, %s, %d bytes, sha256 %s: %s; %d entries in its chain of custody", id, s.Name, s.Kind, s.Bytes, s.SHA256, s.how, s.custody))
	}
}
