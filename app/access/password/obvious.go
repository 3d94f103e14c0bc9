// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package password

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The most common passwords follow a few rules, so they are recognised by the rules instead of by a list: a password
// is taken apart into the fewest steps that would make it, where a step is a common word, a word about the person or
// the port, a year, a run on the keyboard or in the alphabet, one thing repeated, or a single character. What takes
// fewSteps or less is refused, however long it is.
const fewSteps = 4

// stems are what people build such passwords on: words for access and welcome, seasons, months and days, affection,
// sport and fable, first guesses at this field. Chosen for this list; a breached list knows many more.
var stems = []string{
	"password", "passwort", "passw", "passwd", "pass", "passphrase", "secret", "geheim", "login", "logon", "access", "account", "admin", "administrator",
	"root", "user", "guest", "test", "testing", "demo", "default", "system", "server", "service", "support", "manager", "master", "welcome", "willkommen", "bienvenue",
	"hello", "hallo", "letmein", "openup", "changeme", "change", "changeit", "temp", "temporary", "please", "trustno", "nothing", "whatever", "unknown", "computer", "internet",
	"windows", "microsoft", "google", "linux", "oracle", "cisco", "siemens", "network", "database", "security", "secure", "office", "company", "business", "monitor",
	"spring", "summer", "autumn", "fall", "winter", "sommer", "herbst", "january", "february", "march", "april", "june", "july", "august", "september", "october",
	"november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "love", "lover", "iloveyou", "loveyou", "baby", "angel", "princess",
	"sunshine", "flower", "dragon", "monkey", "tiger", "lion", "shadow", "superman", "batman", "pokemon", "starwars", "hockey", "soccer", "football", "fussball", "baseball",
	"basketball", "ferrari", "mercedes", "money", "lucky", "freedom", "forever", "family", "mother", "father", "daddy", "michael", "jordan", "jennifer", "thomas", "daniel",
	"harbour", "harbor", "port", "hafen", "terminal", "quay", "dock", "berth", "vessel", "ship", "captain", "anchor", "marine", "maritime", "cargo", "container", "crane", "pilot",
	"scada", "operator", "engineer", "control", "plant", "factory", "abc", "qwe", "asd", "zxc", "new", "the", "my", "our", "is", "and", "for", "you", "me",
}

var plainStems = func() (out []string) {
	for _, s := range stems {
		out = append(out, plain(s))
	}
	return out
}()

// ownWords takes names apart into the words that count: an e-mail address into its parts, "Port of Alder" into "alder",
// "portofalder" and "port of alder". Words of fewer than three letters would fit anywhere.
func ownWords(from []string) (words []string) {
	for _, s := range from[:min(len(from), 100)] {
		if len(s) > 400 {
			continue
		}
		parts := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, w := range append(parts, strings.Join(parts, ""), strings.Join(parts, " ")) {
			w = plain(w)
			if utf8.RuneCountInString(w) >= 3 && !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
	}
	return words
}

// plain folds case and the usual replacements of letters by digits and signs.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if p, ok := plainer[r]; ok {
			return p
		}
		return unicode.ToLower(r)
	}, s)
}

var plainer = map[rune]rune{
	'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '9': 'g', '@': 'a', '$': 's', '!': 'i', '+': 't', '€': 'e', '|': 'i',
	'l': 'i', 'L': 'i', // i, l, 1 and ! are written for one another
}

