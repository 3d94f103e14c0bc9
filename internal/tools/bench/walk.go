// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// records calls f with each record, header and frame, of a classic pcap file in little-endian order. It is the least
// that any reader has to do: a buffer of 1 MiB and one step per record.
func records(path string, f func(record []byte) bool) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, 1<<20)
	head, err := r.Peek(24)
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(head) != 0xa1b2c3d4 {
		return errors.New(path + " is not a capture of this program's")
	}
	if _, err := r.Discard(24); err != nil {
		return err
	}
	for {
		head, err := r.Peek(16)
		if errors.Is(err, io.EOF) && len(head) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		n := 16 + int(binary.LittleEndian.Uint32(head[8:]))
		record, err := r.Peek(n)
		if err != nil {
			return err
		}
		if !f(record) {
			return nil
		}
		if _, err := r.Discard(n); err != nil {
			return err
		}
	}
}

// walk is the limit: it steps through the records and adds up their lengths.
func walk(path string) error {
	packets, sum := 0, 0
	err := records(path, func(record []byte) bool {
		packets++
		sum += len(record) - 16
		return true
	})
	fmt.Println(packets, "packets", sum, "bytes")
	return err
}

// slice writes the first n packets of a capture to another file.
func slice(from, to string, n int64) error {
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer out.Close() // a second Close does no harm
	w := bufio.NewWriterSize(out, 1<<20)
	head := make([]byte, 24)
	binary.LittleEndian.PutUint32(head, 0xa1b2c3d4)
	head[4], head[6] = 2, 4 // version 2.4
	binary.LittleEndian.PutUint32(head[16:], 262144)
	head[20] = 1 // Ethernet
	if _, err := w.Write(head); err != nil {
		return err
	}
	var failed error
	err = records(from, func(record []byte) bool {
		_, failed = w.Write(record)
		n--
		return n > 0 && failed == nil
	})
	return errors.Join(err, failed, w.Flush())
}
