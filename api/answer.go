// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"breakwater/harbour"
)

// maxTagged is up to where an answer is held back to be given an entity tag.
const maxTagged = 4 << 20

// answer holds the body of an answer to a read back until it is whole, gives it an entity tag, and sends 304 where the
// client has it already. Answers that are streamed or too long go through as they come.
type answer struct {
	http.ResponseWriter
	request *http.Request
	call    *call
	status  int
	body    bytes.Buffer
	through bool
	release func() // of the snapshot that the answer is read from; nil for none
}

// let goes of the snapshot: what is sent may wait for the client.
func (a *answer) let() {
	if a.release != nil {
		a.release()
	}
}

// started says whether something has been sent.
func (a *answer) started() bool { return a.through }

// reset forgets what was held back.
func (a *answer) reset() {
	a.status = 0
	a.body.Reset()
	a.Header().Del("Content-Type")
}

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	if status == http.StatusServiceUnavailable && a.Header().Get("Retry-After") == "" {
		a.Header().Set("Retry-After", "5")
	}
}

// Write implements [http.ResponseWriter].
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if !a.through && (a.call.raw || a.body.Len()+len(b) > maxTagged) {
		if err := a.open(); err != nil {
			return 0, err
		}
	}
	if a.through {
		return a.ResponseWriter.Write(b)
	}
	return a.body.Write(b)
}

// open sends what was held back and lets the rest through.
func (a *answer) open() error {
	if a.through {
		return nil
	}
	a.through = true
	a.let()
	if a.status == 0 {
		a.status = http.StatusOK
	}
	a.ResponseWriter.WriteHeader(a.status)
	_, err := a.ResponseWriter.Write(a.body.Bytes())
	a.body.Reset()
	return err
}

// FlushError lets through what there is; a handler that streams calls it by [http.ResponseController].
func (a *answer) FlushError() error {
	if err := a.open(); err != nil {
		return err
	}
	return http.NewResponseController(a.ResponseWriter).Flush()
}

// Unwrap is for [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// end sends what is held back.
func (a *answer) end() {
	a.let()
	if a.through {
		return
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	reading := a.request.Method == http.MethodGet || a.request.Method == http.MethodHead
	if reading && a.status == http.StatusOK && !a.call.raw {
		sum := sha256.Sum256(a.body.Bytes())
		tag := base64.RawURLEncoding.EncodeToString(sum[:12])
		if a.call.tagged {
			tag = strconv.FormatInt(a.call.version, 10) + "." + tag
		}
		tag = `"` + tag + `"`
		a.Header().Set("ETag", tag)
		if matches(a.request.Header.Values("If-None-Match"), tag) {
			a.Header().Del("Content-Type")
			a.status = http.StatusNotModified
			a.body.Reset()
		}
	}
	_ = a.open()
}

// matches says whether an entity tag is in a list of them (RFC 9110, section 13.1.2), compared weakly.
func matches(values []string, tag string) bool {
	for _, v := range values {
		for t := range strings.SplitSeq(v, ",") {
			if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
				return true
			}
		}
	}
	return false
}

// Basis says which state a change is based on.
type Basis struct {
	IfMatch     string `header:"If-Match" maxLength:"200" doc:"The entity tag of what was read, or its version in quotation marks (\"3\"); * changes it whatever it is now."`
	IfNoneMatch string `header:"If-None-Match" enum:"*" doc:"* where there is nothing yet."`
}

// version that the change is based on; any with force. The part of an entity tag behind the full stop is what the
// evidence says, which may go on while somebody decides; it is not compared.
//
// Errors: ErrPrecondition where none is named, ErrUsage where it is not one.
func (b *Basis) version() (n int64, force bool, err error) {
	switch {
	case b.IfMatch == "" && b.IfNoneMatch == "*":
		return 0, false, nil
	case b.IfMatch == "":
		return 0, false, &harbour.Error{
			Kind: harbour.ErrPrecondition, Op: "change", Message: "the change does not say which state it is based on",
			Hint: "send the ETag of what you read as If-Match, If-None-Match: * where there was nothing, or If-Match: * to change it in any case",
		}
	case strings.TrimSpace(b.IfMatch) == "*":
		return 0, true, nil
	}
	tag := strings.TrimSpace(b.IfMatch)
	if len(tag) > 2 && tag[0] == '"' && tag[len(tag)-1] == '"' {
		number, _, _ := strings.Cut(tag[1:len(tag)-1], ".")
		if n, err = strconv.ParseInt(number, 10, 64); err == nil && n >= 0 {
			return n, false, nil
		}
	}
	return 0, false, usage("change", "If-Match is not an entity tag of something that can be changed", `it looks like "3.Yx0…" or "3"`)
}
