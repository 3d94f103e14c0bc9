// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"breakwater/harbour"
)

// embedded is the broker in this process. It listens on no port: the one connection to it is a pipe.
type embedded struct {
	opt  *Options
	lock *os.File

	mu    sync.Mutex
	srv   *server.Server // nil while there is no room to start it
	young bool           // started, and nobody has looked after its streams yet
}

// startTimeout is how long the embedded server may read its folder.
const startTimeout = 2 * time.Minute

func newEmbedded(o *Options) (*embedded, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, folderError(err)
	}
	f, err := os.OpenFile(filepath.Join(o.Dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, folderError(err)
	}
	held, err := lockFile(f)
	if err != nil || !held {
		f.Close()
		if err != nil {
			return nil, folderError(err)
		}
		return nil, &harbour.Error{
			Kind: harbour.ErrConflict, Op: "open the broker", Message: "another process uses the folder of the broker",
			Hint: "stop the other breakwater, or give this one a data folder of its own",
		}
	}
	e := &embedded{opt: o, lock: f}
	if e.room(0) != nil {
		return e, nil // tend starts it when there is room: on a full disk the server would give up its streams
	}
	if err := e.start(); err != nil {
		f.Close()
		return nil, err
	}
	return e, nil
}

func folderError(err error) error {
	return &harbour.Error{
		Kind: harbour.ErrUnavailable, Op: "open the broker", Message: "the folder of the broker cannot be used",
		Hint: "see that it is mounted and can be written by the account that runs Breakwater", Err: err,
	}
}

// start runs a server on the folder.
func (e *embedded) start() error {
	var bytes int64
	for _, s := range e.opt.all() {
		bytes += s.MaxBytes
	}
	e.finishReceivers()
	srv, err := server.NewServer(&server.Options{
		ServerName: "breakwater", DontListen: true, NoSigs: true, MaxPayload: 1 << 20,
		JetStream: true, StoreDir: e.opt.Dir, JetStreamMaxStore: bytes, JetStreamMaxMemory: 1 << 20,
		SyncAlways: true, DisableJetStreamBanner: true,
	})
	if err != nil {
		return folderError(err)
	}
	srv.SetLoggerV2(serverLog{e.opt.Log}, false, false, false)
	srv.Start()
	if !srv.ReadyForConnections(startTimeout) || !srv.JetStreamEnabled() {
		srv.Shutdown()
		srv.WaitForShutdown()
		return folderError(errors.New("the server did not start; the log says more"))
	}
	e.mu.Lock()
	e.srv, e.young = srv, true
	e.mu.Unlock()
	return nil
}

// InProcessConn is how the client reaches the server, also after it was started anew.
func (e *embedded) InProcessConn() (net.Conn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.srv == nil {
		return nil, net.ErrClosed
	}
	return e.srv.InProcessConn()
}

// broken says why the server has given up its storage, or a stream of it, as it does for good when it cannot write. A stream
// that a server just started does not know is no reason to start it once more: it is made anew over what there is of it.
func (e *embedded) broken() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.srv == nil || !e.srv.JetStreamEnabled() {
		return errors.New("the server has stopped storing")
	}
	if e.young {
		return nil
	}
	if h := e.srv.Healthz(&server.HealthzOptions{}); h.StatusCode != http.StatusOK {
		return fmt.Errorf("the server says: %s %s", h.Status, h.Error)
	}
	return nil
}

// lookedAfter says that the streams were asked for since the server was started.
func (e *embedded) lookedAfter() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.young = false
}

// finishReceivers readies receivers that were being made when the program was killed: without its description the server makes one
// anew when it is next asked for, and remembers what it had handled.
func (e *embedded) finishReceivers() {
	list, _ := filepath.Glob(filepath.Join(e.opt.Dir, "jetstream", "$G", "streams", "*", "obs", "*", "meta.inf"))
	for _, name := range list {
		if _, err := os.Stat(filepath.Join(filepath.Dir(name), "meta.sum")); errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(name) // where it stays the server says so at each start, and works
		}
	}
}

// unfinish readies the folder of a stream that the server does not know for being made anew. A program that is killed while it
// makes a stream, or changes one, leaves a description that is missing, or that does not go with its checksum; the server then
// passes the stream over at each start. Without the description it takes up the messages that lie in the folder, and
// writes both files again.
func (e *embedded) unfinish(stream string) error {
	dir := filepath.Join(e.opt.Dir, "jetstream", "$G", "streams", stream)
	for _, name := range []string{"meta.inf", "meta.sum"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return folderError(err)
		}
	}
	return nil
}

// restart starts the server anew on its folder.
func (e *embedded) restart() error {
	e.stop()
	return e.start()
}

func (e *embedded) stop() {
	e.mu.Lock()
	srv := e.srv
	e.srv = nil
	e.mu.Unlock()
	if srv != nil {
		srv.Shutdown()
		srv.WaitForShutdown()
	}
}

func (e *embedded) close() error {
	e.stop()
	return e.lock.Close()
}

// room refuses what would leave less than the reserve on the disk. The broker gives up all of its storage when it
// meets a full disk, so it is kept from meeting one.
func (e *embedded) room(more int) error {
	if e.opt.Reserve < 0 {
		return nil
	}
	free, err := freeBytes(e.opt.Dir)
	if err != nil || free-int64(more) >= e.opt.Reserve {
		return nil // a system that does not tell is not held against the message
	}
	return &harbour.Error{
		Kind: harbour.ErrFull, Op: "publish", Message: fmt.Sprintf("%d MB are free on the disk of the broker, of which %d are kept back", free>>20, e.opt.Reserve>>20),
		Hint: "free space on the disk of the data folder; what is waiting is kept and goes on then",
	}
}

// serverLog hands on what the server has to say. Its notices at start and stop are of no use to operators.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Noticef(format string, v ...any) {
	l.log.Debug("broker", "says", fmt.Sprintf(format, v...))
}

func (l serverLog) Warnf(format string, v ...any) {
	l.log.Warn("broker warns", "says", fmt.Sprintf(format, v...))
}

func (l serverLog) Fatalf(format string, v ...any) {
	l.log.Error("broker failed", "says", fmt.Sprintf(format, v...))
}

func (l serverLog) Errorf(format string, v ...any) {
	l.log.Error("broker error", "says", fmt.Sprintf(format, v...))
}
func (l serverLog) Debugf(string, ...any) {}
func (l serverLog) Tracef(string, ...any) {}
