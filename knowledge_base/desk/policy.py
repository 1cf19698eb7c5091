"""Reads the desk's policy beside routing: agreements, case files, rights notices, what a move needs first.

Refuses what is unexplained.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.schema import KnowledgeError, Problem
from knowledge_base.statutes.catalogue import Catalogue

HERE = Path(__file__).parent
RECORDS = HERE / "records.yml"
ACTIONS = ("refuse", "warn")
SOURCES = ("generated", "opening", "move", "record", "evidence")
# <name> in a pattern; a named group or a look-behind is written with "?" before it.
PART = re.compile(r"(?<!\?)(?<!\?P)<([a-z_]+)>")
INCOMPLETE = ("with_reason", "never")


@dataclass(frozen=True)
class DeskContent:
    """The files as plain data, by their names."""

    agreement: Mapping[str, Any]
    casefile: Mapping[str, Any]
    rights: Mapping[str, Any]
    words: Mapping[str, Any]
    moves: Mapping[str, Any]


def load_desk(catalogue: Catalogue, *, today: date, folder: Path = HERE) -> DeskContent:
    """Raises KnowledgeError with every problem found."""
    names = ("agreement", "casefile", "rights", "words", "moves")
    read = {name: yaml.safe_load((folder / f"{name}.yml").read_text("utf-8")) for name in names}
    content = DeskContent(**read)
    problems = [Problem(f"{name}.yml", "", where, why) for name, where, why in _wrong(content)]
    problems += [
        Problem(f"{name}.yml", "", "basis", why)
        for name, raw in read.items()
        for cited in _cited(raw)
        if "#" in cited and (why := catalogue.refusal(cited, on=today))
    ]
    if problems:
        raise KnowledgeError(problems)
    return content


def _cited(value: Any) -> Iterator[str]:
    """Everything under a key `basis`, however deep."""
    if isinstance(value, Mapping):
        yield from value.get("basis", ())
        for one in value.values():
            yield from _cited(one)
    elif isinstance(value, list):
        for one in value:
            yield from _cited(one)


def _wrong(content: DeskContent) -> Iterator[tuple[str, str, str]]:
    yield from (("agreement", where, why) for where, why in _wrong_agreement(content.agreement))
    yield from (("casefile", where, why) for where, why in _wrong_casefile(content.casefile))
    kinds = yaml.safe_load(RECORDS.read_text("utf-8"))["kinds"]
    yield from (("moves", where, why) for where, why in _wrong_moves(content.moves, kinds))
    if not content.rights["routes"] or content.rights["routes"][-1]["categories"]:
        yield "rights", "routes", "最后一条要人人都有（categories 为空）"


def term_pattern(raw: Mapping[str, Any], rule: Mapping[str, Any]) -> re.Pattern[str]:
    """A rule's pattern with every <name> replaced by that part. Raises KeyError (no such part) and re.error."""
    return re.compile(PART.sub(lambda found: str(raw["parts"][found[1]]), rule["pattern"]))


def _wrong_agreement(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for rule in raw["forbidden"]:
        try:
            term_pattern(raw, rule)
        except (re.error, KeyError) as error:
            yield rule["key"], f"正则读不懂（{error}）"
        if rule["action"] not in ACTIONS or not rule["because"] or not rule["basis"]:
            yield rule["key"], "要写 action（refuse 或 warn）、because、basis"
    days = raw["confirmation"]
    if not all(0 < day <= days["days"] for day in days["remind_on"]):
        yield "confirmation", "提醒的日子要在期限之内"


def _wrong_moves(raw: Mapping[str, Any], kinds: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for move, needs in raw["needs"].items():
        for one in needs:
            if one["kind"] not in kinds:
                yield move, f"没有“{one['kind']}”这种记录"
                continue
            unknown = [state for state in one["states"] if state not in kinds[one["kind"]]["states"]]
            yield from ((move, f"没有“{state}”这个状态") for state in unknown)
            if not (one["states"] and one["says"] and one["because"] and one["basis"]):
                yield move, "要写 states、says、because、basis"


def _wrong_casefile(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if raw["close_incomplete"] not in INCOMPLETE:
        yield "close_incomplete", f"只能是 {'、'.join(INCOMPLETE)}"
    if [one["number"] for one in raw["items"]] != list(range(1, len(raw["items"]) + 1)):
        yield "items", "序号要从 1 连着写"
    for one in raw["items"]:
        if one["source"] not in SOURCES or (one["source"] in ("move", "record") and not one.get("of")):
            yield one["key"], f"source 只能是 {'、'.join(SOURCES)}，move 和 record 要写 of"
