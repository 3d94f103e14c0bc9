// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"breakwater/app"
	"breakwater/app/evidence"
	"breakwater/evidence/packet/explain"
	"breakwater/harbour"
	"breakwater/view"
	"breakwater/web/shell"
)

// place is a step to a neighbour: its locator, "" for none.
type place struct{ previous, next string }

// proof shows the place in an evidence that a statement rests on.
func (p *pages) proof(r *shell.Request, id, locator string) error {
	v, err := p.use.Proof(r.Context(), r.By, r.Org.ID, id, locator)
	if err != nil {
		return err
	}
	e := &v.Evidence
	page := shell.Page{Here: "evidence", Crumbs: []shell.Crumb{{Title: "Evidence", Href: r.Path("evidence")}, {Title: e.Name, Href: r.Path("evidence", e.ID)}}}
	switch {
	case v.Frame != nil:
		f := v.Frame
		page.Title = "Frame " + view.Number(int64(f.Number))
		page.Lead = "of " + view.Number(f.Frames) + " in " + view.Plain(e.Name, 100)
		around := place{}
		if f.Number > 1 {
			around.previous = fmt.Sprintf("frame %d", f.Number-1)
		}
		if int64(f.Number) < f.Frames {
			around.next = fmt.Sprintf("frame %d", f.Number+1)
		}
		page.Actions = neighbours(r, e.ID, around)
		page.Body = framePage(r, v, f, dumpOf(f, r.URL.Query().Get("field"), r.URL.Query().Get("bytes") == "all"))
	case v.Row != nil:
		n := v.Row.Number
		page.Title = "Row " + view.Number(n)
		page.Lead = "of " + view.Plain(e.Name, 100)
		before := ""
		if v.Row.Sheet != "" {
			page.Title, before = "Row "+view.Number(n)+" of sheet "+v.Row.Sheet, "sheet "+v.Row.Sheet+" "
		}
		around := place{next: fmt.Sprintf("%srow %d", before, n+1)}
		if n > 1 {
			around.previous = fmt.Sprintf("%srow %d", before, n-1)
		}
		page.Actions = neighbours(r, e.ID, around)
		page.Body = rowPage(r, v)
	default:
		n := v.Lines.Number
		page.Title = "Line " + view.Number(n)
		page.Lead = "of " + view.Plain(e.Name, 100)
		around := place{}
		if n > 1 {
			around.previous = fmt.Sprintf("line %d", n-1)
		}
		if n < v.Lines.First+len(v.Lines.Text)-1 {
			around.next = fmt.Sprintf("line %d", n+1)
		}
		page.Actions = neighbours(r, e.ID, around)
		page.Body = linesPage(r, v)
	}
	return r.Page(page)
}

// fieldID names a field of a frame in the page and its address; -1 for the layer itself.
func fieldID(layer, field int) string {
	if field < 0 {
		return "l" + strconv.Itoa(layer)
	}
	return "l" + strconv.Itoa(layer) + "f" + strconv.Itoa(field)
}

// usualBytes are how many bytes of a frame the page shows unless all are asked for.
const usualBytes = 2048

const perRow = 16

// run is some bytes of a row that the same fields cover.
type run struct {
	In        string // ids of the fields, the innermost first
	On        bool   // one of them is chosen
	Hex, Text string
}

// dumpRow is a row of a dump.
type dumpRow struct {
	Offset string
	Runs   []run
}

// dump is a frame's bytes with what they mean.
type dump struct {
	Rows   []dumpRow
	Chosen string // id of a field or layer, "" for none
	Hidden int    // bytes that are not shown because they are many
	Secret bool   // some bytes are those of a secret and not shown
}

