// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

func all(target string) Settings {
	return Settings{Kind: Webhook, Name: "receiver", Target: target, Events: []string{"*"}}
}

func TestWebhook(t *testing.T) {
	p := newPort(t)
	h := p.hook(true)
	id, secret := p.add(all(h.URL+"/in"), "")
	p.publish("skerry", finding("f-1", harbour.SeverityHigh, "A login in the clear"))
	p.publish("holm", finding("f-9", harbour.SeverityHigh, "Of others"))
	p.follow()
	p.deliver()
	if h.count() != 2 {
		t.Fatalf("%d requests, want 2: the state and its finding", h.count())
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) != 32 {
		t.Fatalf("the secret is %q", secret)
	}
	types := map[string]bool{}
	for i, r := range h.got {
		m := hmac.New(sha256.New, key)
		fmt.Fprintf(m, "%s.%s.%s", r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"), h.bodies[i])
		if want := "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil)); r.Header.Get("webhook-signature") != want {
			t.Errorf("signature %s, want %s", r.Header.Get("webhook-signature"), want)
		}
		if r.Header.Get("webhook-timestamp") != fmt.Sprint(p.clock().Unix()) || r.Method != "POST" || r.URL.Path != "/in" || r.Header.Get("User-Agent") != "Breakwater/1.2.3" {
			t.Errorf("the request is %s %s with %v", r.Method, r.URL, r.Header)
		}
		var v struct {
			Type, Organisation string
			Timestamp          time.Time
			Data               map[string]any
		}
		if err := json.Unmarshal(h.bodies[i], &v); err != nil || v.Organisation != "skerry" || v.Timestamp.IsZero() {
			t.Errorf("the body is %s: %v", h.bodies[i], err)
		}
		types[v.Type] = true
	}
	if !types[EventPublished] || !types[EventFindingNew] {
		t.Errorf("types %v", types)
	}
	v := p.outlet(id)
	if v.Waiting != 0 || v.SentAt == 0 || v.Failures != 0 {
		t.Errorf("afterwards the outlet is %+v", v)
	}
	if err := p.Test(t.Context(), p.admin("skerry"), "skerry", id); err != nil || h.count() != 3 {
		t.Errorf("a test: %v, %d requests", err, h.count())
	}
	// With a new secret the old one is worth nothing.
	fresh, err := p.Renew(t.Context(), p.admin("skerry"), "skerry", id)
	if err != nil || fresh == secret {
		t.Errorf("renewing: %v", err)
	}
}

