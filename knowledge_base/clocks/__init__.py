"""Time limits as data: clocks.yml (what starts and meets them, what happens when they run out), calendar.yml."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
LISTS = ("starts_on", "met_by", "stopped_by", "tightened_on", "extended_by", "paused_by", "resumed_by")
NEEDED = ("key", "zh", "starts_on", "met_by", "due", "ladder")
UNITS = ("minutes", "hours", "days", "months", "working_days")
BACKWARDS = ("hours", "days")
ACTIONS = ("tell", "supervise", "escalate", "lapse")


class ClocksError(Exception):
    """All problems at once."""


@dataclass(frozen=True)
class OfficeDays:
    """Times as HH:MM; `years`: those for which days_off and make_up_days are complete."""

    office_hours: tuple[tuple[str, str], ...]
    days_off: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()


def load_calendar(county: Path | None = None) -> OfficeDays:
    """Ours, with what the county's own file says instead. Raises ClocksError for dates or times that are none."""
    raw: dict[str, Any] = yaml.safe_load((HERE / "calendar.yml").read_text("utf-8"))
    where = "calendar.yml"
    if county and county.exists():
        raw |= yaml.safe_load(county.read_text("utf-8")) or {}
        where = str(county)
    if problems := list(_calendar_problems(raw)):
        raise ClocksError("\n".join(f"{where}: {problem}" for problem in problems))
    return OfficeDays(
        tuple((opens, closes) for opens, closes in raw["office_hours"]),
        frozenset(raw["days_off"]),
        frozenset(raw["make_up_days"]),
        frozenset(raw["years"]),
    )


def _calendar_problems(raw: Mapping[str, Any]) -> Iterator[str]:
    try:
        hours = [time.fromisoformat(one) for pair in raw["office_hours"] for one in pair]
    except (TypeError, ValueError):
        hours = []
    if not hours or len(hours) % 2 or hours != sorted(set(hours)):
        yield 'office_hours 要写成从早到晚的几段，如 [["08:30", "12:00"]]'
    for key in ("days_off", "make_up_days"):
        if not all(type(one) is date for one in raw[key]):
            yield f"{key} 里要写日期，如 2027-02-05"
    if not all(isinstance(one, int) for one in raw["years"]):
        yield "years 里要写年份"


def load_clocks(path: Path = HERE / "clocks.yml") -> Mapping[str, Any]:
    """Raises ClocksError with every problem found."""
    content: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    try:
        problems = list(_problems(content))
    except (KeyError, TypeError, AttributeError) as error:
        problems = [f"缺少必要的内容或结构不对：{error}"]
    if problems:
        raise ClocksError("\n".join(f"{path.name}: {problem}" for problem in problems))
    return content


def _problems(content: Mapping[str, Any]) -> Iterator[str]:
    if not all(type(days) is int and days > 0 for days in content["pause_days"].values()):
        yield "pause_days 要写正整数的天数"
    for clock in content["clocks"]:
        yield from _clock_problems(f"clocks {clock.get('key')}", clock, content["ladders"])
    for name, rungs in content["ladders"].items():
        for number, rung in enumerate(rungs, 1):
            yield from _rung_problems(f"ladders {name}[{number}]", rung)


def _clock_problems(where: str, clock: Mapping[str, Any], ladders: Mapping[str, Any]) -> Iterator[str]:
    if lacking := [key for key in NEEDED if key not in clock]:
        yield f"{where}: 缺少 {'、'.join(lacking)}"
        return
    if unknown := set(clock) - {*NEEDED, *LISTS, "outlives", "any_record", "of_parties", "because", "basis"}:
        yield f"{where}: 不认识 {'、'.join(sorted(unknown))}"
    if "record" in clock["due"] and not (clock.get("because") and clock.get("basis")):
        yield f"{where}: 缺少理由 because 或依据 basis"
    if clock["ladder"][-1]["when"]:
        yield f"{where}: ladder 最后一条要没有条件"
    if missing := [use["use"] for use in clock["ladder"] if use["use"] not in ladders]:
        yield f"{where}: 没有这一种办法：{'、'.join(missing)}"


def _rung_problems(where: str, rung: Mapping[str, Any]) -> Iterator[str]:
    if rung["do"] not in ACTIONS or rung["of"] not in ("start", "due") or rung["unit"] not in UNITS:
        yield f"{where}: do、of 或 unit 不认识"
    if rung["amount"] < 0 and rung["unit"] not in BACKWARDS:
        yield f"{where}: 提前只能用 {'、'.join(BACKWARDS)}"
