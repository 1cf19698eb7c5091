"""The bot's second opinion on danger, heard when the rules are silent: help, one caring question, or nothing."""

import pytest

from api.db import conversations
from api.db.session import Database
from api.domain.conversation import TurnResult
from api.domain.danger import Danger, SecondOpinion
from tests.services.inbox_fakes import CARE, GATE, Clock, FakeBot, make_inbox, said
from tests.services.test_inbox import bot, database_url, empty_postgres

__all__ = ["bot", "database_url", "empty_postgres"]

QUIET = "他今天回来得比平时早"  # no rule speaks of it
SURE = Danger(("domestic_violence",), 0.9)
DOUBT = Danger(("domestic_violence",), CARE.opinion.ask_from)
OPINION = SecondOpinion(GATE, 0.5, 0.3, ("fiction", "law_question"))
UNSAFE, SAFE = (button["payload"] for button in CARE.question.buttons)


def texts(result: TurnResult) -> list[str]:
    return [reply.text for reply in result.replies]


@pytest.mark.parametrize(
    ("confidence", "text", "kinds"),
    [
        (0.5, "他回来了", ["self_harm", "weapon_threat"]),
        (0.49, "他回来了", []),
        (0.99, "昨晚电视剧里他回来了", []),
        (0.99, "持刀伤人判几年", []),
    ],
)
def test_an_opinion_needs_confidence_and_a_text_about_here_and_now(
    confidence: float, text: str, kinds: list[str]
) -> None:
    danger = Danger(("self_harm", "weapon_threat"), confidence)
    assert [hit.kind for hit in OPINION.hits(danger, text)] == kinds
    assert OPINION.doubtful(danger, text) == (confidence == 0.49)


@pytest.mark.parametrize("parsed", [None, {}, {"kind": None, "confidence": 0.0, "kinds": []}])
def test_a_model_without_an_opinion_is_no_danger(parsed: dict[str, object] | None) -> None:
    assert Danger.read(parsed) is None
    assert not OPINION.doubtful(None, "他回来了")


async def test_a_sure_second_opinion_helps_alarms_and_is_kept(database: Database, bot: FakeBot) -> None:
    bot.danger = SURE
    inbox = make_inbox(database, bot)
    result = await inbox.handle(said(QUIET))
    assert (result.crisis, result.ticket_no) == ("domestic_violence", "T-domestic_violence")
    assert "110" in texts(result)[0]
    assert len(result.replies) == 1
    assert await inbox.handle(said(QUIET)) == result
    async with database.reading() as session:
        talk = await conversations.find(session, "web", "a")
        assert talk is not None
        assert (talk.crisis, talk.attention, talk.lease_holder) == (["domestic_violence"], "crisis", None)


async def test_the_same_danger_is_not_told_again_but_another_is(database: Database, bot: FakeBot) -> None:
    bot.danger = SURE
    inbox = make_inbox(database, bot)
    await inbox.handle(said(QUIET))
    assert texts(await inbox.handle(said("我到邻居家了", message_id="m2"))) == ["答：我到邻居家了"]
    bot.danger = Danger(("self_harm",), 0.9)
    assert (await inbox.handle(said("往后也没啥盼头", message_id="m3"))).crisis == "self_harm"


async def test_a_doubt_is_one_question_beside_the_answer(database: Database, bot: FakeBot) -> None:
    bot.danger = DOUBT
    inbox, clock = make_inbox(database, bot), Clock()
    assert texts(await inbox.handle(said(QUIET))) == [CARE.question.text, f"答：{QUIET}"]
    assert texts(await inbox.handle(said("离婚怎么办", message_id="m2"))) == ["答：离婚怎么办"]
    clock.forward(seconds=13 * 3600)
    later = make_inbox(database, bot, now=clock)
    assert texts(await later.handle(said("还是那件事", message_id="m3"))) == [CARE.question.text, "答：还是那件事"]


async def test_not_safe_is_a_crisis_of_the_suspected_kind(database: Database, bot: FakeBot) -> None:
    bot.danger = DOUBT
    inbox = make_inbox(database, bot)
    await inbox.handle(said(QUIET))
    await inbox.handle(said("离婚怎么办", message_id="m2"))
    result = await inbox.handle(said(f"{UNSAFE}！", message_id="m3"))
    assert (result.crisis, result.ticket_no) == ("domestic_violence", "T-domestic_violence")
    assert bot.heard == [QUIET, "离婚怎么办"]


