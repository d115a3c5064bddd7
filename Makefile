# The verbs of the project; `make help` lists them. Needs Python 3.11+, Node 20+ and make.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := bash

PYTHON ?= python3
PORT ?= 8000
# What to train on, for example: make up DATA="--ratings my.csv --films films.csv"
DATA ?= --data ml-100k
# The stack in AWS, for deploy, release, rollback, releases and destroy.
STACK ?= film-recommender
AWS_FLAGS = --stack $(STACK) $(if $(REGION),--region $(REGION)) $(if $(DRY_RUN),--dry-run)
VENV := .venv
PY := $(VENV)/bin/python
WEB_SOURCES := $(shell find web/src web/public -type f 2>/dev/null) web/index.html web/package-lock.json \
	$(wildcard web/*.ts web/tsconfig*.json)

export PYTHONUNBUFFERED := 1

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: free-port train web serve ## do everything, then serve page and API on http://127.0.0.1:$(PORT)

train: setup ## train, evaluate, export and verify a bundle (DATA="…"); done again only when something changed
	@$(PY) -m training train --if-needed $(DATA)

free-port: setup # before minutes of training, not after
	@$(PY) -m infra.local_site --port $(PORT) --check-port

serve: setup ## serve page and API from what is there
	@OPEN_USERS=$${OPEN_USERS:-all} exec $(PY) -m infra.local_site --port $(PORT)

web: web/dist/index.html ## build the page

test: setup web/node_modules/.installed ## check, then run every test
	@scripts/test

check: setup web/node_modules/.installed ## format, lint, types and layers of everything
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache
	npm --prefix web run --silent check

format: setup web/node_modules/.installed ## rewrite the sources in the project's format
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	npm --prefix web run --silent format

imports: setup ## count the boxes and arrows of the import graph, file by file and room by room
	@$(PY) scripts/imports.py

evaluate: setup ## evaluate on every protocol and write the report (DATA="…")
	@$(PY) -m training evaluate $(DATA) --protocols random time kfold ranking new_users --diversity 0.4

tune: setup ## search hyper-parameters on validation (DATA="…", ARGS="--target stars --trials 40"); goes on where it stopped
	@$(PY) -m training tune $(DATA) $(ARGS)

report: setup ## make docs/report/ml-100k again
	@$(PY) -m training evaluate --data ml-100k --protocols random time kfold ranking new_users --diversity 0.4 \
		--out docs/report/ml-100k

posters: setup ## look up posters at TMDB, offline (DATA="…"; the key in TMDB_API_KEY)
	@$(PY) -m training posters $(DATA)

bench: setup ## run the benchmarks; each writes benchmarks/results/*.json
	@$(PY) -m benchmarks.requests
	@$(PY) -m benchmarks.ablation
	@$(PY) -m benchmarks.slices
	@$(PY) -m benchmarks.growth
	@$(PY) -m benchmarks.cold_start
	@$(PY) -m benchmarks.image
	@$(PY) -m infra.costs --write

bench-quality: setup artifacts/peers-venv/.installed artifacts/lenskit-venv/.installed ## our model beside other libraries: docs/quality.md (ARGS="--data ml-100k …")
	@$(PY) -m benchmarks.quality $(ARGS)

deploy: train web ## build and deploy the stack, publish the page (REGION=, PARAMETERS="K=V …", DRY_RUN=1)
	@$(PY) -m infra deploy $(AWS_FLAGS) $(foreach p,$(PARAMETERS),--parameter $(p))

release: setup ## serve another bundle (BUNDLE=…)
	@$(PY) -m infra release $(AWS_FLAGS) $(if $(BUNDLE),--bundle $(BUNDLE))

rollback: setup ## serve an earlier release again (RELEASE=…; default: the one before)
	@$(PY) -m infra rollback $(RELEASE) $(AWS_FLAGS)

releases: setup ## list the releases
	@$(PY) -m infra releases $(AWS_FLAGS)

destroy: setup ## take the stack away (YES=1 does not ask)
	@$(PY) -m infra destroy $(AWS_FLAGS) $(if $(YES),--yes)

lock: setup ## compile the requirements again, with hashes
	$(VENV)/bin/pip install --quiet uv==0.13.9
	scripts/lock

clean: ## remove what was built (keeps downloaded data and the environment)
	rm -rf artifacts/bundles artifacts/report web/dist

setup: $(VENV)/.installed ## set up the Python environment

$(VENV)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $$($(PYTHON) --version) was found. Try: make PYTHON=python3.12 …"; exit 1; }
	@echo "Setting up $(VENV) from requirements.txt (about a minute; TensorFlow is large) …"
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# The peers' environments; uv, because some locks name wheels that older pips do not resolve.
artifacts/peers-venv/.installed: benchmarks/peers/requirements.txt
artifacts/lenskit-venv/.installed: benchmarks/peers/requirements-lenskit.txt
artifacts/peers-venv/.installed artifacts/lenskit-venv/.installed: | $(VENV)/.installed
	@echo "Setting up $(@D) from $< (LensKit brings PyTorch: 6 GB on disk) …"
	@$(PYTHON) -m venv $(@D)
	@$(VENV)/bin/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $<
	@touch $@

web/node_modules/.installed: web/package-lock.json
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || \
		{ echo "Node 20 or newer is needed; $$(node --version) was found."; exit 1; }
	@echo "Installing the page's packages …"
	@npm --prefix web ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	@npm --prefix web run --silent build
	@touch $@

.PHONY: help up free-port train serve web test check format imports evaluate tune report posters bench bench-quality deploy release rollback releases destroy lock clean setup
