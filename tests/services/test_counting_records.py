"""One case from agreement to visit: every step is counted when it happens, in the transaction of its record."""

import pytest

from api.db import statistics
from api.db.session import Database
from api.domain.lifecycle import Move
from api.domain.period import Period
from api.domain.statistics import MEASURES, rolled
from api.services.counting import catch_up
from api.services.routing import RoutingDesk
from tests.services.life import TOOL, Life
from tests.services.test_agreements import APPLIED, START, VISIT, met

YEAR = Period.parse("2026")


@pytest.fixture
def life(database: Database, desk: RoutingDesk) -> Life:
    return Life(database, desk)


async def numbers(life: Life) -> dict[str, int]:
    async with life.database.reading() as session:
        lines = await statistics.tally(session, MEASURES.values(), YEAR, visible_to=TOOL)
    return {code: number for line in rolled(lines) for code, number in line.numbers.items() if number}


async def test_from_agreement_to_visit(life: Life) -> None:
    await life.opened(*START)
    await met(life)
    agreement = await life.agreed()
    written = {"registered": 1, "accepted": 1, "people": 2, "agreed": 1, "written": 1, "amount": 150_000, "open": 1}
    assert await numbers(life) == written

    confirmation = await life.add("confirmation", under=agreement.no, days=5, **APPLIED)
    assert "confirmed" not in await numbers(life)
    ruling = {"decided_on": "2026-12-01", "ruling_no": "（2026）调确1号"}
    await life.step(confirmation.no, "confirm", days=11, **ruling)
    assert await numbers(life) == written | {"confirmed": 1}

    first, second = await life.listed("obligation")
    await life.step(first.no, "perform", days=5, paid_on="2026-11-25")
    assert "performed" not in await numbers(life)
    await life.step(second.no, "perform", days=30, paid_on="2026-12-20")
    await life.add("tag", tag="prevented_criminal", days=31)
    await life.add("follow_up", days=38, **VISIT)
    done = {"confirmed": 1, "performed": 1, "prevented_criminal": 1, "prevented_criminal_people": 2}
    done |= {"visited": 1, "satisfied": 1}
    assert await numbers(life) == written | done
    await catch_up(life.database, everything=True)
    assert await numbers(life) == written | done


async def test_the_way_to_court_is_counted_with_its_days_and_its_notice(life: Life) -> None:
    await life.opened(*START, Move.RECORD_FAILURE)
    await life.move(Move.LEAVE, days=9)
    found = await numbers(life)
    assert {code: found.get(code, 0) for code in ("failed", "referred", "days_to_court", "rights", "agreed")} == {
        "failed": 1,
        "referred": 1,
        "days_to_court": 9,
        "rights": 1,
        "agreed": 0,
    }
