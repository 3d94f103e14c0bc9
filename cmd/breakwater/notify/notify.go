// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package notify tells the service manager how the program does, by the protocol of sd_notify(3): lines in a datagram to
// the socket that NOTIFY_SOCKET names. Where there is no such socket nothing is told and nothing fails.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package notify

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Send tells lines such as READY=1. It says whether somebody was told.
func Send(lines ...string) (bool, error) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return false, nil
	}
	if name[0] != '/' && name[0] != '@' {
		return false, fmt.Errorf("NOTIFY_SOCKET is neither a path nor an abstract name")
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"}) // net reads @ as an abstract name
	if err != nil {
		return false, err
	}
	defer c.Close()
	_, err = c.Write([]byte(strings.Join(lines, "\n")))
	return err == nil, err
}

// Watchdog is how often [Send] must say WATCHDOG=1, or the service manager ends the program; 0 for never. Say it twice as
// often as that.
func Watchdog() time.Duration {
	us, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || us <= 0 {
		return 0
	}
	if pid := os.Getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	return time.Duration(us) * time.Microsecond
}
