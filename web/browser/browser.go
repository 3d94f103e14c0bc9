// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package browser holds what browsers load: the style sheets (css), the scripts (src), the list of icons (icons.txt) and
// the bundle that internal/tools/assets makes of them (dist, not committed).
//
// # Use
//
// [Open] once at start; [Files.URL] gives the path of a file for a page, [Files] itself answers requests below [Prefix].
// Names hold a hash of the content, so that answers may be cached for ever.
//
// # Without the bundle
//
// Straight after a clone dist is empty. Pages are then served with the style sheets as they are written, without script,
// icons and the Inter font; links and forms do all that matters. [Files.Built] says which case it is, and the server logs
// a warning once.
//
// # Adding to it
//
// An icon is one more line in icons.txt, a name of the Lucide set. A behaviour is a file in src: small ones that every
// page needs are imported by boot.ts, others are an entry in its list of islands and load where an element names them
// (data-island). Styles go into the file of css that names their subject; no script imports a style sheet.
//
// All methods are safe for concurrent use.
package browser

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"

	"breakwater/view"
)

//go:embed all:dist
var dist embed.FS

//go:embed css
var sheets embed.FS

//go:embed icons.txt
var icons string

// Prefix is the path below which the files are served.
const Prefix = "/static/"

// Files resolves the names of the files and serves them.
type Files struct {
	names   map[string]string // the name that pages use → the name with the hash
	content map[string]file
	built   bool
}

type file struct {
	plain, gzip []byte
	kind        string
}

// Open reads what is embedded. It fails only where the bundle is damaged.
func Open() (*Files, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	return open(sub)
}

func open(bundle fs.FS) (*Files, error) {
	f := &Files{names: map[string]string{}, content: map[string]file{}}
	manifest, err := fs.ReadFile(bundle, "manifest.json")
	if err != nil {
		sheet, err := stylesheet()
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(sheet)
		name := "app-" + hex.EncodeToString(sum[:4]) + ".css"
		f.names["app.css"] = name
		f.content[name] = file{plain: sheet, kind: "text/css; charset=utf-8"}
		return f, nil
	}
	if err := json.Unmarshal(manifest, &f.names); err != nil {
		return nil, fmt.Errorf("read manifest of the browser bundle: %w", err)
	}
	f.built = true
	list, err := fs.ReadDir(bundle, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		name := e.Name()
		if name == "manifest.json" || name == "stamp" || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".gz") {
			continue
		}
		b, err := fs.ReadFile(bundle, name)
		if err != nil {
			return nil, err
		}
		zipped, _ := fs.ReadFile(bundle, name+".gz")
		f.content[name] = file{plain: b, gzip: zipped, kind: kindOf(name)}
	}
	for name, hashed := range f.names {
		if _, found := f.content[hashed]; !found {
			return nil, fmt.Errorf("browser bundle has no %s for %s: build it again", hashed, name)
		}
	}
	return f, nil
}

// kindOf is the media type of a file. The system's table is asked last, because it differs from machine to machine.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

var importRule = regexp.MustCompile(`(?m)^@import "([^"]+)" layer\((\w+)\);$`)

// stylesheet joins the style sheets as the bundler would, without the font.
func stylesheet() ([]byte, error) {
	root, err := sheets.ReadFile("css/app.css")
	if err != nil {
		return nil, err
	}
	var failed error
	out := importRule.ReplaceAllStringFunc(string(root), func(rule string) string {
		m := importRule.FindStringSubmatch(rule)
		var text string
		switch {
		case strings.HasSuffix(m[1], "view/tokens.css"):
			text = view.Tokens
		case !strings.HasPrefix(m[1], "./"):
			return ""
		default:
			b, err := sheets.ReadFile(path.Join("css", m[1]))
			if err != nil {
				failed = err
			}
			text = string(b)
		}
		return "@layer " + m[2] + " {\n" + text + "\n}"
	})
	return []byte(out), failed
}

// Built says whether the bundle is there.
func (f *Files) Built() bool { return f.built }

// URL is the path of a file, "" for one that is not there: "app.css" is always, "app.js" and "icons.svg" with the bundle.
func (f *Files) URL(name string) string {
	if hashed, found := f.names[name]; found {
		return Prefix + hashed
	}
	return ""
}

// Icons lists the names of the icons in the sprite.
func Icons() []string { return strings.Fields(icons) }

// ServeHTTP serves one file, to be kept by browsers for ever. Browsers that can take the gzip copy get it.
func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	c, found := f.content[name]
	if !found {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", c.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+name+`"`)
	body := c.plain
	if c.gzip != nil {
		h.Add("Vary", "Accept-Encoding")
		if AcceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", `"`+name+`.gz"`)
			body = c.gzip
		}
	}
	if r.Header.Get("If-None-Match") == h.Get("ETag") {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body)
	}
}

var zeroWeight = regexp.MustCompile(`^\s*q\s*=\s*0(\.0*)?\s*$`)

// AcceptsGzip says whether the client takes gzip, by the Accept-Encoding field (RFC 9110, section 12.5.3).
func AcceptsGzip(r *http.Request) bool {
	others, named, gzip := false, false, false
	for _, line := range r.Header.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(line, ",") {
			coding, params, _ := strings.Cut(part, ";")
			refused := zeroWeight.MatchString(params)
			switch strings.ToLower(strings.TrimSpace(coding)) {
			case "gzip", "x-gzip":
				named, gzip = true, !refused
			case "*":
				others = !refused
			}
		}
	}
	return gzip || others && !named
}
