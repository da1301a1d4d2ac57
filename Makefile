# `make` alone lists the targets. The first that needs Python sets up .venv by itself, from the versions and hashes of
# requirements-dev.lock, and again only when these change.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?= demo

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs samples lock audit clean
LOCK := requirements-dev.lock

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-8s %s\n' "$$name" "$$what"; done

demo: $(READY) ## build the sample case in ./demo, print a root cause, write the report
	$(BIN)/tracer demo $(DEMO)

test: $(READY) ## run all tests
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(READY) ## check formatting, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY) ## format the code and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(READY) ## write the generated references in docs/
	$(BIN)/python docs/generate.py

samples: $(READY) ## write samples/evidence/ anew (the same bytes unless the generator changed)
	$(BIN)/python -m samples.generate

lock: $(READY) ## resolve all dependencies anew (newest releases), with their hashes, and list their licences
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	    --all-extras --group dev pyproject.toml --output-file $(LOCK)
	$(MAKE) $(READY)
	$(BIN)/python docs/licences.py

audit: $(READY) ## ask for known vulnerabilities of what is locked, and check the licences
	$(BIN)/python docs/licences.py --check
	$(BIN)/python .ci/audit.py $(LOCK) || [ $$? = 3 ] # 3: nobody could be asked, which was said

clean: ## remove the environment, caches and what demo wrote
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv brings everything it needs; otherwise Python must have venv and pip, which some systems pack apart.
$(READY): pyproject.toml $(LOCK)
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or later is needed; install python3, or say 'make PYTHON=/path/to/python3'"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11; say 'make PYTHON=/path/to/python3.11'"; exit 1; }
	@if command -v uv >/dev/null; then \
	    { test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV); } && \
	    uv pip install --quiet --python $(BIN)/python --require-hashes -r $(LOCK) && \
	    uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	elif $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null; then \
	    { test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV); } && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK) && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	else \
	    echo "$(PYTHON) has no venv; install one package: python3-venv (Debian, Ubuntu) or uv (any system)"; exit 1; \
	fi
	@touch $(READY)