func TestEventsOnce(t *testing.T) {
	p := newPort(t)
	h := p.hook(true)
	p.add(all(h.URL), "")
	p.publish("skerry", finding("f-1", harbour.SeverityHigh, "one"), finding("f-2", harbour.SeverityLow, "two"))
	p.publish("skerry", finding("f-2", harbour.SeverityLow, "two"), finding("f-3", harbour.SeverityInfo, "three"))
	p.write(func(ctx context.Context, tx *store.Tx) error {
		for _, e := range []store.Entry{
			{Org: "skerry", Action: string(app.DecideFindings), ObjectKind: "finding", Object: "f-2", Actor: "p-1", ActorName: "Bo", Reason: "mended", After: app.State(map[string]string{"status": "resolved"})},
			{Org: "skerry", Action: string(app.DecideFindings), ObjectKind: "finding", Object: "f-gone", Actor: "p-1"},
			{Org: "skerry", Action: string(app.ImportEvidence), ObjectKind: "evidence", Object: "e-1", ObjectName: "x.pcap", Reason: "read", After: app.State(map[string]any{"state": "unreadable", "detail": "cut"})},
			{Org: "skerry", Action: string(app.ImportEvidence), ObjectKind: "evidence", Object: "e-2", Reason: "read", After: app.State(map[string]any{"state": "read"})},
			{Org: "skerry", Action: string(app.EditAssets), ObjectKind: "asset", Object: "a-1"},
			{Org: "", Action: "access.break_glass", ObjectKind: "person", Object: "p-2", Actor: "p-2", ActorName: "Emergency", Reason: "directory down"},
			{Org: "holm", Action: string(app.DecideFindings), ObjectKind: "finding", Object: "f-9"},
		} {
			if err := tx.Audit(ctx, e); err != nil {
				return err
			}
		}
		if err := tx.AddJob(ctx, store.Job{Org: "skerry", ID: "j-1", Kind: "read", Title: "Read x"}); err != nil {
			return err
		}
		return tx.AddJob(ctx, store.Job{Org: "skerry", ID: "j-2", Kind: "read", Title: "Read y"})
	})
	p.later(time.Second)
	p.write(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.EndJob(ctx, &store.Job{Org: "skerry", ID: "j-2", State: store.JobDone}); err != nil {
			return err
		}
		return tx.EndJob(ctx, &store.Job{Org: "skerry", ID: "j-1", State: store.JobFailed, Message: "no room"})
	})
	p.follow()
	p.restart()
	p.follow()
	p.deliver()
	p.follow()
	p.deliver()
	count := map[string]int{}
	ids := map[string]bool{}
	for i, b := range h.bodies {
		var v struct{ Type string }
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		count[v.Type]++
		ids[h.got[i].Header.Get("webhook-id")] = true
	}
	for kind, want := range map[string]int{
		EventPublished: 2, EventFindingNew: 3, EventFindingGone: 1, EventFindingChanged: 2, EventUnreadable: 1, EventJobFailed: 1, EventBreakGlass: 1,
	} {
		if count[kind] != want {
			t.Errorf("%d events %s, want %d", count[kind], kind, want)
		}
	}
	if len(ids) != len(h.got) {
		t.Errorf("%d requests with %d ids", len(h.got), len(ids))
	}
}

func TestWants(t *testing.T) {
	p := newPort(t)
	h := p.hook(true)
	s := all(h.URL)
	s.Events, s.Severity = []string{EventFindingNew}, harbour.SeverityHigh
	p.add(s, "")
	s.Name, s.Paused = "paused", true
	p.add(s, "")
	p.publish("skerry", finding("f-1", harbour.SeverityCritical, "a"), finding("f-2", harbour.SeverityMedium, "b"), finding("f-3", harbour.SeverityHigh, "c"))
	p.follow()
	p.deliver()
	if h.count() != 2 {
		t.Errorf("%d requests, want those of f-1 and f-3", h.count())
	}
	// Many findings at once: the worst of them, and how many there are.
	var many []*harbour.Finding
	for i := range MaxFindingEvents + 50 {
		many = append(many, finding(fmt.Sprintf("g-%03d", i), harbour.SeverityHigh, "many"))
	}
	p.publish("skerry", many...)
	p.follow()
	p.deliver()
	p.deliver()
	if got := h.count() - 2; got != MaxFindingEvents {
		t.Errorf("%d events of %d findings, want %d", got, len(many), MaxFindingEvents)
	}
}

