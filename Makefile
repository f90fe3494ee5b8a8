# Two commands set everything up on a fresh machine: `make demo` and `make test`.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
STORE ?= runs/demo

.PHONY: demo test test-alone test-cluster lint format benchmark clean

# The environment is rebuilt when what it is made from changes.
$(VENV)/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: $(VENV)/installed
	$(BIN)/bench run softness-noise --scale smoke --store $(STORE)
	$(BIN)/bench status softness-noise --scale smoke --store $(STORE)

# Tests that start Ray wait much of their time, so the others run beside them.
test: $(VENV)/installed lint
	$(MAKE) --jobs 2 --output-sync=line test-alone test-cluster

test-alone: $(VENV)/installed
	OMP_NUM_THREADS=1 $(BIN)/pytest -m 'not cluster' --numprocesses 2 --dist loadfile

test-cluster: $(VENV)/installed
	OMP_NUM_THREADS=1 $(BIN)/pytest -m cluster

lint: $(VENV)/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# loss_speed.py runs its sections, benchmarks/loss_sections. Not part of the tests: timings need an idle machine.
benchmark: $(VENV)/installed
	$(BIN)/python benchmarks/loss_speed.py
	for script in results_store results_surface report_site step_randomness trial_cost; do $(BIN)/python benchmarks/$$script.py; done

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache
