# make run: the flagship scenario, from nothing to a report.   make full: with all that can be asked of it.   make test: the whole gate.
SCENARIO ?= scenarios/khmeimim-tartus-2024.yaml
DRAWS    ?= 20000
VENV     := .venv
BIN      := $(VENV)/bin
STAMP    := $(VENV)/stamp

# The first interpreter that starts and is one the project supports; `make PYTHON=... run` overrides it.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	if $$p -c '$(SUPPORTED)' 2>/dev/null; then echo $$p; break; fi; done)

.PHONY: run full test types suite bench promises clean
.DEFAULT_GOAL := run

run: $(STAMP)
	@$(BIN)/parley run $(SCENARIO) -n $(DRAWS)

# The same with chance told apart from assumptions, and every mechanism switched off in turn: minutes, not seconds.
full: $(STAMP)
	@$(BIN)/parley run $(SCENARIO) -n $(DRAWS) --paths 2 --mechanisms 2000

# Types are checked beside the tests.  These start many commands: each would compile every module anew where none may
# be kept.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(MAKE) --no-print-directory -j 2 types suite

types: $(STAMP)
	$(BIN)/mypy

suite: $(STAMP)
	@$(BIN)/python -m pytest -n auto --dist worksteal

# All parts side by side; BENCH="--full --write-docs" for all sizes and the documents' tables.
bench: $(STAMP)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@$(BIN)/python -m benchmarks $(BENCH)

promises: $(STAMP)
	@PARLEY_PROMISES=full PARLEY_PROMISES_PAGE=docs/promises.md \
		$(BIN)/python -m pytest -n auto --dist worksteal tests/promises tests/published tests/batch tests/test_montecarlo.py

# Only what is ignored by git goes; results on disk are yours and stay.
clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is touched last, so an interrupted build starts over.
$(STAMP): constraints.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "parley needs Python 3.11, 3.12 or 3.13; none was found (make PYTHON=/path/to/python $(MAKECMDGOALS))" >&2; exit 1; }
	@echo "building $(VENV) with $(PYTHON) ..." >&2
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
