# What a newcomer and a developer type. `make` alone lists it.

PORT ?= 8501
ADDRESS ?= 127.0.0.1
SCALE ?= 1000000
TESTS ?= tests
WORKERS ?= 2

DEMO := data/demo.duckdb
PYTHON_HERE := .venv/bin/python
# The demo company is made for those who have named no other (ui/company.py).
NEEDS_DEMO := $(if $(SOURCE)$(CLIENTELE_SOURCE)$(wildcard clientele.toml),,$(DEMO))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run connect test engines lint bench demo docs lock clean environment environment-dev chromium

export PYTHON
export PYTHONUNBUFFERED = 1

help: ## List what can be typed
	@echo "make TARGET [NAME=value ...]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: environment $(NEEDS_DEMO) ## Start the app and print its address (PORT=8501, SOURCE=a file or a database URL)
	@$(if $(SOURCE),CLIENTELE_SOURCE='$(SOURCE)' )exec $(PYTHON_HERE) tools/serve.py --port $(PORT) --address $(ADDRESS)

connect: environment ## Recognise a CRM's database and write clientele.toml (URL=dialect://user@host/database)
	@$(PYTHON_HERE) -m data_access connect $(if $(URL),'$(URL)')

test: environment-dev chromium ## Run every test, or some of them (TESTS="tests/metrics -k funnel", WORKERS=2)
	@PYTHONHASHSEED=0 $(PYTHON_HERE) -m pytest -n $(WORKERS) --dist loadgroup $(TESTS)

engines: environment-dev ## Fetch a Spark and a ClickHouse, once, so that `make test` asks them too (Spark needs Java)
	@sh tools/install.sh requirements-dev.txt requirements-engines.txt

lint: environment-dev ## Check style, types and which layer imports which
	@failed=0; \
	check() { echo "$$*"; $(PYTHON_HERE) -m "$$@" || failed=1; }; \
	check ruff check .; check ruff format --check .; check mypy; \
	echo lint-imports; \
	$(PYTHON_HERE) -c "from importlinter.cli import lint_imports_command as lint; lint(['--no-logo'])" || failed=1; \
	exit $$failed

bench: environment ## Time the queries and pages against hand-written SQL (SCALE=1000000 order lines)
	@$(PYTHON_HERE) -m bench --scale $(SCALE)

demo: environment ## Make the demo company anew
	@mkdir -p $(dir $(DEMO))
	@$(PYTHON_HERE) -m data_access demo --into $(DEMO)

docs: environment ## Write docs/schema.md and docs/metrics.md anew from the code
	@$(PYTHON_HERE) -m data_access.schema_docs
	@$(PYTHON_HERE) -m metrics docs

lock: environment ## Write the pinned requirements anew from pyproject.toml (UPGRADE=1 takes newer versions)
	@sh tools/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## Remove the environment, the caches and the demo company; imported data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results $(DEMO) $(DEMO).wal
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

environment:
	@sh tools/install.sh requirements.txt

environment-dev:
	@sh tools/install.sh requirements-dev.txt

chromium: environment-dev
	@$(PYTHON_HERE) tools/chromium.py --install

$(DEMO): | environment
	@mkdir -p $(dir $(DEMO))
	@echo "Making the demo company, once."
	@$(PYTHON_HERE) -m data_access demo --into $(DEMO)
