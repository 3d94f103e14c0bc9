// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/web/shell"
)

func (p *pages) registerPeople(s *shell.Shell) {
	s.In("GET settings/people", p.people)
	s.In("GET settings/people.csv", func(r *shell.Request) error { return p.exportPeople(r, "csv") })
	s.In("GET settings/people.xlsx", func(r *shell.Request) error { return p.exportPeople(r, "xlsx") })
	s.In("GET settings/people/new", p.newPerson)
	s.In("POST settings/people/new", p.addPerson)
	s.In("GET settings/people/{id}", p.person)
	for name, do := range map[string]func(*shell.Request, who) error{
		"edit": p.editPerson, "give": p.giveRole, "take": p.takeRole, "state": p.setState, "invite": p.invite, "renew": p.renew, "unlock": p.unlock, "end": p.endSessions,
	} {
		s.In("POST settings/people/{id}/"+name, func(r *shell.Request) error { return do(r, whoOf(r)) })
	}
	s.In("GET settings/roles", p.roles)
}

func escaped(s string) string { return url.QueryEscape(s) }

// everywhere says whether the person runs the whole installation, so that pages offer to look at all of it.
func everywhere(r *shell.Request) bool {
	return slices.Contains(r.By.Organisations(), "*") && r.May(app.ReadPeople)
}

// of is the organisation that the people are looked at for: that of the address, or with of=all the whole installation.
func of(r *shell.Request) string {
	if r.FormValue("of") == "all" {
		return "*"
	}
	return r.Org.ID
}

// who is a person whom a form is about.
type who struct {
	org, id string
	version int64
	reason  string
	back    string // the person's page
}

func whoOf(r *shell.Request) who {
	w := who{org: of(r), id: r.PathValue("id"), reason: text(r, "reason")}
	w.version, _ = strconv.ParseInt(r.PostFormValue("version"), 10, 64) // what is no version is one that nothing has
	w.back = personPath(r, w.id)
	return w
}

func personPath(r *shell.Request, id string) string {
	return ofAll(r, r.Path("settings", "people", id))
}

// ofAll keeps an address to the whole installation where the present one is of it.
func ofAll(r *shell.Request, path string) string {
	if of(r) == "*" {
		return path + "?of=all"
	}
	return path
}

func personQuery(r *shell.Request) (q store.PersonQuery, err error) {
	for _, f := range peopleFilters(r) {
		if err := known(r, f); err != nil {
			return q, err
		}
	}
	q.Order, q.Role, q.State = r.OrderOf("login", false), r.URL.Query().Get("role"), r.URL.Query().Get("state")
	q.Text, err = r.Text()
	return q, err
}

// known says whether the address asks for values that a filter offers.
func known(r *shell.Request, f shell.Filter) error {
	if len(f.Choices) == 0 {
		return nil // not a closed list
	}
	values := make([]string, len(f.Choices))
	for i, c := range f.Choices {
		values[i] = c.Value
	}
	_, err := r.OneOf(f.Name, values...)
	return err
}

func peopleFilters(r *shell.Request) []shell.Filter {
	role, state := shell.Filter{Name: "role", Title: "Role", One: true}, shell.Filter{Name: "state", Title: "State", One: true}
	for _, x := range access.Roles {
		role.Choices = append(role.Choices, shell.Choice{Value: x.Code, Title: x.Name, Count: -1})
	}
	for _, s := range []string{access.Active, access.Suspended, access.Left} {
		state.Choices = append(state.Choices, shell.Choice{Value: s, Title: stateWord(s), Count: -1})
	}
	return []shell.Filter{role, state}
}

func (p *pages) people(r *shell.Request) error {
	q, err := personQuery(r)
	if err != nil {
		return err
	}
	page, err := p.Access.PeoplePage(r.Context(), r.By, of(r), q)
	if err != nil {
		return err
	}
	if r.Partial("list") {
		return r.Part(peopleList(r, q, page))
	}
	return p.show(r, "people", shell.Page{Title: "People", Lead: "Who may sign in, with which roles and where", Actions: peopleActions(r), Body: peoplePage(r, q, page)})
}

