"""The channel on the real inbox, crisis desk, outbox and database; only the bot and the ticket desk are fakes."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from api.channels.wechat.answering import Answering
from api.channels.wechat.texts import load_texts
from api.channels.wechat.wiring import Desk, config_of
from api.db.base import DataKeys
from api.db.migrate import migrate
from api.db.session import Database
from api.db.tables.conversations import Conversation
from api.domain.conversation import BotTurn, Reply
from api.domain.safety import SafetyGate
from api.services import conversations
from api.services.care import Care
from api.services.crisis import CrisisDesk
from api.services.help_texts import HelpTexts
from api.services.inbox import Inbox, InboxRules
from api.settings import Settings, WeChatMode
from knowledge_base import safety
from knowledge_base.safety.second_opinion import load_second_opinion
from tests.services.test_inbox import FakeBot

from .conftest import ACCOUNT, NOW, FakeCore, WeChat, config, message

TEXTS = load_texts()
DEADLINE = 1.5


class RepeatingBot(FakeBot):
    """Says the same sentence many times over."""

    async def turn(self, *, sender: str, text: str, message_id: str, metadata: Mapping[str, Any]) -> BotTurn:
        await super().turn(sender=sender, text=text, message_id=message_id, metadata=metadata)
        return BotTurn((Reply("先把合同找出来看期限。" * 120),))


@dataclass
class Parts:
    settings: Settings
    database: Database
    inbox: Inbox
    crisis: CrisisDesk
    bot: FakeBot


async def protective_ticket(_session: Any, *, conversation: Conversation, kind: str, text: str, at: Any) -> str:
    return f"T-{conversation.id}-{kind}-{len(text)}-{at.year}"


@pytest.fixture(params=[FakeBot])
async def parts(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Parts]:
    DataKeys.use(["test"])
    url = f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"
    migrate(url)
    database, bot = Database(url), request.param()
    gate = SafetyGate(safety.load_rules())
    texts = HelpTexts(gate, safety.load_texts().by_kind)
    care = Care.of(load_second_opinion(), gate)
    crisis = CrisisDesk(database, gate, texts, care, protective_ticket, now=lambda: NOW)
    rules = InboxRules(5.0, timedelta(seconds=30), 2, Reply("没能答上来"), Reply("还在处理"))
    settings = Settings(home=tmp_path, clock=NOW.isoformat(), _env_file=None)  # type: ignore[call-arg]
    yield Parts(settings, database, Inbox(database, bot, crisis, rules, now=lambda: NOW), crisis, bot)
    await database.close()


@pytest.fixture
async def client(parts: Parts) -> AsyncIterator[WeChat]:
    made = WeChat(config(deadline=DEADLINE), FakeCore())
    desk = Desk(parts, push=False)
    made.machine = Answering(made.config, desk, desk, TEXTS)
    yield made
    await made.machine.drain()
    await made.http.aclose()


async def stored(parts: Parts, client: WeChat) -> Conversation:
    async with parts.database.reading() as session:
        sender = client.config.sender_of("oDemoOpenId0000000000000001")
        return await conversations.get(session, "wechat", sender)


async def test_one_message_three_times_is_one_turn(client: WeChat, parts: Parts) -> None:
    replies = [await client.say("地界怎么认", message_id="41") for _ in range(3)]
    assert replies == ["答：地界怎么认"] * 3
    assert parts.bot.heard == ["地界怎么认"]
    assert (await stored(parts, client)).reply_address == "oDemoOpenId0000000000000001"


async def test_a_late_answer_waits_in_the_database(client: WeChat, parts: Parts) -> None:
    parts.bot.wait = 1.6 * DEADLINE
    assert await client.say("工资") == TEXTS.waiting
    await client.machine.drain()
    parts.bot.wait = 0
    assert await client.say("1") == TEXTS.pulled + "\n答：工资"
    assert await client.say("1") == "答：1"


async def test_a_pulled_answer_lost_on_the_way_is_given_again(client: WeChat, parts: Parts) -> None:
    """WeChat repeats the same "1" when our reply did not arrive; another "1" is a question of its own."""
    parts.bot.wait = 1.6 * DEADLINE
    await client.say("工资")
    await client.machine.drain()
    parts.bot.wait = 0
    replies = [await client.say("1", message_id="77") for _ in range(3)]
    assert replies == [TEXTS.pulled + "\n答：工资"] * 3
    assert await client.say("1", message_id="78") == "答：1"


async def test_another_process_knows_that_an_answer_is_being_worked_on(client: WeChat, parts: Parts) -> None:
    other = WeChat(client.config, FakeCore())
    desk = Desk(parts, push=False)
    other.machine = Answering(other.config, desk, desk, TEXTS)
    parts.bot.wait = 2 * DEADLINE
    await client.say("工资")
    assert await other.say("1") == TEXTS.still_waiting
    await client.machine.drain()
    assert await other.say("1", message_id="90") == TEXTS.pulled + "\n答：工资"
    await other.http.aclose()


async def test_a_danger_while_an_answer_is_waited_for(client: WeChat, parts: Parts) -> None:
    parts.bot.wait = 1.6 * DEADLINE
    await client.say("工资")
    assert "12356" in await client.say("我不想活了")
    assert (await stored(parts, client)).crisis == ["self_harm"]


async def test_a_danger_told_last_in_a_long_story(client: WeChat, parts: Parts) -> None:
    story = "邻居砌墙挡了我家的路，说了几次都不听，村里来看过也没有办法。" * 23
    assert "12356" in await client.say(f"{story}我活着没意思，农药都买好了，今晚就喝下去")
    assert (await stored(parts, client)).crisis == ["self_harm"]


@pytest.mark.parametrize("parts", [RepeatingBot], indirect=True)
async def test_a_long_answer_is_read_on_from_the_database(client: WeChat) -> None:
    first = await client.say("流转合同")
    second = await client.say("继续")
    assert TEXTS.more.format(part=2) in first
    assert second.startswith("先把合同找出来")
    assert second == await client.say("继续2")


async def test_who_leaves_is_forgotten(client: WeChat, parts: Parts) -> None:
    await client.say("你好")
    assert (await client.post(message(MsgType="event", Event="unsubscribe"))).text == "success"
    talk = await stored(parts, client)
    assert talk.reply_address is None
    async with parts.database.reading() as session:
        assert await conversations.history(session, talk) == []
    assert parts.bot.forgotten == [f"wechat:{talk.sender}"]


def test_settings_become_a_configuration(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        wechat_token=SecretStr("token"),
        wechat_app_id="wx1",
        wechat_mode=WeChatMode.SAFE,
        wechat_aes_key=SecretStr(f"{ACCOUNT['encoding_aes_key']}, {ACCOUNT['encoding_aes_key']}"),
        _env_file=None,  # type: ignore[call-arg]
    )
    made = config_of(settings)
    assert (made.mode, made.push, len(made.aes_keys)) == ("safe", False, 2)
    assert made.sender_of("o1") != made.sender_of("o2")