// obvious names what makes a password an obvious one, or is empty. The work is bounded by MaxLength times the number
// of words.
func obvious(normal string, own []string) string {
	raw := []rune(strings.ToLower(normal))
	folded := []rune(plain(normal))
	if len(raw) != len(folded) {
		return "" // a letter whose small form is longer: nothing to compare place by place
	}
	steps := make([]int, len(raw)+1) // fewest steps for the first i characters
	last := make([]string, len(raw)+1)
	for i := range steps {
		steps[i] = i
	}
	for i := range raw {
		reach := func(n int, what string) {
			if n > 0 && steps[i]+1 < steps[i+n] {
				steps[i+n], last[i+n] = steps[i]+1, what
			}
		}
		reach(1, last[i])
		for n, run := 3, longestRun(raw[i:]); n <= run; n++ {
			reach(n, "a run of keys or letters")
		}
		for _, n := range repeats(raw[i:]) {
			reach(n, "one thing repeated")
		}
		reach(year(raw[i:]), "a word or two with a year")
		for _, w := range plainStems {
			reach(starts(folded[i:], w), "a common word with little added")
		}
		for _, w := range own {
			const what = "a name of the port or of yourself with little added"
			n := starts(folded[i:], w)
			reach(n, what)
			if n > 0 && i+n < len(raw) && !unicode.IsLetter(raw[i+n]) && !unicode.IsDigit(raw[i+n]) {
				reach(n+1, what) // with what parts it from the next word
			}
		}
	}
	if steps[len(raw)] > fewSteps {
		return ""
	}
	if what := last[len(raw)]; what != "" {
		return what
	}
	return "too little in it"
}

func starts(s []rune, word string) int {
	n := 0
	for _, r := range word {
		if n >= len(s) || s[n] != r {
			return 0
		}
		n++
	}
	return n
}

// year is 4 where a year of somebody's life starts.
func year(s []rune) int {
	if len(s) < 4 || !(s[0] == '1' && s[1] == '9') && !(s[0] == '2' && s[1] == '0') {
		return 0
	}
	if s[2] < '0' || s[2] > '9' || s[3] < '0' || s[3] > '9' {
		return 0
	}
	return 4
}

// keyboards, each as rows from left to right, with every key standing above the ones it touches in the next row.
var keyboards = [][]string{
	{"1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"},
	{"1234567890", "qwertzuiopü", "asdfghjklöä", "yxcvbnm,.-"},
	{"1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn,;:!"},
	{"789", "456", "123", "0"},
}

// touching holds the pairs of keys that lie beside one another on some keyboard.
var touching = func() map[[2]rune]bool {
	m := map[[2]rune]bool{}
	for _, rows := range keyboards {
		var above []rune
		for _, row := range rows {
			keys := []rune(row)
			for i, k := range keys {
				for _, other := range [][2]int{{0, i - 1}, {1, i}, {1, i + 1}} { // the next key, and the two above
					line := keys
					if other[0] == 1 {
						line = above
					}
					if j := other[1]; j >= 0 && j < len(line) {
						m[[2]rune{k, line[j]}], m[[2]rune{line[j], k}] = true, true
					}
				}
			}
			above = keys
		}
	}
	m[[2]rune{'9', '0'}], m[[2]rune{'0', '1'}] = true, true
	return m
}()

// longestRun is how many characters from the start follow one another on a keyboard, in the alphabet or in counting,
// upwards or downwards.
func longestRun(s []rune) int {
	keys, up, down := 1, 1, 1
	for keys < len(s) && touching[[2]rune{s[keys-1], s[keys]}] {
		keys++
	}
	for up < len(s) && s[up] == s[up-1]+1 && unicode.IsLetter(s[up]) == unicode.IsLetter(s[up-1]) {
		up++
	}
	for down < len(s) && s[down] == s[down-1]-1 && unicode.IsLetter(s[down]) == unicode.IsLetter(s[down-1]) {
		down++
	}
	return max(keys, up, down)
}

// repeats lists the lengths of what is one unit said again and again from the start. A unit has at most 16 characters;
// a very short one has to come three times, or every double letter would count, and so has a long one, which said
// twice is two words.
func repeats(s []rune) (lengths []int) {
	for unit := 1; unit <= 16 && 2*unit <= len(s); unit++ {
		n := unit
		for n < len(s) && s[n] == s[n-unit] {
			n++
		}
		if n >= 3*unit || n >= 2*unit && unit >= 4 && unit <= 8 {
			lengths = append(lengths, n)
		}
	}
	return lengths
}
