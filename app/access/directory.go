// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"breakwater/app/access/secret"
	"breakwater/harbour"
	"breakwater/store"
)

// DirectoryOptions say how people sign in through a directory that speaks OpenID Connect. The zero value is for none.
type DirectoryOptions struct {
	Name         string // as the button says it: "Port directory"
	Issuer       string // https://id.port.example/realms/port
	ClientID     string
	ClientSecret string // "" for a public client; PKCE is used either way
	Redirect     string // address of the page that the directory sends people back to
	Scopes       []string
	// Claim that lists a person's groups; "groups" where it is "". Dots go into objects: realm_access.roles.
	Claim string
	// AMR are methods of signing in (RFC 8176, such as mfa or hwk) of which the directory has to have used one; none where it
	// is left to the directory.
	AMR []string
	// ACR are contexts of signing in of which it has to have been one. The directory is asked for them.
	ACR []string
	// Groups that give roles. Who is in none of them is not let in.
	Groups []GroupRule
	// Client reaches the directory; nil for one with the system's certificates.
	Client *http.Client
}

// GroupRule gives a role to a group of the directory.
type GroupRule struct {
	Group    string
	Role     string
	Org      string // "*" for every organisation
	Sites    string // "*", or ids with spaces between; "" for "*"
	Supplier string
}

// sourceGroup marks roles that come from groups. They are set anew at each sign-in.
const sourceGroup = "group"

// check holds the options to what is safe.
func (o *DirectoryOptions) check() error {
	bad := func(message, hint string) error {
		return &harbour.Error{Kind: harbour.ErrUsage, Op: "set up the directory", Message: message, Hint: hint}
	}
	for what, v := range map[string]string{"issuer": o.Issuer, "redirect address": o.Redirect} {
		a, err := url.Parse(v)
		if err != nil || a.Host == "" || a.Scheme != "https" && !(a.Scheme == "http" && loopback(a.Hostname())) {
			return bad("the "+what+" is not an https address", "Give it whole, such as https://id.port.example/realms/port.")
		}
	}
	if o.ClientID == "" {
		return bad("the client id is missing", "The directory's administrator has it.")
	}
	if o.Claim == "" {
		o.Claim = "groups"
	}
	for i := range o.Groups {
		g := &o.Groups[i]
		if g.Sites == "" {
			g.Sites = "*"
		}
		role := RoleByCode(g.Role)
		switch {
		case g.Group == "" || g.Org == "":
			return bad(fmt.Sprintf("rule %d for groups lacks the group or the organisation", i+1), "Organisation * is for every one.")
		case role == nil:
			return bad(fmt.Sprintf("the rule for group %q names no role of the table", g.Group), "Use the role's code, such as "+Analyst+".")
		case role.OfSupplier != (g.Supplier != ""):
			return bad(fmt.Sprintf("the rule for group %q: a supplier goes with the role %s and with no other", g.Group, SupplierContact), "")
		}
	}
	return nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// directory keeps what the provider says of itself.
type directory struct {
	opt      DirectoryOptions
	now      func() time.Time
	mu       sync.Mutex
	provider *oidc.Provider
	read     time.Time
}

// knownFor is how long what the directory says of itself is believed without asking, so that people are told when it is
// down instead of being sent there.
const knownFor = time.Minute

func newDirectory(o DirectoryOptions, now func() time.Time) (*directory, error) {
	if o.Issuer == "" {
		return nil, nil
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	c := http.Client{Timeout: 10 * time.Second}
	if o.Client != nil {
		c = *o.Client
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	c.Transport = bounded{c.Transport}
	o.Client = &c
	return &directory{opt: o, now: now}, nil
}

// bounded reads no more of an answer than one can have.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, 1<<20), resp.Body}
	}
	return resp, err
}

func directoryDown(err error) error {
	return &harbour.Error{
		Kind: harbour.ErrUnavailable, Op: "sign in through the directory", Message: "the directory does not answer as it should",
		Hint: "Try again in a minute, or sign in with a password or a passkey of your own here. If it is urgent, the emergency account works without the directory: see the procedure for breaking glass.", Err: err,
	}
}

func (d *directory) discover(ctx context.Context) (*oidc.Provider, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.provider != nil && d.now().Sub(d.read) < knownFor {
		return d.provider, nil
	}
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, d.opt.Client), d.opt.Issuer)
	if err != nil {
		return nil, directoryDown(err)
	}
	d.provider, d.read = p, d.now()
	return p, nil
}

func (d *directory) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: d.opt.ClientID, ClientSecret: d.opt.ClientSecret, RedirectURL: d.opt.Redirect, Endpoint: p.Endpoint(),
		Scopes: append([]string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail}, d.opt.Scopes...),
	}
}

// journey is a person's way to the directory and back.
type journey struct {
	browser         secret.Digest
	nonce, verifier string
	session         string // of the actor who proves presence or links an account; "" for a sign-in
	person          string
	link            bool
	began           time.Time
}

