"""Does a message ask for a sum or for a paper, and for which one?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.services.calculating import CalculatorDesk
from api.services.papers import PaperDesk

# A wish stands in a sentence or two; patterns are not run over a whole story.
MOST_READ = 400
# Acts of the bot that ask for one of them by themselves.
KINDS = {"calculate": "calculator", "draft_paper": "paper"}
RECKON = re.compile(r"(?:帮|给|替)(?:我|俺|忙)?.{0,4}算|算一下|算算|怎么算|咋算|算下|算个")
WRITE = re.compile(
    r"(?:帮|替|给|教)(?:我|俺|咱|忙).{0,4}(?:写|起草|拟|弄|整|做|出|开)(?![了过的得])|"
    r"^(?:我|俺)?(?:要|想|需要)(?:写|弄|起草|整|拟|一[份张个])(?![了过的得])"
)
HOW_TO = re.compile(r"(?:怎么|咋|咋个|如何|怎样|该咋)(?:写|弄|打)|[写打弄](?:了|过)")


@dataclass(frozen=True)
class Wisher:
    calculators: CalculatorDesk
    papers: PaperDesk

    def find(self, text: str, entities: Sequence[Mapping[str, Any]], act: str = "") -> dict[str, Any] | None:
        """The one that is meant, with the facts the message gives; None when unsure, also when it tells a story."""
        kind, text = KINDS.get(act), text[:MOST_READ]
        if kind != "calculator" and (code := self._paper(text, asked=kind == "paper")):
            return self._wish("paper", code, text, entities)
        if kind != "paper" and (code := self._cued(text) or (kind and self._named(text))):
            wish = self._wish("calculator", code, text, entities)
            return wish if kind or wish["facts"] or RECKON.search(text) else None
        return None

    def options(self, act: str) -> list[dict[str, str]]:
        """All there is of a kind, for somebody who did not say which."""
        if KINDS.get(act) == "paper":
            return [{"code": one.code, "title": one.title} for one in self.papers.papers.values()]
        return [{"code": one.code, "title": one.title} for one in self.calculators.calculators.values()]

    def named(self, leads_to: str | None) -> dict[str, str] | None:
        """What an entry leads to (`calculator:severance`), as it is offered."""
        kind, _, code = (leads_to or "").partition(":")
        if kind == "calculator":
            return {"kind": kind, "code": code, "title": self.calculators.of(code).title}
        return {"kind": kind, "code": code, "title": self.papers.of(code).title} if kind == "paper" else None

    def _wish(self, kind: str, code: str, text: str, entities: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        desk: CalculatorDesk | PaperDesk = self.calculators if kind == "calculator" else self.papers
        facts = desk.prefill(code, text, entities)
        return {"kind": kind, "code": code, "title": desk.of(code).title, "facts": facts}

    def _cued(self, text: str) -> str | None:
        found = self.calculators.calculators.values()
        return next((one.code for one in found if any(cue.search(text) for cue in one.cues)), None)

    def _named(self, text: str) -> str | None:
        """By the longest word that says what it is about."""
        hits = [
            (len(word), one.code) for one in self.calculators.calculators.values() for word in one.words if word in text
        ]
        return max(hits, key=lambda hit: hit[0])[1] if hits else None

    def _paper(self, text: str, *, asked: bool) -> str | None:
        if not asked and (HOW_TO.search(text) or not WRITE.search(text)):
            return None
        hits = [(len(word), one.code) for one in self.papers.papers.values() for word in one.words if word in text]
        return max(hits, key=lambda hit: hit[0])[1] if hits else None
