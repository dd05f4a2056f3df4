# Everything that a person or the build server runs. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh
export PYTHON

PORT ?= 8000
PROCESSES ?= 2
BIN := .venv/bin
READY := .venv/ready
READY_DEV := .venv/ready-dev
MAP := node_modules/ready
DEBIAN := python3-qgis qgis-providers gdal-bin chromium poppler-utils nginx-light openssl curl

# An environment that was copied or moved here is made anew (see scripts/setup-python).
$(shell [ "$$(cat .venv/made-in 2>/dev/null)" = "$(CURDIR)" ] || rm -f $(READY) $(READY_DEV))

.PHONY: help demo build test lint bench clients docs lock clean debian

help: ## elenca i comandi / list the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: $(READY) web/$(MAP) ## prepara, costruisce e serve la demo su 127.0.0.1:PORT / set up, build and serve the demo
	@exec $(BIN)/atlante demo --port $(PORT)

build: $(READY) ## costruisce di nuovo dopo una modifica; il server in funzione la prende da sé / build again after a change; a running server takes it by itself
	@$(BIN)/atlante build

test: lint debian web/$(MAP) ## prepara quel che manca ed esegue tutte le prove / set up what is missing and run every test
	@$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

lint: $(READY_DEV) ## stile, tipi e direzione degli import / style, types and import directions
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --strict
	@$(BIN)/lint-imports

clients: $(READY_DEV) debian web/$(MAP) ## solo i client veri: GDAL, OWSLib, QGIS / the real clients only
	@$(BIN)/python -m pytest tests/clients

bench: $(READY_DEV) web/$(MAP) ## misura costruzione, pagine, tabelle lunghe e protezione (un'ora) / measure the build, pages, long tables and protection (an hour)
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.counting
	@$(BIN)/python -m benchmarks.points
	@$(BIN)/python -m benchmarks.leaks
	@$(BIN)/python -m benchmarks.audit
	@$(BIN)/python -m benchmarks.twins
	@$(BIN)/python -m benchmarks.intervals
	@$(BIN)/python -m benchmarks.estimates
	@$(BIN)/python -m benchmarks.rounding
	@$(BIN)/python -m benchmarks.region
	@$(BIN)/python -m benchmarks.indices
	@$(BIN)/python -m benchmarks.spatial
	@$(BIN)/python -m benchmarks.tiles_build
	@$(BIN)/python -m benchmarks.tiles_serving

docs: $(READY_DEV) debian web/$(MAP) ## rifà le immagini della documentazione / make the pictures of the documentation
	@$(BIN)/python docs/pictures

lock: $(READY_DEV) ## ricalcola i lock da pyproject.toml / resolve the lock files again
	@scripts/step "requirements.lock" "Serve la rete. / This needs the network." scripts/lock $(BIN)/python

# The folder var/ stays: it may hold releases and the noise that protects them.
clean: ## toglie ambiente e pacchetti, non i dati / remove environment and packages, not the data
	rm -rf .venv web/node_modules api/static/vendor

debian:
	@-scripts/setup-debian $(DEBIAN)

$(READY): requirements.lock pyproject.toml
	@scripts/setup-python requirements.lock
	@touch $@

$(READY_DEV): requirements-dev.lock pyproject.toml
	@scripts/setup-python requirements-dev.lock
	@touch $(READY) $@

web/$(MAP): web/package-lock.json web/vendor.py | $(READY)
	@scripts/setup-web
	@touch $@
