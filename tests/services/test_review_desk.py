"""A reviewer at a terminal decides some sentences, skips one, mistypes one, and stops."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from api.db.session import Database
from api.services.policy_file import read_policy
from api.services.review import review_queue, waiting
from api.services.review_desk import Desk

AT = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
JUDGED = {
    "category": "labor",
    "subcategory": "unpaid_wages",
    "confidence": 0.4,
    "alternatives": [{"category": "contract", "subcategory": "project_payment"}],
}


@pytest.mark.parametrize(
    ("typed", "decided", "left"),
    [
        (["2", "", "d"], 2, 1),
        (["labor.work_injury", "q"], 1, 2),
        (["labour.nothing", "1", "9"], 1, 2),
    ],
)
async def test_a_reviewer_at_a_terminal(database: Database, typed: list[str], decided: int, left: int) -> None:
    queue = review_queue(read_policy(), "secret")
    async with database.transaction() as session:
        for text in ("工头说没结到款", "干了活没给钱这事", "他让我找别人要去"):
            assert await queue.offer(session, text, JUDGED, at=AT)
    keys: Iterator[str] = iter(typed)
    shown: list[str] = []
    desk = Desk(queue, ask=lambda _: next(keys), say=shown.append)
    assert await desk.work(database, by="复核员", most=10, now=lambda: AT) == decided
    async with database.reading() as session:
        assert (await waiting(session, most=10))[1] == left
    assert any("contract.project_payment" in line for line in shown)
