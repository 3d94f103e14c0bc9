// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"breakwater/harbour"
)

// Reach says whether an external broker answers and has JetStream. It changes nothing there and does not wait longer than
// five seconds.
//
// Errors: ErrUnavailable.
func Reach(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	list := []nats.Option{nats.Name("breakwater config check"), nats.Timeout(4 * time.Second), nats.NoReconnect()}
	if o.Credentials != "" {
		list = append(list, nats.UserCredentials(o.Credentials))
	}
	if o.TLS != nil {
		list = append(list, nats.Secure(o.TLS))
	}
	fail := func(message, hint string, err error) error {
		return &harbour.Error{Kind: harbour.ErrUnavailable, Op: "reach the broker", Message: message, Hint: hint, Err: err}
	}
	nc, err := nats.Connect(o.URL, list...)
	if err != nil {
		return fail("the broker does not answer, or does not let this program in", "check that it runs, the URL, and the credentials", err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err == nil {
		_, err = js.AccountInfo(ctx)
	}
	if err != nil {
		return fail("the broker answers and has no JetStream for this account", "start it with JetStream: nats-server -js", err)
	}
	return nil
}