// claims are what is read of an id token.
type claims struct {
	Username string `json:"preferred_username"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	AZP      string `json:"azp"`
	AuthTime int64  `json:"auth_time"`
}

// identity is who the directory says somebody is.
type identity struct {
	claims
	lookup string // issuer and subject
	groups []string
	listed bool // the groups were there at all
}

// redeem trades the code for a token and holds it to everything that it has to say.
func (d *directory) redeem(ctx context.Context, code string, j journey) (id identity, err error) {
	p, err := d.discover(ctx)
	if err != nil {
		return id, err
	}
	ctx = oidc.ClientContext(ctx, d.opt.Client)
	token, err := d.oauth(p).Exchange(ctx, code, oauth2.VerifierOption(j.verifier))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < 500 {
		return id, notByDirectory("the directory did not accept the sign-in", err)
	}
	if err != nil {
		return id, directoryDown(err)
	}
	raw, _ := token.Extra("id_token").(string)
	t, err := p.Verifier(&oidc.Config{ClientID: d.opt.ClientID, Now: d.now}).Verify(ctx, raw)
	if err != nil {
		return id, notByDirectory("what the directory sent is not valid", err)
	}
	if subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(j.nonce)) != 1 {
		return id, notByDirectory("what the directory sent belongs to another sign-in", errors.New("nonce differs"))
	}
	var all map[string]any
	if err := errors.Join(t.Claims(&id.claims), t.Claims(&all)); err != nil {
		return id, notByDirectory("what the directory sent is not valid", err)
	}
	if len(t.Audience) > 1 && id.AZP != d.opt.ClientID || id.AZP != "" && id.AZP != d.opt.ClientID {
		return id, notByDirectory("what the directory sent is for another program", errors.New("azp differs"))
	}
	if t.Subject == "" || len(t.Subject) > 255 {
		return id, notByDirectory("the directory did not say who you are", errors.New("no subject"))
	}
	if err := d.strong(all); err != nil {
		return id, err
	}
	id.lookup = t.Issuer + " " + t.Subject
	id.groups, id.listed = groupsOf(all, d.opt.Claim)
	return id, nil
}

// strong holds a sign-in at the directory to what is demanded of it (OpenID Connect Core 1.0, section 2: acr and amr).
func (d *directory) strong(all map[string]any) error {
	for claim, wanted := range map[string][]string{"amr": d.opt.AMR, "acr": d.opt.ACR} {
		got, _ := groupsOf(all, claim)
		if len(wanted) > 0 && !slices.ContainsFunc(got, func(s string) bool { return slices.Contains(wanted, s) }) {
			e := notByDirectory("the directory let you in with less than is demanded here", fmt.Errorf("%s is %q, and none of %q", claim, got, wanted)).(*harbour.Error)
			e.Hint = "Sign in there with a second factor, such as a security key. If you did, ask your administrator to compare what the directory says with what is demanded."
			return e
		}
	}
	return nil
}

// groupsOf reads a claim that is a list of names, or one.
func groupsOf(all map[string]any, claim string) (groups []string, listed bool) {
	var v any = all
	if whole, ok := all[claim]; ok { // a name with dots in it
		v = whole
	} else {
		for part := range strings.SplitSeq(claim, ".") {
			m, ok := v.(map[string]any)
			if !ok {
				return nil, false
			}
			if v, ok = m[part]; !ok {
				return nil, false
			}
		}
	}
	switch x := v.(type) {
	case string:
		return []string{x}, true
	case []any:
		for _, e := range x {
			if s, ok := e.(string); ok {
				groups = append(groups, s)
			}
		}
		return groups, true
	}
	return nil, false
}

// grants that groups give, each once.
func (d *directory) grants(person string, groups []string) (list []store.Grant) {
	for _, r := range d.opt.Groups {
		g := store.Grant{Person: person, Role: r.Role, Org: r.Org, Sites: r.Sites, Supplier: r.Supplier, Source: sourceGroup}
		if slices.Contains(groups, r.Group) && !slices.Contains(list, g) {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, compareGrants)
	return list
}

func compareGrants(a, b store.Grant) int {
	return strings.Compare(strings.Join([]string{a.Org, a.Role, a.Sites, a.Supplier}, "\x00"), strings.Join([]string{b.Org, b.Role, b.Sites, b.Supplier}, "\x00"))
}

func notByDirectory(message string, err error) error {
	return &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "sign in through the directory", Message: message, Hint: "Begin again. If it goes on, ask your administrator.", Err: err}
}

// loginOf makes a sign-in name of what the directory says, with something of the subject where that is taken.
func loginOf(id identity, taken func(string) bool) string {
	name := id.Username
	if name == "" {
		name, _, _ = strings.Cut(id.Email, "@")
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune("._@+-", r):
			return r
		case r == ' ' || r == '\\' || r == '/':
			return '.'
		}
		return -1
	}, strings.ToLower(name))
	name = strings.TrimLeft(name[:min(len(name), 50)], "._@+-")
	sum := sha256.Sum256([]byte(id.lookup))
	if name == "" {
		name = "person-" + hex.EncodeToString(sum[:4])
	}
	if taken(name) {
		name += "-" + hex.EncodeToString(sum[:4])
	}
	return name
}

// logValue keeps what a token said out of the log but for what helps to find out why somebody was not let in.
func (id identity) LogValue() slog.Value {
	b, _ := json.Marshal(id.groups)
	return slog.GroupValue(slog.String("subject", clip(id.lookup, 300)), slog.Bool("groups_listed", id.listed), slog.String("groups", clip(string(b), 500)))
}
