# What people who work on the product type. Each target says what failed and stops there.
PYTHON ?= .venv/bin/python
BIN := $(dir $(PYTHON))
FIRST := migrations/versions/0001_the_house.py

.PHONY: check test run bench screens migration

check: ## before pushing: format, lint, types, imports, templates, fast tests, course content
	$(BIN)ruff format --check .
	$(BIN)ruff check .
	$(BIN)mypy
	$(BIN)lint-imports
	$(BIN)djlint --lint --quiet lms/web/templates
	$(PYTHON) -m lms test --engine sqlite tests/rules tests/rooms tests/usecases tests/web
	$(PYTHON) -m lms content check

test: ## everything but soak, on both databases
	$(PYTHON) -m lms test

run: ## the demo campus on this machine
	$(PYTHON) -m lms demo

bench: ## ratios against a minimal ceiling app, interleaved
	$(PYTHON) -m bench

screens: ## pictures of the pages, into screens/
	$(PYTHON) -m pytest -q tests/browser/test_screens.py --screens screens

# Until the first release there is one migration, and it is made again when a table changes.
migration:
	rm -f $(FIRST)
	folder=$$(mktemp -d) && \
	  LMS_DATABASE_URL=sqlite:///$$folder/empty.sqlite3 $(PYTHON) -m flask --app 'lms.cli.store:database_app()' \
	    db migrate --rev-id 0001 --message "the house"; \
	  status=$$?; rm -rf $$folder; exit $$status
	sed -i -e '/# ### .*Alembic/d' -e 's/^"""the house"""$$/"""Every table of the first release."""/' $(FIRST)
	$(BIN)ruff check --fix --quiet $(FIRST)
	$(BIN)ruff format --quiet $(FIRST)
