// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package webtest

import (
	"context"
	"encoding/binary"
	"strings"
	"sync/atomic"

	"breakwater/app/evidence"
	"breakwater/app/imports"
	"breakwater/app/jobs"
	"breakwater/app/outlets"
	"breakwater/bus"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

// Broker carries nothing; jobs are done by [House.Work]. Gone has it refuse what is sent, as one that is away.
type Broker struct{ gone atomic.Bool }

// Go takes the broker away, or brings it back.
func (b *Broker) Go(away bool) { b.gone.Store(away) }

// Publish implements the transport of jobs.
func (b *Broker) Publish(context.Context, string, string, []byte) error {
	if b.gone.Load() {
		return &harbour.Error{Kind: harbour.ErrUnavailable, Op: "publish", Message: "the broker does not answer", Hint: "see that it runs and can be reached"}
	}
	return nil
}

// Consume implements the transport of jobs.
func (b *Broker) Consume(ctx context.Context, _ bus.Consumer, _ bus.Handler) error {
	<-ctx.Done()
	return nil
}

// pipeline gives the house a vault and the pipeline of imports.
func (h *House) pipeline() {
	h.T.Helper()
	dir := h.T.TempDir()
	v, err := vault.Open(dir+"/vault", vault.KeySource{}, vault.Options{Reserve: -1})
	if err != nil {
		h.T.Fatal(err)
	}
	h.T.Cleanup(func() { v.Close() })
	h.Options.Jobs = jobs.New(h.Core, &h.Broker)
	for _, kind := range imports.Kinds() {
		h.Options.Jobs.HandleWith(kind, jobs.Kind{Again: imports.Again(kind)}, nil) // Work does them
	}
	h.Options.Evidence = evidence.New(h.Core, v)
	h.Options.Outlets = outlets.New(h.Core, v, outlets.Options{})
	if h.Options.Imports, err = imports.New(h.Core, v, h.Options.Jobs, imports.Options{TempDir: dir}); err != nil {
		h.T.Fatal(err)
	}
}

// Work does the jobs that wait, until none is left. A job that fails is kept as failed.
func (h *House) Work() {
	h.T.Helper()
	ctx := context.Background()
	for {
		list, err := h.Core.DB.OpenJobs(ctx)
		if err != nil {
			h.T.Fatal(err)
		}
		if len(list) == 0 {
			return
		}
		j := list[0]
		h.write(func(ctx context.Context, tx *store.Tx) (err error) {
			j, _, err = tx.StartJob(ctx, j.Org, j.ID)
			return err
		})
		result, err := h.Options.Imports.Work(ctx, j, nil)
		j.State, j.Message, j.Result = store.JobDone, result, result
		if err != nil {
			j.State, j.Message = store.JobFailed, err.Error()
		}
		h.write(func(ctx context.Context, tx *store.Tx) error { return tx.EndJob(ctx, &j) })
	}
}

// Give gives a file to an organisation, has it read, and gives its id.
func (h *House) Give(org, name, content string) string {
	h.T.Helper()
	g, err := h.Options.Imports.Give(context.Background(), h.Actor(Role{Name: "administrator", Code: "administrator"}, org), org, "", name, strings.NewReader(content))
	if err != nil {
		h.T.Fatal(err)
	}
	h.Work()
	return g.ID
}

// Capture is a small capture in the form of pcap: in each frame a Modbus request (odd frames) or its answer, and in the
// last one a password that crosses the network in clear.
func Capture(frames int) string {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0xa1b2c3d4)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b = le.AppendUint32(b, 65535)
	b = le.AppendUint32(b, 1)
	for i := range frames {
		from, to := byte(1), byte(2)
		sport, dport := uint16(49152), uint16(502)
		data := []byte{0, byte(i / 2), 0, 0, 0, 6, 1, 3, 0, 100, 0, 1}
		if i%2 == 1 {
			from, to, sport, dport = 2, 1, 502, 49152
			data = []byte{0, byte(i / 2), 0, 0, 0, 5, 1, 3, 2, 0, byte(i)}
		}
		if i == frames-1 && frames > 2 {
			from, to, sport, dport = 1, 2, 49153, 21
			data = []byte("PASS open-sesame\r\n")
		}
		f := []byte{0, 0x1b, 0x1b, 0, 0, to, 0, 0x1b, 0x1b, 0, 0, from, 8, 0}
		f = append(f, 0x45, 0)
		f = binary.BigEndian.AppendUint16(f, uint16(40+len(data)))
		f = append(f, byte(i>>8), byte(i), 0x40, 0, 64, 6, 0, 0, 10, 20, 0, from, 10, 20, 0, to)
		f = binary.BigEndian.AppendUint16(f, sport)
		f = binary.BigEndian.AppendUint16(f, dport)
		f = binary.BigEndian.AppendUint32(f, uint32(1000+i*12))
		f = binary.BigEndian.AppendUint32(f, uint32(5000+i*12))
		f = append(f, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0)
		f = append(f, data...)
		b = le.AppendUint32(b, uint32(1795000000+i))
		b = le.AppendUint32(b, 250000)
		b = le.AppendUint32(b, uint32(len(f)))
		b = le.AppendUint32(b, uint32(len(f)))
		b = append(b, f...)
	}
	return string(b)
}
