"""The safety gate: does a message tell of a danger that is happening or threatened? Pure rules, no I/O.

The rules are data (`knowledge_base/safety/rules.yml`): slots (who, what, when) combined into patterns, harmless
phrases masked out beforehand (idioms, farming, negations), and contexts. A context is read either in the whole
message (fiction, long past, a question about the law) or only around the hit: its own clause and the neighbouring
ones. Long posts mention many people and things, so who did what to whom has to stand close together.
The gate only evaluates the rules and says which one spoke and why.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

MASK = "○"
_GONE = "\x00"
_SLOT = re.compile(r"<(\w+)>")
_GAP = re.compile(r"<(\.\.?|,)(\d+)>")
_REACH = 30
_SHORT = 40
_STOPS = "。！？!?\n\r…"
_PAUSES = "，、；：,;:"
_HAN = "\u3400-\u9fff"
_NOISE = re.compile(rf"[^{_HAN}0-9a-z，。]")
_SPELLED_OUT = re.compile(rf"(?<![{_HAN}])([{_HAN}])([，。]+)(?=[{_HAN}](?:[，。]|$))")
_PUNCTUATION = str.maketrans({**dict.fromkeys(_STOPS, "。"), **dict.fromkeys(_PAUSES, "，")})


class RuleContent(Protocol):
    """One crisis rule. A match of any pattern fires it when the contexts allow: all of `needs` and none of `unless`
    in the whole message, all of `near` and none of `apart` around the match."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def patterns(self) -> Sequence[str]: ...
    @property
    def needs(self) -> Sequence[str]: ...
    @property
    def unless(self) -> Sequence[str]: ...
    @property
    def near(self) -> Sequence[str]: ...
    @property
    def apart(self) -> Sequence[str]: ...


class ContextContent(Protocol):
    """A reading of the whole message; `unless` names contexts that overrule it."""

    @property
    def patterns(self) -> Sequence[str]: ...
    @property
    def unless(self) -> Sequence[str]: ...


class SafetyContent(Protocol):
    """What `knowledge_base.safety.load_rules()` hands over."""

    @property
    def urgency(self) -> Sequence[str]: ...
    @property
    def traditional(self) -> Mapping[str, str]: ...
    @property
    def aliases(self) -> Mapping[str, str]: ...
    @property
    def slots(self) -> Mapping[str, str]: ...
    @property
    def masks(self) -> Sequence[str]: ...
    @property
    def contexts(self) -> Mapping[str, ContextContent]: ...
    @property
    def rules(self) -> Sequence[RuleContent]: ...


@dataclass(frozen=True, slots=True)
class CrisisHit:
    """A danger found. `span` are start and end in the text that was given to `check`."""

    kind: str
    span: tuple[int, int]
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    kind: str
    why: str
    pattern: re.Pattern[str]
    needs: tuple[str, ...]
    unless: tuple[str, ...]
    near: tuple[str, ...]
    apart: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Context:
    pattern: re.Pattern[str]
    unless: tuple[str, ...]


def expand(pattern: str, slots: Mapping[str, str]) -> str:
    """`<name>` becomes that slot's alternatives (slots may use slots), `<.8>` up to 8 characters of one clause,
    `<,8>` the same with at most one pause between, `<..8>` 8 characters of one sentence."""
    for _ in range(5):
        pattern, count = _SLOT.subn(lambda found: f"(?:{slots[found[1]]})", pattern)
        if not count:
            break
    return _GAP.sub(_gap, pattern)


def _gap(gap: re.Match[str]) -> str:
    clause = f"[^，。]{{0,{gap[2]}}}"
    return {".": clause, ",": f"{clause}(?:，{clause})?", "..": f"[^。]{{0,{gap[2]}}}"}[gap[1]]


class _Message:
    """One normalised message; every context is read at most once."""

    def __init__(self, text: str, contexts: Mapping[str, _Context]) -> None:
        self.text = text
        self._contexts = contexts
        self._seen: dict[str, bool] = {}

    def holds(self, name: str) -> bool:
        if name not in self._seen:
            context = self._contexts[name]
            found = context.pattern.search(self.text) is not None
            self._seen[name] = found and not any(self.holds(other) for other in context.unless)
        return self._seen[name]

    def around(self, start: int, end: int) -> "_Message":
        """The hit with the rest of its clause and two more clauses on each side, at most 30 characters away.
        In a message of up to 40 characters everything is near."""
        if len(self.text) <= _SHORT:
            return self
        before = re.split("[，。]", self.text[max(0, start - _REACH) : start])[-3:]
        after = re.split("[，。]", self.text[end : end + _REACH])[:3]
        return _Message("，".join(before) + self.text[start:end] + "，".join(after), self._contexts)


