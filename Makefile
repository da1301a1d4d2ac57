# `make` alone lists the targets. The first that needs Python sets up .venv by itself, and again only when pyproject.toml changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?= demo

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs samples clean

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

clean: ## remove the environment, caches and what demo wrote
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv brings everything it needs; otherwise Python must have venv and pip, which some systems pack apart.
$(READY): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or later is needed; install python3, or say 'make PYTHON=/path/to/python3'"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11; say 'make PYTHON=/path/to/python3.11'"; exit 1; }
	@if command -v uv >/dev/null; then \
	    { test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV); } && \
	    uv pip install --quiet --python $(BIN)/python --group dev -e .; \
	elif $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null; then \
	    { test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV); } && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1' && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev -e .; \
	else \
	    echo "$(PYTHON) has no venv; install one package: python3-venv (Debian, Ubuntu) or uv (any system)"; exit 1; \
	fi
	@touch $(READY)
