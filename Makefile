# Everything that is needed is put into this checkout: uv into .tools, Python packages into .venv. Python 3.11 or newer
# and make are all that must be there. Once set up, `make demo` and `make test` need no network.

UV_VERSION := 0.13.9
UV := .tools/bin/uv
BIN := .venv/bin

# The first Python that is new enough; looked for only when .tools has to be made.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

export UV_PYTHON_DOWNLOADS := never
# Compiled once here, not at each start: some machines forbid Python to write what it has compiled.
export UV_COMPILE_BYTECODE := 1
export UV_PYTHON := $(CURDIR)/.tools/bin/python
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT PYTHONHOME PYTHONPATH

# uv keeps its cache in the home directory, so that checkouts share it; where there is none to write to, it stays here.
ifneq ($(shell test -n "$$HOME" && test -d "$$HOME" && test -w "$$HOME" && echo yes),yes)
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
endif

.PHONY: help demo test slow lint docs bench clean

help:
	@echo 'make demo [ARGS=--exit]  the DNS of a small company through the real service; nothing leaves this machine'
	@echo 'make test                the daily suite'
	@echo 'make slow                the rest: full-size runs'
	@echo 'make lint                style, types, imports, generated files'
	@echo 'make bench [FULL=1]      figures, and docs/performance.md of them (needs wrk; FULL: 10 M domains)'
	@echo 'make docs                generated reference pages and rules, anew'
	@echo 'make clean               remove what make has put here'

demo: .venv/.ready-run
	@$(BIN)/firstsight demo $(ARGS)

test: .venv/.ready-test
	@$(BIN)/pytest -n 2 -m 'not slow' $(ARGS)

slow: .venv/.ready-slow
	@$(BIN)/pytest -m slow $(ARGS)

lint: .venv/.ready-lint
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo 'Not formatted: run .venv/bin/ruff format' >&2; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/make_rules.py --check
	@$(BIN)/python tools/make_docs.py --check

docs: .venv/.ready-run
	@$(BIN)/python tools/make_rules.py
	@$(BIN)/python tools/make_docs.py

bench: .venv/.ready-run
	@$(BIN)/python -m bench $(if $(FULL),--full) $(ARGS)

clean:
	rm -rf bench/.cache
	rm -rf .tools .venv .cache demo-data dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each set of dependency groups; --inexact leaves in place what another set has brought. What is cached
# is taken from there, so that a change of pyproject.toml needs no network.
GROUPS_run :=
GROUPS_test := --group test
GROUPS_slow := --group test --group slow
GROUPS_lint := --all-groups
SYNC = $(UV) sync --quiet --frozen --inexact --no-default-groups $(GROUPS_$*)

.venv/.ready-%: pyproject.toml uv.lock .tools/.uv-$(UV_VERSION)
	@$(SYNC) --offline 2>/dev/null || $(SYNC)
	@.venv/bin/python -m compileall -q src
	@touch $@

.tools/.uv-$(UV_VERSION):
	@test -n "$(PYTHON)" || { echo "firstsight needs Python 3.11 or newer, and finds none. Debian 12, Ubuntu 24.04 and" \
		"later: apt-get install python3 python3-venv (or name another one as: make PYTHON=/path/to/python3.11 …)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is not Python 3.11 or newer." \
		"Install a newer one, or name it: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) can't make virtual environments:" \
		"its venv module is packaged apart. Debian and Ubuntu: apt-get install $(notdir $(PYTHON))-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check "uv==$(UV_VERSION)"
	@touch $@
