# The verbs of the project; `make help` lists them. Needs Python 3.11+, Node 20+ and GNU make 3.81+.
ifeq ($(filter order-only,$(.FEATURES)),)
$(error GNU make 3.81 or newer is needed; this is $(or $(MAKE_VERSION),another). Try: gmake)
endif
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
SHELL := bash

# An existing .venv keeps its Python, unless PYTHON= names another.
PYTHON ?= $(shell test -x .venv/bin/python && echo .venv/bin/python || echo python3)
PORT ?= 8000
# Processes that answer.
WORKERS ?= 1
# Sign-in has a port of its own, which members belong to: keep it.
IDENTITY_PORT ?= 8765
SITE_FLAGS = --port $(PORT) --members artifacts/members --identity-port $(IDENTITY_PORT)
# What to train on, for example: make up DATA="--ratings my.csv --films films.csv"
DATA ?= --data ml-100k
# The AWS stack of deploy, release, rollback, releases and destroy.
STACK ?= film-recommender
AWS_FLAGS = --stack $(STACK) $(if $(REGION),--region $(REGION)) $(if $(DRY_RUN),--dry-run)
VENV := .venv
PY := $(VENV)/bin/python
SETUP = $(if $(shell command -v $(PYTHON) 2>/dev/null),$(PYTHON) -m scripts.setup,$(error \
	there is no $(PYTHON). Install Python 3.11 or newer, or name one: make PYTHON=python3.12))
