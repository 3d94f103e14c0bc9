// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"testing"
)

// TestDraft wants the same page whether the lists were walked whole before, in part, or not at all.
func TestDraft(t *testing.T) {
	a := examplePort(300)
	var want bytes.Buffer
	if err := HTML(t.Context(), &want, a); err != nil {
		t.Fatal(err)
	}
	for name, walk := range map[string]int{"whole": 1 << 30, "in part": 7, "not": 0} {
		d, err := NewDraft(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		heard := d.Listening()
		part(heard.Assets, walk)
		part(heard.Conversations, walk)
		part(heard.Operations, walk)
		if whole := d.entries.whole && d.talk.whole && d.acts.whole; whole != (name == "whole") {
			t.Errorf("walked %s: the draft takes it for whole: %v", name, whole)
		}
		d.entries.most = func() bool { return true } // bounds what is heard early, and nothing after
		var got bytes.Buffer
		if err := d.HTML(t.Context(), &got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("walked %s: another page", name)
		}
	}
	d, err := NewDraft(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	d.entries.most = func() bool { return true }
	part(d.Listening().Assets, 1<<30)
	var got bytes.Buffer
	if err := d.HTML(t.Context(), &got); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) || !d.entries.whole {
		t.Errorf("more than may be kept: another page, %v", err)
	}
}

// part walks the first n of a list.
func part[T any](list func(func(*T) bool), n int) {
	if list == nil || n == 0 {
		return
	}
	for range list {
		if n--; n == 0 {
			return
		}
	}
}