func (p *pages) exportPeople(r *shell.Request, form string) error {
	q, err := personQuery(r)
	if err != nil {
		return err
	}
	q.Limit, q.Cursor = store.MaxLimit, ""
	return r.Table("people", form, []string{"Sign-in name", "Name", "E-mail", "State", "Roles", "Signs in by", "Last seen (UTC)"}, func(add func(...string) error) error {
		for {
			page, err := p.Access.PeoplePage(r.Context(), r.By, of(r), q)
			if err != nil {
				return err
			}
			for i := range page.Items {
				x := &page.Items[i]
				var roles []string
				for _, g := range x.Grants {
					roles = append(roles, grantWords(r, g))
				}
				seen := ""
				if x.SeenAt.Known() {
					seen = x.SeenAt.Time().Format(time.DateTime)
				}
				if err := add(x.Login, x.Name, x.Email, stateWord(x.State), strings.Join(roles, "; "), strings.Join(waysOf(x), ", "), seen); err != nil {
					return err
				}
			}
			if q.Cursor = page.Next; page.Next == "" {
				return nil
			}
		}
	})
}

func stateWord(s string) string {
	switch s {
	case access.Active:
		return "Active"
	case access.Suspended:
		return "Suspended"
	case access.Left:
		return "Left"
	}
	return s
}

func stateClass(s string) string {
	return map[string]string{access.Active: "ok", access.Suspended: "warn"}[s]
}

// waysOf are the ways in which somebody signs in, as people call them.
func waysOf(x *access.Person) (list []string) {
	if x.BreakGlass {
		return []string{"sealed password"}
	}
	for _, w := range x.Ways {
		list = append(list, map[string]string{"password": "password", "totp": "one-time codes", "passkey": "passkey", "oidc": "directory"}[w])
	}
	if x.Invited {
		list = append(list, "invitation")
	}
	return list
}

func roleName(code string) string {
	if role := access.RoleByCode(code); role != nil {
		return role.Name
	}
	return code
}

// grantWords is a role with where it holds.
func grantWords(r *shell.Request, g store.Grant) string {
	s := roleName(g.Role)
	if w := grantWhere(r, g); w != "" {
		s += " (" + w + ")"
	}
	return s
}

func grantWhere(r *shell.Request, g store.Grant) string {
	var parts []string
	switch {
	case g.Org == "*":
		parts = append(parts, "all organisations")
	case g.Org != r.Org.ID:
		name := g.Org
		for _, o := range r.Orgs {
			if o.ID == g.Org {
				name = o.Name
			}
		}
		parts = append(parts, name)
	}
	if g.Sites != "*" {
		var sites []string
		for _, id := range app.Words(g.Sites) {
			if g.Org == r.Org.ID {
				id = r.SiteName(id)
			}
			sites = append(sites, id)
		}
		parts = append(parts, strings.Join(sites, ", "))
	}
	if g.Supplier != "" {
		parts = append(parts, "supplier "+g.Supplier)
	}
	return strings.Join(parts, "; ")
}

// newPerson asks who it is. Presence is proved before, so that nothing typed is lost by it.
func (p *pages) newPerson(r *shell.Request) error {
	if err := p.mayManage(r); err != nil {
		return err
	}
	return p.showNew(r, access.NewPerson{}, store.Grant{Sites: "*"})
}

// mayManage says whether the act would go through, before anybody types anything.
func (p *pages) mayManage(r *shell.Request) error {
	if of(r) == "*" {
		return r.By.Everywhere(app.ManagePeople)
	}
	_, err := r.By.Whole(app.ManagePeople, r.Org.ID)
	return err
}

