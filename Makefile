# Only make and Python >= 3.11 are needed; everything else comes into .venv.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PACKS ?= --pack packs/makassar --pack packs/tomohon --pack packs/kupang
PORT ?= 8000
NAME ?= submit
ARGS ?=

help: ## this list
	@awk -F ' *## ' '/^[a-z]+:.*## / { split($$1, name, ":"); printf "  make %-9s %s\n", name[1], $$2 }' $(MAKEFILE_LIST)

setup: ## .venv, locked packages, front end, translations; quick when nothing changed
	@$(PYTHON) tools/setup.py

demo: ## a living city on http://127.0.0.1:8000/ with 90 days of history (PORT=8000); Ctrl-C ends it
	@$(PYTHON) tools/setup.py --production
	@exec $(BIN)/qlue up --home .qlue --port $(PORT) --demo $(PACKS)

up: ## the same without made-up people: an empty city to try by hand (PORT=8000)
	@$(PYTHON) tools/setup.py --production
	@exec $(BIN)/qlue up --home .qlue --port $(PORT) $(PACKS)

test: ## every test, front end and browser journeys included (ARGS="-k word" for some of pytest's)
	@$(PYTHON) tools/setup.py --browser
	@(cd frontend && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent test); vitest=$$?; \
	  $(BIN)/pytest $(ARGS) && exit $$vitest

journeys: ## only the journeys, in a real browser
	@$(PYTHON) tools/setup.py --browser
	@$(BIN)/pytest tests/journeys $(ARGS)

bench: setup ## measure this machine: make bench NAME=submit ARGS="--n 2000 --c 8"
	@$(BIN)/qlue bench $(NAME) $(ARGS)

lint: setup ## ruff, djlint and the walls between rooms
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/djlint qlue --lint --quiet
	@$(BIN)/lint-imports --no-logo

measure: setup ## how plain the code's language is: names, rows, lengths (ARGS="--list NAME")
	@$(BIN)/python tools/measure.py $(ARGS)

types: setup ## mypy --strict; the front end's types
	@$(BIN)/mypy qlue tools tests $(wildcard bench)
	@cd frontend && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent types

fix: setup ## let ruff mend what it can
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format --quiet

messages: setup ## collect the words of all pages, tell what lacks a translation, compile
	@$(BIN)/python tools/messages.py extract
	@$(BIN)/python tools/messages.py compile
	@$(BIN)/python tools/messages.py check

lock: setup ## choose package versions anew (ARGS=--upgrade for the newest)
	@cd requirements && for kind in base all dev node uv; do \
	  UV_CUSTOM_COMPILE_COMMAND="make lock" ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links $(ARGS) $$kind.in -o $$kind.txt || exit 1; done

.PHONY: help setup demo up test journeys bench lint measure types fix messages lock
