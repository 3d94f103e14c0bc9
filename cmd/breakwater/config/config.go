// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package config is what an operator sets: one struct of settings, each of which may stand in a file, in the environment
// or on the command line. The command line wins over the environment, the environment over the file, and the file over
// what is built in.
//
// # Use
//
// The tags of [Config] are the one description of a setting: its place in the file, its variable, its flag, its default
// and its words. The command line (kong), the reader of the file ([Read]), its checks ([Values.Check]), what is shown
// ([Show]) and the reference page ([Page], docs/configuration.md) are all made of them; [Settings] lists them.
//
// # Concurrency
//
// Everything here is a function of its arguments and of the environment.
//
// # When full or broken
//
// A file is read strictly and within 1 MiB: what is not known, stands twice, or is of another type is a [Problem] with
// line, column, what was expected and what to do. All problems are told at once, up to a hundred.
package config

//go:generate go run breakwater/internal/tools/reference configuration ../../../docs/configuration.md

// Config is everything that can be set.
type Config struct {
	Place
	Listen  string  `yaml:"listen" name:"listen" env:"BREAKWATER_LISTEN" default:"127.0.0.1:8440" placeholder:"ADDR" value:"address" help:"Address to serve at. At any but a loopback address it is by TLS."`
	URL     string  `yaml:"url" name:"url" env:"BREAKWATER_URL" placeholder:"URL" value:"url" help:"Address that people type, such as https://breakwater.port.example. Certificate and passkeys are for its host name."`
	TLS     TLS     `yaml:"tls" embed:""`
	SignIn  SignIn  `yaml:"sign_in" embed:""`
	NATS    NATS    `yaml:"nats" embed:""`
	Log     Log     `yaml:"log" embed:""`
	Metrics Metrics `yaml:"metrics" embed:""`
	Watch   Watch   `yaml:"watch" embed:""`
	Backup  Backup  `yaml:"backup" embed:""`
}

// Place says where an installation keeps what it knows. Commands that work on a data folder take these settings too.
type Place struct {
	Data         string `yaml:"data" name:"data" env:"BREAKWATER_DATA" default:"data" placeholder:"DIR" help:"Folder of the database, the vault and keys."`
	Database     string `yaml:"database" name:"database" env:"BREAKWATER_DATABASE" placeholder:"URL" value:"database" secret:"url" help:"Database: a file, or postgres://…; the file breakwater.db in the data folder otherwise."`
	DatabaseFile string `yaml:"database_file" name:"database-file" env:"BREAKWATER_DATABASE_FILE" placeholder:"FILE" value:"file" help:"File whose first line is the database, in place of the setting database: for a URL that holds a password."`
	VaultKey     string `yaml:"vault_key" name:"vault-key" env:"BREAKWATER_VAULT_KEY_FILE" placeholder:"FILE" help:"File of the vault's key, for one that is kept apart from the data; vault/vault.key in the data folder otherwise. Where the variable BREAKWATER_VAULT_KEY holds the key itself, no file is read."`
}

// TLS says which certificate is shown.
type TLS struct {
	Always bool   `yaml:"always" name:"tls" env:"BREAKWATER_TLS" help:"Serve by TLS at a loopback address, too. At any other it is always so."`
	Cert   string `yaml:"cert" name:"tls-cert" env:"BREAKWATER_TLS_CERT" placeholder:"FILE" value:"file" help:"Certificate of your own, with those that lead to its authority, in PEM form. Without it the program makes one of a local authority."`
	Key    string `yaml:"key" name:"tls-key" env:"BREAKWATER_TLS_KEY" placeholder:"FILE" value:"file" help:"Key of the certificate, in PEM form."`
}

// SignIn says how people sign in beside passwords and passkeys.
type SignIn struct {
	Directory string   `yaml:"directory" name:"directory" env:"BREAKWATER_DIRECTORY" placeholder:"FILE" value:"file" help:"File that says how people sign in through a directory (docs/access.md)."`
	Breached  []string `yaml:"breached" name:"breached" env:"BREAKWATER_BREACHED" placeholder:"PATH" value:"file" help:"Lists of passwords known from breaches, which nobody may choose."`
}