func (p *pages) showNew(r *shell.Request, n access.NewPerson, g store.Grant) error {
	page := shell.Page{Title: "Add a person", Body: newPersonPage(r, n, g)}
	return p.show(r, "people", page, shell.Crumb{Title: "People", Href: ofAll(r, r.Path("settings", "people"))})
}

// grantOf reads a role from a form.
func grantOf(r *shell.Request) store.Grant {
	g := store.Grant{Role: r.PostFormValue("role"), Supplier: text(r, "supplier"), Sites: strings.Join(r.PostForm["site"], " ")}
	if len(r.PostForm["site"]) == 0 {
		g.Sites = "*"
	}
	return g
}

func (p *pages) addPerson(r *shell.Request) error {
	n := access.NewPerson{Login: text(r, "login"), Name: text(r, "name"), Email: text(r, "email"), BreakGlass: r.PostFormValue("emergency") != ""}
	g := grantOf(r)
	n.Grants = []store.Grant{g}
	made, err := p.Access.AddPerson(r.Context(), r.By, of(r), n)
	if err != nil {
		return r.Again(err, func(again *shell.Request) error { return p.showNew(again, n, g) })
	}
	return p.showCode(r, made.ID, n.Name, made.Code, made.Password, made.Until)
}

// showCode shows the one-time code of a person, or the password of an emergency account.
func (p *pages) showCode(r *shell.Request, id, name, code, password string, until time.Time) error {
	crumbs := []shell.Crumb{{Title: "People", Href: ofAll(r, r.Path("settings", "people"))}, {Title: name, Href: personPath(r, id)}}
	if password != "" {
		return p.show(r, "people", shell.Page{Title: "Emergency password", Body: sealedPage(r, name, password, personPath(r, id))}, crumbs...)
	}
	scheme := "http"
	if r.Secure() {
		scheme = "https"
	}
	link := scheme + "://" + r.Host + "/invitation?" + url.Values{"code": {code}}.Encode()
	return p.show(r, "people", shell.Page{Title: "One-time code", Body: codePage(r, name, code, link, harbour.At(until), personPath(r, id))}, crumbs...)
}

// sheet is what the page of a person shows.
type sheet struct {
	access.Person
	org      string
	waits    time.Duration
	sessions []access.Session
	why      string // there are no sessions to see
	manage   bool
	self     bool
}

func (p *pages) person(r *shell.Request) error {
	org, id := of(r), r.PathValue("id")
	x, waits, err := p.Access.Person(r.Context(), r.By, org, id)
	if err != nil {
		return err
	}
	s := sheet{Person: x, org: org, waits: waits, manage: r.May(app.ManagePeople), self: id == r.By.Person}
	if s.sessions, err = p.Access.SessionsOf(r.Context(), r.By, org, id); harbour.KindOf(err) == harbour.ErrDenied {
		s.why, _ = shell.Words(err)
		err = nil
	}
	if err != nil {
		return err
	}
	page := shell.Page{Title: x.Name, Lead: x.Login, Body: personPage(r, &s), About: shell.Object{Kind: "person", ID: x.ID}}
	return p.show(r, "people", page, shell.Crumb{Title: "People", Href: ofAll(r, r.Path("settings", "people"))})
}

// done ends an act upon a person. What can be mended is said in the form, on the person's page.
func (p *pages) done(r *shell.Request, w who, err error, says string) error {
	if err != nil {
		return r.Again(err, p.person)
	}
	return r.Done(w.back, shell.OK(says))
}

func (p *pages) editPerson(r *shell.Request, w who) error {
	err := p.Access.EditPerson(r.Context(), r.By, w.org, w.id, w.version, text(r, "login"), text(r, "name"), text(r, "email"))
	return p.done(r, w, err, "Changed.")
}

// grants are those that a person was given here in the organisation of the form, by an administrator.
func (p *pages) grants(r *shell.Request, w who) (list []store.Grant, err error) {
	if err := p.mayManage(r); err != nil {
		return nil, err
	}
	x, _, err := p.Access.Person(r.Context(), r.By, w.org, w.id)
	for _, g := range x.Grants {
		if settable(&g, w.org) {
			list = append(list, g)
		}
	}
	return list, err
}

