// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"context"
	"errors"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"breakwater/harbour"
)

// Codes of errors at the broker that nats.go has no name for.
const (
	codeNoPeers       jetstream.ErrorCode = 10005
	codeInsufficient  jetstream.ErrorCode = 10023
	codeMemory        jetstream.ErrorCode = 10028
	codeStorage       jetstream.ErrorCode = 10047
	codeNoReplicas    jetstream.ErrorCode = 10074
	codeStoreFailed   jetstream.ErrorCode = 10077
	codeWorkQueueTwo  jetstream.ErrorCode = 10099 // a consumer without filter beside another
	codeWorkQueueSame jetstream.ErrorCode = 10100 // two consumers of one subject
)

func codeOf(err error) jetstream.ErrorCode {
	var e *jetstream.APIError
	if errors.As(err, &e) {
		return e.ErrorCode
	}
	return 0
}

// full says whether the broker refused for want of room, and of which kind.
func full(err error) (message, hint string, ok bool) {
	switch codeOf(err) {
	case codeStoreFailed:
		if strings.Contains(err.Error(), "maximum") {
			return "the stream of these messages is full", "see what keeps them from being handled; nothing that waits is lost, and new ones are taken when there is room", true
		}
		return "the broker cannot store", "see that its disk has room and is sound", true
	case codeInsufficient, codeMemory, codeStorage:
		return "the broker has no storage left for this", "give the broker more storage, or Breakwater smaller streams", true
	}
	return "", "", false
}

// lasting says whether trying again will not help.
func lasting(err error) bool {
	return errors.Is(err, nats.ErrMaxPayload) || codeOf(err) == jetstream.JSErrCodeStreamMessageExceedsMaximum
}

// wrap gives an error of the broker the words for a user.
func (b *Bus) wrap(op string, err error) error {
	var known *harbour.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if message, hint, ok := full(err); ok {
		return &harbour.Error{Kind: harbour.ErrFull, Op: op, Message: message, Hint: hint, Err: err}
	}
	switch {
	case lasting(err):
		return &harbour.Error{Kind: harbour.ErrTooLarge, Op: op, Message: "the message is larger than the broker takes", Hint: "let the broker take messages of 1 MiB (max_payload)", Err: err}
	case errors.Is(err, context.Canceled) && !errors.Is(err, errNoAnswer):
		return &harbour.Error{Kind: harbour.ErrCancelled, Op: op, Message: "stopped", Err: err}
	case codeOf(err) == codeWorkQueueSame || codeOf(err) == codeWorkQueueTwo:
		return &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: "another receiver has these subjects", Hint: "each subject has one receiver; several workers of one receiver share its name", Err: err}
	}
	e := &harbour.Error{Kind: harbour.ErrUnavailable, Op: op, Message: "the broker does not answer", Hint: "check that it runs and can be reached; work goes on when it is back", Err: err}
	if b.srv != nil {
		e.Hint = "see the log, and that the disk of the data folder has room; work goes on when it is back"
	}
	if errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) || errors.Is(err, nats.ErrPermissionViolation) {
		e.Message, e.Hint = "the broker refuses our credentials", "check the user, password or credentials file for the broker, and that it may use JetStream"
	}
	if errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) {
		e.Message = "the broker does not store messages"
		if b.srv == nil {
			e.Hint = "switch on JetStream at the broker, and for our account"
		}
	}
	return e
}
