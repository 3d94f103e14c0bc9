// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	"pgregory.net/rapid"

	"breakwater/harbour"
)

func TestKeyText(t *testing.T) {
	k := NewKey()
	for name, text := range map[string]string{
		"plain": k.Text(), "lines": "\r\n# a comment\n\n  " + k.Text() + " \r\n",
	} {
		if got, err := ParseKey([]byte(text)); err != nil || got.Text() != k.Text() || got.ID() != k.ID() {
			t.Errorf("%s: ParseKey = %v, %v", name, got, err)
		}
	}
	wrong := []byte(k.Text())
	wrong[len(keyPrefix)+5] = 'A' + (wrong[len(keyPrefix)+5]-'A'+1)%26
	if wrong[len(keyPrefix)+5] == k.Text()[len(keyPrefix)+5] {
		t.Fatal("test does not alter the key")
	}
	for name, text := range map[string]string{
		"empty": "", "comment": "# " + k.Text(), "two": k.Text() + "\n" + NewKey().Text(), "typing error": string(wrong),
		"cut": k.Text()[:60], "long": k.Text() + "AA", "lower case": strings.ToLower(k.Text()), "another kind": "AGE-SECRET-KEY-1QQQQ",
	} {
		_, err := ParseKey([]byte(text))
		if err == nil {
			t.Errorf("%s: ParseKey gives no error", name)
			continue
		}
		wantError(t, err, harbour.ErrInvalid)
		if strings.Contains(err.Error(), k.Text()[len(keyPrefix):][:20]) {
			t.Errorf("%s: the error tells the key: %v", name, err)
		}
	}
}

func TestKeyIsNotPrinted(t *testing.T) {
	k := NewKey()
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "key", k, "in", struct{ K Key }{k})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&b, verb+" "+verb+"\n", k, struct{ K Key }{k})
	}
	for _, secret := range []string{k.Text()[len(keyPrefix):][:12], fmt.Sprintf("%x", k.master[:4]), strings.Trim(fmt.Sprint(k.master[:4]), "[]")} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("the key is printed:\n%s", b.String())
		}
	}
	if !strings.Contains(b.String(), k.ID()) {
		t.Errorf("the id is not printed:\n%s", b.String())
	}
}

func TestKeyFile(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	o := put(t, v, []byte("evidence"))
	file := filepath.Join(dir, keyName)
	if i, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && i.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v, %v", i, err)
	}
	id := v.KeyID()
	v.Close()

	// Gone: no new key is made for a vault that has one.
	aside := filepath.Join(t.TempDir(), "medium", "port.key")
	os.Mkdir(filepath.Dir(aside), 0o700)
	os.Rename(file, aside)
	_, err := Open(dir, KeySource{}, Options{})
	wantError(t, err, harbour.ErrUnavailable, id, file)
	if _, err := os.Stat(file); err == nil {
		t.Error("a new key was made for an old vault")
	}
	_, err = Open(dir, KeySource{File: filepath.Join(dir, "unplugged", "port.key")}, Options{})
	wantError(t, err, harbour.ErrUnavailable, id)

	// Elsewhere.
	w, err := Open(dir, KeySource{File: aside}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := read(w, o.SHA256); err != nil || string(b) != "evidence" {
		t.Errorf("read = %q, %v", b, err)
	}
	w.Close()

	// Wrong, damaged, empty.
	other := NewKey()
	if err := SaveKey(file, other, nil); err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir, KeySource{}, Options{})
	wantError(t, err, harbour.ErrInvalid, id, other.ID())
	wantError(t, SaveKey(file, NewKey(), nil), harbour.ErrConflict, file)
	os.WriteFile(file, nil, 0o600)
	_, err = Open(dir, KeySource{}, Options{})
	wantError(t, err, harbour.ErrInvalid)
}

