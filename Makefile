# One line a target. `make demo` and `make test` install what they need; nothing else is to be run first.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: init check test test-python docs schema demo bench nightly clean

init: .venv/.done  ## a virtual environment with everything for development
.venv/.done: pyproject.toml uv.lock
	$(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet 'uv>=0.8' && $(BIN)/uv sync --frozen --quiet --compile-bytecode && touch $@

check: init  ## style, types, import rules
	ruff check . && ruff format --check . && mypy && lint-imports

test: init system-packages check test-python docs  ## everything that must pass

test-python:
	pytest -n 2 --dist loadfile

system-packages:  ## PostgreSQL for the tests, where the system's package manager can install it
	./tests/install-system-packages

docs: init  ## the documentation, generated pages held against the program
	python docs/generate.py --check && sphinx-build -W -q -b html docs docs/_build/html

schema: init  ## regenerate the reference pages
	python docs/generate.py

demo: init  ## a whole class in the terminal
	jupyter-social demo

bench: init  ## speed, as ratios against peers in one run
	python tests/bench/run.py

nightly: init system-packages  ## the long runs: every property with many more examples
	NIGHTLY_FACTOR=50 pytest -n 2 --dist loadfile

clean:
	rm -rf .venv docs/_build
