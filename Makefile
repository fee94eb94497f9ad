# `make run` starts Deskbell on this machine, `make test` checks all of it. Either installs what it needs first.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Nothing here may reach, or be changed by, the caller's AWS account.
$(foreach variable,$(filter AWS_%,$(.VARIABLES)),$(eval unexport $(variable)))
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

PYTHON3 ?= python3
BIN := .venv/bin
SAM := PATH="$(CURDIR)/.venv-sam/bin:$(CURDIR)/.venv-uv/bin:$$PATH" SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 sam
TYPED := layers/common/python/deskbell local tests $(wildcard bench)
# Fast ones first.
TESTS := $(wildcard $(addprefix tests/,unit usecases edge functions contract build stack journeys browser))

.PHONY: help environment run build test check bench web clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

environment: ## Make the Python environments that everything else runs in
	@$(PYTHON3) -m local.bootstrap

run: environment ## Run the whole of Deskbell on this machine, until Ctrl-C
	@exec $(BIN)/python -m local.run

build: environment ## Build the functions and the layer, as `sam deploy` takes them
	@$(BIN)/python -m local.build

test: ## Check everything: lint, types, zones, template, all tests
	@$(PYTHON3) -m local.bootstrap --browser
	@status=0; $(MAKE) --no-print-directory checks || status=1; \
	$(BIN)/pytest $(TESTS) || status=1; \
	exit $$status

check: environment checks ## Lint, types, zones, template

.PHONY: checks
checks:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(TYPED)
	@# Each handler is a module of its own named app.
	for app in functions/*/app.py; do $(BIN)/mypy "$$app"; done
	$(BIN)/lint-imports --no-logo
	$(BIN)/cfn-lint template.yaml
	$(SAM) validate --lint

bench: environment ## Count at the wire what a submission, a message and a chat cost
	@$(BIN)/python -m bench

web: environment ## Build the web pages into web/dist
	@$(BIN)/python -m local.web_build

clean: ## Remove what was built and the local stack's state; the environments stay
	rm -rf .aws-sam .local web/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
