// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package notify_test

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"breakwater/cmd/breakwater/notify"
)

func TestSend(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	if told, err := notify.Send("READY=1"); told || err != nil {
		t.Errorf("without a service manager: %v, %v", told, err)
	}
	dir, err := os.MkdirTemp("", "n")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	at := filepath.Join(dir, "s")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: at, Net: "unixgram"})
	if err != nil {
		t.Skip("no such sockets here:", err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", at)
	if told, err := notify.Send("READY=1", "STATUS=well"); !told || err != nil {
		t.Fatalf("%v, %v", told, err)
	}
	b := make([]byte, 100)
	n, err := l.Read(b)
	if got := string(b[:n]); err != nil || got != "READY=1\nSTATUS=well" {
		t.Errorf("heard %q, %v", got, err)
	}
	for _, bad := range []string{"here", at + ".gone"} {
		t.Setenv("NOTIFY_SOCKET", bad)
		if told, err := notify.Send("READY=1"); told || err == nil {
			t.Errorf("%s: %v, %v", bad, told, err)
		}
	}
}

func TestWatchdog(t *testing.T) {
	for _, tt := range []struct {
		us, pid string
		want    time.Duration
	}{
		{"", "", 0},
		{"30000000", "", 30 * time.Second},
		{"30000000", strconv.Itoa(os.Getpid()), 30 * time.Second},
		{"30000000", "1", 0},
		{"-5", "", 0},
		{"many", "", 0},
	} {
		t.Setenv("WATCHDOG_USEC", tt.us)
		t.Setenv("WATCHDOG_PID", tt.pid)
		if got := notify.Watchdog(); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
