// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package upgrade

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"breakwater/harbour"
	"breakwater/store/disk"
)

// Place is an installation, and what is done with it by others than this package.
type Place struct {
	Data    string // folder
	Program string // path of the program that is swapped
	Version string // of the program that runs

	// Look gives the schema of the database and the number of entries of its audit log. It fails where a server works on it.
	Look func(context.Context) (schema, entries int64, err error)
	// Backup makes a whole backup, before anything is changed.
	Backup func(context.Context) error
	// Save copies the database into a folder that is there and empty, and Restore puts it back as it was. Restore may be
	// begun again after it was killed.
	Save    func(ctx context.Context, dir string) error
	Restore func(ctx context.Context, dir string, schema int64) error
	// Start runs a program with arguments and gives what it printed.
	Start func(ctx context.Context, program string, args ...string) (string, error)
	// Settle are the arguments with which the new program brings the data up to date and checks itself.
	Settle []string
	// Progress, where given, is told what is being done.
	Progress func(step string)
	// Clock gives the time; nil for the system's.
	Clock func() time.Time
}

func (p *Place) tell(step string) {
	if p.Progress != nil {
		p.Progress(step)
	}
}

func (p *Place) now() harbour.Instant {
	if p.Clock == nil {
		return harbour.At(time.Now())
	}
	return harbour.At(p.Clock())
}

// old is where the program before is kept, and fresh where a new one lies until it is swapped in.
func (p *Place) old() string   { return p.Program + ".old" }
func (p *Place) fresh() string { return p.Program + ".new" }

// Apply upgrades. Where it returns an error the old program is in its place and the data are as they were, unless the
// error says otherwise.
//
// Errors: ErrInvalid where the package is refused; ErrConflict where the new program did not do, or a server works on the
// data; ErrFull; ErrUnavailable where a disk does not do as asked.
func (p *Place) Apply(ctx context.Context, pkg string, keys []string) (*Journal, error) {
	if _, err := p.Resume(ctx); err != nil {
		return nil, err
	}
	p.tell("checking the package")
	m, err := verifyFile(pkg, keys)
	if err != nil {
		return nil, err
	}
	schema, entries, err := p.Look(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.Fits(p.Version, runtime.GOOS, runtime.GOARCH, schema); err != nil {
		return nil, err
	}
	p.tell("making a backup")
	if err := p.Backup(ctx); err != nil {
		return nil, err
	}
	j := &Journal{Phase: Swapping, From: p.Version, To: m.Version, Program: p.Program, Schema: schema, Entries: entries, At: p.now()}
	if err := p.prepare(ctx, pkg, keys, m); err != nil {
		return nil, diskError(errors.Join(err, p.tidy()))
	}
	p.tell("swapping the program")
	if err := j.write(p.Data); err != nil {
		return nil, diskError(errors.Join(err, p.tidy()))
	}
	if err := swap(p.fresh(), p.Program); err != nil {
		j.Phase, j.Reason = Back, "the program could not be swapped"
		return nil, diskError(errors.Join(err, j.write(p.Data), p.tidy()))
	}
	p.tell("bringing the data up to date and checking them")
	if said, err := p.settle(ctx, m.Version); err != nil {
		p.tell("going back")
		j.Reason = "the new program did not do"
		if e := p.back(context.WithoutCancel(ctx), j); e != nil {
			return nil, &harbour.Error{Kind: harbour.ErrInternal, Op: "upgrade", Message: "the new program did not do, and going back failed: the data folder is in between", Hint: "mend the cause and run breakwater upgrade --rollback, which goes on from here; else restore the backup", Err: errors.Join(err, e)}
		}
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: "upgrade", Message: "the new program did not do; the old one and the data are as they were: " + lastLine(said), Hint: "start the old one again, and tell the publisher of the package", Err: err}
	}
	j.Phase = Done
	return j, j.write(p.Data)
}