class SafetyGate:
    """Compiled once from the rules; `check` takes well under a millisecond for a message of usual length."""

    def __init__(self, content: SafetyContent) -> None:
        slots = content.slots

        def compiled(patterns: Sequence[str]) -> re.Pattern[str]:
            return re.compile("|".join(expand(pattern, slots) for pattern in patterns))

        self._urgency = {kind: rank for rank, kind in enumerate(content.urgency)}
        self._characters = {**_PUNCTUATION, **str.maketrans(dict(content.traditional))}
        self._aliases = tuple((re.compile(wrong), right) for wrong, right in content.aliases.items())
        self._masks = compiled(content.masks)
        self._contexts = {name: _Context(compiled(c.patterns), tuple(c.unless)) for name, c in content.contexts.items()}
        self._rules = tuple(
            _Rule(
                id=rule.id,
                kind=rule.kind,
                why=rule.why,
                pattern=compiled(rule.patterns),
                needs=tuple(rule.needs),
                unless=tuple(rule.unless),
                near=tuple(rule.near),
                apart=tuple(rule.apart),
            )
            for rule in content.rules
        )
        if empty := [rule.id for rule in self._rules if rule.pattern.match("")]:
            raise ValueError(f"危机规则不能匹配空话：{empty}")

    def check(self, text: str) -> tuple[CrisisHit, ...]:
        """At most one hit per kind of danger (the first rule that speaks), the most urgent first."""
        plain, origins = self._normalise(text)
        message = self._message(plain)
        hits: dict[str, CrisisHit] = {}
        for rule in self._rules:
            if rule.kind in hits or (found := _fires(rule, message)) is None:
                continue
            span = (origins[found.start()], origins[found.end() - 1] + 1)
            hits[rule.kind] = CrisisHit(rule.kind, span, rule.id, rule.why)
        return tuple(sorted(hits.values(), key=lambda hit: self._urgency[hit.kind]))

    def reads_as(self, text: str, contexts: Sequence[str]) -> bool:
        """Whether the whole message stands in any of these contexts: told from a film, long past, a question of law."""
        message = self._message(self._normalise(text)[0])
        return any(message.holds(name) for name in contexts)

    def _message(self, plain: str) -> _Message:
        return _Message(self._masks.sub(lambda found: MASK * len(found[0]), plain), self._contexts)

    def _normalise(self, text: str) -> tuple[str, list[int]]:
        """Simplified, lower-case text without decoration, and for each character its place in the original."""
        plain, origins = text, list(range(len(text)))
        if not unicodedata.is_normalized("NFKC", text):
            folded = [unicodedata.normalize("NFKC", char) for char in text]
            origins = [place for place, part in enumerate(folded) for _ in part]
            plain = "".join(folded)
        plain = plain.translate(self._characters)
        lowered = plain.lower()
        plain = _NOISE.sub(_GONE, lowered if len(lowered) == len(plain) else plain)
        plain, origins = _squeeze(plain, origins)
        plain, origins = _squeeze(_SPELLED_OUT.sub(lambda m: m[1] + _GONE * len(m[2]), plain), origins)
        for wrong, right in self._aliases:
            plain = _replaced(plain, wrong, right)
        return _squeeze(plain, origins)


def _fires(rule: _Rule, message: _Message) -> re.Match[str] | None:
    """The first match whose surroundings fit, unless the whole message speaks against it."""
    for found in rule.pattern.finditer(message.text):
        if not all(message.holds(name) for name in rule.needs) or any(message.holds(name) for name in rule.unless):
            return None
        if not rule.near and not rule.apart:
            return found
        nearby = message.around(found.start(), found.end())
        if all(nearby.holds(name) for name in rule.near) and not any(nearby.holds(name) for name in rule.apart):
            return found
    return None


def _replaced(text: str, wrong: re.Pattern[str], right: str) -> str:
    """Corrected, padded to the old length so that places stay countable."""
    return wrong.sub(lambda found: right.ljust(len(found[0]), _GONE), text)


def _squeeze(text: str, origins: list[int]) -> tuple[str, list[int]]:
    if _GONE not in text:
        return text, origins
    kept = [place for place, char in zip(origins, text, strict=True) if char != _GONE]
    return text.replace(_GONE, ""), kept
