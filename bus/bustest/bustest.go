// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package bustest gives brokers to tests: [Each] runs a test on the embedded broker, on an external server and on a
// cluster of three, so that what is shown of one is shown of all.
//
// External servers are processes of their own that can be killed: the test binary runs itself as the server of the
// version in go.mod. So TestMain must call [Main].
package bustest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"breakwater/bus"
)

const serverEnv = "BREAKWATER_BUSTEST_SERVER"

// Main runs the tests, or the server that one of them started.
func Main(m *testing.M) int {
	if config := os.Getenv(serverEnv); config != "" {
		return serve(config)
	}
	return m.Run()
}

// serve is what the program nats-server does with a configuration file. It ends when it is killed, or orphaned.
func serve(config string) int {
	o, err := server.ProcessConfigFile(config)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	o.NoSigs = true
	s, err := server.NewServer(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s.Start()
	for parent := os.Getppid(); os.Getppid() == parent; {
		time.Sleep(time.Second)
	}
	s.Shutdown()
	return 0
}

// Broker is what a test opens buses on.
type Broker struct {
	// Dir of the embedded broker, "" for others.
	Dir string
	// Servers of an external one; three for a cluster.
	Servers []*Server
	// Replicas that each message must have.
	Replicas int
}

// Each runs fn on a fresh broker of each kind.
func Each(t *testing.T, fn func(t *testing.T, b *Broker)) {
	t.Run("embedded", func(t *testing.T) { fn(t, Embedded(t)) })
	t.Run("external", func(t *testing.T) { fn(t, External(t)) })
	t.Run("cluster", func(t *testing.T) { fn(t, Cluster(t)) })
}

// Embedded gives a folder for the embedded broker.
func Embedded(t testing.TB) *Broker { return &Broker{Dir: t.TempDir(), Replicas: 1} }

// External starts a server.
func External(t testing.TB) *Broker { t.Helper(); return ExternalWith(t, "") }

// ExternalWith starts a server with more in its configuration.
func ExternalWith(t testing.TB, config string) *Broker {
	t.Helper()
	s := newServer(t, "")
	s.write(t, fmt.Sprintf(single, s.addr, s.dir)+config)
	s.Start(t)
	return &Broker{Servers: []*Server{s}, Replicas: 1}
}

// Cluster starts three servers that know one another.
func Cluster(t testing.TB) *Broker {
	t.Helper()
	b := &Broker{Replicas: 3}
	var routes []string
	for i := range 3 {
		s := newServer(t, fmt.Sprint("n", i+1))
		s.route = free(t)
		routes = append(routes, "nats://"+s.route)
		b.Servers = append(b.Servers, s)
	}
	for _, s := range b.Servers {
		s.write(t, fmt.Sprintf(single, s.addr, s.dir)+fmt.Sprintf(clustered, s.name, s.route, strings.Join(routes, ", ")))
		s.Start(t)
	}
	return b
}

// The configuration that docs/bus.md recommends, on an address and a folder of the test.
const (
	single = `
listen: %q
max_payload: 1MB
jetstream {
  store_dir: %q
  sync_interval: always
  max_file_store: 8GB
}
`
	clustered = `
server_name: %s
cluster {
  name: breakwater
  listen: %q
  routes: [%s]
}
`
)

// Open opens a bus on the broker and closes it with the test. change may alter the options; nil for none.
func (b *Broker) Open(t testing.TB, change func(*bus.Options)) *bus.Bus {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	o := b.Options()
	if change != nil {
		change(&o)
	}
	u, err := bus.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := u.Close(); err != nil {
			t.Error(err)
		}
	})
	return u
}

// Options to reach the broker. The patience is that of a loaded machine.
func (b *Broker) Options() bus.Options {
	o := bus.Options{Dir: b.Dir, Patience: time.Minute, Reserve: -1, Streams: []bus.Stream{{Name: "jobs", MaxBytes: 16 << 20}, {Name: "events", MaxBytes: 64 << 20}}}
	var urls []string
	for _, s := range b.Servers {
		urls = append(urls, "nats://"+s.addr)
	}
	o.URL = strings.Join(urls, ",")
	return o
}

// Addr is the address of the first server, for URLs of one's own.
func (b *Broker) Addr() string { return b.Servers[0].addr }

// Server is a process.
type Server struct {
	name, addr, route, dir, config string

	cmd *exec.Cmd
}

func newServer(t testing.TB, name string) *Server {
	dir := t.TempDir()
	s := &Server{name: name, addr: free(t), dir: filepath.Join(dir, "store"), config: filepath.Join(dir, "nats.conf")}
	t.Cleanup(func() { s.Kill() })
	return s
}

func (s *Server) write(t testing.TB, config string) {
	t.Helper()
	if err := os.WriteFile(s.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

// free finds an address that nobody listens on.
func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Start starts the server, also again after it was killed, and waits until it listens.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.cmd = exec.Command(os.Args[0])
	s.cmd.Env = append(os.Environ(), serverEnv+"="+s.config)
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 600 {
		if c, err := net.Dial("tcp", s.addr); err == nil {
			c.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the server %s does not listen", s.addr)
}

// Kill ends the server as kill -9 does.
func (s *Server) Kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}
