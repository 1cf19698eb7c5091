"""The measurements themselves; every loop is bounded by its arguments."""

import time
from collections.abc import Sequence
from statistics import median
from typing import Protocol

import yaml

from tests.load.drive import Line, Run, Send, crowd, long_talk
from tests.system import ROOT

BATCH = 256
WINDOW = 20
WARM_UP_MESSAGES = 30


class Side(Protocol):
    @property
    def base(self) -> str: ...
    @property
    def send(self) -> Send: ...
    @property
    def parse_base(self) -> str: ...


def training_texts(count: int) -> list[str]:
    """Evenly spread over our own training sentences; speed does not depend on having seen them."""
    blocks = [block for path in sorted((ROOT / "nlu_data" / "nlu").glob("*.yml")) for block in read(path.read_text())]
    texts = [line.removeprefix("- ") for block in blocks for line in block.splitlines()]
    return [texts[number * len(texts) // count] for number in range(count)]


def read(content: str) -> list[str]:
    return [block["examples"] for block in yaml.safe_load(content)["nlu"]]


def warm_up(sides: Sequence[Side]) -> None:
    for side in sides:
        crowd(side.base, side.send, clients=2, messages=WARM_UP_MESSAGES)


def parse_times(base: str, texts: Sequence[str]) -> list[float]:
    """Seconds of each text, one after the other. Raises RuntimeError when one is not understood at all."""
    line, times = Line(base), []
    for text in texts:
        began = time.perf_counter()
        status, answer = line.post("/model/parse", {"text": text})
        times.append(time.perf_counter() - began)
        if status != 200 or not answer["intent"]["name"]:
            raise RuntimeError(f"{base} did not parse {text!r}: {answer}")
    line.close()
    return times


def long_texts(characters: int) -> dict[str, str]:
    """The costliest kinds of long message we know: a long story, and heaps on which a careless pattern backtracks."""
    kinds = {
        "长篇叙述": "包工头欠我们十二个人三个月工资一共三万五千块,去年腊月的事,东沟村一组的三亩二分地也被占了。",
        "一串数字": "1",
        "汉字数字": "一二三四五六七八九十百千万",
        "断续数字": "12 34,5.6",
        "断续大数": "九千九百九十九万九千九百九十九点九九九九九 ",
        "半截时间": "去年的三月初",
    }
    return {kind: (piece * characters)[:characters] for kind, piece in kinds.items()}


def batch_rate(base: str, batches: int) -> tuple[float, int]:
    """Texts per second, and how many got no result."""
    line, texts = Line(base), training_texts(BATCH * batches)
    failed, began = 0, time.perf_counter()
    for start in range(0, len(texts), BATCH):
        part = texts[start : start + BATCH]
        status, answer = line.post("/api/v1/triage", {"texts": part})
        failed += len(part) - (len(answer["results"]) if status == 200 else 0)
    took = time.perf_counter() - began
    line.close()
    return len(texts) / took, failed


def message_runs(sides: Sequence[Side], *, clients: int, messages: int, rounds: int) -> list[Run]:
    """One run per side; the sides alternate round by round."""
    runs = [Run() for _ in sides]
    for _ in range(rounds):
        for number, side in enumerate(sides):
            runs[number] += crowd(side.base, side.send, clients=clients, messages=messages)
    return runs


def early_and_late(base: str, send: Send, *, length: int) -> tuple[float, float, list[str]]:
    """Median seconds of the first and of the last 20 turns of one conversation, and its failures."""
    answers = long_talk(base, send, length=length)
    seconds = [answer.seconds for answer in answers]
    failures = [answer.problem for answer in answers if answer.problem]
    return median(seconds[:WINDOW]), median(seconds[-WINDOW:]), failures
