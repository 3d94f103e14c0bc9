// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"breakwater/internal/testpostgres"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the expected output into the scripts")

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		killedChild(dir, os.Getenv(killedURL))
		return
	}
	if dir := os.Getenv(editedDir); dir != "" {
		editedChild(dir, os.Getenv(editedURL))
		return
	}
	if programChild() {
		return
	}
	testscript.Main(stopping{m}, map[string]func(){
		"breakwater": func() { os.Exit(run(context.Background(), os.Args[1:], streams{os.Stdout, os.Stderr, false})) },
	})
}

// stopping stops the tests' database server after the tests.
type stopping struct{ *testing.M }

// Run implements testscript.TestingM.
func (m stopping) Run() int {
	defer testpostgres.Stop()
	return m.M.Run()
}

// TestScripts runs what users type. The command "status N breakwater …" wants the exit status to be N.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status": func(ts *testscript.TestScript, neg bool, args []string) {
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				err = ts.Exec(args[1], args[2:]...)
				got := 0
				var e *exec.ExitError
				if errors.As(err, &e) {
					got = e.ExitCode()
				} else if err != nil {
					ts.Fatalf("%v", err)
				}
				if got != want {
					ts.Fatalf("exit status %d, want %d", got, want)
				}
			},
		},
	})
}

func TestByteSize(t *testing.T) {
	for s, want := range map[string]int64{"256MiB": 256 << 20, "1GiB": 1 << 30, "1 GiB": 1 << 30, "134217728": 1 << 27, "131072KiB": 1 << 27} {
		var b byteSize
		if err := b.UnmarshalText([]byte(s)); err != nil || int64(b) != want {
			t.Errorf("%q = %d, %v, want %d", s, b, err, want)
		}
	}
	for _, s := range []string{"", "-1GiB", "1TB", "many", "1KiB", "99999999999GiB"} {
		var b byteSize
		if err := b.UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q was accepted as %d", s, b)
		}
	}
}
