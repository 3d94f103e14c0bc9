// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package password

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"breakwater/harbour"
)

func TestCheck(t *testing.T) {
	c := &Checker{Words: []string{"Port of Alder Bay", "Northquay Terminal"}}
	about := []string{"j.vandenberg@alderbay.example", "Jolanda van den Berg"}
	for _, pw := range []string{
		"short", "elevenchars", // length
		"password1234", "Password2024!", "P@ssw0rd!!!!", "passwordpassword", "Welcome12345", "welcome2portal1"[:12], "letmeinletmein", "Summer2026!!", "adminadminadmin",
		"123456789012", "098765432109", "abcdefghijkl", "aaaaaaaaaaaa", "abcabcabcabc", "1q2w3e4r5t6y", "qazwsxedcrfv", "qwertzuiop12", "azertyuiop123", "1qaz2wsx3edc",
		"asdfghjkl;'12", "zaq12wsxcde3", "112233112233112233", "987654321987654321",
		"BreakwaterBreakwater", "Port of Alder Bay 2026", "jolanda berg jolanda berg", "Breakwater2026!", "AlderBay2026!", "@ld3rb4y2026", "portofalderbay", "Northquay1234!", "vandenberg1979!", "Jolanda123456", "j.vandenberg26"[:12],
		strings.Repeat("correct horse ", 10), strings.Repeat("a", 256),
	} {
		if err := c.Check(pw, about...); harbour.KindOf(err) != harbour.ErrInvalid || harbour.HintOf(err) == "" {
			t.Errorf("Check(%q) = %v, want invalid with a hint", pw, err)
		}
	}
	for _, pw := range []string{
		"copper lantern drifts past", "tide table under glass", "the summer crane was red and late", "vG7#kq2!Lw9x", "837261940582", "möwe über dem kai", "港口夜班灯塔很安静地亮着",
		"My cat Tom hates Mondays", "harbour porpoise jigsaw", "winter coat, missing button", "IlostmyumbrellaonbusNo9", "Jolanda keeps bees", "⚓⚓ gulls steal chips ⚓⚓",
		"xkcd 936 made me do it",
	} {
		if err := c.Check(pw, about...); err != nil {
			t.Errorf("Check(%q) = %v, want it to pass", pw, err)
		}
	}
}

// TestCheckPassphrases: random words and random characters pass, or the rules stand in the way of good passwords.
func TestCheckPassphrases(t *testing.T) {
	words := strings.Fields(`apron badge cabin cedar clamp cobalt copper crate dahlia damson ember fable ferry fossil garlic girder glacier gravel hazel heron
		indigo ivory jigsaw juniper kettle ladder lantern lichen magnet maple marble mosaic nectar nettle oboe orchid otter paddle parsnip pebble pepper plover
		quartz quill raven ribbon saddle saffron sparrow spindle tablet thimble timber tunnel turnip umber velvet violet walnut whistle willow yarrow zephyr zinc`)
	rng := rand.New(rand.NewPCG(1, 2))
	c := &Checker{Words: []string{"Port of Alder Bay"}}
	for range 2000 {
		var phrase []string
		for range 4 {
			phrase = append(phrase, words[rng.IntN(len(words))])
		}
		for _, sep := range []string{" ", "-", ""} {
			if pw := strings.Join(phrase, sep); len(pw) >= 12 {
				if err := c.Check(pw, "jolanda"); err != nil {
					t.Errorf("Check(%q) = %v, want it to pass", pw, err)
				}
			}
		}
		b := make([]byte, 12)
		for i := range b {
			b[i] = byte(33 + rng.IntN(94))
		}
		if err := c.Check(string(b)); err != nil {
			t.Errorf("Check(%q) = %v, want it to pass", b, err)
		}
	}
}

func TestMinLength(t *testing.T) {
	for _, tt := range []struct {
		least, n int
		ok       bool
	}{{0, 11, false}, {0, 12, true}, {15, 14, false}, {15, 15, true}, {1, 7, false}, {1, 8, true}} {
		pw := "vG7#kq2éLw9xR5$mB"
		pw = string([]rune(pw)[:tt.n])
		if err := (&Checker{MinLength: tt.least}).Check(pw); (err == nil) != tt.ok {
			t.Errorf("Check of %d characters with MinLength %d = %v, want passed: %v", tt.n, tt.least, err, tt.ok)
		}
	}
}

type list struct {
	known string
	err   error
}

func (l list) Contains(pw string) (bool, error) { return pw == l.known, l.err }

func TestCheckBreached(t *testing.T) {
	broken := list{err: errors.New("disk")}
	c := &Checker{Breached: []Breached{broken, list{known: "tide table under glass"}}}
	if err := c.Check("tide table under glass"); harbour.KindOf(err) != harbour.ErrInvalid {
		t.Errorf("Check of a breached password behind a broken list = %v, want invalid", err)
	}
	if err := c.Check("tide table under ice"); !errors.Is(err, broken.err) {
		t.Errorf("Check with a broken list = %v, want its error", err)
	}
	if err := c.Check("tide\u00a0table under glass"); harbour.KindOf(err) != harbour.ErrInvalid {
		t.Errorf("Check of another spelling = %v, want invalid", err)
	}
}

func BenchmarkCheckLongest(b *testing.B) {
	pw := strings.Repeat("a", MaxLength)
	for b.Loop() {
		obvious(pw, nil)
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"password1234", "abcabcabcabc", "⚓⚓ gulls", "\xff", strings.Repeat("ab", 200), "İİİİİİİİİİİİİ"} {
		f.Add(s, "alder bay")
	}
	f.Fuzz(func(t *testing.T, pw, about string) {
		c := &Checker{}
		err := c.Check(pw, about)
		if err != nil && harbour.HintOf(err) == "" {
			t.Errorf("Check(%q, %q) = %v, without a hint", pw, about, err)
		}
	})
}
