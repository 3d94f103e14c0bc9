// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"breakwater/harbour"
)

// The test binary starts itself as the process that is killed: with the name of an act and, where it kills itself, the
// number of the step before which it does.
const (
	childAct  = "VAULT_TEST_ACT"
	childDir  = "VAULT_TEST_DIR"
	childStep = "VAULT_TEST_STEP"
	childSeed = "VAULT_TEST_SEED"
)

func TestMain(m *testing.M) {
	if act := os.Getenv(childAct); act != "" {
		child(act)
		return
	}
	os.Exit(m.Run())
}

func child(act string) {
	must := func(err error) {
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	v, err := Open(os.Getenv(childDir), KeySource{}, Options{Reserve: -1})
	must(err)
	at, _ := strconv.Atoi(os.Getenv(childStep))
	seed, _ := strconv.ParseUint(os.Getenv(childSeed), 10, 64)
	steps := 0
	v.step = func(string) {
		if steps++; steps == at {
			p, _ := os.FindProcess(os.Getpid())
			p.Kill()
			time.Sleep(time.Minute)
		}
	}
	ctx := context.Background()
	store := func(b []byte) Object {
		o, err := v.Put(ctx, bytes.NewReader(b), PutOptions{})
		must(err)
		return o
	}
	switch act {
	case "put", "mend":
		store(noise(50, 100_000))
	case "delete":
		must(v.Delete(sum(noise(2, 2000))))
	case "rotate":
		_, err := v.Rotate(ctx, RotateOptions{})
		must(err)
	case "all":
		work(v, seed, store, must)
	}
	fmt.Println("steps", steps)
}

// work puts, deletes and rotates until it is killed, and says what is done.
func work(v *Vault, seed uint64, store func([]byte) Object, must func(error)) {
	r := rand.New(rand.NewPCG(seed, 7))
	for {
		n := r.Uint64N(40)
		b := noise(n, int(n*n*300))
		switch {
		case r.IntN(20) == 0:
			fmt.Println("rotating")
			_, err := v.Rotate(context.Background(), RotateOptions{})
			must(err)
		case r.IntN(4) == 0:
			fmt.Println("deleting", sum(b))
			if err := v.Delete(sum(b)); harbour.KindOf(err) != harbour.ErrNotFound {
				must(err)
			}
			fmt.Println("deleted", sum(b))
		default:
			fmt.Println("putting", sum(b))
			fmt.Println("put", store(b).SHA256)
		}
	}
}

func start(t *testing.T, dir, act string, step int, seed uint64) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childAct+"="+act, childDir+"="+dir, childStep+"="+strconv.Itoa(step), childSeed+"="+strconv.FormatUint(seed, 10))
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, &out
}

// TestKilledAtEachStep kills each act before each of its steps, and wants the vault whole and the act done or undone.
func TestKilledAtEachStep(t *testing.T) {
	for _, act := range []string{"put", "mend", "delete", "rotate"} {
		t.Run(act, func(t *testing.T) {
			steps := 1 << 30
			for at := 0; at <= steps; at++ {
				dir := t.TempDir()
				v := open(t, dir)
				for i := range 5 {
					put(t, v, noise(uint64(i), 1000*i))
				}
				if act == "mend" {
					o := put(t, v, noise(50, 100_000))
					edit(t, v.contentPath(mustFind(t, v, o.SHA256).content), flip(contentStart+10))
				}
				first := v.KeyID()
				v.Close()
				cmd, out := start(t, dir, act, at, 0)
				err := cmd.Wait()
				if at == 0 {
					if n, _ := fmt.Sscanf(out.String(), "steps %d", &steps); err != nil || n != 1 || steps < 3 {
						t.Fatalf("the act itself: %v, %q", err, out)
					}
				} else if err == nil || out.Len() > 0 {
					t.Fatalf("step %d: the process was not killed: %v, %q", at, err, out)
				}
				wantSettled(t, dir, act, at, first)
			}
		})
	}
}

