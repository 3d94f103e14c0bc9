// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/uptrace/bun"

	"breakwater/app"
	"breakwater/app/health"
	"breakwater/app/jobs"
	"breakwater/bus"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

// full makes metrics of a server that has everything, with a database in which something happened.
func full(t *testing.T) *Metrics {
	t.Helper()
	ctx := context.Background()
	var m *Metrics
	o := store.Options{URL: filepath.Join(t.TempDir(), "b.db"), Observe: &store.Observer{
		Read: func(d time.Duration) { m.ReadFor(d) }, Write: func(p store.Priority, w, d time.Duration) { m.Wrote(p, w, d) }, Audit: func(a string) { m.Audited(a) },
	}}
	m = New()
	db, err := store.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if m.src.DB != nil {
			db.Close()
		}
	})
	m.src = Sources{
		Version: "v1.2.3", Revision: "abc", DB: db,
		Vault: func() (vault.Usage, error) { return vault.Usage{Objects: 3, Bytes: 1000, Disk: 2000}, nil },
		Health: func(context.Context) health.State {
			return health.State{Ready: true, Parts: []health.Part{{Name: "database", OK: true}, {Name: "backup", OK: true, Attention: true}}, Disk: health.Disk{Free: 5, Reserve: 1, PerDay: 2, Days: 2}}
		},
		Bus: func(context.Context) bus.State {
			return bus.State{Connected: true, Refused: 2, Streams: []bus.StreamState{{Name: "jobs", Messages: 1, Receivers: []bus.ReceiverState{{Name: "jobs-read", Waiting: 1}}}}}
		},
		Jobs:   func(context.Context) (jobs.State, error) { return jobs.State{Running: 1, Outbox: 2, Dropped: 1}, nil },
		Full:   func() map[string]uint64 { return map[string]uint64{"sign_in_attempts": 4} },
		Backup: func() (health.Backup, error) { return health.Backup{At: harbour.At(time.Now().Add(-time.Hour))}, nil }, Certificate: time.Now, Backups: made{},
	}
	for _, a := range []string{"access.sign_in_failed", "access.break_glass", "assets.edit"} {
		if err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
			return tx.Audit(ctx, store.Entry{Org: "skerry", Actor: "ada", ActorName: "Ada Berg", Action: a, ObjectKind: "asset", ObjectName: "Crane 7", Address: "10.1.2.3"})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("a test")
		return tx.AddJob(ctx, store.Job{Org: "skerry", ID: "j-1", Kind: "read", Title: "Read crane7.pcap"})
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Read(ctx, func(context.Context, bun.IDB) error { return nil }); err != nil {
		t.Fatal(err)
	}
	m.Evidence(&harbour.Evidence{Path: "crane7.pcap", Kind: harbour.EvidencePacket, Records: 70, Counters: []harbour.Counter{{Name: "flows_evicted", Value: 5}, {Name: "dissector_failures", Value: 2}, {Name: "frames", Value: 70}}}, true)
	m.Evidence(&harbour.Evidence{Path: "odd.bin", Kind: "Crane 7"}, false)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /o/{org}/assets/{id}", func(w http.ResponseWriter, r *http.Request) {
		app.NoteRoute(r.Context(), "GET /o/{org}/assets/{id}")
		w.WriteHeader(http.StatusNotFound)
	})
	for _, path := range []string{"/o/skerry/assets/Crane%207", "/nowhere/Crane-7"} {
		r := httptest.NewRequest("GET", path, nil)
		m.Requests(mux).ServeHTTP(httptest.NewRecorder(), r)
	}
	m.Requests(mux).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("CRANE7", "/", nil))
	m.scrapeBad.WithLabelValues("database").Add(0)
	return m
}

func families(t *testing.T, m *Metrics) map[string]*dto.MetricFamily {
	t.Helper()
	list, err := m.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*dto.MetricFamily{}
	for _, f := range list {
		all[f.GetName()] = f
	}
	return all
}

