# `make demo` trains and shows the result; `make test` passes the tests. Both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
CACHE := .cache

.PHONY: demo test test-on coverage mutants lint docs bench interop dist clean
.DEFAULT_GOAL := demo

demo: $(CACHE)/installed-core
	$(BIN)/gridq train

# Libraries keep to one thread: there is a process of tests for every core already.
test: $(CACHE)/installed-test
	@sh tools/display-packages
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(CACHE)/installed-test $(CACHE)/installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The tests on another Gymnasium and NumPy; by default on the lowest that pyproject.toml allows.
GYMNASIUM ?= 0.29.1
NUMPY ?= 1.26
test-on: BIN := $(CACHE)/gymnasium-$(GYMNASIUM)/$(notdir $(BIN))
test-on:
	$(PYTHON) -m venv $(CACHE)/gymnasium-$(GYMNASIUM)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		gymnasium==$(GYMNASIUM) 'numpy==$(NUMPY).*' --editable '.[test]'
	@sh tools/display-packages
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadgroup

# The branches of both packages that the whole test suite takes; fails below 95%.
coverage: $(CACHE)/installed-test
	@sh tools/display-packages
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n auto --dist loadgroup
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage json --quiet -o $(CACHE)/coverage.json
	$(BIN)/python -m tools.branch_coverage $(CACHE)/coverage.json

# Small changes of the code, one at a time; every one that no test notices is listed.
mutants: $(CACHE)/installed-test $(CACHE)/installed-mutants
	$(BIN)/mutmut run --max-children 1
	$(BIN)/mutmut results

# The documentation, every page executed, in docs/_build/html.
docs: $(CACHE)/installed-docs
	rm -rf docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -q -E -b html docs docs/_build/html
	$(BIN)/python -m docs._ext.site_check docs/_build/html
	$(BIN)/python -m docs._ext.notebook_check docs/_build/html/notebooks

# The world and the learner beside what can be measured here, for docs/benchmarks.md, which says how to add the peers.
bench: $(CACHE)/installed-test
	@set -e; for name in world frames chapter updates learning; do \
		echo "$(BIN)/python -m benchmarks.$$name"; \
		OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.$$name > $(CACHE)/printed.txt; \
		cat $(CACHE)/printed.txt; mv $(CACHE)/printed.txt benchmarks/printed/$$name.txt; done
	$(BIN)/python -m benchmarks.scaling --quick

# Other libraries on GridQ, each in an environment of its own: make interop LIB=stable-baselines3, or all.
interop:
	$(PYTHON) tests/interop/run.py $(LIB)

# The packages in dist, looked through, and each installed and used outside of the clone.
dist: $(CACHE)/installed-release
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/python -m twine check --strict dist/*
	$(BIN)/python -m tools.try_package dist/*

$(CACHE)/installed-%: pyproject.toml | $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.$(if $(filter-out core,$*),[$*])'
	@mkdir -p $(CACHE) && touch $@

$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "make: $(PYTHON) is older than Python 3.10; name a newer one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "make: $(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }

clean:
	rm -rf $(VENV) $(CACHE) build dist docs/_build
