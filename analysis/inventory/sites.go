// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"breakwater/evidence"
	"breakwater/harbour"
)

// Sites finds the site that people mean by what they write: its id or its name, in any case and spacing.
type Sites struct {
	list  []harbour.Site      // for a message, in order of id
	exact map[string]string   // id as written → id
	loose map[string][]string // id or name in one spelling → ids
	house bool                // there are sites beside those of the port file
	alien []int               // sites of the port file that the house does not have, by their number there
}

// NewSites knows the sites of the house, which people are limited to, and those of the port file (nil for none). A site of
// the port file that has the id or the name of one of the house is that one.
func NewSites(house []harbour.Site, port *harbour.Port) *Sites {
	s := &Sites{exact: map[string]string{}, loose: map[string][]string{}, house: len(house) > 0}
	for _, x := range house {
		s.list = append(s.list, x)
		s.call(x.ID, x.ID, x.Name)
	}
	if port != nil {
		same := make([]string, len(port.Sites)) // looked for among those of the house alone
		for i, x := range port.Sites {
			id, ok := s.Find(x.ID)
			if !ok {
				id, ok = s.Find(x.Name)
			}
			if ok {
				same[i] = id
			}
		}
		for i, x := range port.Sites {
			if same[i] == "" {
				same[i] = x.ID
				s.list, s.alien = append(s.list, x), append(s.alien, i)
			}
			s.call(same[i], x.ID, x.Name)
		}
	}
	slices.SortStableFunc(s.list, func(a, b harbour.Site) int { return strings.Compare(a.ID, b.ID) })
	return s
}

// call lets a site be found under an id and a name.
func (s *Sites) call(site, id, name string) {
	if _, taken := s.exact[id]; !taken {
		s.exact[id] = site
	}
	for _, word := range []string{id, name} {
		if w := oneSpelling(word); w != "" && !slices.Contains(s.loose[w], site) {
			s.loose[w] = append(s.loose[w], site)
		}
	}
}

