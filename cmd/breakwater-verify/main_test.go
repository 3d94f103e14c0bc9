// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/exchange/evidencepack"
)

// pack writes the smallest pack, signed by hand, over a log of one entry, and gives the key.
func pack(t *testing.T, path string) (key string) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	raw := append([]byte{1}, private.Public().(ed25519.PublicKey)...)
	id := sha256.Sum256(append([]byte("port\n"), raw...))
	key = fmt.Sprintf("port+%x+%s", id[:4], base64.StdEncoding.EncodeToString(raw))
	sign := func(text string) (string, error) {
		return text + "\n— port " + base64.StdEncoding.EncodeToString(append(bytes.Clone(id[:4]), ed25519.Sign(private, []byte(text))...)) + "\n", nil
	}
	root := sha256.Sum256([]byte("\x00{\"seq\":0}"))
	checkpoint, _ := sign("go.sum database tree\n1\n" + base64.StdEncoding.EncodeToString(root[:]) + "\n")
	print := sha256.Sum256(raw[1:])
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := evidencepack.NewWriter(f)
	for _, p := range [][2]string{
		{evidencepack.ObjectsFile, ""},
		{evidencepack.ObservationsFile, ""},
		{evidencepack.EvidenceFile, ""},
		{evidencepack.CustodyFile, ""},
		{evidencepack.EarlierFile, ""},
		{evidencepack.AuditFile, `{"seq":0,"record":"{\"seq\":0}","proof":[]}` + "\n"},
		{evidencepack.CheckpointFile, checkpoint},
		{evidencepack.KeyFile, key},
		{evidencepack.ReadmeFile, "x"},
	} {
		if err := w.Text(p[0], p[1]); err != nil {
			t.Fatal(err)
		}
	}
	m := evidencepack.Manifest{Key: hex.EncodeToString(print[:]), Tree: evidencepack.Tree{Size: 1, Root: hex.EncodeToString(root[:])}, Counts: evidencepack.Counts{Entries: 1}}
	if err := w.Close(m, sign); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return key
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	good, bad, notes, witness := filepath.Join(dir, "good.zip"), filepath.Join(dir, "bad.zip"), filepath.Join(dir, "notes.txt"), filepath.Join(dir, "paper.txt")
	key := pack(t, good)
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	root := sha256.Sum256([]byte("\x00{\"seq\":0}"))
	for name, text := range map[string][]byte{bad: bytes.Replace(b, []byte("README"), []byte("README"[:5]+"X"), 2), notes: []byte("Tuesday: look at crane 4.\n"), witness: fmt.Appendf(nil, "Entries: 1\nRoot: %x\nKey: %s\n", root, key)} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		args []string
		want int
		says string
	}{
		"good":                    {[]string{good}, 0, "The pack is whole."},
		"good with its key":       {[]string{"--key", key, good}, 0, "the key is the one that was given"},
		"flags behind the pack":   {[]string{good, "--key", key, "--all"}, 0, "the key is the one that was given"},
		"with a checkpoint":       {[]string{good, "--checkpoint", witness}, 0, "goes on from the checkpoint"},
		"another key":             {[]string{good, "--key", strings.Repeat("0", 64)}, 1, "NOT to be trusted"},
		"tampered":                {[]string{bad}, 1, "FAILED"},
		"no pack":                 {[]string{notes}, 2, "it is no zip"},
		"no file":                 {[]string{filepath.Join(dir, "none")}, 2, ""},
		"a folder":                {[]string{dir}, 2, ""},
		"nothing":                 {nil, 2, ""},
		"two packs":               {[]string{good, good}, 2, ""},
		"a flag nobody knows":     {[]string{good, "--trust"}, 2, ""},
		"no checkpoint in it":     {[]string{good, "--checkpoint", notes}, 2, ""},
		"no file of a checkpoint": {[]string{good, "--checkpoint", filepath.Join(dir, "none")}, 2, ""},
	} {
		var out, problems bytes.Buffer
		if got := run(tt.args, &out, &problems); got != tt.want || !strings.Contains(out.String(), tt.says) || tt.want == 2 && tt.says == "" && problems.Len() == 0 {
			t.Errorf("%s: %d, want %d and %q:\n%s%s", name, got, tt.want, tt.says, out.String(), problems.String())
		}
	}
}

// TestStandsAlone wants the verifier to be made of the standard library and of the format's package.
func TestStandsAlone(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(string(out))
	if len(got) != 2 || got[0] != "breakwater/exchange/evidencepack" || got[1] != "breakwater/cmd/breakwater-verify" {
		t.Errorf("it is made of %v, want the standard library and breakwater/exchange/evidencepack", got)
	}
}
