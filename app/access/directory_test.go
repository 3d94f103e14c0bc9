// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

// provider is a directory that speaks OpenID Connect, in the test.
type provider struct {
	*httptest.Server
	t      *testing.T
	now    func() time.Time
	key    *ecdsa.PrivateKey // that it publishes
	signs  *ecdsa.PrivateKey // that it signs with
	mu     sync.Mutex
	codes  map[string]url.Values // what was asked, by the code given for it
	claims map[string]any        // of the next token, over the usual ones
	down   bool
	broken string // what the token endpoint answers instead
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key, signs: key, codes: map[string]url.Values{}, now: time.Now}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &p.key.PublicKey, KeyID: "k1", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("/token", p.token)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		down := p.down
		p.mu.Unlock()
		if down {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != "" {
		w.Write([]byte(p.broken))
		return
	}
	asked, ok := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	_, secret, _ := r.BasicAuth()
	if secret == "" {
		secret = r.FormValue("client_secret")
	}
	if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") || asked.Get("code_challenge_method") != "S256" || secret != "client-secret" || r.FormValue("redirect_uri") != asked.Get("redirect_uri") {
		w.WriteHeader(http.StatusBadRequest)
		w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	claims := map[string]any{
		"iss": p.URL, "sub": "subject-1", "aud": "breakwater", "exp": p.now().Add(5 * time.Minute).Unix(), "iat": p.now().Unix(), "nonce": asked.Get("nonce"),
		"preferred_username": "M.deVries", "name": "Mo de Vries", "email": "mo@westhaven.example", "groups": []string{"engineers", "everybody"},
	}
	for k, v := range p.claims {
		if claims[k] = v; v == nil {
			delete(claims, k)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.signs, KeyID: "k1"}}, nil)
	if err != nil {
		p.t.Error(err)
		return
	}
	b, _ := json.Marshal(claims)
	signed, err := signer.Sign(b)
	if err != nil {
		p.t.Error(err)
		return
	}
	raw, _ := signed.CompactSerialize()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": raw})
}

// arrive is what the directory does with a browser: it gives a code for what is asked.
func (p *provider) arrive(address string) access.Return {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, p.URL+"/authorize?") {
		p.t.Fatalf("sent to %s (%v)", address, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code := fmt.Sprint("code-", len(p.codes), "-", u.Query().Get("state")[:6])
	p.codes[code] = u.Query()
	return access.Return{State: u.Query().Get("state"), Code: code}
}

func (p *provider) says(claims map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.claims = claims
}

func withDirectory(p *provider) func(*access.Options) {
	return func(o *access.Options) {
		o.Directory = access.DirectoryOptions{
			Name: "Port directory", Issuer: p.URL, ClientID: "breakwater", ClientSecret: "client-secret", Redirect: "https://breakwater.westhaven.example/back",
			Groups: []access.GroupRule{
				{Group: "engineers", Role: access.OTEngineer, Org: west, Sites: "north-quay"},
				{Group: "auditors", Role: access.Auditor, Org: west},
				{Group: "acme", Role: access.SupplierContact, Org: west, Supplier: "acme"},
				{Group: "admins", Role: access.Administrator, Org: "*"},
			},
		}
	}
}

// through signs in through the directory.
func (h *house) through(p *provider) (*access.SignedIn, error) {
	h.t.Helper()
	leave, err := h.BeginDirectory(h.t.Context(), nil, from("10.0.0.1"))
	if err != nil {
		return nil, err
	}
	back := p.arrive(leave.URL)
	back.Cookie = leave.Cookie
	return h.FinishDirectory(h.t.Context(), nil, back, from("10.0.0.1"))
}

func TestDirectory(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		p := newProvider(t)
		h := openHouse(t, url, withDirectory(p))
		p.now = h.clock
		ada, ctx := h.actor(h.setUp().Cookie), t.Context()
		if got := h.Directory(); got != "Port directory" {
			t.Errorf("Directory = %q", got)
		}
		in, err := h.through(p)
		if err != nil || in.Cookie == "" || in.Name != "Mo de Vries" {
			t.Fatalf("signing in = %+v, %v", in, err)
		}
		mo := h.actor(in.Cookie)
		scope, err := mo.Scope(app.EditAssets, west)
		if mo.Login != "m.devries" || err != nil || scope.Whole() || !slices.Equal(mo.Roles(west), []string{access.OTEngineer}) {
			t.Errorf("actor = %+v, %v, %v", mo, scope, err)
		}
		if row := h.row(ada, west, "m.devries"); row.Grants[0].Source != "group" || !slices.Equal(row.Ways, []string{"oidc"}) || row.Email != "mo@westhaven.example" {
			t.Errorf("row = %+v", row)
		}

		// The groups are read anew each time; the same person comes back, by subject and not by name.
		p.says(map[string]any{"groups": []string{"auditors"}, "preferred_username": "someone.else", "name": "Mo van Dijk"})
		if in, err = h.through(p); err != nil {
			t.Fatal(err)
		}
		again := h.actor(in.Cookie)
		if again.Person != mo.Person || again.Name != "Mo van Dijk" || again.Login != "m.devries" || !slices.Equal(again.Roles(west), []string{access.Auditor}) {
			t.Errorf("actor = %+v, roles %v", again, again.Roles(west))
		}
		if now := h.actor(in.Cookie); now.May(app.EditAssets, west) {
			t.Error("a role outlives its group")
		}
		p.says(map[string]any{"groups": []string{"everybody"}})
		_, err = h.through(p)
		wantKind(t, "signing in without a group that gives a role", err, harbour.ErrDenied)
		if a := h.actor(in.Cookie); len(a.Organisations()) != 0 {
			t.Errorf("the session from before may still act in %v", a.Organisations())
		}
		var changed []store.Entry
		for _, e := range h.entries() {
			if e.Action == "access.directory_roles" {
				changed = append(changed, e)
			}
		}
		if len(changed) != 2 || !strings.Contains(string(changed[0].Before), "ot-engineer") || !strings.Contains(string(changed[0].After), "auditor") || strings.Contains(string(changed[1].After), "auditor") {
			t.Errorf("audit log = %+v", changed)
		}

		// A role given here stays beside those of groups.
		row := h.row(ada, "*", "m.devries")
		if err := h.SetGrants(ctx, ada, west, row.ID, row.Version, []store.Grant{{Role: access.BoardReader, Sites: "*"}}, ""); err != nil {
			t.Fatal(err)
		}
		if in, err = h.through(p); err != nil || !slices.Equal(h.actor(in.Cookie).Roles(west), []string{access.BoardReader}) {
			t.Errorf("with a local role: %+v, %v", in, err)
		}
		row = h.row(ada, west, "m.devries")
		if err := h.SetState(ctx, ada, "*", row.ID, row.Version, access.Suspended, ""); err != nil {
			t.Fatal(err)
		}
		_, err = h.through(p)
		wantKind(t, "signing in while suspended", err, harbour.ErrUnauthenticated)
	})
}

