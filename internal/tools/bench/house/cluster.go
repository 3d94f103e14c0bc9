// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// ErrNoPostgres says that PostgreSQL is not installed here.
var ErrNoPostgres = errors.New("PostgreSQL is not installed; on Debian: apt-get install postgresql")

// Postgres is a private PostgreSQL server whose data lies in a folder that is kept.
type Postgres struct {
	// URL of its database.
	URL     string
	cmd     *exec.Cmd
	sockets string
}

// StartPostgres starts one on the data in dir, making it where there is none. It listens on a socket in a temporary folder
// alone. Writes are synced to disk; memory is what a small server gives it.
func StartPostgres(ctx context.Context, dir string) (p *Postgres, err error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return nil, ErrNoPostgres
	}
	bin := filepath.Dir(found[len(found)-1])
	sockets, err := os.MkdirTemp("", "bwbench")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(sockets)
		}
	}()
	p = &Postgres{sockets: sockets}
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 { // which PostgreSQL refuses to run as
		if attr.Credential, err = servant(); err != nil {
			return nil, err
		}
	}
	data := dir
	if attr.Credential != nil { // the cache of the superuser may be closed to others
		data = filepath.Join("/var/tmp", "breakwater-bench-"+filepath.Base(dir))
	}
	for _, d := range []string{p.sockets, data} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
		if c := attr.Credential; c != nil {
			if err := os.Chown(d, int(c.Uid), int(c.Gid)); err != nil {
				return nil, err
			}
		}
	}
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err != nil {
		initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "-D", data)
		initdb.SysProcAttr, initdb.Dir = attr, data
		if out, err := initdb.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("initdb: %w\n%s", err, out)
		}
	}
	p.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", p.sockets, "-c", "listen_addresses=", "-c", "max_connections=100", "-c", "shared_buffers=1GB",
		"-c", "max_wal_size=4GB", "-c", "log_min_messages=fatal")
	p.cmd.SysProcAttr, p.cmd.Dir = attr, data
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	where := "?host=" + url.QueryEscape(p.sockets)
	p.URL = "postgres://postgres@/breakwater" + where
	if err := p.ready(ctx, "postgres://postgres@/postgres"+where); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

func servant() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("there is no user but root to run PostgreSQL as")
}

// ready waits until the server answers, and makes the database.
func (p *Postgres) ready(ctx context.Context, address string) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	for range 600 { // it may have to replay its log
		if err = db.PingContext(ctx); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		return fmt.Errorf("the private PostgreSQL server does not answer: %w", err)
	}
	var n int
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM pg_database WHERE datname = 'breakwater'").Scan(&n); err != nil || n > 0 {
		return err
	}
	_, err = db.ExecContext(ctx, "CREATE DATABASE breakwater")
	return err
}

// Stop stops the server.
func (p *Postgres) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	_ = p.cmd.Wait()
	os.RemoveAll(p.sockets)
}
