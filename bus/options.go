// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"breakwater/bus/pack"
	"breakwater/harbour"
)

// Options says where the broker is and how it is used. Either Dir or URL is needed.
type Options struct {
	// Dir is the folder of the embedded server, which is made where it is missing.
	Dir string
	// URL of an external server, or of several of a cluster with commas between: nats://host:4222, tls://user:password@host.
	URL string
	// Credentials is a file with a user's JWT and key, for an external server.
	Credentials string
	// TLS for an external server; nil for what the URL says and the system's authorities.
	TLS *tls.Config

	// Streams that hold the messages; nil for [DefaultStreams].
	Streams []Stream
	// Space is put before all names at the broker, so that one server can serve others too; "" for "breakwater".
	Space string
	// Replicas kept of each message; 0 for three in a cluster and one elsewhere.
	Replicas int
	// Window within which an id is not stored twice; 0 for two minutes.
	Window time.Duration
	// Patience is how long Publish waits while the broker is gone; 0 for ten seconds.
	Patience time.Duration
	// Reserve is what must stay free on the disk of the embedded server; 0 for 256 MiB, negative for no limit.
	Reserve int64
	// Log is told what operators should know; nil for none.
	Log *slog.Logger
}

// Stream holds messages until they are handled.
type Stream struct {
	Name string // lower case letters
	// Subjects of the stream are those that start with its name and a dot.
	// MaxBytes bounds it; when it is full, publishing is refused.
	MaxBytes int64
}

// DefaultStreams are the streams of the product: jobs, whose messages are names of rows in the database, and events of
// sensors.
func DefaultStreams() []Stream {
	return []Stream{{Name: "jobs", MaxBytes: 64 << 20}, {Name: "events", MaxBytes: 2 << 30}}
}

// MaxPayload is how many bytes a message may have.
const MaxPayload = pack.MaxPacked

// Bounds of what is put aside: the oldest goes first.
const (
	asideName  = "aside"
	asideBytes = 64 << 20
	asideAge   = 90 * 24 * time.Hour
)

var (
	wordPattern    = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
	subjectPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}(\.[A-Za-z0-9_-]{1,64}){1,8}$`)
	filterPattern  = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}(\.([A-Za-z0-9_-]{1,64}|\*)){0,8}(\.[A-Za-z0-9_-]{1,64}|\.\*|\.>)$`)
)

func usage(format string, args ...any) error {
	return &harbour.Error{Kind: harbour.ErrUsage, Op: "open the broker", Message: fmt.Sprintf(format, args...)}
}

// defaults fills in what was left out, and refuses what makes no sense.
func (o *Options) defaults() error {
	if (o.Dir == "") == (o.URL == "") {
		return usage("either a folder for the embedded broker or the URL of an external one is needed")
	}
	if o.URL == "" && (o.Credentials != "" || o.TLS != nil) {
		return usage("credentials and TLS are for an external broker; the embedded one cannot be reached from outside")
	}
	if o.Streams == nil {
		o.Streams = DefaultStreams()
	}
	if o.Space == "" {
		o.Space = "breakwater"
	}
	if !wordPattern.MatchString(o.Space) {
		return usage("%q cannot stand before names at the broker: use lower case letters, digits, - and _", o.Space)
	}
	seen := map[string]bool{asideName: true}
	for _, s := range o.Streams {
		if !wordPattern.MatchString(s.Name) || seen[s.Name] || s.MaxBytes <= 0 {
			return usage("stream %q needs a name of its own in lower case, and a bound", s.Name)
		}
		seen[s.Name] = true
	}
	if o.Replicas < 0 || o.Replicas > 5 {
		return usage("%d replicas: 1 to 5 can be kept", o.Replicas)
	}
	if o.Window == 0 {
		o.Window = 2 * time.Minute
	}
	if o.Patience == 0 {
		o.Patience = 10 * time.Second
	}
	if o.Reserve == 0 {
		o.Reserve = 256 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// all lists the streams with that for what is put aside.
func (o *Options) all() []Stream {
	return append(append([]Stream{}, o.Streams...), Stream{Name: asideName, MaxBytes: asideBytes})
}

// streamOf finds the stream that a subject belongs to.
func (o *Options) streamOf(subject string) (Stream, bool) {
	name, _, _ := strings.Cut(subject, ".")
	for _, s := range o.Streams {
		if s.Name == name {
			return s, true
		}
	}
	return Stream{}, false
}

// at is a stream's name at the broker.
func (o *Options) at(stream string) string { return o.Space + "_" + stream }