func TestKeyFromEnvironment(t *testing.T) {
	dir, k := t.TempDir(), NewKey()
	src := KeySource{Env: "BREAKWATER_TEST_KEY"}
	t.Setenv(src.Env, k.Text())
	v, err := Open(dir, src, Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	o := put(t, v, []byte("evidence"))
	if _, err := os.Stat(filepath.Join(dir, keyName)); err == nil {
		t.Error("a key file was written although the key comes from the environment")
	}
	// A new key is needed, and kept by the caller.
	_, err = v.Rotate(context.Background(), RotateOptions{})
	wantError(t, err, harbour.ErrUsage, "environment")
	next := NewKey()
	if _, err := v.Rotate(context.Background(), RotateOptions{Key: next}); err != nil {
		t.Fatal(err)
	}
	v.Close()
	_, err = Open(dir, src, Options{})
	wantError(t, err, harbour.ErrInvalid, next.ID(), k.ID(), src.Env)
	t.Setenv(src.Env, "nonsense")
	_, err = Open(dir, src, Options{})
	wantError(t, err, harbour.ErrInvalid)
	t.Setenv(src.Env, next.Text())
	v, err = Open(dir, src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if b, err := read(v, o.SHA256); err != nil || string(b) != "evidence" {
		t.Errorf("read = %q, %v", b, err)
	}
}

func TestPassphrase(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "port.key")
	k := NewKey()
	if err := saveKey(file, k, []byte("quay seven"), 10); err != nil {
		t.Fatal(err)
	}
	say := func(s string) KeySource {
		return KeySource{File: file, Passphrase: func() ([]byte, error) { return []byte(s), nil }}
	}
	v, err := Open(dir, say("quay seven"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if v.KeyID() != k.ID() {
		t.Errorf("KeyID() = %s, want %s", v.KeyID(), k.ID())
	}
	v.Close()
	_, err = Open(dir, say("quay eight"), Options{})
	wantError(t, err, harbour.ErrInvalid, "passphrase")
	_, err = Open(dir, say(""), Options{})
	wantError(t, err, harbour.ErrInvalid, "empty")
	_, err = Open(dir, KeySource{File: file}, Options{})
	wantError(t, err, harbour.ErrInvalid, "passphrase")
	nobody := errors.New("nobody there")
	if _, err = Open(dir, KeySource{File: file, Passphrase: func() ([]byte, error) { return nil, nobody }}, Options{}); !errors.Is(err, nobody) {
		t.Errorf("Open = %v", err)
	}
	b, _ := os.ReadFile(file)
	if bytes.Contains(b, []byte(keyPrefix)) {
		t.Error("a protected key file tells the key")
	}
	// age opens it too, so that the key is not lost with this program.
	id, _ := age.NewScryptIdentity("quay seven")
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(b)), id)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if text.ReadFrom(r); strings.TrimSpace(text.String()) != k.Text() {
		t.Error("age gives another key")
	}
	edit(t, file, func(b []byte) []byte { return b[:len(b)/2] })
	_, err = Open(dir, say("quay seven"), Options{})
	wantError(t, err, harbour.ErrInvalid, "damaged")
}

func TestOpenToOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean something else here")
	}
	dir := t.TempDir()
	open(t, dir).Close()
	for mode, warn := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true} {
		os.Chmod(filepath.Join(dir, keyName), mode)
		var b bytes.Buffer
		v, err := Open(dir, KeySource{}, Options{Log: slog.New(slog.NewTextHandler(&b, nil))})
		if err != nil {
			t.Fatal(err)
		}
		v.Close()
		if got := strings.Contains(b.String(), "can be read by others"); got != warn {
			t.Errorf("mode %v: warned %v, want %v", mode, got, warn)
		}
	}
}

