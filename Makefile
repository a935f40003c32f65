# Everything runs from a virtual environment that the first target makes; nothing else is needed but Python >= 3.11, git and make.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup demo test pure faults bench capacity rules picture check format lint types contracts debt-model lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready ## Make the virtual environment from the locked dependencies

.venv/.ready: requirements-dev.lock pyproject.toml
	@echo "Setting up .venv from the locked dependencies (once, about half a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## See drift found, explained and written back, against a Jira and a GitLab on this machine
	@$(BIN)/tandem demo

test: setup ## Run every test
	@$(BIN)/pytest -n auto --dist worksteal

pure: setup ## Run the pure level alone, in seconds
	@$(BIN)/pytest -n 0 -m "pure and not law" tests/sync/core tests/mappings tests/connectors/jira tests/connectors/gitlab tests/connectors/sandbox/world

faults: setup ## Try every kind of fault, 500 random runs and 200 kills, and write the table to deploy/FAULTS.md (about an hour on two cores)
	@TANDEM_FAULT_RUNS=500 TANDEM_FAULT_TABLE=deploy/FAULTS.md $(BIN)/pytest -q -n auto --dist worksteal -p no:randomly tests/faults

bench: setup ## Measure pulls, cycles and writing beside the bare floor and a user's own loops, at 1, 10 and 100 times the size, judging and landing; write deploy/bench.json and the table in deploy/CAPACITY.md (hours)
	@$(BIN)/python -m tests.bench.capacity

capacity: setup ## Measure the constants of the capacity model, and write them and the tables of deploy/CAPACITY.md anew (about half an hour)
	@$(BIN)/python -m tests.bench.constants
	@$(BIN)/python -m tests.capacity_pages

check: format lint types contracts ## Format, lint, types and import contracts

rules: setup ## Write the rules' pages, deploy/RULES.md, from the rules and their cases
	@$(BIN)/python -m tests.rule_pages > deploy/RULES.md

picture: setup ## Draw the README's picture of a comment anew; wants chromium (or CHROMIUM=PROGRAM) and Noto fonts
	@$(BIN)/python -m tests.picture deploy/docs/comment.png

format: setup
	@$(BIN)/ruff format --check .

lint: setup
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy

contracts: setup
	@$(BIN)/lint-imports --no-logo

debt-model: setup ## Learn anew by which words debt admits itself, from the labelled texts in DATA=FOLDER, and print how well
	@test -n "$(DATA)" || { echo "Say where the labelled texts are: make debt-model DATA=FOLDER (commit_messages.csv.gz, pull_requests.csv.gz)"; exit 1; }
	@$(BIN)/python -m mappings.admitted.train "$(DATA)/commit_messages.csv.gz" "$(DATA)/pull_requests.csv.gz" --out mappings/admitted/model.json --evaluate

lock: setup ## Compile the lock files anew, with hashes and without index addresses
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --extra scale --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra scale --group dev --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements.lock -o requirements-dev.lock

clean: ## Remove what the targets made
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
