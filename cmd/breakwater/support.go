// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/app/health"
	"breakwater/cmd/breakwater/config"
	"breakwater/cmd/breakwater/logging"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

type supportCommand struct {
	To string `arg:"" help:"File to write, or a folder to write it into." placeholder:"FILE|DIR" type:"path"`
	place
}

// Run writes a support bundle. What goes into it is chosen by what may, and not by taking out what may not: figures, closed
// words, and texts that stand in the source.
func (c *supportCommand) Run(ctx context.Context, all *commands, s streams) (err error) {
	to := c.To
	if i, err := os.Stat(to); err == nil && i.IsDir() {
		to = filepath.Join(to, "breakwater-support-"+time.Now().UTC().Format("20060102T150405Z")+".zip")
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrUsage, Op: "support", Message: "the file " + to + " cannot be made", Hint: "name one that is not there yet, or a folder", Err: err}
	}
	b := &bundle{zip: zip.NewWriter(f), place: c.place, ctx: ctx, now: time.Now()}
	b.all(all)
	if err := errors.Join(b.err, b.zip.Close(), f.Close()); err != nil {
		return &harbour.Error{Kind: harbour.ErrUnavailable, Op: "support", Message: "the bundle cannot be written", Hint: "is the disk full?", Err: errors.Join(err, os.Remove(to))}
	}
	fmt.Fprintf(s.out, "%s holds no secrets, no evidence, no names and no addresses. Look into it before you send it: it is a zip of plain texts.\n", to)
	return nil
}

// bundle is a support bundle that is being written.
type bundle struct {
	zip   *zip.Writer
	place place
	ctx   context.Context
	now   time.Time
	err   error
	notes []note // what could not be had
}

// note says that a part is missing, and why, in closed words.
type note struct {
	Part  string `json:"part"`
	Error string `json:"error"`
}

const bundleReadme = `Breakwater support bundle

version.json    the program and the modules it is built of
settings.json   which settings are set and where; values of switches, numbers and closed lists alone
health.json     how the parts of the installation do
database.json   engine, schema, and how many rows each table has
system.json     the machine: system, processors, limits, free disk
problems.json   what breakwater config check finds, and what could not be had for this bundle
metrics.txt     of the server, where one runs
goroutines.txt  what the server is doing: functions and lines of its source
log.jsonl       the kept part of the log: times, messages that stand in the source, ids and numbers

It holds no secrets, no evidence, no names of people, organisations or assets, no addresses and no paths.
`

func (b *bundle) all(c *commands) {
	b.file("README.txt", []byte(bundleReadme))
	b.version()
	values, problems := b.settings(c)
	b.database()
	b.system()
	b.server()
	b.log()
	b.problems(values, problems)
}

func (b *bundle) file(name string, content []byte) {
	if b.err != nil {
		return
	}
	w, err := b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: b.now.UTC()})
	if err == nil {
		_, err = w.Write(content)
	}
	b.err = err
}

func (b *bundle) json(name string, v any) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		b.missing(name, err)
		return
	}
	b.file(name, append(text, '\n'))
}

// missing notes a part that could not be had: the kind of the error, never its text.
func (b *bundle) missing(part string, err error) {
	b.notes = append(b.notes, note{part, harbour.KindOf(err).String()})
}

