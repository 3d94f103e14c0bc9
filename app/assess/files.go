// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/pipeline"
)

// file is one file to read.
type file struct {
	path   string
	size   int64
	kind   evidence.Kind
	what   string // what was recognised
	err    error
	ledger *evidence.Ledger
}

// findFiles lists the regular files under the paths, each once, in order of path. The output folder is left out.
func findFiles(paths []string, out string) ([]*file, error) {
	seen := map[string]bool{}
	var files []*file
	outAbs, _ := filepath.Abs(out)
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				if path == root {
					return &harbour.Error{Kind: harbour.ErrUsage, Op: "assess", Message: fmt.Sprintf("%s cannot be opened", path), Hint: "name files or folders that exist and that you may read", Err: err}
				}
				files = append(files, &file{path: path, err: err})
				return nil
			}
			abs, _ := filepath.Abs(path)
			if d.IsDir() {
				if abs == outAbs && path != root {
					return filepath.SkipDir
				}
				return nil
			}
			info, err := os.Stat(path) // follows links to files
			if err != nil || !info.Mode().IsRegular() || seen[abs] {
				return nil
			}
			seen[abs] = true
			files = append(files, &file{path: path, size: info.Size()})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, &harbour.Error{
			Kind: harbour.ErrUsage, Op: "assess", Message: "there is no file in " + strings.Join(paths, ", "),
			Hint: "give captures (pcap, pcapng), inventories (CSV, XLSX) and a port.yaml",
		}
	}
	slices.SortFunc(files, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

// recognise decides by a file's first bytes which kind reads it.
func (f *file) recognise(kinds []evidence.Kind) {
	if f.err != nil {
		return
	}
	r, err := os.Open(f.path)
	if err != nil {
		f.err = err
		return
	}
	defer r.Close()
	f.kind, f.what, f.err = pipeline.Recognise(kinds, r)
}
