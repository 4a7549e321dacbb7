# `make` alone lists what there is. Every target works from a bare Python 3.11, without root.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
BIN := .venv/bin
TEST_WORKERS ?= 2
TESTS ?= tests
VIDEO ?=
RUNS ?= 20
SEED ?=
PORT ?=
ARGS ?=

export UV_PYTHON_DOWNLOADS := never
export PYTHONDONTWRITEBYTECODE := $(if $(CI),1,)

.PHONY: help setup lock lint format test test-fast demo up bench-runtime bench-depth bench-start bench-video bench-messaging bench-ai bench-graph chaos chaos-video chaos-messaging chaos-graph schemas clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv with everything pinned; does nothing while the locks are unchanged
	@.ci/setup

lint: setup ## style, types, import contracts, unused dependencies, requirement ids
	@.ci/lint

format: setup ## let ruff put imports and layout right
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

test: setup ## run every test, browser and servers included (TESTS=path for some, TEST_WORKERS=n)
	$(BIN)/pytest -n $(TEST_WORKERS) --dist loadgroup $(TESTS)

test-fast: setup ## the unit, contract and architecture tests that need no server and take seconds
	$(BIN)/pytest -n $(TEST_WORKERS) --dist loadgroup -m "not slow and not browser" tests/unit tests/architecture

demo: setup ## a lecture (upload, transcode, play) and text messages to parents, none really sent (VIDEO=path for a film of your own)
	$(BIN)/academy demo $(if $(VIDEO),"$(VIDEO)")

up: setup ## API, console and every worker in one process at http://127.0.0.1:8000 (PORT=8911 for another port)
	$(BIN)/academy up $(if $(PORT),--port $(PORT))

bench-runtime: setup ## the worker runtime beside its peers on SQS and PostgreSQL; ends with one JSON line (ARGS=… for options)
	$(BIN)/python bench/bench_runtime.py $(ARGS)

bench-depth: setup ## what a job costs with a thousand and with a million rows that wait; ends with one JSON line
	$(BIN)/python bench/bench_depth.py $(ARGS)

bench-video: setup ## the video worker beside its peers; ends with one JSON line
	$(BIN)/python bench/bench_video.py

chaos: setup ## hurt queues, databases, workers and clocks while thousands of jobs run, and judge the end (SEED=n replays a run)
	PYTHONPATH=src:. $(BIN)/python -m tests.chaos.runtime $(if $(SEED),--seed $(SEED))

bench-start: setup ## what the start of a worker costs, CPU seconds and MiB
	PYTHONPATH=src:. $(BIN)/python bench/bench_start.py $(ARGS)

chaos-video: setup ## kill the video worker at random moments of every step, RUNS times each (20), and judge the end
	PYTHONPATH=src:. $(BIN)/python -m tests.chaos.video_kills --runs $(RUNS)

chaos-messaging: setup ## hurt messaging workers and their provider while thousands of texts go out, and judge the end (SEED=n replays a run)
	PYTHONPATH=src:. $(BIN)/python -m tests.chaos.messaging $(if $(SEED),--seed $(SEED))

chaos-graph: setup ## hurt graph workers, their processes, database and broker while hundreds of requests come in, and judge the end (SEED=n replays a run)
	PYTHONPATH=src:. $(BIN)/python -m tests.chaos.graph $(if $(SEED),--seed $(SEED))

bench-ai: setup ## how well and how fast answer sheets are read and printed; ends with one JSON line (ARGS=… for options)
	PYTHONPATH=src:. $(BIN)/python bench/bench_ai.py $(ARGS)

bench-graph: setup ## how well and how fast texts are laid beside each other; ends with one JSON line (ARGS=… for options)
	PYTHONPATH=src:. $(BIN)/python bench/bench_graph.py $(ARGS)

bench-messaging: setup ## what a text message costs, whether the books hold and the rate is kept; ends with one JSON line (ARGS=…)
	$(BIN)/python bench/bench_messaging.py $(ARGS)

schemas: setup ## write docs/schemas from the message models and the API
	$(BIN)/python -m academy.interfaces.cli.schemas docs/schemas
	$(BIN)/python -m academy.interfaces.api.openapi docs/schemas/openapi.json

LOCK = uv pip compile --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --quiet pyproject.toml
lock: ## pin requirements/*.txt anew from pyproject.toml (LOCKFLAGS=--upgrade for newer versions)
	$(LOCK) --all-extras --group dev $(LOCKFLAGS) -o requirements/dev.txt
	$(LOCK) -c requirements/dev.txt $(LOCKFLAGS) -o requirements/common.txt
	$(LOCK) --extra api -c requirements/dev.txt $(LOCKFLAGS) -o requirements/api.txt
	$(LOCK) --extra cli -c requirements/dev.txt $(LOCKFLAGS) -o requirements/cli.txt
	$(LOCK) --extra otel -c requirements/dev.txt $(LOCKFLAGS) -o requirements/otel.txt
	$(LOCK) --extra worker-ai -c requirements/dev.txt $(LOCKFLAGS) -o requirements/worker-ai.txt
	$(LOCK) --extra worker-ai-gpu -c requirements/dev.txt $(LOCKFLAGS) -o requirements/worker-ai-gpu.txt
	$(LOCK) --extra worker-graph -c requirements/dev.txt $(LOCKFLAGS) -o requirements/worker-graph.txt
	$(LOCK) --extra worker-messaging -c requirements/dev.txt $(LOCKFLAGS) -o requirements/worker-messaging.txt
	$(LOCK) --extra worker-video -c requirements/dev.txt $(LOCKFLAGS) -o requirements/worker-video.txt

clean: ## remove what the tools wrote; .venv and var/ (your data) stay
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
