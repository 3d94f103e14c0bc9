// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

// The kinds of outlet.
const (
	Webhook = "webhook"
	Syslog  = "syslog"
	Mail    = "mail"
)

// Options of the use case.
type Options struct {
	// Every is how often is looked for what is to be sent; 0 for a second.
	Every time.Duration
	// Roots are the authorities that receivers' certificates must come from; nil for those of the system.
	Roots *x509.CertPool
	// Host is how the installation is called in syslog; "" for the name of the machine.
	Host string
	// Resolver looks names up; nil for the system's.
	Resolver *net.Resolver
}

// Outlets is the use case. See the package comment.
type Outlets struct {
	core  *app.Core
	vault *vault.Vault
	opt   Options
	kinds map[string]kind
}

// kind is one way of sending.
type kind interface {
	// check says what is wrong with settings, and cleans them.
	check(s *Settings) error
	// send sends deliveries in their order and says how many arrived. What went wrong with the next is a *failure.
	send(ctx context.Context, to *target, list []store.Delivery) (sent int, err error)
	// batch is how many deliveries send takes at once.
	batch() int
}

// target is an outlet as it is sent to.
type target struct {
	id, org  string
	settings Settings
	secret   []byte
	guard    *guard
}

// failure is why a delivery did not arrive.
type failure struct {
	why   string        // for the people who look after the outlet
	after time.Duration // the receiver asks for this much time; 0 where it does not
	// refused is set where the receiver takes others but not this one.
	refused bool
	// gone is set where the receiver wants no more.
	gone bool
}

func (f *failure) Error() string { return f.why }

// New makes the use case. The vault seals what proves to receivers who sends.
func New(c *app.Core, v *vault.Vault, o Options) *Outlets {
	if o.Every <= 0 {
		o.Every = time.Second
	}
	if o.Host == "" {
		o.Host = hostname()
	}
	u := &Outlets{core: c, vault: v, opt: o}
	u.kinds = map[string]kind{Webhook: &webhooks{u}, Syslog: &syslogs{u}, Mail: &mails{u}}
	return u
}

func (u *Outlets) log() *slog.Logger {
	if u.core.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return u.core.Log
}

func sealedFor(org, id string) string { return "outlet " + org + " " + id }

func invalid(message, hint string) error {
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: "set up outlet", Message: message, Hint: hint}
}
