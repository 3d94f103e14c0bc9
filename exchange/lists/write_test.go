// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/harbour"
)

func seq[T any](s ...T) func(func(*T) bool) {
	return func(yield func(*T) bool) {
		for i := range s {
			if !yield(&s[i]) {
				return
			}
		}
	}
}

// small has one element of each list, all of whose own lists are nil.
func small() *harbour.Assessment {
	return &harbour.Assessment{
		Evidence:      []harbour.Evidence{{ID: "e-1", Path: "a.pcap", Kind: harbour.EvidencePacket}},
		Zones:         []harbour.Zone{{ID: "z"}},
		Conduits:      []harbour.ConduitUse{{ID: "c"}},
		Findings:      []harbour.Finding{{ID: "f", Title: "a <b> & c"}},
		Assets:        seq(harbour.Asset{ID: "a-1", Interfaces: []harbour.Interface{{}}, Attributes: []harbour.Attribute{{}}}),
		Conversations: seq(harbour.Conversation{Client: "a-1"}),
		Operations:    seq(harbour.Operation{Client: "a-1", Verb: harbour.VerbRead}),
		Summary:       harbour.Summary{Version: "1", TopFindings: []harbour.Finding{{ID: "f"}}},
	}
}

func lines(t *testing.T, dir, name string) []map[string]any {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []map[string]any
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var m map[string]any
		if err := json.Unmarshal(s.Bytes(), &m); err != nil {
			t.Fatalf("%s line %d: %v", name, len(out)+1, err)
		}
		out = append(out, m)
	}
	return out
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// Every field that the contracts name is there, also where it is empty, and no list is null.
func TestContract(t *testing.T) {
	dir := t.TempDir()
	if err := Write(context.Background(), dir, small(), nil); err != nil {
		t.Fatal(err)
	}
	contract := map[string]string{
		EvidenceFile:      "id path kind sha256 bytes records from to problems[]",
		AssetsFile:        "id name domain kind hostnames[] interfaces[] protocols[] software[] first_seen last_seen attributes[]",
		ConversationsFile: "client client_ip server_ip client_mac server_mac vlan transport port protocol confirmed packets bytes first_seen last_seen verdict evidence locator",
		OperationsFile:    "client client_ip server_ip protocol verb code name target result count first_seen last_seen evidence locator",
		FindingsFile:      "id rule severity title explanation subjects[] evidence[] requirements[] status first_seen last_seen",
		ZonesFile:         "id name level members evidence[]",
		ConduitsFile:      "id from to services[] verdicts evidence[]",
	}
	for name, fields := range contract {
		got := lines(t, dir, name)
		if len(got) != 1 {
			t.Errorf("%s has %d lines, want 1", name, len(got))
			continue
		}
		checkFields(t, name, got[0], fields)
	}
	raw, err := os.ReadFile(filepath.Join(dir, SummaryFile))
	if err != nil {
		t.Fatal(err)
	}
	var summary map[string]any
	if err := json.Unmarshal(raw, &summary); err != nil {
		t.Fatal(err)
	}
	checkFields(t, SummaryFile, summary, "version generated_at port counts services[] top_findings[] problems[]")
	if !bytes.Contains(raw, []byte("\n  \"version\": \"1\"")) {
		t.Errorf("%s is not indented:\n%s", SummaryFile, raw)
	}
	asset := lines(t, dir, AssetsFile)[0]
	checkFields(t, "interface", asset["interfaces"].([]any)[0].(map[string]any), "ips[]")
	checkFields(t, "attribute", asset["attributes"].([]any)[0].(map[string]any), "name value declared confidence count first_seen last_seen observations[]")
	checkFields(t, "top finding", summary["top_findings"].([]any)[0].(map[string]any), "subjects[] evidence[] requirements[]")
	if text, _ := os.ReadFile(filepath.Join(dir, FindingsFile)); !bytes.Contains(text, []byte("a <b> & c")) {
		t.Errorf("%s escapes for HTML: %s", FindingsFile, text)
	}
}

