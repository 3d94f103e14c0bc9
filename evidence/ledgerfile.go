// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"reflect"
	"slices"

	"breakwater/harbour"
)

// LedgerVersion is the version of the ledger file that this program writes, and the only one that it reads.
const LedgerVersion = 1

// ErrLedgerVersion says that a ledger file was written by a program with another format. Its evidence has to be read
// again.
var ErrLedgerVersion = errors.New("the ledger file has another version")

// ErrLedgerDamaged says that a ledger file is none, or was cut off or altered. Its evidence has to be read again.
var ErrLedgerDamaged = errors.New("the ledger file is damaged")

const (
	ledgerMagic   = "bwledger"
	trailerMagic  = "bwlgrend"
	headerLength  = 16
	trailerLength = 16
	maxRecord     = 64 << 20
)

func damaged(what string, err error) error {
	e := &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read ledger file", Message: what, Hint: "read the evidence again", Err: ErrLedgerDamaged}
	if err != nil {
		e.Err = errors.Join(ErrLedgerDamaged, err)
	}
	return e
}

// shape is a checksum over names and types of the fields of the port file: a ledger that was kept before a field was
// added lacks that field, and has to be made again.
func shape() uint32 {
	h := crc32.New(castagnoli)
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		fmt.Fprintf(h, "%s;", t.Kind())
		switch t.Kind() {
		case reflect.Slice, reflect.Pointer, reflect.Map:
			walk(t.Elem())
		case reflect.Struct:
			if seen[t] {
				return
			}
			seen[t] = true
			for i := range t.NumField() {
				io.WriteString(h, t.Field(i).Name)
				walk(t.Field(i).Type)
			}
		}
	}
	walk(reflect.TypeFor[harbour.Port]())
	return h.Sum32()
}

// WriteTo writes the ledger as a ledger file (docs/formats/ledger.md). Finish comes first. A ledger that is in a file
// itself is read from there on the way.
func (l *Ledger) WriteTo(dst io.Writer) (int64, error) {
	v, err := l.View()
	if err != nil {
		return 0, err
	}
	defer v.Close()
	w := &blockWriter{w: dst}
	head := append([]byte(ledgerMagic), 0, 0, 0, 0, 0, 0, 0, 0)
	binary.LittleEndian.PutUint16(head[8:], LedgerVersion)
	binary.LittleEndian.PutUint32(head[12:], shape())
	w.write(head)
	if err := l.writeRecord(w); err != nil {
		return w.n, err
	}
	w.begin(sectionTexts)
	for i := range v.text.ends {
		t := v.text.get(Text(i) + 1)
		w.b = append(binary.AppendUvarint(w.b, uint64(len(t))), t...)
		w.row()
	}
	w.end()
	writeRows(w, sectionEndpoints, v.Endpoints(), (*previous).appendEndpoint)
	writeRows(w, sectionLinks, v.Links(), (*previous).appendLink)
	writeRows(w, sectionObservations, v.Observations(), (*previous).appendObservation)
	writeRows(w, sectionConversations, v.Conversations(), (*previous).appendConversation)
	writeRows(w, sectionOperations, v.Operations(), (*previous).appendOperation)
	w.writeDirectory()
	return w.n, errors.Join(w.err, v.Err())
}

func writeRows[T any](w *blockWriter, s section, rows func(func(*T) bool), put func(*previous, []byte, *T) []byte) {
	w.begin(s)
	var p previous
	for row := range rows {
		w.b = put(&p, w.b, row)
		if w.row() {
			p = previous{}
		}
		if w.err != nil {
			return
		}
	}
	w.end()
}

func (w *blockWriter) writeDirectory() {
	w.begin(sectionDirectory)
	at := w.n
	for s := sectionRecord; s < sectionDirectory; s++ {
		p := w.parts[s]
		for _, n := range []int64{p.offset, p.bytes, p.rows} {
			w.b = binary.LittleEndian.AppendUint64(w.b, uint64(n))
		}
	}
	w.end()
	w.write(append(binary.LittleEndian.AppendUint64(nil, uint64(at)), trailerMagic...))
}

