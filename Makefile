# Everything that can be done with Trackgate; `make help` lists it. Needs make, git and Python 3.

ARCHITECTURE ?= arm64
EVENT ?= onesignal/new_session
REQUESTS ?= 100000
MINUTES ?= 600
ROUNDS ?= 9
EVENTS ?= 10000
SEED ?= 1

UV := .tools/uv/bin/uv
BIN := .venv/bin
SAM := .tools/sam/bin/sam
export SAM_CLI_TELEMETRY := 0
# Everything here starts Python often: what it compiles is kept, even where containers forbid that.
unexport PYTHONDONTWRITEBYTECODE

# Targets side by side; what each prints stays together where make can do that.
TOGETHER := -j3 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.DEFAULT_GOAL := help
.PHONY: help install local unit test bench fuzz check check-code check-written compiled build deploy lock audit checkov sbom release samples template openapi tables system endpoint migrate send clean

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

install: .venv/synced ## Install the project's packages into .venv

local: install ## Run the whole API on this machine at http://127.0.0.1:3000 (PORT= HOST= TLS=1 LOG=debug)
	@PYTHONPATH=functions:layers/shared exec $(BIN)/python -m tools.local

unit: install ## Run the unit tests, which start no programs and no local run, in about a minute
	$(BIN)/python -m pytest -n 2 -m "not programs" $(PYTEST)

test: install ## Run every test this machine can run, and name the ten slowest
	@$(MAKE) --no-print-directory $(TOGETHER) check-code check-written compiled
	$(BIN)/python -m pytest -n 4 --dist loadgroup --no-loadscope-reorder $(PYTEST)

prove: install ## Send events while everything fails, and account for each one (EVENTS=10000 SEED=1)
	@PYTHONPATH=functions:layers/shared exec $(BIN)/python -m tests.proofs.faults --events $(EVENTS) --seed $(SEED)

fuzz: install ## Fuzz a local run with odd requests, and judge every answer (REQUESTS=100000 SEED=1 MINUTES=600)
	@PYTHONPATH=functions:layers/shared exec $(BIN)/python -m tests.proofs.fuzz \
		--requests $(REQUESTS) --seed $(SEED) --minutes $(MINUTES)

bench: install ## Measure Trackgate beside its peers, and write docs/performance.md (ROUNDS=9 ROWS=sizes)
	@PYTHONPATH=functions:layers/shared exec $(BIN)/python -m benchmarks --rounds $(ROUNDS) $(if $(ROWS),--rows $(ROWS))

check: install ## Lint everything; check types, the template, locks and generated files
	@$(MAKE) --no-print-directory $(TOGETHER) check-code check-written

# mypy takes as long as everything else: two cores do both at once.
check-code: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

check-written: install .tools/sam/installed
	PYTHONPATH=functions:layers/shared $(BIN)/python -m tools.template --check
	$(BIN)/cfn-lint template.yaml
	PATH="$(CURDIR)/.tools/sam/bin:$$PATH" AWS_DEFAULT_REGION=us-east-1 $(SAM) validate --lint
	$(UV) lock --check
	$(BIN)/python -m tools.lock --check
	$(BIN)/python -m tools.tables --check
	PYTHONPATH=functions:layers/shared $(BIN)/python -m tools.openapi --check
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml docs/examples/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --quiet --offline .github docs/examples

# pytest rewrites every test module before it first imports it. Done once here, no process of `make test` has to;
# what cannot be imported is reported by those.
compiled: install
	@$(BIN)/python -m pytest --collect-only -qq $(PYTEST) >/dev/null 2>&1 || true

build: install .tools/sam/installed ## Build functions and layers for AWS (ARCHITECTURE=arm64)
	PATH="$(CURDIR)/.tools/sam/bin:$$PATH" ARCHITECTURE=$(ARCHITECTURE) \
		$(SAM) build --parameter-overrides Architecture=$(ARCHITECTURE)

deploy: install ## Deploy a stage to AWS, then run the doctor (STAGE=staging DOCTOR=--deep)
	@exec $(BIN)/python -m tools.deploy "$(STAGE)" --doctor="$(DOCTOR)"

lock: install ## Regenerate every lock: uv.lock, the layers' requirements, the tools' own
	$(UV) lock --upgrade
	$(BIN)/python -m tools.lock --upgrade

audit: install ## Look up known vulnerabilities in every locked package (needs a network with PyPI's advisories)
	$(BIN)/python -m tools.supply

checkov: install ## List checkov's findings in the template, each with the reason it is accepted
	$(BIN)/python -m tools.checkov

sbom: install ## List every deployed package in sbom.cdx.json (CycloneDX 1.5)
	$(BIN)/python -m tools.release.sbom

release: install ## Build the checked-out commit into dist/ (TAG=v0.3.0 to require that version)
	@$(BIN)/python -m tools.release $(if $(TAG),--tag $(TAG))

samples: install ## Write what this version leaves in a stack, for later versions' tests (once per release)
	$(BIN)/python -m pytest -p no:xdist -q tests/upgrade/make_samples.py

template: install ## Write template.yaml from stack/ and functions/*/stack.yaml
	PYTHONPATH=functions:layers/shared $(BIN)/python -m tools.template

openapi: install ## Regenerate docs/openapi.json from the template, the models and the handlers' answers
	PYTHONPATH=functions:layers/shared $(BIN)/python -m tools.openapi

tables: install ## Regenerate the tables in docs/ from the template and the endpoints
	$(BIN)/python -m tools.tables

system: install ## Write a new system with its first endpoint (NAME=acme)
	@$(BIN)/python -m tools.scaffold system "$(NAME)"
	@$(BIN)/ruff check --quiet --fix "functions/$(NAME)" "tests/$(NAME)"
	@$(MAKE) --no-print-directory template openapi tables

endpoint: install ## Add an endpoint to a system (SYSTEM=acme NAME=ping)
	@$(BIN)/python -m tools.scaffold endpoint "$(SYSTEM)" "$(NAME)"
	@$(BIN)/ruff check --quiet --fix "functions/$(SYSTEM)" "tests/$(SYSTEM)"
	@$(MAKE) --no-print-directory template openapi tables

migrate: install ## Create or update the tables of track's database (URL=mysql+pymysql://user:password@host/database)
	@PYTHONPATH=functions:layers/shared exec $(BIN)/python -m tools.systems.track.migrate --url "$$URL"

send: install ## Send a sample event through `make local`, and print both exchanges (EVENT=onesignal/new_session)
	@exec $(BIN)/python -m tools.send $(EVENT)

clean: ## Remove everything installed, built or stored, including local events
	rm -rf .venv .tools .aws-sam .trackgate dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/synced: pyproject.toml uv.lock .python-version | $(UV)
	@echo "Installing the project's packages into .venv"
	@tools/supply/install.sh packages

.tools/sam/installed: tools/programs/sam.txt | .venv/synced
	$(BIN)/python -m tools.programs

$(UV): tools/supply/uv.txt
	@echo "Installing uv into .tools/uv"
	@tools/supply/install.sh uv
