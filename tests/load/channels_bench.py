"""WeChat under load: many at once through signatures and encryption, and deliveries that come again and again.

usage: .venv/bin/python -m tests.load.channels_bench [--people N] [--talks N] [--deliveries N]
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from api.channels.wechat.texts import load_texts
from tests.fakes.account import ACCOUNT, CONFIG, account_at
from tests.fakes.wechat import OUT_OF_SERVICE
from tests.load.drive import load, problem_of
from tests.load.resources import load_average
from tests.load.tables import ms, percentile, show
from tests.system import System, running_system

HARD_LIMIT = 4.6
DELIVERIES_OF_ONE = 3
MOST_SHOWN = 20
TEXTS = load_texts()


@dataclass
class Outcome:
    """`seconds` of every request; `late` got the placeholder; `lost` nothing at all; `problems` are no answers."""

    seconds: list[float] = field(default_factory=list)
    late: int = 0
    lost: int = 0
    problems: list[str] = field(default_factory=list)
    wall: float = 0.0


@dataclass
class Repeats:
    deliveries: int = 0
    messages: int = 0
    different: int = 0
    doubled_lines: int = 0
    doubled_replies: int = 0
    doubled_tickets: int = 0
    problems: list[str] = field(default_factory=list)


def wrong_with(shown: str | None, said: str) -> str | None:
    """Silence and every honest excuse are failures, the placeholder is none: its answer can be fetched."""
    if TEXTS.failed in (shown or ""):
        return f"failed on {said!r}"
    return problem_of(shown or "", said)


async def talk(dialogue: dict[str, Any], say: Callable[[str], Any]) -> None:
    """One dialogue from its beginning to its end."""
    for step in dialogue["steps"]:
        if isinstance(step, str):
            await say(step)
            continue
        for _ in range(step["at_most"]):
            if step["until"] in (await say(step["say"]) or ""):
                break


async def crowd(system: System, *, people: int, talks: int) -> Outcome:
    """`people` at once, each holding `talks` dialogues one after the other as different followers."""
    outcome, dialogues = Outcome(), load()["dialogues"]
    limits = httpx.Limits(max_connections=people, max_keepalive_connections=people)
    async with httpx.AsyncClient(timeout=30, limits=limits) as http:
        wechat = account_at(system.base, http)

        async def person(number: int) -> None:
            for turn in range(talks):
                openid = f"o{uuid.uuid4().hex}"

                async def say(text: str, openid: str = openid) -> str | None:
                    said = await wechat.say(openid, text)
                    outcome.late += said == TEXTS.waiting
                    outcome.lost += said == OUT_OF_SERVICE
                    outcome.problems += filter(None, [wrong_with(said, text)])
                    return said

                await talk(dialogues[(number + turn) % len(dialogues)], say)

        began = time.perf_counter()
        await asyncio.gather(*(person(number) for number in range(people)))
        outcome.wall = time.perf_counter() - began
        outcome.seconds = [attempt.seconds for attempt in wechat.attempts]
    return outcome


async def repeated(system: System, *, deliveries: int, people: int) -> Repeats:
    """Every message comes three times: one after the other, or all at once; then the books are looked at."""
    found, dialogues, chance = Repeats(), load()["dialogues"], random.Random(7)
    said_by: dict[str, list[str]] = {}
    limits = httpx.Limits(max_connections=4 * people, max_keepalive_connections=people)
    async with httpx.AsyncClient(timeout=30, limits=limits) as http:
        wechat = account_at(system.base, http)

        async def say(openid: str, text: str) -> str | None:
            number = str(chance.getrandbits(60))
            said_by[openid].append(text)
            tries = [lambda: wechat.say(openid, text, message_id=number)] * DELIVERIES_OF_ONE
            at_once = chance.random() < 0.5
            answers = await asyncio.gather(*(one() for one in tries)) if at_once else [await one() for one in tries]
            found.deliveries += len(tries)
            found.messages += 1
            kept = {answer for answer in answers if answer not in (TEXTS.waiting, TEXTS.still_waiting)}
            found.different += len(kept) > 1
            found.problems += filter(None, (wrong_with(answer, text) for answer in answers))
            return next(iter(kept), None)

        async def person(first: int) -> None:
            number = first
            while found.deliveries < deliveries:
                openid = f"o{uuid.uuid4().hex}"
                said_by[openid] = []
                await talk(dialogues[number % len(dialogues)], lambda text, who=openid: say(who, text))
                number += 1

        await asyncio.gather(*(person(number) for number in range(people)))
        await look_at_the_books(system, said_by, found)
    return found


async def look_at_the_books(system: System, said_by: dict[str, list[str]], found: Repeats) -> None:
    """Every line once, no answer twice, at most one ticket per application."""
    headers = {"Authorization": f"Bearer {system.token}"}
    async with httpx.AsyncClient(base_url=system.base, headers=headers, timeout=30) as http:
        for openid, said in said_by.items():
            url = f"/api/v1/conversations/wechat/{CONFIG.sender_of(openid)}"
            kept = (await http.get(url)).json()
            lines = [message["text"] for message in kept["messages"] if message["role"] == "user"]
            found.doubled_lines += abs(len(lines) - len(said))
            # A danger told of opens its protective ticket by itself, one for each kind.
            wanted = said.count("确认提交") + len(kept["crisis"])
            if len(kept["tickets"]) > wanted:
                found.doubled_tickets += len(kept["tickets"]) - wanted
                found.problems += [await ticket_line(http, number, said) for number in kept["tickets"]]
            runs = answers_between(kept["messages"])
            found.doubled_replies += sum(count - 1 for run in runs for count in Counter(run).values())


async def ticket_line(http: httpx.AsyncClient, number: str, said: list[str]) -> str:
    """What a ticket is that nobody asked for."""
    ticket = (await http.get(f"/api/v1/tickets/{number}")).json()
    about = "、".join(f"{key} {ticket[key]}" for key in ("subcategory", "status", "flags", "text"))
    return f"{number}：{about}；说过 {' / '.join(said)}"


def answers_between(messages: list[dict[str, Any]]) -> list[list[str]]:
    """The bot's bubbles after each line of the villager."""
    runs: list[list[str]] = []
    for message in messages:
        if message["role"] == "user":
            runs.append([])
        elif runs:
            runs[-1].append(message["text"])
    return runs


