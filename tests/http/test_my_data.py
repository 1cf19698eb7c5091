"""A person sees what is kept and has the chat erased; 90 days later the worker does it, and the proof is listed."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select, update

from api.db.session import Database
from api.db.tables.conversations import Conversation, Message
from api.domain.errors import Unavailable
from api.services.erasure import ErasureDesk
from tests.http.site import Site, check_error

ME = "visitor-with-an-id-nobody-guesses"
TALK = f"/api/v1/conversations/web/{ME}"


def desk(site: Site) -> ErasureDesk:
    runtime = site.app.state.runtime
    return ErasureDesk(runtime.database, runtime.bot, b"key")


async def messages(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Message)) or 0


async def age(site: Site, days: int, *, talk_too: bool = True) -> None:
    """As if everything said so far had been said that long ago."""
    database = site.app.state.runtime.database
    then = site.now() - timedelta(days=days)
    async with database.transaction() as session:
        await session.execute(update(Message).values(at=then))
        if talk_too:
            await session.execute(update(Conversation).values(last_at=then))


async def test_a_person_sees_and_erases_their_chat_and_is_told_what_stays(site: Site) -> None:
    await site.say("邻居砌墙占了我家滴水檐", sender=ME, message_id="m-1")
    await site.say("我叫什么不重要", sender=ME, message_id="m-2")
    no = await site.open_ticket(sender=ME)
    seen = (await site.http.get(f"{TALK}/data")).json()
    assert [one["role"] for one in seen["messages"]] == ["user", "bot", "user", "bot"]
    assert (seen["tickets"], seen["days"]) == ([no], 90)
    assert all(one["why"] and one["basis"] for one in seen["kept"])
    gone = (await site.http.delete(TALK)).json()
    assert (gone["messages"], gone["tickets"]) == (4, [no])
    assert no in gone["text"]
    assert "依法要留存" in gone["text"]
    assert site.rasa.forgotten == [f"web:{ME}"]
    assert await messages(site.app.state.runtime.database) == 0
    left = (await site.http.get(f"{TALK}/data")).json()
    assert (left["messages"], left["tickets"]) == ([], [no])
    assert (await site.http.delete(TALK)).json()["text"].startswith("没有可以删除的聊天记录")
    await site.say("还能再问吗", sender=ME, message_id="m-3")
    assert await messages(site.app.state.runtime.database) == 2


async def test_nobody_erases_the_chat_of_another(site: Site) -> None:
    await site.say("你好", sender=ME)
    check_error(await site.http.delete("/api/v1/conversations/web/another-id-that-nobody-guesses"), 404)
    check_error(await site.http.delete("/api/v1/conversations/wechat/visitor-1"), 401)
    check_error(await site.http.delete(TALK, headers=site.staff("xigou_director")), 403)
    await site.open_ticket(sender=ME)
    check_error(await site.http.delete(TALK, headers=site.staff("donggou_director")), 403)
    assert await messages(site.app.state.runtime.database) == 2


class InTheChat:
    """What the actions do for the person of one conversation."""

    def __init__(self, site: Site, sender: str = ME) -> None:
        self.site, self.own = site, {"channel": "web", "sender": sender}

    async def erase(self, url: str = TALK) -> httpx.Response:
        return await self.site.http.delete(url, params=self.own | {"when": "after_turn"}, headers=self.site.actions)


async def test_asked_for_in_the_chat_it_is_done_when_the_answer_is_out(site: Site) -> None:
    """The whole way: the fake bot asks the desk in the middle of its turn."""
    database, now = site.app.state.runtime.database, site.now()
    await site.say("邻居砌墙占了我家滴水檐", sender=ME, message_id="m-1")
    told = []

    async def turn() -> None:
        told.append((await InTheChat(site).erase()).json())
        assert await desk(site).as_wanted(now=site.now()) == 0, "in the middle of the turn"

    site.rasa.meanwhile = turn
    await site.say("确认删除", sender=ME, message_id="m-2")
    assert told[0]["messages"] == 3
    assert "马上删除" in told[0]["text"]
    assert site.rasa.forgotten == []
    assert await desk(site).as_wanted(now=now + timedelta(minutes=1)) == 1
    assert site.rasa.forgotten == [f"web:{ME}"]
    left = (await site.http.get(f"{TALK}/data")).json()["messages"]
    assert [one["role"] for one in left] == ["bot"], "the answer that says so stays"
    assert await desk(site).as_wanted(now=now + timedelta(minutes=2)) == 0
    [proof] = (await site.http.get("/api/v1/erasures", headers=site.tool)).json()
    assert (proof["kind"], proof["messages"]) == ("request", 3)
    await site.say("还能再问吗", sender=ME, message_id="m-3")
    assert await messages(database) == 3


async def test_in_the_chat_only_ones_own(site: Site) -> None:
    await site.say("你好", sender=ME)
    check_error(await InTheChat(site, "somebody-else-with-a-long-id").erase(), 404)
    params = {"channel": "web", "sender": "somebody-else-with-a-long-id"}
    check_error(await site.http.get(f"{TALK}/data", params=params, headers=site.actions), 404)
    assert await desk(site).as_wanted(now=site.now() + timedelta(minutes=1)) == 0
    assert await messages(site.app.state.runtime.database) == 2


async def test_while_the_bot_is_down_a_wish_waits(site: Site) -> None:
    await site.say("你好", sender=ME)
    await InTheChat(site).erase()
    later = site.now() + timedelta(minutes=1)
    site.rasa.down = True
    with pytest.raises(Unavailable):
        await desk(site).as_wanted(now=later)
    assert await messages(site.app.state.runtime.database) == 2
    site.rasa.down = False
    assert await desk(site).as_wanted(now=later) == 1
    assert await messages(site.app.state.runtime.database) == 0


async def test_while_the_bot_is_down_nothing_nothing_is_half_erased(site: Site) -> None:
    await site.say("你好", sender=ME)
    site.rasa.down = True
    check_error(await site.http.delete(TALK), 503)
    assert await messages(site.app.state.runtime.database) == 2


async def test_after_ninety_days_the_worker_erases_and_leaves_proof(site: Site) -> None:
    database = site.app.state.runtime.database
    await site.say("邻居砌墙占了我家滴水檐", sender=ME)
    now = site.now()
    await age(site, 89)
    assert await desk(site).expire(now=now) == 0
    await age(site, 91)
    assert await desk(site).expire(now=now) == 1
    assert await messages(database) == 0
    assert await desk(site).expire(now=now) == 0
    [proof] = (await site.http.get("/api/v1/erasures", headers=site.tool)).json()
    assert (proof["kind_zh"], proof["messages"], proof["actor"]) == ("到期清除", 2, "worker")
    assert ME not in str(proof)
    check_error(await site.http.get("/api/v1/erasures", headers=site.staff("qingshi_leader")), 403)


async def test_old_lines_of_a_talk_that_goes_on_are_erased_when_it_rests(site: Site) -> None:
    await site.say("很久以前的话", sender=ME, message_id="m-1")
    await age(site, 91, talk_too=False)
    await site.say("今天的话", sender=ME, message_id="m-2")
    now = site.now()
    assert await desk(site).expire(now=now) == 0
    later = now + timedelta(hours=3)
    assert await desk(site).expire(now=later) == 1
    seen = (await site.http.get(f"{TALK}/data")).json()["messages"]
    assert [one["text"] for one in seen if one["role"] == "user"] == ["今天的话"]


async def test_retention_waits_for_the_bot(site: Site) -> None:
    database = site.app.state.runtime.database
    await site.say("你好", sender=ME)
    await age(site, 91)
    site.rasa.down = True
    with pytest.raises(Unavailable):
        await desk(site).expire(now=site.now())
    assert await messages(database) == 2
