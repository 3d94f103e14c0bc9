// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"
	"strconv"

	"breakwater/wire"
)

var httpProtocol = Protocol{
	Name: "http", Title: "Hypertext Transfer Protocol", Short: "HTTP", Also: []string{"web", "www"}, Over: OverTCP, Ports: []uint16{80, 8080, 8000, 81, 8008, 8081, 8888, 3128},
	Probe: httpProbe, Frame: httpFrame, Read: httpRead, Cleartext: true,
}

const (
	// httpMaxHead bounds a head that is put together, httpMaxLine its first line.
	httpMaxHead = 16 << 10
	httpMaxLine = 4 << 10
	// httpMaxPage is how far into a page its title is looked for, httpMaxForm how long a form may be to be looked at.
	httpMaxPage = 16 << 10
	httpMaxForm = 4 << 10
	// httpMaxQueue is how many requests may wait for their answers.
	httpMaxQueue = 32
)

// httpMode is what comes next in one direction.
type httpMode uint8

const (
	httpHead       httpMode = iota // a request or a response
	httpBody                       // left bytes of a body
	httpChunkSize                  // the line before a chunk
	httpChunk                      // left bytes of a chunk and the line end behind it
	httpTrailer                    // lines up to an empty one
	httpUntilClose                 // a body that ends with the connection
	httpLost                       // bytes are missing: wait for the next head
	httpTunnel                     // another protocol from here on
)

// httpState is what is kept of a connection.
type httpState struct {
	side  [3]httpSide
	queue []httpRequest // oldest first
	// unpaired is set once an answer can no longer be told for sure to belong to a request.
	unpaired bool
	answers  int
}

type httpSide struct {
	mode httpMode
	left int64
	line []byte // beginning of a head or chunk line
	keep []byte // beginning of a page or form
	want httpWant
}

// httpWant is what a body is looked at for.
type httpWant uint8

const (
	httpNothing httpWant = iota
	httpTitle
	httpForm
)

// httpRequest is a request that waits for its answer.
type httpRequest struct {
	head, connect          bool
	basic, isDefault, form bool
	user                   loginUser
}

// httpFrame hands over a whole head where one starts at b, and everything that is there otherwise: bodies pass through
// without being put together, and httpRead knows from the heads where they end.
func httpFrame(b []byte, _ Side) int {
	fit, _ := httpProbe(b)
	switch fit {
	case Good:
		if n := httpHeadEnd(b); n > 0 {
			return n
		}
		if len(b) < httpMaxHead {
			return 0
		}
	case Short:
		return 0
	}
	return len(b)
}

// httpHeadEnd returns the length of a head with its empty line, 0 where it does not end in b.
func httpHeadEnd(b []byte) int {
	for i := 0; ; {
		j := bytes.IndexByte(b[i:], '\n')
		if j < 0 {
			return 0
		}
		i += j + 1
		switch {
		case i < len(b) && b[i] == '\n':
			return i + 1
		case i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n':
			return i + 2
		}
	}
}

// httpProbe wants a full first line: method, target and version, or version and status.
func httpProbe(b []byte) (Fit, Side) {
	if len(b) == 0 || b[0] < 'A' || b[0] > 'Z' {
		return No, AnySide
	}
	if b[0] == 'H' && (len(b) < 7 && "HTTP/1."[:len(b)] == string(b) || bytes.HasPrefix(b, []byte("HTTP/1."))) {
		if len(b) < 13 {
			return Short, AnySide
		}
		if (b[7] == '0' || b[7] == '1') && b[8] == ' ' && httpStatus(b[9:12]) > 0 && (b[12] == ' ' || b[12] == '\r' || b[12] == '\n') {
			return Good, ServerSide
		}
		return No, AnySide
	}
	i := 0
	for i < len(b) && i < 20 && (b[i] >= 'A' && b[i] <= 'Z' || b[i] == '-' || b[i] == '_') {
		i++
	}
	if i == len(b) {
		return Short, AnySide
	}
	if b[i] != ' ' || i < 3 {
		return No, AnySide
	}
	end := bytes.IndexByte(b[:min(len(b), httpMaxLine)], '\n')
	if end < 0 {
		if len(b) < httpMaxLine && (i+1 == len(b) || wire.Printable(bytes.TrimSuffix(b[i+1:], []byte("\r")))) {
			return Short, AnySide
		}
		return No, AnySide
	}
	line := bytes.TrimSuffix(b[:end], []byte("\r"))
	if n := len(line); n > i+10 && (string(line[n-9:]) == " HTTP/1.1" || string(line[n-9:]) == " HTTP/1.0") {
		return Good, ClientSide
	}
	return No, AnySide
}