func TestDirectoryLies(t *testing.T) {
	p := newProvider(t)
	h, _ := newHouse(t, withDirectory(p))
	p.now = h.clock
	ctx := t.Context()
	for name, claims := range map[string]map[string]any{
		"nonce":             {"nonce": "another"},
		"no nonce":          {"nonce": nil},
		"audience":          {"aud": "another"},
		"audiences":         {"aud": []string{"breakwater", "another"}},
		"authorised party":  {"aud": []string{"breakwater", "another"}, "azp": "another"},
		"issuer":            {"iss": "https://evil.example"},
		"expired":           {"exp": h.clock().Add(-10 * time.Minute).Unix()},
		"no subject":        {"sub": ""},
		"subject too long":  {"sub": strings.Repeat("x", 300)},
		"claims of no kind": {"preferred_username": 7},
	} {
		p.says(claims)
		in, err := h.through(p)
		wantKind(t, name, err, harbour.ErrUnauthenticated)
		if in != nil {
			t.Errorf("%s: %+v", name, in)
		}
		h.pass(time.Minute)
	}
	p.says(map[string]any{"aud": []string{"breakwater", "another"}, "azp": "breakwater"})
	if _, err := h.through(p); err != nil {
		t.Errorf("several audiences, the party is this one: %v", err)
	}
	p.says(nil)
	stranger, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p.signs = stranger
	_, err := h.through(p)
	wantKind(t, "a key that is not the directory's", err, harbour.ErrUnauthenticated)
	p.signs = p.key
	for name, broken := range map[string]string{"no token": `{"access_token":"a","token_type":"Bearer"}`, "rubbish": "\x00", "unsigned": `{"access_token":"a","token_type":"Bearer","id_token":"eyJhbGciOiJub25lIn0.e30."}`} {
		p.broken = broken
		in, err := h.through(p)
		if in != nil || err == nil {
			t.Errorf("%s: %+v, %v", name, in, err)
		}
	}
	p.broken = ""
	h.pass(time.Minute)

	// The way back belongs to one browser, once, for minutes.
	leave, err := h.BeginDirectory(ctx, nil, from("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	other, _ := h.BeginDirectory(ctx, nil, from("10.0.0.1"))
	back := p.arrive(leave.URL)
	for name, cookie := range map[string]string{"no cookie": "", "another's cookie": other.Cookie} {
		b := p.arrive(leave.URL)
		b.Cookie = cookie
		_, err := h.FinishDirectory(ctx, nil, b, from("10.0.0.1"))
		wantKind(t, name, err, harbour.ErrUnauthenticated)
	}
	back.Cookie = leave.Cookie
	_, err = h.FinishDirectory(ctx, nil, back, from("10.0.0.1"))
	wantKind(t, "a state that was used", err, harbour.ErrUnauthenticated)
	late := p.arrive(other.URL)
	late.Cookie = other.Cookie
	h.pass(access.JourneyFor)
	_, err = h.FinishDirectory(ctx, nil, late, from("10.0.0.1"))
	wantKind(t, "too late", err, harbour.ErrUnauthenticated)
	_, err = h.FinishDirectory(ctx, nil, access.Return{State: "x", Code: "y", Cookie: "z"}, from("10.0.0.1"))
	wantKind(t, "rubbish", err, harbour.ErrUnauthenticated)
	leave, _ = h.BeginDirectory(ctx, nil, from("10.0.0.1"))
	back = p.arrive(leave.URL)
	back.Cookie, back.Error = leave.Cookie, "access_denied"
	_, err = h.FinishDirectory(ctx, nil, back, from("10.0.0.1"))
	wantKind(t, "refused there", err, harbour.ErrUnauthenticated)
	leave, _ = h.BeginDirectory(ctx, nil, from("10.0.0.1"))
	back = p.arrive(leave.URL)
	back.Cookie, back.Code = leave.Cookie, "stolen"
	_, err = h.FinishDirectory(ctx, nil, back, from("10.0.0.1"))
	wantKind(t, "a code that the directory does not know", err, harbour.ErrUnauthenticated)
}

// TestNoTakeover wants local accounts to stay their owners', whatever the directory calls somebody.
func TestNoTakeover(t *testing.T) {
	p := newProvider(t)
	h, ada := newHouse(t, withDirectory(p))
	p.now = h.clock
	ctx := t.Context()
	p.says(map[string]any{"preferred_username": "ada", "email": "ada@westhaven.example", "email_verified": true, "groups": []string{"engineers"}})
	in, err := h.through(p)
	if err != nil {
		t.Fatal(err)
	}
	a := h.actor(in.Cookie)
	if a.Person == ada.Person || !strings.HasPrefix(a.Login, "ada-") || a.Everywhere(app.ManagePeople) == nil {
		t.Errorf("actor = %+v", a)
	}

	// The owner ties the two by hand; not when another person has it.
	leave, err := h.BeginLink(ctx, ada, from("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	back := p.arrive(leave.URL)
	back.Cookie = leave.Cookie
	_, err = h.FinishDirectory(ctx, ada, back, from("10.0.0.1"))
	wantKind(t, "linking an account of another person", err, harbour.ErrConflict)
	p.says(map[string]any{"sub": "subject-2", "preferred_username": "ada", "groups": []string{"auditors"}})
	leave, _ = h.BeginLink(ctx, ada, from("10.0.0.1"))
	back = p.arrive(leave.URL)
	back.Cookie = leave.Cookie
	_, err = h.FinishDirectory(ctx, nil, back, from("10.0.0.1"))
	wantKind(t, "linking without the session", err, harbour.ErrUnauthenticated)
	leave, _ = h.BeginLink(ctx, ada, from("10.0.0.1"))
	back = p.arrive(leave.URL)
	back.Cookie = leave.Cookie
	if _, err := h.FinishDirectory(ctx, ada, back, from("10.0.0.1")); err != nil {
		t.Fatal(err)
	}
	in, err = h.through(p)
	if err != nil || h.actor(in.Cookie).Person != ada.Person || h.actor(in.Cookie).Name != "Ada Marsh" {
		t.Errorf("after linking: %+v, %v", in, err)
	}
	if got := h.actor(in.Cookie).Roles(west); !slices.Equal(got, []string{access.Administrator, access.Auditor}) {
		t.Errorf("roles = %v", got)
	}
	h.pass(11 * time.Minute)
	_, err = h.BeginLink(ctx, ada, from("10.0.0.1"))
	wantKind(t, "linking without a fresh proof", err, harbour.ErrStepUp)
}

func TestProveByDirectory(t *testing.T) {
	p := newProvider(t)
	h, _ := newHouse(t, withDirectory(p))
	p.now = h.clock
	ctx := t.Context()
	p.says(map[string]any{"groups": []string{"admins"}})
	in, err := h.through(p)
	if err != nil {
		t.Fatal(err)
	}
	h.pass(11 * time.Minute)
	mo := h.actor(in.Cookie)
	wantKind(t, "a dangerous act", mo.Everywhere(app.ManagePeople), harbour.ErrStepUp)
	prove := func(claims map[string]any) error {
		claims["groups"] = []string{"admins"}
		p.says(claims)
		leave, err := h.BeginDirectory(ctx, mo, from("10.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		if u, _ := url.Parse(leave.URL); u.Query().Get("prompt") != "login" || u.Query().Get("max_age") != "0" {
			t.Errorf("sent to %s", leave.URL)
		}
		back := p.arrive(leave.URL)
		back.Cookie = leave.Cookie
		got, err := h.FinishDirectory(ctx, mo, back, from("10.0.0.1"))
		if got != nil {
			if b := h.actor(got.Cookie); !got.Proved || b.Session != mo.Session || got.Cookie == in.Cookie {
				t.Errorf("a proof made another session, or left the secret: %+v", got)
			}
			in = got
		}
		return err
	}
	wantKind(t, "a proof without its time", prove(map[string]any{}), harbour.ErrUnauthenticated)
	wantKind(t, "a proof of before", prove(map[string]any{"auth_time": h.clock().Add(-10 * time.Minute).Unix()}), harbour.ErrUnauthenticated)
	wantKind(t, "a proof of another person", prove(map[string]any{"auth_time": h.clock().Unix(), "sub": "subject-9"}), harbour.ErrUnauthenticated)
	if err := prove(map[string]any{"auth_time": h.clock().Unix()}); err != nil {
		t.Fatal(err)
	}
	if err := h.actor(in.Cookie).Everywhere(app.ManagePeople); err != nil {
		t.Errorf("a dangerous act after the proof: %v", err)
	}
}

// TestDirectoryStrength wants people let in who signed in there as is demanded, and nobody else; nor may a weak sign-in prove
// presence.
func TestDirectoryStrength(t *testing.T) {
	p := newProvider(t)
	h, _ := newHouse(t, withDirectory(p), func(o *access.Options) {
		o.Directory.AMR, o.Directory.ACR = []string{"mfa", "hwk"}, []string{"urn:strong", "urn:stronger"}
	})
	p.now = h.clock
	for name, tt := range map[string]struct {
		claims map[string]any
		in     bool
	}{
		"both":            {map[string]any{"amr": []string{"pwd", "mfa"}, "acr": "urn:strong"}, true},
		"another of each": {map[string]any{"amr": []string{"hwk"}, "acr": "urn:stronger"}, true},
		"amr as a word":   {map[string]any{"amr": "mfa", "acr": "urn:strong"}, true},
		"neither":         {map[string]any{}, false},
		"password alone":  {map[string]any{"amr": []string{"pwd"}, "acr": "urn:strong"}, false},
		"no amr":          {map[string]any{"acr": "urn:strong"}, false},
		"weak context":    {map[string]any{"amr": []string{"mfa"}, "acr": "0"}, false},
		"longer word":     {map[string]any{"amr": []string{"mfa-skipped"}, "acr": "urn:strong"}, false},
		"wrong type":      {map[string]any{"amr": map[string]any{"mfa": true}, "acr": "urn:strong"}, false},
	} {
		tt.claims["groups"] = []string{"admins"}
		p.says(tt.claims)
		leave, err := h.BeginDirectory(t.Context(), nil, from("10.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		if u, _ := url.Parse(leave.URL); u.Query().Get("acr_values") != "urn:strong urn:stronger" {
			t.Errorf("sent to %s", leave.URL)
		}
		back := p.arrive(leave.URL)
		back.Cookie = leave.Cookie
		got, err := h.FinishDirectory(t.Context(), nil, back, from("10.0.0.1"))
		if in := err == nil && got != nil; in != tt.in || err != nil && harbour.KindOf(err) != harbour.ErrUnauthenticated {
			t.Errorf("%s: %v, want in: %v", name, err, tt.in)
		}
		h.pass(2 * time.Minute)
	}
}

// TestDirectoryDown wants people to hear of it, and the emergency account to work.
func TestDirectoryDown(t *testing.T) {
	p := newProvider(t)
	h, ada := newHouse(t, withDirectory(p))
	p.now = h.clock
	ctx := t.Context()
	glass, err := h.AddPerson(ctx, ada, "*", access.NewPerson{Login: "glass", Name: "Emergency", BreakGlass: true, Grants: []store.Grant{{Role: access.Administrator, Sites: "*"}}})
	if err != nil {
		t.Fatal(err)
	}
	leave, err := h.BeginDirectory(ctx, nil, from("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	back := p.arrive(leave.URL)
	back.Cookie = leave.Cookie
	p.down = true
	_, err = h.FinishDirectory(ctx, nil, back, from("10.0.0.1"))
	wantKind(t, "down on the way back", err, harbour.ErrUnavailable)
	h.pass(2 * time.Minute)
	_, err = h.BeginDirectory(ctx, nil, from("10.0.0.1"))
	wantKind(t, "down on the way there", err, harbour.ErrUnavailable)
	if !strings.Contains(harbour.HintOf(err), "emergency account") {
		t.Errorf("hint = %q", harbour.HintOf(err))
	}
	if _, err := h.SignInBreakGlass(ctx, "glass", glass.Password, "the directory is down", from("10.0.0.1")); err != nil {
		t.Error(err)
	}
	if _, err := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.1")); err != nil {
		t.Errorf("a local password: %v", err)
	}
	p.mu.Lock()
	p.down = false
	p.mu.Unlock()
	if _, err := h.through(p); err != nil {
		t.Errorf("after it came back: %v", err)
	}

	none, _ := newHouse(t)
	_, err = none.BeginDirectory(ctx, nil, from("10.0.0.1"))
	wantKind(t, "BeginDirectory where there is none", err, harbour.ErrNotFound)
}

// TestLastByGroup wants an alarm where a group takes the last administrator's role.
func TestLastByGroup(t *testing.T) {
	p := newProvider(t)
	h, ada := newHouse(t, withDirectory(p))
	p.now = h.clock
	p.says(map[string]any{"groups": []string{"admins", "auditors"}})
	if _, err := h.through(p); err != nil {
		t.Fatal(err)
	}
	row := h.row(ada, "*", "ada")
	if err := h.SetState(t.Context(), app.System("test"), "*", row.ID, row.Version, access.Suspended, ""); err != nil {
		t.Fatal(err)
	}
	p.says(map[string]any{"groups": []string{"auditors"}})
	if _, err := h.through(p); err != nil {
		t.Fatal(err)
	}
	if got := h.raised(); !slices.Equal(got, []string{"no_administrator"}) {
		t.Errorf("alarms = %v", got)
	}
}

func TestDirectoryOptions(t *testing.T) {
	p := newProvider(t)
	for name, change := range map[string]func(*access.DirectoryOptions){
		"plain issuer":       func(o *access.DirectoryOptions) { o.Issuer = "http://id.example" },
		"no address":         func(o *access.DirectoryOptions) { o.Issuer = "id.example" },
		"plain redirect":     func(o *access.DirectoryOptions) { o.Redirect = "http://breakwater.example/back" },
		"no client":          func(o *access.DirectoryOptions) { o.ClientID = "" },
		"no role":            func(o *access.DirectoryOptions) { o.Groups[0].Role = "boss" },
		"no organisation":    func(o *access.DirectoryOptions) { o.Groups[0].Org = "" },
		"no group":           func(o *access.DirectoryOptions) { o.Groups[0].Group = "" },
		"supplier missing":   func(o *access.DirectoryOptions) { o.Groups[2].Supplier = "" },
		"supplier too many":  func(o *access.DirectoryOptions) { o.Groups[1].Supplier = "acme" },
		"credentials in URL": func(o *access.DirectoryOptions) { o.Issuer = "ftp://id.example" },
	} {
		var o access.Options
		withDirectory(p)(&o)
		change(&o.Directory)
		_, err := access.New(&app.Core{Clock: time.Now}, o)
		wantKind(t, name, err, harbour.ErrUsage)
	}
}

func TestGroups(t *testing.T) {
	all := map[string]any{
		"groups": []any{"a", "b", 7}, "one": "a", "realm_access": map[string]any{"roles": []any{"c"}}, "https://x.example/groups": []any{"d"}, "number": 7.0,
	}
	for claim, want := range map[string][]string{"groups": {"a", "b"}, "one": {"a"}, "realm_access.roles": {"c"}, "https://x.example/groups": {"d"}, "number": nil, "none": nil, "one.more": nil, "realm_access": nil} {
		got, listed := access.GroupsOf(all, claim)
		if !slices.Equal(got, want) || listed != (want != nil) {
			t.Errorf("groupsOf(%q) = %v, %v, want %v", claim, got, listed, want)
		}
	}
}
