// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidencepack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// evidence checks each evidence: that its id and its bytes are those of its hash, and that slices have as many parts as
// they say. That a slice is a part of the whole can be seen only by who has the whole.
func (v *verifier) evidence() {
	claimed := map[string]bool{}
	whole, slices := 0, 0
	v.lines(EvidenceFile, v.m.Counts.Evidence, func(at int, b []byte) {
		var e Evidence
		if err := strict(b, &e); err != nil {
			v.fail("%s line %d cannot be read", EvidenceFile, at)
			return
		}
		if _, ok := readHash(e.SHA256); !ok || e.ID != "e-"+e.SHA256[:16] || v.sources[e.ID] != nil {
			v.fail("%s line %d: the id %s is not that of its hash, or comes twice", EvidenceFile, at, e.ID)
			return
		}
		s := &source{Evidence: e, how: "not given, known by its hash"}
		v.sources[e.ID] = s
		switch e.Given {
		case Nothing:
		case Whole:
			name := WholeFile(e.ID)
			claimed[name] = true
			if f, ok := v.listed[name]; !ok || f.SHA256 != e.SHA256 || f.Bytes != e.Bytes {
				v.fail("the bytes of evidence %s are not those of its hash", e.ID)
				return
			}
			whole++
			s.how = "given whole, its bytes are those of its hash"
		case Slices:
			parts := 0
			for _, p := range e.Slices {
				claimed[p.File] = true
				if err := v.slice(e.ID, &p); err != nil {
					v.fail("slice %s of evidence %s: %v", p.File, e.ID, err)
					return
				}
				parts += len(p.Frames) + len(p.Places)
				slices++
			}
			s.how = fmt.Sprintf("given in slices, %d places; whether they are parts of the whole, only who has the whole can see", parts)
		default:
			v.fail("%s line %d: nothing is given as %q", EvidenceFile, at, e.Given)
		}
	})
	for name := range v.listed {
		if strings.HasPrefix(name, "evidence/") && !claimed[name] {
			v.fail("the file %s belongs to no evidence", name)
		}
	}
	if whole > 0 {
		v.ok("%d evidences are given whole, with the bytes of their hashes", whole)
	}
	if slices > 0 {
		v.ok("%d slices have the parts that they say", slices)
	}
}

// slice counts the parts of a slice.
func (v *verifier) slice(id string, p *Slice) error {
	f, ok := v.listed[p.File]
	if !ok || !strings.HasPrefix(p.File, "evidence/"+id+"/slice-") {
		return errors.New("it is not in the pack")
	}
	r, err := v.files.open(p.File, f.Bytes)
	if err != nil {
		return err
	}
	defer r.Close()
	n, want := 0, len(p.Places)
	if strings.HasSuffix(p.File, ".pcap") {
		want = len(p.Frames)
		n, err = countFrames(r)
	} else {
		s := bufio.NewScanner(r)
		s.Buffer(nil, maxLine)
		for s.Scan() {
			n++
		}
		err = s.Err()
	}
	if err == nil && n != want {
		err = fmt.Errorf("it has %d parts and should have %d", n, want)
	}
	return err
}

// maxFrame is the most bytes of a frame.
const maxFrame = 1 << 20

// countFrames counts the frames of a pcap file with nanoseconds, little endian, as a slice is written.
func countFrames(r io.Reader) (n int, err error) {
	b := bufio.NewReader(r)
	var head [24]byte
	if _, err := io.ReadFull(b, head[:]); err != nil || binary.LittleEndian.Uint32(head[:]) != 0xa1b23c4d {
		return 0, errors.New("it is no capture")
	}
	for {
		_, err := io.ReadFull(b, head[:16])
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		size := binary.LittleEndian.Uint32(head[8:])
		if err != nil || size > maxFrame {
			return n, errors.New("it is damaged")
		}
		if _, err := io.CopyN(io.Discard, b, int64(size)); err != nil {
			return n, errors.New("it ends within a frame")
		}
		n++
	}
}
