// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Figures of one route.
type Figures struct {
	Route              string
	Requests           int
	P50, P95, P99, Max time.Duration
	Bytes              int64 // of an answer, on average
	Slower             int   // answers that took longer than [Slow]
	Refused            int   // answers that are neither a page nor, of a part of the port, that there is nothing
	slowest            string
}

// Slowest is the path of the request that took longest.
func (f *Figures) Slowest() string { return f.slowest }

// Slow is what no answer may take while evidence is imported.
const Slow = 300 * time.Millisecond

type took struct {
	route, path string
	d           time.Duration
	bytes       int64
	refused     bool
}

// maxVisits bounds what one walk makes.
const maxVisits = 500_000

// Walk has users ask the server for so long and gives the figures by route, in the order of the routes' names. Between an
// answer and the next question each looks at it for pause, half as long or up to half as long again; with 0 all ask again at
// once, and the server always has as many questions as there are users. An answer counts from the request to its last byte.
func Walk(ctx context.Context, base string, list []User, port *Port, seed uint64, for_, pause time.Duration) ([]Figures, error) {
	ctx, stop := context.WithTimeout(ctx, for_)
	defer stop()
	client := &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: len(list), MaxConnsPerHost: 2 * len(list)},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}
	defer client.CloseIdleConnections()
	all := make([][]took, len(list))
	var wg sync.WaitGroup
	var failed sync.Map
	for i := range list {
		wg.Go(func() {
			c := &chooser{user: &list[i], port: port, r: rand.New(rand.NewPCG(seed, uint64(i))), now: time.Now(), next: map[string]string{}}
			if c.user.Org == Tenant {
				p := Port{Org: Tenant, Size: tenant, seed: port.seed + 1, state: 2}
				c.port = &p
			}
			for ctx.Err() == nil && len(all[i]) < maxVisits/len(list) {
				v := c.choose()
				t, err := c.go_(client, base, v)
				if err != nil {
					failed.Store(err.Error(), true)
					return
				}
				all[i] = append(all[i], t)
				if pause > 0 {
					select {
					case <-ctx.Done():
					case <-time.After(pause/2 + time.Duration(c.r.Int64N(int64(pause)))):
					}
				}
			}
		})
	}
	wg.Wait()
	var err error
	failed.Range(func(k, _ any) bool {
		err = fmt.Errorf("a user got no answer: %v", k)
		return false
	})
	return figures(slices.Concat(all...)), err
}

// go_ makes a visit. The clock of the walk does not cut it short.
func (c *chooser) go_(client *http.Client, base string, v visit) (took, error) {
	var body io.Reader
	if v.body != "" {
		body = strings.NewReader(v.body)
	}
	r, err := http.NewRequest(v.method, base+v.path, body)
	if err != nil {
		return took{}, err
	}
	if v.program {
		r.Header.Set("Authorization", "Bearer "+c.user.Token)
		r.Header.Set("Content-Type", "application/json")
	} else {
		r.AddCookie(&http.Cookie{Name: "breakwater", Value: c.user.Session})
		r.Header.Set("Breakwater-Quiet", "1")
	}
	start := time.Now()
	a, err := client.Do(r)
	if err != nil {
		return took{}, err
	}
	defer a.Body.Close()
	t := took{route: v.route, path: v.method + " " + v.path}
	if v.list != "" {
		var list struct{ Next string }
		b, err := io.ReadAll(a.Body)
		t.d, t.bytes = time.Since(start), int64(len(b))
		if err != nil {
			return t, err
		}
		c.next[v.list] = ""
		if json.Unmarshal(b, &list) == nil && list.Next != "" {
			path, query, _ := strings.Cut(strings.TrimPrefix(v.path, "/api/v1/"+c.user.Org+"/"), "?")
			q, _ := url.ParseQuery(query)
			q.Set("cursor", list.Next)
			c.next[v.list] = path + "?" + q.Encode()
		}
	} else {
		t.bytes, err = io.Copy(io.Discard, a.Body)
		t.d = time.Since(start)
	}
	// Who sees a part of the port does not find every object; a search that fits too much is told so.
	t.refused = a.StatusCode != http.StatusOK && a.StatusCode != http.StatusNotFound
	return t, err
}

func figures(all []took) (list []Figures) {
	by := map[string][]took{}
	for _, t := range all {
		by[t.route] = append(by[t.route], t)
	}
	for route, times := range by {
		slices.SortFunc(times, func(a, b took) int { return int(a.d - b.d) })
		f := Figures{Route: route, Requests: len(times), slowest: times[len(times)-1].path}
		at := func(p float64) time.Duration { return times[min(len(times)-1, int(p*float64(len(times))))].d }
		f.P50, f.P95, f.P99, f.Max = at(0.5), at(0.95), at(0.99), times[len(times)-1].d
		for _, t := range times {
			f.Bytes += t.bytes / int64(len(times))
			if t.d > Slow {
				f.Slower++
			}
			if t.refused {
				f.Refused++
				f.slowest = t.path
			}
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Figures) int { return strings.Compare(a.Route, b.Route) })
	return list
}
