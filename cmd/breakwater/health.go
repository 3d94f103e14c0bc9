// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"breakwater/app"
	"breakwater/app/health"
	"breakwater/harbour"
	"breakwater/store/vault"
)

// watch is what tells how the house does, made when it is first asked for.
func (h *house) watch() *health.Health {
	h.watching.Do(func() { h.health = h.newWatch() })
	return h.health
}

func (h *house) newWatch() *health.Health {
	o := health.Options{Free: h.vault.Free, Reserve: vault.DefaultReserve, Data: h.data, BackupDays: h.backupDays}
	if h.backups != nil {
		o.BackupDaily, o.BackupTrouble = true, h.backups.Trouble
	}
	if h.authority != nil {
		o.More = append(o.More, func(context.Context) health.Part {
			p := health.Part{Name: "certificate", OK: true}
			if s := h.authority.Status(); s.Problem != "" {
				p.Attention, p.Message, p.Hint = true, s.Problem, "put a new certificate and its key in place of the old ones: the server takes them up by itself"
				if s.Own {
					p.Hint = "the log says more; docs/operating.md says how the authority is installed"
				}
			}
			return p
		})
	}
	if h.bus != nil {
		o.More = append(o.More, func(ctx context.Context) health.Part {
			s := h.bus.State(ctx)
			if s.Connected {
				return health.Part{Name: "broker", OK: true}
			}
			if s.Hint == "" {
				s.Hint = "the log says why"
			}
			return health.Part{Name: "broker", Message: "jobs wait: " + s.Problem, Hint: s.Hint}
		})
	}
	if h.jobs != nil {
		o.More = append(o.More, func(ctx context.Context) health.Part {
			s, err := h.jobs.State(ctx)
			if err != nil {
				p := health.Part{Name: "jobs", Message: "it cannot be told whether jobs wait", Hint: harbour.HintOf(err)}
				if e := (*harbour.Error)(nil); errors.As(err, &e) {
					p.Message += ": " + e.Message
				}
				return p
			}
			if s.Problem != "" {
				return health.Part{Name: "jobs", Message: "jobs wait: " + s.Problem, Hint: s.Hint}
			}
			return health.Part{Name: "jobs", OK: true}
		})
	}
	return health.New(h.core, o)
}

// roomToStage refuses what an import would write while the disk of the data folder is nearly full. What people write by
// hand is small and goes on.
func (h *house) roomToStage() error {
	if h.vault == nil || h.core == nil || h.core.DB.Engine() != "sqlite" {
		return nil
	}
	free, err := h.vault.Free()
	if err != nil || free >= vault.DefaultReserve {
		return nil
	}
	return &harbour.Error{Kind: harbour.ErrFull, Op: "build the inventory", Message: "the disk of the data folder is nearly full", Hint: "free space, or move the data folder to a larger disk; then import again"}
}

// alive answers whether the process lives. It tells no secret, so it does not ask who wants to know.
func alive(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		app.NoteRoute(r.Context(), "GET /healthz")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Write([]byte("ok\n"))
	})
}

// answerHealth answers whether the process lives, and whether it can do its work. Neither tells a secret, so neither
// asks who wants to know.
func answerHealth(mux *http.ServeMux, u *health.Health) {
	alive(mux)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		app.NoteRoute(r.Context(), "GET /readyz")
		writeState(w, u.State(r.Context()))
	})
}

// writeState answers with how the installation does.
func writeState(w http.ResponseWriter, s health.State) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !s.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	json.NewEncoder(w).Encode(s)
}
