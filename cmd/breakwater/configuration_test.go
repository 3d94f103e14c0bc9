// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/app/health"
	"breakwater/cmd/breakwater/config"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
)

// at is a data folder with its database in it.
func at(data string) places { return places{place: place{config.Place{Data: data}}} }

// TestPrecedence wants the command line over the environment over the file over the default, for the commands as for
// config show.
func TestPrecedence(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "breakwater.yaml")
	text := "data: " + filepath.Join(dir, "file") + "\nlisten: 127.0.0.1:1\nurl: https://file.example\nlog:\n  level: warn\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BREAKWATER_URL", "https://environment.example")
	t.Setenv("BREAKWATER_LOG_LEVEL", "")
	c, exit := parsed(t, "--config", file, "serve", "--listen", "127.0.0.1:2")
	want := config.Config{
		Place: config.Place{Data: filepath.Join(dir, "file")}, Listen: "127.0.0.1:2", URL: "https://environment.example",
		Log: config.Log{Format: "auto", Level: "warn", Keep: 8}, Watch: config.Watch{BackupDays: 7}, Backup: config.Backup{At: "02:30", Keep: 14},
	}
	if diff := cmp.Diff(want, c.Serve.Config); exit >= 0 || diff != "" {
		t.Errorf("serve: %d\n%s", exit, diff)
	}
	out, _ := command(t, 0, "config", "show", file)
	for _, line := range []string{`url: "https://environment.example" # environment BREAKWATER_URL`, `listen: "127.0.0.1:1" # ` + file + ":2:9", `  format: "auto" # default`} {
		if !strings.Contains(out, line) {
			t.Errorf("config show lacks %q:\n%s", line, out)
		}
	}
	t.Setenv(configEnv, file)
	if c, _ := parsed(t, "audit", "verify"); c.Audit.Verify.Data != filepath.Join(dir, "file") {
		t.Errorf("audit verify works on %q", c.Audit.Verify.Data)
	}
	if c, _ := parsed(t, "restore", dir, "--data", "new"); c.Restore.Data != "new" || c.Restore.Database != "" {
		t.Errorf("restore goes to %q, %q", c.Restore.Data, c.Restore.Database)
	}
	if err := os.WriteFile(file, []byte("listn: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, log := command(t, 2, "serve"); !strings.Contains(log, file+":1:1: there is no setting listn") || !strings.Contains(log, "did you mean listen?") {
		t.Errorf("a file that is wrong: %s", log)
	}
	if _, log := command(t, 2, "--config", filepath.Join(dir, "none"), "serve"); !strings.Contains(log, "cannot be opened") {
		t.Errorf("a file that is not there: %s", log)
	}
}

