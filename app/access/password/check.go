// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package password

import (
	"fmt"
	"unicode/utf8"

	"breakwater/harbour"
)

// Breached knows passwords that attackers have.
type Breached interface {
	// Contains says whether the password, in the form of [Normal], is known.
	Contains(normal string) (bool, error)
}

// Checker decides whether a password may be set.
type Checker struct {
	// MinLength in code points: 12 where it is 0, never less than 8.
	MinLength int
	// Breached lists, each asked; see [OpenBreached].
	Breached []Breached
	// Words that stand for this port, for everybody: its name, the names of its organisations and sites.
	Words []string
}

// Check says in an error of kind invalid why a password may not be set, with a hint to a better one. about are words
// that stand for the person: user name, names, e-mail address. An error of kind unavailable says that a breached list
// could not be read: the password is neither good nor bad then, and the caller decides whether to go on without.
func (c *Checker) Check(pw string, about ...string) error {
	normal, err := Normal(pw)
	if err != nil {
		return err
	}
	refuse := func(message, hint string) error {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "set password", Message: message, Hint: hint}
	}
	least := 12
	if c.MinLength != 0 {
		least = max(c.MinLength, 8)
	}
	if n := utf8.RuneCountInString(normal); n < least {
		return refuse(fmt.Sprintf("the password has %d characters; it needs at least %d", n, least),
			"Four or five unrelated words with spaces between them are easy to remember and long enough. Any characters will do.")
	}
	own := ownWords(append(append([]string{"breakwater"}, c.Words...), about...))
	if what := obvious(normal, own); what != "" {
		return refuse("the password is one of the first that an attacker would try: "+what,
			"Four or five unrelated words with spaces between them make a good one. Leave out your name and the port's.")
	}
	var unread error
	for _, list := range c.Breached {
		known, err := list.Contains(normal)
		if known {
			return refuse("the password is on a list of passwords from breaches that attackers work through",
				"If you use it elsewhere, change it there too. Choose one that you use nowhere else.")
		}
		if err != nil && unread == nil {
			unread = err
		}
	}
	return unread
}
