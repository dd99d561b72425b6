# `make shortlist` and `make test` do everything on a fresh machine; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --constraint requirements.txt
REGISTER ?= build/example-register
SERVED ?= build/example-with-spend
EXAMPLES := examples/providers.jsonl examples/awards.ocds.jsonl examples/notice.json
SPEND := examples/spend.csv examples/spend-neighbour.csv
PIPELINES := examples/pipelines.ocds.jsonl
PROCESSES ?= 2
# A file is run by one process, so that what its tests share is built once.
PYTEST := $(BIN)/pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder
# Tests start many processes, each of which would compile every module anew if none were kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: shortlist serve check test static clean help

shortlist: $(REGISTER)/CURRENT  ## build the example register and print a shortlist for each lot
	$(BIN)/matcher shortlist examples/notice.json --register $(REGISTER) -k 5

serve: $(SERVED)/CURRENT  ## serve the example, with what its council pays, on this machine, port 8000
	$(BIN)/matcher serve --register $(SERVED)

check: static  ## format, lint, types, layers and the quick tests: for everyday work
	HYPOTHESIS_PROFILE=quick $(PYTEST) -m "not slow"

test: static  ## every check and every test
	$(PYTEST)

static: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(REGISTER)/CURRENT: $(VENV)/run $(EXAMPLES)
	$(BIN)/matcher build --register $(REGISTER) --providers examples/providers.jsonl --awards examples/awards.ocds.jsonl

$(SERVED)/CURRENT: $(VENV)/run $(EXAMPLES) $(SPEND) $(PIPELINES)
	$(BIN)/matcher build --register $(SERVED) --providers examples/providers.jsonl --awards examples/awards.ocds.jsonl $(PIPELINES) --spend $(SPEND)

$(VENV)/run: pyproject.toml requirements.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Python 3.11 or newer is needed, this is {v.major}.{v.minor}: name another with make PYTHON=...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the libraries that the product needs. This takes about a minute the first time."
	$(PIP) --editable .
	@touch $@

$(VENV)/dev: $(VENV)/run
	@echo "Installing the libraries that training and the tests need. This takes another minute."
	$(PIP) --editable '.[dev]'
	@touch $@

clean:  ## remove what the commands above made
	rm -rf $(VENV) build

help:  ## show this
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14