// record is what a ledger file keeps beside the tables.
func (l *Ledger) writeRecord(w *blockWriter) error {
	e := &l.Evidence
	var b []byte
	for _, s := range []string{e.ID, e.Path, string(e.Kind), e.SHA256} {
		b = appendString(b, s)
	}
	for _, n := range []int64{e.Bytes, e.Records, int64(e.From), int64(e.To)} {
		b = binary.AppendVarint(b, n)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Problems)))
	for _, p := range e.Problems {
		for _, s := range []string{p.Evidence, p.Path, p.Locator, p.Message, p.Hint} {
			b = appendString(b, s)
		}
		b = append(b, flagIf(p.Fatal, 1))
	}
	b = binary.AppendUvarint(b, uint64(len(e.Counters)))
	for _, c := range e.Counters {
		b = binary.AppendVarint(appendString(b, c.Name), c.Value)
	}
	b = appendString(appendString(b, l.Places.Unit), l.Places.Part)
	b = binary.AppendUvarint(b, uint64(len(l.Places.Parts)))
	for _, s := range l.Places.Parts {
		b = appendString(b, s)
	}
	port := []byte{}
	if l.Port != nil {
		var err error
		if port, err = json.Marshal(l.Port); err != nil {
			return &harbour.Error{Kind: harbour.ErrInternal, Op: "write ledger file", Message: "the port file cannot be kept", Err: err}
		}
	}
	b = append(binary.AppendUvarint(b, uint64(len(port))), port...)
	b = binary.AppendUvarint(b, uint64(len(l.Entries)))
	for _, k := range slices.Sorted(maps.Keys(l.Entries)) {
		b = binary.AppendUvarint(appendString(b, k), uint64(l.Entries[k]))
	}
	w.begin(sectionRecord)
	for chunk := range slices.Chunk(b, blockSize) {
		w.b = append(w.b, chunk...)
		w.flush()
	}
	w.end()
	return nil
}

// readRecord is the other way.
func (l *Ledger) readRecord(b []byte) error {
	d := &decoder{b: b}
	e := &l.Evidence
	e.ID, e.Path, e.Kind, e.SHA256 = d.string(), d.string(), harbour.EvidenceKind(d.string()), d.string()
	e.Bytes, e.Records, e.From, e.To = d.varint(), d.varint(), harbour.Instant(d.varint()), harbour.Instant(d.varint())
	e.Problems = []harbour.Problem{}
	for range d.upTo(uint64(len(d.b))) {
		p := harbour.Problem{Evidence: d.string(), Path: d.string(), Locator: d.string(), Message: d.string(), Hint: d.string()}
		p.Fatal = d.byte() != 0
		e.Problems = append(e.Problems, p)
		if d.bad {
			break
		}
	}
	for range d.upTo(uint64(len(d.b))) {
		c := harbour.Counter{Name: d.string(), Value: d.varint()}
		if d.bad {
			break
		}
		e.Counters = append(e.Counters, c)
		l.counters[c.Name] = c.Value
	}
	l.Places.Unit, l.Places.Part = d.string(), d.string()
	for range d.upTo(uint64(len(d.b))) {
		if d.bad {
			break
		}
		l.Places.Parts = append(l.Places.Parts, d.string())
	}
	if port := d.bytes(d.uvarint()); len(port) > 0 {
		l.Port = &harbour.Port{}
		if err := json.Unmarshal(port, l.Port); err != nil {
			return damaged("the port file in it cannot be read", err)
		}
	}
	if n := d.upTo(uint64(len(d.b))); n > 0 {
		l.Entries = map[string]Place{}
		for range n {
			if d.bad {
				break
			}
			k := d.string()
			l.Entries[k] = Place(d.uvarint())
		}
	}
	if d.bad || len(d.b) > 0 {
		return damaged("the evidence's record in it cannot be read", nil)
	}
	return nil
}

// OpenLedger opens a ledger file. The evidence's record is read at once, the tables stay in the file: they are read from
// there each time somebody asks for a [View]. Errors are ErrLedgerVersion where another version of the program wrote it,
// ErrLedgerDamaged where it is not whole; in both cases the evidence itself has to be read again.
func OpenLedger(open OpenBlob) (*Ledger, error) {
	b, err := open()
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read ledger file", Message: "it cannot be opened", Err: err}
	}
	defer b.Close()
	s, err := readDirectory(b)
	if err != nil {
		return nil, err
	}
	s.open = open
	l := &Ledger{counters: map[string]int64{}, shelf: s}
	p := s.parts[sectionRecord]
	if p.bytes > maxRecord {
		return nil, damaged("the evidence's record in it is too long", nil)
	}
	var record []byte
	for r := newBlockReader(b, sectionRecord, p); ; {
		if _, err := r.next(); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		record = append(record, r.body...)
	}
	if err := l.readRecord(record); err != nil {
		return nil, err
	}
	return l, nil
}

