# The verbs of this project; `make help` lists them. Everything they install stays in .venv.

PYTHON ?= python3
BIN := .venv/bin
INSTALL = $(PIP) install -qq --no-input --disable-pip-version-check --require-hashes --requirement
# An environment made without a pip of its own is quicker, and needs no ensurepip, which Debian packs apart.
PIP = if $(BIN)/python -m pip --version >/dev/null 2>&1; then pip="$(BIN)/python -m pip"; \
	else pip="$(PYTHON) -m pip --python $(BIN)/python"; fi; $$pip

.DEFAULT_GOAL := help
.PHONY: help run install test faults soak fuzz coverage lint bench bench-gov bench-live lock browser

help: ## List these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.run ## Start everything and print where it is (DEMO=0: without the demo); Ctrl-C stops it
	@$(BIN)/python manage.py run --with-parent

install: .venv/.run ## Install the locked packages into .venv, for a service (docs/deploy.md)

test: .venv/.dev browser ## Run all tests, those in the browser included (ARGS="-k costs" for some)
	@$(BIN)/python -m pytest -n 4 --dist loadscope $(ARGS)

faults: .venv/.dev ## Kill what the product stands on, and see that nothing is lost (some minutes)
	@$(BIN)/python -m pytest -m faults tests/faults $(ARGS)

fuzz: .venv/.dev ## Try bad input at scale on the API, the socket, events and files (N=50: how hard)
	@FUZZ=$(or $(N),50) $(BIN)/python -m pytest -n 4 --dist load tests/fuzz $(ARGS)

soak: .venv/.dev ## Load an installation and kill its parts at random; nothing may be lost (MINUTES=10 SEED=n)
	@$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

coverage: .venv/.dev browser ## Run all tests and list the lines that none of them reached
	@$(BIN)/python -m coverage run -m pytest $(ARGS)
	@$(BIN)/python -m coverage report

lint: .venv/.dev ## Check style, format, types and the direction of imports
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports

bench: .venv/.dev ## Measure imports, ingest and reading on this machine, on real data
	@$(BIN)/python -m benchmarks.bench

bench-gov: .venv/.dev ## Measure how good and how fast the detection of government networks is (SET=labels.csv)
	@$(BIN)/python -m benchmarks.gov $(SET)

bench-live: .venv/.dev ## Measure how soon and how much is told live, with 2,000 clients (about 3 minutes)
	@$(BIN)/python -m benchmarks.live

lock: .venv/bin/python ## Renew requirements*.txt from pyproject.toml, with hashes (needs the package index)
	@$(PIP) install -qq --disable-pip-version-check uv
	@compile="$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --generate-hashes \
		--no-header --no-annotate"; \
	$$compile --output-file requirements.txt && $$compile --extra dev --output-file requirements-dev.txt

# --- what the verbs stand on ---

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and there is no $(PYTHON)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version). Name another: make PYTHON=python3.12 ..." >&2; exit 1; }
	@if $(PYTHON) -m pip --python "$$(command -v $(PYTHON))" --version >/dev/null 2>&1; then $(PYTHON) -m venv --without-pip .venv; \
	elif $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv .venv; \
	else echo "pip is needed (Debian: apt-get install python3-pip, or python3-venv)." >&2; exit 1; fi

.venv/.run: requirements.txt | .venv/bin/python
	@echo "Installing the locked packages into .venv; this takes a minute."
	@$(INSTALL) requirements.txt
	@rm -f .venv/.dev && touch $@

# The packages of development include those of the product, some in older versions.
.venv/.dev: requirements-dev.txt requirements.txt | .venv/bin/python
	@echo "Installing the locked packages for development into .venv; this takes a minute."
	@$(INSTALL) requirements-dev.txt
	@touch .venv/.run $@

browser:
	@has() { command -v "$$1" >/dev/null 2>&1; }; \
	missing=; \
	{ has chromium || has google-chrome; } && has chromedriver || missing="chromium chromium-driver"; \
	has node || missing="$$missing nodejs"; \
	{ has nginx || [ -x /usr/sbin/nginx ]; } || missing="$$missing nginx-light"; \
	has node && NODE_PATH=$${NODE_PATH:-/usr/share/nodejs} node -e 'require("ws")' 2>/dev/null || missing="$$missing node-ws"; \
	missing=$$(echo $$missing); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if has apt-get && [ "$$(id -u)" = 0 ]; then as_root=env; \
	elif has apt-get && has sudo && sudo -n true 2>/dev/null; then as_root="sudo -n env"; \
	else echo "The tests need Chromium, its chromedriver, Node.js with ws, and nginx; they can't be installed from here." >&2; \
		echo "Debian: apt-get install $$missing. Elsewhere: put chromium, chromedriver, node and nginx on the PATH, ws on NODE_PATH." >&2; exit 1; fi; \
	echo "Installing Debian's packages for the tests: $$missing."; \
	$$as_root apt-get update -qq && \
	$$as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null || { \
		echo "apt-get could not install $$missing; install them by hand." >&2; exit 1; }
