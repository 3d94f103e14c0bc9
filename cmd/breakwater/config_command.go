// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/alecthomas/kong"

	"breakwater/cmd/breakwater/config"
	"breakwater/harbour"
	"breakwater/store/vault"
)

type configCommand struct {
	Check configCheckCommand `cmd:"" help:"Say what is wrong with the settings, and whether what they name can be reached. Nothing is changed."`
	Show  configShowCommand  `cmd:"" help:"Print the settings in force and where each comes from. Passwords are hidden."`
}

// fileArgument is the file that is meant: the argument, or the variable; and the settings that the command line would give to serve.
type fileArgument struct {
	File string `arg:"" optional:"" help:"File of settings; that of --config or BREAKWATER_CONFIG otherwise." placeholder:"FILE"`
	config.Config
}

// looksForItself takes the variables away from the flags of the commands below a command: they look at the environment
// themselves, so that what is wrong there is a problem among others and not the end.
func looksForItself(commands *kong.Node, name string) {
	for _, group := range commands.Children {
		if group.Name != name {
			continue
		}
		for _, command := range group.Children {
			for _, flag := range command.Flags {
				flag.Envs, flag.Tag.Envs = nil, nil
			}
		}
	}
}

// told gives the settings that stand on the command line.
func (f *fileArgument) told(k *kong.Context) config.Values {
	if k == nil {
		return config.Values{} // another command asks for what file and environment say
	}
	given := map[string]bool{}
	for _, at := range k.Path {
		if at.Flag != nil && !at.Resolved {
			given[at.Flag.Name] = true
		}
	}
	return config.CommandLine(&f.Config, func(flag string) bool { return given[flag] })
}

func (f *fileArgument) path(all *commands) string {
	if f.File != "" {
		return f.File
	}
	return all.Settings
}

// values reads file, environment and command line, as serve does.
func (f *fileArgument) values(k *kong.Context, all *commands) (v config.Values, problems []config.Problem, err error) {
	v = config.Values{}
	if path := f.path(all); path != "" {
		b, err := readBounded(path)
		if err != nil {
			return nil, nil, err
		}
		v, problems = config.Parse(path, b)
	}
	env, more := config.Environment(os.LookupEnv)
	return v.Over(env).Over(f.told(k)), append(problems, more...), nil
}

type configShowCommand struct{ fileArgument }

// Run prints what is in force.
func (c *configShowCommand) Run(k *kong.Context, all *commands, s streams) error {
	v, problems, err := c.values(k, all)
	if err != nil {
		return err
	}
	for _, p := range problems {
		fmt.Fprintln(s.err, p)
	}
	fmt.Fprint(s.out, v.Show())
	return nil
}

type configCheckCommand struct {
	fileArgument
	JSON    bool `name:"json" help:"Print the problems as JSON."`
	Offline bool `help:"Look at the settings alone, and ask no disk, database or broker."`
}

// checked is what config check found.
type checked struct {
	Problems []config.Problem `json:"problems"`
	Well     []string         `json:"well"` // what was asked and is as it should be
}

// Run looks at every setting and, where they are right, at what they name.
func (c *configCheckCommand) Run(ctx context.Context, k *kong.Context, all *commands, s streams) error {
	v, problems, err := c.values(k, all)
	if err != nil {
		return err
	}
	problems = append(problems, v.Check()...)
	r := checked{Problems: append([]config.Problem{}, problems...), Well: []string{}}
	if !c.Offline && !fatal(problems) {
		p := &prober{config: v.Config(), values: v, now: time.Now, free: vault.FreeIn}
		p.all(ctx)
		r.Problems, r.Well = append(r.Problems, p.problems...), append(r.Well, p.well...)
	}
	slices.SortStableFunc(r.Problems, func(a, b config.Problem) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		if err := e.Encode(r); err != nil {
			return err
		}
	} else {
		for _, p := range r.Problems {
			word := "WRONG"
			if p.Warning {
				word = "NOTE"
			}
			fmt.Fprintf(s.out, "%s %s\n", word, p)
		}
		for _, w := range r.Well {
			fmt.Fprintf(s.out, "ok    %s\n", w)
		}
	}
	if n := count(r.Problems); n > 0 {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "config check", Message: fmt.Sprintf("%d %s", n, plural(n, "problem", "problems")), Hint: "docs/configuration.md describes every setting"}
	}
	if !c.JSON {
		fmt.Fprintln(s.out, "The settings will do.")
	}
	return nil
}

// count is how many problems keep a server from starting or working.
func count(list []config.Problem) (n int) {
	for _, p := range list {
		if !p.Warning {
			n++
		}
	}
	return n
}

func fatal(list []config.Problem) bool { return count(list) > 0 }

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
