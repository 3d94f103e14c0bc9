// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/access/password"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
)

func TestMain(m *testing.M) { testpostgres.Main(m) }

// house is a port with its doors: a database, a clock that stands still until it is moved, and the alarms raised.
type house struct {
	*access.Access
	t      testing.TB
	core   *app.Core
	mu     sync.Mutex
	now    time.Time
	alerts []access.Alert
	log    strings.Builder
	quick  quick
	hasher access.Hasher
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	_ = h.Settle()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) raised() (kinds []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.alerts {
		kinds = append(kinds, a.Kind)
	}
	return kinds
}

// logged collects what the program logs.
type logged struct{ h *house }

func (l logged) Write(b []byte) (int, error) {
	l.h.mu.Lock()
	defer l.h.mu.Unlock()
	return l.h.log.Write(b)
}

// quick stands in for a hasher where a test makes hundreds of attempts, and counts the work.
type quick struct{ work atomic.Int64 }

func (q *quick) Hash(_ context.Context, pw string) (string, error) {
	q.work.Add(1)
	return "quick " + strconv.Itoa(len(pw)) + " " + hex.EncodeToString([]byte(pw)), nil
}

func (q *quick) Verify(ctx context.Context, stored, pw string) (ok, rehash bool, err error) {
	if !strings.HasPrefix(stored, "quick ") {
		return false, false, &harbour.Error{Kind: harbour.ErrInternal, Op: "check password", Message: "the stored password cannot be used"}
	}
	hash, _ := q.Hash(ctx, pw)
	return hash == stored, false, nil
}

func (q *quick) Pretend(ctx context.Context, pw string) error {
	_, err := q.Hash(ctx, pw)
	return err
}

// realHasher is the least that is accepted of the real one.
func realHasher(o *access.Options) {
	h, err := password.NewHasher(password.Options{MemoryKiB: 19 * 1024, Passes: 2})
	if err != nil {
		panic(err)
	}
	o.Hasher = h
}

func openHouse(t testing.TB, url string, change ...func(*access.Options)) *house {
	t.Helper()
	h := &house{t: t, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	db, err := store.Open(t.Context(), store.Options{URL: url, Clock: h.clock, Signer: storetest.Key, Origin: "breakwater/test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	h.core = &app.Core{DB: db, Log: slog.New(slog.NewTextHandler(logged{h}, nil)), Clock: h.clock, Version: "test"}
	o := access.Options{Hasher: &h.quick, Alarm: func(_ context.Context, a access.Alert) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.alerts = append(h.alerts, a)
	}}
	for _, c := range change {
		c(&o)
	}
	h.hasher = o.Hasher
	if h.Access, err = access.New(h.core, o); err != nil {
		t.Fatal(err)
	}
	return h
}

// newHouse is a house whose first set-up is done; admin is signed in as the administrator of it all.
func newHouse(t testing.TB, change ...func(*access.Options)) (h *house, admin *app.Actor) {
	t.Helper()
	h = openHouse(t, t.TempDir()+"/test.db", change...)
	in := h.setUp()
	return h, h.actor(in.Cookie)
}

const adminPassword = "seven slow tugs at low water"

var firstRun = access.FirstRun{
	Organisation: "Port of Westhaven", Site: "North Quay", TimeZone: "Europe/Amsterdam", Jurisdiction: "NL",
	Login: "Ada", Name: "Ada Marsh", Email: "ada@westhaven.example", Password: adminPassword,
}

func (h *house) setUp() *access.SignedIn {
	h.t.Helper()
	token, _, err := h.OfferSetUp(h.t.Context())
	if err != nil || token == "" {
		h.t.Fatalf("OfferSetUp = %q, %v", token, err)
	}
	in, err := h.SetUp(h.t.Context(), token, firstRun, from("10.0.0.1"))
	if err != nil {
		h.t.Fatal(err)
	}
	return in
}

func (h *house) actor(cookie string) *app.Actor {
	h.t.Helper()
	a, err := h.Authenticate(h.t.Context(), cookie, from("10.0.0.1"))
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

func from(address string) access.RequestInfo {
	return access.RequestInfo{Address: netip.MustParseAddr(address), Agent: "Test/1.0", Request: "r-1"}
}

// entries lists the audit log, oldest first.
func (h *house) entries() (list []store.Entry) {
	h.t.Helper()
	var records [][]byte
	err := h.core.DB.Read(h.t.Context(), func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT record FROM audit ORDER BY seq").Scan(ctx, &records)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range records {
		var e store.Entry
		if err := json.Unmarshal(r, &e); err != nil {
			h.t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

func actions(list []store.Entry) (s []string) {
	for _, e := range list {
		s = append(s, e.Action)
	}
	return s
}

func wantKind(t testing.TB, what string, err error, want harbour.ErrorKind) {
	t.Helper()
	if err == nil || harbour.KindOf(err) != want {
		t.Errorf("%s = %v, want an error of kind %v", what, err, want)
	}
}
