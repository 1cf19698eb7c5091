"""The channel, the tracker store and the patches together, against a real server process."""

from __future__ import annotations

import sqlite3

import pytest

from tests.bot.servers import ActionServer, BotServer

WAGES = "包工头欠我们三个月工資"


def test_ready_names_the_model(bot: BotServer) -> None:
    status, body = bot.call("GET", "ready")
    assert (status, body["status"], body["model"]) == (200, "ready", "small.tar.gz")
    assert len(body["model_id"]) == 32


def test_not_ready_while_the_actions_do_not_answer(bot: BotServer, actions: ActionServer) -> None:
    actions.healthy = False
    try:
        assert bot.call("GET", "ready")[0] == 503
    finally:
        actions.healthy = True


def test_a_turn_carries_messages_intent_and_loop(bot: BotServer, actions: ActionServer) -> None:
    status, body = bot.turn("one", WAGES, "m1")
    assert status == 200
    assert body["messages"] == [
        {"text": "回答", "buttons": [{"title": "好", "payload": "/affirm"}]},
        {"custom": {"kind": "answer"}},
    ]
    assert body["intent"]["name"] == "dispute"
    assert body["active_loop"] is None


def test_actions_see_metadata_triage_and_both_texts(bot: BotServer, actions: ActionServer) -> None:
    bot.turn("two", WAGES, "m7", channel="wechat")
    latest = actions.calls[-1]["tracker"]["latest_message"]
    assert latest["metadata"] == {"channel": "wechat", "message_id": "m7", "raw_text": WAGES}
    assert latest["text"] == "包工头欠我们三个月工资"
    assert (latest["triage"]["category"], latest["triage"]["subcategory"]) == ("labor", "unpaid_wages")
    assert {entity["entity"] for entity in latest["entities"]} == {"party_role", "duration"}
    assert "domain" not in actions.calls[-1]


def test_a_turn_stops_at_a_danger_that_is_not_cared_for_yet(bot: BotServer, actions: ActionServer) -> None:
    said, called = "老公昨晚又把我按在地上打", len(actions.calls)
    status, body = bot.turn("danger", said, "m1", stop_at={"danger": 0.5, "told": []})
    assert (status, body["stopped"], body["messages"]) == (200, True, [])
    assert body["danger"]["kind"] == "domestic_violence"
    assert len(actions.calls) == called
    again = bot.turn("danger", said, "m1", stop_at={"danger": 0.5, "told": ["domestic_violence"]})[1]
    assert (again["messages"] != [], again["danger"]["kind"]) == (True, "domestic_violence")
    assert "stop_at" not in actions.calls[-1]["tracker"]["latest_message"]["metadata"]
    assert bot.turn("danger", WAGES, "m2", stop_at={"danger": 0.5, "told": []})[1]["danger"]["confidence"] < 0.3


def test_the_same_message_again_gets_the_stored_answer(bot: BotServer, actions: ActionServer) -> None:
    first = bot.turn("three", WAGES, "m1")[1]
    called = len(actions.calls)
    again = bot.turn("three", WAGES, "m1")[1]
    assert again["repeated"] is True
    assert again["messages"] == first["messages"]
    assert len(actions.calls) == called


def test_a_failed_action_fails_the_turn_and_the_form_survives(bot: BotServer, actions: ActionServer) -> None:
    assert bot.turn("four", "我想登记调解", "m1")[1]["active_loop"] == "intake_form"
    actions.healthy = False
    status, body = bot.turn("four", "老板欠我工钱", "m2")
    assert (status, body["error"]) == (503, "turn_failed")
    actions.healthy = True
    status, body = bot.turn("four", "老板欠我工钱", "m2")
    assert (status, body["active_loop"], body["repeated"]) == (200, "intake_form", False)
    assert bot.turn("four", "东沟村", "m3")[1]["messages"][0]["text"] == "已登记：老板欠我工钱，东沟村"