// NATS says where an external broker is.
type NATS struct {
	URL         string `yaml:"url" name:"nats" env:"BREAKWATER_NATS" placeholder:"URL" value:"nats" secret:"url" help:"External NATS server with JetStream, or those of a cluster with commas between: nats://host:4222. Embedded otherwise."`
	Credentials string `yaml:"credentials" name:"nats-credentials" env:"BREAKWATER_NATS_CREDENTIALS" placeholder:"FILE" value:"file" help:"Credentials file for the external NATS server."`
	CA          string `yaml:"ca" name:"nats-ca" env:"BREAKWATER_NATS_CA" placeholder:"FILE" value:"file" help:"Authorities to know the external NATS server by, in PEM form; those of the system otherwise."`
}

// Log says what is written to the log and how.
type Log struct {
	Format string `yaml:"format" name:"log-format" env:"BREAKWATER_LOG_FORMAT" default:"auto" enum:"auto,text,json,journal" help:"Form of the log on standard error: text, json (an object on each line), journal (text without time, with the priority that journald understands), or auto: journal under systemd, else text."`
	Level  string `yaml:"level" name:"log-level" env:"BREAKWATER_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"What is logged: events of this level and above. One of debug, info, warn, error."`
	Keep   int    `yaml:"keep_mib" name:"log-keep" env:"BREAKWATER_LOG_KEEP" default:"8" placeholder:"MIB" value:"count" help:"MiB of the log that are kept in the data folder for a support bundle, without names, addresses and texts; 0 for none."`
}

// Metrics says where Prometheus may ask.
type Metrics struct {
	Listen    string `yaml:"listen" name:"metrics-listen" env:"BREAKWATER_METRICS_LISTEN" placeholder:"ADDR" value:"address" help:"Address of its own at which /metrics is served, such as 127.0.0.1:9440; nowhere otherwise. At any but a loopback address it is by TLS and asks for the token."`
	TokenFile string `yaml:"token_file" name:"metrics-token" env:"BREAKWATER_METRICS_TOKEN_FILE" placeholder:"FILE" value:"file" help:"File whose first line is the token that /metrics wants as Authorization: Bearer, of at least 16 characters. It opens nothing else."`
}

// Watch says from when on the health page speaks of what is due.
type Watch struct {
	BackupDays int `yaml:"backup_days" name:"watch-backup" env:"BREAKWATER_WATCH_BACKUP_DAYS" default:"7" placeholder:"DAYS" value:"count" help:"Days without a backup after which health says so; 0 for never."`
}

// Backup says where a server makes backups by itself, once a day.
type Backup struct {
	Dir        string `yaml:"dir" name:"backup-dir" env:"BREAKWATER_BACKUP_DIR" placeholder:"DIR" help:"Folder into which the server makes a backup once a day, best on another machine's disk; none is made otherwise. It must be there: it is not made by itself, so that nothing goes onto the wrong disk where one is not mounted."`
	At         string `yaml:"at" name:"backup-at" env:"BREAKWATER_BACKUP_AT" default:"02:30" placeholder:"HH:MM" value:"hour" help:"When in the day a backup is made, in UTC. One that was missed is made up for."`
	Keep       int    `yaml:"keep" name:"backup-keep" env:"BREAKWATER_BACKUP_KEEP" default:"14" placeholder:"N" value:"count" help:"How many backups stay in the folder; 0 for all."`
	Passphrase string `yaml:"passphrase_file" name:"backup-passphrase" env:"BREAKWATER_BACKUP_PASSPHRASE_FILE" placeholder:"FILE" value:"file" help:"File whose first line is a passphrase of at least twelve characters, under which the vault's key is put into each backup. Without it the key is not in them, and has to be kept elsewhere."`
}
