"""Five seconds: in tests one second is short (`SECOND`), the deadline with it."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from api.channels.wechat.config import WeChatConfig
from api.channels.wechat.splitting import LONGEST_BYTES, MAX_BYTES, MAX_CHARS
from api.channels.wechat.texts import load_texts
from api.domain.conversation import Owner, Reply, TurnResult

from .conftest import FakeCore, WeChat, config

TEXTS = load_texts()
SECOND = 0.15


@pytest.fixture(params=[False, True], ids=["unverified", "verified"])
def push(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
async def slow(core: FakeCore, push: bool) -> AsyncIterator[WeChat]:
    client = WeChat(config(deadline=3.5 * SECOND, push=push), core)
    yield client
    await client.machine.drain()
    await client.http.aclose()


@pytest.mark.parametrize("seconds", [2, 4, 8])
async def test_always_answered_under_five_seconds(slow: WeChat, core: FakeCore, push: bool, seconds: int) -> None:
    core.delay = seconds * SECOND
    begun = time.monotonic()
    reply = await slow.say("工资")
    assert time.monotonic() - begun < 4.8 * SECOND
    late = "success" if push else TEXTS.waiting
    assert reply == ("答：工资" if seconds < 3.5 else late)
    await slow.machine.drain()
    assert len(core.kept) == (0 if seconds < 3.5 else 1)


@pytest.mark.parametrize("word", ["1", "１", "结果", "继续"])
async def test_pull_the_late_answer_once(wechat_late: WeChat, core: FakeCore, word: str) -> None:
    assert await wechat_late.say("工资") == TEXTS.waiting
    assert await wechat_late.say(word) == TEXTS.still_waiting
    await wechat_late.machine.drain()
    core.delay = 0
    assert await wechat_late.say(word) == TEXTS.pulled + "\n答：工资"
    assert [message.text for message in core.handled] == ["工资"]


async def test_a_retry_shares_the_turn_and_keeps_it_once(wechat_late: WeChat, core: FakeCore) -> None:
    first, retry = await asyncio.gather(
        wechat_late.say("工资", message_id="7"), wechat_late.say("工资", message_id="7")
    )
    assert first == retry == TEXTS.waiting
    await wechat_late.machine.drain()
    assert len(core.handled) == len(core.kept) == 1


async def test_another_question_is_not_swallowed(wechat_late: WeChat, core: FakeCore) -> None:
    await wechat_late.say("工资")
    await wechat_late.machine.drain()
    core.delay = 0
    assert await wechat_late.say("那地界呢") == "答：那地界呢"


async def test_an_emergency_is_never_swallowed(wechat_late: WeChat, core: FakeCore) -> None:
    await wechat_late.say("工资")
    assert await wechat_late.say("我不想活了") == "请马上打120或110"
    await wechat_late.machine.drain()
    kept = [reply.text for result in core.kept for reply in result.replies]
    assert kept == ["答：工资"]


@pytest.mark.parametrize("before", [700, 5000])
async def test_an_emergency_at_the_end_of_a_long_message(wechat: WeChat, core: FakeCore, before: int) -> None:
    said, core.failing = "邻" * before + "我不想活了", True
    assert await wechat.say(said) == "请马上打120或110"
    assert [message.text for message in core.handled] == [said]


async def test_a_message_longer_than_the_bot_reads_is_told_so(slow: WeChat, core: FakeCore, push: bool) -> None:
    longest = slow.config.longest
    notice = TEXTS.read_until.format(count=longest)
    core.answer = "好"
    assert await slow.say("墙" * longest) == "好"
    assert await slow.say("墙" * longest + "等") == f"{notice}\n好"
    assert [len(message.text) for message in core.handled] == [longest] * 2
    core.delay = 8 * SECOND
    assert await slow.say("墙" * longest + "等") == (notice if push else f"{notice}\n{TEXTS.waiting}")


async def test_a_bare_number_is_an_answer_when_nothing_waits(wechat: WeChat) -> None:
    assert await wechat.say("1") == "答：1"


async def test_waiting_of_one_is_not_told_to_another(wechat_late: WeChat, core: FakeCore) -> None:
    await wechat_late.say("工资")
    core.delay = 0
    other = {"FromUserName": "oSomebodyElse"}
    response = await wechat_late.post(
        {"ToUserName": "gh_demo00000001", "CreateTime": 1, "MsgType": "text", "Content": "1", "MsgId": "901"} | other
    )
    assert "答：1" in response.text


async def test_long_answers_are_read_on(wechat: WeChat, core: FakeCore) -> None:
    core.answer = "先看合同上写的期限，再看有没有登记。打 12348 可以问。" * 180
    first = await wechat.say("流转合同")
    assert first.endswith(TEXTS.more.format(part=2))
    assert "12348" in first
    parts, reply = [first], first
    while TEXTS.more.format(part=len(parts) + 1) in reply:
        reply = await wechat.say(f"继续{len(parts) + 1}")
        parts.append(reply)
    assert all(len(part) <= MAX_CHARS and len(part.encode()) <= MAX_BYTES for part in parts)
    whole = "".join(part.split("\n（还没说完")[0] for part in parts)
    assert whole == core.answer
    assert await wechat.say("继续") == parts[1]
    assert await wechat.say(f"继续{len(parts) + 1}") == TEXTS.all_said
    assert len(core.handled) == 1


LONG = "、".join(f"第{number}条" for number in range(1, 300))


async def read_on(wechat: WeChat, first: str) -> list[str]:
    """All parts, without the lines how to read on."""
    read = [first]
    while TEXTS.more.format(part=len(read) + 1) in read[-1]:
        read.append(await wechat.say(f"继续{len(read) + 1}"))
    assert all(len(part.encode()) <= LONGEST_BYTES for part in read)
    return [part.split("\n（还没说完")[0] for part in read]


async def test_a_long_late_answer_loses_nothing(wechat_late: WeChat, core: FakeCore) -> None:
    core.answer = LONG
    await wechat_late.say("流转合同")
    await wechat_late.machine.drain()
    read = await read_on(wechat_late, await wechat_late.say("1"))
    assert len(read) > 2
    assert "".join(read) == TEXTS.pulled + "\n" + LONG


@pytest.mark.parametrize("said", ["老板欠我工资", "老板欠我工资三个月了，" * 54])
async def test_a_long_answer_to_a_voice_loses_nothing(wechat: WeChat, core: FakeCore, said: str) -> None:
    core.answer = LONG
    read = await read_on(wechat, await wechat.say("", MsgType="voice", Recognition=said))
    assert "".join(read).endswith("\n\n" + LONG)
    assert read[0].startswith(TEXTS.heard.split("{text}")[0] + said[:6])


async def test_silence_while_a_human_has_the_conversation(wechat: WeChat, core: FakeCore) -> None:
    core.answers["55"] = TurnResult((), Owner.HUMAN, message_ids=(3,))
    assert await wechat.say("在吗", message_id="55") == "success"


async def test_choices_and_links_are_written_out(wechat: WeChat, core: FakeCore) -> None:
    buttons = ({"title": "确认提交", "payload": "/affirm"}, {"title": "修改", "payload": "/deny"})
    links = ({"title": "条文", "url": "https://example.invalid/1"},)
    core.answers["56"] = TurnResult((Reply("请核对", buttons, links),), Owner.BOT)
    expected = "请核对\n可以直接回复：确认提交 / 修改\n条文 https://example.invalid/1"
    assert await wechat.say("好", message_id="56") == expected


@pytest.mark.parametrize("fields", [{"token": ""}, {"sender_secret": ""}, {"mode": "safe", "aes_keys": ()}])
def test_a_half_configured_account_is_refused(fields: dict[str, object]) -> None:
    complete: dict[str, object] = {"token": "t", "app_id": "wx", "sender_secret": "s", "mode": "plain"}
    with pytest.raises(ValueError, match="要有"):
        WeChatConfig(**(complete | fields))  # type: ignore[arg-type]


@pytest.fixture
async def wechat_late(core: FakeCore) -> AsyncIterator[WeChat]:
    core.delay = 8 * SECOND
    client = WeChat(config(deadline=3.5 * SECOND), core)
    yield client
    await client.machine.drain()
    await client.http.aclose()
