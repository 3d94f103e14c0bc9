// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

const namespace = "breakwater"

// definition is one metric.
type definition struct {
	name    string // after the namespace
	kind    string // counter, gauge, histogram
	labels  []string
	words   string
	buckets []float64
}

// tables are the bounded tables of a server, for the label of table_full_total.
var tables = []string{
	"flows", "conversations", "endpoints", "unanswered_endpoints", "observations", "operations", "operation_targets", "texts", "tls_certificates",
	"tcp_segments", "ip_fragments", "s7comm_lists", "problems", "sign_in_attempts", "failures_in_audit", "challenges", "broker",
}

var (
	quick = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	slow  = []float64{.005, .01, .025, .05, .1, .15, .3, .5, 1, 2.5, 5, 10, 30, 60}
)

// definitions list every metric of Breakwater's own.
var definitions = []definition{
	{"build_info", "gauge", []string{"version", "revision", "goversion"}, "Always 1; the labels say which program runs.", nil},
	{"ready", "gauge", nil, "1 where the server can do its work, as /readyz says.", nil},
	{"health_ok", "gauge", []string{"part"}, "1 where work can be done with this part: database, disk, audit, clock, backup, certificate, broker, jobs.", nil},
	{"health_attention", "gauge", []string{"part"}, "1 where work goes on and somebody has to look at this part.", nil},

	{"http_requests_total", "counter", []string{"route", "method", "status"}, "Requests answered. The route is the pattern and never the path.", nil},
	{"http_request_duration_seconds", "histogram", []string{"route"}, "Time from the request to the end of its answer.", slow},
	{"http_requests_in_flight", "gauge", nil, "Requests that are being answered.", nil},

	{"jobs", "gauge", []string{"state"}, "Jobs by state; those that have ended are forgotten after 180 days.", nil},
	{"jobs_running", "gauge", nil, "Jobs that run in this process.", nil},
	{"outbox_messages", "gauge", nil, "Messages that wait in the database for the broker.", nil},
	{"outbox_oldest_age_seconds", "gauge", nil, "Age of the oldest of them; 0 where none waits.", nil},
	{"outbox_dropped_total", "counter", nil, "Messages that no broker would take.", nil},

	{"broker_connected", "gauge", nil, "1 while the broker answers.", nil},
	{"broker_reconnects_total", "counter", nil, "How often the broker was lost and came back.", nil},
	{"broker_published_total", "counter", nil, "Messages that the broker has on disk.", nil},
	{"broker_failed_total", "counter", nil, "Deliveries that failed and are tried again.", nil},
	{"broker_aside_total", "counter", nil, "Messages put aside after the last attempt.", nil},
	{"broker_stream_messages", "gauge", []string{"stream"}, "Messages in a stream.", nil},
	{"broker_stream_bytes", "gauge", []string{"stream"}, "Bytes in a stream.", nil},
	{"broker_stream_limit_bytes", "gauge", []string{"stream"}, "Bytes that a stream may hold; 0 for no bound.", nil},
	{"broker_queue_messages", "gauge", []string{"stream", "receiver"}, "Messages that a receiver has still to take: the depth of its queue.", nil},

	{"database_up", "gauge", nil, "1 where the database answers.", nil},
	{"database_ping_seconds", "gauge", nil, "How long it took to answer this scrape.", nil},
	{"database_read_seconds", "histogram", nil, "Time of reads, from the first query to the last.", quick},
	{"database_write_wait_seconds", "histogram", []string{"priority"}, "How long writes of people and of the machine waited for the writer.", quick},
	{"database_commit_seconds", "histogram", nil, "Time from when a write was begun until it was on disk.", quick},
	{"database_writes_waiting", "gauge", nil, "Writes that wait or run.", nil},
	{"database_commits_total", "counter", nil, "Transactions of the writer.", nil},
	{"database_size_bytes", "gauge", nil, "Size of the database.", nil},
	{"database_schema", "gauge", nil, "Version of the schema.", nil},

	{"evidence_objects", "gauge", nil, "Objects in the vault.", nil},
	{"evidence_bytes", "gauge", nil, "Bytes of evidence and of what was read from it, before encryption.", nil},
	{"evidence_disk_bytes", "gauge", nil, "Bytes that the vault takes on disk.", nil},
	{"evidence_read_total", "counter", []string{"kind", "outcome"}, "Evidence that was read, or could not be.", nil},
	{"frames_total", "counter", nil, "Frames of captures that were read.", nil},
	{"dissector_failures_total", "counter", nil, "Messages that a dissector gave up on by failing: each is a fault of the program, and worth reporting.", nil},
	{"table_full_total", "counter", []string{"table"}, "How often a bounded table had no room, and something was left out or made room.", nil},

	{"audit_entries_total", "counter", nil, "Entries written into the audit log since the start.", nil},
	{"audit_entries", "gauge", nil, "Entries that the newest checkpoint covers.", nil},
	{"audit_checkpoint_timestamp_seconds", "gauge", nil, "When the newest checkpoint was signed; one is, every ten minutes where something was added.", nil},
	{"audit_checkpoint_age_seconds", "gauge", nil, "Age of the newest checkpoint.", nil},
	{"sign_ins_total", "counter", []string{"outcome"}, "Entries of the audit log about signing in: done, failed (a flood is entered in part), break_glass (an emergency sign-in), alarm.", nil},

	{"disk_free_bytes", "gauge", nil, "Bytes free on the disk of the data folder.", nil},
	{"disk_reserve_bytes", "gauge", nil, "Bytes below which evidence is refused.", nil},
	{"disk_used_bytes_per_day", "gauge", nil, "Use of the last four weeks.", nil},
	{"disk_forecast_seconds", "gauge", nil, "For how long the disk will do at that pace; absent where that cannot be told.", nil},
	{"backup_timestamp_seconds", "gauge", nil, "When the last backup was made; absent where none was.", nil},
	{"backup_age_seconds", "gauge", nil, "Age of the last backup; absent where none was made.", nil},
	{"backup_failing", "gauge", nil, "1 where the newest attempt of the server at a backup failed; absent where it makes none by itself.", nil},
	{"backup_duration_seconds", "gauge", nil, "How long the last backup took that the server made; absent where it makes none by itself.", nil},
	{"certificate_expiry_timestamp_seconds", "gauge", nil, "When the served certificate ends; absent without TLS.", nil},
	{"scrape_failures_total", "counter", []string{"source"}, "Parts that did not answer a scrape.", nil},
}

