"""A reviewer at a terminal: sentence after sentence of the review queue, each decided in a transaction of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from api.db.session import Database
from api.db.tables.review import ReviewRow
from api.domain.errors import DomainError
from api.services.review import ReviewQueue, waiting

DISCARD, END = "d", "q"


@dataclass(frozen=True)
class Desk:
    """`ask` shows a prompt and returns what was typed; `say` prints a line."""

    queue: ReviewQueue
    ask: Callable[[str], str]
    say: Callable[[str], object]

    async def work(self, database: Database, *, by: str, most: int, now: Callable[[], datetime]) -> int:
        """Goes through the oldest open sentences; returns how many were decided."""
        async with database.reading() as session:
            rows, count = await waiting(session, most=most)
        self.say(f"还有 {count} 句等着复核。")
        decided = 0
        for row in rows:
            answer = self._answer(row)
            if answer == END:
                break
            if answer:
                decided += await self._decide(database, row, answer, by, now())
        return decided

    def _answer(self, row: ReviewRow) -> str:
        choices = [f"{row.category}.{row.subcategory}", *row.alternatives]
        listed = "  ".join(f"{number} {choice}" for number, choice in enumerate(choices, 1))
        self.say(f"\n{row.text}\n  {listed}")
        typed = self.ask("类目").strip()
        return choices[int(typed) - 1] if typed.isdigit() and 0 < int(typed) <= len(choices) else typed

    async def _decide(self, database: Database, row: ReviewRow, answer: str, by: str, at: datetime) -> bool:
        label = None if answer == DISCARD else answer
        try:
            async with database.transaction() as session:
                await self.queue.decide(session, row.id, label, by=by, at=at)
        except DomainError as error:
            self.say(f"没有记下：{error}")
            return False
        return True
