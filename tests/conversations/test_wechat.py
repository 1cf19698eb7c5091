"""Some golden dialogues once more, through WeChat: signed, encrypted, in parts, and without buttons to press."""

import asyncio
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest

from api.channels.wechat.texts import load_texts
from tests.conversations.dialogue import UNFIT, Stage, play_on, titles_of
from tests.conversations.test_dialogues import DIALOGUES, GOALS
from tests.fakes.account import CONFIG, account_at
from tests.fakes.wechat import NUMBERS, OUT_OF_SERVICE, FakeWeChat
from tests.system import System

pytestmark = pytest.mark.rasa

TEXTS = load_texts()
MOST_PULLS = 10
MORE = re.compile("\n" + re.escape(TEXTS.more).replace(re.escape("{part}"), r"(\d+)") + r"$")
PLAYED = {
    "答完要登记，说好就行",
    "登记到一半出现危险，登记停下，听人的",
    "十二个工友一起讨薪，按一批办",
    "两个问题都答，按先后",
    "邻居院墙纠纷登记到网格员",
    "登记中间转人工",
    "三次听不懂，先给去处，再给真人",
    "问几遍你是谁，第三遍认账",
    "替老娘登记",
    "对方来说自己的理",
    "对方先说不调，又愿意谈",
    "登记、查进度、撤回",
    "包工头欠薪",
    "诉讼费点按钮",
    "写借条，跳过、念回、给链接",
    "两张单子，问清补到哪一张",
    "办完了评价，满意",
}
CHOSEN = [(name, dialogue) for name, dialogue in DIALOGUES if dialogue["name"] in PLAYED]


@dataclass
class WeChatStage(Stage):
    """Everybody follows the account. `openids`: the pseudonym the desk knows → whom WeChat knows."""

    openids: dict[str, str] = field(default_factory=dict)

    def person(self, step: Mapping[str, Any]) -> tuple[str, str]:
        who = step.get("as", "villager")
        if who not in self.people:
            openid = f"o{uuid.uuid4().hex}"
            self.people[who] = ("wechat", CONFIG.sender_of(openid))
            self.openids[CONFIG.sender_of(openid)] = openid
        return self.people[who]

    def say(self, text: str, channel: str, sender: str) -> dict[str, Any]:
        """The desk's answer, after a look that the follower was shown all of it and nothing unfit."""
        said, number = self.filled(text), str(next(NUMBERS))
        shown = asyncio.run(self.read_all(self.openids[sender], said, number))
        answer = self.stored(said, channel, sender, number)
        where = f"{self.name} ({said}): shown was\n{shown}"
        assert bool(shown) == bool(answer["replies"]), where
        for piece in [reply["text"] for reply in answer["replies"]] + titles_of(answer):
            assert packed(piece) in packed(shown), f"{where}\nwithout\n{piece}"
        assert not UNFIT.search(shown), where
        return answer

    async def read_all(self, openid: str, text: str, number: str) -> str:
        """Everything the account says to one message: waited for with "1", and read to its end."""
        async with httpx.AsyncClient(timeout=30) as http:
            wechat = account_at(str(self.client.base_url).rstrip("/"), http)
            shown = await wechat.say(openid, text, message_id=number) or ""
            for _ in range(MOST_PULLS):
                if shown not in (TEXTS.waiting, TEXTS.still_waiting):
                    break
                await asyncio.sleep(2)
                shown = await wechat.say(openid, "1") or ""
            while more := MORE.search(shown):
                shown = shown[: more.start()] + "\n" + (await wechat.say(openid, f"继续{more[1]}") or "")
        assert shown not in (TEXTS.failed, OUT_OF_SERVICE), f"{self.name} ({text}): {shown}"
        return shown


def packed(text: str) -> str:
    """Without white space: parts are cut where lines end."""
    return "".join(text.split())


@pytest.mark.parametrize(("name", "dialogue"), CHOSEN, ids=[name for name, _ in CHOSEN])
def test_dialogue(name: str, dialogue: Mapping[str, Any], system: System) -> None:
    with system.client() as client:
        stage = WeChatStage(client, f"{name} «{dialogue['name']}»")
        play_on(stage, dialogue["steps"], dialogue.get("expect", {}))


async def speak(wechat: FakeWeChat, openid: str, text: str) -> str:
    fields = {"MsgType": "voice", "MediaId": "m", "Format": "amr", "Recognition": text}
    return await wechat.say(openid, "", **fields) or ""


def test_an_application_by_voice_is_read_back_before_it_is_written(system: System) -> None:
    """A question is answered at once; story and place of an application only after a yes, by voice too."""

    async def talk() -> None:
        openid = f"o{uuid.uuid4().hex}"
        async with httpx.AsyncClient(timeout=30) as http:
            wechat = account_at(system.base, http)
            voice = partial(speak, wechat, openid)
            said = await voice("邻居砌墙占了我家的滴水檐，说了几次都不听。")
            assert said.startswith("我听到的是：")
            assert "登记调解" in said
            said = await voice("登记调解")
            assert "“邻居砌墙占了我家的滴水檐，说了几次都不听。”" in said
            assert "不对" in said
            assert "哪个村" in await voice("对。")
            said = await voice("东沟村一组。")
            assert (said.count("我听到的是"), "记下了" in said) == (1, False)
            assert "哪个村" in (await wechat.say(openid, "不对") or "")
            assert "“西沟村二组。”" in await voice("西沟村二组。")
            assert "记下了：青石镇西沟村二组" in (await wechat.say(openid, "对，没听错") or "")
            await wechat.say(openid, "取消")

    asyncio.run(talk())


def test_a_story_that_waits_for_its_yes_is_not_lost_to_a_command(system: System) -> None:
    async def talk() -> None:
        openid = f"o{uuid.uuid4().hex}"
        async with httpx.AsyncClient(timeout=30) as http:
            wechat = account_at(system.base, http)
            voice = partial(speak, wechat, openid)
            await voice("包工头跑了 欠我们八个人十二万")
            for said in ("对", "登记调解"):
                assert "“包工头跑了 欠我们八个人十二万”" in await voice(said)
            said = await voice("对")
            assert "您把事情说" not in said
            assert "哪个村" in said
            await wechat.say(openid, "取消")

    asyncio.run(talk())


def test_every_topic_of_the_menu_has_its_answer(system: System) -> None:
    async def ask_all() -> None:
        async with httpx.AsyncClient(timeout=30) as http:
            wechat, unanswered = account_at(system.base, http), []
            for key, topics in TEXTS.topics.items():
                openid = f"o{uuid.uuid4().hex}"
                assert topics.ask in (await wechat.event(openid, "CLICK", key) or "")
                for one in topics.commonest:
                    said = await wechat.say(openid, one) or ""
                    if "下一步：" not in said:
                        unanswered.append(f"{one} → {said[:120]}")
            assert not unanswered, "\n".join(unanswered)

    asyncio.run(ask_all())


def test_read_on_when_all_is_said_begins_nothing(system: System) -> None:
    async def talk() -> None:
        openid = f"o{uuid.uuid4().hex}"
        async with httpx.AsyncClient(timeout=30) as http:
            wechat = account_at(system.base, http)
            await wechat.say(openid, "邻居砌墙占了我家的滴水檐，说了几次都不听")
            for said in ("继续2", "继续9", "继续"):
                assert "已经说完了" in (await wechat.say(openid, said) or ""), said

    asyncio.run(talk())


def test_every_goal_is_played() -> None:
    assert {name.split("-")[0] for name, _ in CHOSEN} == GOALS
    assert {dialogue["name"] for _, dialogue in CHOSEN} == PLAYED