// dumpOf lays the bytes of a frame out. Bytes of a secret are replaced by dots, whoever looks: who may have them takes the
// frame out as a file, which is recorded.
func dumpOf(f *evidence.Frame, chosen string, all bool) dump {
	d := dump{Secret: len(f.Secrets) > 0}
	b := f.Bytes
	if !all && len(b) > usualBytes {
		d.Hidden = len(b) - usualBytes
		b = b[:usualBytes]
	}
	cuts := []int{0, len(b)}
	mark := func(offset, length int) {
		cuts = append(cuts, min(max(offset, 0), len(b)), min(max(offset+length, 0), len(b)))
	}
	for i, l := range f.Layers {
		mark(l.Offset, l.Length)
		if chosen == fieldID(i, -1) {
			d.Chosen = chosen
		}
		for j, x := range l.Fields {
			mark(x.Offset, x.Length)
			if chosen == fieldID(i, j) {
				d.Chosen = chosen
			}
		}
	}
	for _, s := range f.Secrets {
		mark(s.Offset, s.Length)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	for i := 0; i+1 < len(cuts); i++ {
		from, to := cuts[i], cuts[i+1]
		in := covering(f.Layers, from)
		secret := slices.ContainsFunc(f.Secrets, func(s explain.Span) bool { return from >= s.Offset && from < s.Offset+s.Length })
		on := d.Chosen != "" && slices.Contains(in, d.Chosen)
		for from < to {
			if from%perRow == 0 {
				d.Rows = append(d.Rows, dumpRow{Offset: fmt.Sprintf("%04x", from)})
			}
			n := min(to, from-from%perRow+perRow) - from
			row := &d.Rows[len(d.Rows)-1]
			row.Runs = append(row.Runs, bytesOf(b[from:from+n], strings.Join(in, " "), on, secret))
			from += n
		}
	}
	return d
}

// covering lists the fields and layers that a byte belongs to, the innermost first.
func covering(layers []explain.Layer, at int) (ids []string) {
	for i := len(layers) - 1; i >= 0; i-- {
		l := &layers[i]
		for j, x := range l.Fields {
			if at >= x.Offset && at < x.Offset+x.Length {
				ids = append(ids, fieldID(i, j))
			}
		}
	}
	for i := len(layers) - 1; i >= 0; i-- {
		if l := &layers[i]; at >= l.Offset && at < l.Offset+l.Length {
			ids = append(ids, fieldID(i, -1))
		}
	}
	return ids
}

func bytesOf(b []byte, in string, on, secret bool) run {
	v := run{In: in, On: on}
	var hex, text strings.Builder
	for i, c := range b {
		if i > 0 {
			hex.WriteByte(' ')
		}
		switch {
		case secret:
			hex.WriteString("••")
			text.WriteString("•")
		default:
			fmt.Fprintf(&hex, "%02x", c)
			if c >= 0x20 && c < 0x7f {
				text.WriteByte(c)
			} else {
				text.WriteByte('.')
			}
		}
	}
	v.Hex, v.Text = hex.String(), text.String()
	return v
}

// opened says whether a layer shows its fields at once: the chosen one, and otherwise the last; the one before it too where
// the last has nothing to say but how it begins.
func (d *dump) opened(layer int, f *evidence.Frame) bool {
	if own := fieldID(layer, -1); d.Chosen != "" {
		return d.Chosen == own || strings.HasPrefix(d.Chosen, own+"f")
	}
	last := len(f.Layers) - 1
	return layer == last || layer == last-1 && len(f.Layers[last].Fields) < 2
}

// cut is a slice of a capture that the page of a frame offers.
type cut struct{ title, href string }

// cuts are the slices that go with a frame: itself, its neighbourhood, its conversation.
func cuts(r *shell.Request, e string, f *evidence.Frame) (list []cut) {
	if !r.May(app.DownloadEvidence) {
		return nil
	}
	to := r.Path("evidence", e, "slice.pcap")
	n := strconv.FormatUint(f.Number, 10)
	list = append(list, cut{"This frame", r.Query(to, "from", n, "to", n)})
	const around = 50
	from := max(1, int64(f.Number)-around)
	until := min(f.Frames, int64(f.Number)+around)
	if until > from {
		list = append(list, cut{fmt.Sprintf("Frames %s to %s", view.Number(from), view.Number(until)), r.Query(to, "from", strconv.FormatInt(from, 10), "to", strconv.FormatInt(until, 10))})
	}
	if c := talk(f); c.A != "" {
		title := "All between " + c.A + " and " + c.B
		port := ""
		if c.Port > 0 {
			port = strconv.Itoa(c.Port)
			title += ", " + strings.ToUpper(c.Transport) + " port " + port
		}
		list = append(list, cut{title, r.Query(to, "a", c.A, "b", c.B, "transport", c.Transport, "port", port)})
	}
	return list
}

// talk is the conversation that a frame belongs to, by its innermost addresses. Of the two ports the lower one is taken
// for the server's.
func talk(f *evidence.Frame) (c evidence.Cut) {
	for _, l := range f.Layers {
		switch l.Name {
		case "ipv4", "ipv6":
			c = evidence.Cut{A: value(&l, "source"), B: value(&l, "destination")}
		case "tcp", "udp":
			a, errA := strconv.Atoi(value(&l, "source port"))
			b, errB := strconv.Atoi(value(&l, "destination port"))
			if errA == nil && errB == nil && c.A != "" {
				c.Port, c.Transport = min(a, b), l.Name
			}
		}
	}
	return c
}

func value(l *explain.Layer, name string) string {
	for _, x := range l.Fields {
		if x.Name == name {
			return x.Value
		}
	}
	return ""
}

// recorded is when a frame was captured, to the digit that the capture has.
func recorded(f *evidence.Frame) string {
	if !f.Detail.Timed {
		return ""
	}
	t := harbour.Instant(f.Detail.Sec * 1_000_000).Time()
	return t.Format("2006-01-02 15:04:05") + fmt.Sprintf(".%09d UTC", f.Nanos)
}
