// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Command ouigen makes the table of hardware address holders that package tables/oui embeds.
//
//	go run ./internal/tools/ouigen -date 2026-10-01 -o tables/oui/oui.txt FILE…
//
// Each FILE is a list of the IEEE Registration Authority in its CSV form (MA-L, MA-M, MA-S, IAB), or a JSON object from
// prefix to holder's name and address. Later files win. The output is deterministic: lines of prefix, space and name,
// sorted, names without their address and legal noise left as registered.
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	date := flag.String("date", "", "date of the newest list, YYYY-MM-DD")
	out := flag.String("o", "tables/oui/oui.txt", "output")
	flag.Parse()
	if *date == "" || flag.NArg() == 0 {
		log.Fatal("usage: ouigen -date DATE [-o FILE] LIST…")
	}
	names := map[string]string{}
	for _, path := range flag.Args() {
		if err := read(path, names); err != nil {
			log.Fatalf("%s: %v", path, err)
		}
	}
	if err := write(*out, *date, names); err != nil {
		log.Fatal(err)
	}
	log.Printf("%d prefixes", len(names))
}

func read(path string, names map[string]string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	add := func(prefix, name string) {
		prefix = strings.ToLower(strings.TrimSpace(prefix))
		name = strings.TrimRight(strings.Join(strings.Fields(name), " "), " ,;")
		if n := len(prefix); (n == 6 || n == 7 || n == 9) && name != "" && !strings.EqualFold(name, "private") && !strings.EqualFold(name, "IEEE Registration Authority") {
			names[prefix] = name
		}
	}
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		var m map[string]string
		if err := json.Unmarshal(b, &m); err != nil {
			return err
		}
		for k, v := range m {
			first, _, _ := strings.Cut(v, "\n")
			add(k, first)
		}
		return nil
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = -1
	for {
		row, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if len(row) >= 3 && row[1] != "Assignment" {
			add(row[1], row[2])
		}
	}
}

func write(path, date string, names map[string]string) error {
	var buf bytes.Buffer
	fmt.Fprintf(&buf, "# IEEE Registration Authority, MA-L, MA-M, MA-S and IAB, as of %s\n", date)
	for _, k := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&buf, "%s %s\n", k, names[k])
	}
	return os.WriteFile(path, buf.Bytes(), 0o644)
}