// settable says whether a grant is set by hand, in exactly the organisation that is looked at.
func settable(g *store.Grant, org string) bool { return g.Source == "local" && g.Org == org }

func (p *pages) giveRole(r *shell.Request, w who) error {
	list, err := p.grants(r, w)
	if err == nil {
		err = p.Access.SetGrants(r.Context(), r.By, w.org, w.id, w.version, append(list, grantOf(r)), w.reason)
	}
	return p.done(r, w, err, "The role was given. It holds from the next page that they open.")
}

func (p *pages) takeRole(r *shell.Request, w who) error {
	list, err := p.grants(r, w)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(list), func(g store.Grant) bool {
		return g.Role == r.PostFormValue("role") && g.Sites == r.PostFormValue("sites") && g.Supplier == r.PostFormValue("supplier")
	})
	if len(left) == len(list) {
		return &harbour.Error{Kind: harbour.ErrStale, Op: "take role", Message: "the person does not hold this role any more", Hint: "look at the person again"}
	}
	err = p.Access.SetGrants(r.Context(), r.By, w.org, w.id, w.version, left, w.reason)
	says := "The role was taken away."
	if err == nil && len(left) == 0 && w.org != "*" { // nobody of the organisation any more, perhaps
		if _, _, gone := p.Access.Person(r.Context(), r.By, w.org, w.id); gone != nil {
			w.back, says = r.Path("settings", "people"), "The role was taken away. The person holds none here any more."
		}
	}
	return p.done(r, w, err, says)
}

func (p *pages) setState(r *shell.Request, w who) error {
	state := r.PostFormValue("state")
	err := p.Access.SetState(r.Context(), r.By, w.org, w.id, w.version, state, w.reason)
	if err == nil && state == access.Left && w.org != "*" {
		w.back = r.Path("settings", "people") // without a role here they are not of this list any more
	}
	says := map[string]string{access.Active: "Taken back: the person may sign in again.", access.Suspended: "Suspended. Sessions and tokens have ended.", access.Left: "Noted. Roles, sessions, tokens and ways to sign in are gone."}[state]
	return p.done(r, w, err, says)
}

func (p *pages) invite(r *shell.Request, w who) error {
	code, until, err := p.Access.Invite(r.Context(), r.By, w.org, w.id, r.PostFormValue("factors") != "", w.reason)
	if err != nil {
		return p.done(r, w, err, "")
	}
	x, _, err := p.Access.Person(r.Context(), r.By, w.org, w.id)
	if err != nil {
		return err
	}
	return p.showCode(r, w.id, x.Name, code, "", until)
}

func (p *pages) renew(r *shell.Request, w who) error {
	pw, err := p.Access.RenewBreakGlass(r.Context(), r.By, w.id, w.reason)
	if err != nil {
		return p.done(r, w, err, "")
	}
	x, _, err := p.Access.Person(r.Context(), r.By, w.org, w.id)
	if err != nil {
		return err
	}
	return p.showCode(r, w.id, x.Name, "", pw, time.Time{})
}

func (p *pages) unlock(r *shell.Request, w who) error {
	return p.done(r, w, p.Access.Unlock(r.Context(), r.By, w.org, w.id, w.reason), "Unlocked: the next attempt to sign in need not wait.")
}

func (p *pages) endSessions(r *shell.Request, w who) error {
	return p.done(r, w, p.Access.EndSessionsOf(r.Context(), r.By, w.org, w.id, r.PostFormValue("session")), "Ended.")
}

func (p *pages) roles(r *shell.Request) error {
	return p.show(r, "roles", shell.Page{Title: "Roles", Lead: "What each role may do, within the organisation, sites and supplier that it was given for", Body: rolesPage(r)})
}