// oneSpelling leaves out case, spaces and what joins words.
func oneSpelling(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '_' || r == '\u2013' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// Find gives the id of the site that a word means. ok is false where it means none, or more than one.
func (s *Sites) Find(word string) (id string, ok bool) {
	if id, ok := s.exact[strings.TrimSpace(word)]; ok {
		return id, true
	}
	if ids := s.loose[oneSpelling(word)]; len(ids) == 1 {
		return ids[0], true
	}
	return "", false
}

// id gives the id of the site that a word means, or the word, which is then as people wrote it.
func (s *Sites) id(word string) string {
	if word == "" {
		return ""
	}
	if id, ok := s.Find(word); ok {
		return id
	}
	return word
}

// maxSitesNamed is how many sites a message names.
const maxSitesNamed = 12

// Wrong says what is wrong with a word that is to mean a site, and what to do about it; "" for one that is right, and where
// no site is known at all. all lets the hint list the sites, which not everybody may see.
func (s *Sites) Wrong(word string, all bool) (text, hint string) {
	if _, ok := s.Find(word); ok || word == "" || len(s.list) == 0 {
		return "", ""
	}
	shown := quote(word)
	if ids := s.loose[oneSpelling(word)]; len(ids) > 1 {
		return "site " + shown + " fits " + strings.Join(ids[:min(len(ids), maxSitesNamed)], " and "), "write the site's id"
	}
	text = "there is no site " + shown
	if near := s.nearest(word); near != "" {
		return text, "did you mean " + near + "?"
	}
	if !all {
		return text, "write the id or the name of a site, or leave the cell empty for the site that the file was given for"
	}
	names := make([]string, 0, maxSitesNamed)
	for _, x := range s.list[:min(len(s.list), maxSitesNamed)] {
		names = append(names, siteWords(x))
	}
	hint = "sites are " + strings.Join(names, ", ")
	if n := len(s.list) - len(names); n > 0 {
		hint += fmt.Sprintf(" and %d more", n)
	}
	return text, hint
}

// siteWords names a site by id and name.
func siteWords(x harbour.Site) string {
	if x.Name == "" || x.Name == x.ID {
		return x.ID
	}
	return x.ID + " (" + x.Name + ")"
}

// nearest names the site whose id or name differs by two letters, or a fourth of them; "" for none.
func (s *Sites) nearest(word string) string {
	w := oneSpelling(word)
	best, least := "", max(2, len(w)/4)+1
	for _, x := range s.list {
		for _, name := range []string{x.ID, x.Name} {
			n := oneSpelling(name)
			if d := evidence.Edits(w, n); n != "" && d < least && d < len(w) {
				best, least = siteWords(x), d
			}
		}
	}
	return best
}

// maxSiteProblems is how many different words of one evidence are named that mean no site.
const maxSiteProblems = 50

// SiteProblems names the words of an inventory that were to mean a site and do not, each with its first row, and the sites of a
// port file that the house does not have. all is as for [Sites.Wrong].
//
// Errors: those of reading a ledger's file.
func SiteProblems(l *evidence.Ledger, s *Sites, all bool) (problems []harbour.Problem, err error) {
	if l.Port != nil && s.house && len(s.alien) > 0 {
		return []harbour.Problem{s.strangers(l)}, nil
	}
	if l.Evidence.Kind != harbour.EvidenceSheet || len(s.list) == 0 {
		return nil, nil
	}
	view, err := l.View()
	if err != nil {
		return nil, err
	}
	defer view.Close()
	name := view.Lookup(harbour.AttrSite)
	type found struct {
		word  string
		first evidence.Place
		rows  int
	}
	var list []*found
	at := map[evidence.Text]*found{} // nil for a word that is right
	for o := range view.Observations() {
		if o.Name != name || !o.Declared {
			continue
		}
		f, known := at[o.Value]
		if !known {
			word := view.Text(o.Value)
			if text, _ := s.Wrong(word, all); text != "" {
				f = &found{word: word, first: o.Places[0]}
				list = append(list, f)
			}
			at[o.Value] = f
		}
		if f != nil {
			f.rows += int(o.Count)
			if p := o.Places[0]; p != 0 && p < f.first {
				f.first = p
			}
		}
	}
	slices.SortStableFunc(list, func(a, b *found) int {
		if a.first != b.first {
			return b2i(a.first > b.first) - b2i(a.first < b.first)
		}
		return strings.Compare(a.word, b.word)
	})
	for _, f := range list[:min(len(list), maxSiteProblems)] {
		text, hint := s.Wrong(f.word, all)
		if heading := l.Heading(harbour.AttrSite, f.first); heading != "" {
			text = fmt.Sprintf("column %q: %s", heading, text)
		}
		if f.rows > 1 {
			text += fmt.Sprintf(", in %d rows; the devices stand at no known site, and whoever is limited to sites does not see them", f.rows)
		} else {
			text += "; the device stands at no known site, and whoever is limited to sites does not see it"
		}
		problems = append(problems, harbour.Problem{Locator: l.Locator(f.first), Message: text, Hint: hint})
	}
	if n := len(list) - maxSiteProblems; n > 0 {
		problems = append(problems, harbour.Problem{Message: fmt.Sprintf("%d more words of the column of sites mean none", n), Hint: "correct those that are named, and look again"})
	}
	return problems, view.Err()
}

// strangers names the sites of the port file that the house does not have.
func (s *Sites) strangers(l *evidence.Ledger) harbour.Problem {
	var names []string
	for _, i := range s.alien[:min(len(s.alien), maxSitesNamed)] {
		names = append(names, siteWords(l.Port.Sites[i]))
	}
	if n := len(s.alien) - len(names); n > 0 {
		names = append(names, fmt.Sprintf("%d more", n))
	}
	return harbour.Problem{
		Locator: l.Locator(l.Entries[fmt.Sprintf("sites[%d]", s.alien[0])]),
		Message: "the organisation has no site " + strings.Join(names, ", ") + "; whoever is limited to a site does not see what stands there",
		Hint:    "add it under Settings, Organisation and sites, or give one of its sites the same id or name here",
	}
}

// givenSite finds the site of an asset that no list and no zone places, by the evidence that speaks of it: its rows, else where
// its own hardware was seen, else where it was seen at all. "" where that evidence was given for no site, or for several.
func (v *Inventory) givenSite(a *asset) string {
	if len(v.in.Given) == 0 || a.remote {
		return ""
	}
	const none, several = "", "\x00"
	var listed, own, seen string
	note := func(to *string, site string) {
		switch *to {
		case none:
			*to = site
		case site:
		default:
			*to = several
		}
	}
	for _, n := range v.nodes(a) {
		e := &v.ends[n]
		site := v.in.Given[v.ledgers[v.home(n)].Evidence.ID]
		switch {
		case site == "":
		case e.Flags&evidence.Row != 0:
			note(&listed, site)
		case e.Flags&observedFlags == 0:
		case e.IP.None() || v.local[n]:
			note(&own, site)
			note(&seen, site)
		default:
			note(&seen, site)
		}
	}
	for _, site := range []string{listed, own, seen} {
		if site == several {
			return ""
		}
		if site != none {
			return v.sites.id(site)
		}
	}
	return ""
}

// siteOf places an asset: as it is declared, else by its zone, else by what its evidence was given for, and then says so.
func (v *Inventory) siteOf(a *asset, f *facts) (site, why string) {
	if f.site != "" {
		return v.sites.id(f.site), ""
	}
	if z := v.zoneAt(a); z != nil && z.Site != "" {
		return v.sites.id(z.Site), ""
	}
	if site = v.givenSite(a); site != "" {
		why = "the evidence that speaks of it was given for this site"
	}
	return site, why
}
