"""Where a case stands in words, and cases like it without anybody's name; on both databases."""

import pytest

from api.db.session import Database
from api.domain.access import Viewer
from api.domain.errors import NotFound
from api.domain.lifecycle import Move
from api.services.precedents import precedents
from api.services.progress import Progress, due_text, progress
from api.services.routing import RoutingDesk
from tests.services.life import TOOL, Life, at

START = (Move.ACCEPT, Move.START_MEDIATION)


async def told(life: Life, days: float = 0) -> Progress:
    async with life.database.reading() as session:
        own = Viewer.applicant("web", "visitor-1")
        return await progress(session, life.no, life.desk.policy, visible_to=own, now=at(days))


async def test_the_holder_by_role_and_the_next_date(database: Database, desk: RoutingDesk) -> None:
    life = await Life(database, desk).open()
    first = await told(life)
    assert first.holder.startswith("东沟村一组网格工作站（网格工作站，")
    assert "等东沟村一组网格工作站" in first.text
    assert first.next_what in ("答复是否受理", "第一次联系您")
    assert "不影响您的权利" in first.text
    await life.move(*START)
    await life.add("meeting", at="2026-11-23T09:00", way="offline")
    second = await told(life)
    assert "正在调解" in second.text
    assert "下一步：11月23日（周一）09:00前开调解会" in second.text


async def test_what_is_over_is_not_next(database: Database, desk: RoutingDesk) -> None:
    life = await Life(database, desk).opened(*START)
    await life.add("meeting", at="2026-11-23T09:00", way="offline")
    assert (await told(life, days=4)).next_what == "办结这次调解"
    await life.add("meeting", days=4, at="2026-11-27T09:00", way="offline")
    assert (await told(life, days=4)).next_what == "开调解会"
    assert (await told(life, days=90)).next_at is None


async def test_a_pause_is_told_with_what_is_waited_for(database: Database, desk: RoutingDesk) -> None:
    life = await Life(database, desk).opened(*START)
    pause = await life.add("pause", since="2026-11-20", why="appraisal", until="2026-12-30")
    waiting = await told(life)
    assert "先停着（等鉴定评估），最迟等到12月30日" in waiting.text
    assert "办结这次调解" not in waiting.text
    await life.step(pause.no, "resume", days=5)
    again = await told(life, days=5)
    assert "停着" not in again.text
    assert again.next_what == "办结这次调解"


async def test_what_is_done_is_not_due_any_more(database: Database, desk: RoutingDesk) -> None:
    life = await Life(database, desk).open()
    seen = [due_text(await life.ticket())]
    for move in START:
        await life.move(move)
        seen.append(due_text(await life.ticket()))
    await life.agreed()
    seen.append(due_text(await life.ticket()))
    words = ("答复是否受理", "第一次联系您", "办结调解")
    assert [[word in text for word in words] for text in seen] == [
        [True, True, True],
        [False, True, True],
        [False, False, True],
        [False, False, False],
    ]
    gone = await Life(database, desk).opened(Move.WITHDRAW, sender="v2")
    assert due_text(await gone.ticket()) == ""


async def test_after_agreement_the_next_duty(database: Database, desk: RoutingDesk) -> None:
    life = await Life(database, desk).opened(*START)
    await life.agreed()
    found = await told(life)
    assert "已经达成协议" in found.text
    assert (found.next_what, str(found.next_at)[:10]) == ("履行协议里的一项", "2026-11-25")


@pytest.mark.parametrize(
    ("move", "words"), [(Move.REFUSE, "不愿意调解"), (Move.LEAVE, "离开调解"), (Move.DECLINE, "没有受理")]
)
async def test_every_end_is_said_plainly(database: Database, desk: RoutingDesk, move: Move, words: str) -> None:
    life = await Life(database, desk).opened(move)
    found = await told(life)
    assert words in found.text
    assert found.next_at is None


async def test_a_stranger_is_told_nothing(database: Database, desk: RoutingDesk) -> None:
    life = await Life(database, desk).open()
    with pytest.raises(NotFound):
        async with database.reading() as session:
            await progress(session, life.no, desk.policy, visible_to=Viewer.applicant("web", "somebody"), now=at(0))


async def test_three_cases_like_it_without_place_person_or_number(database: Database, desk: RoutingDesk) -> None:
    settled = []
    for number in range(4):
        one = await Life(database, desk).opened(*START, sender=f"s{number}")
        await one.agreed()
        await one.move(Move.CLOSE, days=3)
        settled.append(one)
    danger = await Life(database, desk).opened(Move.ACCEPT, crisis="domestic_violence", sender="x")
    await danger.move(Move.CLOSE)
    asking = await Life(database, desk).open(sender="new")
    async with database.reading() as session:
        found = await precedents(session, asking.no, desk.policy, visible_to=TOOL)
    assert len(found) == 3
    assert found[0].startswith("2026年11月，")
    assert "用了 3 天，涉及一千到一万元，写了书面协议" in found[0]
    names = ("东沟村", "申请人", "邻居", *(one.no for one in settled))
    assert not any(name in sentence for sentence in found for name in names)