func httpStatus(b []byte) int {
	n, err := strconv.Atoi(string(b))
	if err != nil || n < 100 || n > 999 {
		return 0
	}
	return n
}

// httpRead takes bytes of one side in order, a head or a piece of a body or several of them.
func httpRead(m *Message, b []byte) {
	st, ok := m.Flow.State.(*httpState)
	if !ok {
		st = new(httpState)
		m.Flow.State = st
	}
	s := &st.side[m.From]
	if m.Gap {
		st.unpaired, st.queue = true, nil
		*s = httpSide{mode: httpLost}
	}
	for len(b) > 0 {
		n := st.step(m, s, b)
		if n <= 0 {
			return
		}
		b = b[min(n, len(b)):]
	}
}

// step consumes the next part of b and returns its length, 0 where the rest of b is of no use.
func (st *httpState) step(m *Message, s *httpSide, b []byte) int {
	switch s.mode {
	case httpHead:
		return st.head(m, s, b)
	case httpBody, httpChunk, httpUntilClose:
		return st.body(m, s, b)
	case httpChunkSize, httpTrailer:
		return st.chunkLine(m, s, b)
	case httpLost:
		if fit, _ := httpProbe(b); fit == Good {
			s.mode = httpHead
			return st.head(m, s, b)
		}
	}
	return 0
}

// head reads a head, put together from several pieces if need be.
func (st *httpState) head(m *Message, s *httpSide, b []byte) int {
	if len(s.line) == 0 {
		skip := 0
		for skip < len(b) && (b[skip] == '\r' || b[skip] == '\n') {
			skip++
		}
		if skip > 0 {
			return skip
		}
		if fit, _ := httpProbe(b); fit == No {
			st.lose(s)
			return 0
		}
		if n := httpHeadEnd(b); n > 0 {
			st.parse(m, s, b[:n])
			return n
		}
	}
	had := len(s.line)
	s.line = append(s.line, b[:min(len(b), httpMaxHead-had)]...)
	n := httpHeadEnd(s.line)
	switch {
	case n > 0:
		st.parse(m, s, s.line[:n])
		s.line = s.line[:0]
		return n - had
	case len(s.line) >= httpMaxHead:
		st.lose(s)
		return 0
	}
	return len(b)
}

// lose gives up following a side: no answer is matched with a request from here on.
func (st *httpState) lose(s *httpSide) {
	*s = httpSide{mode: httpLost}
	st.unpaired, st.queue = true, nil
}

func (st *httpState) body(m *Message, s *httpSide, b []byte) int {
	n := len(b)
	if s.mode != httpUntilClose {
		n = int(min(int64(n), s.left))
		s.left -= int64(n)
	}
	if s.want != httpNothing {
		st.look(m, s, b[:n])
	}
	if s.mode != httpUntilClose && s.left == 0 {
		if s.mode == httpChunk {
			s.mode = httpChunkSize
		} else {
			st.endBody(m, s)
		}
	}
	return max(n, 1)
}

// chunkLine reads the line that gives a chunk's size, or a line behind the last chunk.
func (st *httpState) chunkLine(m *Message, s *httpSide, b []byte) int {
	i := bytes.IndexByte(b, '\n')
	part := b
	if i >= 0 {
		part = b[:i+1]
	}
	if len(s.line)+len(part) > httpMaxLine {
		st.lose(s)
		return 0
	}
	s.line = append(s.line, part...)
	if i < 0 {
		return len(b)
	}
	line := bytes.TrimSpace(s.line)
	s.line = s.line[:0]
	if s.mode == httpTrailer {
		if len(line) == 0 {
			st.endBody(m, s)
		}
		return i + 1
	}
	if len(line) == 0 {
		return i + 1 // the line end behind a chunk
	}
	digits, _, _ := bytes.Cut(line, []byte(";"))
	size, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 40)
	switch {
	case err != nil:
		st.lose(s)
		return 0
	case size == 0:
		s.mode = httpTrailer
	default:
		s.mode, s.left = httpChunk, int64(size)
	}
	return i + 1
}
