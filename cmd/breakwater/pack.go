// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"breakwater/app/evidence"
	"breakwater/exchange/evidencepack"
	"breakwater/harbour"
)

type packCommand struct {
	Make   packMakeCommand   `cmd:"" help:"Make an evidence pack from the data folder of a server that does not run."`
	Verify packVerifyCommand `cmd:"" help:"Check an evidence pack, as the program breakwater-verify does."`
}

type packMakeCommand struct {
	Out string `arg:"" help:"File to write the pack to; it must not exist." type:"path"`
	place
	Organisation   string   `help:"Organisation; may be left out where there is one." placeholder:"ID"`
	Asset          []string `help:"An asset that the pack is about; may be given again." placeholder:"ID"`
	Finding        []string `help:"A finding that the pack is about, with the assets that it is about." placeholder:"ID"`
	Evidence       []string `help:"An evidence that the pack is about." placeholder:"ID"`
	Everything     bool     `help:"Every asset, finding and evidence of the organisation."`
	AuditFrom      string   `help:"Beginning of a time of the audit log, RFC 3339." placeholder:"TIME"`
	AuditUntil     string   `help:"End of that time, RFC 3339." placeholder:"TIME"`
	Contents       string   `help:"What of the evidence is given: none (its hash), slices (the cited places, secrets masked), whole (the bytes as they are, with whatever secrets they hold)." enum:"none,slices,whole" default:"slices"`
	Reason         string   `help:"Why it is made." required:"" placeholder:"TEXT"`
	For            string   `help:"For whom it is made." required:"" placeholder:"TEXT"`
	Classification string   `help:"How it is to be kept." placeholder:"TEXT"`
	Since          string   `help:"A checkpoint of the audit log that the recipient holds: the pack proves that the log goes on from it." placeholder:"FILE" type:"existingfile"`
}

// Run makes a pack.
func (c *packMakeCommand) Run(ctx context.Context, s streams) (err error) {
	r := evidence.PackRequest{
		Assets: c.Asset, Findings: c.Finding, Evidence: c.Evidence, Everything: c.Everything,
		Contents: c.Contents, Reason: c.Reason, For: c.For, Classification: c.Classification,
	}
	for _, t := range []struct {
		text string
		to   *harbour.Instant
	}{{c.AuditFrom, &r.AuditFrom}, {c.AuditUntil, &r.AuditUntil}} {
		if t.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, t.text)
		if err != nil {
			return &harbour.Error{Kind: harbour.ErrUsage, Op: "pack", Message: t.text + " is no time", Hint: "write it as 2026-11-24T12:00:00Z"}
		}
		*t.to = harbour.At(at)
	}
	if c.Since != "" {
		b, err := readBounded(c.Since)
		if err != nil {
			return err
		}
		r.Since = string(b)
	}
	if err := c.there("pack"); err != nil {
		return err
	}
	h, err := openHouse(ctx, places{place: c.place}, newLog(s.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	org, err := (&importCommand{Organisation: c.Organisation}).organisation(ctx, h)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrUsage, Op: "pack", Message: c.Out + " cannot be made", Hint: "name a file that does not exist yet, where you may write", Err: err}
	}
	p, err := h.pages.Evidence.Pack(ctx, atCommandLine(), org, r)
	if err == nil {
		defer p.Close()
		_, err = io.Copy(out, p)
		err = errors.Join(err, out.Sync())
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, os.Remove(c.Out))
	}
	key, err := evidencepack.ParseKey(h.core.DB.AuditKey())
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %s, %d bytes\nsha256 %s\nsigned with the key %s\nGive the recipient this fingerprint on another way than the pack.\n", c.Out, p.Name, p.Size, p.SHA256, key.Fingerprint())
	if c.Contents == evidencepack.Whole {
		fmt.Fprintln(s.err, "WARNING: it holds whole files of evidence, with whatever passwords and personal data they hold in clear.")
	}
	return nil
}

type packVerifyCommand struct {
	Pack       string `arg:"" help:"The pack." type:"existingfile"`
	Key        string `help:"Fingerprint of the key that must have signed, as the port publishes it." placeholder:"FINGERPRINT"`
	Checkpoint string `help:"A checkpoint of the audit log that somebody kept." placeholder:"FILE" type:"existingfile"`
	All        bool   `help:"Tell of every object what it rests on."`
}

// told is of how many objects it is told what they rest on.
const told = 40

// Run verifies a pack. One that does not hold is an error, after all that is wrong was named.
func (c *packVerifyCommand) Run(s streams) error {
	o := evidencepack.Options{Key: c.Key}
	if c.Checkpoint != "" {
		b, err := readBounded(c.Checkpoint)
		if err != nil {
			return err
		}
		w, err := evidencepack.ParseWitness(b)
		if err != nil {
			return &harbour.Error{Kind: harbour.ErrUsage, Op: "read checkpoint", Message: c.Checkpoint + ": " + err.Error(), Hint: "give the file that breakwater audit checkpoint wrote, or its lines Entries and Root"}
		}
		o.Witness = &w
	}
	f, err := os.Open(c.Pack)
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrUsage, Op: "open pack", Message: c.Pack + " cannot be opened", Err: err}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r := evidencepack.Verify(f, info.Size(), o)
	most := told
	if c.All {
		most = 0
	}
	if err := r.Write(s.out, most); err != nil {
		return err
	}
	switch {
	case r.Unreadable:
		return &harbour.Error{Kind: harbour.ErrUsage, Op: "pack verify", Message: c.Pack + " is no evidence pack"}
	case !r.Whole():
		return &harbour.Error{Kind: harbour.ErrConflict, Op: "pack verify", Message: "the pack is not what was signed, or not what you compared it with", Hint: "ask whoever gave it for another copy, and the port for its key and a checkpoint"}
	}
	return nil
}
