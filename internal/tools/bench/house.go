// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"breakwater/internal/tools/bench/house"
	"breakwater/sim"
	"breakwater/store"
)

// pageLimit is what 95 of 100 answers must keep.
const pageLimit = 150 * time.Millisecond

// look is how long a user looks at an answer, on average, before asking for the next.
const look = time.Second

// houseOptions say how the server is measured.
type houseOptions struct {
	on      bool
	engine  string // sqlite, postgres, both
	walk    time.Duration
	small   bool
	program string  // "" for one that is built
	beside  float64 // scale of what is imported while the users ask; 0 for nothing
}

// house measures a server with a large port on each engine.
func (b *bench) house(r *report) error {
	for _, engine := range []string{"sqlite", "postgres"} {
		if b.o.house.engine != "both" && b.o.house.engine != engine {
			continue
		}
		if err := b.houseOn(r, engine); errors.Is(err, house.ErrNoPostgres) {
			r.note("%v. The server was not measured on it.", err)
		} else if err != nil {
			return fmt.Errorf("server on %s: %w", engine, err)
		}
	}
	return nil
}

func (b *bench) houseSize() (size house.Size, name string) {
	if b.o.house.small {
		return house.Small, "small"
	}
	return house.Large, "large"
}

// filled gives the address of a filled database, and what ends with its use.
func (b *bench) filled(engine string) (url string, end func(), err error) {
	size, name := b.houseSize()
	dir := filepath.Join(b.cache, fmt.Sprintf("house-%s-%s-%d-%d", engine, name, b.o.seed, house.Version))
	end = func() {}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", end, err
	}
	url = filepath.Join(dir, "breakwater.db")
	if engine == "postgres" {
		p, err := house.StartPostgres(b.ctx, dir)
		if err != nil {
			return "", end, err
		}
		url, end = p.URL, p.Stop
	}
	done := filepath.Join(dir, "full")
	if _, err := os.Stat(done); err == nil {
		return url, end, nil
	}
	start := time.Now()
	f := house.Filler{URL: url, Size: size, Seed: b.o.seed, Now: time.Now(), Tell: func(what string) { note("filling %s: %s", engine, what) }}
	if err := f.Fill(b.ctx); err != nil {
		end()
		return "", func() {}, fmt.Errorf("fill the database (remove %s before the next try): %w", dir, err)
	}
	note("filled %s in %s", engine, time.Since(start).Round(time.Second))
	return url, end, os.WriteFile(done, []byte(time.Since(start).String()), 0o644)
}

func (b *bench) houseOn(r *report, engine string) error {
	url, end, err := b.filled(engine)
	if err != nil {
		return err
	}
	defer end()
	users, err := house.Users(b.ctx, url)
	if err != nil {
		return err
	}
	var newcomer house.User
	if b.o.house.beside > 0 {
		if newcomer, err = house.Newcomer(b.ctx, url); err != nil {
			return err
		}
	}
	bytes, err := databaseSize(b.ctx, url)
	if err != nil {
		return err
	}
	data := filepath.Join(b.cache, "house-data-"+engine) // vault, broker and keys: small, and made anew
	if err := os.RemoveAll(data); err != nil {
		return err
	}
	s, err := house.Start(b.ctx, b.breakwater, data, url)
	if err != nil {
		return err
	}
	defer s.Stop()
	size, _ := b.houseSize()
	port := house.MainPort(size, b.o.seed)
	note("users on %s: warming up", engine)
	if _, err := house.Walk(b.ctx, s.Base, users, port, b.o.seed+7, b.o.house.walk/6, 0); err != nil {
		return err
	}
	for _, pause := range []time.Duration{look, 0} {
		walked := b.o.house.walk
		if pause > 0 {
			walked *= 3 // they make fewer requests
		}
		note("users on %s, who look at an answer for %s", engine, pause)
		before := s.Busy()
		list, err := house.Walk(b.ctx, s.Base, users, port, b.o.seed, walked, pause)
		if err != nil {
			return err
		}
		r.house(engine, pause, len(users), list, bytes, s.Memory(), s.Busy()-before, walked)
	}
	if b.o.house.beside > 0 {
		return b.beside(r, engine, s, users, newcomer, port)
	}
	return nil
}

