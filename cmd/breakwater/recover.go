// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
)

type recoverCommand struct {
	Login string `arg:"" help:"Sign-in name of the person."`
	place
}

// Run prints a code with which a person comes in again.
func (c *recoverCommand) Run(ctx context.Context, s streams) (err error) {
	if err := c.there("recover"); err != nil {
		return err
	}
	h, err := openHouse(ctx, places{place: c.place}, newLog(s.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	r, err := h.access.Recover(ctx, atCommandLine(), c.Login)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Start the server again. On the page for people with a code, %s sets a new password with this one (good once, until %s):\n\n    %s\n\n", c.Login, r.Until.UTC().Format("2006-01-02 15:04 MST"), r.Code)
	if r.Administrator {
		fmt.Fprintf(s.out, "Nobody was left to administrate the installation: %s may do it now.\n", c.Login)
	}
	fmt.Fprintln(s.out, "Second factors of theirs were removed. It is in the audit log.")
	return nil
}
