"""Ten thousand turns at random against the running product: `python -m tests.load.monkey [--turns N] [--base URL]`.

Without --base it starts the product itself over a fresh data folder. Ends with 1 when something went wrong.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.progress import Progress

from tests.conversations.monkey import Monkey
from tests.system import TOKEN, System, running_system

TURNS, SEEDS = 10_000, 10


@contextmanager
def system_at(base: str) -> Iterator[System]:
    if base:
        yield System(base, Path())
        return
    with tempfile.TemporaryDirectory() as home, running_system(Path(home)) as started:
        yield started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--base", default="")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    problems: list[str] = []
    with system_at(given.base) as system, Progress() as bars:
        bar = bars.add_task("乱说一通", total=given.turns)
        for seed in range(given.seed, given.seed + SEEDS):
            headers = {"Authorization": f"Bearer {TOKEN}"}
            with httpx.Client(base_url=system.base, headers=headers, timeout=60) as client:
                monkey = Monkey(client, seed)
                for _ in monkey.talk(given.turns // SEEDS):
                    bars.advance(bar)
            problems += monkey.problems
    sys.stdout.write("\n\n".join([*problems[:20], f"{given.turns} turns, {len(problems)} problems\n"]))
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
