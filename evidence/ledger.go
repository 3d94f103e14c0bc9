// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import "breakwater/harbour"

// Limits bounds the tables of a ledger.
type Limits struct {
	// Pool is the memory that the tables take from; several ledgers may share one.
	Pool *Pool
	// Tentative is how many endpoints may be known from unanswered traffic alone. Those beyond are counted, not kept:
	// a flood of forged source addresses fills this share and leaves the rest to hosts that really talk.
	Tentative int
	// Problems is how many problems are kept with their place; those beyond are counted.
	Problems int
}

// LimitsFor gives a ledger a pool of its own.
func LimitsFor(memory int64) Limits { return LimitsIn(NewPool(memory)) }

// LimitsIn gives a ledger a share in a pool. A twentieth of the whole pool may go to endpoints that are known from
// unanswered traffic alone.
func LimitsIn(p *Pool) Limits {
	return Limits{Pool: p, Tentative: int(p.size / 20 / costEndpoint), Problems: 100}
}

// Ledger holds what one evidence says. See the package comment.
type Ledger struct {
	// Evidence is filled by the caller as far as it knows it (path, size, hash) and by the reader (records, span,
	// problems, counters).
	Evidence harbour.Evidence
	// Places says how places read; the reader of the kind sets it.
	Places PlaceWords
	// Port is set by the port file reader alone.
	Port *harbour.Port
	// Entries says where in the port file its entries stand, by path: zones[0], conduits[3]. Of a table it holds headings
	// ([Ledger.NoteHeading]).
	Entries map[string]Place

	limits        Limits
	left          int64 // bytes taken from the pool and not used yet
	text          texts
	endpoints     []Endpoint
	endpointIndex index
	tentative     int
	conversations []Conversation
	convIndex     index
	operations    []Operation
	opIndex       index
	observations  []Observation
	obsIndex      index
	links         []Link
	linked        map[[2]EndpointID]bool
	counters      map[string]int64
	taken         int64  // bytes taken from the pool
	shelf         *shelf // where the tables are instead, once they are in a file
}

// NewLedger returns an empty ledger with the given bounds.
func NewLedger(limits Limits) *Ledger {
	return &Ledger{limits: limits, counters: map[string]int64{}}
}

// Count adds n to a counter of the evidence's record.
func (l *Ledger) Count(name string, n int64) { l.counters[name] += n }

// Counter returns the value of a counter.
func (l *Ledger) Counter(name string) int64 { return l.counters[name] }

// Problem records a damaged or doubtful part of the evidence. Beyond the limit only a counter grows.
func (l *Ledger) Problem(p harbour.Problem) {
	if len(l.Evidence.Problems) >= l.limits.Problems {
		l.Count("problems_not_listed", 1)
		return
	}
	l.Evidence.Problems = append(l.Evidence.Problems, p)
}

// Intern returns the number of a string, for comparing and storing. A full text table gives 0 and counts it.
func (l *Ledger) Intern(b []byte) Text {
	t, ok := l.text.put(b, l)
	if !ok {
		l.Count("texts_refused", 1)
	}
	return t
}

// Text returns the string with this number.
func (l *Ledger) Text(t Text) string { return string(l.text.get(t)) }

// TextBytes returns the string with this number without copying; the caller must not change it.
func (l *Ledger) TextBytes(t Text) []byte { return l.text.get(t) }

// Locator gives a place in words.
func (l *Ledger) Locator(p Place) string { return l.Places.Locator(p) }

// Link says that two endpoints are the same asset, because one record of the evidence names both.
type Link struct {
	A, B  EndpointID
	Place Place
}

// Link records that a and b are one asset.
func (l *Ledger) Link(a, b EndpointID, at Place) {
	if a == b || a == 0 || b == 0 {
		return
	}
	pair := [2]EndpointID{min(a, b), max(a, b)}
	if l.linked[pair] || !l.afford(64) {
		return
	}
	if l.linked == nil {
		l.linked = map[[2]EndpointID]bool{}
	}
	l.linked[pair] = true
	l.links = append(l.links, Link{a, b, at})
}

// Links returns what Link recorded.
func (l *Ledger) Links() []Link { return l.links }
