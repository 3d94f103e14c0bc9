// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
)

// file writes the objects of a PDF one after another as they become known, so that no more than the page at hand is
// kept. After the first error it writes nothing more; close returns that error.
type file struct {
	w   *bufio.Writer
	at  []int64 // where each object begins, by its number
	off int64
	err error
	z   *zlib.Writer
	buf bytes.Buffer
}

func newFile(w io.Writer) *file {
	f := &file{w: bufio.NewWriterSize(w, 64<<10), at: make([]int64, 1)}
	f.z = zlib.NewWriter(&f.buf)
	f.put("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return f
}

func (f *file) put(s string) {
	if f.err != nil {
		return
	}
	n, err := f.w.WriteString(s)
	f.off += int64(n)
	f.err = err
}

// id takes the next number for an object.
func (f *file) id() int {
	f.at = append(f.at, 0)
	return len(f.at) - 1
}

func (f *file) object(id int, body string) {
	f.at[id] = f.off
	f.put(strconv.Itoa(id) + " 0 obj\n")
	f.put(body)
	f.put("\nendobj\n")
}

// stream writes compressed data with the given entries of its dictionary.
func (f *file) stream(id int, dict string, data []byte) {
	f.buf.Reset()
	f.z.Reset(&f.buf)
	f.z.Write(data)
	f.z.Close()
	f.at[id] = f.off
	f.put(fmt.Sprintf("%d 0 obj\n<< /Length %d /Filter /FlateDecode %s >>\nstream\n", id, f.buf.Len(), dict))
	if f.err == nil {
		n, err := f.w.Write(f.buf.Bytes())
		f.off += int64(n)
		f.err = err
	}
	f.put("\nendstream\nendobj\n")
}

func (f *file) close(root, info int) error {
	start := f.off
	f.put(fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(f.at)))
	for _, at := range f.at[1:] {
		f.put(fmt.Sprintf("%010d 00000 n \n", at))
	}
	f.put(fmt.Sprintf("trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(f.at), root, info, start))
	if f.err == nil {
		f.err = f.w.Flush()
	}
	return f.err
}

// text writes a string for people.
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
func byteString(s string) string { return fmt.Sprintf("<%x>", s) }

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
