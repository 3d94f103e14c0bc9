// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"breakwater/harbour"
)

var _ prometheus.Collector = (*Metrics)(nil)

// Describe implements prometheus.Collector. What is collected depends on what the server has, so nothing is promised.
func (m *Metrics) Describe(chan<- *prometheus.Desc) {}

const (
	patience = 5 * time.Second
	keepFor  = 2 * time.Second
)

// Collect implements prometheus.Collector: it asks the parts of the server.
func (m *Metrics) Collect(c chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Since(m.at) > keepFor {
		m.last = m.ask()
		m.at = time.Now()
	}
	for _, x := range m.last {
		c <- x
	}
}

// asked gathers what one scrape found.
type asked struct{ list []prometheus.Metric }

func (a *asked) add(name string, v float64, labels ...string) {
	d := define(name)
	kind := prometheus.GaugeValue
	if d.kind == "counter" {
		kind = prometheus.CounterValue
	}
	desc := prometheus.NewDesc(namespace+"_"+name, d.words, d.labels, nil)
	a.list = append(a.list, prometheus.MustNewConstMetric(desc, kind, v, labels...))
}

func (a *asked) flag(name string, v bool, labels ...string) {
	n := 0.0
	if v {
		n = 1
	}
	a.add(name, n, labels...)
}

func seconds(i harbour.Instant) float64 { return float64(i) / 1e6 }

func (m *Metrics) ask() []prometheus.Metric {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	a := &asked{}
	a.add("build_info", 1, m.src.Version, m.src.Revision, runtime.Version())
	failed := func(source string, err error) {
		if err != nil {
			m.scrapeBad.WithLabelValues(source).Inc()
		}
	}
	if m.src.DB != nil {
		failed("database", m.database(ctx, a))
	}
	if m.src.Health != nil {
		m.health(ctx, a)
	}
	if m.src.Jobs != nil {
		s, err := m.src.Jobs(ctx)
		if failed("jobs", err); err == nil {
			a.add("jobs_running", float64(s.Running))
			a.add("outbox_messages", float64(s.Outbox))
			a.add("outbox_dropped_total", float64(s.Dropped))
		}
	}
	refused := uint64(0)
	if m.src.Bus != nil {
		refused = m.broker(ctx, a)
	}
	if m.src.Vault != nil {
		u, err := m.src.Vault()
		if failed("vault", err); err == nil {
			a.add("evidence_objects", float64(u.Objects))
			a.add("evidence_bytes", float64(u.Bytes))
			a.add("evidence_disk_bytes", float64(u.Disk))
		}
	}
	full := map[string]uint64{}
	if m.src.Full != nil {
		full = m.src.Full()
	}
	full["broker"] = refused
	for _, t := range tables {
		a.add("table_full_total", float64(full[t]+m.full[t].Load()), t)
	}
	if m.src.Backup != nil {
		if b, err := m.src.Backup(); err == nil {
			a.add("backup_timestamp_seconds", seconds(b.At))
			a.add("backup_age_seconds", time.Since(b.At.Time()).Seconds())
		}
	}
	if m.src.Backups != nil {
		a.flag("backup_failing", m.src.Backups.Failing(ctx))
		a.add("backup_duration_seconds", m.src.Backups.Took(ctx).Seconds())
	}
	if m.src.Certificate != nil {
		a.add("certificate_expiry_timestamp_seconds", float64(m.src.Certificate().Unix()))
	}
	return a.list
}

func (m *Metrics) database(ctx context.Context, a *asked) error {
	begun := time.Now()
	err := m.src.DB.Ping(ctx)
	a.flag("database_up", err == nil)
	w := m.src.DB.WriterState()
	a.add("database_writes_waiting", float64(w.Waiting))
	a.add("database_commits_total", float64(w.Commits))
	if err != nil {
		return err
	}
	a.add("database_ping_seconds", time.Since(begun).Seconds())
	s, err := m.src.DB.Figures(ctx)
	if err != nil {
		return err
	}
	a.add("database_size_bytes", float64(s.Bytes))
	a.add("database_schema", float64(s.Schema))
	for _, state := range jobStates {
		a.add("jobs", float64(s.Jobs[state]), state)
	}
	age := 0.0
	if s.OldestOutbox > 0 {
		age = max(0, seconds(m.src.DB.Now()-s.OldestOutbox))
	}
	a.add("outbox_oldest_age_seconds", age)
	if last, err := m.src.DB.LastCheckpoint(ctx); err == nil {
		a.add("audit_entries", float64(last.N))
		a.add("audit_checkpoint_timestamp_seconds", seconds(last.At))
		a.add("audit_checkpoint_age_seconds", max(0, seconds(m.src.DB.Now()-last.At)))
	}
	return nil
}

var jobStates = []string{"waiting", "running", "done", "failed", "cancelled"}

func (m *Metrics) health(ctx context.Context, a *asked) {
	s := m.src.Health(ctx)
	a.flag("ready", s.Ready)
	for _, p := range s.Parts {
		a.flag("health_ok", p.OK, p.Name)
		a.flag("health_attention", p.Attention, p.Name)
	}
	a.add("disk_reserve_bytes", float64(s.Disk.Reserve))
	a.add("disk_used_bytes_per_day", float64(s.Disk.PerDay))
	if s.Disk.Free >= 0 {
		a.add("disk_free_bytes", float64(s.Disk.Free))
	}
	if s.Disk.Days >= 0 {
		a.add("disk_forecast_seconds", float64(s.Disk.Days)*86400)
	}
}

// broker gives how many messages were not taken.
func (m *Metrics) broker(ctx context.Context, a *asked) (refused uint64) {
	s := m.src.Bus(ctx)
	a.flag("broker_connected", s.Connected)
	a.add("broker_reconnects_total", float64(s.Reconnects))
	a.add("broker_published_total", float64(s.Published))
	a.add("broker_failed_total", float64(s.Failed))
	a.add("broker_aside_total", float64(s.Aside))
	for _, st := range s.Streams {
		a.add("broker_stream_messages", float64(st.Messages), st.Name)
		a.add("broker_stream_bytes", float64(st.Bytes), st.Name)
		a.add("broker_stream_limit_bytes", float64(st.MaxBytes), st.Name)
		for _, r := range st.Receivers {
			a.add("broker_queue_messages", float64(r.Waiting)+float64(r.InFlight), st.Name, r.Name)
		}
	}
	return s.Refused
}
