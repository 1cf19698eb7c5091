"""The way of one message, with a fake bot and a real database."""

import asyncio
import uuid
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from api.db import conversations
from api.db.base import DataKeys
from api.db.migrate import migrate
from api.db.session import Database
from api.domain.conversation import Owner
from api.domain.errors import Conflict, Unavailable
from api.services.conversations import hand_over, reply
from api.services.outbox import lost_messages
from tests.postgres import BOTH, create_database, remember, rewind
from tests.services.inbox_fakes import FALLBACK, NOW, Clock, FakeBot, make_inbox, no_ticket, said


@pytest.fixture(scope="session")
def empty_postgres(postgres_url: str) -> str:
    """Migrated, and rewound before every test that uses it; each module that borrows this fixture has its own."""
    url = create_database(postgres_url, f"migrated_{uuid.uuid4().hex[:8]}")
    migrate(url)
    return remember(url)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Migrated and empty."""
    DataKeys.use(["test"])
    if request.param == "postgres":
        return rewind(request.getfixturevalue("empty_postgres"))
    url = f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"
    migrate(url)
    return url


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


async def test_a_message_is_answered_and_kept(database: Database, bot: FakeBot) -> None:
    result = await make_inbox(database, bot).handle(said("邻居占了我的地"))
    assert [reply.text for reply in result.replies] == ["答：邻居占了我的地"]
    async with database.reading() as session:
        talk = await conversations.find(session, "web", "a")
        assert talk is not None
        history = await conversations.history(session, talk.id, limit=9)
    assert [(m.role, m.text) for m in history] == [("user", "邻居占了我的地"), ("bot", "答：邻居占了我的地")]


async def test_four_deliveries_of_one_message_are_one_turn(database: Database, bot: FakeBot) -> None:
    inbox = make_inbox(database, bot)
    bot.wait = 0.05
    results = await asyncio.gather(*(inbox.handle(said("确认提交")) for _ in range(4)))
    assert bot.heard == ["确认提交"]
    assert len({result.replies for result in results}) == 1
    assert {result.ticket_no for result in results} == {"T-1"}


async def test_two_processes_give_one_turn(database: Database, bot: FakeBot) -> None:
    bot.wait = 0.05
    first, second = make_inbox(database, bot), make_inbox(database, bot)
    results = await asyncio.gather(first.handle(said("你好")), second.handle(said("你好")))
    assert bot.heard == ["你好"]
    assert results[0].replies == results[1].replies


async def test_messages_of_one_conversation_are_answered_in_the_order_they_were_stored(
    database: Database, bot: FakeBot
) -> None:
    inbox = make_inbox(database, bot)
    bot.wait = 0.02
    first = asyncio.create_task(inbox.handle(said("一", message_id="1")))
    await asyncio.sleep(0.005)
    rest = [asyncio.create_task(inbox.handle(said(str(n), message_id=str(n)))) for n in range(2, 6)]
    await asyncio.gather(first, *rest)
    async with database.reading() as session:
        talk = await conversations.find(session, "web", "a")
        assert talk is not None
        stored = [m.text for m in await conversations.history(session, talk.id, limit=20) if m.role == "user"]
    assert bot.heard == stored
    assert sorted(stored) == sorted(["一", "2", "3", "4", "5"])


async def test_a_failed_turn_is_tried_again(database: Database, bot: FakeBot) -> None:
    bot.fail_next = 1
    result = await make_inbox(database, bot).handle(said("工资"))
    assert [reply.text for reply in result.replies] == ["答：工资"]
    assert bot.heard == ["工资", "工资"]


@pytest.mark.parametrize("kind", ["fail_next", "empty_next"])
async def test_a_bot_that_stays_down_loses_nothing_and_says_so(database: Database, bot: FakeBot, kind: str) -> None:
    setattr(bot, kind, 2)
    inbox = make_inbox(database, bot)
    result = await inbox.handle(said("工资"))
    assert result.replies == (FALLBACK,)
    async with database.reading() as session:
        talk = await conversations.find(session, "web", "a")
        assert talk is not None
        assert talk.attention == "bot_unavailable"
        assert await conversations.waiting_for_human(session, limit=5) == [(talk, ["工资"])]
    assert (await inbox.handle(said("在吗", message_id="m2"))).replies[0].text == "答：在吗"


async def handed_over(database: Database, *, by_an_operator: bool = False) -> None:
    async with database.transaction() as session:
        await hand_over(session, channel="web", sender="a", reason="要真人", at=NOW)
        if by_an_operator:
            await reply(session, channel="web", sender="a", text="我是司法所的", at=NOW + timedelta(seconds=1))


async def test_once_an_operator_answers_the_bot_says_nothing(database: Database, bot: FakeBot) -> None:
    inbox = make_inbox(database, bot)
    await inbox.handle(said("在", message_id="m-1"))
    await handed_over(database, by_an_operator=True)
    for number, text in enumerate(("有人吗", "问机器人", "/affirm"), 2):
        result = await inbox.handle(said(text, message_id=f"m-{number}"))
        assert (result.replies, result.owner) == ((), Owner.HUMAN)
    assert bot.heard == ["在"]


async def test_whoever_waits_is_told_so_every_time_in_other_words(database: Database, bot: FakeBot) -> None:
    inbox = make_inbox(database, bot)
    await handed_over(database)
    texts = []
    for number in range(4):
        result = await inbox.handle(said("有人吗", message_id=f"m-{number}"))
        assert result.owner is Owner.HUMAN
        (told,) = result.replies
        assert told.buttons[0]["payload"] == "问机器人"
        texts.append(told.text)
    assert "08:30" in texts[0]  # NOW is a Sunday
    assert all(one != following for one, following in pairwise(texts))
    assert bot.heard == []


@pytest.mark.parametrize("text", ["问机器人", "算了我还是问你机器人吧", "继续", "确认提交", "/affirm"])
async def test_the_bot_comes_back_when_it_is_asked_to(database: Database, bot: FakeBot, text: str) -> None:
    await handed_over(database)
    result = await make_inbox(database, bot).handle(said(text))
    assert ([reply.text for reply in result.replies], result.owner) == ([f"答：{text}"], Owner.BOT)


@pytest.mark.parametrize("text", ["我不想跟机器人说", "/handoff", "他继续盖房子"])
async def test_other_words_do_not_bring_it_back(database: Database, bot: FakeBot, text: str) -> None:
    await handed_over(database)
    result = await make_inbox(database, bot).handle(said(text))
    assert (result.owner, bot.heard) == (Owner.HUMAN, [])


async def test_a_crisis_never_reaches_the_bot(database: Database, bot: FakeBot) -> None:
    bot.fail_next = 9
    result = await make_inbox(database, bot).handle(said("我不想活了，农药就在手边"))
    assert result.crisis == "self_harm"
    assert "120" in result.replies[0].text
    assert result.ticket_no == "T-self_harm"
    assert bot.heard == []


async def test_a_crisis_delivered_three_times_at_once_is_answered_once(database: Database, bot: FakeBot) -> None:
    inboxes = [make_inbox(database, bot) for _ in range(3)]
    results = await asyncio.gather(*(inbox.handle(said("我不想活了，农药就在手边")) for inbox in inboxes))
    assert {(result.crisis, result.replies) for result in results} == {("self_harm", results[0].replies)}
    async with database.reading() as session:
        talk = await conversations.find(session, "web", "a")
        assert talk is not None
        history = await conversations.history(session, talk.id, limit=9)
    assert [line.role for line in history] == ["user", *("bot" for _ in results[0].replies)]


async def test_a_crisis_is_answered_for_a_human_owned_conversation_too(database: Database, bot: FakeBot) -> None:
    async with database.transaction() as session:
        await hand_over(session, channel="web", sender="a", reason="", at=NOW)
    result = await make_inbox(database, bot).handle(said("他拿刀要砍我，快来人"))
    assert result.replies
    assert result.owner is Owner.HUMAN


async def test_a_broken_desk_cannot_stop_the_crisis_text(database: Database, bot: FakeBot) -> None:
    result = await make_inbox(database, bot, open_ticket=no_ticket).handle(said("我不想活了，农药就在手边"))
    assert result.replies
    assert result.ticket_no is None


async def test_a_broken_database_cannot_stop_the_crisis_text(tmp_path: Path, bot: FakeBot) -> None:
    broken = Database(f"sqlite+aiosqlite:///{tmp_path / 'missing' / 'desk.db'}")
    inbox = make_inbox(broken, bot)
    assert (await inbox.handle(said("我不想活了，农药就在手边"))).crisis == "self_harm"
    with pytest.raises(Unavailable):
        await inbox.handle(said("工资", message_id="m2"))
    await broken.close()


async def test_a_message_id_of_somebody_else_is_refused(database: Database, bot: FakeBot) -> None:
    inbox = make_inbox(database, bot)
    await inbox.handle(said("我的事"))
    with pytest.raises(Conflict):
        await inbox.handle(said("别人的事", sender="b"))


async def test_a_turn_lost_with_its_process_is_found_and_answered(database: Database, bot: FakeBot) -> None:
    inbox = make_inbox(database, bot)
    bot.wait = 5
    lost = asyncio.create_task(inbox.handle(said("工资")))
    await bot.reached()
    lost.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lost
    bot.wait = 0
    (message,) = await lost_messages(database, before=NOW + timedelta(seconds=1))
    assert (await inbox.resume(message)).replies[0].text == "答：工资"
    assert await lost_messages(database, before=NOW + timedelta(seconds=1)) == []


async def test_a_turn_that_outlived_its_lease_leaves_the_next_holder_alone(database: Database, bot: FakeBot) -> None:
    bot.wait = 0.5
    slow = asyncio.create_task(make_inbox(database, bot).handle(said("工资")))
    await bot.reached()
    async with database.transaction() as session:
        talk = await conversations.find(session, "web", "a")
        assert talk is not None
        talk.lease_holder, talk.lease_until = "another", NOW + timedelta(seconds=30)
    assert (await slow).replies
    async with database.reading() as session:
        talk = await conversations.find(session, "web", "a")
        assert talk is not None
        assert talk.lease_holder == "another"


async def test_the_lease_is_renewed_for_each_of_many_messages(database: Database, bot: FakeBot) -> None:
    """Thirty messages take longer than one lease; a second process must not answer any of them again."""
    clock = Clock()
    lease = timedelta(seconds=10)
    first, second = (make_inbox(database, bot, now=clock, lease=lease) for _ in range(2))
    bot.before = lambda: clock.forward(seconds=4)
    texts = [f"第{n}句" for n in range(30)]
    await asyncio.gather(
        *(inbox.handle(said(text, message_id=str(n))) for n, text in enumerate(texts) for inbox in (first, second))
    )
    assert sorted(bot.heard) == sorted(texts)
    async with database.reading() as session:
        talk = await conversations.find(session, "web", "a")
        assert talk is not None
        history = await conversations.history(session, talk.id, limit=100)
        assert talk.lease_holder is None
    assert sorted(m.text for m in history if m.role == "bot") == sorted(f"答：{text}" for text in texts)


async def test_an_answer_that_comes_after_another_process_answered_is_not_added(
    database: Database, bot: FakeBot
) -> None:
    bot.wait = 0.3
    clock = Clock()
    slow = asyncio.create_task(make_inbox(database, bot, now=clock, lease=timedelta(seconds=1)).handle(said("工资")))
    await bot.reached()
    clock.forward(seconds=2)
    bot.wait = 0
    quick = await make_inbox(database, bot, now=clock).handle(said("工资"))
    assert (await slow).message_ids == quick.message_ids
    async with database.reading() as session:
        talk = await conversations.find(session, "web", "a")
        assert talk is not None
        assert [m.role for m in await conversations.history(session, talk.id, limit=9)] == ["user", "bot"]
