// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Command assets makes what browsers load: it installs the npm packages that package-lock.json names, bundles the scripts
// and style sheets in web/browser with esbuild, draws the icon sprite from the icons that icons.txt names, and writes all
// of it under names that hold a hash of their content, with a manifest and gzip copies, into web/browser/dist. The server
// embeds that folder.
//
//	go run ./internal/tools/assets          builds what changed; with nothing to do it exits at once
//	go run ./internal/tools/assets -check   type checks the scripts and says when dist is not up to date
//
// Go code builds and runs without any of it (see package browser); Node is needed for this program alone. Two runs at the
// same time in one checkout are not safe.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// edition is raised when this program makes other files of the same sources.
const edition = "1"

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", "web/browser", "`folder` of package.json, src and css")
	check := flag.Bool("check", false, "type check; fail where dist is not up to date")
	force := flag.Bool("force", false, "build even where nothing changed")
	flag.Parse()
	if err := run(*dir, *check, *force); err != nil {
		log.Fatalf("assets: %v", err)
	}
}

func run(dir string, check, force bool) error {
	start := time.Now()
	if err := os.Chdir(dir); err != nil {
		return err
	}
	want, err := fingerprint()
	if err != nil {
		return err
	}
	stamp := filepath.Join("dist", "stamp")
	have, _ := os.ReadFile(stamp)
	built := string(have) == want
	if built && !check && !force {
		return nil
	}
	if err := install(); err != nil {
		return err
	}
	if check {
		if err := command("node", filepath.Join("node_modules", "typescript", "bin", "tsc"), "--noEmit", "-p", "."); err != nil {
			return fmt.Errorf("type check: %w", err)
		}
		if !built {
			return errors.New("dist is not up to date: run go run ./internal/tools/assets")
		}
		return nil
	}
	// Without a stamp a run that was cut short is not taken for a finished one.
	if err := os.Remove(stamp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := build(); err != nil {
		return err
	}
	if err := os.WriteFile(stamp, []byte(want), 0o644); err != nil {
		return err
	}
	fmt.Println("assets built in", time.Since(start).Round(time.Millisecond))
	return nil
}

// fingerprint is a hash of everything that dist is made of.
func fingerprint() (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, edition)
	add := func(name string) error {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %x\n", filepath.ToSlash(name), sha256.Sum256(b))
		return nil
	}
	for _, name := range []string{"package-lock.json", "tsconfig.json", "icons.txt", filepath.Join("..", "..", "view", "tokens.css")} {
		if err := add(name); err != nil {
			return "", err
		}
	}
	for _, folder := range []string{"src", "css"} {
		err := filepath.WalkDir(folder, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return add(p)
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// install runs npm ci unless node_modules already holds what the lock file names.
func install() error {
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		return err
	}
	if strings.Contains(string(lock), `"resolved"`) {
		return errors.New("package-lock.json names hosts: run npm install --omit-lockfile-registry-resolved")
	}
	sum := sha256.Sum256(lock)
	want := hex.EncodeToString(sum[:])
	stamp := filepath.Join("node_modules", ".stamp")
	if have, err := os.ReadFile(stamp); err == nil && string(have) == want {
		return nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return errors.New("npm is not installed: install Node 20 or newer, or run the server without the bundle (go run works without)")
	}
	if err := command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"); err != nil {
		return fmt.Errorf("npm ci: %w", err)
	}
	return os.WriteFile(stamp, []byte(want), 0o644)
}

func command(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
