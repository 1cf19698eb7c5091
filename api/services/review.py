"""The review queue: what the bot was unsure of or was corrected in, labelled by a person, becomes training data.

Texts are masked before they are stored. A label is a category.subcategory of the taxonomy, or `discard`.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables.review import ReviewRow
from api.domain.errors import Conflict, InvalidInput, NotFound
from api.domain.masking import masked
from api.domain.policy import Policy

OPEN, LABELLED, DISCARDED = "open", "labelled", "discarded"
LOW_MARGIN, CORRECTED = "low_margin", "corrected"
UNSURE_BELOW = 0.5
LEAST_CHARACTERS = 6
INTENT = "consultation"


@dataclass(frozen=True)
class ReviewQueue:
    """`labels`: every category.subcategory a reviewer may give; `key`: keys the digest of a text."""

    labels: frozenset[str]
    key: bytes

    async def offer(self, session: AsyncSession, text: str, judged: Mapping[str, Any], *, at: datetime) -> bool:
        """Queues a sentence the triage was unsure of; True when it is new. A sure or a tiny one is left alone."""
        return self.unsure(text, judged) and await self._put(session, text, judged, reason=LOW_MARGIN, at=at)

    @staticmethod
    def unsure(text: str, judged: Mapping[str, Any]) -> bool:
        told = judged["category"] is not None and judged["category"] != "out_of_scope"
        return told and judged["confidence"] < UNSURE_BELOW and len(text) >= LEAST_CHARACTERS

    async def correct(self, session: AsyncSession, text: str, judged: Mapping[str, Any], *, at: datetime) -> bool:
        """Queues a sentence somebody said was misread, however sure the triage was."""
        return await self._put(session, text, judged, reason=CORRECTED, at=at)

    async def _put(
        self, session: AsyncSession, text: str, judged: Mapping[str, Any], *, reason: str, at: datetime
    ) -> bool:
        plain = masked(text)
        digest = hmac.new(self.key, plain.encode(), hashlib.sha256).hexdigest()
        if await session.scalar(select(ReviewRow.id).where(ReviewRow.digest == digest)):
            return False
        row = ReviewRow(
            digest=digest,
            text=plain,
            reason=reason,
            category=judged["category"],
            subcategory=judged["subcategory"],
            confidence=judged["confidence"],
            alternatives=[f"{one['category']}.{one['subcategory']}" for one in judged["alternatives"]],
            created_at=at,
        )
        session.add(row)
        await session.flush()
        return True

    async def decide(self, session: AsyncSession, item: int, label: str | None, *, by: str, at: datetime) -> ReviewRow:
        """Gives a label, or None to discard. Raises NotFound, Conflict when decided before, InvalidInput."""
        if label is not None and label not in self.labels:
            raise InvalidInput(f"没有这个类目：{label}", code="unknown_label")
        row = await session.get(ReviewRow, item, with_for_update=True)
        if row is None:
            raise NotFound("复核队列里没有这一句。")
        if row.status != OPEN:
            raise Conflict("这一句已经有人看过了。", code="already_reviewed")
        row.status, row.label = (LABELLED, label) if label else (DISCARDED, None)
        row.reviewer, row.decided_at = by, at
        return row


def review_queue(policy: Policy, secret: str) -> ReviewQueue:
    labels = (f"{code}.{sub}" for code, category in policy.categories.items() for sub in category.subcategories)
    return ReviewQueue(frozenset(labels), secret.encode())


async def waiting(session: AsyncSession, *, most: int, after: int = 0) -> tuple[Sequence[ReviewRow], int]:
    """The oldest open sentences after id `after`, and how many wait in all."""
    opened = ReviewRow.status == OPEN
    rows = await session.scalars(
        select(ReviewRow).where(opened, ReviewRow.id > after).order_by(ReviewRow.id).limit(most)
    )
    count = await session.scalar(select(func.count()).select_from(ReviewRow).where(opened))
    return rows.all(), count or 0


async def export(session: AsyncSession, target: Path) -> int:
    """Writes every labelled sentence as a Rasa file for the next training; returns how many."""
    rows = await session.scalars(select(ReviewRow).where(ReviewRow.status == LABELLED).order_by(ReviewRow.id))
    by_label: dict[str, list[str]] = {}
    for row in rows:
        by_label.setdefault(str(row.label), []).append(_one_line(row.text))
    blocks = []
    for label, texts in sorted(by_label.items()):
        category, _, subcategory = label.partition(".")
        examples = "".join(f"- {text}\n" for text in texts)
        metadata = {"category": category, "subcategory": subcategory}
        blocks.append({"intent": INTENT, "metadata": metadata, "examples": examples})
    draft = target.with_suffix(".new")
    content = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False, width=10_000)
    draft.write_text(content, encoding="utf-8")
    draft.replace(target)
    return sum(map(len, by_label.values()))


def _one_line(text: str) -> str:
    """One line, without the brackets Rasa reads as entity marks."""
    return " ".join(text.translate(str.maketrans("[](){}", "〔〕（）〔〕")).split())