def show_crowd(console: Console, outcome: Outcome, people: int) -> None:
    taken = outcome.seconds
    over = sum(seconds > HARD_LIMIT for seconds in taken)
    figures = [percentile(taken, share) for share in (0.5, 0.95, 0.99)]
    counts = [str(outcome.late), str(outcome.lost), str(len(outcome.problems))]
    row = [f"{people} 人", str(len(taken)), f"{len(taken) / outcome.wall:.1f}", *map(ms, figures), ms(max(taken))]
    heads = ["", "请求", "条/秒", "p50", "p95", "p99", "最慢", f">{HARD_LIMIT} 秒", "占", "先占位", "没回", "没答好"]
    show(console, "微信（签名、加密，真机器人）", heads, [[*row, str(over), f"{over / len(taken):.1%}", *counts]])


def show_repeats(console: Console, found: Repeats) -> None:
    row = [str(found.deliveries), str(found.messages), str(found.different)]
    doubled = [str(found.doubled_lines), str(found.doubled_replies), str(found.doubled_tickets)]
    heads = ["", "送达", "消息", "回答不一", "重复的话", "重复的回答", "重复的工单"]
    show(console, "每条消息送三遍（半数同时）", heads, [["", *row, *doubled]])


def show_problems(console: Console, problems: list[str]) -> None:
    for problem, times in Counter(problems).most_common(MOST_SHOWN):
        console.print(f"  没答好 {times} 次：{problem}", soft_wrap=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.channels_bench", description=__doc__)
    parser.add_argument("--people", type=int, default=32)
    parser.add_argument("--talks", type=int, default=3, help="dialogues of each person")
    parser.add_argument("--deliveries", type=int, default=10_000)
    args = parser.parse_args()
    console, folder = Console(width=120), Path(tempfile.mkdtemp(prefix="fengqiao-wechat-"))
    try:
        with running_system(folder, **ACCOUNT, FENGQIAO_LOG_LEVEL="WARNING") as system:
            console.print(f"开始测量；机器负载 {load_average()}\n")
            asyncio.run(crowd(system, people=8, talks=1))
            outcome = asyncio.run(crowd(system, people=args.people, talks=args.talks))
            show_crowd(console, outcome, args.people)
            found = asyncio.run(repeated(system, deliveries=args.deliveries, people=16))
            show_repeats(console, found)
            show_problems(console, outcome.problems + found.problems)
            console.print(f"测完；机器负载 {load_average()}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if outcome.problems or found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
