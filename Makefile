# Everything runs in .venv, which these targets make. Needs Python >= 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV_READY := $(VENV)/.dev-ready

.DEFAULT_GOAL := help
.PHONY: api bench clean coverage demo example fuzz help lab lint nightly notebooks picture test test-bounds test-newest test-nojit test-oldest types

help:  ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEV_READY): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY)  ## Who can choose in Region Midtjylland: a table and a map in out/midtjylland
	$(BIN)/gpcoverage choice data/midtjylland.toml --out out/midtjylland

# Side by side, one process per processor.
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

test: $(DEV_READY)  ## Run the tests
	$(PYTEST)

# What the compiled searches touch.
SEARCHES := tests/network $(addprefix tests/analysis/test_,$(addsuffix .py,choice closure ferries ledger rerun)) -m "not country"

test-nojit: $(DEV_READY)  ## Run the tests of searches with the compiler switched off
	NUMBA_DISABLE_JIT=1 $(PYTEST) $(SEARCHES)

test-bounds: $(DEV_READY)  ## Run the tests of searches with array bounds checked
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=.numba_bounds $(PYTEST) $(SEARCHES)

# Old libraries warn of newer ones beneath them; that is not ours to mend.
OLD_WARNINGS := -W default::DeprecationWarning -W default::FutureWarning
OLDEST_PYTHON ?= python3.11

test-oldest:  ## Run the tests on the oldest versions that pyproject.toml allows; needs Python 3.11
	rm -rf $(VENV)-oldest
	$(OLDEST_PYTHON) -m venv $(VENV)-oldest
	$(VENV)-oldest/bin/python tests/floors.py > $(VENV)-oldest/floors.txt
	$(VENV)-oldest/bin/python -m pip install --quiet --disable-pip-version-check -c $(VENV)-oldest/floors.txt -e '.[dev]'
	$(VENV)-oldest/bin/gpcoverage choice data/midtjylland.toml --out out/oldest
	$(VENV)-oldest/bin/python -m pytest -n auto $(OLD_WARNINGS) tests/inputs tests/network tests/analysis

test-newest:  ## Run the tests on the newest versions there are
	rm -rf $(VENV)-newest
	$(PYTHON) -m venv $(VENV)-newest
	$(VENV)-newest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade -e '.[dev]'
	$(VENV)-newest/bin/gpcoverage choice data/midtjylland.toml --out out/newest
	$(VENV)-newest/bin/python -m pytest -n auto
MINUTES ?= 60
fuzz: $(DEV_READY)  ## Damage files of every kind and let every reader have them: make fuzz MINUTES=60
	cd tests && ../$(BIN)/python -m fuzz --minutes $(MINUTES) --keep $(abspath out/fuzz)

nightly: $(DEV_READY)  ## Faults at length: 2,000 damaged studies, 50 kills of each command, ten minutes of fuzzing
	GPCOVERAGE_EXAMPLES=2000 GPCOVERAGE_KILLS=50 GPCOVERAGE_FUZZ_S=600 $(PYTEST) tests/faults tests/fuzz tests/test_damaged_inputs.py

coverage: $(DEV_READY)  ## Measure what the tests reach: all but the slowest, with the compiler switched off
	NUMBA_DISABLE_JIT=1 $(PYTEST) -m "not country" --cov=gpcoverage --cov-branch --cov-report=term:skip-covered

lint: $(DEV_READY)  ## Check style and notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/nbstripout --verify notebooks/*.ipynb

types: $(DEV_READY)  ## Check types
	$(BIN)/mypy

notebooks: $(DEV_READY)  ## Execute the notebooks into notebooks/_executed
	$(BIN)/python tests/run_notebooks.py

bench: $(DEV_READY)  ## Measure against peers: make bench [EXTRACT=FILE.osm.pbf]
	cd tests && ../$(BIN)/python -m benchmarks.bornholm $(abspath $(EXTRACT))
	cd tests && ../$(BIN)/python -m benchmarks.country $(abspath $(EXTRACT))
	cd tests && ../$(BIN)/python -m benchmarks.reading $(abspath $(EXTRACT)) --runs 1

lab: $(READY)  ## Open JupyterLab
	$(BIN)/jupyter lab notebooks

example: $(DEV_READY)  ## Rebuild the example's derived tables
	$(BIN)/python data/build_example.py
	$(BIN)/python data/build_roads.py

api: $(DEV_READY)  ## Write docs/api.md, its golden and the floors in CONTRIBUTING.md from the code
	$(BIN)/python docs/build_api.py
	$(BIN)/python docs/build_floors.py

picture: $(DEV_READY)  ## Make the README's picture: make picture [BROWSER=/usr/bin/chromium]
	$(BIN)/python docs/make_picture.py $(if $(BROWSER),--browser $(BROWSER))

clean:  ## Remove environments and results
	rm -rf $(VENV) $(VENV)-oldest $(VENV)-newest .numba_bounds out notebooks/_executed