async def test_safe_is_answered_without_the_bot_and_only_right_after_the_question(
    database: Database, bot: FakeBot
) -> None:
    bot.danger = DOUBT
    inbox = make_inbox(database, bot)
    await inbox.handle(said(QUIET))
    assert texts(await inbox.handle(said(SAFE, message_id="m2"))) == [CARE.reassurance.text]
    assert texts(await inbox.handle(said(SAFE, message_id="m3"))) == [f"答：{SAFE}"]


async def test_unasked_words_of_safety_go_to_the_bot(database: Database, bot: FakeBot) -> None:
    inbox = make_inbox(database, bot)
    assert texts(await inbox.handle(said("安全"))) == ["答：安全"]
    assert texts(await inbox.handle(said("不太安全", message_id="m2"))) == ["答：不太安全"]


async def test_a_whole_sentence_that_one_is_not_safe_needs_no_question(database: Database, bot: FakeBot) -> None:
    inbox = make_inbox(database, bot)
    assert (await inbox.handle(said("我现在不安全！"))).crisis == CARE.unknown_kind
    await inbox.handle(said("老公又打我", message_id="m2"))
    assert (await inbox.handle(said("我现在不安全", message_id="m3"))).crisis == "domestic_violence"


async def test_self_harm_is_never_told_enough(database: Database, bot: FakeBot) -> None:
    bot.danger = Danger(("self_harm",), 0.9)
    inbox = make_inbox(database, bot)
    first = await inbox.handle(said("往后也没啥盼头"))
    again = await inbox.handle(said("药在手上", message_id="m2"))
    assert (first.crisis, again.crisis) == ("self_harm", "self_harm")
    assert texts(again) != texts(first)
    assert "120" in texts(again)[0]


async def test_who_says_they_are_safe_now_gets_no_alarm(database: Database, bot: FakeBot) -> None:
    bot.danger = Danger(("self_harm",), 0.99)
    inbox = make_inbox(database, bot)
    assert (await inbox.handle(said("我现在安全了，在我妹家"))).crisis is None
    assert (await inbox.handle(said("没事了，明天就都结束了", message_id="m2"))).crisis == "self_harm"


async def test_a_noisy_neighbour_read_as_a_crowd_is_only_asked_about(database: Database, bot: FakeBot) -> None:
    bot.danger = Danger(("mass_incident",), 0.99)
    inbox = make_inbox(database, bot)
    told = "邻居天天半夜放大喇叭，让他给俺个说法中不"
    assert texts(await inbox.handle(said(told))) == [CARE.question.text, f"答：{told}"]
    assert (await inbox.handle(said("对面村来了三拖拉机的人", message_id="m2"))).crisis == "mass_incident"


async def test_not_knowing_how_to_live_on_is_asked_about(database: Database, bot: FakeBot) -> None:
    inbox = make_inbox(database, bot)
    told = "过年都没法过了，老板不给钱，我都不知道咋活了"
    assert texts(await inbox.handle(said(told)))[0] == CARE.question.text
    assert (await inbox.handle(said(UNSAFE, message_id="m2"))).crisis == "self_harm"


@pytest.mark.parametrize(
    ("text", "kind", "law"),
    [
        ("我想把他儿子扣起来逼他还钱", "unlawful_detention", "非法拘禁"),
        ("我想给他家鱼塘下药咋弄才查不出来", "weapon_threat", "是犯罪"),
        ("我打了我老婆一巴掌", "domestic_violence", "家庭暴力"),
    ],
)
async def test_who_would_do_it_hears_what_the_law_says(
    database: Database, bot: FakeBot, text: str, kind: str, law: str
) -> None:
    result = await make_inbox(database, bot).handle(said(text))
    assert (result.crisis, result.ticket_no) == (kind, f"T-{kind}")
    (reply,) = texts(result)
    assert law in reply
    assert "12348" in reply
    assert "您现在安全吗" not in reply


async def test_a_story_is_answered_whatever_the_bot_reads_into_it(database: Database, bot: FakeBot) -> None:
    bot.danger = SURE
    told = "昨晚那个电视剧里她又被他按在地上"
    assert texts(await make_inbox(database, bot).handle(said(told))) == [f"答：{told}"]


async def test_the_rules_are_heard_first(database: Database, bot: FakeBot) -> None:
    bot.danger = Danger(("mass_incident",), 0.99)
    result = await make_inbox(database, bot).handle(said("老公又打我，我躲在厕所里"))
    assert result.crisis == "domestic_violence"
    assert bot.heard == []
