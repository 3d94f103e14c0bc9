// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"breakwater/harbour"
)

// Floors, in packets per second of processor time.
const (
	floorNDPI   = 1.5
	floorTshark = 100
	memoryMiB   = 256 // the default of assess --memory
)

// fields are what tshark is asked for.
var fields = []string{
	"frame.number", "frame.time_epoch", "frame.len", "frame.protocols", "eth.src", "eth.dst", "vlan.id",
	"ip.src", "ip.dst", "ip.proto", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport",
}

// assess is the program on some paths.
func (b *bench) assess(name string, paths ...string) *subject {
	out := filepath.Join(b.tmp, "assessment")
	return &subject{
		name:  name,
		args:  append([]string{b.breakwater, "assess", "--quiet", "--out", out}, paths...),
		clean: func() { os.RemoveAll(out) },
	}
}

// compare measures assess and its peers on one mix, and tshark on its first packets; sliced 0 leaves tshark out.
func (b *bench) compare(r *report, s size, sliced int64) error {
	c, err := b.capture(s)
	if err != nil {
		return err
	}
	r.capture(s, c)
	own := b.assess("assess", c.path)
	subjects := []*subject{own, {name: "record walk", args: []string{b.self, "-child", "walk", c.path}}}
	var ndpi *subject
	if have("ndpiReader") {
		ndpi = &subject{name: "ndpiReader -q", args: []string{"ndpiReader", "-q", "-i", c.path}}
		subjects = append(subjects, ndpi)
	}
	note("%s: %d packets", s.name, c.count.Packets)
	if err := b.alternate(b.o.rounds, subjects...); err != nil {
		return err
	}
	n := c.count.Packets
	walked := rate(subjects[1], n)
	mine := rate(own, n)
	r.row(s.name, subjects[1], n, walked, "")
	r.row(s.name, own, n, walked, "1")
	if ndpi != nil {
		r.row(s.name, ndpi, n, walked, fmt.Sprintf("%.2f", mine/rate(ndpi, n)))
		r.floor(s.name+": assess / ndpiReader", fmt.Sprintf("at least %.1f", floorNDPI), mine/rate(ndpi, n) >= floorNDPI, "%.2f", mine/rate(ndpi, n))
	} else {
		r.missing(s.name, "ndpiReader", "libndpi-bin")
	}
	r.peak(s.name, own)
	if sliced == 0 {
		return nil
	}
	return b.compareTshark(r, c, sliced)
}

// compareTshark measures assess and tshark on the first packets of a capture.
func (b *bench) compareTshark(r *report, c capture, n int64) error {
	name := fmt.Sprintf("first %s", thousands(n))
	if !have("tshark") {
		r.missing(name, "tshark", "tshark")
		return nil
	}
	part := filepath.Join(b.tmp, "slice.pcap")
	if err := slice(c.path, part, n); err != nil {
		return err
	}
	defer os.Remove(part)
	args := []string{"tshark", "-n", "-r", part, "-T", "fields"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	own, peer := b.assess("assess", part), &subject{name: "tshark -n -T fields", args: args}
	walk := &subject{name: "record walk", args: []string{b.self, "-child", "walk", part}}
	note("%s packets", name)
	if err := b.alternate(b.o.rounds, own, walk, peer); err != nil {
		return err
	}
	walked := rate(walk, n)
	ratio := rate(own, n) / rate(peer, n)
	r.row(name, own, n, walked, "1")
	r.row(name, peer, n, walked, fmt.Sprintf("%.0f", ratio))
	r.floor(name+": assess / tshark", fmt.Sprintf("at least %d", floorTshark), ratio >= floorTshark, "%.0f", ratio)
	return nil
}

// rate is packets per second of processor time.
func rate(s *subject, packets int64) float64 { return float64(packets) / max(s.median().cpu, 1e-3) }

func have(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// port measures the way from the files of the reference port to the finished page. limit is in seconds; 0 has none.
func (b *bench) port(r *report, scale, limit float64, rounds int) error {
	dir := filepath.Join(b.tmp, "port")
	defer os.RemoveAll(dir)
	name := fmt.Sprintf("reference port, scale %g", scale)
	note("%s", name)
	sim, err := b.command(b.breakwater, "sim", "--quiet", "--scale", fmt.Sprint(scale), dir)
	if err != nil {
		if b.ctx.Err() != nil {
			return b.ctx.Err()
		}
		r.floor(name+": written", "without error", false, "%s", firstLine(err.Error()))
		return nil
	}
	own := b.assess("assess", dir)
	own.partly = true
	if err := b.alternate(rounds, own); err != nil {
		if b.ctx.Err() != nil {
			return b.ctx.Err()
		}
		r.floor(name+": assessed", "without error", false, "%s", firstLine(err.Error()))
		return nil
	}
	lines := func(list string) int { return countLines(filepath.Join(b.tmp, "assessment", list)) }
	u := own.median()
	r.note("%s: %d assets, %d conversations, %d findings; evidence written in %.1f s, assessed in %.2f s (%.2f s CPU), peak %.0f MiB.",
		name, lines("assets.jsonl"), lines("conversations.jsonl"), lines("findings.jsonl"), sim.wall, u.wall, u.cpu, u.peak)
	if limit > 0 {
		r.floor(name+": files to page", fmt.Sprintf("under %g s", limit), u.wall < limit, "%.2f s", u.wall)
	}
	r.peak(name, own)
	left, err := leftOut(filepath.Join(b.tmp, "assessment", "evidence.jsonl"))
	if err != nil {
		return err
	}
	measured := "nothing"
	if len(left) > 0 {
		measured = strings.Join(left, ", ")
	}
	r.floor(name+": left out for want of memory", "nothing", len(left) == 0, "%s", measured)
	return nil
}

// wanting are the counters that tell of evidence that was left out because memory was used up: a small peak is no merit
// where they stand.
var wanting = []string{
	"endpoints_refused", "conversations_refused", "operations_refused", "observations_refused", "texts_refused",
	"operation_targets_merged", "flows_evicted",
}

// leftOut adds up those counters over all files of an assessment.
func leftOut(path string) (list []string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sums := map[string]int64{}
	for line := range bytes.Lines(text) {
		var e harbour.Evidence
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, err
		}
		for _, c := range e.Counters {
			sums[c.Name] += c.Value
		}
	}
	for _, name := range wanting {
		if n := sums[name]; n > 0 {
			list = append(list, name+" "+thousands(n))
		}
	}
	return list, nil
}

func countLines(path string) (n int) {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	for r := bufio.NewReaderSize(f, 1<<20); ; {
		_, err := r.ReadSlice('\n')
		if err == nil {
			n++
		} else if !errors.Is(err, bufio.ErrBufferFull) {
			return n
		}
	}
}

// firstLine is what goes wrong in one line.
func firstLine(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return first
}
