"""What cannot be true in a record of work: a meeting held tomorrow, more in favour than were there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from api.domain.errors import InvalidInput

Value = str | int | bool


@dataclass(frozen=True)
class WorkChecks:
    """By field. `order`: (earlier, later) dates. `within`: (whole, parts). `between`: lowest and highest number.

    `after_parent`: dates that cannot lie before the day of the record it belongs to.
    """

    past: tuple[str, ...] = ()
    order: tuple[tuple[str, str], ...] = ()
    within: tuple[tuple[str, tuple[str, ...]], ...] = ()
    between: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    after_parent: tuple[str, ...] = ()

    def check(
        self, values: Mapping[str, Value], labels: Mapping[str, str], today: date, *, past: Iterable[str]
    ) -> None:
        """Raises InvalidInput naming the field."""
        for name in past:
            if name in values and _day(values[name]) > today:
                raise _wrong(name, f"“{labels[name]}”不能是将来的日期。")
        self._check_order(values, labels)
        self._check_numbers(values, labels)

    def _check_order(self, values: Mapping[str, Value], labels: Mapping[str, str]) -> None:
        for earlier, later in self.order:
            if earlier in values and later in values and _day(values[later]) < _day(values[earlier]):
                raise _wrong(later, f"“{labels[later]}”不能早于“{labels[earlier]}”。")

    def _check_numbers(self, values: Mapping[str, Value], labels: Mapping[str, str]) -> None:
        for whole, parts in self.within:
            if whole in values and sum(int(values.get(one, 0)) for one in parts) > int(values[whole]):
                named = "加".join(f"“{labels[one]}”" for one in parts)
                raise _wrong(parts[0], f"{named}不能超过“{labels[whole]}”（{values[whole]}）。")
        for name, (low, high) in self.between.items():
            if name in values and not low <= Decimal(str(values[name])) <= high:
                raise _wrong(name, f"“{labels[name]}”应当在 {low} 到 {high} 之间，请核对一下。")

    def check_parent(self, values: Mapping[str, Value], labels: Mapping[str, str], day: date) -> None:
        """`day`: of the record it belongs to. Raises InvalidInput naming the field."""
        for name in self.after_parent:
            if name in values and _day(values[name]) < day:
                told = f"{day.year}年{day.month}月{day.day}日"
                raise _wrong(name, f"“{labels[name]}”不能早于它所属的那次会议（{told}）。")


def _day(value: Value) -> date:
    return date.fromisoformat(str(value))


def _wrong(name: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, code="bad_field", more={"field": name})
