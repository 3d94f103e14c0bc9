// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"context"
	"io"
	"iter"

	"breakwater/harbour"
)

// Draft is a document that is being prepared. It can listen while another walks the lists of the assessment, so that a
// list that is costly to walk is walked once. A draft belongs to one goroutine.
type Draft struct {
	s       *survey
	entries *hearing[harbour.Asset]
	talk    *hearing[harbour.Conversation]
	acts    *hearing[harbour.Operation]
}

// NewDraft prepares a document of a: it chooses which assets are shown.
//
// Errors are those of [HTML].
func NewDraft(ctx context.Context, a *harbour.Assessment) (*Draft, error) {
	s := &survey{a: inOrder(a), words: map[string]string{}}
	s.surveyEvidence()
	s.surveyFindings()
	if err := s.surveyAssets(ctx); err != nil {
		return nil, failure(err)
	}
	s.surveyZones()
	return &Draft{
		s: s,
		entries: &hearing[harbour.Asset]{
			begin: s.beginEntries,
			each:  func(x *harbour.Asset) error { return s.entry(ctx, x) },
			end:   func() {},
			most:  func() bool { return s.rendered > maxHeard },
		},
		talk: &hearing[harbour.Conversation]{begin: s.beginTalk, each: s.conversation, end: s.endTalk},
		acts: &hearing[harbour.Operation]{begin: s.beginOperations, each: s.operation, end: s.endOperations},
	}, nil
}

// maxHeard is how many bytes of rendered assets are kept while another writes lists, which takes memory too. Where there are
// more, the assets are walked once more when the page is written.
const maxHeard = 8 << 20

// Listening gives the assessment with lists to which the draft listens when they are walked: what was walked to its end
// before the document is written is not walked again for it. The assessment is the same in all else.
func (d *Draft) Listening() *harbour.Assessment {
	a := *d.s.a
	a.Assets, a.Conversations, a.Operations = d.entries.to(a.Assets, true), d.talk.to(a.Conversations, true), d.acts.to(a.Operations, true)
	return &a
}

// HTML writes the document as [HTML] does.
func (d *Draft) HTML(ctx context.Context, w io.Writer) error {
	if err := d.complete(ctx); err != nil {
		return failure(err)
	}
	if err := d.s.write(ctx, w); err != nil {
		return failure(err)
	}
	return nil
}

// complete walks what nobody has walked.
func (d *Draft) complete(ctx context.Context) error {
	s := d.s
	if err := d.entries.walk(ctx, s.a.ChosenAssets(func(id string) bool { _, ok := s.assets.shown[id]; return ok })); err != nil {
		return err
	}
	if err := d.talk.walk(ctx, s.a.Conversations); err != nil {
		return err
	}
	return d.acts.walk(ctx, s.a.Operations)
}

// hearing is a list on its way through a draft.
type hearing[T any] struct {
	begin, end func()
	each       func(*T) error
	most       func() bool // nil, or says that more was heard than may be kept until the document is written
	whole      bool        // it was heard from beginning to end
	err        error       // that each gave
}

// to gives a list that is heard when it is walked, for the first time to its end. Early is before the document is written.
func (h *hearing[T]) to(list iter.Seq[*T], early bool) iter.Seq[*T] {
	if list == nil {
		return nil
	}
	return func(yield func(*T) bool) {
		if h.whole {
			list(yield)
			return
		}
		h.begin()
		h.err = nil
		deaf := false
		for x := range list {
			if h.err == nil && !deaf {
				h.err = h.each(x)
				if deaf = early && h.most != nil && h.most(); deaf {
					h.begin()
				}
			}
			if !yield(x) {
				return
			}
		}
		if h.err == nil && !deaf {
			h.end()
			h.whole = true
		}
	}
}

// walk hears the list unless it was heard.
func (h *hearing[T]) walk(ctx context.Context, list iter.Seq[*T]) error {
	if h.whole {
		return nil
	}
	if list == nil {
		list = func(func(*T) bool) {}
	}
	n := 0
	for range h.to(list, false) {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if n++; h.err != nil {
			break
		}
	}
	return h.err
}

// beginEntries makes room for the assets that are shown.
func (s *survey) beginEntries() { s.entries, s.rendered = make([][]byte, len(s.assets.order)), 0 }

// entry renders an asset that is shown. They come in another order than they are shown in, and are kept until their zone
// is written.
func (s *survey) entry(ctx context.Context, a *harbour.Asset) error {
	i, ok := s.assets.shown[a.ID]
	if !ok || s.entries[i] != nil {
		return nil
	}
	s.rendering.Reset()
	if err := assetEntry(s, a).Render(ctx, &s.rendering); err != nil {
		return err
	}
	s.entries[i] = bytes.Clone(s.rendering.Bytes())
	s.rendered += len(s.entries[i])
	return nil
}
