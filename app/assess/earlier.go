// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// earlier is the evidence of the assessment that lies in the output folder. A run takes the place of one that was made of no more
// than what is given now: of the same files, whatever stands in them by now, or of files with the same content elsewhere.
// Anything else would destroy a result that nobody asked to be destroyed.
type earlier struct {
	out  string
	list []pastEvidence
}

// pastEvidence is what a line of evidence.jsonl says of one.
type pastEvidence struct {
	ID    string `json:"id"`
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
}

// maxEarlier is how many bytes of the list of an earlier assessment are read.
const maxEarlier = 64 << 20

// lookAtEarlier reads what the assessment in the folder out was made of; nil where there is none that is whole: the summary is written last.
func lookAtEarlier(out string) (*earlier, error) {
	if _, err := os.Lstat(filepath.Join(out, "summary.json")); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, nil
		}
		return nil, writeError("look into the output folder", err)
	}
	e := &earlier{out: out}
	f, err := os.Open(filepath.Join(out, "evidence.jsonl"))
	if err != nil {
		return nil, e.refuse("a summary.json, and not of what it was made")
	}
	defer f.Close()
	d := json.NewDecoder(bufio.NewReader(io.LimitReader(f, maxEarlier)))
	for {
		var p pastEvidence
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return e, nil
		} else if err != nil || p.ID == "" {
			return nil, e.refuse("a summary.json, and not of what it was made")
		}
		e.list = append(e.list, p)
	}
}

func (e *earlier) refuse(what string) error {
	return &harbour.Error{
		Kind: harbour.ErrConflict, Op: "assess", Message: fmt.Sprintf("%s holds %s; nothing was changed", e.out, what),
		Hint: "name another folder with --out, give that evidence too, or have it replaced with --replace",
	}
}

// absent lists the evidence of the earlier assessment that is not among the files by path.
func (e *earlier) absent(files []*file) (list []pastEvidence) {
	given := map[string]bool{}
	for _, f := range files {
		abs, _ := filepath.Abs(f.path)
		given[abs] = true
	}
	for _, p := range e.list {
		if abs, _ := filepath.Abs(p.Path); !given[abs] {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b pastEvidence) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// check refuses, before anything is read, where something of the earlier assessment is certainly not given: no file has its
// path, and none its size.
func (e *earlier) check(files []*file) error {
	if e == nil {
		return nil
	}
	sizes := map[int64]bool{}
	for _, f := range files {
		sizes[f.size] = true
	}
	var gone []pastEvidence
	for _, p := range e.absent(files) {
		if !sizes[p.Bytes] {
			gone = append(gone, p)
		}
	}
	return e.without(gone)
}

// checkRead is check once it is known what the files hold.
func (e *earlier) checkRead(files []*file, ledgers []*evidence.Ledger) error {
	if e == nil {
		return nil
	}
	read := map[string]bool{}
	for _, l := range ledgers {
		read[l.Evidence.ID] = true
	}
	var gone []pastEvidence
	for _, p := range e.absent(files) {
		if !read[p.ID] {
			gone = append(gone, p)
		}
	}
	return e.without(gone)
}

func (e *earlier) without(gone []pastEvidence) error {
	switch len(gone) {
	case 0:
		return nil
	case 1:
		return e.refuse("an assessment that was also made of " + gone[0].Path + ", which is not given now")
	}
	return e.refuse(fmt.Sprintf("an assessment that was also made of %s and %d more, which are not given now", gone[0].Path, len(gone)-1))
}
