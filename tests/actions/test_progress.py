"""Where is my case, taking it back, and the ways to a person."""

import pytest

from tests.actions.fake_desk import PROGRESS, FakeDesk, Talk, ticket

HANDOFF = "POST /conversations/web/visitor-1/handoff"
SECOND = "T-20261122-0002"


@pytest.fixture
def talk() -> Talk:
    return Talk(FakeDesk())


class TestStatus:
    async def ask(self, talk: Talk, **entities: str) -> str:
        return await talk.say("我的事办到哪了", action="action_ticket_status", intent="ticket_status", **entities)

    async def test_nothing_registered(self, talk: Talk) -> None:
        assert "没有查到您在这里登记过" in await self.ask(talk)

    async def test_one(self, talk: Talk) -> None:
        talk.desk.tickets = [ticket()]
        assert await self.ask(talk) == f"T-20261122-0001（邻里纠纷）：{PROGRESS}"
        asked = {"channel": "web", "sender": "visitor-1"}
        assert talk.desk.asked("GET /tickets/T-20261122-0001/progress") == [asked]

    async def test_all_that_are_known_up_to_three(self, talk: Talk) -> None:
        talk.desk.tickets = [ticket(f"T-20261122-000{number}") for number in range(1, 6)]
        await self.ask(talk)
        assert len(talk.replies) == 3

    async def test_by_number(self, talk: Talk) -> None:
        talk.desk.tickets = [ticket(), ticket(SECOND)]
        text = await self.ask(talk, ticket_no=SECOND)
        assert SECOND in text
        assert "T-20261122-0001" not in text

    async def test_a_number_that_is_not_theirs(self, talk: Talk) -> None:
        assert "没有查到 T-20200101-0001" in await self.ask(talk, ticket_no="T-20200101-0001")

    async def test_of_a_protective_ticket_only_that_somebody_knows(self, talk: Talk) -> None:
        talk.desk.tickets = [ticket(SECOND, protective=True, category_zh="婚姻家庭纠纷")]
        text = await self.ask(talk)
        assert "专人会跟您联系" in text
        assert SECOND not in text
        assert "婚姻" not in text
        assert "专人" in await self.ask(talk, ticket_no=SECOND)
        talk.desk.tickets.append(ticket())
        text = await self.ask(talk)
        assert f"T-20261122-0001（邻里纠纷）：{PROGRESS}" in text
        assert SECOND not in text

    async def test_asks_only_for_this_villager(self, talk: Talk) -> None:
        await self.ask(talk)
        assert talk.desk.asked("GET /tickets") == [{"channel": "web", "sender": "visitor-1"}]


class TestPeople:
    async def test_on_request(self, talk: Talk) -> None:
        assert "前面还有 2 位" in await talk.say("转人工", action="action_handoff", intent="handoff")
        assert talk.desk.asked(HANDOFF) == [{"reason": "来访人要求转人工", "known": {}}]

    async def test_a_complaint_tells_the_rights_and_brings_a_person(self, talk: Talk) -> None:
        text = await talk.say("那个调解员偏心" * 30, action="action_complaint", intent="complaint")
        assert "有权换调解员" in text
        assert len(talk.desk.asked(HANDOFF)[0]["reason"]) <= 80

    async def test_the_third_miss_brings_a_person(self, talk: Talk) -> None:
        async def miss() -> str:
            return await talk.say("嗯嗯啊", action="action_fallback", intent="nlu_fallback")

        assert "没听明白" in await miss()
        assert talk.buttons == ["我要问法律", "登记纠纷", "转人工"]
        assert "还是没弄懂" in await miss()
        assert talk.desk.asked(HANDOFF) == []
        text = await miss()
        assert "转给工作人员" in text
        assert talk.desk.asked(HANDOFF)
        assert "没听明白" in await miss()

    async def test_an_understood_message_starts_the_count_again(self, talk: Talk) -> None:
        await talk.say("嗯嗯啊", action="action_fallback", intent="nlu_fallback")
        await talk.say("你好", action="action_small_talk", intent="greet")
        assert "没听明白" in await talk.say("嗯嗯啊", action="action_fallback", intent="nlu_fallback")


INTENTS = [
    "greet",
    "goodbye",
    "thanks",
    "help",
    "bot_identity",
    "abuse",
    "privacy",
    "chitchat",
    "other_service",
    "deny",
    "cancel",
    "correct",
    "inform",
    "skip",
]


@pytest.mark.parametrize("intent", INTENTS)
async def test_every_small_act_has_its_sentence(talk: Talk, intent: str) -> None:
    text = await talk.say("嗯", action="action_small_talk", intent=intent)
    assert len(text) > 5
    assert "{" not in text
