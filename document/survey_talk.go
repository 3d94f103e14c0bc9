// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"cmp"
	"slices"
	"strings"

	"breakwater/harbour"
	"breakwater/view"
)

// talkSurvey aggregates conversations between zones, or by protocol where there are no zones.
type talkSurvey struct {
	total    int
	groups   int // one-to-many
	within   int // both sides in the same zone
	packets  int64
	bytes    int64
	verdicts map[harbour.Verdict]int

	rows    []*talkRow // shown, in order
	allRows int        // told apart
	folded  int        // conversations beyond groupBound, counted in the matrix alone

	byKey   map[talkKey]*talkRow // while they are counted
	matrix  map[[2]string]*cell
	columns []string // zone ids in the matrix
	dropped int      // zones that the matrix leaves out
}

// talkKey is what makes two conversations fall into one row.
type talkKey struct {
	from, to            string // zones
	protocol, transport string
	ether               string
	port                int
	verdict             harbour.Verdict
}

type talkRow struct {
	talkKey
	n              int
	packets, bytes int64
	first, last    harbour.Instant
	client, server string // of the first conversation
	proof          harbour.ProofRef
}

// cell is one pair of zones in the matrix.
type cell struct {
	n, bad, ok int
}

func (s *survey) beginTalk() {
	s.talk = talkSurvey{verdicts: map[harbour.Verdict]int{}, matrix: map[[2]string]*cell{}, byKey: map[talkKey]*talkRow{}}
}

func (s *survey) endTalk() {
	t := &s.talk
	t.allRows = len(t.byKey)
	for _, r := range t.byKey {
		t.rows = append(t.rows, r)
	}
	t.byKey = nil
	slices.SortFunc(t.rows, compareTalk)
	t.rows = t.rows[:min(len(t.rows), MaxConversations)]
	s.chooseColumns()
}

func (s *survey) conversation(c *harbour.Conversation) error {
	t := &s.talk
	t.total++
	t.packets += c.Packets
	t.bytes += c.Bytes
	if c.Group != "" || c.Server == "" {
		t.groups++
		if s.hasZones() {
			return nil
		}
	}
	if c.Server != "" {
		t.verdicts[c.Verdict]++
	}
	k := talkKey{protocol: c.Protocol, transport: c.Transport, port: c.Port, verdict: c.Verdict, ether: c.EtherType}
	if s.hasZones() {
		k.from, k.to = s.zoneOf(c.Client), s.zoneOf(c.Server)
		s.tally(k)
		if k.from == k.to {
			t.within++
			return nil
		}
	}
	r := t.byKey[k]
	if r == nil {
		if len(t.byKey) >= groupBound {
			t.folded++
			return nil
		}
		r = &talkRow{talkKey: k, client: c.Client, server: c.Server, proof: harbour.ProofRef{ID: c.Evidence, Locator: c.Locator}}
		t.byKey[k] = r
	}
	r.n++
	r.packets += c.Packets
	r.bytes += c.Bytes
	harbour.Widen(&r.first, &r.last, c.FirstSeen)
	harbour.Widen(&r.first, &r.last, c.LastSeen)
	return nil
}

func (s *survey) tally(k talkKey) {
	pair := [2]string{k.from, k.to}
	c := s.talk.matrix[pair]
	if c == nil {
		c = &cell{}
		s.talk.matrix[pair] = c
	}
	c.n++
	switch view.Verdict(k.verdict).Class {
	case "bad", "warn":
		c.bad++
	case "ok":
		c.ok++
	}
}

// compareTalk orders rows: what is not approved first, then most conversations; the rest makes the order complete.
func compareTalk(a, b *talkRow) int {
	return cmp.Or(
		cmp.Compare(slices.Index(view.Verdicts, a.verdict), slices.Index(view.Verdicts, b.verdict)),
		cmp.Compare(b.n, a.n),
		cmp.Compare(b.packets, a.packets),
		strings.Compare(a.from, b.from),
		strings.Compare(a.to, b.to),
		strings.Compare(a.protocol, b.protocol),
		strings.Compare(a.transport, b.transport),
		cmp.Compare(a.port, b.port),
		strings.Compare(a.ether, b.ether),
		strings.Compare(string(a.verdict), string(b.verdict)),
	)
}

// chooseColumns takes the zones with most conversations into the matrix, in the order of the assessment.
func (s *survey) chooseColumns() {
	t := &s.talk
	sum := map[string]int{}
	for pair, c := range t.matrix {
		sum[pair[0]] += c.n
		sum[pair[1]] += c.n
	}
	for id := range sum {
		t.columns = append(t.columns, id)
	}
	slices.SortFunc(t.columns, func(a, b string) int { return cmp.Or(cmp.Compare(sum[b], sum[a]), strings.Compare(a, b)) })
	if len(t.columns) > MaxMatrix {
		t.dropped = len(t.columns) - MaxMatrix
		t.columns = t.columns[:MaxMatrix]
	}
	rank := s.zoneOrder()
	slices.SortFunc(t.columns, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b)) })
}

// operationSurvey counts operations and holds those that are shown.
type operationSurvey struct {
	total  int
	counts []verbCount // by verb, in the order of harbour.Verbs with those that act first
	matter int         // of those that are listed one by one
	shown  []operationRow
	acting int64 // repetitions of what acts

	sums map[harbour.Verb]*verbSum // while they are counted
	pick *picker[operationRow]
}

type verbCount struct {
	verb      harbour.Verb
	n         int
	times     int64
	protocols []string
}

type operationRow struct {
	harbour.Operation
	rank, index int
}

// verbRank says how much an operation matters: engineering, what acts, logins, and what only looks.
func verbRank(v harbour.Verb) int {
	switch {
	case v.Engineering():
		return 3
	case v.Acts():
		return 2
	case v == harbour.VerbLogin:
		return 1
	}
	return 0
}

// verbSum gathers what is said of one verb.
type verbSum struct {
	n         int
	times     int64
	protocols map[string]bool
}

func (s *survey) beginOperations() {
	s.operations = operationSurvey{
		sums: map[harbour.Verb]*verbSum{},
		pick: newPicker(MaxOperations, func(a, b operationRow) int {
			return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(a.FirstSeen, b.FirstSeen), cmp.Compare(a.index, b.index))
		}),
	}
}

func (s *survey) operation(op *harbour.Operation) error {
	o := &s.operations
	o.total++
	v := o.sums[op.Verb]
	if v == nil {
		v = &verbSum{protocols: map[string]bool{}}
		o.sums[op.Verb] = v
	}
	v.n++
	v.times += op.Count
	if len(v.protocols) < 64 {
		v.protocols[op.Protocol] = true
	}
	if rank := verbRank(op.Verb); rank > 0 {
		o.matter++
		o.pick.add(operationRow{*op, rank, o.total})
	}
	return nil
}

func (s *survey) endOperations() {
	o := &s.operations
	o.shown = o.pick.best()
	for verb, v := range o.sums {
		c := verbCount{verb: verb, n: v.n, times: v.times}
		for p := range v.protocols {
			c.protocols = append(c.protocols, p)
		}
		slices.Sort(c.protocols)
		if verb.Acts() {
			o.acting += v.times
		}
		o.counts = append(o.counts, c)
	}
	slices.SortFunc(o.counts, func(a, b verbCount) int {
		return cmp.Or(cmp.Compare(verbRank(b.verb), verbRank(a.verb)), cmp.Compare(a.verb, b.verb))
	})
	o.sums, o.pick = nil, nil
}
