# Two commands do everything on a fresh machine: `make shortlist` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REGISTER ?= build/example-register
EXAMPLES := examples/providers.jsonl examples/awards.ocds.jsonl examples/notice.json

.PHONY: shortlist serve test clean help

shortlist: $(REGISTER)/CURRENT  ## build the example register and print a shortlist for each lot
	$(BIN)/matcher shortlist examples/notice.json --register $(REGISTER) -k 5

serve: $(REGISTER)/CURRENT  ## serve the example on this machine, port 8000
	$(BIN)/matcher serve --register $(REGISTER)

test: $(VENV)/dev  ## run every check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

$(REGISTER)/CURRENT: $(VENV)/run $(EXAMPLES)
	$(BIN)/matcher build --register $(REGISTER) --providers examples/providers.jsonl --awards examples/awards.ocds.jsonl

$(VENV)/run: pyproject.toml requirements.txt
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Python 3.11 or newer is needed, this is {v.major}.{v.minor}: name another with make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.txt --editable .
	touch $@

$(VENV)/dev: $(VENV)/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.txt --editable '.[dev]'
	touch $@

clean:  ## remove what the commands above made
	rm -rf $(VENV) build

help:  ## show this
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14
