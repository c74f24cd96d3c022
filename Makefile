# Each target sets up what it needs: Python 3.11 or later with its venv module, git and make are enough.
# What is installed is pinned, with hashes, in requirements/*.txt (written from uv.lock by `make lock`).

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
JOBS   ?= auto
ARGS   ?=
ROUNDS ?= 1000
BIN    := .venv/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
GROUPS := demo tests dev bench
EXPORT := $(BIN)/uv export --frozen --quiet --no-default-groups --no-emit-project --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help demo test chaos lint format types docs bench api schemas lock wheel clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: .venv/.demo  ## a district's year, simulated: 12,820 dossiers through one office (ARGS="--dossiers 500")
	$(BIN)/qms demo $(ARGS)

test: .venv/.dev  ## all tests, the examples in the docs among them, with coverage (ARGS="-k deadline")
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --cov --cov-report=term $(ARGS)

chaos: .venv/.dev  ## kill writers at random moments, a thousand times (ROUNDS=), the office a hundred; see how long a writer waits
	QMS_CHAOS_ROUNDS=$(ROUNDS) $(BIN)/python -m pytest -m chaos -rP $(ARGS)

lint: .venv/.dev  ## ruff, the layers of the house, changelog fragments, and whether requirements/ follows uv.lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/towncrier build --draft --version next > /dev/null
	@set -e; for group in $(GROUPS); do \
	  $(EXPORT) --group $$group | cmp - requirements/$$group.txt || { echo "requirements/$$group.txt is stale: run make lock"; exit 1; }; \
	done

format: .venv/.dev  ## let ruff mend and lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: .venv/.dev  ## mypy, strict, over the library and its tests
	$(BIN)/mypy

docs: .venv/.dev  ## the documentation, in docs/_build/html; a warning is an error
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

bench: .venv/.bench  ## the speed of the library beside its peers, as ratios in one run (ARGS="days")
	$(BIN)/python -m benchmarks $(ARGS)

api: .venv/.dev  ## take in a change of the public API made on purpose: write tests/api.txt anew
	$(BIN)/python tests/api.py > tests/api.txt

schemas: .venv/.dev  ## write the published JSON Schemas of definition files anew
	$(BIN)/python -m qms schema process > src/qms/definitions/schemas/process.json
	$(BIN)/python -m qms schema procedure > src/qms/definitions/schemas/procedure.json

lock: .venv/.dev  ## take newer dependencies: write uv.lock and requirements/ anew (ARGS="--upgrade")
	$(BIN)/uv lock $(ARGS)
	@set -e; for group in $(GROUPS); do $(EXPORT) --group $$group > requirements/$$group.txt; done

wheel: .venv/.dev  ## build the wheel into dist/
	rm -rf dist
	$(BIN)/python -m hatchling build -t wheel

clean:  ## remove all that make made, .venv with it
	rm -rf .venv dist build docs/_build docs/reference .coverage* htmlcov .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11: make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv

# A stamp for each set of packages; the project itself is installed editable, once.
.venv/.demo .venv/.dev .venv/.bench: .venv/.%: requirements/%.txt pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r $<
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