func TestRetries(t *testing.T) {
	p := newPort(t)
	h := p.hook(true)
	id, _ := p.add(all(h.URL), "")
	event := func() {
		p.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.Audit(ctx, store.Entry{Org: "skerry", Action: string(app.DecideFindings), ObjectKind: "finding", Object: "f-1"})
		})
		p.follow()
	}
	h.answer(500)
	event()
	event()
	p.deliver()
	p.deliver()
	if v := p.outlet(id); h.count() != 1 || v.Failures != 1 || v.Waiting != 2 || v.LastError != "the receiver answered with status 500" {
		t.Errorf("after a failure: %d requests, %+v", h.count(), v)
	}
	// The program is stopped and started: what waits is sent.
	p.later(10 * time.Second)
	p.restart()
	h.answer(204)
	p.deliver()
	if v := p.outlet(id); h.count() != 3 || v.Failures != 0 || v.FailingSince != 0 || v.Waiting != 0 {
		t.Errorf("after it came back: %d requests, %+v", h.count(), v)
	}
	if h.got[0].Header.Get("webhook-id") != h.got[1].Header.Get("webhook-id") {
		t.Error("the same event came with another id")
	}
	// The receiver says when.
	h.answer(503, "Retry-After", "3600")
	event()
	p.deliver()
	p.later(30 * time.Minute)
	before := h.count()
	if p.deliver(); h.count() != before {
		t.Error("it came before the receiver wanted it")
	}
	p.later(31 * time.Minute)
	if p.deliver(); h.count() != before+1 {
		t.Error("it did not come when the receiver wanted it")
	}
	// Days of failures.
	h.answer(500)
	for range 20 {
		p.later(9 * time.Hour)
		p.deliver()
	}
	v := p.outlet(id)
	if v.State != store.OutletDisabled || !strings.Contains(v.Reason, "status 500") {
		t.Errorf("after days of failures: %+v", v)
	}
	log, _ := p.core.DB.In(store.WholeOrganisation("skerry")).Audit(t.Context(), store.AuditFilter{ObjectKind: "outlet"})
	if len(log) != 2 || log[0].Actor != "system" || log[0].Reason != v.Reason {
		t.Errorf("the log has %+v", log)
	}
	// Saved again it is tried again.
	h.answer(204)
	if err := p.Change(t.Context(), p.admin("skerry"), "skerry", id, all(h.URL), "", v.Version, false); err != nil {
		t.Fatal(err)
	}
	p.deliver()
	if v := p.outlet(id); v.State != store.OutletActive || v.Waiting != 0 || v.Reason != "" {
		t.Errorf("saved again: %+v", v)
	}
	// What waits for a week is given up.
	h.answer(500)
	event()
	p.later(giveUpAfter + time.Hour)
	p.sweep(t.Context())
	if v := p.outlet(id); v.Waiting != 0 || v.Dropped != 1 {
		t.Errorf("after a week: %+v", v)
	}
}

// TestReachedBetween counts the days of failures from the last event that arrived.
func TestReachedBetween(t *testing.T) {
	p := newPort(t)
	h := p.hook(true)
	id, _ := p.add(all(h.URL), "")
	p.write(func(ctx context.Context, tx *store.Tx) error {
		for range 25 { // more than one batch
			if err := tx.Audit(ctx, store.Entry{Org: "skerry", Action: "x", ObjectKind: "finding", Object: "f-1"}); err != nil {
				return err
			}
		}
		return nil
	})
	p.follow()
	h.answer(500)
	p.deliver()
	p.later(disableAfter + time.Hour)
	h.answer(204)
	h.fail = 22 // after a batch that arrived
	p.deliver()
	if v := p.outlet(id); v.State != store.OutletActive || v.Waiting != 5 || v.Failures != 1 {
		t.Errorf("reached meanwhile: %+v, want it active", v)
	}
}

func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		status  int
		header  []string
		state   string
		waiting int
		dropped int64
		rounds  int
		say     string
	}{
		"200":         {status: 200, state: "active", rounds: 1},
		"redirect":    {status: 302, header: []string{"Location", "https://127.0.0.1:1/"}, state: "active", waiting: 1, rounds: 1, say: "redirects are not followed"},
		"gone":        {status: 410, state: "disabled", waiting: 1, rounds: 1, say: "410"},
		"refused":     {status: 422, state: "active", dropped: 1, rounds: 3, say: "422"},
		"not allowed": {status: 401, state: "active", waiting: 1, rounds: 4, say: "401"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPort(t)
			h := p.hook(true)
			id, _ := p.add(all(h.URL), "")
			p.write(func(ctx context.Context, tx *store.Tx) error {
				return tx.Audit(ctx, store.Entry{Org: "skerry", Action: "x", ObjectKind: "finding", Object: "f-1"})
			})
			p.follow()
			h.answer(test.status, test.header...)
			for range test.rounds {
				p.deliver()
				p.later(9 * time.Hour)
			}
			v := p.outlet(id)
			if v.State != test.state || v.Waiting != test.waiting || v.Dropped != test.dropped || !strings.Contains(v.LastError+v.Reason, test.say) || h.count() != test.rounds {
				t.Errorf("%d requests, %+v", h.count(), v)
			}
		})
	}
}

