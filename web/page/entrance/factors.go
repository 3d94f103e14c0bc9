// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package entrance

import (
	"net/http"
	"strings"
	"sync"

	"breakwater/web/shell"
)

// codes holds recovery codes that a script's request has made until the next page shows them, once. It is bounded: the
// codes of whoever does not look are dropped and can be made anew.
type codes struct {
	mu   sync.Mutex
	held map[string][]string // by session
}

const maxHeld = 200

func (c *codes) put(session string, list []string) {
	if len(list) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil || len(c.held) >= maxHeld {
		c.held = map[string][]string{}
	}
	c.held[session] = list
}

func (c *codes) take(session string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.held[session]
	delete(c.held, session)
	return list
}

func (p *pages) beginTOTP(r *shell.Request) error {
	n, err := p.use.BeginTOTP(r.Context(), r.By, strings.TrimSpace(r.PostFormValue("label")))
	if err != nil {
		return err
	}
	return r.Page(shell.Page{Title: "One-time codes", Here: "-", Crumbs: crumbs(), Body: totpPage(r, n.Token, n.Text, n.URI, "", "")})
}

func (p *pages) finishTOTP(r *shell.Request) error {
	token := r.PostFormValue("token")
	recovery, err := p.use.FinishTOTP(r.Context(), r.By, token, r.PostFormValue("code"))
	if err != nil {
		m, h, status, err := wrong(err)
		if err != nil {
			return err
		}
		return r.Page(shell.Page{Title: "One-time codes", Here: "-", Crumbs: crumbs(), Status: status, Body: totpPage(r, token, "", "", m, h)})
	}
	return p.showCodes(r, recovery, "One-time codes are set up. They are asked for when you sign in.")
}

func (p *pages) registerOptions(r *shell.Request) error {
	c, err := p.use.BeginPasskey(r.Context(), r.By, strings.TrimSpace(r.PostFormValue("label")))
	return options(r, c, err)
}

func (p *pages) register(r *shell.Request) error {
	token, body, err := credential(r)
	if err != nil {
		return refused(err)
	}
	recovery, err := p.use.FinishPasskey(r.Context(), r.By, token, body)
	if err != nil {
		return refused(err)
	}
	p.codes.put(r.By.Session, recovery)
	return answer(r, map[string]string{"location": "/account/registered"})
}

func (p *pages) registered(r *shell.Request) error {
	return p.showCodes(r, p.codes.take(r.By.Session), "The passkey is registered.")
}

func (p *pages) newCodes(r *shell.Request) error {
	list, err := p.use.NewRecoveryCodes(r.Context(), r.By)
	if err != nil {
		return err
	}
	return p.showCodes(r, list, "New recovery codes were made. The earlier ones are worthless.")
}

func (p *pages) showCodes(r *shell.Request, list []string, done string) error {
	if len(list) == 0 {
		return r.Done("/account", shell.OK(done))
	}
	return r.Page(shell.Page{Title: "Recovery codes", Here: "-", Crumbs: crumbs(), Lead: done, Body: codesPage(r, list)})
}

func (p *pages) removeFactor(r *shell.Request) error {
	if err := p.use.RemoveFactor(r.Context(), r.By, r.PostFormValue("id")); err != nil {
		return err
	}
	return r.Done("/account", shell.OK("It was removed."))
}

func crumbs() []shell.Crumb { return []shell.Crumb{{Title: "Your account", Href: "/account"}} }

func (p *pages) account(r *shell.Request) error { return p.showAccount(r, "", "", http.StatusOK) }

func (p *pages) showAccount(r *shell.Request, wrong, hint string, status int) error {
	sessions, err := p.use.Sessions(r.Context(), r.By)
	if err != nil {
		return err
	}
	factors, recovery, err := p.use.Factors(r.Context(), r.By)
	if err != nil {
		return err
	}
	return r.Page(shell.Page{Title: "Your account", Lead: r.By.Name + ", " + r.By.Login, Here: "-", Status: status, Body: accountPage(r, sessions, factors, recovery, wrong, hint)})
}
