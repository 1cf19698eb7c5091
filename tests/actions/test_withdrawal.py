"""Taking an application back: asked once whether it was meant, never for a ticket that protects somebody."""

import pytest

from tests.actions.fake_desk import FakeDesk, Talk, ticket

FIRST, SECOND = "T-20261122-0001", "T-20261122-0002"
AT = "2026-11-22T03:00:00+00:00"


@pytest.fixture
def talk() -> Talk:
    return Talk(FakeDesk())


async def wish(talk: Talk, text: str = "帮我撤回吧", *, crisis_at: str | None = None, **entities: str) -> str:
    return await talk.say(text, action="action_withdraw", intent="withdraw", crisis_at=crisis_at, **entities)


async def yes(talk: Talk, text: str = "/affirm") -> str:
    return await talk.say(text, action="action_affirm", intent="affirm")


def withdrawn(talk: Talk) -> list[str]:
    return [call for call, _, _ in talk.desk.calls if call.endswith("/withdraw")]


async def test_asked_first_and_done_on_a_yes(talk: Talk) -> None:
    talk.desk.tickets = [ticket(), ticket(SECOND, status="closed")]
    assert f"您是要撤回 {FIRST}（邻里纠纷）吗" in await wish(talk)
    assert talk.buttons == ["确定撤回", "先不撤"]
    assert withdrawn(talk) == []
    assert f"已经撤回 {FIRST}" in await yes(talk)
    (call,) = [one for one in talk.desk.calls if one[0].endswith("/withdraw")]
    assert call[0] == f"POST /tickets/{FIRST}/withdraw"
    assert call[2]["idempotency-key"] == "withdraw:web:visitor-1:m-2"


async def test_the_wish_said_twice_is_a_yes(talk: Talk) -> None:
    talk.desk.tickets = [ticket()]
    await wish(talk)
    assert "已经撤回" in await wish(talk, "对，撤了吧")


@pytest.mark.parametrize(("text", "intent"), [("/deny", "deny"), ("不撤了", "withdraw"), ("先不撤", "deny")])
async def test_kept_on_a_no(talk: Talk, text: str, intent: str) -> None:
    talk.desk.tickets = [ticket()]
    await wish(talk)
    assert "不撤" in await talk.say(text, action="action_small_talk", intent=intent)
    await yes(talk, "好的")
    assert withdrawn(talk) == []


async def test_the_question_stands_for_one_message(talk: Talk) -> None:
    talk.desk.tickets = [ticket()]
    await wish(talk)
    await talk.say("你好", action="action_small_talk", intent="greet")
    await yes(talk, "好的")
    assert withdrawn(talk) == []


async def test_which_of_many(talk: Talk) -> None:
    talk.desk.tickets = [ticket(), ticket(SECOND)]
    assert "哪一件" in await wish(talk)
    (reply,) = talk.replies
    assert [button["title"].split()[0] for button in reply["buttons"]] == [FIRST, SECOND]
    assert reply["buttons"][1]["payload"] == f'/withdraw{{"ticket_no": "{SECOND}"}}'
    assert f"已经撤回 {SECOND}" in await wish(talk, reply["buttons"][1]["payload"], ticket_no=SECOND)


@pytest.mark.parametrize("status", [None, "closed", "withdrawn"])
async def test_nothing_to_take_back(talk: Talk, status: str | None) -> None:
    talk.desk.tickets = [ticket(status=status)] if status else []
    assert "没有查到" in await wish(talk)


async def test_the_desk_refuses(talk: Talk) -> None:
    talk.desk.tickets = [ticket()]
    talk.desk.refuse[f"/tickets/{FIRST}/withdraw"] = (409, "conflict", "刚刚有人办理过，请再看一次。")
    await wish(talk)
    assert await yes(talk) == "刚刚有人办理过，请再看一次。"


@pytest.mark.parametrize("text", ["我后悔了", "没事了撤了吧", f'/withdraw{{"ticket_no": "{FIRST}"}}'])
async def test_a_protective_ticket_is_never_taken_back_by_a_line(talk: Talk, text: str) -> None:
    talk.desk.tickets = [ticket(protective=True)]
    entities = {"ticket_no": FIRST} if text.startswith("/") else {}
    assert "原样交给专人" in await wish(talk, text, crisis_at=AT, **entities)
    assert withdrawn(talk) == []
    (note,) = talk.desk.asked(f"POST /tickets/{FIRST}/add_note")
    assert text in note["note"]


async def test_beside_an_old_protective_ticket_the_ordinary_one_can_be_taken_back(talk: Talk) -> None:
    talk.desk.tickets = [ticket(protective=True), ticket(SECOND)]
    assert "原样交给专人" in await wish(talk, crisis_at=AT)
    assert f"您是要撤回 {SECOND}" in await wish(talk)
    assert "原样交给专人" in await wish(talk, "没事了撤了吧", crisis_at="2026-11-22T04:00:00+00:00")