func TestGuard(t *testing.T) {
	p := newPort(t)
	secure, plain := p.hook(true), p.hook(false)
	local := strings.Replace(plain.URL, "127.0.0.1", "localhost", 1)
	id, _ := p.add(all(secure.URL), "")
	try := func(target string) error {
		t.Helper()
		v := p.outlet(id)
		if err := p.Change(t.Context(), p.admin("skerry"), "skerry", id, all(target), "", v.Version, false); err != nil {
			t.Fatal(err)
		}
		return p.Test(t.Context(), p.admin("skerry"), "skerry", id)
	}
	for _, target := range []string{secure.URL, plain.URL, local} {
		if err := try(target); err != nil {
			t.Errorf("%s, which is allowed: %v", target, err)
		}
	}
	if err := p.Allow(t.Context(), app.System("test"), nil); err != nil {
		t.Fatal(err)
	}
	before := secure.count() + plain.count()
	for _, target := range []string{secure.URL, plain.URL, local, "https://[::1]/", "https://[::ffff:127.0.0.1]/", "http://0.0.0.0:80/", "https://169.254.169.254/latest/meta-data", "https://10.1.2.3/", "http://127.1/", "https://2130706433/"} {
		err := try(target)
		if harbour.KindOf(err) != harbour.ErrUnavailable {
			t.Errorf("%s, which is not allowed: %v", target, err)
		}
	}
	if got := secure.count() + plain.count(); got != before {
		t.Errorf("%d requests reached a receiver that is not allowed", got-before)
	}
	g := &guard{allowed: prefixes("10.5.0.0/16")}
	for a, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "10.5.1.1": true, "::ffff:10.5.1.1": true,
		"10.6.1.1": false, "127.0.0.1": false, "::1": false, "0.0.0.0": false, "::": false, "169.254.169.254": false, "172.31.255.255": false, "192.168.1.1": false, "100.64.0.1": false,
		"224.0.0.1": false, "255.255.255.255": false, "fe80::1%eth0": false, "fd00::1": false, "ff02::1": false, "::ffff:192.168.1.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false, "2001:db8::1": false,
	} {
		if err := g.admit(netip.MustParseAddr(a), false); (err == nil) != want {
			t.Errorf("%s: %v, want allowed %v", a, err, want)
		}
	}
	if g.admit(netip.MustParseAddr("93.184.216.34"), true) == nil {
		t.Error("something would be sent over the internet without TLS")
	}
	if g.admit(netip.MustParseAddr("10.5.0.1"), true) != nil {
		t.Error("an allowed network is not reached without TLS")
	}
	for _, bad := range []string{"0.0.0.0/0", "::/0", "10.0.0.0/7"} {
		if err := p.Allow(t.Context(), app.System("test"), prefixes(bad)); harbour.KindOf(err) != harbour.ErrInvalid {
			t.Errorf("allowing %s: %v, want it refused", bad, err)
		}
	}
	if err := p.Allow(t.Context(), p.admin("skerry"), nil); harbour.KindOf(err) != harbour.ErrDenied {
		t.Errorf("an administrator of one organisation allows: %v", err)
	}
}

func TestCertificate(t *testing.T) {
	p := newPort(t)
	h := p.hook(true)
	id, _ := p.add(all(h.URL), "")
	p.opt.Roots = nil // the receiver's authority is not known
	p.Outlets = New(p.core, p.vault, p.opt)
	err := p.Test(t.Context(), p.admin("skerry"), "skerry", id)
	if err == nil || !strings.Contains(err.Error(), "certificate") || h.count() != 0 {
		t.Errorf("a receiver with an unknown certificate: %v", err)
	}
}

func TestRun(t *testing.T) {
	p := newPort(t)
	h := p.hook(true)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { p.Run(ctx); close(ended) }()
	p.add(all(h.URL), "")
	p.publish("skerry", finding("f-1", harbour.SeverityHigh, "one"))
	for h.count() < 2 {
		select {
		case <-t.Context().Done():
			t.Fatal("nothing came")
		case <-time.After(10 * time.Millisecond):
		}
	}
	stop()
	<-ended
}
