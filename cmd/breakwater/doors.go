// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"breakwater/app/access"
	"breakwater/app/access/authority"
	"breakwater/app/access/password"
	"breakwater/cmd/breakwater/config"
	"breakwater/harbour"
	"breakwater/web/page/entrance"
)

// doors says under which name people come, and how they sign in.
type doors struct {
	URL             string // that people type
	TLS             bool   // also at a loopback address
	TLSCert, TLSKey string // files of the operator's pair
	Directory       string // file that says how people sign in through a directory
	Breached        []string
}

// doorsOf are the doors that settings ask for.
func doorsOf(c config.Config) doors {
	return doors{URL: c.URL, TLS: c.TLS.Always, TLSCert: c.TLS.Cert, TLSKey: c.TLS.Key, Directory: c.SignIn.Directory, Breached: c.SignIn.Breached}
}

// given says whether anything was.
func (d *doors) given() bool {
	return d.TLS || d.URL != "" || d.TLSCert != "" || d.TLSKey != "" || d.Directory != "" || len(d.Breached) > 0
}

// entranceOf is what doors come to at one address.
type entranceOf struct {
	listener  net.Listener
	scheme    string               // that is listened with
	base      *url.URL             // that people type
	authority *authority.Authority // nil without TLS
}

// secure says whether browsers come by TLS, here or at a proxy before it.
func (e *entranceOf) secure() bool { return e.scheme == "https" || e.base.Scheme == "https" }

func wrongUse(op, message, hint string, err error) error {
	return &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: message, Hint: hint, Err: err}
}

// open listens, by TLS but for a loopback address where nothing asks for it.
func (d *doors) open(listen, data string, log *slog.Logger) (e *entranceOf, err error) {
	addr, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil {
		return nil, wrongUse("serve", "the address to listen at is not one", "give it as 127.0.0.1:8440", err)
	}
	e = &entranceOf{scheme: "http"}
	if d.URL != "" {
		if e.base, err = d.base(); err != nil {
			return nil, err
		}
	}
	if d.TLS || d.TLSCert != "" || d.TLSKey != "" || !addr.IP.IsLoopback() {
		e.scheme = "https"
		if e.authority, err = d.certificate(e.base, data, log); err != nil {
			return nil, err
		}
	}
	if e.listener, err = net.ListenTCP("tcp", addr); err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: "serve", Message: "the address " + listen + " cannot be listened at", Hint: "another program may have it: choose another with --listen", Err: err}
	}
	if e.base == nil {
		e.base = &url.URL{Scheme: e.scheme, Host: net.JoinHostPort(named(addr.IP), port(e.listener.Addr()))}
	}
	if e.authority != nil {
		e.listener = tls.NewListener(e.listener, e.authority.TLSConfig())
	}
	return e, nil
}

// named is the name under which an address is reached from a browser: passkeys want one.
func named(ip net.IP) string {
	if ip.IsLoopback() {
		return "localhost"
	}
	if ip == nil || ip.IsUnspecified() {
		names, addresses := authority.Local()
		switch {
		case len(names) > 0:
			return names[0]
		case len(addresses) > 0:
			return addresses[0].String()
		}
	}
	return ip.String()
}

func port(a net.Addr) string {
	_, p, _ := net.SplitHostPort(a.String())
	return p
}

// base reads the address that people type.
func (d *doors) base() (*url.URL, error) {
	u, err := url.Parse(d.URL)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, wrongUse("serve", "--url is not the address of a server", "give it as https://breakwater.port.example, without a path", err)
	}
	host := u.Hostname()
	a, err := netip.ParseAddr(host)
	if u.Scheme == "http" && host != "localhost" && !(err == nil && a.IsLoopback()) {
		return nil, wrongUse("serve", "passwords would cross the network in the clear", "give an https address with --url", nil)
	}
	u.Path, u.Fragment = "", ""
	return u, nil
}

// certificate opens the operator's pair or the local authority.
func (d *doors) certificate(base *url.URL, data string, log *slog.Logger) (*authority.Authority, error) {
	var more []string
	if base != nil {
		more = append(more, base.Hostname())
	}
	subjects, err := authority.With(more...)
	if err != nil {
		return nil, err
	}
	if d.TLSCert == "" && d.TLSKey == "" {
		if err := os.MkdirAll(data, 0o700); err != nil {
			return nil, &harbour.Error{Kind: harbour.ErrInternal, Op: "serve", Message: "the data folder cannot be made", Hint: "give another with --data, or the right to write there", Err: err}
		}
	}
	a, err := authority.Open(authority.Options{Dir: filepath.Join(data, "tls"), Cert: d.TLSCert, Key: d.TLSKey, Subjects: subjects, Log: log})
	var unreadable *harbour.Error
	if errors.As(err, &unreadable) && unreadable.Kind == harbour.ErrUnreadable { // whose exit status is for evidence
		again := *unreadable
		again.Kind = harbour.ErrInvalid
		err = &again
	}
	return a, err
}

