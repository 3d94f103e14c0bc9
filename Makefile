# Run `make` for the list of targets. Only Go, Node and make are needed; everything else is fetched by them.

TOOL := go tool -modfile=tools/go.mod

.PHONY: help run test check bench fuzz

help:
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: ## assess the reference port and serve the finished assessment on this machine
	go run ./cmd/breakwater demo

test: ## every test
	go vet ./...
	go test ./...

check: ## formatting, static analysis, generated files, repository rules
	@out=$$($(TOOL) gofumpt -l $$(git ls-files '*.go' | grep -v -e '_templ\.go$$' -e '_gen\.go$$')); test -z "$$out" || { echo "run gofumpt on:"; echo "$$out"; exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./...
	go generate ./...
	@git diff --exit-code --stat || { echo "generated files are out of date: commit what go generate made"; exit 1; }
	go test -count=1 .

bench: ## speed and size, as ratios against peers and limits in one run
	go run ./internal/tools/bench

fuzz: ## every fuzz target, FUZZTIME each (default 3s)
	sh internal/tools/fuzz.sh $(or $(FUZZTIME),3s)
