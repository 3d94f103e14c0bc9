// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/klauspost/compress/zlib"
)

// packed is how many objects share one compressed stream.
const packed = 200

// file writes the objects of a PDF one after another as they become known, so that no more than the page at hand is
// kept. Objects that are not streams are packed together and compressed, because the structure of a document has very
// many small ones. After the first error it writes nothing more; close returns that error.
type file struct {
	w   *bufio.Writer
	at  []place // where each object is, by its number
	off int64
	err error
	z   *zlib.Writer
	buf bytes.Buffer
	sum hash.Hash // of all that is written, for the identifier of the file

	pack    []byte // objects that wait for their stream
	members []member
}

// place is where an object is: at an offset of the file, or the at-th in an object stream.
type place struct {
	in int
	at int64
}

// member is an object that waits.
type member struct{ id, at int }

func newFile(w io.Writer) *file {
	f := &file{w: bufio.NewWriterSize(w, 64<<10), at: make([]place, 1), sum: sha256.New()}
	f.z, _ = zlib.NewWriterLevel(&f.buf, 3) // fails for a wrong level only
	f.put("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return f
}

func (f *file) put(s string) {
	if f.err != nil {
		return
	}
	f.write([]byte(s))
}

func (f *file) write(b []byte) {
	if f.err != nil {
		return
	}
	n, err := f.w.Write(b)
	f.sum.Write(b)
	f.off += int64(n)
	f.err = err
}

// id takes the next number for an object. Each must be written.
func (f *file) id() int {
	f.at = append(f.at, place{})
	return len(f.at) - 1
}

// object writes an object that is not a stream.
func (f *file) object(id int, body string) { f.objectBytes(id, []byte(body)) }

func (f *file) objectBytes(id int, body []byte) {
	f.members = append(f.members, member{id, len(f.pack)})
	f.pack = append(append(f.pack, body...), '\n')
	if len(f.members) == packed {
		f.flush()
	}
}

// flush writes the objects that wait.
func (f *file) flush() {
	if len(f.members) == 0 {
		return
	}
	stream := f.id()
	var head []byte
	for i, m := range f.members {
		f.at[m.id] = place{stream, int64(i)}
		head = append(strconv.AppendInt(head, int64(m.id), 10), ' ')
		head = append(strconv.AppendInt(head, int64(m.at), 10), ' ')
	}
	dict := fmt.Sprintf("/Type /ObjStm /N %d /First %d", len(f.members), len(head))
	f.stream(stream, dict, append(head, f.pack...))
	f.pack, f.members = f.pack[:0], f.members[:0]
}

// stream writes compressed data with the given entries of its dictionary.
func (f *file) stream(id int, dict string, data []byte) {
	f.buf.Reset()
	f.z.Reset(&f.buf)
	_, _ = f.z.Write(data) // a buffer takes all
	_ = f.z.Close()
	f.raw(id, dict+" /Filter /FlateDecode", f.buf.Bytes())
}

// raw writes data as they are.
func (f *file) raw(id int, dict string, data []byte) {
	f.at[id] = place{at: f.off}
	f.put(fmt.Sprintf("%d 0 obj\n<< %s /Length %d >>\nstream\n", id, dict, len(data)))
	f.write(data)
	f.put("\nendstream\nendobj\n")
}

// close ends the file with the table of its objects.
func (f *file) close(root, info int) error {
	f.flush()
	start := f.off
	table := f.id()
	f.at[table] = place{at: start}
	var rows []byte
	for i, p := range f.at {
		switch {
		case i == 0:
			rows = append(rows, 0, 0, 0, 0, 0, 0, 0xff, 0xff)
		case p.in > 0:
			rows = append(rows, 2, 0, byte(p.in>>24), byte(p.in>>16), byte(p.in>>8), byte(p.in), byte(p.at>>8), byte(p.at))
		default:
			rows = append(rows, 1, byte(p.at>>32), byte(p.at>>24), byte(p.at>>16), byte(p.at>>8), byte(p.at), 0, 0)
		}
	}
	id := f.sum.Sum(nil)[:16]
	f.stream(table, fmt.Sprintf("/Type /XRef /Size %d /W [1 5 2] /Root %d 0 R /Info %d 0 R /ID [<%x> <%x>]", len(f.at), root, info, id, id), rows)
	f.put(fmt.Sprintf("startxref\n%d\n%%%%EOF\n", start))
	if f.err == nil {
		f.err = f.w.Flush()
	}
	return f.err
}

// textString writes a string for people.
func textString(s string) string {
	var b strings.Builder
	b.WriteString("<feff")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04x", u)
	}
	b.WriteString(">")
	return b.String()
}

// byteString writes a string of bytes.
func byteString(s string) string {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '(' || c == ')' || c == '\\' {
			return fmt.Sprintf("<%x>", s)
		}
	}
	return "(" + s + ")"
}

// number appends a coordinate, to a hundredth of a point.
func number(b []byte, v float64) []byte {
	n := int64(v*100 + 0.5)
	if v < 0 {
		n = int64(v*100 - 0.5)
	}
	if n < 0 {
		b = append(b, '-')
		n = -n
	}
	b = strconv.AppendInt(b, n/100, 10)
	if r := n % 100; r != 0 {
		b = append(b, '.', byte('0'+r/10))
		if r%10 != 0 {
			b = append(b, byte('0'+r%10))
		}
	}
	return append(b, ' ')
}