func verifyFile(pkg string, keys []string) (*Manifest, error) {
	f, err := os.Open(pkg)
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "upgrade", Message: "the package " + pkg + " cannot be opened", Hint: "check the path and the right to read it", Err: err}
	}
	defer f.Close()
	return Verify(bufio.NewReaderSize(f, 1<<20), keys)
}

// prepare puts the new program beside the old one, tries whether it runs here, and saves the database and the old one.
func (p *Place) prepare(ctx context.Context, pkg string, keys []string, m *Manifest) error {
	p.tell("unpacking the program")
	if err := unpack(pkg, keys, p.fresh(), m); err != nil {
		return err
	}
	said, err := p.Start(ctx, p.fresh(), "version")
	if err != nil || !names(said, m.Version) {
		return refused("its program does not run on this machine, or is of another version: "+lastLine(said), "is it for this system?", err)
	}
	p.tell("saving the database")
	saved := Saved(p.Data)
	part := saved + ".part"
	if err := errors.Join(os.RemoveAll(part), os.MkdirAll(part, 0o700)); err != nil {
		return err
	}
	if err := p.Save(ctx, part); err != nil {
		return err
	}
	if err := os.RemoveAll(saved); err != nil {
		return err
	}
	if err := errors.Join(os.Rename(part, saved), disk.SyncDir(filepath.Dir(saved))); err != nil {
		return err
	}
	return copyFile(p.Program, p.old())
}

// names says whether a program that told its version is of this one.
func names(said, version string) bool {
	for _, w := range strings.Fields(said) {
		if w == version {
			return true
		}
	}
	return false
}

// unpack writes the program of a package to a file. The package is checked once more: it may have been changed meanwhile.
func unpack(pkg string, keys []string, to string, want *Manifest) (err error) {
	in, err := os.Open(pkg)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o700)
	if err != nil {
		return err
	}
	m, err := read(bufio.NewReaderSize(in, 1<<20), keys, out, io.Discard)
	if err == nil && m.Version != want.Version {
		err = refused("it was changed while it was used", "take the package from its publisher again", nil)
	}
	return errors.Join(err, out.Chmod(0o755), out.Sync(), out.Close(), disk.SyncDir(filepath.Dir(to)))
}

// copyFile copies a program under a name that it has only when it is whole.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Chmod(0o755), out.Sync(), out.Close()); err != nil {
		return err
	}
	return swap(to+".part", to)
}

// swap gives a file the name of another by one rename.
func swap(from, to string) error {
	return errors.Join(os.Rename(from, to), disk.SyncDir(filepath.Dir(to)))
}

// settle has the program that is in place now bring the data up to date and check itself.
func (p *Place) settle(ctx context.Context, version string) (said string, err error) {
	if said, err = p.Start(ctx, p.Program, p.Settle...); err == nil && !names(said, version) {
		err = fmt.Errorf("it says it is %q and not %s", lastLine(said), version)
	}
	return said, err
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		s = s[i+1:]
	}
	if s == "" {
		return "it said nothing"
	}
	return clip(s)
}

