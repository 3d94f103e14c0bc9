// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/klauspost/compress/gzip"
)

// firstPage is the most script, in bytes before compression, that every page may load.
const firstPage = 100_000

// output is one file of esbuild's metafile.
type output struct {
	EntryPoint string                     `json:"entryPoint"`
	Inputs     map[string]json.RawMessage `json:"inputs"`
	Imports    []struct {
		Path string `json:"path"`
		Kind string `json:"kind"`
	} `json:"imports"`
	Bytes int `json:"bytes"`
}

// build writes dist anew. The manifest leads from the name that pages use to the name with the hash.
func build() error {
	if err := empty("dist"); err != nil {
		return err
	}
	res := api.Build(api.BuildOptions{
		EntryPointsAdvanced: []api.EntryPoint{
			{InputPath: "src/boot.ts", OutputPath: "app"},
			{InputPath: "css/app.css", OutputPath: "app"},
		},
		Bundle: true, Write: true, Outdir: "dist", Splitting: true,
		Format: api.FormatESModule, Target: api.ES2022, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		EntryNames: "[name]-[hash]", ChunkNames: "chunk-[name]-[hash]", AssetNames: "[name]-[hash]",
		Loader:        map[string]api.Loader{".woff2": api.LoaderFile},
		LegalComments: api.LegalCommentsNone, Metafile: true, LogLevel: api.LogLevelWarning,
	})
	if len(res.Errors) > 0 {
		return fmt.Errorf("bundle: %d errors", len(res.Errors))
	}
	var meta struct {
		Outputs map[string]output `json:"outputs"`
	}
	if err := json.Unmarshal([]byte(res.Metafile), &meta); err != nil {
		return fmt.Errorf("read metafile: %w", err)
	}
	manifest := map[string]string{}
	for path, o := range meta.Outputs {
		name := filepath.Base(path)
		if i := strings.LastIndexByte(name, '-'); i > 0 && !strings.HasPrefix(name, "chunk-") {
			manifest[name[:i]+filepath.Ext(name)] = name
		}
		if o.EntryPoint == "src/boot.ts" {
			n := loaded(meta.Outputs, path, map[string]bool{})
			fmt.Printf("script of the first page: %.1f kB of %d kB\n", float64(n)/1000, firstPage/1000)
			if n > firstPage {
				return fmt.Errorf("script of the first page has %d bytes, %d are allowed: load what is not needed at once by import()", n, firstPage)
			}
		}
	}
	if err := sprite(manifest); err != nil {
		return err
	}
	if err := licences(manifest); err != nil {
		return err
	}
	if err := compress("dist"); err != nil {
		return err
	}
	b, err := json.MarshalIndent(manifest, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("dist", "manifest.json"), b, 0o644)
}

// loaded is the size of a script with all that it imports at once.
func loaded(all map[string]output, path string, seen map[string]bool) int {
	if seen[path] {
		return 0
	}
	seen[path] = true
	n := all[path].Bytes
	for _, i := range all[path].Imports {
		if i.Kind == "import-statement" {
			n += loaded(all, i.Path, seen)
		}
	}
	return n
}

// empty removes the files of an earlier build.
func empty(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return os.MkdirAll(dir, 0o755)
	}
	for _, f := range files {
		if f.Name() == ".gitkeep" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// add writes a file under a name with the hash of its content and enters it in the manifest.
func add(manifest map[string]string, name string, b []byte) error {
	sum := sha256.Sum256(b)
	ext := filepath.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:4]) + ext
	manifest[name] = hashed
	return os.WriteFile(filepath.Join("dist", hashed), b, 0o644)
}

// sprite joins the icons named in icons.txt into one SVG file with a symbol for each.
func sprite(manifest map[string]string) error {
	list, err := os.ReadFile("icons.txt")
	if err != nil {
		return err
	}
	var out bytes.Buffer
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">`)
	for _, name := range strings.Fields(string(list)) {
		b, err := os.ReadFile(filepath.Join("node_modules", "lucide-static", "icons", name+".svg"))
		if err != nil {
			return fmt.Errorf("icon %s: %w", name, err)
		}
		_, body, _ := strings.Cut(string(b), "<svg")
		_, body, found := strings.Cut(body, ">")
		body = strings.TrimSuffix(strings.TrimSpace(body), "</svg>")
		if !found || body == "" {
			return fmt.Errorf("icon %s: no drawing in it", name)
		}
		fmt.Fprintf(&out, `<symbol id="%s" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">%s</symbol>`,
			name, strings.Join(strings.Fields(body), " "))
	}
	out.WriteString("</svg>\n")
	return add(manifest, "icons.svg", out.Bytes())
}

// licences joins the licence texts of the packages that end in the bundle.
func licences(manifest map[string]string) error {
	var lock struct {
		Packages map[string]struct {
			Version, License string
			Dev, Optional    bool
		}
	}
	b, err := os.ReadFile("package-lock.json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &lock); err != nil {
		return fmt.Errorf("read package-lock.json: %w", err)
	}
	var dirs []string
	for dir, p := range lock.Packages {
		if dir != "" && !p.Dev && !p.Optional {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	var out bytes.Buffer
	for _, dir := range dirs {
		p := lock.Packages[dir]
		fmt.Fprintf(&out, "%s %s (%s)\n\n", strings.TrimPrefix(dir, "node_modules/"), p.Version, p.License)
		texts, _ := filepath.Glob(filepath.Join(filepath.FromSlash(dir), "LICEN[CS]E*"))
		if len(texts) == 0 {
			return fmt.Errorf("%s has no licence text", dir)
		}
		text, err := os.ReadFile(texts[0])
		if err != nil {
			return err
		}
		out.Write(bytes.TrimSpace(text))
		out.WriteString("\n\n\n")
	}
	return add(manifest, "licences.txt", out.Bytes())
}

// compress writes a gzip copy beside each file that it makes smaller.
func compress(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		switch filepath.Ext(f.Name()) {
		case ".js", ".css", ".svg", ".txt":
		default:
			continue
		}
		path := filepath.Join(dir, f.Name())
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		if err := os.WriteFile(path+".gz", out.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