// beside measures users while the evidence of another port is imported.
func (b *bench) beside(r *report, engine string, s *house.Server, users []house.User, newcomer house.User, port *house.Port) error {
	dir := filepath.Join(b.cache, fmt.Sprintf("port-%g-%d", b.o.house.beside, b.o.seed))
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		note("making the evidence of a port at scale %g", b.o.house.beside)
		if _, err := sim.Write(b.ctx, dir, sim.Options{Seed: b.o.seed, Scale: b.o.house.beside}, nil); err != nil {
			return err
		}
	}
	note("users on %s while evidence is imported", engine)
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	type imported struct {
		assets int
		took   time.Duration
		err    error
	}
	done := make(chan imported, 1)
	go func() {
		defer stop()
		start := time.Now()
		n, err := house.Import(b.ctx, s.Base, newcomer, dir)
		done <- imported{n, time.Since(start), err}
	}()
	list, err := house.Walk(ctx, s.Base, users, port, b.o.seed+1, 6*time.Hour, look)
	if err != nil {
		return err
	}
	i := <-done
	if i.err != nil {
		return i.err
	}
	var worst house.Figures
	slower, total := 0, 0
	for n := range list {
		f := &list[n]
		total += f.Requests
		slower += f.Slower
		if f.Max > worst.Max {
			worst = *f
		}
		r.houseRow(engine+", import", f, house.Slow, f.Max)
	}
	r.floor("every page while evidence is imported, "+engine, "at most "+house.Slow.String(), slower == 0, "%d of %d were slower, the slowest %s (%s)", slower, total, worst.Max.Round(time.Millisecond), worst.Route)
	r.note("%s: the evidence of a port of %s assets was imported in %s beside %d users who looked at each answer for %s; memory of the server at most %.0f MiB.", engine, thousands(int64(i.assets)), i.took.Round(time.Second), len(users), look, s.Memory())
	return nil
}

func databaseSize(ctx context.Context, url string) (int64, error) {
	db, err := store.OpenReader(ctx, store.Options{URL: url})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return db.Size(ctx)
}

// house reports a walk. The limit is for users who look at what they got; what the server does when all ask again at once says
// how much is left.
func (r *report) house(engine string, pause time.Duration, users int, list []house.Figures, database int64, memory float64, cpu, walked time.Duration) {
	how := engine
	if pause == 0 {
		how += ", no pause"
	}
	total, within := 0, 0
	var worst house.Figures
	for i := range list {
		f := &list[i]
		total += f.Requests
		if f.P95 <= pageLimit {
			within++
		}
		if f.P95 > worst.P95 {
			worst = *f
		}
		r.houseRow(how, f, pageLimit, f.P95)
	}
	load, _ := busy()
	if pause > 0 {
		r.floor("a page at the 95th percentile, "+how, "at most "+pageLimit.String()+" of every route", worst.P95 <= pageLimit, "%s (%s)", worst.P95.Round(time.Millisecond), worst.Route)
	}
	r.note("%s: %s requests by %d users in %s, %d a second, %.1f ms of the server's processor time each; %d of %d routes within %s at the 95th percentile; database %s MiB; memory of the server at most %.0f MiB; load average %s.",
		how, thousands(int64(total)), users, walked, int(float64(total)/walked.Seconds()), float64(cpu.Microseconds())/1000/float64(max(1, total)), within, len(list), pageLimit, thousands(database>>20), memory, load)
}

func (r *report) houseRow(engine string, f *house.Figures, limit, held time.Duration) {
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }
	row := []string{engine, f.Route, fmt.Sprint(f.Requests), ms(f.P50), ms(f.P95), ms(f.P99), ms(f.Max), thousands(f.Bytes), fmt.Sprintf("%.2f", float64(held)/float64(limit))}
	r.pages = append(r.pages, row)
	if f.Refused > 0 {
		r.note("%s: %d of %d requests of %s were refused, one of them %s.", engine, f.Refused, f.Requests, f.Route, f.Slowest())
	}
}