func TestHeaderDamaged(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	o := put(t, v, []byte("evidence"))
	sealed, _ := v.Seal("x", []byte("secret"))
	v.Close()
	main, second := filepath.Join(dir, headerName), filepath.Join(dir, headerCopy)
	good, _ := os.ReadFile(main)
	for name, do := range map[string]func(){
		"cut":     func() { edit(t, main, func(b []byte) []byte { return b[:20] }) },
		"missing": func() { os.Remove(main) },
		"ring altered": func() {
			edit(t, main, func(b []byte) []byte { return bytes.Replace(b, b[len(b)-20:len(b)-16], []byte("AAAA"), 1) })
		},
		"id altered": func() {
			edit(t, main, func(b []byte) []byte { return bytes.Replace(b, []byte(`"id": "`), []byte(`"id": "0`), 1) })
		},
		"copy cut":     func() { edit(t, second, func(b []byte) []byte { return b[:20] }) },
		"copy missing": func() { os.Remove(second) },
	} {
		do()
		v, err := Open(dir, KeySource{}, Options{Reserve: -1})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := read(v, o.SHA256); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if b, err := v.Unseal("x", sealed); err != nil || string(b) != "secret" {
			t.Errorf("%s: Unseal = %q, %v", name, b, err)
		}
		v.Close()
		a, _ := os.ReadFile(main)
		b, _ := os.ReadFile(second)
		if !bytes.Equal(a, good) || !bytes.Equal(b, good) {
			t.Errorf("%s: header and copy were not mended", name)
		}
	}
	os.WriteFile(main, []byte("{"), 0o600)
	os.WriteFile(second, nil, 0o600)
	_, err := Open(dir, KeySource{}, Options{})
	wantError(t, err, harbour.ErrUnreadable, headerName)
	os.Remove(main)
	os.Remove(second)
	_, err = Open(dir, KeySource{}, Options{})
	wantError(t, err, harbour.ErrUnreadable, headerName, "missing")
	os.WriteFile(main, bytes.Replace(good, []byte(`"version": 1`), []byte(`"version": 2`), 1), 0o600)
	_, err = Open(dir, KeySource{}, Options{})
	wantError(t, err, harbour.ErrConflict, "version 2")
}