func checkFields(t *testing.T, what string, object map[string]any, fields string) {
	t.Helper()
	for _, f := range strings.Fields(fields) {
		name, isList := strings.CutSuffix(f, "[]")
		v, ok := object[name]
		if !ok {
			t.Errorf("%s has no field %q", what, name)
			continue
		}
		if _, list := v.([]any); isList && !list {
			t.Errorf("%s: %q = %v, want a list", what, name, v)
		}
	}
}

// The element belongs to the assessment: writing must not fill its nil lists.
func TestElementsUnchanged(t *testing.T) {
	a := small()
	asset := harbour.Asset{ID: "a", Interfaces: []harbour.Interface{{MAC: "m"}}, Attributes: []harbour.Attribute{{Name: "n"}}}
	a.Assets = func(yield func(*harbour.Asset) bool) { yield(&asset) }
	if err := Write(context.Background(), t.TempDir(), a, nil); err != nil {
		t.Fatal(err)
	}
	want := harbour.Asset{ID: "a", Interfaces: []harbour.Interface{{MAC: "m"}}, Attributes: []harbour.Attribute{{Name: "n"}}}
	if diff := cmp.Diff(want, asset); diff != "" {
		t.Errorf("asset changed (-want +got):\n%s", diff)
	}
	if a.Findings[0].Subjects != nil || a.Summary.TopFindings[0].Subjects != nil {
		t.Error("findings changed")
	}
}

func TestAbsentCapabilities(t *testing.T) {
	dir := t.TempDir()
	if err := Write(context.Background(), dir, small(), nil); err != nil {
		t.Fatal(err)
	}
	all := []string{AssetsFile, ConduitsFile, ConversationsFile, EvidenceFile, FindingsFile, OperationsFile, SummaryFile, ZonesFile}
	if diff := cmp.Diff(all, names(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	// A second run without zones takes the lists of the first one away.
	a := small()
	a.Zones, a.Conduits = nil, nil
	if err := Write(context.Background(), dir, a, nil); err != nil {
		t.Fatal(err)
	}
	without := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == ZonesFile || s == ConduitsFile })
	if diff := cmp.Diff(without, names(t, dir)); diff != "" {
		t.Errorf("files without zones (-want +got):\n%s", diff)
	}
	// Zones that are declared and hold nothing are a capability that is there.
	a.Port = &harbour.Port{Zones: []harbour.DeclaredZone{{ID: "z"}}}
	if err := Write(context.Background(), dir, a, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, names(t, dir)); diff != "" {
		t.Errorf("files with declared zones (-want +got):\n%s", diff)
	}
	// An assessment of nothing is written, with empty lists.
	if err := Write(context.Background(), t.TempDir(), &harbour.Assessment{}, nil); err != nil {
		t.Errorf("Write of an empty assessment: %v", err)
	}
}

// full writes up to a number of bytes over all files and then has no space.
type full struct {
	output
	left *int
}

func (f full) Write(p []byte) (int, error) {
	if len(p) > *f.left {
		n, _ := f.output.Write(p[:*f.left])
		*f.left = 0
		return n, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	}
	*f.left -= len(p)
	return f.output.Write(p)
}

// Wherever the disk becomes full, nothing is left behind and the earlier set stays whole.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	first := small()
	first.Summary.Version = "first"
	if err := Write(context.Background(), dir, first, nil); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	for space := 0; ; space += 97 {
		left := space
		w := &writer{ctx: context.Background(), dir: dir, progress: func(int64, string) {}, create: func(path string) (output, error) {
			f, err := create(path)
			return full{f, &left}, err
		}}
		err := write(w, small())
		if err == nil {
			if space == 0 {
				t.Fatal("nothing was written")
			}
			break
		}
		if k := harbour.KindOf(err); k != harbour.ErrFull {
			t.Fatalf("space %d: kind %v, want ErrFull: %v", space, k, err)
		}
		if harbour.HintOf(err) == "" {
			t.Errorf("space %d: no hint", space)
		}
		if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
			t.Fatalf("space %d: the earlier set changed (-want +got):\n%s", space, diff)
		}
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, n := range names(t, dir) {
		b, err := os.ReadFile(filepath.Join(dir, n))
		if err != nil {
			t.Fatal(err)
		}
		out[n] = string(b)
	}
	return out
}

