// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"breakwater/internal/tools/bench/mix"
)

// size is a mix by name.
type size struct {
	name    string
	packets int64
}

// capture is a generated file.
type capture struct {
	path   string
	count  mix.Count
	sha256 string
}

// capture makes a mix, or takes the one that an earlier run of the same program made. The work is done in a process of
// its own: the peak memory that the system tells of a child is never less than its parent's.
func (b *bench) capture(s size) (c capture, err error) {
	key, err := b.generator()
	if err != nil {
		return c, err
	}
	c.path = filepath.Join(b.cache, fmt.Sprintf("mix-%d-%d-%s.pcap", s.packets, b.o.seed, key))
	note("capture %s", c.path)
	if _, err := os.Stat(c.path + ".json"); err != nil {
		cmd := exec.CommandContext(b.ctx, b.self, "-child", "mix", strconv.FormatInt(s.packets, 10), strconv.FormatUint(b.o.seed, 10), c.path)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return c, fmt.Errorf("make %s: %w", c.path, err)
		}
	}
	text, err := os.ReadFile(c.path + ".json")
	if err != nil {
		return c, err
	}
	var m made
	err = json.Unmarshal(text, &m)
	c.count, c.sha256 = m.Count, m.SHA256
	return c, err
}

// made is what the cache knows of a capture.
type made struct {
	Count  mix.Count
	SHA256 string
}

// makeMix writes a capture, then its description, each whole or not at all.
func makeMix(args []string) error {
	packets, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		return err
	}
	path := args[2]
	f, err := os.Create(path + ".partial")
	if err != nil {
		return err
	}
	defer os.Remove(path + ".partial")
	h := sha256.New()
	count, err := mix.Write(io.MultiWriter(f, h), mix.Options{Seed: seed, Packets: packets})
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	text, err := json.Marshal(made{count, hex.EncodeToString(h.Sum(nil))})
	if err != nil {
		return err
	}
	if err := os.Rename(path+".partial", path); err != nil {
		return err
	}
	return os.WriteFile(path+".json", text, 0o644)
}

// generator identifies the program that makes the captures by its sources, so that a change makes new ones.
func (b *bench) generator() (string, error) {
	h := sha256.New()
	for _, dir := range []string{"internal/tools/bench/mix", "sim/frame", "sim/record"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			return "", fmt.Errorf("no sources in %s: run this from the root of the repository", dir)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(h, "%s %d\n", f, len(text))
			h.Write(text)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:12], nil
}
