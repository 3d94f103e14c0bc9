// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// allowSetting holds the prefixes that outlets may reach although they are not public.
const allowSetting = "outlets.allow"

// notPublic are the ranges that are not of the public internet, by the registries for special purposes of IPv4 and IPv6
// (RFC 6890 and its successors), and those that carry an IPv4 address inside.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
	"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

func prefixes(list ...string) (out []netip.Prefix) {
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// guard decides which addresses may be reached.
type guard struct {
	allowed  []netip.Prefix
	resolver *net.Resolver
	roots    *x509.CertPool
}

func (u *Outlets) guard(ctx context.Context) (*guard, error) {
	v, err := u.core.DB.Setting(ctx, "", allowSetting)
	if err != nil {
		return nil, err
	}
	g := &guard{resolver: u.opt.Resolver, roots: u.opt.Roots}
	for _, s := range strings.Fields(v) {
		if p, err := netip.ParsePrefix(s); err == nil {
			g.allowed = append(g.allowed, p)
		}
	}
	return g, nil
}

// Allowed lists the prefixes that outlets may reach although they are not public.
func (u *Outlets) Allowed(ctx context.Context, by *app.Actor) ([]netip.Prefix, error) {
	if err := by.Everywhere(app.ManageSystem); err != nil {
		return nil, err
	}
	g, err := u.guard(ctx)
	if err != nil {
		return nil, err
	}
	return g.allowed, nil
}

// Allow says which prefixes outlets may reach although they are not public, and without TLS. It concerns every
// organisation, so it needs a right for the whole installation.
//
// Errors: ErrInvalid for a prefix of everything.
func (u *Outlets) Allow(ctx context.Context, by *app.Actor, list []netip.Prefix) error {
	if err := by.Everywhere(app.ManageSystem); err != nil {
		return err
	}
	var words []string
	for _, p := range list {
		if !p.IsValid() || p.Bits() < 8 {
			return harbour.In("networks", invalid("the prefix "+p.String()+" is too wide", "name the networks in which the receivers are"))
		}
		words = append(words, p.Masked().String())
	}
	if len(words) > 100 {
		return harbour.In("networks", invalid("there are more than 100 prefixes", "join those that lie together"))
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		before, err := tx.Setting(ctx, "", allowSetting)
		if err != nil {
			return err
		}
		after := strings.Join(words, " ")
		if err := tx.Set(ctx, "", allowSetting, after); err != nil {
			return err
		}
		e := by.Entry("", app.ManageSystem, "setting", allowSetting, "what outlets may reach")
		e.Before, e.After = app.State(strings.Fields(before)), app.State(words)
		return tx.Audit(ctx, e)
	})
}

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// admit says whether an address may be reached; plain is set where no TLS protects what is sent.
func (g *guard) admit(a netip.Addr, plain bool) error {
	a = a.WithZone("").Unmap()
	switch {
	case !a.IsValid():
		return &failure{why: "the name leads to no address"}
	case within(g.allowed, a):
		return nil
	case within(notPublic, a) || !a.IsGlobalUnicast():
		return &failure{why: "the name leads to an address that is not of the public internet; the administrator of the installation can allow its prefix"}
	case plain:
		return &failure{why: "without TLS nothing is sent but to a prefix that the administrator of the installation allows"}
	}
	return nil
}

// dial connects to an address that may be reached. It is judged when it is known, so that a name cannot lead elsewhere
// between the look and the connection.
func (g *guard) dial(plain bool) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 5 * time.Second, Resolver: g.resolver, Control: func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return &failure{why: "the name leads to no address"}
		}
		return g.admit(ap.Addr(), plain)
	}}
	return d.DialContext
}

// dialTLS connects and proves that the receiver is the one that the host names.
func (g *guard) dialTLS(ctx context.Context, host, address string, roots *x509.CertPool) (net.Conn, error) {
	c, err := g.dial(false)(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	t := tls.Client(c, g.tls(host, roots))
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := t.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return t, nil
}

func (g *guard) tls(host string, roots *x509.CertPool) *tls.Config {
	if roots == nil {
		roots = g.roots
	}
	return &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// reached puts what went wrong on the way to a receiver into words. What the machine says of it is not for them: it
// would tell about networks.
func reached(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return &failure{why: "the name of the receiver was not found"}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &failure{why: "the receiver's certificate is not valid for it"}
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return &failure{why: "the receiver does not speak TLS there"}
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return &failure{why: "the receiver did not answer in time"}
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return &failure{why: "nothing takes connections there"}
	}
	return &failure{why: "the connection to the receiver failed"}
}

// hostPort checks an address of the form host:port.
func hostPort(s, what string) (string, error) {
	s = strings.TrimSpace(s)
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" || len(s) > 300 || !printable(s) || !isPort(port) {
		return "", invalid("the address of the "+what+" is not one", "write it as host:port, such as log.example.org:6514")
	}
	return s, nil
}

func isPort(s string) bool {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
		if n = n*10 + int(r-'0'); n > 65535 {
			return false
		}
	}
	return n > 0
}

// printable says whether a text is ASCII without spaces and controls.
func printable(s string) bool {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return true
}
