# Run `make` for the list of targets. Only Go, git and make are needed; Go fetches everything else. With Node the pages of
# the server have their scripts, icons and font; without it they are plain, and tests that need a browser skip.

TOOL := go tool -modfile=tools/go.mod

# What the working tree holds, so that a change by go generate shows although other changes are not committed yet.
STATE = { git status --porcelain; git diff; } | git hash-object --stdin

.PHONY: help assets build release run test check bench fuzz

help:
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

assets: ## scripts, styles and icons of the pages; nothing to do where they are up to date
	@if command -v npm >/dev/null; then go run ./internal/tools/assets || test -z "$$CI"; \
	else echo "no Node here: the pages are built without scripts and icons"; test -z "$$CI"; fi

build: assets ## the program as it is released, in bin/
	CGO_ENABLED=0 go build -trimpath -pgo cmd/breakwater/release.pgo -o bin/breakwater ./cmd/breakwater

release: assets ## program, bill of materials, licences and signed package in dist/, with VERSION=v1.2.0 FROM=v1.0.0 KEY=FILE
	go run ./internal/tools/release build --version "$(VERSION)" --from "$(FROM)" --key "$(KEY)"

run: assets ## the reference port, served on this machine
	@echo "building; the first time this takes a few minutes"
	go run ./cmd/breakwater serve --demo

test: assets ## every test
	go vet ./...
	go test ./...

check: ## formatting, static analysis, generated files, repository rules
	@out=$$($(TOOL) gofumpt -l $$(git ls-files '*.go' | grep -v -e '_templ\.go$$' -e '_gen\.go$$')); test -z "$$out" || { echo "run gofumpt on:"; echo "$$out"; exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./...
	@before=$$($(STATE)); go generate ./... || exit 1; test "$$before" = "$$($(STATE))" || { git status --short; echo "go generate changed files: commit what it made"; exit 1; }
	go test -count=1 .

bench: ## speed and size, as ratios against peers and limits in one run
	go run ./internal/tools/bench

fuzz: ## every fuzz target for FUZZTIME (3s), as many as fit into FUZZBUDGET seconds (3600)
	sh internal/tools/fuzz.sh $(or $(FUZZTIME),3s) $(or $(FUZZBUDGET),3600)
