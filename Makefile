# 两个命令就够：make serve 启动，make test 测试。
.PHONY: serve test check bench setup lint types imports fast bot-tests full clean

setup:
	@python3 bootstrap.py

serve: setup
	@exec .venv/bin/fengqiao serve

check: setup lint types imports fast

test: setup lint types imports
	@.venv-bot/bin/python -m pytest -c tests/bot/pytest.ini tests/bot -q
	@.venv/bin/python -m pytest tests -q -n 2 -m "not rasa and not browser and not postgres"
	@.venv/bin/python -m pytest tests -q -m "postgres"
	@.venv/bin/python -m pytest tests -q -m "rasa or browser"

bench: setup
	@.venv/bin/python -m tests.load.bench
	@.venv/bin/python -m tests.load.channels_bench

lint:
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

types:
	@.venv/bin/mypy

imports:
	@.venv/bin/lint-imports

fast:
	@.venv/bin/python -m pytest tests -q -n 2 -m "not rasa and not browser and not postgres"
