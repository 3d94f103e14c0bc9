// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"breakwater/evidence/sheet"
	"breakwater/harbour"
	"breakwater/store"
)

// trials remembers the last few trials, so that turning the pages of one does not read file and inventory again. The
// oldest goes where there are too many; what is remembered is as large as [MaxTrial] rows with what is said of them.
type trials struct {
	mu   sync.Mutex
	list []remembered
}

type remembered struct {
	key string
	at  time.Time
	*Trial
}

const (
	maxTrials = 3
	trialFor  = 10 * time.Minute
)

func (t *trials) get(key string, now time.Time) *Trial {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.list {
		if r.key == key && now.Sub(r.at) < trialFor && !now.Before(r.at) {
			return r.Trial
		}
	}
	return nil
}

func (t *trials) put(key string, v *Trial, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.list = append(t.list, remembered{key, now, v}); len(t.list) > maxTrials {
		t.list = t.list[1:]
	}
}

// trialKey names all that a trial depends on: the file with its version, the mapping, what the actor sees, the sites, and the
// state of the inventory.
func (u *Imports) trialKey(ctx context.Context, scope store.Scope, row *store.EvidenceRow, m *sheet.Mapping) (string, error) {
	orgs, err := u.core.DB.Organisations(ctx, scope.Organisation())
	if err != nil {
		return "", err
	}
	sites, err := u.house(ctx, scope.Organisation())
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(struct {
		Mapping *sheet.Mapping
		Sites   []harbour.Site
	}{m, sites})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%v %s %d %v %x", scope, row.ID, row.Version, orgs, sha256.Sum256(b)), nil
}