func TestCancelled(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	a := small()
	a.Conversations = func(yield func(*harbour.Conversation) bool) {
		c := harbour.Conversation{Client: "a"}
		for i := range 3 * checkEvery {
			if i == checkEvery {
				cancel()
			}
			if !yield(&c) {
				return
			}
		}
	}
	err := Write(ctx, dir, a, nil)
	if k := harbour.KindOf(err); k != harbour.ErrCancelled {
		t.Errorf("kind %v, want ErrCancelled: %v", k, err)
	}
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

// What a killed run left, and a link that somebody put in the way, are replaced and not followed.
func TestLeftovers(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(outside, []byte("keep"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "."+AssetsFile+".partial")); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := os.WriteFile(filepath.Join(dir, "."+EvidenceFile+".partial"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(context.Background(), dir, small(), nil); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(outside); string(b) != "keep" {
		t.Errorf("the link was followed: %q", b)
	}
	for _, n := range names(t, dir) {
		if strings.HasSuffix(n, ".partial") {
			t.Errorf("left behind: %s", n)
		}
	}
}

func TestUnwritableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := Write(context.Background(), file, small(), nil)
	if k := harbour.KindOf(err); k != harbour.ErrUsage || harbour.HintOf(err) == "" {
		t.Errorf("kind %v hint %q, want ErrUsage with a hint: %v", k, harbour.HintOf(err), err)
	}
}

func TestFailureKinds(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want harbour.ErrorKind
	}{
		{fmt.Errorf("x: %w", syscall.EDQUOT), harbour.ErrFull},
		{syscall.EROFS, harbour.ErrUsage},
		{context.DeadlineExceeded, harbour.ErrCancelled},
		{errors.New("other"), harbour.ErrInternal},
	} {
		if got := harbour.KindOf(failure("d", 1, tt.err)); got != tt.want {
			t.Errorf("failure(%v) = kind %v, want %v", tt.err, got, tt.want)
		}
	}
}

func TestProgress(t *testing.T) {
	a := small()
	a.Operations = func(yield func(*harbour.Operation) bool) {
		var o harbour.Operation
		for range 2*checkEvery + 5 {
			if !yield(&o) {
				return
			}
		}
	}
	last := map[string]int64{}
	calls := 0
	err := Write(context.Background(), t.TempDir(), a, func(done int64, what string) {
		if done < last[what] {
			t.Errorf("%s went back from %d to %d", what, last[what], done)
		}
		last[what] = done
		calls++
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := last[OperationsFile], int64(2*checkEvery+5); got != want {
		t.Errorf("operations done = %d, want %d", got, want)
	}
	if got := len(last); got != 8 {
		t.Errorf("files reported = %d, want 8", got)
	}
	if calls > 30 {
		t.Errorf("%d calls; progress must not be told of every line", calls)
	}
}

func BenchmarkAssets(b *testing.B) {
	asset := harbour.Asset{ID: "a-0123456789ab", Name: "sts-04-plc", Hostnames: []string{"h"}, Interfaces: []harbour.Interface{{MAC: "00:1b:1b:00:00:01", IPs: []string{"10.20.1.4"}}}}
	for range 12 {
		asset.Attributes = append(asset.Attributes, harbour.Attribute{Name: "firmware", Value: "2.9.4", FirstSeen: 1, LastSeen: 2, Observations: []harbour.Observation{{Evidence: "e-1", Locator: "frame 118"}}})
	}
	w := &writer{ctx: context.Background(), progress: func(int64, string) {}, out: bufio.NewWriter(io.Discard)}
	b.ReportAllocs()
	for b.Loop() {
		if err := appendEach(w, all([]harbour.Asset{asset}), appendAsset); err != nil {
			b.Fatal(err)
		}
	}
}
