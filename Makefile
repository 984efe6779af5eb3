# Needs `make` and a Python 3 (3.8 or later) with pip and venv; everything else is fetched by the first target that needs it.
PYTHON := .venv/bin/python
SETUP := python3 scripts/setup.py
COMPILE := var/tools/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --custom-compile-command "make lock"
LINUX := --python-version 3.10 --python-platform x86_64-manylinux_2_28

# Rasa and TensorFlow are talkative.
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 3

.PHONY: help setup setup-test run cluster chat train test test-slow cluster-test lint format evaluate learning-curve profile benchmark-hint3 bench check review models audit sbom lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what the assistant needs (the other targets do it by themselves)
	@$(SETUP) run

setup-test:
	@$(SETUP) test
	@$(SETUP) audit

run: setup ## Start the assistant and show where its demo page is; trains first where needed
	@$(PYTHON) -m maintain run

cluster: setup ## Start it as in production: nginx, two Rasa and two action servers, PostgreSQL, Redis
	@$(PYTHON) -m maintain cluster

chat: setup ## Talk to the running assistant in this terminal
	@$(PYTHON) -m maintain chat

review: setup ## Show in the browser what was misunderstood, and make labels of it
	@$(PYTHON) -m maintain review

train: setup ## Train a model, and make it the current one if the gate lets it
	@$(PYTHON) -m maintain train

models: setup ## List the models; `python -m maintain promote`, `rollback` and `compare` work with them
	@$(PYTHON) -m maintain models

test: setup-test ## Run all tests
	@$(PYTHON) -m pytest

test-slow: setup-test ## Kill servers under fifty conversations of a browser, and change models under load (about an hour)
	@$(PYTHON) -m pytest tests/browser tests/promotion -m slow

cluster-test: setup-test ## Break a cluster in every way under 200 readers, and load it for ten minutes (about 35 minutes; as root)
	@$(PYTHON) -m pytest tests/cluster -m slow

lint: setup-test ## Check style and types
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

format: setup-test ## Mend style where a program can
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

evaluate: setup ## Measure the current model, and write var/evaluation/index.html with pictures
	@$(PYTHON) -m maintain evaluate

learning-curve: setup ## Measure what more phrasings bring; `make evaluate` draws it
	@$(PYTHON) -m maintain learning-curve

profile: setup-test ## Show where the time of one answer goes, by stage, and draw a flame graph
	@$(PYTHON) -m maintain profile

benchmark-hint3: setup ## Train on HINT3, beside published systems (DATA=folder; STOCK=--stock adds Rasa's own pipeline)
	@$(PYTHON) -m maintain benchmark-hint3 $(if $(DATA),--data "$(DATA)") $(STOCK)

bench: setup-test ## Measure speed and memory beside Rasa's stock assistant, and write docs/benchmarks.md (BENCH=--quick, or other options)
	@$(PYTHON) -m maintain bench $(BENCH)

check: setup ## Check the domain, the training data and the documents against each other
	@$(PYTHON) -m maintain check

audit: setup-test ## Hold the locks against lists of known vulnerabilities, and those against docs/audit.md
	@$(PYTHON) scripts/audit.py

sbom: setup-test ## Write what the assistant is made of into var/sbom, in CycloneDX
	@$(PYTHON) scripts/sbom.py

lock: ## Write the locks anew from pyproject.toml (UPGRADE=--upgrade takes newer versions)
	@$(SETUP) tools
	$(COMPILE) $(LINUX) $(UPGRADE) pyproject.toml --output-file requirements.lock
	$(COMPILE) $(LINUX) $(UPGRADE) --no-annotate pyproject.toml --group test --group docs --group bench \
		--constraints requirements.lock --output-file requirements-dev.lock
	$(COMPILE) $(UPGRADE) --python-version 3.8 --group tools --output-file scripts/tools.lock
	$(COMPILE) $(LINUX) $(UPGRADE) --group audit --output-file scripts/audit.lock

clean: ## Remove what can be made again; models and conversations stay
	rm -rf .venv var/tools var/audit var/sbom var/encoder .rasa .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name node_modules -prune -o -name __pycache__ -type d -exec rm -rf {} +
