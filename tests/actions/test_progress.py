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

    async def test_asks_only_for_this_villager(self, talk: Talk) -> None:
        await self.ask(talk)
        assert talk.desk.asked("GET /tickets") == [{"channel": "web", "sender": "visitor-1"}]


class TestWithdraw:
    async def ask(self, talk: Talk, text: str = "帮我撤回吧", **entities: str) -> str:
        return await talk.say(text, action="action_withdraw", intent="withdraw", **entities)

    async def test_the_only_one(self, talk: Talk) -> None:
        talk.desk.tickets = [ticket(), ticket(SECOND, status="closed")]
        assert "已经撤回 T-20261122-0001" in await self.ask(talk)
        (call,) = [one for one in talk.desk.calls if one[0].endswith("/withdraw")]
        assert call[0] == "POST /tickets/T-20261122-0001/withdraw"
        assert call[2]["idempotency-key"] == "withdraw:web:visitor-1:m-1"

    async def test_which_of_many(self, talk: Talk) -> None:
        talk.desk.tickets = [ticket(), ticket(SECOND)]
        assert "哪一件" in await self.ask(talk)
        (reply,) = talk.replies
        assert [button["title"].split()[0] for button in reply["buttons"]] == ["T-20261122-0001", SECOND]
        assert reply["buttons"][1]["payload"] == f'/withdraw{{"ticket_no": "{SECOND}"}}'
        assert f"已经撤回 {SECOND}" in await self.ask(talk, reply["buttons"][1]["payload"], ticket_no=SECOND)

    @pytest.mark.parametrize("status", [None, "closed", "withdrawn"])
    async def test_nothing_to_take_back(self, talk: Talk, status: str | None) -> None:
        talk.desk.tickets = [ticket(status=status)] if status else []
        assert "没有查到" in await self.ask(talk)

    async def test_the_desk_refuses(self, talk: Talk) -> None:
        talk.desk.tickets = [ticket()]
        talk.desk.refuse["/tickets/T-20261122-0001/withdraw"] = (409, "conflict", "刚刚有人办理过，请再看一次。")
        assert await self.ask(talk) == "刚刚有人办理过，请再看一次。"


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
