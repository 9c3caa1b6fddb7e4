# Two commands do everything: 'make demo' and 'make test'. Both set up .venv first. 'make test-fast' is for every change.

PYTHON ?= python3
ENGINE ?= local
TEST_PROCESSES ?= 3
VENV := .venv
AUDIT := .venv-audit
BIN := $(VENV)/bin
CONSTRAINTS := constraints.txt
# The isolated environment that builds the package keeps to the pins, too: older pips read the first, newer the second.
PINNED := PIP_CONSTRAINT=$(CONSTRAINTS) PIP_BUILD_CONSTRAINT=$(CONSTRAINTS)

.PHONY: demo docs test test-fast check setup-local setup-ray setup-dev setup-docs bench bench-guard bench-soak audit sbom coverage clean

demo: setup-$(ENGINE)  ## Scan sample_data with the shipped model; outputs in demo/; ENGINE=ray for Ray
	@mkdir -p demo
	@$(BIN)/screener scan sample_data/studies --out demo/report.pdf --html --engine $(ENGINE) || [ $$? -eq 3 ]
	@echo
	@echo "Two of the sample files are damaged on purpose, so this scan ends with exit code 3: done, some images failed."

test: setup-dev check  ## Run every check and test
	$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

test-fast: setup-dev  ## The tests that start no server, no Ray, no browser and train nothing: under 90 seconds on two cores
	$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder -m 'not slow and not network and not ray and not browser'

check: setup-dev  ## ruff, mypy, import-linter, oxlint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@# The triage page's scripts share one scope, so they are linted as one: no name may be unknown, unused or told twice.
	@grep -hv '^"use strict";$$' templates/triage/*.js > $(VENV)/triage.js
	$(BIN)/oxlint --config templates/triage/.oxlintrc.json $(VENV)/triage.js

docs: setup-docs  ## The documentation site, in site/; a warning is an error. Open site/index.html; its search needs a server
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: setup-dev  ## Rates against rivals and the floor, start-up, memory, growth: 30 minutes; see docs/performance.md
	$(BIN)/python -m benchmarks.bench_scan

bench-guard: setup-dev  ## A small form of it, whose ratios must not fall below benchmarks/bounds.json
	$(BIN)/python -m benchmarks.bench_scan --guard

bench-soak: setup-dev  ## Seven nights into one ledger, killed at random
	$(BIN)/python -m benchmarks.bench_soak

coverage: setup-dev  ## How much of the package the tests run; the report in .coverage-html
	$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile --cov screener --cov-report term:skip-covered --cov-report html:.coverage-html

audit: $(AUDIT)/.installed setup-dev  ## Known vulnerabilities of what is pinned; asks a public database: without it, it fails
	$(AUDIT)/bin/pip-audit --strict --skip-editable --path $(VENV)/lib/python*/site-packages

sbom: $(AUDIT)/.installed setup-local  ## What a scanning installation consists of, in CycloneDX: sbom.json
	$(AUDIT)/bin/cyclonedx-py environment $(BIN)/python --output-file sbom.json

setup-local: $(VENV)/.scan
setup-ray: $(VENV)/.ray
setup-dev: $(VENV)/.dev
setup-docs: $(VENV)/.docs

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Screener needs Python 3.11 or newer; '$(PYTHON)' is older or missing. Try: make PYTHON=python3.12 ..."; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Cannot make a virtual environment (Debian: apt install python3-venv)."; exit 2; }

$(VENV)/.scan: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(PINNED) $(BIN)/pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e .
	@touch $@

$(VENV)/.ray: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(PINNED) $(BIN)/pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e '.[ray]'
	@touch $@ $(VENV)/.scan

$(VENV)/.docs: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(PINNED) $(BIN)/pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e '.[docs]'
	@touch $@ $(VENV)/.scan

$(VENV)/.dev: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(PINNED) $(BIN)/pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e '.[train,ray,s3,dev]'
	@touch $@ $(VENV)/.scan $(VENV)/.ray $(VENV)/.docs

$(AUDIT)/.installed:
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/pip install --quiet --disable-pip-version-check 'pip-audit>=2.9' 'cyclonedx-bom>=7'
	@touch $@

clean:
	rm -rf $(VENV) $(AUDIT) demo site build dist sbom.json .coverage .coverage-html *.egg-info
