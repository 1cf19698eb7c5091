"""The time limits we ship, and what the loader refuses."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.domain.calendar import WorkingCalendar
from api.domain.lifecycle import OPENED, Move
from api.services import working_days
from api.services.clock_book import build_clock_book, clock_book
from api.services.record_book import record_book
from api.services.working_days import County, working_calendar
from knowledge_base.clocks import HERE, LISTS, ClocksError, load_calendar, load_clocks


def test_nothing_rises_by_itself_unless_its_tier_was_told_before() -> None:
    """Every ladder that hands a ticket up reminds and supervises first."""
    for kind in clock_book().kinds.values():
        for _, ladder in kind.ladders:
            actions = [rung.do.value for rung in ladder]
            if "escalate" in actions:
                assert actions.index("supervise") < actions.index("escalate") == len(actions) - 1, kind.key
                assert actions[0] == "tell"


def test_clocks_only_listen_to_what_can_happen() -> None:
    records = record_book().kinds
    known = {OPENED, *Move}
    known |= {f"record.{code}.{step}" for code in records for step in ("add", "correct", *records[code].steps)}
    for raw in load_clocks()["clocks"]:
        heard = {what for name in LISTS for what in raw.get(name, ())}
        assert heard <= known, raw["key"]


def changed(**clock: Any) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((HERE / "clocks.yml").read_text("utf8"))
    content["clocks"][0] |= clock
    return content


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (changed(ladder=[{"when": {}, "use": "none"}]), "没有这一种办法：none"),
        (changed(ladder=[{"when": {"protective": True}, "use": "danger"}]), "要没有条件"),
        (changed(met_on=["accept"]), "不认识 met_on"),
        (changed(due={"record": "due_at"}), "缺少理由"),
        (changed() | {"ladders": {"x": [{"do": "shame", "of": "due", "amount": 1, "unit": "days"}]}}, "do、of 或 unit"),
        ({"clocks": []}, "结构不对"),
    ],
)
def test_the_loader_refuses(content: dict[str, Any], problem: str, tmp_path: Path) -> None:
    path = tmp_path / "clocks.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf8")
    with pytest.raises(ClocksError, match=problem):
        load_clocks(path)


def test_what_is_loaded_can_be_built() -> None:
    assert build_clock_book(load_clocks()).kinds.keys() >= {"accept", "first_contact", "mediate", "call_out"}


@pytest.fixture
def county(tmp_path: Path) -> Any:
    yield tmp_path / working_days.COUNTY_FILE
    County.folder = None
    working_calendar.cache_clear()


def calendar_of(file: Path, text: str) -> WorkingCalendar:
    file.write_text(text, "utf8")
    County.use(file.parent)
    return working_calendar()


def test_a_county_adds_its_days_and_hours(county: Path) -> None:
    found = calendar_of(
        county,
        "office_hours: [['09:00', '17:00']]\nyears: [2035]\ndays_off: [2035-01-01, 2026-02-14]\n"
        "make_up_days: [2035-01-06]\n",
    )
    assert found.knows(date(2035, 5, 1))
    assert not found.is_working(date(2035, 1, 1))
    assert found.is_working(date(2035, 1, 6))
    assert not found.is_working(date(2026, 2, 14)), "a make-up day of the country that this county does not work"
    assert found.is_working(date(2026, 2, 28))
    assert (found.opens.hour, found.closes.hour) == (9, 17)


def test_a_broken_county_file_is_told(county: Path) -> None:
    with pytest.raises(ClocksError, match=r"days_off 里要写日期.*\n?.*"):
        calendar_of(county, "days_off: ['next monday']\n")
    with pytest.raises(ClocksError, match="office_hours"):
        calendar_of(county, "office_hours: [['17:00', '09:00']]\n")


def test_without_a_county_file_ours_counts() -> None:
    assert load_calendar(Path("no such file.yml")).office_hours[0] == ("08:30", "12:00")
