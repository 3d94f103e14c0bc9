// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Command release builds the program as it is released, its bill of materials, and the signed package that breakwater
// upgrade takes (docs/formats/upgrade.md). From the same sources and the same Go it gives the same bytes.
//
//	release keygen FILE                                     a release key; prints the public half
//	release build --version v1.2.0 --from v1.0.0 --key FILE [--out DIR] [--os linux] [--arch amd64]
package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"breakwater/app/upgrade"
	"breakwater/store"
)

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1:]); err != nil {
		log.Fatal("release: ", err)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "keygen":
		return keygen(args[1])
	case len(args) > 0 && args[0] == "build":
		return build(args[1:])
	}
	return errors.New("usage: release keygen FILE | release build --version VERSION --from VERSION --key FILE")
}

// keygen writes a private key that nobody else may read, and never over one that is there.
func keygen(path string) error {
	private, public, err := upgrade.NewKey()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(private + "\n")
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	fmt.Println(public)
	return nil
}

type job struct {
	version, from, key, out, os, arch string
}

func build(args []string) error {
	var j job
	f := flag.NewFlagSet("build", flag.ContinueOnError)
	f.StringVar(&j.version, "version", "", "version of the release, with v")
	f.StringVar(&j.from, "from", "", "oldest version that may be upgraded by it")
	f.StringVar(&j.key, "key", "", "file of the release key")
	f.StringVar(&j.out, "out", "dist", "folder to write into")
	f.StringVar(&j.os, "os", runtime.GOOS, "system")
	f.StringVar(&j.arch, "arch", runtime.GOARCH, "processor")
	if err := f.Parse(args); err != nil {
		return err
	}
	if j.version == "" || j.from == "" || j.key == "" {
		return errors.New("--version, --from and --key are needed")
	}
	private, err := os.ReadFile(j.key)
	if err != nil {
		return err
	}
	return j.run(strings.TrimSpace(string(private)))
}

func (j *job) run(private string) error {
	public, err := upgrade.PublicOf(private)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(j.out, 0o755); err != nil {
		return err
	}
	name := filepath.Join(j.out, fmt.Sprintf("breakwater-%s-%s-%s", j.version, j.os, j.arch))
	if err := j.compile(name, public); err != nil {
		return err
	}
	program, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	at, err := committed()
	if err != nil {
		return err
	}
	materials, err := bill(name, "web/browser/package-lock.json", j.version, at)
	if err != nil {
		return err
	}
	licences, err := texts(name, "web/browser")
	if err != nil {
		return err
	}
	schema, err := store.SchemaKnown()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	c := upgrade.Contents{Program: program, SBOM: materials, Version: j.version, From: j.from, Schema: schema, OS: j.os, Arch: j.arch, BuiltAt: at}
	if _, err := upgrade.Write(&b, c, private); err != nil {
		return err
	}
	if _, err := upgrade.Verify(bytes.NewReader(b.Bytes()), []string{public}); err != nil {
		return err
	}
	for path, content := range map[string][]byte{name + ".bwu": b.Bytes(), name + ".sbom.json": materials, name + ".licences.txt": licences} {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%x  %s\n%x  %s\n", sha256.Sum256(program), name, sha256.Sum256(b.Bytes()), name+".bwu")
	return nil
}

// compile builds the program: no paths of this machine, no cgo, optimised by the profile that is checked in.
func (j *job) compile(to, public string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=auto", "-pgo", "cmd/breakwater/release.pgo",
		"-ldflags", "-s -w -buildid= -X main.version="+j.version+" -X main.releaseKey="+public, "-o", to, "./cmd/breakwater")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+j.os, "GOARCH="+j.arch, "GOFLAGS=")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// committed is when the sources were committed, which stands for when the program was built: a clock would make each build
// another one.
func committed() (time.Time, error) {
	out, err := exec.Command("git", "log", "-1", "--format=%cI").Output()
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, strings.TrimSpace(string(out)))
}
