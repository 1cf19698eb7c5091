"""The desk's policy beside routing, as values of the domain; read once per process."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from api.domain.agreement import AgreementRules, TermRule
from api.domain.casefile import FileItem
from api.domain.deadline import LOCAL
from api.domain.lifecycle import Move
from api.domain.needs import Needs, RecordNeed
from api.services.record_book import record_book
from knowledge_base.desk.policy import load_desk, term_pattern
from knowledge_base.directory.loader import load_columns
from knowledge_base.statutes.catalogue import load_catalogue


@dataclass(frozen=True)
class DeskRules:
    """`with_reason`: an incomplete file may be closed with a written reason. `needs`: records, before a move."""

    agreement: AgreementRules
    file_items: tuple[FileItem, ...]
    with_reason: bool
    rights: Mapping[str, Any]
    words: Mapping[str, Any]
    roles: Mapping[str, str]
    needs: Needs

    def rights_notice(self, reason: str, category: str) -> tuple[str, str]:
        """(to whom, what): why mediation stopped and which ways are open, those of this category first."""
        why = self.rights["reasons"][reason]
        ways = [one["text"] for one in self.rights["routes"] if not one["categories"] or category in one["categories"]]
        return why["to"], f"{why['says']}{'。'.join(ways)}。"


@cache
def desk_rules() -> DeskRules:
    """Raises KnowledgeError for content that is not fit to be used."""
    content = load_desk(load_catalogue(), today=datetime.now(LOCAL).date())
    return DeskRules(
        agreement=_agreement(content.agreement),
        file_items=tuple(_item(one) for one in content.casefile["items"]),
        with_reason=content.casefile["close_incomplete"] == "with_reason",
        rights=content.rights,
        words=content.words,
        roles=load_columns()["roles"],
        needs=_needs(content.moves["needs"]),
    )


def _agreement(raw: Mapping[str, Any]) -> AgreementRules:
    signers = raw["signatures"]
    return AgreementRules(
        signers={form: tuple(signers[form]) for form in ("written", "oral")},
        confirm_days=raw["confirmation"]["days"],
        remind_on=tuple(raw["confirmation"]["remind_on"]),
        docking_days=raw["docking"]["answer_days"],
        unless=re.compile(raw["unless"]),
        terms=tuple(
            TermRule(
                one["key"],
                one["action"] == "refuse",
                term_pattern(raw, one),
                one["because"],
                tuple(one["basis"]),
                always=one.get("always", False),
                confirmable=one.get("confirmable", True),
            )
            for one in raw["forbidden"]
        ),
    )


def _needs(raw: Mapping[str, Any]) -> Needs:
    kinds = record_book().kinds
    return {
        Move(move): tuple(
            RecordNeed(one["kind"], kinds[one["kind"]].zh, frozenset(one["states"]), one["says"], tuple(one["basis"]))
            for one in needs
        )
        for move, needs in raw.items()
    }


def _item(raw: Mapping[str, Any]) -> FileItem:
    needed = {
        stage: {fact: tuple(values) for fact, values in conditions.items()}
        for stage, conditions in raw.get("needed", {}).items()
    }
    return FileItem(
        raw["number"], raw["key"], raw["zh"], raw["source"], raw.get("of", ""), frozenset(raw.get("states", ())), needed
    )
