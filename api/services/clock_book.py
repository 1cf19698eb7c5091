"""Turns knowledge_base/clocks into the domain's values, once when a process starts."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from api.domain.clock import Action, ClockBook, ClockKind, DueSource, Rung
from api.services.policy import condition
from knowledge_base.clocks import LISTS, load_clocks


@cache
def clock_book() -> ClockBook:
    return build_clock_book(load_clocks())


def build_clock_book(raw: Mapping[str, Any]) -> ClockBook:
    """Raises ValueError or KeyError for content that the loader should have refused."""
    ladders = {name: tuple(map(_rung, rungs)) for name, rungs in raw["ladders"].items()}
    kinds = (_kind(one, ladders) for one in raw["clocks"])
    return ClockBook(
        kinds={kind.key: kind for kind in kinds},
        yellow_share=float(raw["yellow_share"]),
        supervision_reason=raw["supervision"]["reason"],
        answer_working_days=int(raw["supervision"]["answer_working_days"]),
        escalation_note=raw["escalation"]["note"],
        pause_days=raw["pause_days"],
    )


def _kind(raw: Mapping[str, Any], ladders: Mapping[str, tuple[Rung, ...]]) -> ClockKind:
    return ClockKind(
        key=raw["key"],
        zh=raw["zh"],
        due=DueSource(**raw["due"]),
        **{name: frozenset(raw.get(name, ())) for name in LISTS},
        outlives=bool(raw.get("outlives")),
        any_record=bool(raw.get("any_record")),
        of_parties=bool(raw.get("of_parties")),
        because=raw.get("because", ""),
        basis=tuple(raw.get("basis", ())),
        ladders=tuple((condition(use["when"]), ladders[use["use"]]) for use in raw["ladder"]),
    )


def _rung(raw: Mapping[str, Any]) -> Rung:
    return Rung(
        do=Action(raw["do"]),
        event=raw.get("event", ""),
        from_start=raw["of"] == "start",
        amount=int(raw["amount"]),
        unit=raw["unit"],
        any_time=bool(raw.get("any_time")),
    )