// access makes the options of signing in. Close what it gives when the program ends.
func (d *doors) access(e *entranceOf) (o access.Options, closers []func() error, err error) {
	defer func() {
		if err != nil {
			for _, c := range closers {
				c()
			}
			closers = nil
		}
	}()
	if host := e.base.Hostname(); net.ParseIP(host) == nil {
		o.Passkeys = access.PasskeyOptions{ID: host, Name: "Breakwater", Origins: []string{e.base.String()}}
	}
	for _, path := range d.Breached {
		l, err := password.OpenBreached(path)
		if err != nil {
			return o, closers, err
		}
		closers = append(closers, l.Close)
		o.Checker.Breached = append(o.Checker.Breached, l)
	}
	if d.Directory != "" {
		if o.Directory, err = readDirectory(d.Directory); err != nil {
			return o, closers, err
		}
		o.Directory.Redirect = e.base.String() + entrance.DirectoryReturn
	}
	return o, closers, nil
}

// directoryFile is the file that --directory names.
type directoryFile struct {
	Name             string   `yaml:"name"`
	Issuer           string   `yaml:"issuer"`
	ClientID         string   `yaml:"client_id"`
	ClientSecretFile string   `yaml:"client_secret_file"`
	Scopes           []string `yaml:"scopes"`
	Claim            string   `yaml:"claim"`
	AMR              []string `yaml:"amr"`
	ACR              []string `yaml:"acr"`
	CAFile           string   `yaml:"ca_file"`
	Groups           []struct {
		Group        string `yaml:"group"`
		Role         string `yaml:"role"`
		Organisation string `yaml:"organisation"`
		Sites        string `yaml:"sites"`
		Supplier     string `yaml:"supplier"`
	} `yaml:"groups"`
}

// maxDirectoryFile bounds it, and what it names.
const maxDirectoryFile = 1 << 20

// readDirectory reads how people sign in through a directory. The secret is in BREAKWATER_DIRECTORY_SECRET or in a file.
func readDirectory(path string) (o access.DirectoryOptions, err error) {
	const op = "read directory file"
	read := func(path string) ([]byte, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: "the file " + path + " cannot be opened", Hint: "check the path and the right to read it", Err: err}
		}
		defer f.Close()
		b, err := io.ReadAll(io.LimitReader(f, maxDirectoryFile+1))
		if err == nil && len(b) > maxDirectoryFile {
			err = errors.New("too long")
		}
		if err != nil {
			return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: "the file " + path + " cannot be read", Err: err}
		}
		return b, nil
	}
	b, err := read(path)
	if err != nil {
		return o, err
	}
	var f directoryFile
	if err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict()).Decode(&f); err != nil {
		return o, &harbour.Error{Kind: harbour.ErrInvalid, Op: op, Message: path + ": " + strings.TrimSpace(yaml.FormatError(err, false, false)), Hint: "docs/access.md shows such a file"}
	}
	o = access.DirectoryOptions{Name: f.Name, Issuer: f.Issuer, ClientID: f.ClientID, ClientSecret: os.Getenv("BREAKWATER_DIRECTORY_SECRET"), Scopes: f.Scopes, Claim: f.Claim, AMR: f.AMR, ACR: f.ACR}
	beside := func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(filepath.Dir(path), name)
	}
	if f.ClientSecretFile != "" {
		b, err := read(beside(f.ClientSecretFile))
		if err != nil {
			return o, err
		}
		o.ClientSecret = strings.TrimSpace(string(b))
	}
	if f.CAFile != "" {
		b, err := read(beside(f.CAFile))
		if err != nil {
			return o, err
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(b) {
			return o, &harbour.Error{Kind: harbour.ErrInvalid, Op: op, Message: "the file " + f.CAFile + " holds no certificate in PEM form", Hint: "it starts with -----BEGIN CERTIFICATE-----"}
		}
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		o.Client = &http.Client{Transport: t, Timeout: 10 * time.Second}
	}
	for _, g := range f.Groups {
		o.Groups = append(o.Groups, access.GroupRule{Group: g.Group, Role: g.Role, Org: g.Organisation, Sites: cmp.Or(g.Sites, "*"), Supplier: g.Supplier})
	}
	if o.Issuer == "" {
		return o, &harbour.Error{Kind: harbour.ErrInvalid, Op: op, Message: path + " names no issuer", Hint: "docs/access.md shows such a file"}
	}
	return o, nil
}
