// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

import (
	"errors"
	"strings"
	"syscall"
)

// ErrorKind classes an error by what the caller can do about it. One table maps kinds to exit status and HTTP status.
type ErrorKind uint8

// The kinds of error.
const (
	ErrInternal        ErrorKind = iota // a fault of the program
	ErrUsage                            // called with wrong arguments
	ErrInvalid                          // the input breaks a rule that its author can mend
	ErrNotFound                         // named thing does not exist
	ErrConflict                         // two inputs contradict each other
	ErrUnreadable                       // evidence that could not be read, in whole or in part
	ErrFull                             // disk or a bounded table is full
	ErrCancelled                        // stopped by the user
	ErrUnauthenticated                  // nobody is signed in
	ErrDenied                           // the person may not do this
	ErrStepUp                           // the person may, after proving presence once more
	ErrStale                            // somebody else changed the thing meanwhile
	ErrTooLarge                         // more than a bound allows
	ErrTooMany                          // too often in too short a time
	ErrUnavailable                      // something that is needed does not answer
	ErrPrecondition                     // the change must name the state that it is based on
)

// errorKinds is the one table of what an error's kind means outside: its name, the status of an HTTP answer (RFC 9110),
// and the exit status of a command.
var errorKinds = map[ErrorKind]struct {
	name       string
	http, exit int
}{
	ErrInternal: {"internal", 500, 1}, ErrUsage: {"usage", 400, 2}, ErrInvalid: {"invalid", 422, 1}, ErrNotFound: {"not_found", 404, 1},
	ErrConflict: {"conflict", 409, 1}, ErrUnreadable: {"unreadable", 422, 3}, ErrFull: {"full", 507, 1}, ErrCancelled: {"cancelled", 499, 1},
	ErrUnauthenticated: {"unauthenticated", 401, 1}, ErrDenied: {"denied", 403, 1}, ErrStepUp: {"step_up", 403, 1}, ErrStale: {"stale", 412, 1},
	ErrTooLarge: {"too_large", 413, 1}, ErrTooMany: {"too_many", 429, 1}, ErrUnavailable: {"unavailable", 503, 1},
	ErrPrecondition: {"precondition_required", 428, 1},
}

// String is the name of the kind as programs see it.
func (k ErrorKind) String() string { return errorKinds[k].name }

// HTTPStatus is the status of an answer that reports such an error. 499 says that the client went away first.
func (k ErrorKind) HTTPStatus() int { return errorKinds[k].http }

// ExitStatus gives the process exit status for a kind: 1 failed, 2 wrong use, 3 some evidence
// unreadable.
func (k ErrorKind) ExitStatus() int { return errorKinds[k].exit }

// Error is the one error type that crosses packages: what was being done, what to tell the user, and what to do next.
type Error struct {
	Kind    ErrorKind
	Op      string // operation, lower case: "read port file"
	Message string // for the user, complete without the cause
	Hint    string // what the user can do, or ""
	Field   string // the part of the input that is wrong, as forms and programs name it, or ""
	Item    int    // which of a list of inputs it is about, counted from 1; 0 where it is one input, or the whole list
	Err     error  // cause, for the log
}

// Error joins operation, message and cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Message != "" {
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(e.Message)
	}
	if e.Err != nil {
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// In says which part of the input an error is about, where it is an [Error].
func In(field string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	at := *e
	at.Field = field
	return &at
}

// InItem says which of a list of inputs an error is about, counted from 0, where it is an [Error].
func InItem(i int, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	at := *e
	at.Item = i + 1
	return &at
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the outermost [Error] in err's chain, or ErrInternal.
func KindOf(err error) ErrorKind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ErrInternal
}

// HintOf returns the first hint in err's chain, or "".
func HintOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// DiskFull says whether err is the system's word for a disk or a quota that is used up.
func DiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
