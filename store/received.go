// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math"

	"breakwater/harbour"
)

// Span is a run of sequence numbers, both ends included.
type Span struct{ First, Last uint64 }

// MaxSpans bounds how many gaps a segment may have. Its sender numbers events without any; gaps come from messages that
// overtake one another, and close again.
const MaxSpans = 4096

// Receive notes that the events of a span of a segment came, in the transaction that stores what is made of them, and gives
// those parts of the span that had not come before. Where there are none, the message came again and nothing is to be
// done. (source, segment, sequence) is the identity of an event.
//
// Errors: ErrInvalid for a span that is none, ErrFull for a segment with more gaps than [MaxSpans].
func (tx *Tx) Receive(ctx context.Context, org, source, segment string, s Span) (fresh []Span, err error) {
	if s.First > s.Last || s.Last >= math.MaxInt64 {
		return nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "receive", Message: fmt.Sprintf("%d to %d is no span of sequence numbers", s.First, s.Last)}
	}
	first, last := int64(s.First), int64(s.Last)
	var near []struct{ First, Last int64 } // what the span meets or touches
	if err := tx.NewRaw("SELECT first, last FROM received WHERE org = ? AND source = ? AND segment = ? AND first <= ? AND last >= ? ORDER BY first",
		org, source, segment, last+1, first-1).Scan(ctx, &near); err != nil {
		return nil, err
	}
	next, from, to := first, first, last
	for _, n := range near {
		if n.First > next {
			fresh = append(fresh, Span{uint64(next), uint64(min(n.First-1, last))})
		}
		next = max(next, n.Last+1)
		from, to = min(from, n.First), max(to, n.Last)
	}
	if next <= last {
		fresh = append(fresh, Span{uint64(next), uint64(last)})
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	if len(near) == 0 {
		var n int
		if err := tx.NewRaw("SELECT COUNT(*) FROM received WHERE org = ? AND source = ? AND segment = ?", org, source, segment).Scan(ctx, &n); err != nil {
			return nil, err
		}
		if n >= MaxSpans {
			return nil, &harbour.Error{
				Kind: harbour.ErrFull, Op: "receive", Message: fmt.Sprintf("what came of segment %s of %s has more than %d gaps", segment, source, MaxSpans),
				Hint: "the source numbers its events wrongly, or loses most of them: see what is the matter with it",
			}
		}
	}
	if _, err := tx.Raw(ctx, "DELETE FROM received WHERE org = ? AND source = ? AND segment = ? AND first >= ? AND last <= ?", org, source, segment, from, to); err != nil {
		return nil, err
	}
	_, err = tx.Raw(ctx, "INSERT INTO received (org, source, segment, first, last, at) VALUES (?, ?, ?, ?, ?, ?)", org, source, segment, from, to, tx.at)
	return fresh, err
}

// ReceiveOnce is [Tx.Receive] for a message that is known by its id alone. first is false where it came before.
func (tx *Tx) ReceiveOnce(ctx context.Context, org, receiver, id string) (first bool, err error) {
	fresh, err := tx.Receive(ctx, org, receiver, id, Span{})
	return len(fresh) > 0, err
}

// ForgetReceived removes what came before an instant, at most limit rows. It must lie further back than any message can still be on its way.
func (db *DB) ForgetReceived(ctx context.Context, before harbour.Instant, limit int) (n int64, err error) {
	err = db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) (err error) {
		tx.Unaudited("retention of what tells that a message came again")
		n, err = tx.Raw(ctx, "DELETE FROM received WHERE (org, source, segment, first) IN (SELECT org, source, segment, first FROM received WHERE at < ? ORDER BY at LIMIT ?)", before, limit)
		return err
	})
	return n, err
}
