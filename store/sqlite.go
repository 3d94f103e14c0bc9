// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"runtime"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"breakwater/harbour"
)

type sqlite struct {
	path        string
	write, read *bun.DB
}

func (s *sqlite) name() string    { return "sqlite" }
func (s *sqlite) dialect() string { return "sqlite3" }
func (s *sqlite) folder() string  { return "sqlite" }

func (s *sqlite) words() map[string]string { return nil }

func (s *sqlite) open(ctx context.Context) (write, read *bun.DB, err error) {
	w, err := sql.Open("sqlite", s.dsn(append([]string{"journal_mode(WAL)", "synchronous(FULL)", "wal_autocheckpoint(16000)", "journal_size_limit(67108864)"}, append(sqliteCommon(), "cache_size(-131072)")...), "immediate"))
	if err != nil {
		return nil, nil, err
	}
	w.SetMaxOpenConns(1)
	s.write = bun.NewDB(w, sqliteText{sqlitedialect.New()})
	// The journal mode is set before any reader comes; the file holds names of people and devices.
	if err := w.PingContext(ctx); err != nil {
		return nil, nil, err
	}
	if err := os.Chmod(s.path, 0o600); err != nil {
		return nil, nil, err
	}
	if _, err := s.openRead(ctx); err != nil {
		return nil, nil, err
	}
	return s.write, s.read, nil
}

func sqliteCommon() []string {
	return []string{"busy_timeout(5000)", "foreign_keys(1)", "cache_size(-16000)", "temp_store(MEMORY)"}
}

func (s *sqlite) openRead(context.Context) (*bun.DB, error) {
	if _, err := os.Stat(s.path); err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUnavailable, Op: "open database", Message: "the database " + s.path + " is not there", Hint: "check the path", Err: err}
	}
	r, err := sql.Open("sqlite", s.dsn(append(sqliteCommon(), "query_only(1)"), "deferred"))
	if err != nil {
		return nil, err
	}
	r.SetMaxOpenConns(max(12, 4*runtime.GOMAXPROCS(0)))
	r.SetMaxIdleConns(max(12, 4*runtime.GOMAXPROCS(0)))
	s.read = bun.NewDB(r, sqliteText{sqlitedialect.New()})
	return s.read, nil
}

func (s *sqlite) dsn(pragmas []string, lock string) string {
	v := url.Values{"_txlock": {lock}, "_pragma": pragmas}
	return "file:" + (&url.URL{Path: s.path}).EscapedPath() + "?" + v.Encode()
}

func (s *sqlite) close() error {
	var errs []error
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	return errors.Join(errs...)
}

func (s *sqlite) snapshot() *sql.TxOptions { return nil }

func (s *sqlite) classify(err error) fault {
	var e *driver.Error
	if !errors.As(err, &e) {
		if errors.Is(err, sql.ErrConnDone) || closed(err) {
			return faultGone
		}
		return faultNone
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_FULL:
		return faultFull
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return faultTaken
	case lib.SQLITE_CANTOPEN, lib.SQLITE_IOERR:
		return faultGone
	}
	return faultNone
}

// maxArguments is SQLite's limit on the arguments of a statement.
const maxArguments = 32766

func (s *sqlite) load(ctx context.Context, tx *Tx, table string, columns []string, rows [][]any) error {
	each := min(maxArguments/len(columns), 200)
	for len(rows) > 0 {
		n := min(each, len(rows))
		var b strings.Builder
		b.WriteString("INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES ")
		one := "(?" + strings.Repeat(",?", len(columns)-1) + ")"
		b.WriteString(one + strings.Repeat(","+one, n-1))
		args := make([]any, 0, n*len(columns))
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		// The driver's own statement: bun would write the arguments into the text.
		if _, err := tx.Tx.ExecContext(ctx, b.String(), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (s *sqlite) index(ctx context.Context, tx *Tx, table string, rows []int64, texts []string) error {
	list := make([][]any, len(rows))
	for i := range rows {
		list[i] = []any{rows[i], storable(texts[i])}
	}
	return s.load(ctx, tx, table+"_text", []string{"rowid", "text"}, list)
}

func (s *sqlite) unindex(ctx context.Context, tx *Tx, table string, rows []int64) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewRaw("DELETE FROM ? WHERE rowid IN (?)", bun.Ident(table+"_text"), bun.List(rows)).Exec(ctx)
	return err
}

func (s *sqlite) matching(table string, words []string) (query string, args []any) {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + strings.ReplaceAll(w, `"`, `""`) + `"`
	}
	return "row IN (SELECT rowid FROM " + table + "_text WHERE text MATCH ?)", []any{strings.Join(quoted, " ")}
}

func (s *sqlite) measure(ctx context.Context, q bun.IDB, tables []string) error {
	// A sample of each index: it takes no longer for a large table.
	if _, err := q.ExecContext(ctx, "PRAGMA analysis_limit = 400"); err != nil {
		return err
	}
	for _, t := range tables {
		if _, err := q.ExecContext(ctx, "ANALYZE "+t); err != nil {
			return err
		}
	}
	return nil
}

func (s *sqlite) size(ctx context.Context, q bun.IDB) (n int64, err error) {
	err = q.NewRaw("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").Scan(ctx, &n)
	return n, err
}
