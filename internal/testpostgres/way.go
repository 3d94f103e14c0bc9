// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package testpostgres

import (
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// Way is a way to a database that a test can cut or block: the database is then gone for those who come by it, and nobody else.
// It is safe for concurrent use.
type Way struct {
	// URL of the database by this way.
	URL string

	network, address string
	listen           string

	mu       sync.Mutex
	free     *sync.Cond // not blocked
	blocked  bool
	listener net.Listener
	conns    []net.Conn
}

// WayTo makes a way to a database that is cut at first, and goes with the test.
func WayTo(t testing.TB, database string) *Way {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	w := &Way{network: "tcp", address: u.Host}
	w.free = sync.NewCond(&w.mu)
	q := u.Query()
	if dir := q.Get("host"); dir != "" {
		w.network, w.address = "unix", filepath.Join(dir, ".s.PGSQL.5432")
		q.Del("host")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.listen = l.Addr().String()
	l.Close()
	q.Set("sslmode", "disable")
	u.Host, u.RawQuery = w.listen, q.Encode()
	w.URL = u.String()
	t.Cleanup(w.Cut)
	return w
}

// Open lets through, also after the way was cut or blocked.
func (w *Way) Open(t testing.TB) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.blocked = false
	w.free.Broadcast()
	if w.listener != nil {
		return
	}
	l, err := net.Listen("tcp", w.listen)
	if err != nil {
		t.Fatal(err)
	}
	w.listener = l
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(c)
		}
	}()
}

// Block lets nothing through and says nothing, as a machine does that has vanished.
func (w *Way) Block() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.blocked = true
}

// Cut ends what goes on and refuses what comes.
func (w *Way) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.listener != nil {
		w.listener.Close()
		w.listener = nil
	}
	for _, c := range w.conns {
		c.Close()
	}
	w.conns, w.blocked = nil, false
	w.free.Broadcast()
}

func (w *Way) carry(from net.Conn) {
	to, err := net.Dial(w.network, w.address)
	if err != nil {
		from.Close()
		return
	}
	w.mu.Lock()
	w.conns = append(w.conns, from, to)
	w.mu.Unlock()
	go w.copy(from, to)
	w.copy(to, from)
}

func (w *Way) copy(to, from net.Conn) {
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		w.mu.Lock()
		for w.blocked {
			w.free.Wait()
		}
		w.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if err != io.EOF {
				from.Close()
			}
			return
		}
	}
}
