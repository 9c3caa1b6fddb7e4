# Two commands do everything: 'make demo' and 'make test'. Both set up .venv first.

PYTHON ?= python3
ENGINE ?= local
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := constraints.txt

.PHONY: demo test check setup-local setup-ray setup-dev bench sample-data clean

demo: setup-$(ENGINE)  ## Scan sample_data with the shipped model; outputs in demo/; ENGINE=ray for Ray
	@mkdir -p demo
	@$(BIN)/screener scan sample_data/studies --out demo/report.pdf --engine $(ENGINE) || [ $$? -eq 3 ]
	@echo
	@echo "Two of the sample files are damaged on purpose, so this scan ends with exit code 3: done, some images failed."

test: setup-dev check  ## Run every check and test
	$(BIN)/python -m pytest

check: setup-dev  ## ruff, mypy, import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-dev  ## Start-up, memory and rate
	$(BIN)/python benchmarks/bench_scan.py

setup-local: $(VENV)/.scan
setup-ray: $(VENV)/.ray
setup-dev: $(VENV)/.dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Screener needs Python 3.11 or newer; '$(PYTHON)' is older or missing. Try: make PYTHON=python3.12 ..."; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Cannot make a virtual environment (Debian: apt install python3-venv)."; exit 2; }

$(VENV)/.scan: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e .
	@touch $@

$(VENV)/.ray: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e '.[ray]'
	@touch $@ $(VENV)/.scan

$(VENV)/.dev: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e '.[train,ray,dev]'
	@touch $@ $(VENV)/.scan $(VENV)/.ray

clean:
	rm -rf $(VENV) demo build dist *.egg-info
