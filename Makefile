# What a person does with this checkout. `make` alone lists it.

CARGO ?= cargo
# Handed to every cargo command that builds, e.g. CARGO_FLAGS=--offline.
CARGO_FLAGS ?=
# Where `make dev` keeps its database, keys and configuration, and the first of its three ports.
DATA ?= .sayso/dev
PORT ?= 4000
# Handed to the table of `make load`: --full, --only WORD, --folder DIR.
LOAD ?=

.DEFAULT_GOAL := help
.PHONY: help dev test check fmt bench load sdk deny doctor

help:
	@echo "make dev      build Sayso and run it on this machine: DATA=$(DATA) PORT=$(PORT)"
	@echo "make test     run every test; installs a C compiler, PostgreSQL, a browser, schemathesis, OpenID clients and an ACME server when missing"
	@echo "make check    formatting, lints, and the borders between the crates"
	@echo "make fmt      format the code"
	@echo "make bench    measure (builds the release profile first, which takes a while)"
	@echo "make load     drive a server over sockets and print the table of docs/performance.md: LOAD=--full for all of it"
	@echo "make sdk      measure the skill SDK beside Amazon's own for Node, which is installed from npm for that"
	@echo "make deny     check the dependency tree: bans, licences, sources, known vulnerabilities"
	@echo "make doctor   install what a build and its tests need, and show what is there"
	@echo
	@echo ".ci/run does all that a change must pass. CARGO_FLAGS=… is handed to cargo."

dev:
	@.ci/need compiler
	@echo "Building Sayso. From nothing this takes some minutes; cargo names each part as it builds it."
	@$(CARGO) build $(CARGO_FLAGS) --package sayso --bin sayso
	@echo "Starting on ports $(PORT) and the two above it; everything it makes is kept in $(DATA). Ctrl-C ends it."
	@$(CARGO) run --quiet $(CARGO_FLAGS) --package sayso --bin sayso -- dev --data "$(DATA)" --port $(PORT)

# The first command builds the binary that the stories in e2e/ drive, with the same features as the tests: nothing twice.
test:
	@.ci/need compiler postgres browser schemathesis foreign pebble
	@echo "Building Sayso and its tests. From nothing this takes some minutes."
	@$(CARGO) build $(CARGO_FLAGS) --workspace --bins --tests
	@echo "Running the tests, then the examples in the documentation."
	@$(CARGO) test $(CARGO_FLAGS) --workspace --no-fail-fast

check:
	@.ci/need compiler components
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings
	@$(CARGO) xtask borders

fmt:
	@.ci/need components
	@$(CARGO) fmt --all

bench:
	@.ci/need compiler
	@$(CARGO) bench $(CARGO_FLAGS) --package sayso-benches

load:
	@.ci/need compiler postgres
	@$(CARGO) run --release $(CARGO_FLAGS) --package sayso-benches --bin load -- table $(LOAD)

sdk:
	@.ci/need compiler node
	@$(CARGO) build --release $(CARGO_FLAGS) --package sayso-benches-skill
	@cd benches/node && npm install --no-package-lock --no-audit --no-fund --silent
	@node benches/node/beside.mjs "$${CARGO_TARGET_DIR:-target}/release"

deny:
	@.ci/deny

doctor:
	@.ci/need compiler components postgres browser
	@$(CARGO) --version
	@cc --version | head -n 1
	@chromedriver --version | cut -d ' ' -f 1-2
	@echo "All that a build and its tests need is here."
