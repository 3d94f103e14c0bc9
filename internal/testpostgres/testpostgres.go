// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package testpostgres gives tests a PostgreSQL database.
//
// [URL] returns the address of a fresh, empty database that goes with the test. The server is the one that the variable
// TEST_POSTGRES names (a URL of a user who may create databases), else a private one that is started from the binaries
// installed here, in a temporary folder and on a Unix socket, and stopped with the test binary by [Main]. Without either
// the test is skipped; with CI=true it fails instead.
package testpostgres

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

var databases atomic.Int64

// server is the private server, started at first use.
var server = sync.OnceValues(start)

// running is what Main stops.
var running struct {
	sync.Mutex
	stop func()
}

// Main runs the tests of a package and stops the private server after them: func TestMain(m *testing.M) { testpostgres.Main(m) }.
func Main(m *testing.M) {
	code := m.Run()
	Stop()
	os.Exit(code)
}

// Stop stops the private server, for packages whose tests are run by something else than [Main].
func Stop() {
	running.Lock()
	defer running.Unlock()
	if running.stop != nil {
		running.stop()
		running.stop = nil
	}
}

// URL returns the address of an empty database that is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	base := os.Getenv("TEST_POSTGRES")
	if base == "" {
		var err error
		if base, err = server(); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("PostgreSQL is needed: %v", err)
			}
			t.Skipf("no PostgreSQL: %v", err)
		}
	}
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("breakwater_test_%d_%d", os.Getpid(), databases.Add(1))
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// binaries finds the folder of initdb and postgres.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	for i := len(found) - 1; i >= 0; i-- {
		if _, err := os.Stat(filepath.Join(filepath.Dir(found[i]), "postgres")); err == nil {
			return filepath.Dir(found[i]), nil
		}
	}
	p, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("initdb is not installed (package postgresql), and TEST_POSTGRES is not set")
	}
	if p, err = filepath.EvalSymlinks(p); err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(p), "postgres")); err != nil {
		return "", fmt.Errorf("the PostgreSQL server is not installed beside %s (package postgresql)", p)
	}
	return filepath.Dir(p), nil
}

// start makes and starts a private server. PostgreSQL refuses to run as root, so root lends it another user.
func start() (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "bwpg")
	if err != nil {
		return "", err
	}
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		if attr.Credential, err = other(dir); err != nil {
			return "", err
		}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "-D", data)
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w\n%s", err, out)
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=128MB")
	cmd.SysProcAttr, cmd.Dir = attr, dir
	if err := cmd.Start(); err != nil {
		return "", err
	}
	running.Lock()
	running.stop = func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait()
		os.RemoveAll(dir)
	}
	running.Unlock()
	address := "postgres://postgres@/postgres?host=" + url.QueryEscape(dir)
	return address, answer(address)
}

// other picks the user that PostgreSQL runs as and gives the folder to it.
func other(dir string) (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
	}
	return nil, fmt.Errorf("there is no user but root to run PostgreSQL as")
}

// answer waits until the server answers.
func answer(address string) (err error) {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	for range 200 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err = db.PingContext(ctx)
		cancel()
		if err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("the private PostgreSQL server does not answer: %w", err)
}