// define finds a definition. That it is there is checked by every start: [New] uses them all.
func define(name string) definition {
	for _, d := range definitions {
		if d.name == name {
			return d
		}
	}
	panic("no metric is defined as " + name) // a mistake in this package
}

func opts(name string) prometheus.Opts {
	return prometheus.Opts{Namespace: namespace, Name: name, Help: define(name).words}
}

func counters(name string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts(opts(name)), define(name).labels)
}

func histograms(name string) *prometheus.HistogramVec {
	d := define(name)
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: d.words, Buckets: d.buckets}, d.labels)
}

func histogram(name string) prometheus.Histogram {
	d := define(name)
	return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: d.words, Buckets: d.buckets})
}

// Page is docs/metrics.md.
func Page() []byte {
	var b strings.Builder
	b.WriteString(`# Metrics

Generated from ` + "`cmd/breakwater/metrics`" + `; change it there and run ` + "`go generate ./cmd/breakwater/metrics`" + `.

Where ` + "`metrics.listen`" + ` names an address ([configuration.md](configuration.md)), a server answers ` + "`/metrics`" + ` there for Prometheus, on a listener of its
own: nothing of it can be reached at the address of the pages. At a loopback address it asks nobody; at any other it is by TLS, with the certificate of
the pages, and wants the token of ` + "`metrics.token_file`" + `, which opens nothing but this page.

` + "```yaml\nscrape_configs:\n  - job_name: breakwater\n    scheme: https\n    authorization: {credentials_file: /etc/prometheus/breakwater-token}\n    static_configs: [{targets: ['breakwater.port.example:9440']}]\n```" + `

No label names a person, an asset, a file, an organisation or an address. Beside these there are the usual metrics of a Go program
(` + "`go_*`, `process_*`, `promhttp_*`" + `).

| metric | kind | labels | meaning |
|---|---|---|---|
`)
	for _, d := range definitions {
		labels := ""
		if len(d.labels) > 0 {
			labels = "`" + strings.Join(d.labels, "`, `") + "`"
		}
		fmt.Fprintf(&b, "| `%s_%s` | %s | %s | %s |\n", namespace, d.name, d.kind, labels, d.words)
	}
	fmt.Fprintf(&b, "\nThe bounded tables of `%s_table_full_total`: `%s`.\n", namespace, strings.Join(tables, "`, `"))
	b.WriteString(`
## What to be woken by

` + "```yaml\n" + `groups:
  - name: breakwater
    rules:
      - {alert: NotReady, expr: breakwater_ready == 0, for: 5m}
      - {alert: LookAtIt, expr: max by (part) (breakwater_health_attention) == 1, for: 15m}
      - {alert: DiskFullSoon, expr: breakwater_disk_forecast_seconds < 86400 * 14, for: 1h}
      - {alert: BackupDue, expr: breakwater_backup_age_seconds > 86400 * 2, for: 1h}
      - {alert: BackupFails, expr: breakwater_backup_failing == 1, for: 2h}
      - {alert: AuditNotSigned, expr: breakwater_audit_checkpoint_age_seconds > 3600 and increase(breakwater_audit_entries_total[1h]) > 0, for: 30m}
      - {alert: EmergencySignIn, expr: increase(breakwater_sign_ins_total{outcome=~"break_glass|alarm"}[10m]) > 0}
      - {alert: JobsStandStill, expr: breakwater_outbox_oldest_age_seconds > 600, for: 10m}
` + "```\n")
	return []byte(b.String())
}
