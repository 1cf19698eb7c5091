"""Which day of a record comes before which; the order is data (`not_before` in records.yml)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from api.domain.deadline import LOCAL
from api.services.record_book import record_book
from api.services.recording import bad, moment
from knowledge_base.desk.records import StepContent


def check_order(kind: str, step: StepContent, content: Mapping[str, Any], above: Mapping[str, Any]) -> None:
    """Raises InvalidInput for a date before one it must come after; `above`: what the record hangs under says."""
    book = record_book().content
    part_of = book[kind].part_of
    labels = {one.id: one.label for one in book[kind].fields()}
    if part_of:
        labels |= {f"{part_of}.{one.id}": f"{book[part_of].zh}的{one.label}" for one in book[part_of].fields()}
    dates = {**content, **{f"{part_of}.{name}": value for name, value in above.items()}}
    days = {name: local_day(dates[name]) for name in labels if dates.get(name) and name in _named(step)}
    for name, earlier in step.not_before.items():
        for other in earlier:
            if name in days and other in days and days[name] < days[other]:
                raise bad(name, f"“{labels[name]}”不能早于“{labels[other]}”（{zh_day(days[other])}）。")


def _named(step: StepContent) -> set[str]:
    return {*step.not_before, *(one for earlier in step.not_before.values() for one in earlier)}


def local_day(text: str) -> date:
    return moment(text).astimezone(LOCAL).date()


def zh_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