// tidy removes what an upgrade that changed nothing has made.
func (p *Place) tidy() error {
	var errs []error
	for _, path := range []string{p.fresh(), p.old() + ".part", Saved(p.Data) + ".part"} {
		if err := os.RemoveAll(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// back puts the data back as they were, and then the program. Each step may be done again.
func (p *Place) back(ctx context.Context, j *Journal) error {
	j.Phase = GoingBack
	if err := j.write(p.Data); err != nil {
		return err
	}
	return p.finishBack(ctx, j)
}

func (p *Place) finishBack(ctx context.Context, j *Journal) error {
	if err := p.Restore(ctx, Saved(p.Data), j.Schema); err != nil {
		return err
	}
	if err := copyFile(p.old(), j.Program); err != nil {
		return err
	}
	j.Phase = Back
	return errors.Join(j.write(p.Data), p.tidy())
}

// Resume goes on where an upgrade was killed. Every program that writes to the data calls it first. It says whether the
// program in place was changed by it: then whoever runs must end and be started again.
//
// Errors: those of going back.
func (p *Place) Resume(ctx context.Context) (changed bool, err error) {
	j, err := ReadJournal(p.Data)
	if err != nil || j == nil {
		return false, err
	}
	switch j.Phase {
	case GoingBack:
		p.Program = j.Program
		if err := p.finishBack(ctx, j); err != nil {
			return false, &harbour.Error{Kind: harbour.ErrInternal, Op: "go back to " + j.From, Message: "an upgrade is being taken back, and that cannot be finished here", Hint: "run breakwater upgrade --rollback with the right to write beside the program, which goes on from here; else restore the newest backup", Err: err}
		}
		return p.Version != j.From, nil
	case Swapping:
		// Which program is in place, the one that runs knows. The old one goes on with data that nobody touched; the new one
		// is on probation until it has brought them up to date and found itself well.
		p.Program = j.Program
		if p.Version != j.To {
			j.Phase, j.Reason = Back, "it was interrupted before the program was swapped"
			return false, diskError(errors.Join(j.write(p.Data), p.tidy()))
		}
		if _, err := p.settle(ctx, j.To); err != nil && ctx.Err() == nil {
			j.Reason = "the new program did not do"
			if err := p.back(ctx, j); err != nil {
				return false, err
			}
			return true, nil
		} else if err != nil {
			return false, err
		}
		j.Phase = Done
		return false, diskError(errors.Join(j.write(p.Data), p.tidy()))
	case Done, Back:
	}
	return false, nil
}

// Back takes the last upgrade back: the old program, and the data as they were where their schema has changed. What was
// written since goes with it, so that it is refused unless lose is set, or nothing was written.
//
// Errors: ErrConflict where there is nothing to take back, or something would be lost.
func (p *Place) Back(ctx context.Context, lose bool) (*Journal, error) {
	j, err := ReadJournal(p.Data)
	if err != nil {
		return nil, err
	}
	const op = "upgrade --rollback"
	if j != nil && j.Phase == GoingBack {
		_, err := p.Resume(ctx)
		j.Phase = Back
		return j, err
	}
	if j == nil || j.Phase == Back {
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: "there is no upgrade to take back", Hint: "only the last one can be taken back; before it, restore a backup"}
	}
	if _, err := os.Stat(p.old()); err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: "the old program is not there: " + p.old(), Hint: "put it there, or restore a backup with it", Err: err}
	}
	schema, entries, err := p.Look(ctx)
	if err != nil {
		return nil, err
	}
	if schema == j.Schema {
		// The old program knows the data as they are, and nothing is lost.
		if err := copyFile(p.old(), p.Program); err != nil {
			return nil, diskError(err)
		}
		j.Phase, j.Reason = Back, "it was taken back; the data stayed"
		return j, j.write(p.Data)
	}
	// The entry that the upgrade itself made is no loss.
	if since := entries - j.Entries - 1; since > 0 && !lose {
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: fmt.Sprintf("the old program does not know the data as they are now; going back to those of %s loses what was written since, %d entries of the audit log among it", j.At, since), Hint: "make a backup, then give --lose-changes"}
	}
	p.tell("making a backup")
	if err := p.Backup(ctx); err != nil {
		return nil, err
	}
	p.tell("going back")
	j.Reason = "it was taken back"
	return j, p.back(ctx, j)
}

func diskError(err error) error {
	var e *harbour.Error
	switch {
	case err == nil || errors.As(err, &e):
		return err
	case harbour.DiskFull(err):
		return &harbour.Error{Kind: harbour.ErrFull, Op: "upgrade", Message: "the disk is full", Hint: "free space: the program, and a copy of the database, have to find room; nothing was changed", Err: err}
	}
	return &harbour.Error{Kind: harbour.ErrUnavailable, Op: "upgrade", Message: "the disk does not do as asked", Hint: "check the right to write beside the program and in the data folder; nothing was changed", Err: err}
}
