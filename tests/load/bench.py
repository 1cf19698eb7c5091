"""`make bench`: what this machine takes to train, understand and answer, beside a stock Rasa bot in the same run.

usage: .venv/bin/python -m tests.load.bench [--quick] [--without-stock] [--messages N] [--laws PATH]
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from rich.console import Console

from tests.load import measure, stock
from tests.load.drive import Send, to_desk, to_rest_channel
from tests.load.ours import import_laws, train_ours
from tests.load.resources import Training, load_average, rss_mb, started_here
from tests.load.tables import mb, ms, p50_p95, ratio, show
from tests.system import free_port, running_system

CLIENTS = (1, 8)
LONG_TEXT = 10_000
OURS, STOCK = "枫桥助手", "对照组"


@dataclass(frozen=True)
class Side:
    """One of the two systems: where messages go, where texts are parsed, what its processes hold."""

    name: str
    base: str
    send: Send
    parse_base: str
    pids: dict[str, int]
    long_turns: int


@dataclass(frozen=True)
class Plan:
    messages: int
    rounds: int
    parses: int
    batches: int
    long_ours: int
    long_stock: int


FULL = Plan(messages=60, rounds=2, parses=200, batches=8, long_ours=1010, long_stock=210)
QUICK = Plan(messages=20, rounds=1, parses=60, batches=2, long_ours=210, long_stock=60)


@contextmanager
def our_side(home: Path, plan: Plan) -> Iterator[Side]:
    rasa = f"http://127.0.0.1:{free_port()}"
    with running_system(home, FENGQIAO_RASA_URL=rasa, FENGQIAO_LOG_LEVEL="WARNING") as system:
        pids = started_here(("bot", "app", "worker"))
        yield Side(OURS, system.base, to_desk, rasa, pids, plan.long_ours)


@contextmanager
def stock_side(trained: Path, home: Path, plan: Plan) -> Iterator[Side]:
    with stock.running_stock(trained, home) as running:
        yield Side(STOCK, running.base, to_rest_channel, running.base, running.pids, plan.long_stock)


def show_training(console: Console, trained: dict[str, Training]) -> None:
    rows = [
        [name, f"{took.seconds:.0f} s", f"{took.cpu_seconds:.0f} s", mb(took.peak_mb)] for name, took in trained.items()
    ]
    show(console, "训练", ["", "用时", "处理器时间", "内存峰值"], rows)
    if STOCK in trained:
        epochs = "、".join(f"{name} {count}" for name, count in stock.EPOCHS.items())
        console.print(f"  对照组训练轮数：{epochs}\n  轮数不影响应答速度；低优先级训练一次，以后用缓存\n")


def show_memory(console: Console, sides: list[Side]) -> None:
    rows = []
    for side in sides:
        held = {name: rss_mb(pid) for name, pid in side.pids.items()}
        rows += [[f"{side.name} {name}", mb(value)] for name, value in held.items()]
        rows.append([f"{side.name} 合计", mb(sum(value or 0.0 for value in held.values()))])
    show(console, "压测后常驻内存", ["进程", "RSS"], rows)


def show_long_texts(console: Console, side: Side, repeats: int) -> None:
    texts = measure.long_texts(LONG_TEXT)
    times = {kind: measure.parse_times(side.parse_base, [text] * repeats) for kind, text in texts.items()}
    rows = [[kind, *map(ms, p50_p95(taken))] for kind, taken in times.items()]
    show(console, f"理解一条 {LONG_TEXT} 字的消息（{side.name}）", ["", "p50", "p95"], rows)


def show_parse(console: Console, sides: list[Side], plan: Plan) -> None:
    texts = measure.training_texts(plan.parses)
    figures = [measure.parse_times(side.parse_base, texts) for side in sides]
    rows = [[side.name, str(len(times)), *map(ms, p50_p95(times))] for side, times in zip(sides, figures, strict=True)]
    for ours, theirs in pairwise(figures):
        rows.append(["比值", "", *(ratio(a, b) for a, b in zip(p50_p95(ours), p50_p95(theirs), strict=True))])
    show(console, "理解一句话（POST /model/parse）", ["", "次数", "p50", "p95"], rows)
    show_long_texts(console, sides[0], plan.batches)
    rate, failed = measure.batch_rate(sides[0].base, plan.batches)
    show(
        console,
        "成批分流（POST /api/v1/triage，每批 256 句）",
        ["", "批数", "句/秒", "失败"],
        [[OURS, str(plan.batches), f"{rate:.0f}", str(failed)]],
    )


def show_messages(console: Console, sides: list[Side], plan: Plan) -> None:
    """Both sides take turns within a round, so that a slow spell of the machine hits both."""
    rows: list[list[str]] = []
    problems: list[str] = []
    for clients in CLIENTS:
        runs = measure.message_runs(sides, clients=clients, messages=plan.messages, rounds=plan.rounds)
        for side, run in zip(sides, runs, strict=True):
            middle, high = p50_p95(run.seconds)
            counts = [str(len(run.answers)), str(run.tickets), str(len(run.failures))]
            rows.append([f"{side.name} {clients} 人", *counts, f"{run.rate:.1f}", ms(middle), ms(high)])
            problems += [f"{side.name} {clients} 人：{failure}" for failure in run.failures]
        for ours, theirs in pairwise(runs):
            spread = [ratio(a, b) for a, b in zip(p50_p95(ours.seconds), p50_p95(theirs.seconds), strict=True)]
            rows.append([f"比值 {clients} 人", "", "", "", ratio(ours.rate, theirs.rate), *spread])
    show(console, "一来一回（整条消息通路）", ["", "消息", "工单", "失败", "条/秒", "p50", "p95"], rows)
    show_problems(console, problems)


def show_long(console: Console, sides: list[Side]) -> None:
    rows, problems = [], []
    for side in sides:
        early, late, failures = measure.early_and_late(side.base, side.send, length=side.long_turns)
        turn = f"第 {side.long_turns - measure.WINDOW // 2} 轮"
        rows.append([side.name, ms(early), turn, ms(late), ratio(late, early), str(len(failures))])
        problems += [f"{side.name} 长对话：{failure}" for failure in failures]
    show(console, "一个人说很久（前后各 20 轮的中位数）", ["", "第 10 轮", "后来", "中位数", "后/前", "失败"], rows)
    show_problems(console, problems)


def show_problems(console: Console, problems: list[str], most: int = 20) -> None:
    for problem in problems[:most]:
        console.print(f"  [red]失败[/red] {problem}", highlight=False)
    if len(problems) > most:
        console.print(f"  … 还有 {len(problems) - most} 条")


def bench(console: Console, plan: Plan, *, with_stock: bool, laws: Path | None, folder: Path) -> None:
    console.print("训练枫桥助手…")
    trained = {OURS: train_ours(folder)}
    if with_stock:
        console.print("准备对照组（第一次要训练约十分钟，以后用缓存）…")
        target, trained[STOCK] = stock.ensure_trained()
    show_training(console, trained)
    if laws:
        import_laws(folder / "ours", laws)
    with ExitStack() as running:
        sides = [running.enter_context(our_side(folder / "ours", plan))]
        if with_stock:
            sides.append(running.enter_context(stock_side(target, folder / "stock", plan)))
        measure.warm_up(sides)
        console.print(f"开始测量；机器负载 {load_average()}\n")
        show_parse(console, sides, plan)
        show_messages(console, sides, plan)
        show_memory(console, sides)
        show_long(console, sides)
    console.print(f"测完；机器负载 {load_average()}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer messages, a rougher picture in a few minutes")
    parser.add_argument("--without-stock", action="store_true", help="our own figures only")
    parser.add_argument("--messages", type=int, help="messages of each client and round")
    parser.add_argument("--laws", type=Path, help="import these statutes first, so that answers search them too")
    args = parser.parse_args()
    plan = QUICK if args.quick else FULL
    if args.messages:
        plan = Plan(**{**vars(plan), "messages": args.messages})
    folder = Path(tempfile.mkdtemp(prefix="fengqiao-bench-"))
    try:
        bench(Console(width=110), plan, with_stock=not args.without_stock, laws=args.laws, folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