// TestEach wants a server that has everything to send each metric that is defined, and no other.
func TestEach(t *testing.T) {
	all := families(t, full(t))
	for _, d := range definitions {
		f := all[namespace+"_"+d.name]
		absent := d.name == "audit_entries" || strings.HasPrefix(d.name, "audit_checkpoint") // nothing is signed here
		if f == nil && !absent {
			t.Errorf("%s is not sent", d.name)
		}
		if f == nil {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		want := slices.Sorted(slices.Values(d.labels))
		if !slices.Equal(labels, want) || strings.ToLower(f.GetType().String()) != d.kind || f.GetHelp() != d.words {
			t.Errorf("%s: %v %v %q, want %+v", d.name, f.GetType(), labels, f.GetHelp(), d)
		}
	}
	for name := range all {
		own := regexp.MustCompile(`^(go|process|promhttp)_`).MatchString(name)
		known := slices.ContainsFunc(definitions, func(d definition) bool { return namespace+"_"+d.name == name })
		if !own && !known {
			t.Errorf("%s is sent and not documented", name)
		}
	}
}

func TestValues(t *testing.T) {
	all := families(t, full(t))
	value := func(name string, labels ...string) float64 {
		t.Helper()
		for _, x := range all[namespace+"_"+name].GetMetric() {
			fits := true
			for i := 0; i < len(labels); i += 2 {
				fits = fits && slices.ContainsFunc(x.GetLabel(), func(l *dto.LabelPair) bool { return l.GetName() == labels[i] && l.GetValue() == labels[i+1] })
			}
			if fits {
				return x.GetCounter().GetValue() + x.GetGauge().GetValue() + float64(x.GetHistogram().GetSampleCount())
			}
		}
		return -1
	}
	for _, tt := range []struct {
		name   string
		labels []string
		want   float64
	}{
		{"http_requests_total", []string{"route", "GET /o/{org}/assets/{id}", "method", "GET", "status", "404"}, 1},
		{"http_requests_total", []string{"route", "other", "method", "GET", "status", "404"}, 1},
		{"http_requests_total", []string{"route", "other", "method", "other", "status", "404"}, 1},
		{"sign_ins_total", []string{"outcome", "failed"}, 1},
		{"sign_ins_total", []string{"outcome", "break_glass"}, 1},
		{"sign_ins_total", []string{"outcome", "alarm"}, 0},
		{"audit_entries_total", nil, 3},
		{"jobs", []string{"state", "waiting"}, 1},
		{"jobs", []string{"state", "failed"}, 0},
		{"frames_total", nil, 70},
		{"dissector_failures_total", nil, 2},
		{"table_full_total", []string{"table", "flows"}, 5},
		{"table_full_total", []string{"table", "sign_in_attempts"}, 4},
		{"table_full_total", []string{"table", "broker"}, 2},
		{"evidence_read_total", []string{"kind", "unknown", "outcome", "unreadable"}, 1},
		{"health_attention", []string{"part", "backup"}, 1},
		{"backup_failing", nil, 1},
		{"backup_duration_seconds", nil, 90},
		{"disk_forecast_seconds", nil, 2 * 86400},
		{"outbox_messages", nil, 2},
	} {
		if got := value(tt.name, tt.labels...); got != tt.want {
			t.Errorf("%s %v = %v, want %v", tt.name, tt.labels, got, tt.want)
		}
	}
	if value("database_write_wait_seconds", "priority", "people") < 3 || value("database_read_seconds") < 1 || value("outbox_oldest_age_seconds") < 0 {
		t.Error("what the database took is not told")
	}
}

// TestNames wants nobody's and nothing's name in a scrape.
func TestNames(t *testing.T) {
	w := httptest.NewRecorder()
	full(t).Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, name := range []string{"Crane", "crane7", "skerry", "Ada", "ada\"", "10.1.2.3", "odd.bin", "CRANE7"} {
		if strings.Contains(w.Body.String(), name) {
			t.Errorf("%q is in the scrape", name)
		}
	}
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "breakwater_build_info{") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

func TestLint(t *testing.T) {
	w := httptest.NewRecorder()
	full(t).Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	problems, err := promlint.New(w.Body).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestBroken scrapes a server whose parts do not answer: what does is told.
func TestBroken(t *testing.T) {
	m := full(t)
	m.src.DB.Close()
	defer func() { m.src.DB = nil }()
	m.src.Jobs = func(context.Context) (jobs.State, error) { return jobs.State{}, errors.New("gone") }
	m.src.Backup = func() (health.Backup, error) { return health.Backup{}, os.ErrNotExist }
	all := families(t, m)
	if all["breakwater_database_up"].GetMetric()[0].GetGauge().GetValue() != 0 || all["breakwater_jobs"] != nil || all["breakwater_backup_age_seconds"] != nil || all["breakwater_ready"] == nil {
		t.Error("a server without a database says otherwise")
	}
	m.at = time.Time{}
	n := 0.0
	for _, x := range families(t, m)["breakwater_scrape_failures_total"].GetMetric() {
		n += x.GetCounter().GetValue()
	}
	if n < 2 {
		t.Errorf("%v failures are counted", n)
	}
}

// TestPage wants the page to be made anew after a change.
func TestPage(t *testing.T) {
	b, err := os.ReadFile("../../../docs/metrics.md")
	if err != nil || string(b) != string(Page()) {
		t.Errorf("docs/metrics.md is not what the definitions say (%v): run go generate ./cmd/breakwater/metrics", err)
	}
}

// made is what makes backups.
type made struct{}

func (made) Failing(context.Context) bool       { return true }
func (made) Took(context.Context) time.Duration { return 90 * time.Second }