func (b *bundle) version() {
	info, _ := debug.ReadBuildInfo()
	modules := map[string]string{}
	if info != nil {
		for _, d := range info.Deps {
			modules[d.Path] = d.Version
		}
	}
	b.json("version.json", map[string]any{"version": version, "revision": revision(), "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH, "modules": modules})
}

// shownSetting is a setting as a bundle tells it.
type shownSetting struct {
	Setting string `json:"setting"`
	From    string `json:"from"`            // file, environment, default
	Value   string `json:"value,omitempty"` // of switches, numbers and closed lists
	About   string `json:"about,omitempty"` // what may be told of a text
}

func (b *bundle) settings(c *commands) (config.Values, []config.Problem) {
	v, problems, err := (&fileArgument{}).values(nil, c)
	if err != nil {
		b.missing("settings.json", err)
		v = config.Values{}
	}
	var list []shownSetting
	for _, s := range config.Settings() {
		x, set := v[s.Path]
		e := shownSetting{Setting: s.Path, From: "default"}
		if set {
			if e.From = "file"; x.Line == 0 {
				e.From = "environment"
			}
		} else {
			x.Text = s.Default
		}
		switch {
		case s.Closed() && (s.Enum == nil || slices.Contains(s.Enum, x.Text)):
			e.Value = x.Text
		case set && s.Value == "address":
			e.About = "a network address"
			if config.Loopback(x.Text) {
				e.About = "a loopback address"
			}
		case set && s.Value == "database":
			if e.About = "a file"; strings.Contains(x.Text, "://") {
				e.About = "postgres"
			}
		}
		list = append(list, e)
	}
	var env []string // names alone
	for _, x := range os.Environ() {
		name, _, _ := strings.Cut(x, "=")
		known := slices.ContainsFunc(list, func(s shownSetting) bool {
			return slices.ContainsFunc(config.Settings(), func(c config.Setting) bool { return c.Env == name })
		})
		if known || name == vaultKeyEnv || name == configEnv || name == "BREAKWATER_DIRECTORY_SECRET" || name == "GOMEMLIMIT" || name == "GOMAXPROCS" || name == "GODEBUG" {
			env = append(env, name)
		}
	}
	slices.Sort(env)
	b.json("settings.json", map[string]any{"settings": list, "variables_set": env})
	return v, problems
}

func (b *bundle) database() {
	if _, err := os.Stat(filepath.Join(b.place.Data, "breakwater.db")); err != nil && b.place.own() {
		b.missing("database.json", &harbour.Error{Kind: harbour.ErrNotFound})
		return
	}
	db, err := b.place.reader(b.ctx)
	if err != nil {
		b.missing("database.json", err)
		return
	}
	defer db.Close()
	about := map[string]any{"engine": db.Engine()}
	if known, err := store.SchemaKnown(); err == nil {
		about["schema_known"] = known
	}
	if n, err := db.TableCounts(b.ctx); err == nil {
		about["rows"] = n
	} else {
		b.missing("rows", err)
	}
	if f, err := db.Figures(b.ctx); err == nil {
		about["schema"], about["bytes"], about["jobs"] = f.Schema, f.Bytes, f.Jobs
	} else {
		b.missing("figures", err)
	}
	if last, err := db.LastCheckpoint(b.ctx); err == nil {
		about["audit_checkpoint"] = map[string]any{"entries": last.N, "at": last.At}
	}
	b.json("database.json", about)
	if !running(b.place.Data) {
		u := health.New(&app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: time.Now}, health.Options{
			Free: func() (int64, error) { return vault.FreeIn(b.place.Data) }, Reserve: vault.DefaultReserve, Data: b.place.Data, BackupDays: 7,
		})
		if err := u.CheckAudit(b.ctx); err != nil {
			b.missing("audit", err)
		}
		b.health(u.State(b.ctx))
	}
}

// plain is a text without what names and addresses are made of: it stands in the source, but for its numbers.
var plain = regexp.MustCompile(`^[a-z][a-z0-9 ,:;'%-]{0,200}$`)

// health tells how the parts do. What is said of a certificate may name files.
func (b *bundle) health(s health.State) {
	for i, p := range s.Parts {
		s.Parts[i].Hint = ""
		if p.Name == "certificate" || !plain.MatchString(p.Message) {
			s.Parts[i].Message = ""
		}
	}
	b.json("health.json", s)
}

func (b *bundle) system() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	about := map[string]any{"os": runtime.GOOS, "arch": runtime.GOARCH, "processors": runtime.NumCPU(), "gomaxprocs": runtime.GOMAXPROCS(0), "limits": limits(), "server_runs": running(b.place.Data)}
	if free, err := vault.FreeIn(b.place.Data); err == nil {
		about["disk_free_bytes"], about["disk_reserve_bytes"] = free, int64(vault.DefaultReserve)
	}
	if last, err := health.LastBackup(b.place.Data); err == nil {
		about["last_backup"] = last
	}
	b.json("system.json", about)
}

