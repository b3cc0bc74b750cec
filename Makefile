# make serve   installs what is missing, builds, makes an illustrative city on first start, serves http://127.0.0.1:8080
# make test    installs what the tests need and runs all of them
# make test-map, test-field, test-desk  tell longer stories in a real browser
# make test-scale  measures the web map with 100,000 candidate sites
# make test-faults kills the server a thousand times while phones send
# make bench   compares speed with public peers in one run
# make fuzz    feeds the engine any polygons and roads at all, and the registry any events, surveys and uploads, for FUZZ_SECONDS each

SHELL := /bin/bash
export PATH := $(CURDIR)/.tools/node/bin:$(PATH)

DATA ?= data
LISTEN ?= 127.0.0.1:8080
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)

.PHONY: serve test test-clients bench fuzz web rust-test browser-test format clean

serve:
	@.ci/setup build
	@$(MAKE) --no-print-directory web/dist/index.html
	cargo build --release --quiet
	@test -e $(DATA)/catalogue.json || target/release/phteah demo --data $(DATA)
	target/release/phteah serve --data $(DATA) --listen $(LISTEN) --open=illustrative

test:
	@.ci/setup test
	@$(MAKE) --no-print-directory web-test rust-test browser-test

# --- the web map ------------------------------------------------------------------------------------------------------

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@

web: web/dist/index.html

.PHONY: web-test
web-test: web/dist/index.html
	cd web && npm run --silent check && npm run --silent lint && npm test --silent

# --- Rust -------------------------------------------------------------------------------------------------------------

rust-test: web/dist/index.html
	cargo fmt --check
	cargo deny --log-level error check licenses bans sources
	@if cargo deny --log-level off fetch db 2>/dev/null; then cargo deny --log-level error check advisories; \
	else echo "SKIPPED advisories: the advisory database cannot be reached from here"; fi
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	cargo test --quiet --workspace

# The program as it is built for its tests: alone it has other features of libraries, and nearly all would be built once more.
PROGRAM = cargo test --quiet --workspace --no-run

browser-test: web/dist/index.html
	$(PROGRAM)
	@echo "SKIPPED browser stories of the planner's map (make test-map: 20 minutes), of the field app (make test-field) and of the desk (make test-desk)"
	cd web && npm run --silent browser

# Stories that take longer than all of make test may: of the planner's map, of the field app, of the desk.
.PHONY: test-map test-field test-desk
test-map: web/dist/index.html
	$(PROGRAM)
	cd web && npm run --silent map

test-field: web/dist/index.html
	$(PROGRAM)
	cd web && npm run --silent field

test-desk: web/dist/index.html
	$(PROGRAM)
	cd web && npm run --silent desk

# Two minutes, and times that only mean something on a quiet machine: apart from the other browser tests.
.PHONY: test-scale
test-scale: web/dist/index.html
	cargo build --release --quiet --bin phteah
	cd web && PHTEAH_BIN=target/release/phteah npm run --silent scale

# A thousand kills of the real server while phones send: nothing that has a receipt may be missing. Half an hour.
.PHONY: test-faults
test-faults: web/dist/index.html
	PHTEAH_KILLS=1000 cargo test --workspace --test field faults -- --nocapture

# The partner layers in the hands of other people's programs: GDAL, OWSLib, pyogrio, schemathesis.
test-clients: web/dist/index.html
	@.ci/setup bench
	tests/clients/run

bench:
	@.ci/setup bench
	tests/bench/run --growth

FUZZ_SECONDS ?= 300
fuzz:
	@.ci/setup fuzz
	cd fuzz && for target in coverage network event import tus; do cargo +nightly fuzz run --fuzz-dir . $$target -- -max_total_time=$(FUZZ_SECONDS) || exit 1; done

format:
	cargo fmt
	cd web && npx prettier --write .

clean:
	rm -rf target web/dist web/node_modules .tools
