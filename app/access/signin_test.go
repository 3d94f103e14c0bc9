// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/access/secret"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

func TestSetUp(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		h, ctx := openHouse(t, url), t.Context()
		if needs, err := h.NeedsSetUp(ctx); err != nil || !needs {
			t.Fatalf("NeedsSetUp = %v, %v", needs, err)
		}
		old, _, err := h.OfferSetUp(ctx)
		if err != nil {
			t.Fatal(err)
		}
		token, until, err := h.OfferSetUp(ctx)
		if err != nil || until != h.clock().Add(access.SetUpFor) {
			t.Fatalf("OfferSetUp = %v, %v", until, err)
		}
		_, err = h.SetUp(ctx, old, firstRun, from("10.0.0.1"))
		wantKind(t, "SetUp with the token before", err, harbour.ErrUnauthenticated)
		in, err := h.SetUp(ctx, strings.ToLower(token), firstRun, from("10.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		a := h.actor(in.Cookie)
		if a.Login != "ada" || a.Name != "Ada Marsh" || a.Everywhere(app.ManageSystem) != nil {
			t.Errorf("the first administrator is %+v", a)
		}
		scope, err := a.Whole(app.ReadAssets, "port-of-westhaven")
		if err != nil {
			t.Fatal(err)
		}
		sites, err := h.core.DB.In(scope).Sites(ctx)
		want := []store.Site{{Org: "port-of-westhaven", ID: "north-quay", Name: "North Quay", TimeZone: "Europe/Amsterdam", Jurisdiction: "NL"}}
		if d := cmp.Diff(want, sites); err != nil || d != "" {
			t.Errorf("sites (%v):\n%s", err, d)
		}
		if got, want := actions(h.entries()), []string{"access.set_up", "access.sign_in"}; !slices.Equal(got, want) {
			t.Errorf("audit log = %v, want %v", got, want)
		}
		if needs, err := h.NeedsSetUp(ctx); err != nil || needs {
			t.Errorf("NeedsSetUp afterwards = %v, %v", needs, err)
		}
		if token, _, err := h.OfferSetUp(ctx); err != nil || token != "" {
			t.Errorf("OfferSetUp afterwards = %q, %v", token, err)
		}
		_, err = h.SetUp(ctx, token, firstRun, from("10.0.0.1"))
		wantKind(t, "SetUp afterwards", err, harbour.ErrConflict)
		if strings.Contains(fmt.Sprint(h.entries())+h.log.String(), adminPassword) {
			t.Error("a password stands in the audit log or the program's log")
		}
	})
}

