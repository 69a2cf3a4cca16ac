# Floorwalk from nothing: `make run` shows it, `make test` proves it.
# Everything lands in .venv and service_worker/node_modules; the machine needs Python and no Node.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -qq
APT := test $$(id -u) -eq 0 && DEBIAN_FRONTEND=noninteractive apt-get -qq
NODE_LOCK := service_worker/package.json service_worker/package-lock.json
NODE_MODULES := service_worker/node_modules
PEERS := tests/peers

.NOTPARALLEL:
.PHONY: install build run test test-postgresql reliability check clean lock

install: $(VENV)/.developing $(NODE_MODULES)/.developing $(PEERS)/node_modules/.installed

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Floorwalk needs Python 3.11 or newer; name one with PYTHON=…'; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
	  || { rm -rf $(VENV); $(APT) update && $(APT) install -y python3-venv; $(PYTHON) -m venv $(VENV); } \
	  || { rm -rf $(VENV); echo 'This Python cannot make a virtual environment. On Debian: apt-get install python3-venv'; exit 1; }

# What running needs.
$(VENV)/.installed: requirements.lock pyproject.toml | $(PY)
	@echo 'Installing what Floorwalk runs on …'
	@$(PIP) install --require-hashes -r requirements.lock
	@FLOORWALK_SKIP_BUILD=1 $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(NODE_MODULES)/.installed: $(NODE_LOCK) | $(VENV)/.installed
	@$(PY) -m service_worker.build.node
	@touch $@

# What working on it needs besides.
$(VENV)/.developing: requirements-dev.lock $(VENV)/.installed
	@echo 'Installing the linters and the test tools …'
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(NODE_MODULES)/.developing: $(NODE_LOCK) | $(VENV)/.installed
	@$(PY) -m service_worker.build.node --dev
	@touch $(NODE_MODULES)/.installed $@

# A second implementation of CouchDB's protocol, for the tests to talk to.
$(PEERS)/node_modules/.installed: $(PEERS)/package.json $(PEERS)/package-lock.json | $(VENV)/.installed
	@$(PY) -m service_worker.build.node $(PEERS)
	@touch $@

build: $(VENV)/.installed $(NODE_MODULES)/.installed
	@$(PY) -m service_worker.build

run: build
	@$(PY) -m server demo

check: install
	@$(PY) -m server.lint

# Tests marked serial kill servers or bend clocks, so they have the machine to themselves. The others
# wait for browsers and networks a third of their time, so two cores have room for three workers; each
# takes files whole: a journey's tests tell one story, and what they share is started once.
PYTEST := $(PY) -m pytest --durations=15 --durations-min=1
test: install build
	@$(PY) -m tests.browser
	@$(PY) -m server.lint
	@$(PYTEST) -n 3 --dist loadfile -m 'not serial'
	@$(PYTEST) -m serial || test $$? -eq 5

# The same on PostgreSQL, browsers and killed servers too.
test-postgresql: export FLOORWALK_TEST_DATABASE := postgresql
test-postgresql: test

# Every property at its full count, and the mutants that each must notice: a quarter of an hour.
reliability: install build
	@$(PY) -m tests.reliability

clean:
	rm -rf $(VENV) .cache dist $(NODE_MODULES) $(PEERS)/node_modules service_worker/generated

# After a change of dependencies in pyproject.toml or package.json. Both lock files name no host.
LOCK := $(VENV)/bin/uv pip compile -q pyproject.toml --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-annotate --no-header
lock: install
	@$(PIP) install uv
	$(LOCK) --group build -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock
	$(PY) -c 'from service_worker.build import node; [node.run_node(node.npm_cli_path(), "install", "--package-lock-only", "--ignore-scripts", cwd=folder) for folder in (node.FOLDER, "$(PEERS)")]'
