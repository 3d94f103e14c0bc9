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
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"breakwater/app/access/authority"
	"breakwater/app/health"
	"breakwater/bus"
	"breakwater/cmd/breakwater/config"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
	"breakwater/view"
)

// prober asks what the settings name whether it is there, and changes nothing.
type prober struct {
	config   config.Config
	values   config.Values
	now      func() time.Time
	free     func(dir string) (int64, error)
	problems []config.Problem
	well     []string
}

// all asks everything.
func (p *prober) all(ctx context.Context) {
	p.folder()
	p.certificate()
	p.address("listen", p.config.Listen)
	if p.config.Metrics.Listen != "" {
		p.address("metrics.listen", p.config.Metrics.Listen)
	}
	p.directory()
	p.clock(time.Time{}, "")
	p.database(ctx)
	p.broker(ctx)
}

func (p *prober) ok(format string, args ...any) {
	p.well = append(p.well, fmt.Sprintf(format, args...))
}

// wrong notes a problem of what a setting names.
func (p *prober) wrong(setting, message, expected, hint string, warning bool) {
	x := p.values[setting]
	where := x.Where
	if where == "" {
		where = setting
	}
	p.problems = append(p.problems, config.Problem{Where: where, Line: x.Line, Column: x.Column, Setting: setting, Message: message, Expected: expected, Hint: hint, Warning: warning})
}

// failed is wrong for an error of this system.
func (p *prober) failed(setting string, err error) {
	var e *harbour.Error
	if errors.As(err, &e) && e.Message != "" {
		message := e.Message
		if e.Err != nil && e.Kind != harbour.ErrInternal {
			message += " (" + config.Redact(e.Err.Error()) + ")"
		}
		p.wrong(setting, message, "", harbour.HintOf(err), false)
		return
	}
	p.wrong(setting, config.Redact(err.Error()), "", "", false)
}

// existing is the folder, or the nearest above it that is there.
func existing(dir string) string {
	dir, err := filepath.Abs(dir)
	for err == nil {
		if i, e := os.Stat(dir); e == nil && i.IsDir() || filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	return dir
}

func (p *prober) folder() {
	data := p.config.Data
	at := existing(data)
	if i, err := os.Stat(data); err == nil && !i.IsDir() {
		p.wrong("data", data+" is a file", "a folder", "name another folder", false)
		return
	}
	if err := vault.Writable(at); err != nil {
		p.wrong("data", "this account may not write in "+at, "a folder of the account that runs the server", "run this as that account, or give it the folder: chown", false)
	} else if _, err := os.Stat(data); err == nil {
		p.ok("the data folder %s can be written", data)
	} else {
		p.ok("the data folder %s is not there and can be made", data)
	}
	if i, err := os.Stat(data); err == nil && i.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		p.wrong("data", fmt.Sprintf("others on this machine may look into the data folder (%s)", i.Mode().Perm()), "a folder that its owner alone may read", "chmod 700 "+data, true)
	}
	free, err := p.free(at)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
	case err != nil:
		p.wrong("data", "the system does not say how much of the disk is free", "", "is the disk sound?", true)
	case free < vault.DefaultReserve:
		p.wrong("data", fmt.Sprintf("%d MiB are free on the disk of the data folder: it is nearly full, and evidence is refused", free>>20), fmt.Sprintf("more than %d MiB", vault.DefaultReserve>>20), "free space, or move the data folder to a larger disk", false)
	case free < 10*vault.DefaultReserve:
		p.wrong("data", fmt.Sprintf("%.1f GiB are free on the disk of the data folder", float64(free)/(1<<30)), "", "that is little for captures: plan for more", true)
	default:
		p.ok("%.0f GiB are free on its disk", float64(free)/(1<<30))
	}
	if dir := p.config.Backup.Dir; dir != "" {
		p.backups(dir)
	}
	note, err := health.LastBackup(data)
	if days := p.config.Watch.BackupDays; err == nil && days > 0 && p.now().Sub(note.At.Time()) > time.Duration(days)*24*time.Hour {
		p.wrong("watch.backup_days", fmt.Sprintf("the last backup was made %d days ago", int(p.now().Sub(note.At.Time()).Hours()/24)), fmt.Sprintf("one every %d days", days), "run breakwater backup from a timer", true)
	} else if errors.Is(err, fs.ErrNotExist) && days > 0 {
		if _, err := os.Stat(filepath.Join(data, "vault")); err == nil {
			p.wrong("watch.backup_days", "no backup of this data folder is known", fmt.Sprintf("one every %d days", days), "run breakwater backup from a timer", true)
		}
	} else if err == nil {
		p.ok("the last backup was made at %s", note.At)
	}
}

// backups looks at the folder into which the server makes backups.
func (p *prober) backups(dir string) {
	i, err := os.Stat(dir)
	switch {
	case within(dir, p.config.Data):
		p.wrong("backup.dir", "the folder for backups lies in the data folder: who loses that loses the backups", "a folder on another disk", "", false)
	case err != nil || !i.IsDir():
		p.wrong("backup.dir", "the folder for backups is not there: "+dir, "a folder that is there", "mount its disk, or make the folder; it is not made by itself", true)
	case vault.Writable(dir) != nil:
		p.wrong("backup.dir", "this account may not write in "+dir, "a folder of the account that runs the server", "give it the folder: chown; under systemd name it with ReadWritePaths=", true)
	default:
		p.ok("the folder for backups %s can be written", dir)
	}
}