def test_an_act_without_a_rule_falls_back_once_and_the_conversation_lives_on(
    bot: BotServer, actions: ActionServer
) -> None:
    assert [m["text"] for m in bot.turn("five", "/affirm", "m1")[1]["messages"]] == ["action_fallback"]
    assert bot.turn("five", "你好", "m2")[1]["messages"] == [{"text": "您好"}]


@pytest.mark.parametrize("body", [{}, {"sender": "x"}, {"sender": "x", "text": " "}, {"sender": "x", "text": 5}, [1]])
def test_a_malformed_call_is_400(bot: BotServer, body: object) -> None:
    status, answer = bot.call("POST", "turn", body)
    assert (status, answer["error"]) == (400, "bad_request")


def test_parse_answers_in_order_and_payloads_keep_rasas_meaning(bot: BotServer) -> None:
    status, body = bot.call(
        "POST", "parse", {"texts": [WAGES, '/inform{"place": "东沟村"}', "😀", "没领证彩礼能要回来吗"]}
    )
    assert status == 200
    assert [result["intent"]["name"] for result in body["results"]] == [
        "dispute",
        "inform",
        "nlu_fallback",
        "consultation",
    ]
    assert body["results"][1]["entities"][0]["value"] == "东沟村"
    assert body["results"][3]["triage"]["category"] == "marriage_family"
    assert bot.call("POST", "parse", {"texts": ["x"] * 257})[0] == 400


def test_what_the_batch_says_is_what_one_message_gets(bot: BotServer) -> None:
    texts = [WAGES, "村里要收我家三亩地", "彩礼十八万不肯退", "你好"] * 40
    batch = bot.call("POST", "parse", {"texts": texts})[1]["results"]
    for text, result in list(zip(texts, batch, strict=True))[:4]:
        alone = bot.call("POST", "model/parse", {"text": text}, prefix="/")[1]
        assert alone["intent"]["name"] == result["intent"]["name"]
        assert alone["triage"]["category"] == result["triage"]["category"]
        assert alone["triage"]["confidence"] == pytest.approx(result["triage"]["confidence"], abs=1e-4)


def test_sessions_stay_small_and_slots_survive(bot: BotServer, actions: ActionServer) -> None:
    sent = []
    for number in range(45):
        assert bot.turn("long", WAGES, f"m{number}")[0] == 200
        sent.append(len(actions.calls[-1]["tracker"]["events"]))
    assert actions.calls[-1]["tracker"]["slots"]["turns"] == 44
    assert max(sent[20:]) <= max(sent[:20])
    assert max(_session_lengths(bot, "long")) <= 100


def test_a_long_form_goes_on_in_the_next_session(bot: BotServer, actions: ActionServer) -> None:
    bot.turn("patient", "我想登记调解", "m0")
    for number in range(1, 30):
        bot.turn("patient", "/start_intake", f"m{number}")
    body = bot.turn("patient", "邻居占了我的地", "m30")[1]
    assert body["active_loop"] == "intake_form"
    assert bot.turn("patient", "西沟村", "m31")[1]["messages"][0]["text"] == "已登记：邻居占了我的地，西沟村"


def test_forgetting_leaves_no_event(bot: BotServer, actions: ActionServer) -> None:
    bot.turn("gone", "你好", "m1")
    assert bot.call("DELETE", "conversations/gone")[1]["forgotten"] > 0
    with sqlite3.connect(bot.home / "tracker.sqlite") as database:
        assert database.execute("select count(*) from bot_events where sender_id = 'gone'").fetchone() == (0,)


def _session_lengths(bot: BotServer, sender: str) -> list[int]:
    with sqlite3.connect(bot.home / "tracker.sqlite") as database:
        rows = database.execute(
            "select type_name from bot_events where sender_id = ? order by position", (sender,)
        ).fetchall()
    lengths = [0]
    for (kind,) in rows:
        lengths = [*lengths, 0] if kind == "session_started" else [*lengths[:-1], lengths[-1] + 1]
    return lengths
