"""Crisis rules and the fixed, reviewed help texts; loading fails when a rule or a text is not fit for use."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
KINDS = (
    "self_harm",
    "domestic_violence",
    "child_harm",
    "sexual_assault",
    "weapon_threat",
    "unlawful_detention",
    "elder_abuse",
    "mass_incident",
)
HOTLINES = frozenset({"110", "120", "12338", "12348", "12356"})
TEXT_LIMIT = 300
_SLOT = re.compile(r"<(\w+)>")


class SafetyContentError(ValueError):
    """The crisis rules or texts are not fit for use; the message names the place."""


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    kind: str
    why: str
    patterns: tuple[str, ...]
    needs: tuple[str, ...]
    unless: tuple[str, ...]
    near: tuple[str, ...]
    apart: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    patterns: tuple[str, ...]
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SafetyRules:
    """Content of rules.yml; satisfies `api.domain.safety.SafetyContent`."""

    urgency: tuple[str, ...]
    traditional: Mapping[str, str]
    aliases: Mapping[str, str]
    slots: Mapping[str, str]
    masks: tuple[str, ...]
    contexts: Mapping[str, Context]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class OffenderText:
    """For somebody who is about to do such a thing, or did it; `when` names contexts of rules.yml."""

    when: tuple[str, ...]
    text: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HelpText:
    """What the citizen reads, and what the desk must do at once (facts.md 7.2).

    `again`: the short text of a second alarm of this kind soon after the first; "" where the first is said again.
    """

    kind: str
    title: str
    text: str
    cites: tuple[str, ...]
    alarm: tuple[str, ...]
    never: tuple[str, ...]
    ask: str
    again: str = ""
    offender: OffenderText | None = None


@dataclass(frozen=True, slots=True)
class SafetyTexts:
    by_kind: Mapping[str, HelpText]

    def reply(self, kinds: Iterable[str]) -> str:
        """The texts of the two most urgent kinds, in the order given; never longer than one WeChat message."""
        return "\n\n".join(self.by_kind[kind].text for kind in tuple(kinds)[:2])


@lru_cache(maxsize=1)
def load_rules(path: Path = FOLDER / "rules.yml") -> SafetyRules:
    """Read and check the crisis rules."""
    raw = _read(path)
    pairs = "".join(str(raw["traditional"]).split())
    contexts = {
        name: Context(_names(body["any"]), _names(body.get("unless"))) for name, body in raw["contexts"].items()
    }
    rules = SafetyRules(
        urgency=_names(raw["urgency"]),
        traditional=dict(zip(pairs[::2], pairs[1::2], strict=True)),
        aliases={wrong: right for right, forms in raw["aliases"].items() for wrong in forms},
        slots={name: _unfolded(body) for name, body in raw["slots"].items()},
        masks=_names(raw["masks"]),
        contexts=contexts,
        rules=tuple(_rule(kind, body) for kind, bodies in raw["rules"].items() for body in bodies),
    )
    _check_rules(rules)
    return rules


@lru_cache(maxsize=1)
def load_texts(path: Path = FOLDER / "texts.yml") -> SafetyTexts:
    """Read and check the fixed help texts, one for every kind."""
    texts = {kind: _text(kind, body) for kind, body in _read(path)["texts"].items()}
    if set(texts) != set(KINDS):
        raise SafetyContentError(f"{path.name}：缺少或多出的类型 {sorted(set(texts) ^ set(KINDS))}")
    return SafetyTexts(by_kind=texts)


def _read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def _names(value: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(_unfolded(item) for item in value or ())


def _unfolded(value: str) -> str:
    """Long patterns are written over several lines; blanks and line ends in them are only layout."""
    return "".join(str(value).split())


def _rule(kind: str, body: Mapping[str, Any]) -> Rule:
    return Rule(
        id=str(body["id"]),
        kind=kind,
        why=str(body["why"]),
        patterns=_names(body["any"]),
        needs=_names(body.get("needs")),
        unless=_names(body.get("unless")),
        near=_names(body.get("near")),
        apart=_names(body.get("apart")),
    )


def _checked(kind: str, written: str) -> str:
    """Raises SafetyContentError for a text that is too long or names a number nobody approved."""
    text = _unfolded(written)
    strange = set(re.findall(r"(?<!\d)1\d{2,4}(?!\d)", text)) - HOTLINES
    if len(text) > TEXT_LIMIT or strange:
        raise SafetyContentError(f"texts.yml {kind}：{len(text)} 字，未核准的号码 {sorted(strange)}")
    return text


def _offender(kind: str, body: Mapping[str, Any]) -> OffenderText:
    if unknown := set(body["when"]) - set(load_rules().contexts):
        raise SafetyContentError(f"texts.yml {kind}：不认识的语境 {sorted(unknown)}")
    return OffenderText(_names(body["when"]), _checked(kind, body["text"]), _names(body["cites"]))


def _text(kind: str, body: Mapping[str, Any]) -> HelpText:
    return HelpText(
        kind=kind,
        title=str(body["title"]),
        text=_checked(kind, body["text"]),
        cites=_names(body.get("cites")),
        alarm=_names(body.get("alarm")),
        never=_names(body.get("never")),
        ask=str(body.get("ask", "")),
        again=_checked(kind, body.get("again", "")),
        offender=_offender(kind, body["offender"]) if "offender" in body else None,
    )


def _check_rules(rules: SafetyRules) -> None:
    if set(rules.urgency) != set(KINDS) or {rule.kind for rule in rules.rules} != set(KINDS):
        raise SafetyContentError("rules.yml：每一类危机都要有规则和先后次序")
    ids = [rule.id for rule in rules.rules]
    if len(set(ids)) != len(ids):
        raise SafetyContentError("rules.yml：规则编号重复")
    for place, names in _context_uses(rules):
        if unknown := set(names) - set(rules.contexts):
            raise SafetyContentError(f"rules.yml {place}：不认识的语境 {sorted(unknown)}")
    for place, patterns in _pattern_uses(rules):
        if unknown := {name for pattern in patterns for name in _SLOT.findall(pattern)} - set(rules.slots):
            raise SafetyContentError(f"rules.yml {place}：不认识的词槽 {sorted(unknown)}")


def _context_uses(rules: SafetyRules) -> Iterable[tuple[str, tuple[str, ...]]]:
    for rule in rules.rules:
        yield rule.id, rule.needs + rule.unless + rule.near + rule.apart
    for name, context in rules.contexts.items():
        yield name, context.unless


def _pattern_uses(rules: SafetyRules) -> Iterable[tuple[str, tuple[str, ...]]]:
    yield "masks", rules.masks
    yield "slots", tuple(rules.slots.values())
    for rule in rules.rules:
        yield rule.id, rule.patterns
    for name, context in rules.contexts.items():
        yield name, context.patterns