func TestRotate(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	v := open(t, dir)
	var objects []Object
	for i := range 10 {
		objects = append(objects, put(t, v, noise(uint64(i), 1000+i*40_000)))
	}
	rec := mustFind(t, v, objects[9].SHA256)
	before, _ := os.ReadFile(v.contentPath(rec.content))
	sealed, err := v.Seal("totp 1", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	reading, err := v.Open(objects[9].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	first := v.KeyID()
	seen := 0
	res, err := v.Rotate(ctx, RotateOptions{Progress: func(n int) { seen = n }})
	if err != nil || res.From != first || res.To != v.KeyID() || res.To == first || res.Objects != 10 || len(res.Problems) != 0 || seen != 10 {
		t.Fatalf("Rotate = %+v, %v, %d seen", res, err, seen)
	}
	if v.Rotating() {
		t.Error("the rotation did not end")
	}
	if after, _ := os.ReadFile(v.contentPath(rec.content)); !bytes.Equal(before, after) {
		t.Error("content was rewritten")
	}
	if b := make([]byte, 100); func() error { _, err := reading.ReadAt(b, 200_000); return err }() != nil {
		t.Error("a reader that was open broke off")
	}
	for _, f := range files(t, filepath.Join(dir, keysDir)) {
		b, _ := os.ReadFile(f)
		if head, err := readRecordHead(b); err != nil || head.key.String() != v.KeyID() {
			t.Errorf("%s is under key %v, want %s", f, head.key, v.KeyID())
		}
	}
	whole(t, v, 10)

	// Secrets stay readable, and move when asked.
	if b, err := v.Unseal("totp 1", sealed); err != nil || string(b) != "secret" {
		t.Errorf("Unseal = %q, %v", b, err)
	}
	fresh, changed, err := v.Reseal("totp 1", sealed)
	if err != nil || !changed || bytes.Equal(fresh, sealed) {
		t.Errorf("Reseal = changed %v, %v", changed, err)
	}
	if same, changed, err := v.Reseal("totp 1", fresh); err != nil || changed || !bytes.Equal(same, fresh) {
		t.Errorf("Reseal again = changed %v, %v", changed, err)
	}
	if b, err := v.Unseal("totp 1", fresh); err != nil || string(b) != "secret" {
		t.Errorf("Unseal = %q, %v", b, err)
	}
	v.Close()

	// The old key is kept, opens nothing any more, and the new one opens all.
	old := filepath.Join(dir, keyName+"."+first)
	_, err = Open(dir, KeySource{File: old}, Options{})
	wantError(t, err, harbour.ErrInvalid, res.To, first)
	w := open(t, dir)
	whole(t, w, 10)

	// A key record from a backup of the time before.
	n := w.name([32]byte(mustFind(t, w, objects[3].SHA256).sha))
	k, _, _ := KeySource{}.loadFile(old)
	was := mustFind(t, w, objects[3].SHA256)
	os.WriteFile(w.keyPath(n), was.seal(k.id(), k.wrapper()), 0o600)
	if _, err := read(w, objects[3].SHA256); err != nil {
		t.Errorf("with the old key beside the new: %v", err)
	}
	os.Remove(old)
	_, err = read(w, objects[3].SHA256)
	wantError(t, err, harbour.ErrUnreadable, objects[3].SHA256, first, "vault has key "+res.To)
	res, err = w.Rotate(ctx, RotateOptions{})
	if err != nil || len(res.Problems) != 1 || res.Objects != 9 || !strings.Contains(res.Problems[0].Err.Error(), first) {
		t.Errorf("Rotate with a record under a missing key = %+v, %v", res, err)
	}
	_, err = w.Rotate(ctx, RotateOptions{Key: w.master})
	wantError(t, err, harbour.ErrUsage)
}

func TestRotateCancelled(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	for i := range 20 {
		put(t, v, noise(uint64(i), 100))
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := v.Rotate(ctx, RotateOptions{Progress: func(n int) {
		if n == 7 {
			cancel()
		}
	}})
	if harbour.KindOf(err) != harbour.ErrCancelled || !v.Rotating() {
		t.Fatalf("Rotate = %v, rotating %v", err, v.Rotating())
	}
	whole(t, v, 20) // both keys' records are read
	put(t, v, noise(77, 100))
	_, err = v.Rotate(context.Background(), RotateOptions{Key: NewKey()})
	wantError(t, err, harbour.ErrConflict)
	v.Close()
	v = open(t, dir)
	if !v.Rotating() {
		t.Fatal("the rotation was forgotten")
	}
	whole(t, v, 21)
	res, err := v.Rotate(context.Background(), RotateOptions{})
	if err != nil || res.Objects != 13 || v.Rotating() {
		t.Errorf("Rotate = %+v, %v; want the other 13 objects", res, err)
	}
	whole(t, v, 21)
}

func TestSeal(t *testing.T) {
	v, w := open(t, t.TempDir()), open(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		context := rapid.StringN(1, 20, -1).Draw(t, "context")
		secret := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "secret")
		e, err := v.Seal(context, secret)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := v.Unseal(context, e); err != nil || !slices.Equal(got, secret) {
			t.Fatalf("Unseal = %q, %v", got, err)
		}
		if again, _ := v.Seal(context, secret); bytes.Equal(e, again) {
			t.Fatal("the same secret is sealed alike twice")
		}
		bad := bytes.Clone(e)
		bad[rapid.IntRange(0, len(bad)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		for name, err := range map[string]error{
			"altered":         func() error { _, err := v.Unseal(context, bad); return err }(),
			"cut":             func() error { _, err := v.Unseal(context, e[:len(e)-1]); return err }(),
			"another context": func() error { _, err := v.Unseal(context+"2", e); return err }(),
			"another vault":   func() error { _, err := w.Unseal(context, e); return err }(),
		} {
			if harbour.KindOf(err) != harbour.ErrUnreadable || harbour.HintOf(err) == "" {
				t.Fatalf("%s: Unseal = %v", name, err)
			}
		}
	})
	if _, err := v.Seal("", []byte("x")); harbour.KindOf(err) != harbour.ErrUsage {
		t.Errorf("Seal without context = %v", err)
	}
	_, err := v.Seal("x", make([]byte, sealLimit+1))
	wantError(t, err, harbour.ErrTooLarge)
	if e, err := v.Seal("x", make([]byte, sealLimit)); err != nil {
		t.Error(err)
	} else if _, err := v.Unseal("x", e); err != nil {
		t.Error(err)
	}
}

func FuzzUnseal(f *testing.F) {
	v := open(f, f.TempDir())
	e, _ := v.Seal("x", []byte("secret"))
	f.Add(e)
	f.Add([]byte(sealMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := v.Unseal("x", b); err == nil && !bytes.Equal(b, e) {
			t.Errorf("Unseal(%x) = %q", b, got)
		}
	})
}

// FuzzKeyFile reads key files that anybody may have written; the work is bounded by the cost that is accepted.
func FuzzKeyFile(f *testing.F) {
	f.Add([]byte(NewKey().Text()))
	f.Add([]byte("# x\n" + keyPrefix + "AAAA"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := ParseKey(b); err == nil && !bytes.Contains(b, []byte(k.Text()[:len(keyPrefix)+50])) {
			t.Errorf("ParseKey(%q) gives a key that is not in it", b)
		}
	})
}
