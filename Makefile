# One command starts the bank, another tests it. Both need Python 3.11 or later, and nothing else.

PYTHON ?= $(firstword $(foreach version,3.11 3.12 3.13 3,$(shell command -v python$(version) 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
PROCESSES := $(shell echo $$(($$(nproc) < 4 ? $$(nproc) + 1 : 4)))
PYTEST := $(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist worksteal
CHECKED := bank config customers accounts loans cards bankview tests bench conftest.py manage.py

.PHONY: run services test test-all check format bench demo openapi clean

run: $(VENV)/.run  ## Start the whole bank (PORT=8000, BANK_HOME=.bank, BANK_RUNTIME=embedded|services).
	@exec $(BIN)/python manage.py up

services: $(VENV)/.run  ## The same as five services, one per context.
	@exec $(BIN)/python manage.py up --services

test: $(VENV)/.dev  ## All tests that need no server, on an embedded PostgreSQL.
	$(PYTEST)

test-all: $(VENV)/.dev  ## The kernel and the flows on PostgreSQL, RabbitMQ and Redis, and on five services.
	BANK_RUNTIME=services $(PYTEST) tests/bank tests/flows

check: $(VENV)/.dev  ## Style, types, who imports whom, migrations, and the committed OpenAPI document.
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports
	BANK_HOME=/nonexistent $(BIN)/python manage.py makemigrations --check --dry-run
	@if [ -f docs/openapi.yaml ]; then \
	  BANK_HOME=/nonexistent $(BIN)/python manage.py spectacular --validate --fail-on-warn | diff -u docs/openapi.yaml - \
	  || { echo "docs/openapi.yaml is out of date: make openapi"; exit 1; }; fi

openapi: $(VENV)/.dev
	BANK_HOME=/nonexistent $(BIN)/python manage.py spectacular --validate --fail-on-warn > docs/openapi.yaml

format: $(VENV)/.dev
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

bench: $(VENV)/.dev  ## Ratios to raw SQL on this machine, into docs/benchmarks.md.
	$(BIN)/python -m bench

demo: $(VENV)/.run  ## A day of banking through the API of the bank that `make run` has started.
	$(BIN)/python manage.py demo

clean:  ## Forget the virtual environment; the bank's data in .bank stay.
	rm -rf $(VENV)

$(VENV)/bin/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	|| { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11 run"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-schemas.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-schemas.txt
	@touch $@
