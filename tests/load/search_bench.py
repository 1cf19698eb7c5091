"""How fast statutes are found, beside rank_bm25 and bm25s in the same run, and how that grows with their number.

usage: .venv/bin/python -m tests.load.search_bench --laws PATH [--sizes 5000 57000] [--samples N]

The questions are our own golden ones. The peers get the same articles and queries cut into words by the same cutter;
cutting is timed for all three. Nothing here is part of the tests.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import bm25s
import numpy as np
import yaml
from rank_bm25 import BM25Okapi
from rich.console import Console

from api.services.knowledge import Library, open_library
from knowledge_base.retrieval.tokenise import warm_up, words
from knowledge_base.statutes import store
from tests.load.resources import load_average
from tests.load.tables import mb, ms, p50_p95, ratio, show
from tests.system import ROOT

GOLDEN = ROOT / "tests" / "knowledge_base" / "golden"
FOUND = 10
ON = date(2026, 11, 29)
Finder = Callable[[str], object]


def questions(most: int) -> list[str]:
    rows = (row["q"] for path in sorted(GOLDEN.glob("*.yml")) for row in yaml.safe_load(path.read_text("utf8")))
    return list(islice(rows, most))


def first_lines(laws: Path, count: int, out: Path) -> Path:
    with laws.open(encoding="utf8") as lines:
        out.write_text("".join(islice(lines, count)), encoding="utf8")
    return out


def taken(find: Finder, asked: Sequence[str]) -> tuple[float, float]:
    """p50 and p95 in seconds, each question once, after ten to warm up."""
    for question in asked[:10]:
        find(question)
    seconds = []
    for question in asked:
        began = time.perf_counter()
        find(question)
        seconds.append(time.perf_counter() - began)
    return p50_p95(seconds)


def ours(library: Library) -> Finder:
    return lambda question: library.search(question, FOUND, on=ON)


def with_rank_bm25(articles: list[list[str]]) -> Finder:
    index = BM25Okapi(articles)
    return lambda question: np.argsort(-index.get_scores(list(words(question).elements())))[:FOUND]


def with_bm25s(articles: list[list[str]]) -> Finder:
    index = bm25s.BM25()
    index.index(articles, show_progress=False)

    def find(question: str) -> object:
        return index.retrieve([list(words(question).elements()) or [""]], k=FOUND, show_progress=False)

    return find


def opened_in_a_process_of_its_own(statutes: Path) -> tuple[float, float | None]:
    """Seconds to open the library and answer once, and the memory held then; both beside an empty Python."""
    code = (
        "import sys,time,json,os;from pathlib import Path;from datetime import date\n"
        "from api.services.knowledge import open_library\n"
        "from tests.load.resources import rss_mb\n"
        "began=time.perf_counter();library=open_library(Path(sys.argv[1]))\n"
        "library.search('欠工钱',10,on=date(2026,11,29))\n"
        "print(json.dumps([time.perf_counter()-began,rss_mb(os.getpid())]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(statutes)], cwd=ROOT, check=True, capture_output=True)
    seconds, held = json.loads(done.stdout)
    return seconds, held


def measured(console: Console, laws: Path, size: int, asked: list[str], folder: Path) -> list[list[str]]:
    statutes = folder / str(size) / "statutes.db"
    source = first_lines(laws, size, folder / f"{size}.jsonl")
    began = time.perf_counter()
    command = [sys.executable, "-m", "api.cli", "laws", "import", str(source)]
    subprocess.run(
        command, cwd=ROOT, env={**_env(), "FENGQIAO_HOME": str(statutes.parent)}, check=True, capture_output=True
    )
    imported = time.perf_counter() - began
    library = open_library(statutes)
    seconds, held = opened_in_a_process_of_its_own(statutes)
    with store.opened(statutes) as db:
        articles = [list(words(f"{one.law}。{one.text}").elements()) for one in store.current_articles(db)]
    console.print(f"{len(articles)} 条：导入 {imported:.0f} s，打开 {seconds:.2f} s，常驻 {mb(held)}", highlight=False)
    figures = {
        "枫桥助手": taken(ours(library), asked),
        "bm25s": taken(with_bm25s(articles), asked),
        "rank_bm25": taken(with_rank_bm25(articles), asked[:60]),
    }
    mine = figures["枫桥助手"]
    return [
        [f"{name} {len(articles)} 条", ms(middle), ms(high), ratio(mine[0], middle), ratio(mine[1], high)]
        for name, (middle, high) in figures.items()
    ]


def _env() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("FENGQIAO_")}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.search_bench", description=__doc__)
    parser.add_argument("--laws", type=Path, required=True, help="JSONL of articles")
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 1_000_000], help="how many of its lines")
    parser.add_argument("--samples", type=int, default=300)
    args = parser.parse_args()
    console, asked = Console(width=110), questions(args.samples)
    warm_up()
    rows = []
    with tempfile.TemporaryDirectory(prefix="fengqiao-search-") as folder:
        for size in args.sizes:
            rows += measured(console, args.laws, size, asked, Path(folder))
    show(console, "查一句话的法条", ["", "p50", "p95", "我方/它 p50", "我方/它 p95"], rows)
    console.print(f"机器负载 {load_average()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