// server asks one that runs.
func (b *bundle) server() {
	if !running(b.place.Data) {
		return
	}
	c := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", controlSocket(b.place.Data))
	}}}
	get := func(path string) ([]byte, error) {
		r, err := http.NewRequestWithContext(b.ctx, http.MethodGet, "http://server"+path, nil)
		if err != nil {
			return nil, err
		}
		a, err := c.Do(r)
		if err != nil {
			return nil, &harbour.Error{Kind: harbour.ErrUnavailable, Op: "ask the server", Err: err}
		}
		defer a.Body.Close()
		return io.ReadAll(io.LimitReader(a.Body, 64<<20))
	}
	for name, path := range map[string]string{"metrics.txt": "/metrics", "goroutines.txt": "/goroutines"} {
		if text, err := get(path); err == nil {
			b.file(name, text)
		} else {
			b.missing(name, err)
		}
	}
	text, err := get("/health")
	var st health.State
	if err == nil {
		err = json.Unmarshal(text, &st)
	}
	if err != nil {
		b.missing("health.json", err)
		return
	}
	b.health(st)
}

// log takes the kept part of the log, each line judged once more.
func (b *bundle) log() {
	var out bytes.Buffer
	for _, name := range []string{logging.KeptBefore, logging.KeptNow} {
		f, err := os.Open(filepath.Join(b.place.Data, "log", name))
		if err != nil {
			continue
		}
		s := bufio.NewScanner(io.LimitReader(f, 256<<20))
		s.Buffer(nil, 1<<20)
		for s.Scan() {
			if line, ok := logging.Again(s.Bytes()); ok {
				out.Write(append(line, '\n'))
			}
		}
		f.Close()
	}
	b.file("log.jsonl", out.Bytes())
}

// problems lists what config check finds: the setting, the place, and words where they name nothing.
func (b *bundle) problems(v config.Values, problems []config.Problem) {
	problems = append(problems, v.Check()...)
	if !fatal(problems) {
		p := &prober{config: v.Config(), values: v, now: time.Now, free: vault.FreeIn}
		p.config.Place = b.place.Place
		p.all(b.ctx)
		problems = append(problems, p.problems...)
	}
	type shown struct {
		Setting string `json:"setting,omitempty"`
		Line    int    `json:"line,omitempty"`
		Column  int    `json:"column,omitempty"`
		Message string `json:"message,omitempty"`
		Warning bool   `json:"warning,omitempty"`
	}
	list := []shown{}
	// A name without signs would look like words.
	typed := func(message string) bool {
		for _, s := range config.Settings() {
			x := v[s.Path]
			for _, t := range append([]string{x.Text}, x.List...) {
				if !s.Closed() && t != "" && strings.Contains(message, t) {
					return true
				}
			}
		}
		return false
	}
	known := map[string]bool{"clock": true}
	for _, s := range config.Settings() {
		known[s.Path] = true
	}
	for _, p := range problems {
		e := shown{p.Setting, p.Line, p.Column, p.Message, p.Warning}
		if !known[p.Setting] { // what somebody typed
			e.Setting, e.Message = "", "there is no such setting"
		} else if !plain.MatchString(p.Message) || typed(p.Message) {
			e.Message = ""
		}
		list = append(list, e)
	}
	b.json("problems.json", map[string]any{"problems": list, "missing": append([]note{}, b.notes...)})
}
