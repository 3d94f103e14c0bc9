// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// hidden stands where a secret is.
const hidden = "HIDDEN"

// secretQuery are parameters of a URL that are secrets.
var secretQuery = regexp.MustCompile(`(?i)pass|secret|token|key$|cred`)

// pair is name=value as PostgreSQL takes it in place of a URL.
var pair = regexp.MustCompile(`(?i)\b(\w*(?:pass|secret|token)\w*)\s*=\s*('(?:[^'\\]|\\.)*'|\S+)`)

// Redact hides passwords in a value that may be one or several URLs.
func Redact(text string) string {
	parts := strings.Split(text, ",")
	if !strings.Contains(text, "://") {
		parts = []string{text}
	}
	for i, p := range parts {
		parts[i] = redactOne(p)
	}
	return strings.Join(parts, ",")
}

func redactOne(text string) string {
	if !strings.Contains(text, "://") {
		return pair.ReplaceAllString(text, "$1="+hidden)
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" {
		return hidden
	}
	if u.User != nil {
		if _, has := u.User.Password(); has {
			u.User = url.UserPassword(u.User.Username(), hidden)
		} else if strings.HasPrefix(u.Scheme, "nats") || u.Scheme == "tls" || strings.HasPrefix(u.Scheme, "ws") {
			u.User = url.User(hidden) // a token stands where a name does
		}
	}
	q := u.Query()
	for name := range q {
		if secretQuery.MatchString(name) {
			q.Set(name, hidden)
		}
	}
	u.RawQuery = q.Encode()
	u.Fragment = ""
	return u.String()
}

// Shown is the text of a value as it may be shown.
func (s Setting) Shown(text string) string {
	if s.Secret != "" {
		return Redact(text)
	}
	return text
}

// Show writes what is set as a file, with where each value comes from. Passwords in URLs are hidden; files that hold
// secrets are named and not opened.
func (v Values) Show() string {
	var b strings.Builder
	group := ""
	for _, s := range Settings() {
		name := s.Path
		if g, rest, ok := strings.Cut(s.Path, "."); ok {
			if g != group {
				fmt.Fprintf(&b, "%s:\n", g)
			}
			group, name = g, "  "+rest
		} else {
			group = ""
		}
		x, set := v[s.Path]
		if !set {
			x = Value{Text: s.Default, Where: "default"}
		}
		fmt.Fprintf(&b, "%s: %s # %s\n", name, s.yaml(x), x.Where)
	}
	return b.String()
}

func (s Setting) yaml(x Value) string {
	switch s.kind { //nolint:exhaustive // settings are of these kinds alone
	case reflect.Bool:
		return strconv.FormatBool(x.Text == "true")
	case reflect.Int:
		return x.Text
	case reflect.Slice:
		quoted := make([]string, len(x.List))
		for i, t := range x.List {
			quoted[i] = strconv.Quote(s.Shown(t))
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	return strconv.Quote(s.Shown(x.Text))
}

// Page is the reference page of the settings.
func Page() []byte {
	var b strings.Builder
	b.WriteString(`# Configuration

Generated from the types in ` + "`cmd/breakwater/config`" + `; change it there and run ` + "`go generate ./cmd/breakwater/config`" + `.

Each setting may stand in a file, in the environment, or on the command line. **The command line wins over the environment, the
environment over the file, the file over the default.** The file is the one that ` + "`--config FILE`" + ` or ` + "`BREAKWATER_CONFIG`" + ` names; without
it no file is read. A variable that is empty counts as not set.

    breakwater config check [FILE]    every problem with line and column, and whether what is named can be reached
    breakwater config show [FILE]     what is in force and where each value comes from, passwords hidden

Both take the flags of serve as well, so that ` + "`config check --data DIR --listen ADDR`" + ` looks at what ` + "`serve --data DIR --listen ADDR`" + ` would use.

The file is YAML, read strictly: a setting that is not known, one that stands twice and a value of another type are errors, and the
server does not start. Paths are relative to the folder that the program runs in.

` + "```yaml\n" + `data: /var/lib/breakwater
listen: 0.0.0.0:443
url: https://breakwater.port.example
tls:
  cert: /etc/breakwater/cert.pem
  key: /etc/breakwater/key.pem
metrics:
  listen: 127.0.0.1:9440
log:
  level: info
` + "```" + `

Secrets are never settings: a password in a database URL belongs into a file that ` + "`database_file`" + ` names, the vault's key into one
that ` + "`vault_key`" + ` names (systemd's LoadCredential= gives such files) or into the variable ` + "`BREAKWATER_VAULT_KEY`" + `, the secret of a
directory into a file or ` + "`BREAKWATER_DIRECTORY_SECRET`" + ` ([access.md](access.md)).

| in the file | value | default | flag | variable | meaning |
|---|---|---|---|---|---|
`)
	for _, s := range Settings() {
		kind := s.Type()
		if s.Enum != nil {
			kind = "`" + strings.Join(s.Enum, "`, `") + "`"
		}
		def := ""
		if s.Default != "" {
			def = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `--%s` | `%s` | %s |\n", s.Path, kind, def, s.Flag, s.Env, strings.ReplaceAll(s.Words, "|", `\|`))
	}
	return []byte(b.String())
}