// shelf is where the tables of a ledger stand in its file.
type shelf struct {
	open  OpenBlob
	parts [sections]part
}

func (s *shelf) rows(at section) uint32 { return uint32(s.parts[at].rows) }

// readDirectory checks header and trailer and reads where the sections stand.
func readDirectory(b Blob) (*shelf, error) {
	size := b.Size()
	if size < headerLength+trailerLength {
		return nil, damaged("it is too short", nil)
	}
	var head [headerLength]byte
	if _, err := b.ReadAt(head[:], 0); err != nil {
		return nil, damaged("its header cannot be read", err)
	}
	if string(head[:8]) != ledgerMagic || head[10] != 0 || head[11] != 0 {
		return nil, damaged("it is no ledger file", nil)
	}
	if v := binary.LittleEndian.Uint16(head[8:]); v != LedgerVersion || binary.LittleEndian.Uint32(head[12:]) != shape() {
		return nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read ledger file", Message: fmt.Sprintf("it was written in format %d or for another port file", v), Hint: "read the evidence again", Err: ErrLedgerVersion}
	}
	var tail [trailerLength]byte
	if _, err := b.ReadAt(tail[:], size-trailerLength); err != nil {
		return nil, damaged("its end cannot be read", err)
	}
	at := int64(binary.LittleEndian.Uint64(tail[:]))
	const directory = int64(sectionDirectory-sectionRecord) * 24
	if string(tail[8:]) != trailerMagic || at < headerLength || at != size-trailerLength-blockHeader-directory {
		return nil, damaged("its end is missing", nil)
	}
	r := newBlockReader(b, sectionDirectory, part{offset: at, bytes: blockHeader + directory})
	if _, err := r.next(); err != nil {
		return nil, err
	}
	if int64(len(r.body)) != directory {
		return nil, damaged("its directory cannot be read", nil)
	}
	s := &shelf{}
	next := int64(headerLength)
	for i := sectionRecord; i < sectionDirectory; i++ {
		row := r.body[(i-sectionRecord)*24:]
		p := part{int64(binary.LittleEndian.Uint64(row)), int64(binary.LittleEndian.Uint64(row[8:])), int64(binary.LittleEndian.Uint64(row[16:]))}
		if p.offset != next || p.bytes < 0 || p.bytes > at-next || p.rows < 0 || p.rows > 1<<32-2 || p.rows*minRow[i] > p.bytes {
			return nil, damaged("its directory contradicts itself", nil)
		}
		next += p.bytes
		s.parts[i] = p
	}
	if next != at {
		return nil, damaged("its directory contradicts itself", nil)
	}
	return s, nil
}

// Shelve puts the tables into a file and gives their memory back to the pool; from then on they are read from there.
// Finish comes first. create makes the file that open opens afterwards, which must last as long as the ledger.
func (l *Ledger) Shelve(create func() (io.WriteCloser, error), open OpenBlob) error {
	f, err := create()
	if err != nil {
		return shelving(err)
	}
	_, err = l.WriteTo(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return shelving(err)
	}
	b, err := open()
	if err != nil {
		return shelving(err)
	}
	defer b.Close()
	s, err := readDirectory(b)
	if err != nil {
		return err
	}
	s.open = open
	l.shelf = s
	l.text, l.endpoints, l.links, l.observations, l.conversations, l.operations = texts{}, nil, nil, nil, nil, nil
	if l.limits.Pool != nil {
		l.limits.Pool.Give(l.taken)
		l.taken, l.left = 0, 0
	}
	return nil
}

func shelving(err error) error {
	e := &harbour.Error{Kind: harbour.ErrInternal, Op: "keep ledger", Message: "a temporary file could not be written", Hint: "check the output folder and your right to write there", Err: err}
	if harbour.DiskFull(err) {
		e.Kind, e.Message, e.Hint = harbour.ErrFull, "the disk is full", "free some space, or choose another folder"
	}
	return e
}

// Held is the number of bytes of the pool that the ledger holds.
func (l *Ledger) Held() int64 { return l.taken }

// Shelved says whether the tables are in a file.
func (l *Ledger) Shelved() bool { return l.shelf != nil }
