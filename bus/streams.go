// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"
)

// ensure makes the streams where they are missing and brings their bounds up to date. It returns how many replicas
// they have.
func (b *Bus) ensure(ctx context.Context) (replicas int, err error) {
	want := b.opt.Replicas
	if want == 0 {
		want = 1
		if b.nc.ConnectedClusterName() != "" {
			want = 3
		}
	}
	replicas = want
	for _, s := range b.opt.all() {
		// A cluster that has no leader yet does not answer: ask again soon rather than wait long.
		asking, done := context.WithTimeout(ctx, answer)
		n, err := b.ensureStream(asking, s, want)
		if done(); err != nil {
			return 0, err
		}
		replicas = min(replicas, n)
	}
	return replicas, nil
}

func (b *Bus) config(s Stream, replicas int) jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name: b.opt.at(s.Name), Subjects: []string{b.opt.Space + "." + s.Name + ".>"}, Storage: jetstream.FileStorage,
		Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, MaxBytes: s.MaxBytes,
		Duplicates: b.opt.Window, Replicas: replicas,
		Description: "Breakwater: messages wait here until they are handled",
	}
	if s.Name == asideName {
		c.Retention, c.Discard, c.MaxAge = jetstream.LimitsPolicy, jetstream.DiscardOld, asideAge
		c.Description = "Breakwater: messages that could not be handled"
	}
	return c
}

// ensureStream makes one stream. A cluster that has too few servers at the moment gets as many replicas as it can hold; ensure
// is called again and again, and raises them later. Replicas are never taken away.
func (b *Bus) ensureStream(ctx context.Context, s Stream, want int) (replicas int, err error) {
	has, err := b.js.Stream(ctx, b.opt.at(s.Name))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if b.srv != nil {
			if err := b.srv.unfinish(b.opt.at(s.Name)); err != nil {
				return 0, err
			}
		}
		for n := want; ; n = 1 {
			if _, err = b.js.CreateStream(ctx, b.config(s, n)); err == nil {
				return n, nil
			}
			if n == 1 || !tooFewServers(err) {
				return 0, err
			}
			b.log.Warn("the cluster cannot keep as many replicas", "stream", s.Name, "wanted", want, "error", err)
		}
	}
	if err != nil {
		return 0, err
	}
	is := has.CachedInfo().Config
	n := max(is.Replicas, want)
	if is.MaxBytes == s.MaxBytes && is.Duplicates == b.opt.Window && is.Replicas == n {
		return n, nil
	}
	_, err = b.js.UpdateStream(ctx, b.config(s, n))
	if err != nil && n > is.Replicas && tooFewServers(err) {
		n = is.Replicas
		_, err = b.js.UpdateStream(ctx, b.config(s, n))
	}
	return n, err
}

func tooFewServers(err error) bool {
	switch codeOf(err) {
	case codeNoPeers, codeNoReplicas, codeInsufficient:
		return true
	}
	return false
}
