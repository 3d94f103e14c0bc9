// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"breakwater/app"
	"breakwater/app/upgrade"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

// releaseKey is the public half of the key that packages are signed with; the release build sets it.
var releaseKey = ""

type upgradeCommand struct {
	Package  string   `arg:"" optional:"" help:"Package of the new program (docs/formats/upgrade.md)." type:"path"`
	Backup   string   `help:"Folder for the backup that is made first." placeholder:"DIR" type:"path"`
	Key      []string `help:"Release key that the package must be signed with, beside the one that is built in." placeholder:"KEY" env:"BREAKWATER_RELEASE_KEY"`
	Program  string   `help:"Program that is replaced; this one otherwise." placeholder:"FILE" type:"path"`
	Rollback bool     `help:"Take the last upgrade back: the old program, and the data as they were where their schema has changed."`
	Lose     bool     `name:"lose-changes" help:"With --rollback: also where something was written since, which is lost."`
	Quiet    bool     `short:"q" help:"No progress and no summary."`
	place
}

// Run upgrades, or takes it back.
func (c *upgradeCommand) Run(ctx context.Context, s streams) (err error) {
	switch {
	case c.Rollback && c.Package != "", !c.Rollback && c.Package == "":
		return wrongUse("upgrade", "name a package, or --rollback", "breakwater upgrade --help tells more", nil)
	case c.Backup == "":
		return wrongUse("upgrade", "there is no folder for the backup", "name one with --backup: nothing is changed without a backup", nil)
	case c.Lose && !c.Rollback:
		return wrongUse("upgrade", "--lose-changes goes with --rollback", "leave it out", nil)
	}
	if err := c.there("upgrade"); err != nil {
		return err
	}
	p, err := c.upgrading(s)
	if err != nil {
		return err
	}
	free, err := p.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, free(), giveBack(c.Data)) }()
	if c.Rollback {
		j, err := p.Back(ctx, c.Lose)
		if err != nil || c.Quiet {
			return err
		}
		fmt.Fprintf(s.out, "%s is %s again. Start the server.\n", j.Program, j.From)
		return nil
	}
	keys := c.Key
	if releaseKey != "" {
		keys = append(keys, releaseKey)
	}
	j, err := p.Apply(ctx, c.Package, keys)
	if err != nil || c.Quiet {
		return err
	}
	fmt.Fprintf(s.out, "%s is %s now; it was %s. Start the server. To take it back: breakwater upgrade --rollback --backup %s\n", j.Program, j.To, j.From, c.Backup)
	return nil
}

// upgrading is an installation that is upgraded.
type upgrading struct{ upgrade.Place }

// lock keeps other upgrades and servers away.
func (u *upgrading) lock() (free func() error, err error) {
	dir := upgrade.Folder(u.Data)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUnavailable, Op: "upgrade", Message: "the data folder cannot be written", Hint: "run this as the account that runs the server", Err: err}
	}
	l, err := vault.LockFolder(dir)
	if harbour.KindOf(err) == harbour.ErrConflict {
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: "upgrade", Message: "an upgrade of " + u.Data + " is under way", Hint: "wait until it has ended", Err: err}
	}
	if err != nil {
		return nil, err
	}
	return l.Close, nil
}

func (c *upgradeCommand) upgrading(s streams) (*upgrading, error) {
	program := c.Program
	if program == "" {
		var err error
		if program, err = os.Executable(); err == nil {
			program, err = filepath.EvalSymlinks(program)
		}
		if err != nil {
			return nil, wrongUse("upgrade", "which program is to be replaced cannot be told", "name it with --program", err)
		}
	}
	p, err := c.place.upgrading()
	if err != nil {
		return nil, err
	}
	p.Program = program
	p.Backup = func(ctx context.Context) error {
		b := backupCommand{Dir: c.Backup, Quiet: true, place: c.place}
		return b.Run(ctx, s)
	}
	if !c.Quiet {
		p.Progress = func(step string) { fmt.Fprintf(s.err, "%s …\n", step) }
	}
	return p, nil
}