func TestSetUpToken(t *testing.T) {
	h, ctx := openHouse(t, t.TempDir()+"/test.db"), t.Context()
	other, _ := secret.NewLetters()
	_, err := h.SetUp(ctx, other, firstRun, from("10.0.0.1"))
	wantKind(t, "SetUp before a token was offered", err, harbour.ErrUnauthenticated)
	_, err = h.SetUp(ctx, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", firstRun, from("10.0.0.1"))
	wantKind(t, "SetUp with a guess", err, harbour.ErrUnauthenticated)

	token, _, _ := h.OfferSetUp(ctx)
	h.pass(access.SetUpFor)
	_, err = h.SetUp(ctx, token, firstRun, from("10.0.0.1"))
	wantKind(t, "SetUp with an expired token", err, harbour.ErrUnauthenticated)

	token, _, _ = h.OfferSetUp(ctx)
	for range 50 {
		_, err := h.SetUp(ctx, token[1:], firstRun, from("10.0.0.1"))
		wantKind(t, "SetUp with a slip", err, harbour.ErrInvalid)
	}
	for range 20 {
		other, _ := secret.NewLetters()
		_, err := h.SetUp(ctx, other, firstRun, from("10.0.0.1"))
		wantKind(t, "SetUp with a wrong token", err, harbour.ErrUnauthenticated)
	}
	_, err = h.SetUp(ctx, token, firstRun, from("10.0.0.1"))
	wantKind(t, "SetUp after too many wrong tokens", err, harbour.ErrUnauthenticated)

	token, _, _ = h.OfferSetUp(ctx)
	var done, late int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			_, err := h.SetUp(ctx, token, firstRun, from("10.0.0.1"))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				done++
			case harbour.KindOf(err) == harbour.ErrConflict, harbour.KindOf(err) == harbour.ErrUnauthenticated:
				late++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if done != 1 || late != 3 {
		t.Errorf("of four set-ups at once %d passed and %d came late, want 1 and 3", done, late)
	}
}

func TestSetUpAnswers(t *testing.T) {
	h, ctx := openHouse(t, t.TempDir()+"/test.db"), t.Context()
	token, _, _ := h.OfferSetUp(ctx)
	for name, change := range map[string]func(*access.FirstRun){
		"no organisation":    func(f *access.FirstRun) { f.Organisation = " " },
		"no letters":         func(f *access.FirstRun) { f.Organisation = "港" },
		"long name":          func(f *access.FirstRun) { f.Site = strings.Repeat("q", 201) },
		"line in name":       func(f *access.FirstRun) { f.Name = "Ada\nMarsh" },
		"bad id":             func(f *access.FirstRun) { f.OrganisationID = "*" },
		"no time zone":       func(f *access.FirstRun) { f.TimeZone = "" },
		"own time zone":      func(f *access.FirstRun) { f.TimeZone = "Local" },
		"path as time zone":  func(f *access.FirstRun) { f.TimeZone = "../../etc/passwd" },
		"unknown time zone":  func(f *access.FirstRun) { f.TimeZone = "Mars/Olympus" },
		"jurisdiction":       func(f *access.FirstRun) { f.Jurisdiction = "Holland" },
		"login":              func(f *access.FirstRun) { f.Login = "ада" },
		"e-mail":             func(f *access.FirstRun) { f.Email = "Ada <ada@x.example>" },
		"short password":     func(f *access.FirstRun) { f.Password = "tugboat" },
		"password is port":   func(f *access.FirstRun) { f.Password = "portofwesthaven1" },
		"password is person": func(f *access.FirstRun) { f.Password = "ada marsh ada marsh" },
	} {
		f := firstRun
		change(&f)
		_, err := h.SetUp(ctx, token, f, from("10.0.0.1"))
		wantKind(t, name, err, harbour.ErrInvalid)
		if harbour.HintOf(err) == "" {
			t.Errorf("%s: %v has no hint", name, err)
		}
	}
	if n, err := h.core.DB.CountPeople(ctx); n != 0 || err != nil {
		t.Errorf("%d people after refused answers (%v)", n, err)
	}
}

func TestSignIn(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		h, ctx := openHouse(t, url, realHasher), t.Context()
		h.setUp()
		in, err := h.SignIn(ctx, " ADA ", adminPassword, from("10.0.0.2"))
		if err != nil || in.Next != nil || in.Device == "" || in.Until != h.clock().Add(12*time.Hour) {
			t.Fatalf("SignIn = %+v, %v", in, err)
		}
		a := h.actor(in.Cookie)
		if a.Via != "session" || a.BreakGlass || a.Address != "10.0.0.1" || a.ProvedAt != h.core.Now() {
			t.Errorf("actor = %+v", a)
		}
		list, err := h.Sessions(ctx, a)
		if err != nil || len(list) != 2 || !slices.ContainsFunc(list, func(s access.Session) bool { return s.Current && s.Address == "10.0.0.2" && s.Agent == "Test/1.0" }) {
			t.Errorf("Sessions = %+v, %v", list, err)
		}
		if err := h.SignOut(ctx, a); err != nil {
			t.Fatal(err)
		}
		_, err = h.Authenticate(ctx, in.Cookie, from("10.0.0.2"))
		wantKind(t, "Authenticate after signing out", err, harbour.ErrUnauthenticated)
		if got := actions(h.entries()); got[len(got)-1] != "access.sign_out" {
			t.Errorf("audit log = %v", got)
		}
	})
}