// pairOf writes a certificate of one's own.
func pairOf(t *testing.T, host string, until time.Time) (cert, key string) {
	t.Helper()
	dir := t.TempDir()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// TestConfigCheck plants one fault after the other, wants each named, and nothing said of what is right.
func TestConfigCheck(t *testing.T) {
	lately, key := pairOf(t, "breakwater.port.example", time.Now().Add(400*24*time.Hour))
	soon, soonKey := pairOf(t, "breakwater.port.example", time.Now().Add(5*24*time.Hour))
	late, lateKey := pairOf(t, "breakwater.port.example", time.Now().Add(-time.Minute))
	data := lived(t, 3)
	if err := os.Chmod(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := health.NoteBackup(data, health.Backup{At: harbour.At(time.Now())}); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	stale := lived(t, 1)
	if err := health.NoteBackup(stale, health.Backup{At: harbour.At(time.Now().Add(-240 * time.Hour))}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	tampered := lived(t, 3)
	execIn(t, tampered, "UPDATE audit SET actor = 'eve' WHERE seq = 1")
	future := lived(t, 1)
	execIn(t, future, "UPDATE audit SET at = at + 864000000000")
	for name, tt := range map[string]struct {
		lines  []string
		want   string
		status int
	}{
		"all is well":               {[]string{"data: " + data}, "The settings will do.", 0},
		"the certificate, too":      {[]string{"data: " + data, "url: https://breakwater.port.example", "tls: {cert: " + lately + ", key: " + key + "}"}, "certificate and key go together", 0},
		"certificate ends soon":     {[]string{"data: " + data, "tls: {cert: " + soon + ", key: " + soonKey + "}"}, "NOTE FILE:3:13: the certificate ends within 30 days", 0},
		"certificate has ended":     {[]string{"data: " + data, "tls: {cert: " + late + ", key: " + lateKey + "}"}, "WRONG FILE:3:13: the certificate has expired", 1},
		"certificate of another":    {[]string{"data: " + data, "tls: {cert: " + lately + ", key: " + soonKey + "}"}, "do not go together", 1},
		"certificate of no such":    {[]string{"data: " + data, "url: https://other.example", "tls: {cert: " + lately + ", key: " + key + "}"}, "the certificate is not for other.example", 1},
		"address taken":             {[]string{"data: " + data, "listen: " + taken.Addr().String()}, "cannot be listened at", 1},
		"no database there":         {[]string{"data: " + data, "database: postgres://bw:s3cret@127.0.0.1:1/bw"}, "WRONG FILE:3:11: the database does not answer", 1},
		"no broker there":           {[]string{"data: " + data, "nats: {url: 'nats://bw:s3cret@127.0.0.1:1'}"}, "the broker does not answer", 1},
		"a file for a folder":       {[]string{"data: " + lately}, "is a file", 1},
		"a backup that is old":      {[]string{"data: " + stale}, "the last backup was made 10 days ago", 0},
		"a folder for backups":      {[]string{"data: " + data, "backup: {dir: " + dir + "}"}, "can be written", 0},
		"backups among the data":    {[]string{"data: " + data, "backup: {dir: " + filepath.Join(data, "vault") + "}"}, "WRONG FILE:3:15: the folder for backups lies in the data folder", 1},
		"no folder for backups":     {[]string{"data: " + data, "backup: {dir: " + dir + "/away}"}, "NOTE FILE:3:15: the folder for backups is not there", 0},
		"an audit log was changed":  {[]string{"data: " + tampered}, "the audit log is not what was written", 1},
		"the clock was set back":    {[]string{"data: " + future}, "it was set back", 1},
		"a setting that is unknown": {[]string{"data: " + data, "nonsense: 1"}, "FILE:3:1: there is no setting nonsense", 1},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "f.yaml")
			lines := tt.lines
			if !strings.Contains(strings.Join(lines, ""), "listen:") {
				lines = append([]string{"listen: 127.0.0.1:0"}, lines...)
			} else {
				lines = append([]string{"# as it is"}, lines...)
			}
			if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
				t.Fatal(err)
			}
			out, log := command(t, tt.status, "config", "check", file)
			all := strings.ReplaceAll(out, file, "FILE")
			if !strings.Contains(all, tt.want) || strings.Contains(out+log, "s3cret") {
				t.Errorf("%s\n%s", all, log)
			}
			if name == "all is well" && strings.Contains(all, "WRONG") {
				t.Errorf("%s", all)
			}
		})
	}
	if url := testpostgres.URL(t); url != "" {
		file := filepath.Join(t.TempDir(), "f.yaml")
		if err := os.WriteFile(file, []byte("listen: 127.0.0.1:0\ndata: "+data+"\ndatabase: "+url+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, _ := command(t, 0, "config", "check", file); !strings.Contains(out, "can be reached and is empty") {
			t.Errorf("an empty PostgreSQL: %s", out)
		}
	}
}

// TestConfigCheckTakesFlags wants what serve would use with the same flags to be looked at, and nothing else.
func TestConfigCheckTakesFlags(t *testing.T) {
	dir := t.TempDir()
	data, other := filepath.Join(dir, "flagged"), filepath.Join(dir, "in-the-file")
	file := filepath.Join(dir, "f.yaml")
	if err := os.WriteFile(file, []byte("data: "+other+"\nlisten: 127.0.0.1:0\nlog: {level: warn}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	t.Setenv("BREAKWATER_DATA", filepath.Join(dir, "in-the-environment"))
	t.Setenv("BREAKWATER_LOG_KEEP", "many")
	out, _ := command(t, 1, "config", "check", file, "--offline")
	if !strings.Contains(out, "environment BREAKWATER_LOG_KEEP") { // what is wrong in the environment is a problem among others
		t.Errorf("a variable that is wrong: %s", out)
	}
	t.Setenv("BREAKWATER_LOG_KEEP", "")
	out, _ = command(t, 0, "config", "check", file, "--data", data)
	if !strings.Contains(out, "the data folder "+data+" ") || strings.Contains(out, other) || strings.Contains(out, "in-the-environment") {
		t.Errorf("config check --data: %s", out)
	}
	out, _ = command(t, 1, "config", "check", file, "--data="+data, "--listen", taken.Addr().String())
	if !strings.Contains(out, "WRONG --listen: ") || !strings.Contains(out, taken.Addr().String()) {
		t.Errorf("config check --listen: %s", out)
	}
	if out, _ = command(t, 1, "config", "check", file, "--offline", "--url", "nonsense", "--tls-cert", file); !strings.Contains(out, "WRONG --url: ") || !strings.Contains(out, "WRONG --tls-cert: a certificate needs its key") {
		t.Errorf("config check --url --tls-cert: %s", out)
	}
	out, _ = command(t, 0, "config", "show", file, "--data", data, "--tls", "--watch-backup", "3", "--breached", "a,b")
	for _, line := range []string{`data: "` + data + `" # --data`, `listen: "127.0.0.1:0" # ` + file, "  always: true # --tls", "  backup_days: 3 # --watch-backup", `  breached: ["a", "b"] # --breached`, `  keep_mib: 8 # default`} {
		if !strings.Contains(out, line) {
			t.Errorf("config show lacks %q:\n%s", line, out)
		}
	}
}

// TestCheckChangesNothing wants the data folder to be as it was.
func TestCheckChangesNothing(t *testing.T) {
	var out bytes.Buffer
	dir := filepath.Join(t.TempDir(), "data")
	if n := run(context.Background(), []string{"--config", "", "config", "check"}, streams{&out, &out, false}); n > 1 {
		t.Errorf("%d: %s", n, &out)
	}
	t.Setenv("BREAKWATER_DATA", dir)
	t.Setenv("BREAKWATER_LISTEN", "127.0.0.1:0")
	command(t, 0, "config", "check")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder was made: %v", err)
	}
}

// parsed reads a command line without running it.
func parsed(t *testing.T, args ...string) (c commands, exit int) {
	t.Helper()
	exit = -1
	p, err := parser(context.Background(), &c, streams{io.Discard, io.Discard, false}, func(n int) { exit = n })
	if err == nil {
		_, err = p.Parse(args)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c, exit
}

// execIn changes a database behind the program's back.
func execIn(t *testing.T, data, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "breakwater.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}
