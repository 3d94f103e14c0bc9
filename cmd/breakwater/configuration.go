// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"breakwater/cmd/breakwater/config"
	"breakwater/harbour"
	"breakwater/store/vault"
)

// configEnv names the variable that names the file of settings.
const configEnv = "BREAKWATER_CONFIG"

// fileOfSettings gives flags what the file of settings says, where neither the command line nor the environment does.
type fileOfSettings struct {
	read   bool
	values config.Values
	err    error
}

var _ kong.Resolver = (*fileOfSettings)(nil)

// Validate implements kong.Resolver; the file is checked when it is read.
func (f *fileOfSettings) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver.
func (f *fileOfSettings) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if len(flag.Envs) == 0 || flag.Name == "config" || strings.HasPrefix(ctx.Command(), "config ") {
		return nil, nil
	}
	if os.Getenv(flag.Envs[0]) != "" {
		return nil, nil // kong has taken it
	}
	if !f.read {
		f.read = true
		for _, g := range ctx.Model.Flags {
			if path, _ := ctx.FlagValue(g).(string); g.Name == "config" && path != "" {
				if f.values, f.err = config.Read(path); f.err == nil {
					f.err = config.AsError(f.values.Check())
				}
			}
		}
	}
	if f.err != nil {
		return nil, f.err
	}
	for _, s := range config.Settings() {
		if s.Env != flag.Envs[0] {
			continue
		}
		if v, ok := f.values[s.Path]; ok {
			if v.List != nil {
				return strings.Join(v.List, ","), nil
			}
			return v.Text, nil
		}
		if _, empty := os.LookupEnv(s.Env); empty && s.Default != "" {
			return s.Default, nil // a variable that is empty counts as not set
		}
	}
	return nil, nil
}

// place is where an installation lies, as commands are told.
type place struct{ config.Place }

// url is the database that is meant.
func (p place) url() (string, error) {
	switch {
	case p.DatabaseFile != "" && p.Database != "":
		return "", wrongUse("open database", "the database is named twice", "give one of --database and --database-file", nil)
	case p.DatabaseFile != "":
		b, err := readBounded(p.DatabaseFile)
		if err != nil {
			return "", err
		}
		line, _, _ := bytes.Cut(b, []byte("\n"))
		if line = bytes.TrimSpace(line); len(line) == 0 {
			return "", wrongUse("open database", "the file "+p.DatabaseFile+" names no database", "its first line is a URL: postgres://user:password@host/name", nil)
		}
		return string(line), nil
	case p.Database != "":
		return p.Database, nil
	}
	return filepath.Join(p.Data, "breakwater.db"), nil
}

// own says whether the database is the file in the data folder.
func (p place) own() bool { return p.Database == "" && p.DatabaseFile == "" }

// key says where the vault's key is.
func (p place) key() vault.KeySource { return vault.KeySource{Env: vaultKeyEnv, File: p.VaultKey} }

// there wants a database to be there already.
func (p place) there(op string) error {
	if !p.own() {
		return nil
	}
	if _, err := os.Stat(filepath.Join(p.Data, "breakwater.db")); err != nil {
		return &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: "there is no database in " + p.Data, Hint: "name the data folder of a server that has run and was set up, with --data", Err: err}
	}
	return nil
}

// controlSocket is where commands on this machine ask a running server how it does.
func controlSocket(data string) string { return filepath.Join(data, "control.sock") }