// upgrading says how an installation is looked at, saved and put back.
func (p place) upgrading() (*upgrading, error) {
	url, err := p.url()
	if err != nil {
		return nil, err
	}
	data, err := filepath.Abs(p.Data)
	if err != nil {
		return nil, err
	}
	return &upgrading{upgrade.Place{
		Data: data, Version: version, Settle: []string{"settle"},
		Look: func(ctx context.Context) (schema, entries int64, err error) {
			v, err := vault.Open(filepath.Join(p.Data, "vault"), p.key(), vault.Options{}) // one process alone may
			if harbour.KindOf(err) == harbour.ErrConflict {
				return 0, 0, &harbour.Error{Kind: harbour.ErrConflict, Op: "upgrade", Message: "a server works on " + p.Data, Hint: "stop it first: systemctl stop breakwater", Err: err}
			}
			if err != nil {
				return 0, 0, err
			}
			defer v.Close()
			db, err := store.OpenReader(ctx, store.Options{URL: url})
			if err != nil {
				return 0, 0, err
			}
			defer db.Close()
			if schema, err = db.SchemaVersion(ctx); err != nil {
				return 0, 0, err
			}
			entries, err = db.Entries(ctx)
			return schema, entries, err
		},
		Save: func(ctx context.Context, dir string) error {
			db, err := store.OpenReader(ctx, store.Options{URL: url})
			if err != nil {
				return err
			}
			defer db.Close()
			return db.Dump(ctx, dir)
		},
		Restore: func(ctx context.Context, dir string, schema int64) error { return store.Replace(ctx, url, dir, schema) },
		Start: func(ctx context.Context, program string, args ...string) (string, error) {
			return p.start(ctx, url, program, args...)
		},
	}}, nil
}

// start runs a program on this installation. Its settings go by the environment, where no list of processes shows them.
func (p place) start(ctx context.Context, url, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "BREAKWATER_DATA="+p.Data, "BREAKWATER_DATABASE="+url, "BREAKWATER_DATABASE_FILE=", "BREAKWATER_VAULT_KEY_FILE="+p.VaultKey, configEnv+"=", "NOTIFY_SOCKET=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// resume goes on with an upgrade that was killed, before anything else touches the data.
func (p place) resume(ctx context.Context) (err error) {
	if _, err := os.Stat(upgrade.Folder(p.Data)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	u, err := p.upgrading()
	if err != nil {
		return err
	}
	free, err := u.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, free()) }()
	changed, err := u.Resume(ctx)
	if err == nil && changed {
		err = &harbour.Error{Kind: harbour.ErrConflict, Op: "start", Message: "an upgrade was interrupted and has been taken back: this program is no longer the one in place", Hint: "start again: the program before it and its data are there"}
	}
	return err
}

// whole refuses to read data that an upgrade is putting back.
func (p place) whole() error {
	j, err := upgrade.ReadJournal(p.Data)
	if err == nil && j != nil && j.Phase == upgrade.GoingBack {
		err = &harbour.Error{Kind: harbour.ErrConflict, Op: "open database", Message: "an upgrade is being taken back", Hint: "start the server, or run breakwater upgrade --rollback, which goes on with it"}
	}
	return err
}

// settleCommand is what an upgrade has a new program do before anybody works with it.
type settleCommand struct{ place }

// Run brings the data up to date and checks that the program can work with them.
func (c *settleCommand) Run(ctx context.Context, s streams) (err error) {
	if err := c.there("settle"); err != nil {
		return err
	}
	h, err := openHouse(ctx, places{place: c.place, settling: true}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	fail := func(what string, err error) error {
		return &harbour.Error{Kind: harbour.ErrConflict, Op: "check after an upgrade", Message: what, Hint: "the upgrade is taken back", Err: err}
	}
	handler, err := h.handler()
	if err != nil {
		return err
	}
	for _, path := range []string{"/healthz", "/sign-in"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil).WithContext(ctx))
		if w.Code >= http.StatusInternalServerError {
			return fail(fmt.Sprintf("%s is answered with %d", path, w.Code), nil)
		}
	}
	st := h.watch().State(ctx)
	for _, p := range st.Parts {
		if !p.OK && p.Name == "database" {
			return fail(p.Message, nil)
		}
	}
	key, err := signingKey(filepath.Join(c.Data, "signing.key"))
	if err != nil {
		return err
	}
	r, err := h.core.DB.VerifyAudit(ctx, store.AuditCheck{Key: store.VerifierKey(origin, key.Public().(ed25519.PublicKey))})
	if err != nil {
		return err
	}
	if !r.Whole() {
		var what []string
		for _, p := range r.Problems {
			what = append(what, p.Message)
		}
		return fail("the audit log is not what was written: "+strings.Join(what, "; "), nil)
	}
	by := app.System("upgrade")
	by.Via = "command"
	e := by.Entry("", app.ManageSystem, "program", "breakwater", "breakwater "+fullVersion())
	e.Reason = "upgraded"
	if err := h.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error { return tx.Audit(ctx, e) }); err != nil {
		return err
	}
	if _, err := h.core.DB.Checkpoint(ctx); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "breakwater %s settled\n", version)
	return nil
}
