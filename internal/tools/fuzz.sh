#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Breakwater authors
# SPDX-License-Identifier: Apache-2.0
#
# Runs every fuzz target of the module for the given time each, as many as fit into the budget in seconds, and fails with
# the first that finds something. Targets that did not fit are named.
#
#	sh internal/tools/fuzz.sh [TIME [BUDGET]]
set -eu
time=${1:-3s}
budget=${2:-3600}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
out=$dir/out
start=$(date +%s)
ran=0
left=0
cache=$(go env GOCACHE)/fuzz
# Readers of evidence first: what stands on the database takes minutes to build for fuzzing. Each package is built once, with the
# instruments of fuzzing, for all of its targets.
all=$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{.Dir}}{{end}}' ./... | while read -r pkg at; do
	grep -qs '^func Fuzz' "$at"/*_test.go && echo "$pkg" || true
done)
first='^breakwater/\(evidence\|tables\|wire\|document\)\(/\|$\)'
pkgs="$(echo "$all" | grep "$first") $(echo "$all" | grep -v "$first")"
for pkg in $pkgs; do
	at=$(go list -f '{{.Dir}}' "$pkg")
	if [ $(($(date +%s) - start)) -ge "$budget" ]; then
		n=$(cat "$at"/*_test.go | grep -c '^func Fuzz')
		echo "not run, no time left: $pkg ($n)"
		left=$((left + n))
		continue
	fi
	go test -c -fuzz=. -o "$dir/test" "$pkg"
	for target in $("$dir/test" -test.list '^Fuzz'); do
		if ! (cd "$at" && "$dir/test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "$time" -test.fuzzcachedir "$cache/$pkg") >"$out" 2>&1; then
			# When time runs out while a worker is busy, the target may report just that. It is no finding: those are
			# written to testdata and named.
			if grep -q 'context deadline exceeded' "$out" && ! grep -q -e 'Failing input' -e 'panic' "$out"; then
				ran=$((ran + 1))
				echo "$(($(date +%s) - start)) s: $pkg $target (stopped at the deadline)"
				continue
			fi
			cat "$out"
			echo "failed: $pkg $target"
			exit 1
		fi
		ran=$((ran + 1))
		echo "$(($(date +%s) - start)) s: $pkg $target"
	done
done
echo "$ran fuzz targets ran for $time each, $left did not"
test "$ran" -gt 0
