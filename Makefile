# Two commands do all of their set-up: `make contract` (judge) and `make test` (prove). `make` lists the rest.

PY := .venv/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check
# The stamps carry a checksum: what is installed is installed again only when pyproject.toml changed, or when the
# whole folder was moved, or its Python is gone.
SUM := $(shell (cat pyproject.toml; pwd) | cksum | tr -d ' ')
$(if $(shell $(PY) -V 2>/dev/null),,$(shell rm -f .venv/ready-*))
READY := .venv/ready-$(SUM)
READY_DEV := .venv/ready-dev-$(SUM)
# What the shell may carry and the proof must not depend on.
CLEAN_ENV := env -u PYTEST_ADDOPTS -u PYTEST_BASE_URL -u CATALOG_API_KEY -u GITHUB_STEP_SUMMARY

contract_options = $(if $(CONTRACT),--contract '$(CONTRACT)') $(if $(CASSETTE),--cassette '$(CASSETTE)') \
	$(if $(BASE_URL),--base-url '$(BASE_URL)') $(ARGS)
JUDGE := $(PY) -m pytest tests/contract
SELFTEST := $(PY) -m pytest tests/selftest -q -n 2 --dist worksteal

.DEFAULT_GOAL := help

.PHONY: help ready locked lock contract test healthy lint format types selftest prove cassettes pin docs reliability the-fix pictures report bench peers clean
.SUFFIXES:

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r what says; \
	  do printf '%-19s %s\n' "$$what" "$$says"; done
	@echo 'make contract takes BASE_URL=URL (live), CASSETTE=NAME, CONTRACT=NAME|PATH and ARGS="pytest options".'

ready: $(READY) ## install what `make contract` needs, and no more

contract: $(READY) ## judge the shipped recording, or BASE_URL=..., CASSETTE=..., CONTRACT=...
	@$(JUDGE) $(contract_options)

test: healthy lint types selftest ## everything: the contract on the healthy recording, linters, types, self-test
	@echo; echo 'make test: all of it holds'

locked: ## install exactly what requirements.lock pins by hash: for the job that holds a key
	@sh tools/venv.sh
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $(READY)

lock: ## write requirements.lock again from pyproject.toml: the newest of everything, with hashes
	@sh tools/lock.sh

healthy: $(READY_DEV)
	@echo '== the contract on the healthy recording'
	@$(CLEAN_ENV) $(JUDGE)

lint: $(READY_DEV) ## ruff (rules and format) and import-linter
	@echo '== ruff check'
	@$(PY) -m ruff check
	@echo '== ruff format --check'
	@$(PY) -m ruff format --check
	@echo '== import-linter'
	@.venv/bin/lint-imports --no-logo --no-cache

format: $(READY_DEV) ## let ruff format the code
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

types: $(READY_DEV) ## mypy
	@echo '== mypy'
	@$(PY) -m mypy

selftest: $(READY_DEV) ## the self-test: every fault found, no false alarm
	@echo '== self-test'
	@$(CLEAN_ENV) $(SELFTEST) -m 'not thorough'

prove: $(READY_DEV) ## the thorough part of the self-test: most of an hour
	@echo '== self-test, the thorough part'
	@$(CLEAN_ENV) $(SELFTEST) -m thorough

cassettes: $(READY_DEV) ## record again every cassette that comes from the reference gateway
	@$(PY) -m tools.cassettes

pin: $(READY_DEV) ## write again what every fault breaks: read each change before you keep it
	@$(PY) -m tools.pin

docs: $(READY_DEV) ## write again the documents that are made from the rulebook and the faults
	@$(PY) -m tools.documents

reliability: $(READY_DEV) ## write docs/reliability.md again: every fault of the wire, with time and memory
	@$(PY) -m tools.reliability

the-fix: $(READY_DEV) ## write docs/the-fix.md again: every fix of the crawl on every upstream
	@$(PY) -m tools.the_fix

pictures: $(READY_DEV) ## take the pictures of docs/img again (needs chromium)
	@$(PY) -m tools.pictures

report: $(READY) ## the Allure report of the last run (needs node, npm and java)
	@$(PY) -m tools.allure_report $(ARGS)

bench: $(READY_DEV) ## write docs/performance.md again: time and memory beside the least that could be done
	@$(PY) -m benchmarks.performance

peers: $(READY_DEV) ## judge seven real products on loopback by the contracts that ship for them (installs them once)
	@$(PY) -m tools.peers

clean: ## remove what was made; recordings and the environment stay
	@rm -rf build reports .pytest_cache .mypy_cache .ruff_cache
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(READY):
	@if [ ! -e $(READY_DEV) ]; then sh tools/venv.sh && echo 'installing (once)' >&2 && $(PIP) -e .; fi
	@touch $@

$(READY_DEV):
	@sh tools/venv.sh
	@echo 'installing, with what the proof needs (once)' >&2
	@$(PIP) -e '.[dev]'
	@touch $(READY) $@
