// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/store"
	"breakwater/store/storetest"
)

// killedDir and killedURL name data folder and database to the test binary that runs itself as the server that is killed.
const (
	killedDir = "BREAKWATER_TEST_KILLED"
	killedURL = "BREAKWATER_TEST_KILLED_URL"
)

// inventory is the k-th file: two assets of its own.
func inventory(k string) string {
	n, _ := strconv.Atoi(k)
	return fmt.Sprintf("name,ip,serial\nCrane %s,10.1.%d.%d,SN-%s-1\nReefer %s,10.2.%d.%d,SN-%s-2\n", k, n/200, n%200+1, k, k, n/200, n%200+1, k)
}

// killedChild is a server without pages: it takes evidence, and says what it took, until it is killed.
func killedChild(dir, url string) {
	ctx := context.Background()
	h, err := openFreed(dir, url)
	if err == nil {
		err = h.openWork(ctx, dir, brokerPlace{})
	}
	if err != nil {
		fmt.Println("error", err)
		return
	}
	h.start(ctx)
	for {
		k := strconv.Itoa(rand.IntN(10_000))
		g, err := h.imports.Give(ctx, app.System("test"), "skerry", "", k+".csv", strings.NewReader(inventory(k)))
		if err != nil {
			fmt.Println("error", err)
			return
		}
		fmt.Println("given", k, g.ID)
		time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
	}
}

// TestServerKilled kills a server that reads evidence and builds the inventory, at random moments, again and again, on both engines. What it
// took must be read and in the inventory once, and no job may hang. SERVER_KILLS sets how often. With many kills a job may be
// under way at ten of them in a row, and is then given up as one that takes the program down: the next does what it would have.
func TestServerKilled(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		if !strings.Contains(url, "://") {
			testServerKilled(t, "", 8)
			return
		}
		testServerKilled(t, url, 4)
	})
}

func testServerKilled(t *testing.T, url string, kills int) {
	if n, err := strconv.Atoi(os.Getenv("SERVER_KILLS")); err == nil {
		kills = n
	}
	ctx := context.Background()
	dir := newData(t, url)
	given := map[string]string{} // number of the file → evidence
	for i := range kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killedDir+"="+dir, killedURL+"="+url)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		var once sync.Once
		for s := bufio.NewScanner(out); s.Scan(); {
			once.Do(func() {
				time.AfterFunc(time.Duration(rand.IntN(1500))*time.Millisecond, func() { _ = cmd.Process.Kill() })
			})
			f := strings.Fields(s.Text())
			if f[0] != "given" {
				t.Fatalf("kill %d: %s", i, s.Text())
			}
			given[f[1]] = f[2]
		}
		_ = cmd.Wait()
	}
	h, err := openFreed(dir, url)
	if err == nil {
		err = h.openWork(ctx, dir, brokerPlace{})
	}
	if err != nil {
		t.Fatal(err)
	}
	h.start(ctx)
	defer func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	}()
	for {
		list, err := h.core.DB.OpenJobs(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	in := h.core.DB.In(store.WholeOrganisation("skerry"))
	page, err := in.Jobs(ctx, store.JobQuery{Order: store.Order{Limit: 500}})
	if err != nil {
		t.Fatal(err)
	}
	jobs := page.Items
	again := 0
	for _, j := range jobs {
		if j.State != store.JobDone && (kills <= 10 || !strings.Contains(j.Message, "it took the program down with it")) {
			t.Errorf("%s: %s %s", j.Title, j.State, j.Message)
		}
		if j.Attempts > 1 {
			again++
		}
	}
	for k, id := range given {
		if row, err := in.EvidenceByID(ctx, id); err != nil || row.State != store.EvidenceRead {
			t.Errorf("file %s: %+v, %v", k, row, err)
		}
	}
	// A file may have been taken whose server was killed before it could say so.
	taken, err := h.core.DB.EvidenceToRead(ctx, "skerry")
	if err != nil || len(taken) < len(given) {
		t.Errorf("%d files given, %d taken, %v", len(given), len(taken), err)
	}
	for _, row := range taken {
		if row.State != store.EvidenceRead {
			t.Errorf("%s is %s", row.Name, row.State)
		}
	}
	sum, g, err := in.Summary(ctx)
	if err != nil || sum.Counts["assets"] != 2*len(taken) {
		t.Errorf("%d files taken, %+v, %v", len(taken), sum, err)
	}
	t.Logf("%d kills, %d files given, %d jobs, %d begun more than once, generation %d", kills, len(given), len(jobs), again, g.Number)
}