func wantSettled(t *testing.T, dir, act string, at int, first string) {
	t.Helper()
	// Somebody who only reads sees a state that makes sense too, before anything is mended.
	r, err := Open(dir, KeySource{}, Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("step %d: open for reading: %v", at, err)
	}
	if rep := verify(t, r); len(rep.Problems) > 0 && act != "mend" {
		t.Errorf("step %d: reading sees %v", at, rep.Problems)
	}
	v := open(t, dir)
	defer v.Close()
	if act == "mend" {
		if b, err := read(v, sum(noise(50, 100_000))); err != nil && harbour.KindOf(err) != harbour.ErrUnreadable {
			t.Errorf("step %d: %d bytes, %v", at, len(b), err)
		}
		put(t, v, noise(50, 100_000))
		if _, _, err := v.RemoveUnclaimed(context.Background()); err != nil {
			t.Error(err)
		}
	}
	rep := verify(t, v)
	low, high := 5, 6 // done or undone
	switch act {
	case "delete":
		low, high = 4, 5
	case "rotate":
		high = 5
	case "mend":
		low = 6
	}
	if rep.Objects < low || rep.Objects > high {
		t.Errorf("step %d: %d objects, want %d or %d", at, rep.Objects, low, high)
	}
	whole(t, v, rep.Objects)
	if act != "rotate" {
		return
	}
	if v.Rotating() {
		if _, err := v.Rotate(context.Background(), RotateOptions{}); err != nil || v.Rotating() {
			t.Errorf("step %d: the rotation does not go on: %v", at, err)
		}
	}
	whole(t, v, 5)
	if id := v.KeyID(); id != first {
		if _, err := os.Stat(filepath.Join(dir, keyName+"."+first)); err != nil {
			t.Errorf("step %d: the old key was not kept: %v", at, err)
		}
	}
	if _, err := v.Rotate(context.Background(), RotateOptions{}); err != nil {
		t.Errorf("step %d: another rotation: %v", at, err)
	}
	whole(t, v, 5)
}

// TestKilledAtRandom kills a process that puts, deletes and rotates at random moments, one after the other on the same
// vault. What was acknowledged must be there, what was deleted gone. VAULT_KILLS sets how often.
func TestKilledAtRandom(t *testing.T) {
	kills := 15
	if n, err := strconv.Atoi(os.Getenv("VAULT_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	const here, gone, either = 1, 2, 3
	state := map[string]int{}
	acts := 0
	for i := 0; i < kills || acts < 50 && i < 20*kills; i++ { // a busy machine needs more kills to see as much done
		cmd, out := start(t, dir, "all", 0, uint64(i))
		time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		for s := bufio.NewScanner(out); s.Scan(); acts++ {
			switch what, sha, _ := strings.Cut(s.Text(), " "); what {
			case "putting":
				if state[sha] != here {
					state[sha] = either
				}
			case "put":
				state[sha] = here
			case "deleting":
				if state[sha] == here {
					state[sha] = either
				}
			case "deleted":
				state[sha] = gone
			case "rotating":
			default:
				t.Fatalf("kill %d: %s", i, s.Text())
			}
		}
		v := open(t, dir)
		rep := verify(t, v)
		whole(t, v, rep.Objects)
		for sha, s := range state {
			_, err := v.Stat(sha)
			if s == here && err != nil || s == gone && harbour.KindOf(err) != harbour.ErrNotFound || err != nil && harbour.KindOf(err) != harbour.ErrNotFound {
				t.Errorf("kill %d: object %s, of state %d: %v", i, sha, s, err)
			}
			if s == either {
				state[sha] = gone
				if err == nil {
					state[sha] = here
				}
			}
		}
		v.Close()
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kills, %d lines of what was done", kills, acts)
	if acts < 50 {
		t.Errorf("only %d lines of what was done: the test proves little", acts)
	}
}
