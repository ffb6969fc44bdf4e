# What is done with this repository. Each target first sets up .venv by itself, which takes Python >= 3.11 and make;
# the set-up is redone only when pyproject.toml or constraints.txt changed. ARGS is handed on: make test ARGS="-k pods".

BIN := .venv/bin
READY := .venv/.ready
FIND_PYTHON := for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; done

.PHONY: demo test check format bench screenshots campaign clean
.DEFAULT_GOAL := demo

demo: $(READY) ## the cockpit on a simulated service that is breaking now
	@$(BIN)/cockpit demo $(ARGS)

# What is compiled is kept, whatever the caller's environment says: compiling the tests takes longer than loading them.
test: $(READY) ## the tests, in five processes, since many of them wait; ARGS="-n 0" takes one
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 5 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(READY) ## style, types and who may import whom
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## put the style right
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(READY) ## start-up, first picture, durable append, 20,000 entries, bytes on the wire; beside a control where there is one
	@PYTHONPATH=tests $(BIN)/python -m tests.benchmarks $(ARGS)

screenshots: $(READY) ## screenshots/ from the running app
	@PYTHONPATH=tests $(BIN)/python -m tests.screenshots $(ARGS)

campaign: $(READY) ## kill, cut, pause and skew writers, cockpits and the shared record for long; look for what was acknowledged and sent; break sources, and compare the picture
	@PYTHONPATH=tests $(BIN)/python -m tests.campaign $(ARGS)

clean: ## forget the set-up and the caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache snapshot_report.html

$(READY): pyproject.toml constraints.txt
	@$(FIND_PYTHON); \
	if [ ! -x $(BIN)/python ] || ! $(BIN)/python -c '' 2>/dev/null; then \
		if [ -z "$$python" ]; then echo "no Python >= 3.11 on the PATH; install one, or: make PYTHON=/path/to/python" >&2; exit 1; fi; \
		echo "setting up .venv with $$("$$python" --version); this is done once" >&2; \
		"$$python" -m venv --clear .venv; \
	else echo "bringing .venv up to date" >&2; fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --editable . --group dev
	@touch $@
