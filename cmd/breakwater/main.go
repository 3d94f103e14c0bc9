// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Command breakwater is the system a maritime port's security is run from. Each subcommand has a file of its own;
// breakwater --help lists them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"breakwater/harbour"

	"github.com/alecthomas/kong"
)

// version is set by the release build.
var version = "dev"

// commands is the command line.
type commands struct {
	Settings string `name:"config" help:"File of settings (docs/configuration.md); the command line and the environment win over it." placeholder:"FILE" env:"BREAKWATER_CONFIG"`

	Assess  assessCommand  `cmd:"" help:"Read evidence files and folders and write the assessment."`
	Serve   serveCommand   `cmd:"" help:"Serve the pages and the API that a team works with."`
	Import  importCommand  `cmd:"" help:"Give evidence to the data folder of a server that does not run, and build the inventory."`
	Backup  backupCommand  `cmd:"" help:"Copy the whole installation into a folder, while the server runs."`
	Restore restoreCommand `cmd:"" help:"Make a data folder of a backup, and check all of it."`
	Audit   auditCommand   `cmd:"" help:"Check the audit log, and give its checkpoint to a witness."`
	Upgrade upgradeCommand `cmd:"" help:"Put a new program in place from a signed package, of a server that does not run; or take that back."`
	Settle  settleCommand  `cmd:"" hidden:"" help:"Bring the data up to date and check them; upgrade runs it."`
	Support supportCommand `cmd:"" help:"Write a support bundle without secrets, names and addresses."`
	Config  configCommand  `cmd:"" help:"Check the settings, and show what is in force."`
	Pack    packCommand    `cmd:"" help:"Make an evidence pack that a third party verifies offline, and verify one."`
	Recover recoverCommand `cmd:"" help:"Let a person in again, with the data folder of a server that does not run."`
	Sim     simCommand     `cmd:"" help:"Write the evidence folder of the reference port Skerry."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// streams are where a command talks to.
type streams struct {
	out, err io.Writer
	terminal bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr, isTerminal(os.Stderr)})
	stop()
	os.Exit(status)
}

// parser reads command lines into c; exit is told where the reading alone was asked for, as with --help.
func parser(ctx context.Context, c *commands, s streams, exit func(int)) (*kong.Kong, error) {
	k, err := kong.New(c, kong.Name("breakwater"),
		kong.Description("The security of a port in one picture, from the packet on the wire to the page the board reads."),
		kong.Writers(s.out, s.err), kong.Exit(exit), kong.UsageOnError(), kong.Resolvers(&fileOfSettings{}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s, c))
	if err == nil {
		looksForItself(k.Model.Node, "config")
	}
	return k, err
}

// run executes one command line and returns the exit status: 0 done, 1 failed, 2 wrong use, 3 done but some evidence
// could not be read.
func run(ctx context.Context, args []string, s streams) (status int) {
	var c commands
	exit := -1
	p, err := parser(ctx, &c, s, func(n int) { exit = n })
	if err != nil {
		fmt.Fprintln(s.err, "breakwater:", err)
		return 1
	}
	k, err := p.Parse(args)
	if exit >= 0 {
		return exit
	}
	if known := (*harbour.Error)(nil); errors.As(err, &known) { // of the file of settings
		report(s.err, known)
		return 2
	}
	if err != nil {
		fmt.Fprintf(s.err, "breakwater: %v\nhint: breakwater --help lists commands and flags\n", err)
		return 2
	}
	err = k.Run()
	var unread *unreadError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &unread):
		return harbour.ErrUnreadable.ExitStatus()
	}
	report(s.err, err)
	return harbour.KindOf(err).ExitStatus()
}

// report tells the user what went wrong and what to do.
func report(w io.Writer, err error) {
	var e *harbour.Error
	if errors.As(err, &e) && e.Message != "" {
		fmt.Fprintf(w, "breakwater: %s: %s\n", e.Op, e.Message)
		if e.Err != nil {
			fmt.Fprintf(w, "cause: %v\n", e.Err)
		}
	} else {
		fmt.Fprintf(w, "breakwater: %v\n", err)
	}
	if h := harbour.HintOf(err); h != "" {
		fmt.Fprintf(w, "hint: %s\n", h)
	}
}

type versionCommand struct{}

// Run prints the version and the revision it was built from.
func (versionCommand) Run(s streams) error {
	fmt.Fprintln(s.out, "breakwater", fullVersion())
	return nil
}

func fullVersion() string {
	if r := revision(); r != "" {
		return version + " (" + r + ")"
	}
	return version
}

// revision is what the program was built from, "" where that is not known.
func revision() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	for _, v := range info.Settings {
		if v.Key == "vcs.revision" && len(v.Value) >= 12 {
			return v.Value[:12]
		}
	}
	return ""
}
