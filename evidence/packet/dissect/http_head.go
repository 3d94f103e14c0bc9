// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"
	"encoding/base64"
	"strconv"

	"breakwater/harbour"
	"breakwater/wire"
)

// httpFields are the header fields that decide how a message goes on and what it says, values without white space around.
type httpFields struct {
	length                                  int64 // -1 where not given
	chunked, html, form, encoded            bool
	host, agent, server, powered, challenge []byte
	authorization                           []byte
}

func httpParseFields(b []byte) (f httpFields) {
	f.length = -1
	for len(b) > 0 {
		var line []byte
		line, b, _ = bytes.Cut(b, []byte("\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) > 32 {
			continue
		}
		f.set(name, bytes.TrimSpace(value))
	}
	return f
}

func (f *httpFields) set(name, value []byte) {
	is := func(s string) bool { return len(name) == len(s) && bytes.EqualFold(name, []byte(s)) }
	switch {
	case is("content-length"):
		if n, err := strconv.ParseUint(string(value), 10, 62); err == nil {
			f.length = int64(n)
		}
	case is("transfer-encoding"):
		f.chunked = httpHas(value, "chunked")
	case is("content-encoding"):
		f.encoded = !bytes.EqualFold(value, []byte("identity"))
	case is("content-type"):
		f.html = httpHas(value, "text/html")
		f.form = httpHas(value, "application/x-www-form-urlencoded")
	case is("host"):
		f.host = value
	case is("user-agent"):
		f.agent = value
	case is("server"):
		f.server = value
	case is("x-powered-by"):
		f.powered = value
	case is("www-authenticate") && f.challenge == nil:
		f.challenge = value
	case is("authorization"):
		f.authorization = value
	}
}

// httpHas says whether word occurs in v, whatever the case.
func httpHas(v []byte, word string) bool {
	for i := 0; i+len(word) <= len(v); i++ {
		if bytes.EqualFold(v[i:i+len(word)], []byte(word)) {
			return true
		}
	}
	return false
}

// parse reads a complete head and sets what comes next on this side.
func (st *httpState) parse(m *Message, s *httpSide, head []byte) {
	first, rest, _ := bytes.Cut(head, []byte("\n"))
	first = bytes.TrimRight(first, "\r")
	f := httpParseFields(rest)
	s.left, s.want, s.mode = 0, httpNothing, httpHead
	if bytes.HasPrefix(first, []byte("HTTP/1.")) {
		st.response(m, s, first, &f)
		return
	}
	st.request(m, s, first, &f)
}

func (st *httpState) request(m *Message, s *httpSide, first []byte, f *httpFields) {
	method, rest, _ := bytes.Cut(first, []byte(" "))
	m.Attr(m.Sender(), harbour.AttrUserAgent, f.agent, harbour.Confirmed)
	if name := httpHostName(f.host); name != nil && len(rest) > 0 && rest[0] == '/' {
		m.Attr(m.Receiver(), harbour.AttrHostname, name, harbour.Likely)
	}
	q := httpRequest{head: string(method) == "HEAD", connect: string(method) == "CONNECT"}
	q.authorise(f.authorization)
	if len(st.queue) >= httpMaxQueue {
		st.unpaired, st.queue = true, nil
	}
	if !st.unpaired {
		st.queue = append(st.queue, q)
	}
	switch {
	case f.chunked:
		s.mode = httpChunkSize
	case f.length > 0:
		s.mode, s.left = httpBody, f.length
		if f.form && string(method) == "POST" && f.length <= httpMaxForm {
			s.want = httpForm
		}
	}
}

// httpHostName is the name in a Host field, nil where it is an address.
func httpHostName(v []byte) []byte {
	if i := bytes.LastIndexByte(v, ':'); i > 0 && v[0] != '[' {
		v = v[:i]
	}
	if len(v) == 0 || len(v) > 255 || v[0] == '[' || !wire.Printable(v) || bytes.IndexByte(v, ' ') >= 0 {
		return nil
	}
	if v[len(v)-1] >= '0' && v[len(v)-1] <= '9' && len(bytes.Trim(v, "0123456789.")) == 0 {
		return nil
	}
	return v
}

// authorise takes the user out of Basic credentials. The password is compared with the published defaults and dropped.
func (q *httpRequest) authorise(v []byte) {
	scheme, data, ok := bytes.Cut(v, []byte(" "))
	data = bytes.TrimSpace(data)
	if !ok || !bytes.EqualFold(scheme, []byte("basic")) {
		return
	}
	var buf [256]byte
	if base64.StdEncoding.DecodedLen(len(data)) > len(buf) {
		q.basic = true
		return
	}
	n, err := base64.StdEncoding.Decode(buf[:], data)
	user, password, ok := bytes.Cut(buf[:n], []byte(":"))
	if err != nil || !ok {
		return
	}
	q.basic, q.isDefault = true, loginIsDefault(user, password)
	q.user.set(user)
}

func (st *httpState) response(m *Message, s *httpSide, first []byte, f *httpFields) {
	id := m.Sender()
	status := 0
	if len(first) >= 12 {
		status = httpStatus(first[9:12])
	}
	m.Attr(id, harbour.AttrServerBanner, f.server, harbour.Confirmed)
	httpSoftware(m, f.server)
	httpSoftware(m, f.powered)
	m.Attr(id, harbour.AttrRealm, httpRealm(f.challenge), harbour.Confirmed)
	if status >= 100 && status < 200 {
		if status == 101 {
			st.tunnel()
		}
		return
	}
	q, paired := st.take()
	if paired {
		q.report(m, status)
	}
	switch {
	case q.connect && status < 300:
		st.tunnel()
	case q.head || status == 204 || status == 304:
	case f.chunked:
		s.mode = httpChunkSize
	case f.length >= 0:
		if s.left = f.length; s.left > 0 {
			s.mode = httpBody
		}
	default:
		s.mode = httpUntilClose
	}
	if f.html && !f.encoded && status < 300 && s.mode != httpHead {
		s.want = httpTitle
	}
}

// take returns the request that the next answer belongs to. An answer that has none, unless it is the connection's first
// and the request was sent before the capture began, shows that the two sides are out of step.
func (st *httpState) take() (q httpRequest, ok bool) {
	st.answers++
	if len(st.queue) == 0 {
		st.unpaired = st.unpaired || st.answers > 1
		return q, false
	}
	q = st.queue[0]
	st.queue = append(st.queue[:0], st.queue[1:]...)
	return q, !st.unpaired
}

func (st *httpState) tunnel() {
	for i := range st.side {
		st.side[i] = httpSide{mode: httpTunnel}
	}
	st.queue = nil
}

// report says of the server that it took a login in the clear. A status from 400 means that it did not take it.
func (q *httpRequest) report(m *Message, status int) {
	if status >= 400 {
		return
	}
	id := m.Sender()
	if q.basic {
		var buf [96]byte
		v := append(append(buf[:0], "http basic user "...), q.user.name()...)
		m.Attr(id, harbour.AttrCleartextLogin, v, harbour.Confirmed)
		if q.isDefault && status < 300 {
			m.Attr(id, harbour.AttrDefaultLogin, v, harbour.Confirmed)
		}
	}
	if q.form {
		m.AttrString(id, harbour.AttrCleartextLogin, "http form", harbour.Confirmed)
	}
}

// httpSoftware reports the first product of a list such as "Apache/2.4.62 (Debian) mod_ssl/2.4" as "Apache 2.4.62".
func httpSoftware(m *Message, v []byte) {
	if i := bytes.IndexAny(v, " ,;("); i >= 0 {
		v = v[:i]
	}
	name, version, ok := bytes.Cut(v, []byte("/"))
	if !ok || len(name) == 0 || len(version) == 0 || len(v) > 100 {
		return
	}
	var buf [128]byte
	m.Attr(m.Sender(), harbour.AttrSoftware, append(append(append(buf[:0], name...), ' '), version...), harbour.Confirmed)
}

// httpRealm cuts the realm out of a challenge.
func httpRealm(v []byte) []byte {
	const mark = "realm="
	for i := 0; i+len(mark) < len(v); i++ {
		if !bytes.EqualFold(v[i:i+len(mark)], []byte(mark)) {
			continue
		}
		v = v[i+len(mark):]
		if v[0] != '"' {
			realm, _, _ := bytes.Cut(v, []byte(","))
			return realm
		}
		realm, _, _ := bytes.Cut(v[1:], []byte(`"`))
		return realm
	}
	return nil
}