func (p *prober) certificate() {
	c := p.config.TLS
	if c.Cert == "" {
		return
	}
	s, err := authority.CheckPair(c.Cert, c.Key, p.now())
	switch {
	case err != nil:
		p.failed("tls.cert", err)
	case !p.now().Before(s.Until) || p.now().Before(s.From):
		p.wrong("tls.cert", s.Problem, "one that is valid now", "ask for a new one, and put both files in place", false)
	case s.Problem != "":
		p.wrong("tls.cert", s.Problem, "", "ask for a new one in time; the server takes it up by itself", true)
	default:
		p.ok("certificate and key go together; valid until %s", s.Until.UTC().Format("2006-01-02 15:04 MST"))
	}
	if err != nil || p.config.URL == "" {
		return
	}
	d := doorsOf(p.config)
	u, err := d.base()
	if err != nil {
		p.failed("url", err)
		return
	}
	if !s.For(u.Hostname()) {
		p.wrong("tls.cert", "the certificate is not for "+u.Hostname(), "the host of the setting url among its names", "its names are: "+strings.Join(s.Names, ", "), false)
	}
}

func (p *prober) address(setting, address string) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		l.Close()
		p.ok("the address %s is free", address)
		return
	}
	if running(p.config.Data) {
		p.ok("the server that runs on this data folder has the address %s", address)
		return
	}
	p.wrong(setting, "the address "+address+" cannot be listened at: "+config.Redact(err.Error()), "an address of this machine that no program has", "another program may have it, or it needs a right: ports below 1024 want the capability CAP_NET_BIND_SERVICE", false)
}

// running says whether a server works on a data folder: the database may be written by one alone.
func running(data string) bool {
	c, err := net.DialTimeout("unix", controlSocket(data), time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func (p *prober) directory() {
	if p.config.SignIn.Directory == "" {
		return
	}
	if _, err := readDirectory(p.config.SignIn.Directory); err != nil {
		p.failed("sign_in.directory", err)
		return
	}
	p.ok("the directory file can be read")
}

// slack is how much clocks may differ before it is spoken of.
const slack = 2 * time.Minute

// clock compares the clock with an instant that is past for certain; the zero one for when the program was built.
func (p *prober) clock(past time.Time, of string) {
	if past.IsZero() {
		of = "the program was built"
		info, _ := debug.ReadBuildInfo()
		for _, s := range info.Settings {
			if s.Key == "vcs.time" {
				past, _ = time.Parse(time.RFC3339, s.Value)
			}
		}
	}
	switch now := p.now(); {
	case past.IsZero():
	case now.Add(slack).Before(past):
		p.wrong("clock", fmt.Sprintf("the clock says %s, and yet %s at %s: it was set back", now.UTC().Format(time.RFC3339), of, past.UTC().Format(time.RFC3339)), "the present time", "set the clock and let it be kept right by NTP", false)
	default:
		p.ok("the clock is later than when %s", of)
	}
}

func (p *prober) database(ctx context.Context) {
	at := place{p.config.Place}
	url, err := at.url()
	setting := "database"
	if at.DatabaseFile != "" {
		setting = "database_file"
	}
	if err != nil {
		p.failed(setting, err)
		return
	}
	if at.own() {
		if _, err := os.Stat(url); errors.Is(err, fs.ErrNotExist) {
			p.ok("there is no database yet; the first start makes it")
			return
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if strings.Contains(url, "://") {
		if fresh, err := store.Fresh(ctx, url); err != nil {
			p.failed(setting, err)
			return
		} else if fresh {
			p.ok("the database can be reached and is empty; the first start fills it")
			return
		}
	}
	db, err := store.OpenReader(ctx, store.Options{URL: url})
	if err != nil {
		p.failed(setting, err)
		return
	}
	defer db.Close()
	schema, err := db.SchemaVersion(ctx)
	if err != nil {
		p.failed(setting, err)
		return
	}
	p.ok("the database can be reached (%s, schema %d)", db.Engine(), schema)
	if last, err := db.LastEntry(ctx); err == nil && last > 0 {
		p.clock(last.Time(), "the newest entry of the audit log was written")
	}
	p.audit(ctx, db)
}

// audit reads the audit log through.
func (p *prober) audit(ctx context.Context, db *store.DB) {
	key := ""
	if b, err := os.Stat(filepath.Join(p.config.Data, "signing.key")); err == nil && b.Mode().IsRegular() {
		k, err := signingKey(filepath.Join(p.config.Data, "signing.key"))
		if err != nil {
			p.failed("data", err)
			return
		}
		key = store.VerifierKey(origin, k.Public().(ed25519.PublicKey))
	}
	r, err := db.VerifyAudit(ctx, store.AuditCheck{Key: key})
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		p.wrong("database", "the audit log is too long to be read through here", "", "run breakwater audit verify", true)
	case err != nil:
		p.failed("database", err)
	case !r.Whole():
		p.wrong("database", "the audit log is not what was written: "+view.Count(len(r.Problems)+r.More, "problem", "problems"), "a log that is whole", "run breakwater audit verify; docs/operating.md says how to go on", false)
	default:
		p.ok("the audit log is whole (%d entries)", r.Entries)
	}
}

func (p *prober) broker(ctx context.Context) {
	b := brokerOf(p.config)
	if b.URL == "" {
		p.ok("the broker is the one that is built in")
		return
	}
	o, err := b.options(p.config.Data, slog.New(slog.DiscardHandler))
	if err == nil {
		err = bus.Reach(ctx, o)
	}
	if err != nil {
		p.failed("nats.url", err)
		return
	}
	p.ok("the broker answers and has JetStream")
}