// TestSameAnswer wants nothing of an answer to tell who is known.
func TestSameAnswer(t *testing.T) {
	h, _ := newHouse(t)
	ctx := t.Context()
	h.add(store.Person{ID: "p-gone", Login: "gone", Name: "Gone", State: "suspended"}, adminPassword)
	h.add(store.Person{ID: "p-none", Login: "none", Name: "No password", State: "active"}, "")
	h.add(store.Person{ID: "p-bad", Login: "bad", Name: "Damaged", State: "active"}, "\x00stored")
	var texts []string
	for name, try := range map[string][2]string{
		"wrong password": {"ada", "something else entirely"}, "nobody": {"nobody", adminPassword}, "suspended": {"gone", adminPassword},
		"no password": {"none", adminPassword}, "damaged": {"bad", adminPassword}, "empty": {"", ""}, "empty password": {"ada", ""}, "long": {strings.Repeat("x", 1<<16), strings.Repeat("y", 1<<16)},
	} {
		before, work := len(h.entries()), h.quick.work.Load()
		in, err := h.SignIn(ctx, try[0], try[1], from("10.0.0.9"))
		if work = h.quick.work.Load() - work; work != 1 {
			t.Errorf("%s: %d passwords were hashed, want 1 like all others", name, work)
		}
		wantKind(t, name, err, harbour.ErrUnauthenticated)
		if err != nil {
			texts = append(texts, err.Error()+harbour.HintOf(err))
		}
		if in != nil {
			t.Errorf("%s: signed in as %+v", name, in)
		}
		if got := len(h.entries()) - before; got != 1 {
			t.Errorf("%s: %d entries in the audit log, want 1 like all others", name, got)
		}
	}
	slices.Sort(texts)
	if texts = slices.Compact(texts); len(texts) != 1 {
		t.Errorf("answers differ: %q", texts)
	}
	if e := fmt.Sprint(h.entries()); strings.Contains(e, "nobody") || strings.Contains(e, "xxxx") || strings.Contains(h.log.String(), "nobody") {
		t.Error("what was typed as a name is kept; people type passwords there")
	}
}

