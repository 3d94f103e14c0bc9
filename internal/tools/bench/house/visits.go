// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/harbour"
)

// visit is one request that a user makes.
type visit struct {
	route   string // under which it is counted
	method  string
	path    string
	body    string
	program bool // with the token, else with the cookie
	list    string
}

// chooser picks what a user asks next. It belongs to one user.
type chooser struct {
	user *User
	port *Port
	r    *rand.Rand
	now  time.Time
	next map[string]string // where a list of the interface for programs goes on, by the path of its query
}

// choice is a kind of visit with how often it is made.
type choice struct {
	weight int
	needs  app.Action
	make   func(c *chooser) visit
}

func page(route, path string, q url.Values) visit {
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return visit{route: route, method: "GET", path: path}
}

func (c *chooser) at(parts ...string) string {
	return "/o/" + c.user.Org + "/" + strings.Join(parts, "/")
}

// Of is what a user does with whom it may: mostly lists with filters, then single objects, then searches.
var choices = []choice{
	{5, app.ReadOverview, func(c *chooser) visit { return page("overview", c.at(), nil) }},
	{16, app.ReadAssets, func(c *chooser) visit { return page("assets", c.at("assets"), c.assets()) }},
	{2, app.ReadAssets, func(c *chooser) visit {
		q := c.assets()
		q.Set("at", c.past())
		return page("assets as of a date", c.at("assets"), q)
	}},
	{10, app.ReadAssets, func(c *chooser) visit { return page("asset", c.at("assets", c.asset()), nil) }},
	{14, app.ReadFindings, func(c *chooser) visit { return page("findings", c.at("findings"), c.findings()) }},
	{2, app.ReadFindings, func(c *chooser) visit {
		q := c.findings()
		q.Set("at", c.past())
		return page("findings as of a date", c.at("findings"), q)
	}},
	{4, app.ReadFindings, func(c *chooser) visit { return page("finding", c.at("findings", c.finding()), nil) }},
	{12, app.ReadTraffic, func(c *chooser) visit { return page("conversations", c.at("conversations"), c.conversations()) }},
	{8, app.ReadTraffic, func(c *chooser) visit { return page("operations", c.at("operations"), c.operations()) }},
	{3, app.ReadZones, func(c *chooser) visit { return page("zones", c.at("zones"), nil) }},
	{2, app.ReadZones, func(c *chooser) visit { return page("zones graph", c.at("zones", "graph.json"), nil) }},
	{4, app.ReadEvidence, func(c *chooser) visit { return page("evidence", c.at("evidence"), c.evidence()) }},
	{6, app.ReadAssets, func(c *chooser) visit { return page("search", c.at("search"), url.Values{"q": {c.text()}}) }},
	{6, app.ReadAssets, func(c *chooser) visit { return page("palette", c.at("palette"), url.Values{"q": {c.prefix()}}) }},

	{4, app.ReadAssets, func(c *chooser) visit {
		return c.listed("API assets", "assets", c.assets(), "name", "-last_seen", "-worst", "zone")
	}},
	{4, app.ReadFindings, func(c *chooser) visit {
		return c.listed("API findings", "findings", c.findings(), "-severity", "rule", "-last_seen", "status")
	}},
	{4, app.ReadTraffic, func(c *chooser) visit {
		return c.listed("API conversations", "conversations", c.conversations(), "-last_seen", "-bytes", "protocol")
	}},
	{2, app.ReadTraffic, func(c *chooser) visit {
		return c.listed("API operations", "operations", c.operations(), "-last_seen", "protocol")
	}},
	{1, app.ReadEvidence, func(c *chooser) visit {
		return c.listed("API evidence", "evidence", url.Values{}, "name", "-received_at")
	}},
	{2, app.ReadJobs, func(c *chooser) visit { return c.program("API jobs", "jobs") }},
	{1, app.ReadZones, func(c *chooser) visit { return c.program("API zones", "zones") }},
	{1, app.ReadOverview, func(c *chooser) visit { return c.program("API overview", "overview") }},
	{1, app.ReadAssets, func(c *chooser) visit { return c.program("API facets", "assets/facets") }},
	{1, app.DecideFindings, func(c *chooser) visit {
		v := c.program("API decide", "findings/decisions")
		v.method, v.body = "POST", fmt.Sprintf(`{"status":%q,"reason":"looked into","findings":[{"id":%q,"force":true}]}`, pick(c.r, "open", "resolved", "false_positive"), c.finding())
		return v
	}},
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// choose picks the next visit.
func (c *chooser) choose() visit {
	for {
		n := c.r.IntN(weights)
		for i := range choices {
			if n -= choices[i].weight; n < 0 {
				if c.user.can(choices[i].needs) {
					return choices[i].make(c)
				}
				break
			}
		}
	}
}

var weights = func() (n int) {
	for i := range choices {
		n += choices[i].weight
	}
	return n
}()

func (c *chooser) program(route, path string) visit {
	return visit{route: route, method: "GET", path: "/api/v1/" + c.user.Org + "/" + path, program: true}
}

// listed is a page of a list for programs: often the next one of a list that the user is in.
func (c *chooser) listed(route, path string, q url.Values, sorts ...string) visit {
	if next := c.next[path]; next != "" && c.r.IntN(3) > 0 {
		v := c.program(route, next)
		v.list = path
		return v
	}
	for _, name := range []string{"desc", "cursor", "q", "sort", "group", "known", "worst", "engineering"} {
		if name == "q" && q.Has("q") && path != "conversations" && path != "operations" { // which programs do not search by text
			q.Set("text", q.Get("q"))
		}
		q.Del(name)
	}
	for _, name := range []string{"from", "until"} {
		if q.Has(name) {
			q.Set(name, q.Get(name)+"T00:00:00Z")
		}
	}
	q.Set("sort", pick(c.r, sorts...))
	q.Set("limit", pick(c.r, "50", "50", "200"))
	v := c.program(route, path+"?"+q.Encode())
	v.list = path
	return v
}

func (c *chooser) asset() string   { return c.port.AssetID(c.steady(c.port.Size.Assets)) }
func (c *chooser) finding() string { return c.port.FindingID(c.steady(c.port.Size.Findings)) }

// steady is the number of an object that is there in both states.
func (c *chooser) steady(n int) int {
	for {
		if i := c.r.IntN(n); i%200 != 17 && i%200 != 34 {
			return i
		}
	}
}

func (c *chooser) past() string {
	return c.now.AddDate(0, 0, -3-c.r.IntN(20)).Format(time.DateOnly)
}

// text is what people look for: parts of names and addresses, makers, words that many rows have, and what is nowhere.
func (c *chooser) text() string {
	n := c.r.IntN(c.port.Size.Assets)
	switch c.r.IntN(8) {
	case 0:
		return c.port.Name(n)
	case 1:
		return c.port.Address(n)
	case 2:
		a := c.port.Address(n)
		return a[:strings.LastIndexByte(a, '.')+1]
	case 3:
		return strings.ToLower(pick(c.r, Vendors...))
	case 4:
		return pick(c.r, Sites...) + " " + string(pick(c.r, harbour.Kinds...).Kind)
	case 5:
		return fmt.Sprintf("%05d", n)
	case 6:
		return pick(c.r, "zzyzx", "10.300.1.1", "no such thing", "qqq crane", "00:1b:ff:ff")
	}
	return pick(c.r, "crane", "camera north", "modbus", "plc", "login", "at 10.2")
}

// prefix is as much of a text as somebody has typed.
func (c *chooser) prefix() string {
	t := c.text()
	return t[:min(len(t), 1+c.r.IntN(len(t)))]
}

// some gives one to three different values of a field with a chance of one in so many.
func (c *chooser) some(q url.Values, oneIn int, name string, value func() string) {
	if c.r.IntN(oneIn) > 0 {
		return
	}
	for range 1 + c.r.IntN(3) {
		q.Add(name, value())
	}
}

// order adds a sort key and its direction, and in half of the cases a cursor deep in the list.
func (c *chooser) order(q url.Values, keys ...string) {
	key := pick(c.r, keys...)
	desc := c.r.IntN(2) == 0
	q.Set("sort", key)
	direction := "ASC"
	if desc {
		q.Set("desc", "1")
		direction = "DESC"
	}
	if c.r.IntN(2) > 0 {
		return
	}
	text, number := "", int64(0)
	switch key {
	case "last_seen":
		number = int64(at(c.r))
	case "worst", "severity":
		number = c.r.Int64N(5)
	case "bytes":
		number = c.r.Int64N(5e7)
	case "name":
		text = pick(c.r, Sites...) + "-" + string(pick(c.r, harbour.Kinds...).Kind)
	case "zone":
		text = ZoneID(c.r.IntN(Zones()))
	case "vendor":
		text = pick(c.r, Vendors...)
	case "kind":
		text = string(pick(c.r, harbour.Kinds...).Kind)
	case "protocol":
		text = pick(c.r, protocols...).name
	case "rule":
		text = pick(c.r, rules...).name
	}
	// A mark as the store makes it (store/list.go), so that pages far down need not be walked to.
	mark := fmt.Sprintf(`{"t":%q,"i":%d,"k":%q,"s":%q}`, text, number, "g", key+":"+direction)
	q.Set("cursor", base64.RawURLEncoding.EncodeToString([]byte(mark)))
}

func (c *chooser) assets() url.Values {
	q := url.Values{}
	c.some(q, 3, "zone", func() string { return ZoneID(c.r.IntN(Zones())) })
	c.some(q, 3, "kind", func() string { return string(pick(c.r, harbour.Kinds...).Kind) })
	c.some(q, 4, "vendor", func() string { return pick(c.r, Vendors...) })
	c.some(q, 6, "domain", func() string { return pick(c.r, "it", "ot", "physical") })
	c.some(q, 8, "site", func() string { return pick(c.r, Sites...) })
	c.some(q, 8, "criticality", func() string { return pick(c.r, "low", "medium", "high") })
	c.some(q, 12, "firmware", func() string { return fmt.Sprintf("V%d.%d.%d", 1+c.r.IntN(5), c.r.IntN(10), c.r.IntN(4)) })
	if c.r.IntN(8) == 0 {
		q.Set("known", pick(c.r, "undeclared", "unseen"))
	}
	if c.r.IntN(8) == 0 {
		q.Set("worst", pick(c.r, "low", "high", "critical"))
	}
	if c.r.IntN(5) == 0 {
		q.Set("q", c.text())
	}
	if c.r.IntN(3) > 0 {
		c.order(q, "name", "kind", "zone", "vendor", "last_seen", "worst")
	}
	return q
}

func (c *chooser) findings() url.Values {
	q := url.Values{}
	c.some(q, 3, "severity", func() string { return pick(c.r, "info", "low", "medium", "high", "critical") })
	c.some(q, 3, "rule", func() string { return pick(c.r, rules...).name })
	c.some(q, 4, "status", func() string { return pick(c.r, "open", "accepted", "resolved") })
	c.some(q, 10, "assignee", func() string { return personID(c.r.IntN(len(users))) })
	if c.r.IntN(5) == 0 {
		q.Set("q", c.text())
	}
	if c.r.IntN(3) > 0 {
		c.order(q, "severity", "rule", "last_seen")
	}
	return q
}

func (c *chooser) traffic() url.Values {
	q := url.Values{}
	c.some(q, 3, "protocol", func() string { return pick(c.r, protocols...).name })
	if c.r.IntN(6) == 0 {
		q.Set("asset", c.asset())
	}
	if c.r.IntN(8) == 0 {
		q.Set("q", c.port.Name(c.r.IntN(c.port.Size.Assets)))
	}
	if c.r.IntN(6) == 0 {
		q.Set("from", began.AddDate(0, 0, c.r.IntN(95)).Format(time.DateOnly))
	}
	if c.r.IntN(6) == 0 && !q.Has("from") {
		q.Set("until", began.AddDate(0, 0, c.r.IntN(95)).Format(time.DateOnly))
	}
	return q
}

func (c *chooser) conversations() url.Values {
	q := c.traffic()
	c.some(q, 4, "verdict", func() string { return string(pick(c.r, append(verdicts, harbour.VerdictBypass)...)) })
	c.some(q, 4, "client_zone", func() string { return ZoneID(c.r.IntN(Zones())) })
	c.some(q, 4, "server_zone", func() string { return ZoneID(c.r.IntN(Zones())) })
	if c.r.IntN(3) > 0 {
		c.order(q, "last_seen", "bytes", "protocol")
	}
	return q
}

func (c *chooser) operations() url.Values {
	q := c.traffic()
	c.some(q, 3, "verb", func() string { return string(pick(c.r, harbour.Verbs...)) })
	c.some(q, 6, "result", func() string { return pick(c.r, "ok", "illegal_data_address", "unanswered") })
	if c.r.IntN(5) == 0 {
		q.Set("engineering", "1")
	}
	if c.r.IntN(3) > 0 {
		c.order(q, "last_seen", "protocol")
	}
	return q
}

func (c *chooser) evidence() url.Values {
	q := url.Values{}
	if c.r.IntN(3) == 0 {
		q.Set("q", fmt.Sprintf("%03d", c.r.IntN(1000)))
	}
	if c.r.IntN(2) == 0 {
		q.Set("sort", pick(c.r, "name", "bytes"))
	}
	return q
}