WEB_SOURCES := $(shell find web/src web/public -type f 2>/dev/null) web/index.html web/package-lock.json \
	$(wildcard web/*.ts web/tsconfig*.json)

# The product; the tests of benchmarks and scripts start many processes.
FAST_TESTS := $(addprefix tests/,unit/function unit/training unit/infra unit/test_layers.py contract)

export PYTHONUNBUFFERED := 1

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: free-port web train serve ## do everything, then serve page and API on http://127.0.0.1:$(PORT)

train: serving ## train, evaluate, export and verify a bundle, if anything changed (DATA="…")
	@$(PY) -m training.up_to_date $(DATA) || { $(SETUP) train && $(PY) -m training train --if-needed $(DATA); }

free-port: serving # before minutes of training, not after
	@$(PY) -m infra.local_site $(SITE_FLAGS) --check-port

serve: serving infra/identity/node_modules/.installed ## serve page and API with the current bundle (WORKERS=4)
	@OPEN_USERS=$${OPEN_USERS:-all} exec $(PY) -m infra.local_site $(SITE_FLAGS) --workers $(WORKERS)

web: web/dist/index.html ## build the page

test: development web/node_modules/.installed-dev infra/identity/node_modules/.installed ## check, then run every test
	@scripts/test

test-fast: development web/node_modules/.installed-dev ## run the quick tests: no training, installation, browser or Docker
	npm --prefix web run --silent test
	$(VENV)/bin/pytest -m "not (training or installs or needs)" $(FAST_TESTS)

unit: development web/node_modules/.installed-dev infra/identity/node_modules/.installed ## run the unit tests only
	npm --prefix web run --silent test
	npm --prefix infra/identity run --silent test
	$(VENV)/bin/pytest tests/unit

emulator: development ## run the function in Lambda's emulator, for curl and a debugger (BUNDLE=…, PORT=8000)
	@$(PY) -m tests.support.emulator --port $(PORT) $(if $(BUNDLE),--bundle $(BUNDLE))

stranger: ## run the two commands of README like a newcomer, on a bare Debian and on this machine (LEGS="bare here"; bare needs root)
	@$(PYTHON) -m scripts.stranger $(LEGS)

tag: ## tag this commit as a release, if `make stranger` succeeded on it (VERSION=1.2.3)
	@scripts/tag $(VERSION)

check: development web/node_modules/.installed-dev artifacts/workflows-checked ## check format, lint, types and layers
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache
	npm --prefix web run --silent check

format: development web/node_modules/.installed-dev ## format the sources, and fix what the linters can fix
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	npm --prefix web run --silent format

imports: development ## show the import graph: modules, imports, levels
	@$(PY) scripts/imports.py

evaluate: modelling ## evaluate on every protocol and write the report (DATA="…")
	@$(PY) -m training evaluate $(DATA) --protocols random time kfold ranking new_users --personalisation 0.4

tune: modelling ## search hyper-parameters on validation (DATA="…", ARGS="--target stars --trials 40"); resumes
	@$(PY) -m training tune $(DATA) $(ARGS)

report: modelling ## rewrite docs/report/ml-100k
	@$(PY) -m training evaluate --data ml-100k --protocols random time kfold ranking new_users --personalisation 0.4 \
		--out docs/report/ml-100k

behaviour: serving ## test how the current bundle reacts to likes and dislikes
	@$(PY) -m benchmarks.behaviour --check

posters: modelling ## look up posters at TMDB (DATA="…"; the key in TMDB_API_KEY)
	@$(PY) -m training posters $(DATA)

bench: development artifacts/peers-venv/installed.json artifacts/onnx-venv/installed.json artifacts/engines-venv/installed.json ## run the benchmarks; each writes benchmarks/results/*.json
	@$(PY) -m benchmarks.setup
	@$(PY) -m benchmarks.requests
	@$(PY) -m benchmarks.load
	@$(PY) -m benchmarks.catalogue
	@$(PY) -m benchmarks.retrieval
	@$(PY) -m benchmarks.ablation
	@$(PY) -m benchmarks.slices
	@$(PY) -m benchmarks.growth
	@$(PY) -m benchmarks.workers
	@$(PY) -m benchmarks.cold_start
	@$(PY) -m benchmarks.members
	@$(PY) -m benchmarks.safety
	@$(PY) -m benchmarks.image
	@$(PY) -m benchmarks.development
	@$(PY) -m infra.costs --write

bench-check: development ## compare the speed of requests with the committed figures; for a nightly run
	@$(PY) -m benchmarks.check

bench-quality: development artifacts/peers-venv/installed.json artifacts/lenskit-venv/installed.json ## compare our model with other libraries (ARGS="--data ml-100k …")
	@$(PY) -m benchmarks.quality $(ARGS)

deploy: train web ## build and deploy the stack, publish the page (REGION=, PARAMETERS="K=V …", DRY_RUN=1)
	@$(PY) -m infra deploy $(AWS_FLAGS) $(foreach p,$(PARAMETERS),--parameter $(p))

release: serving ## serve another bundle (BUNDLE=…)
	@$(PY) -m infra release $(AWS_FLAGS) $(if $(BUNDLE),--bundle $(BUNDLE))

rollback: serving ## serve an earlier release again (RELEASE=…; default: the previous one)
	@$(PY) -m infra rollback $(RELEASE) $(AWS_FLAGS)

releases: serving ## list the releases
	@$(PY) -m infra releases $(AWS_FLAGS)

destroy: serving ## delete the stack (YES=1 does not ask)
	@$(PY) -m infra destroy $(AWS_FLAGS) $(if $(YES),--yes)

lock: serving ## compile the lock files, with hashes (UPGRADE=1 takes newer releases)
	@$(PY) -m scripts.lock $(if $(UPGRADE),--upgrade)

sbom: artifacts/tools/audit-env/installed.json ## list what the image has installed: artifacts/sbom.json (CycloneDX)
	@cat function/requirements.txt function/requirements-image.txt \
		| PYTHONWARNINGS=ignore $(<D)/bin/cyclonedx-py requirements - --pyproject pyproject.toml --output-reproducible \
		-o artifacts/sbom.json.new
	@mv artifacts/sbom.json.new artifacts/sbom.json && echo artifacts/sbom.json

audit: artifacts/tools/audit-env/installed.json ## ask whether vulnerabilities of what is installed are known
	$(<D)/bin/pip-audit --strict --disable-pip --require-hashes $(addprefix -r ,function/requirements.txt \
		function/requirements-image.txt requirements/dev.txt)
	npm --prefix web audit
	npm --prefix infra/identity audit

clean: ## remove what was built (keeps downloaded data and the environment)
	rm -rf artifacts/bundles artifacts/report web/dist

setup: development web/node_modules/.installed-dev infra/identity/node_modules/.installed ## set up everything at once (other verbs set up what they need)

# The layers of .venv; each includes the previous one.
serving:
	@$(SETUP) serve

modelling:
	@$(SETUP) train

development:
	@$(SETUP) dev

# The peers' environments.
artifacts/peers-venv/installed.json: benchmarks/peers/requirements.txt | development
	@$(SETUP) environment $(@D) $<

artifacts/lenskit-venv/installed.json: benchmarks/peers/requirements-lenskit.txt | development # PyTorch: 6 GB on disk
	@$(SETUP) environment $(@D) $<

artifacts/tools/audit-env/installed.json: requirements/audit.txt # CycloneDX's tool, pip-audit
	@$(SETUP) environment $(@D) $<

artifacts/engines-venv/installed.json: benchmarks/peers/requirements-engines.txt | development
	@$(SETUP) environment $(@D) $<

artifacts/onnx-venv/installed.json: benchmarks/peers/requirements-onnx.txt | development
	@$(SETUP) environment $(@D) $<

# Workflows change rarely, and their linters take as long as everything else in the check.
artifacts/workflows-checked: $(wildcard .github/workflows/*) requirements/dev.txt web/package-lock.json | development web/node_modules/.installed-dev
	$(VENV)/bin/zizmor --offline --quiet --pedantic .github
	npm --prefix web run --silent check:workflows
	@mkdir -p $(@D) && touch $@

web/node_modules/.installed: web/package-lock.json # what the build needs
	@$(SETUP) page
	@touch $@

web/node_modules/.installed-dev: web/package-lock.json # checks and tests, with their Chromium
	@$(SETUP) page-dev
	@touch $(@D)/.installed $@

infra/identity/node_modules/.installed: infra/identity/package-lock.json # sign-in on this machine
	@$(SETUP) identity
	@touch $@

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	@npm --prefix web run --silent build
	@touch $@

.PHONY: help up free-port train serve web test test-fast unit emulator stranger tag check format imports evaluate tune \
	report behaviour posters bench bench-check bench-quality \
	deploy release rollback releases destroy lock sbom audit clean setup serving modelling development