// add puts a person into the database as it is, for states that the use cases do not lead to in one step.
func (h *house) add(p store.Person, pw string, grants ...store.Grant) {
	h.t.Helper()
	err := h.core.DB.Write(h.t.Context(), store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		if err := tx.PutPerson(ctx, p); err != nil {
			return err
		}
		if err := tx.PutGrants(ctx, p.ID, "local", grants); err != nil || pw == "" {
			return err
		}
		hash := strings.TrimPrefix(pw, "\x00")
		if hash == pw {
			var err error
			if hash, err = h.hasher.Hash(ctx, pw); err != nil {
				return err
			}
		}
		return tx.AddCredential(ctx, store.Credential{ID: app.NewID("c-"), Person: p.ID, Kind: "password", Secret: []byte(hash)})
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestGuessing(t *testing.T) {
	h, _ := newHouse(t)
	ctx := t.Context()
	in, err := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.3"))
	if err != nil {
		t.Fatal(err)
	}
	tries := 0
	for i := range 60 {
		r := from("192.0.2.1")
		r.Address = netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
		_, err := h.SignIn(ctx, "ada", "guess "+fmt.Sprint(i), r)
		if harbour.KindOf(err) == harbour.ErrTooMany {
			h.pass(time.Hour)
			_, err = h.SignIn(ctx, "ada", "guess "+fmt.Sprint(i), r)
		}
		wantKind(t, "guess", err, harbour.ErrUnauthenticated)
		tries++
	}
	if got, want := h.raised(), []string{"guessing"}; !slices.Equal(got, want) {
		t.Errorf("alarms = %v, want %v", got, want)
	}
	if !slices.ContainsFunc(h.entries(), func(e store.Entry) bool {
		return e.Action == "access.alarm" && strings.HasPrefix(e.Reason, "guessing: ")
	}) {
		t.Error("the alarm is not in the audit log")
	}
	_, err = h.SignIn(ctx, "ada", adminPassword, from("198.51.100.7"))
	wantKind(t, "SignIn of the person from a strange device at once", err, harbour.ErrTooMany)
	known := from("198.51.100.7")
	known.Device = in.Device
	if _, err := h.SignIn(ctx, "ada", adminPassword, known); err != nil {
		t.Errorf("SignIn from a device seen before, while others guess: %v", err)
	}
	// Another person's device cookie is worth nothing.
	h.add(store.Person{ID: "p-eve", Login: "eve", Name: "Eve", State: "active"}, "three lamps over the lock")
	eve, err := h.SignIn(ctx, "eve", "three lamps over the lock", from("198.51.100.8"))
	if err != nil {
		t.Fatal(err)
	}
	strange := from("198.51.100.8")
	strange.Device = eve.Device
	_, err = h.SignIn(ctx, "ada", adminPassword, strange)
	wantKind(t, "SignIn with another person's device", err, harbour.ErrTooMany)
	h.pass(time.Hour)
	if _, err := h.SignIn(ctx, "ada", adminPassword, from("198.51.100.7")); err != nil {
		t.Errorf("SignIn an hour later: %v", err)
	}
}

// TestFlood wants failures beyond a pace counted, not each kept.
func TestFlood(t *testing.T) {
	h, _ := newHouse(t)
	before := len(h.entries())
	for i := range 100 {
		r := from("192.0.2.1")
		r.Address = netip.AddrFrom4([4]byte{192, 0, byte(3 + i/200), byte(i)})
		h.SignIn(t.Context(), "invented"+fmt.Sprint(i), "x", r)
	}
	if got := len(h.entries()) - before; got != 60 {
		t.Errorf("%d entries after 100 failures within an instant, want 60", got)
	}
	h.pass(time.Minute)
	h.SignIn(t.Context(), "invented", "x", from("192.0.9.9"))
	list := h.entries()
	if got, want := list[len(list)-1].Reason, "password; 40 more failures before it are in the program's log alone"; got != want {
		t.Errorf("reason = %q, want %q", got, want)
	}
}

func TestSessionEnds(t *testing.T) {
	h, _ := newHouse(t)
	ctx := t.Context()
	begin := func() string {
		t.Helper()
		in, err := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		return in.Cookie
	}
	good := func(cookie string, quiet bool) bool {
		r := from("10.0.0.1")
		r.Quiet = quiet
		_, err := h.Authenticate(ctx, cookie, r)
		if err != nil {
			wantKind(t, "Authenticate", err, harbour.ErrUnauthenticated)
		}
		return err == nil
	}
	idle := begin()
	h.pass(59 * time.Minute)
	if !good(idle, true) {
		t.Error("a session ended within its idle time")
	}
	h.pass(2 * time.Minute)
	if good(idle, false) {
		t.Error("a session that only its page kept asking for outlived its idle time")
	}
	used := begin()
	for range 14 {
		h.pass(50 * time.Minute)
		if !good(used, false) {
			t.Fatal("a session in use ended")
		}
	}
	h.pass(20 * time.Minute)
	if good(used, false) {
		t.Error("a session in use outlived its twelve hours")
	}
	if err := h.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", used[:len(used)-1], strings.Repeat("A", 43), "bw_" + strings.Repeat("A", 46), "bw_"} {
		if good(bad, false) {
			t.Errorf("Authenticate(%q) passed", bad)
		}
	}
}

func TestOwnSessions(t *testing.T) {
	h, admin := newHouse(t)
	ctx := t.Context()
	h.add(store.Person{ID: "p-eve", Login: "eve", Name: "Eve", State: "active"}, "three lamps over the lock")
	eve, err := h.SignIn(ctx, "eve", "three lamps over the lock", from("10.0.0.4"))
	if err != nil {
		t.Fatal(err)
	}
	e := h.actor(eve.Cookie)
	wantKind(t, "EndSession of another person", h.EndSession(ctx, e, admin.Session), harbour.ErrNotFound)
	wantKind(t, "EndSession of none", h.EndSession(ctx, e, ""), harbour.ErrNotFound)
	for range 3 {
		if _, err := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.1")); err != nil {
			t.Fatal(err)
		}
	}
	list, _ := h.Sessions(ctx, admin)
	if len(list) != 4 {
		t.Fatalf("%d sessions, want 4", len(list))
	}
	for _, s := range list {
		if !s.Current {
			if err := h.EndSession(ctx, admin, s.ID); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if err := h.EndOtherSessions(ctx, admin); err != nil {
		t.Fatal(err)
	}
	list, _ = h.Sessions(ctx, admin)
	if len(list) != 1 || !list[0].Current {
		t.Errorf("sessions = %+v, want the present one", list)
	}
	h.actor(eve.Cookie) // is still there
	_, err = h.Sessions(ctx, nil)
	wantKind(t, "Sessions of nobody", err, harbour.ErrUnauthenticated)
	_, err = h.Sessions(ctx, app.System("test"))
	wantKind(t, "Sessions of the system", err, harbour.ErrDenied)
	for range 60 {
		if _, err := h.SignIn(ctx, "ada", adminPassword, from("10.0.0.1")); err != nil {
			t.Fatal(err)
		}
	}
	rows, _ := h.core.DB.Sessions(ctx, admin.Person)
	devices, _ := h.core.DB.Credentials(ctx, admin.Person, "device")
	if len(rows) != 10 || len(devices) != 20 {
		t.Errorf("%d sessions and %d devices are kept, want 10 and 20", len(rows), len(devices))
	}
}

func TestProve(t *testing.T) {
	h, admin := newHouse(t)
	ctx := t.Context()
	cookie := h.again(admin)
	a := h.actor(cookie)
	if _, err := a.Scope(app.ManagePeople, "port-of-westhaven"); err != nil {
		t.Fatalf("dangerous act just after signing in: %v", err)
	}
	h.pass(11 * time.Minute)
	a = h.actor(cookie)
	_, err := a.Scope(app.ManagePeople, "port-of-westhaven")
	wantKind(t, "dangerous act later", err, harbour.ErrStepUp)
	wantKind(t, "Prove with a wrong password", second(h.Prove(ctx, a, "no", from("10.0.0.1"))), harbour.ErrUnauthenticated)
	renewed, err := h.Prove(ctx, a, adminPassword, from("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	// The session goes on under another secret; the one before opens nothing.
	_, err = h.Authenticate(ctx, cookie, from("10.0.0.1"))
	wantKind(t, "the secret before the proof", err, harbour.ErrUnauthenticated)
	if b := h.actor(renewed.Cookie); b.Session != a.Session || renewed.Cookie == cookie {
		t.Errorf("the session after the proof is %s, want %s", b.Session, a.Session)
	}
	if left := renewed.Until.Sub(h.core.Clock()); left <= 0 || left > 12*time.Hour-10*time.Minute {
		t.Errorf("the new secret is kept for %s, want what was left of twelve hours", left)
	}
	if _, err := h.actor(renewed.Cookie).Scope(app.ManagePeople, "port-of-westhaven"); err != nil {
		t.Errorf("dangerous act after the proof: %v", err)
	}
	for range 20 {
		_, err = h.Prove(ctx, a, "no", from("10.0.0.1"))
	}
	wantKind(t, "Prove after many failures", err, harbour.ErrTooMany)
	if err := h.SignOut(ctx, a); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Hour)
	wantKind(t, "Prove after signing out", second(h.Prove(ctx, a, adminPassword, from("10.0.0.1"))), harbour.ErrUnauthenticated)
	wantKind(t, "Prove of nobody", second(h.Prove(ctx, nil, adminPassword, from("10.0.0.1"))), harbour.ErrUnauthenticated)
}

// again signs the first administrator in once more.
func (h *house) again(*app.Actor) string {
	h.t.Helper()
	in, err := h.SignIn(h.t.Context(), "ada", adminPassword, from("10.0.0.1"))
	if err != nil {
		h.t.Fatal(err)
	}
	return in.Cookie
}

func TestChangePassword(t *testing.T) {
	h, admin := newHouse(t)
	ctx := t.Context()
	other := h.again(admin)
	const fresh = "nine grey herons on the mole"
	r := from("10.0.0.1")
	wantKind(t, "ChangePassword with a wrong one", h.ChangePassword(ctx, admin, "no", fresh, r), harbour.ErrUnauthenticated)
	wantKind(t, "ChangePassword to a short one", h.ChangePassword(ctx, admin, adminPassword, "tug", r), harbour.ErrInvalid)
	wantKind(t, "ChangePassword to the port's name", h.ChangePassword(ctx, admin, adminPassword, "Port of Westhaven 2026", r), harbour.ErrInvalid)
	h.actor(other)
	if err := h.ChangePassword(ctx, admin, adminPassword, fresh, r); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Sessions(ctx, admin); err != nil {
		t.Error(err)
	}
	_, err := h.Authenticate(ctx, other, r)
	wantKind(t, "Authenticate with another session", err, harbour.ErrUnauthenticated)
	_, err = h.SignIn(ctx, "ada", adminPassword, r)
	wantKind(t, "SignIn with the old password", err, harbour.ErrUnauthenticated)
	if _, err := h.SignIn(ctx, "ada", fresh, r); err != nil {
		t.Error(err)
	}
}

// TestSessionsAtOnce signs somebody in again and again: ten sessions last, the one unused for longest ends, and one that is
// used stays.
func TestSessionsAtOnce(t *testing.T) {
	h, admin := newHouse(t)
	first := h.again(admin)
	var all []string
	for range 9 {
		h.pass(2 * time.Minute)
		h.actor(first) // it is used
		all = append(all, h.again(admin))
	}
	list, err := h.Sessions(t.Context(), h.actor(first))
	if err != nil || len(list) != 10 {
		t.Fatalf("%d sessions, %v; want ten", len(list), err)
	}
	h.pass(2 * time.Minute)
	h.actor(first)
	h.again(admin)
	if list, err = h.Sessions(t.Context(), h.actor(first)); err != nil || len(list) != 10 {
		t.Errorf("%d sessions after the eleventh, %v; want ten", len(list), err)
	}
	_, err = h.Authenticate(t.Context(), all[0], from("10.0.0.1"))
	wantKind(t, "the one unused for longest", err, harbour.ErrUnauthenticated)
	h.actor(all[1])
}
