// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package metrics tells Prometheus how a server does. No label names a person, an asset, a file, an organisation or an
// address: labels are of closed lists, so that their number does not grow with use.
//
// # Use
//
// [New] makes them, [Metrics.Ask] says what a server has; [Metrics.Requests] counts the requests of a handler; [Metrics.Handler] answers
// /metrics. [Page] is docs/metrics.md, made of the same list of definitions: a metric that is not in it cannot be sent.
//
// # Concurrency
//
// Metrics are safe for concurrent use. A scrape costs about a dozen small queries; two at once share one answer, which is
// kept for two seconds.
//
// # When full or broken
//
// What does not answer within five seconds is left out of the scrape and counted in breakwater_scrape_failures_total.
package metrics

//go:generate go run breakwater/internal/tools/reference metrics ../../../docs/metrics.md

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"breakwater/app"
	"breakwater/app/health"
	"breakwater/app/jobs"
	"breakwater/bus"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

// Sources are the parts of a server that are asked. Those that are nil are left out.
type Sources struct {
	Version, Revision string
	DB                *store.DB
	Vault             func() (vault.Usage, error)
	Health            func(context.Context) health.State
	Bus               func(context.Context) bus.State
	Jobs              func(context.Context) (jobs.State, error)
	// Full gives how often a bounded table had no room, by the table's name.
	Full func() map[string]uint64
	// Backup gives when the last backup was made.
	Backup func() (health.Backup, error)
	// Backups makes those of the server.
	Backups interface {
		Failing(context.Context) bool
		Took(context.Context) time.Duration
	}
	// Certificate gives when the served certificate ends.
	Certificate func() time.Time
}

// Metrics is made by [New].
type Metrics struct {
	registry *prometheus.Registry
	src      Sources

	requests  *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	inFlight  prometheus.Gauge
	waited    *prometheus.HistogramVec
	commit    prometheus.Histogram
	reads     prometheus.Histogram
	signIns   *prometheus.CounterVec
	entries   prometheus.Counter
	evidence  *prometheus.CounterVec
	frames    prometheus.Counter
	failures  prometheus.Counter
	full      map[string]*atomic.Uint64 // of readings, by table
	scrapeBad *prometheus.CounterVec

	mu   sync.Mutex
	last []prometheus.Metric
	at   time.Time
}

// New makes the metrics of a server, which has nothing yet: see [Metrics.Ask].
func New() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), full: map[string]*atomic.Uint64{}}
	m.requests, m.duration = counters("http_requests_total"), histograms("http_request_duration_seconds")
	m.inFlight = prometheus.NewGauge(prometheus.GaugeOpts(opts("http_requests_in_flight")))
	m.waited, m.commit = histograms("database_write_wait_seconds"), histogram("database_commit_seconds")
	m.reads = histogram("database_read_seconds")
	m.signIns, m.entries = counters("sign_ins_total"), prometheus.NewCounter(prometheus.CounterOpts(opts("audit_entries_total")))
	m.evidence = counters("evidence_read_total")
	m.frames = prometheus.NewCounter(prometheus.CounterOpts(opts("frames_total")))
	m.failures = prometheus.NewCounter(prometheus.CounterOpts(opts("dissector_failures_total")))
	m.scrapeBad = counters("scrape_failures_total")
	// What has not happened yet shows as 0, so that its first time is a change.
	for _, how := range outcomes {
		m.signIns.WithLabelValues(how)
	}
	for _, t := range tables {
		m.full[t] = &atomic.Uint64{}
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m,
		m.requests, m.duration, m.inFlight, m.waited, m.commit, m.reads, m.signIns, m.entries, m.evidence, m.frames, m.failures, m.scrapeBad,
	)
	return m
}

// Ask says which parts are asked at a scrape.
func (m *Metrics) Ask(src Sources) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.src = src
}

// Registry holds the metrics, for tests.
func (m *Metrics) Registry() *prometheus.Registry { return m.registry }

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 30 * time.Second})
}

// Requests counts the requests that h answers, by the pattern of their route.
func (m *Metrics) Requests(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun, route, out := time.Now(), "", &answered{ResponseWriter: w}
		m.inFlight.Inc()
		defer func() {
			m.inFlight.Dec()
			if route == "" {
				route = "other"
			}
			status := out.status
			if status == 0 {
				status = http.StatusOK
			}
			m.requests.WithLabelValues(route, method(r.Method), strconv.Itoa(status)).Inc()
			m.duration.WithLabelValues(route).Observe(time.Since(begun).Seconds())
		}()
		h.ServeHTTP(out, r.WithContext(app.WithRoute(r.Context(), &route)))
	})
}

// method is one of a closed list.
func method(s string) string {
	switch s {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return s
	}
	return "other"
}

// answered notes the status.
type answered struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the first final status.
func (a *answered) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController the writer below.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Wrote is told of each write that was done: how long it waited for the writer, and how long its transaction took.
func (m *Metrics) Wrote(p store.Priority, waited, took time.Duration) {
	who := "machine"
	if p == store.People {
		who = "people"
	}
	m.waited.WithLabelValues(who).Observe(waited.Seconds())
	m.commit.Observe(took.Seconds())
}

// ReadFor is told how long each read of the database took.
func (m *Metrics) ReadFor(took time.Duration) { m.reads.Observe(took.Seconds()) }

// Audited is told of each entry of the audit log.
func (m *Metrics) Audited(action string) {
	m.entries.Inc()
	switch action {
	case "access.sign_in":
		m.signIns.WithLabelValues("done").Inc()
	case "access.sign_in_failed", "access.prove_failed":
		m.signIns.WithLabelValues("failed").Inc()
	case "access.break_glass":
		m.signIns.WithLabelValues("break_glass").Inc()
	case "access.alarm":
		m.signIns.WithLabelValues("alarm").Inc()
	}
}

var outcomes = []string{"done", "failed", "break_glass", "alarm"}

// Evidence is told of each evidence that was read.
func (m *Metrics) Evidence(e *harbour.Evidence, readable bool) {
	kind, outcome := string(e.Kind), "read"
	switch e.Kind {
	case harbour.EvidencePacket, harbour.EvidenceSheet, harbour.EvidencePortFile:
	default:
		kind = "unknown"
	}
	if !readable {
		outcome = "unreadable"
	}
	m.evidence.WithLabelValues(kind, outcome).Inc()
	if e.Kind == harbour.EvidencePacket {
		m.frames.Add(float64(max(e.Records, 0)))
	}
	for _, c := range e.Counters {
		if c.Name == "dissector_failures" {
			m.failures.Add(float64(c.Value))
		}
		if t := fullWhere[c.Name]; t != "" {
			m.full[t].Add(uint64(max(c.Value, 0)))
		}
	}
}

// fullWhere are counters of a reading that say that a table was full.
var fullWhere = map[string]string{
	"flows_evicted": "flows", "conversations_refused": "conversations", "endpoints_refused": "endpoints", "tentative_endpoints_refused": "unanswered_endpoints",
	"observations_refused": "observations", "operations_refused": "operations", "operation_targets_merged": "operation_targets", "texts_refused": "texts",
	"tls_certificates_refused": "tls_certificates", "segments_not_held": "tcp_segments", "datagrams_not_reassembled": "ip_fragments",
	"s7comm_lists_refused": "s7comm_lists", "problems_not_listed": "problems",
}
