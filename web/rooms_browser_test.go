// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"breakwater/web/shell"
	"breakwater/web/webtest"
)

// room is a page, who looks at it, and what it says.
type room struct{ path, role, text string }

// rooms finds the pages that a house has: every address of the table that answers somebody with a page, the addresses
// outside of organisations, and a few that only a query makes another page.
func rooms(h *webtest.House) (list []room) {
	add := func(path string, roles ...string) {
		for _, role := range roles {
			a := h.As(role).Get(path)
			if a.Status == http.StatusOK && strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") && strings.Contains(a.Body, `<main`) {
				list = append(list, room{path, role, a.Text()})
				return
			}
		}
	}
	for _, x := range routes {
		if x.method == http.MethodGet && !strings.HasSuffix(x.path, "/assessment.html") { // a document, which stands alone
			add(of(x.path, webtest.Skerry), "chief-security-officer", webtest.Everywhere)
		}
	}
	for _, path := range []string{"assets?at=2026-11-20", "findings?at=2026-11-20&status=any", "findings?group=rule", "assets?zone=z-crane&zone=z-nowhere", "assets?zone=z-nowhere", "settings/add-outlet/mail", "settings/add-outlet/syslog", "settings/people?of=all", "settings/audit?of=all", "assets?col=kind&col=product&col=firmware&col=address&col=zone&col=level&col=site&col=supplier"} {
		add("/o/skerry/"+path, "chief-security-officer", webtest.Everywhere)
	}
	wild := regexp.MustCompile(`\{[a-z]+\}`)
	for _, x := range h.Handler.(*shell.Shell).Routes() {
		method, path, _ := strings.Cut(x.Pattern, " ")
		if x.Org || method != http.MethodGet || wild.MatchString(path) {
			continue
		}
		if x.Person {
			add(strings.TrimSuffix(path, "{$}"), webtest.Everywhere)
		} else {
			add(path, "")
		}
	}
	return list
}

// TestRooms opens every page of a house with 20 rows, and of an empty one those that say something else there, on a desk and on a phone, by
// day and by night: nothing sticks out, axe finds nothing serious by day on the desk and by night on the phone, and the console
// says nothing. With BREAKWATER_SHOTS it takes a picture of each of the four looks.
func TestRooms(t *testing.T) {
	b := webtest.Start(t)
	said := map[string]string{} // by the page that was looked at
	for _, house := range []struct {
		name   string
		assets int
		least  int // pages that there are
	}{{"20", 20, 45}, {"empty", 0, 15}} {
		h := webtest.New(t, house.assets)
		if house.assets > 0 {
			stock(t, h)
			webtest.NewPort(webtest.Skerry, house.assets).Publish(t, h.Core.DB, "once more")
			backups(t, h)
		}
		list := slices.DeleteFunc(rooms(h), func(x room) bool { return said[x.path] == x.text })
		for _, x := range list {
			said[x.path] = x.text
		}
		if len(list) < house.least {
			t.Errorf("%s: only %d pages were found", house.name, len(list))
		}
		server := httptest.NewServer(h.Handler)
		t.Cleanup(server.Close)
		for _, width := range []struct {
			name  string
			look  webtest.Look
			other string
		}{{"wide", webtest.Look{}, "dark"}, {"phone", webtest.Look{Width: 390, Height: 844, Dark: true}, "light"}} {
			tabs := map[string]*webtest.Tab{}
			for _, x := range list {
				if tabs[x.role] == nil {
					secret := ""
					if x.role != "" {
						secret = x.role + "@" + webtest.Skerry
					}
					tabs[x.role] = b.On(t, server.URL, secret, width.look, 10*time.Minute)
				}
				name := house.name + "-" + strings.Trim(regexp.MustCompile("[^a-z0-9]+").ReplaceAllString("-"+strings.TrimPrefix(x.path, "/o/skerry"), "-"), "-")
				t.Run(name+"-"+width.name, func(t *testing.T) {
					tab := tabs[x.role].For(t)
					tab.Go(x.path)
					tab.CutOff()
					tab.Shot(name + "-" + width.name)
					tab.Axe()
					other := width.look
					other.Dark = !other.Dark
					tab.Show(other)
					tab.Shot(name + "-" + width.name + "-" + width.other)
					tab.Show(width.look)
				})
			}
		}
	}
}
