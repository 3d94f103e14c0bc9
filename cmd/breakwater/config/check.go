// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Environment gives what the environment sets. Texts that are no value of their setting are problems.
func Environment(lookup func(string) (string, bool)) (Values, []Problem) {
	values := Values{}
	var problems []Problem
	for _, s := range Settings() {
		text, ok := lookup(s.Env)
		if !ok || text == "" {
			continue
		}
		v := Value{Text: text, Where: "environment " + s.Env}
		var err error
		switch s.kind { //nolint:exhaustive // settings are of these kinds alone
		case reflect.Bool:
			var b bool
			b, err = strconv.ParseBool(text)
			v.Text = strconv.FormatBool(b)
		case reflect.Int:
			_, err = strconv.Atoi(text)
		case reflect.Slice:
			v.List = strings.Split(text, ",")
		}
		if err != nil {
			problems = append(problems, Problem{Where: v.Where, Setting: s.Path, Message: s.Path + " is not one", Expected: s.Type(), Hint: "change or unset the variable"})
			continue
		}
		values[s.Path] = v
	}
	return values, problems
}

// CommandLine gives what a command line sets of c: the settings whose flag was given, without dashes.
func CommandLine(c *Config, given func(flag string) bool) Values {
	values := Values{}
	for _, s := range Settings() {
		if !given(s.Flag) {
			continue
		}
		field := reflect.ValueOf(c).Elem().FieldByIndex(s.index)
		v := Value{Where: "--" + s.Flag}
		switch s.kind { //nolint:exhaustive // settings are of these kinds alone
		case reflect.Bool:
			v.Text = strconv.FormatBool(field.Bool())
		case reflect.Int:
			v.Text = strconv.FormatInt(field.Int(), 10)
		case reflect.Slice:
			v.List, _ = field.Interface().([]string)
			v.Text = strings.Join(v.List, ",")
		default:
			v.Text = field.String()
		}
		values[s.Path] = v
	}
	return values
}

// Over gives v with what other sets on top.
func (v Values) Over(other Values) Values {
	all := Values{}
	for _, m := range []Values{v, other} {
		for k, x := range m {
			all[k] = x
		}
	}
	return all
}

// Config fills a configuration: what is set, and the defaults.
func (v Values) Config() (c Config) {
	for _, s := range Settings() {
		field := reflect.ValueOf(&c).Elem().FieldByIndex(s.index)
		x, ok := v[s.Path]
		if !ok {
			x.Text = s.Default
		}
		switch s.kind { //nolint:exhaustive // settings are of these kinds alone
		case reflect.Bool:
			field.SetBool(x.Text == "true")
		case reflect.Int:
			n, _ := strconv.Atoi(x.Text)
			field.SetInt(int64(n))
		case reflect.Slice:
			if x.List != nil {
				field.Set(reflect.ValueOf(x.List))
			}
		default:
			field.SetString(x.Text)
		}
	}
	return c
}

// Check looks at each value by itself and at those that must fit together. Nothing outside is asked but whether files
// that are named can be read.
func (v Values) Check() (problems []Problem) {
	for _, s := range Settings() {
		x, ok := v[s.Path]
		if !ok {
			continue
		}
		texts := x.List
		if texts == nil {
			texts = []string{x.Text}
		}
		for _, t := range texts {
			if message, expected, hint := s.check(t); message != "" {
				problems = append(problems, v.at(s.Path, message, expected, hint))
			}
		}
	}
	_, cert := v["tls.cert"]
	_, key := v["tls.key"]
	switch {
	case cert && !key:
		problems = append(problems, v.at("tls.cert", "a certificate needs its key", "tls.key beside it", "name both files, or neither"))
	case key && !cert:
		problems = append(problems, v.at("tls.key", "a key needs its certificate", "tls.cert beside it", "name both files, or neither"))
	}
	_, in := v["database"]
	if _, file := v["database_file"]; in && file {
		problems = append(problems, v.at("database_file", "the database is named twice", "one of database and database_file", "keep the one that you mean"))
	}
	if _, dir := v["backup.dir"]; !dir {
		for _, path := range []string{"backup.at", "backup.keep", "backup.passphrase_file"} {
			if _, set := v[path]; set {
				problems = append(problems, v.at(path, "it has no meaning without a folder for the backups", "backup.dir beside it", "name the folder, or leave this out"))
			}
		}
	}
	if listen := v["metrics.listen"].Text; listen != "" {
		if _, token := v["metrics.token_file"]; !token && !Loopback(listen) {
			problems = append(problems, v.at("metrics.listen", "metrics would be open to everybody on the network", "a loopback address, or metrics.token_file", "write a long random line into a file and name it with metrics.token_file"))
		}
		if same := v["listen"].Text; same == listen || same == "" && listen == "127.0.0.1:8440" {
			problems = append(problems, v.at("metrics.listen", "pages are served at this address", "an address of its own", "choose another port"))
		}
	}
	return problems
}

// at makes a problem of a setting that is set.
func (v Values) at(path, message, expected, hint string) Problem {
	x := v[path]
	return Problem{Where: x.Where, Line: x.Line, Column: x.Column, Setting: path, Message: message, Expected: expected, Hint: hint}
}

// Loopback says whether an address to listen at can be reached from this machine alone.
func Loopback(address string) bool {
	a, err := net.ResolveTCPAddr("tcp", address)
	return err == nil && a.IP.IsLoopback()
}

// check looks at one text; message is "" where it will do.
func (s Setting) check(t string) (message, expected, hint string) {
	if s.Enum != nil && !slices.Contains(s.Enum, t) {
		return fmt.Sprintf("%s is %q", s.Path, t), "one of " + strings.Join(s.Enum, ", "), nearest(t, s.Enum)
	}
	switch s.Value {
	case "address":
		host, port, err := net.SplitHostPort(t)
		if n, e := strconv.ParseUint(port, 10, 16); err != nil || e != nil || n > 65535 || strings.ContainsAny(host, "/ ") {
			return s.Path + " is not an address to listen at", "an address and a port, such as 127.0.0.1:8440", "leave out http:// and paths; for every address of this machine write 0.0.0.0:8440"
		}
	case "url":
		u, err := url.Parse(t)
		if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.Scheme != "https" && u.Scheme != "http" {
			return s.Path + " is not the address of a server", "https:// and a name, without a path", "write it as https://breakwater.port.example"
		}
	case "database":
		if strings.Contains(t, "://") && !strings.HasPrefix(t, "postgres://") && !strings.HasPrefix(t, "postgresql://") {
			return "the database is neither a path nor a PostgreSQL URL", "a file, or postgres://user@host/name", "leave it out for a file in the data folder"
		}
	case "nats":
		for one := range strings.SplitSeq(t, ",") {
			u, err := url.Parse(strings.TrimSpace(one))
			if err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls" && u.Scheme != "ws" && u.Scheme != "wss" {
				return s.Path + " names no NATS server", "nats://host:4222, or several with commas between", "leave it out for the broker that is built in"
			}
		}
	case "count":
		if n, err := strconv.Atoi(t); err != nil || n < 0 || n > 100_000 {
			return s.Path + " is out of range", "a number from 0 to 100000", ""
		}
	case "hour":
		if _, err := time.Parse("15:04", t); err != nil {
			return s.Path + " is no time of the day", "hours and minutes, such as 02:30", "write it in quotes, from \"00:00\" to \"23:59\", in UTC"
		}
	case "file":
		f, err := os.Open(t)
		if err != nil {
			return "the file " + t + " cannot be opened", "a file that this account may read", "check the path and the right to read it"
		}
		f.Close()
	}
	return "", "", ""
}
