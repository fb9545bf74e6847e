# GenAsset: `make serve` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup serve test check format bench lock clean

help:  ## list these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(READY)  ## create .venv with the locked versions and .venv/bin/genasset (safe to repeat)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "GenAsset needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || PACKAGES=python3-venv sh tests/system_packages.sh
	@echo "Setting up $(VENV) (once; about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

serve: setup  ## run the server on ./data (SQLite + files), http://127.0.0.1:8000
	@$(BIN)/genasset serve

test: setup  ## install what the tests need and run them all
	@PACKAGES="curl strace" sh tests/system_packages.sh
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: setup  ## format, lint, strict types and architecture rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup  ## format the code and fix what can be fixed
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup  ## measure speed and memory as ratios; rewrites docs/benchmarks.md
	$(BIN)/python -m benchmarks

lock: setup  ## choose the newest allowed versions and pin them in requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11 --extra server --extra dev pyproject.toml -o requirements.lock

clean:  ## remove .venv and caches (never data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis dist
