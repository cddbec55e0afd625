# make app        start the program at http://127.0.0.1:7860
# make test       all tests but the slow ones
# make test-slow  the slow ones: minutes, the real ResNet50 many times
# make check      format, lint, types, floors of the house, data dictionary, JavaScript
# make screenshots  the pictures of docs/screenshots anew
# make clean      remove what the tools left behind; data, weights and environment stay
#
# Each command installs what it needs first, once: see scripts/environment.sh. VFRAC_VENV names another folder than .venv.

VENV := $(or $(VFRAC_VENV),.venv)
PYTHON := $(VENV)/bin/python

.PHONY: app test test-slow check clean screenshots environment environment-dev

app: environment
	$(PYTHON) app.py

# As many files at a time as there are cores, in the order of their names: so the browser's, which take longest, come first.
test: environment-dev
	$(PYTHON) -m pytest -m "not slow" -n auto --dist loadfile --no-loadscope-reorder

test-slow: environment-dev
	$(PYTHON) -m pytest -m slow

check: environment-dev
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	find vfrac_core -name "*.pyi" -delete  # Gradio writes them beside its components, and mypy would believe them
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports
	$(PYTHON) -m vfrac_core.store.dictionary --check
	node --import ./tests/js/browser_globals.js --test tests/js/*.test.js

clean:
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build test-results *.egg-info
	find vfrac_core -name "*.pyi" -delete
	find . -name __pycache__ -not -path "./$(VENV)/*" -prune -exec rm -rf {} +

environment:
	scripts/environment.sh app

environment-dev:
	scripts/environment.sh dev

screenshots: environment-dev
	$(PYTHON) scripts/screenshots.py
