// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"breakwater/api"
	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/access/authority"
	"breakwater/app/backup"
	"breakwater/app/evidence"
	"breakwater/app/health"
	"breakwater/app/imports"
	"breakwater/app/jobs"
	"breakwater/app/outlets"
	"breakwater/bus"
	"breakwater/cmd/breakwater/config"
	"breakwater/cmd/breakwater/metrics"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
	"breakwater/web"
)

// house is the running system: its parts, put together in one place.
type house struct {
	core   *app.Core
	vault  *vault.Vault
	access *access.Access
	pages  web.Options
	// outlets send events to where people want them.
	outlets *outlets.Outlets

	// Of a server alone; see openWork.
	bus     *bus.Bus
	jobs    *jobs.Jobs
	imports *imports.Imports

	authority *authority.Authority // nil without TLS

	data       string
	backupDays int             // after how many days without a backup it is spoken of
	backups    *backup.Routine // nil where the settings name no folder for them
	metrics    *metrics.Metrics
	beforeWait []func() // what is told to end before it is waited for
	health     *health.Health
	watching   sync.Once

	closers []func() error // run last to first
	running sync.WaitGroup
	stop    context.CancelFunc
}

// places says where a house keeps what it knows.
type places struct {
	place
	Secure bool // pages are served by TLS
	Demo   bool
	// settling is set where an upgrade under way opens the house.
	settling bool
	// BackupDays is after how many days without a backup health speaks of it; 0 for never.
	BackupDays int
	// Backups says where the server makes backups by itself; without a folder it makes none.
	Backups config.Backup
	Access  access.Options // how people sign in; what the parts here give is added
}

// openHouse opens the parts. What it opened is closed again where it fails.
func openHouse(ctx context.Context, at places, log *slog.Logger) (h *house, err error) {
	h = &house{metrics: metrics.New(), data: at.Data, backupDays: at.BackupDays}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if err := os.MkdirAll(at.Data, 0o700); err != nil {
		return h, &harbour.Error{Kind: harbour.ErrInternal, Op: "serve", Message: "the data folder cannot be made", Hint: "give another with --data, or the right to write there", Err: err}
	}
	if !at.settling {
		if err := at.resume(ctx); err != nil {
			return h, err
		}
	}
	signer, err := signingKey(filepath.Join(at.Data, "signing.key"))
	if err != nil {
		return h, err
	}
	url, err := at.url()
	if err != nil {
		return h, err
	}
	db, err := store.Open(ctx, store.Options{URL: url, Log: log, Signer: signer, Origin: origin, Room: h.roomToStage, Observe: observer(h.metrics)})
	if err != nil {
		return h, err
	}
	h.closers = append(h.closers, db.Close)
	if h.vault, err = vault.Open(filepath.Join(at.Data, "vault"), at.key(), vault.Options{Log: log}); err != nil {
		return h, err
	}
	h.closers = append(h.closers, h.vault.Close)
	h.core = &app.Core{DB: db, Log: log, Clock: time.Now, Version: fullVersion(), Demo: at.Demo}
	rebuild := func(ctx context.Context, tx *store.Tx, org, by, why string) error {
		if h.imports == nil { // the house was opened without its work, as tests do
			return nil
		}
		return h.imports.Rebuild(ctx, tx, org, by, why)
	}
	at.Access.Sealer, at.Access.Rebuild = h.vault, rebuild
	if h.access, err = access.New(h.core, at.Access); err != nil {
		return h, err
	}
	h.closers = append(h.closers, h.access.Settle)
	h.outlets = outlets.New(h.core, h.vault, outlets.Options{})
	if at.Backups.Dir != "" {
		from := backup.From{DB: db, Vault: h.vault, Signer: signer, Origin: origin, Version: fullVersion()}
		if h.backups, err = routineOf(h.core, from, at.Data, at.Backups); err != nil {
			return h, err
		}
	}
	h.pages = web.Fill(h.core, rebuild)
	h.pages.Access, h.pages.Secure, h.pages.Evidence = h.access, at.Secure, evidence.New(h.core, h.vault)
	return h, nil
}

// handler answers requests for pages and for programs.
func (h *house) handler() (http.Handler, error) {
	h.pages.Imports, h.pages.Jobs, h.pages.Health = h.imports, h.jobs, h.watch().State
	h.pages.Outlets = h.outlets
	h.pages.Backups, h.pages.LastBackup = h.backups, func() (health.Backup, error) { return health.LastBackup(h.data) }
	pages, err := web.New(h.pages)
	if err != nil {
		return nil, err
	}
	programs, err := api.New(api.Options{
		Core: h.core, Evidence: h.pages.Evidence, Imports: h.imports, Jobs: h.jobs, Outlets: h.outlets,
		Assets: h.pages.Assets, Findings: h.pages.Findings, Overview: h.pages.Overview, Traffic: h.pages.Traffic,
		Token: func(ctx context.Context, secret, address, request string) (*app.Actor, error) {
			return web.Token(ctx, h.access, secret, address, request)
		},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(api.Prefix, programs)
	mux.Handle("/", pages)
	answerHealth(mux, h.watch())
	h.measure()
	return hardened(h.metrics.Requests(mux), h.pages.Secure), nil
}

// start begins what runs by the clock.
func (h *house) start(ctx context.Context) {
	ctx, h.stop = context.WithCancel(ctx)
	h.running.Go(func() { h.work(ctx) })
	h.running.Go(func() {
		if err := h.core.DB.Warm(ctx); err != nil && ctx.Err() == nil {
			h.core.Log.Warn("lists could not be taken into memory yet", slog.Any("error", err))
		}
	})
	h.running.Go(func() { h.outlets.Run(ctx) })
	if h.backups != nil {
		h.running.Go(func() { h.backups.Run(ctx) })
	}
	if h.imports != nil {
		h.every(ctx, "apply the rules of retention", time.Hour, h.retain)
	}
	if h.authority != nil {
		h.every(ctx, "look after the certificate", time.Minute, h.authority.Check)
	}
	h.every(ctx, "note how full the disk is", time.Hour, h.watch().Sample)
	h.every(ctx, "forget what has expired", 10*time.Minute, h.access.Sweep)
	h.every(ctx, "reopen findings whose acceptance has ended", 5*time.Minute, func(ctx context.Context) error {
		_, err := h.pages.Findings.Reopen(ctx)
		return err
	})
	h.every(ctx, "apply the rules of retention", 6*time.Hour, h.imports.RetainAll)
	if h.pages.Evidence.Jobs != nil {
		h.every(ctx, "remove evidence packs that were kept long enough", time.Hour, func(ctx context.Context) error {
			return h.pages.Evidence.SweepPacks(ctx, imports.JobShred)
		})
	}
	sign := func(ctx context.Context) error {
		_, err := h.core.DB.Checkpoint(ctx)
		return err
	}
	h.every(ctx, "read the audit log through", 24*time.Hour, h.watch().CheckAudit)
	h.every(ctx, "raise alarms about the installation", 5*time.Minute, h.watch().Alarm)
	h.every(ctx, "sign the audit log", 10*time.Minute, sign)
	h.closers = append(h.closers, func() error { return sign(context.WithoutCancel(ctx)) })
}

// every runs fn now and then again and again until ctx ends. Its errors are logged: the next round may do better.
func (h *house) every(ctx context.Context, what string, d time.Duration, fn func(context.Context) error) {
	h.running.Go(func() {
		t := time.NewTicker(d)
		defer t.Stop()
		for {
			if err := fn(ctx); err != nil && ctx.Err() == nil {
				h.core.Log.Error("work by the clock failed", slog.String("what", what), slog.Any("error", err))
			}
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
		}
	})
}

// close ends what runs and closes the parts, the last opened first.
func (h *house) close() (err error) {
	if h.stop != nil {
		h.stop()
	}
	for _, fn := range h.beforeWait {
		fn()
	}
	h.beforeWait = nil
	h.running.Wait()
	for _, fn := range slices.Backward(h.closers) {
		err = errors.Join(err, fn())
	}
	h.closers = nil
	return err
}

// signingKey reads the key that signs checkpoints of the audit log, and makes it at the first start.
func signingKey(path string) (ed25519.PrivateKey, error) {
	fail := func(message string, err error) (ed25519.PrivateKey, error) {
		return nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "open signing key", Message: message, Hint: "the key lies in " + path + "; bring it back from a backup", Err: err}
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeSigningKey(path)
	}
	if err != nil {
		return fail("it cannot be read", err)
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return fail("it is not a key in PEM form", nil)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return fail("it is damaged", err)
	}
	k, ok := key.(ed25519.PrivateKey)
	if !ok {
		return fail("it is not an Ed25519 key", nil)
	}
	return k, nil
}

func makeSigningKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrInternal, Op: "make signing key", Message: "it cannot be written", Hint: "check the right to write in the data folder", Err: err}
	}
	return key, nil
}
