"""From when on the bot's reading of danger counts, and how a doubt is put into one caring question."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.safety import FOLDER, KINDS, SafetyContentError, load_rules


@dataclass(frozen=True, slots=True)
class SecondOpinionContent:
    """Shares from 0 to 1; `quiet` names contexts of rules.yml in which the opinion is not heard; `unsafe` and `safe`
    are what people say to the question, the button's words first, `unasked` what counts without it.

    `always`: kinds that are acted on each time. `unlikely`: kind → contexts in which it is only a doubt.
    `worrying`: context → kind; such a text is worth the question by itself. `unknown_kind`: where no kind is known.
    """

    crisis_from: float
    ask_from: float
    quiet: tuple[str, ...]
    question: str
    unsafe: tuple[str, ...]
    safe: tuple[str, ...]
    reassurance: str
    always: frozenset[str]
    unlikely: Mapping[str, tuple[str, ...]]
    worrying: Mapping[str, str]
    unasked: frozenset[str]
    unknown_kind: str


@lru_cache(maxsize=1)
def load_second_opinion(path: Path = FOLDER / "second_opinion.yml") -> SecondOpinionContent:
    """Raises SafetyContentError when a threshold is out of order or one answer means both."""
    raw: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    unsafe, safe = (tuple(dict.fromkeys([raw[side]["button"], *raw[side]["also"]])) for side in ("unsafe", "safe"))
    if not 0 < raw["ask_from"] < raw["crisis_from"] <= 1:
        raise SafetyContentError(f"{path.name}：应当 0 < ask_from < crisis_from ≤ 1")
    unlikely = {kind: tuple(names) for kind, names in raw["unlikely"].items()}
    named = {*raw["quiet"], *raw["worrying"], *(name for names in unlikely.values() for name in names)}
    kinds = {*raw["always"], *unlikely, *raw["worrying"].values(), raw["unsafe"]["kind"]}
    if strange := kinds - set(KINDS):
        raise SafetyContentError(f"{path.name}：不认识的类型 {sorted(strange)}")
    if unknown := named - set(load_rules().contexts):
        raise SafetyContentError(f"{path.name}：不认识的语境 {sorted(unknown)}")
    if both := set(unsafe) & set(safe):
        raise SafetyContentError(f"{path.name}：{sorted(both)} 既算安全又算不安全")
    if "110" not in raw["question"]:
        raise SafetyContentError(f"{path.name}：问话里要有 110")
    return SecondOpinionContent(
        crisis_from=float(raw["crisis_from"]),
        ask_from=float(raw["ask_from"]),
        quiet=tuple(raw["quiet"]),
        question=str(raw["question"]),
        unsafe=unsafe,
        safe=safe,
        reassurance=str(raw["safe"]["reply"]),
        always=frozenset(raw["always"]),
        unlikely=unlikely,
        worrying=dict(raw["worrying"]),
        unasked=frozenset(raw["unsafe"]["unasked"]),
        unknown_kind=str(raw["unsafe"]["kind"]),
    )
