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
out=$(mktemp)
trap 'rm -f "$out"' EXIT
start=$(date +%s)
ran=0
left=0
# Readers of evidence first: what stands on the database takes minutes to build for fuzzing.
all=$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...)
first='^breakwater/\(evidence\|tables\|wire\|document\)\(/\|$\)'
pkgs="$(echo "$all" | grep "$first") $(echo "$all" | grep -v "$first")"
for pkg in $pkgs; do
	list=$(go test -list '^Fuzz' "$pkg")
	for target in $(echo "$list" | grep '^Fuzz' || true); do
		if [ $(($(date +%s) - start)) -ge "$budget" ]; then
			echo "not run, no time left: $pkg $target"
			left=$((left + 1))
			continue
		fi
		if ! go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$pkg" >"$out" 2>&1; then
			# When time runs out while a worker is busy, go test may report just that. It is no finding: those are
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
