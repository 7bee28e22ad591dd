# One line a recipe; what needs more is in scripts/. `make help` reads the comments behind the targets.
#   YES=1      install missing system packages without asking
#   PYTHON=... the Python to make .venv with (3.11 or later)

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ROUNDS ?= 100
export PYTHON PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help demo lab test lint chaos laws fuzz lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/archive.stamp ## the whole loop on this machine, in three minutes
	@scripts/system.sh demo
	@$(BIN)/minerlib demo

lab: $(VENV)/lab.stamp ## JupyterLab on the first notebook, with everything running behind it
	@scripts/system.sh demo
	@$(BIN)/minerlib lab

test: lint ## everything that is checked: lint and all tests
	@scripts/system.sh test
	@$(BIN)/pytest -q -n 2 --dist loadfile -m 'not alone'
	@$(BIN)/pytest -q -m alone

lint: $(VENV)/dev.stamp ## style, types and the layers of the rooms
	@$(BIN)/ruff check --quiet && $(BIN)/ruff format --check --quiet && echo "ruff: fine"
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-logo

chaos: $(VENV)/dev.stamp ## kill archiver, node, broker, and upkeep at every step: ROUNDS=100
	@scripts/system.sh demo
	@MINERLIB_CHAOS_ROUNDS=$(ROUNDS) $(BIN)/pytest -q --timeout=0 tests/broker/test_chaos.py tests/broker/test_logs.py tests/broker/test_producers_late.py tests/archive/test_killed.py

laws: N = 20000
laws: $(VENV)/dev.stamp ## try the laws of rules on more examples: N=20000
	@MINERLIB_LAWS=$(N) $(BIN)/pytest -q --timeout=0 tests/laws

fuzz: N = 1000000
fuzz: $(VENV)/dev.stamp ## try the decoders on mutated messages of real producers: N=1000000
	@MINERLIB_FUZZ=$(N) $(BIN)/pytest -q --timeout=0 tests/event/decode/test_fuzz.py

lock: $(VENV)/dev.stamp ## pin the newest versions of everything, with hashes, in locks/
	@BIN=$(BIN) scripts/lock.sh

clean: ## stop the private broker; remove .venv, state and caches (the archive stays)
	@if [ -x $(BIN)/minerlib ]; then MINERLIB_BROKER_URL= $(BIN)/minerlib broker stop; fi
	@rm -rf $(VENV) .minerlib .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp of each set of packages; a second run costs nothing. A bigger set has the same versions as the smaller.
$(VENV)/%.stamp: locks/%.txt locks/build.txt pyproject.toml
	@scripts/system.sh python
	@scripts/venv.sh $(VENV) $*
	@touch $@
