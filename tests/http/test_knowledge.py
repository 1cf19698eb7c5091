"""Triage, answers and statute search over the real knowledge base; nothing was imported."""

from typing import Any

import pytest

from tests.http.site import NEIGHBOUR, NOTHING, WALL, Site, check_error, one_library, parsed

TRIAGE, ASK, SEARCH = "/api/v1/triage", "/api/v1/ask", "/api/v1/statutes/search"
KEYS = {
    "act",
    "category",
    "subcategory",
    "confidence",
    "alternatives",
    "crisis",
    "entities",
    "complexity",
    "warning_level",
    "mediable",
    "questions",
    "referral",
}


class TestTriage:
    async def test_shape(self, site: Site) -> None:
        answer = (await site.http.post(TRIAGE, json={"text": WALL})).json()
        assert set(answer) >= KEYS
        assert (answer["act"], answer["category"], answer["subcategory"]) == ("dispute", "neighbor", "boundary")
        assert answer["mediable"] is True
        assert 0 < len(answer["questions"]) <= 5

    async def test_many_keep_their_order(self, site: Site) -> None:
        texts = [f"第{number}件事" for number in range(256)]
        site.rasa.parses["第7件事"] = parsed("第7件事", "consultation", NEIGHBOUR | {"category": "labor"})
        results = (await site.http.post(TRIAGE, json={"texts": texts})).json()["results"]
        assert [one["category"] for one in results].index("labor") == 7
        assert len(results) == 256

    async def test_none_and_too_many(self, site: Site) -> None:
        assert (await site.http.post(TRIAGE, json={"texts": []})).json() == {"results": []}
        check_error(await site.http.post(TRIAGE, json={"texts": ["事"] * 257}), 422)
        check_error(await site.http.post(TRIAGE, json={"texts": ["事" * 10_001]}), 422)

    @pytest.mark.parametrize("body", [{}, {"text": "事", "texts": ["事"]}, {"text": None}, {"text": 5}, []])
    async def test_one_of_both(self, site: Site, body: Any) -> None:
        check_error(await site.http.post(TRIAGE, json=body), 422, "invalid_request")

    async def test_idle_talk_has_no_matter(self, site: Site) -> None:
        site.rasa.parses["今天天气好"] = parsed("今天天气好", "chitchat", NOTHING)
        answer = (await site.http.post(TRIAGE, json={"text": "今天天气好"})).json()
        assert (answer["category"], answer["mediable"], answer["questions"]) == ("out_of_scope", False, [])

    async def test_what_may_not_be_mediated_has_a_door(self, site: Site) -> None:
        penalty = {"category": "administrative", "subcategory": "penalty", "confidence": 0.9}
        answer = (await site.http.post(TRIAGE, json={"text": "罚款不服", "parse": {"triage": penalty}})).json()
        assert answer["mediable"] is False
        assert answer["referral"]["door"]

    async def test_a_crisis_stops_mediation(self, site: Site) -> None:
        answer = (await site.http.post(TRIAGE, json={"text": "邻居提着刀站在门口说要砍人"})).json()
        assert (answer["crisis"], answer["mediable"]) == ("weapon_threat", False)

    @pytest.mark.parametrize(
        "parse",
        [
            {"intent": {"name": ["dispute"]}},
            {"intent": {"confidence": "sehr"}},
            {"triage": {"category": {"a": 1}}},
            {"triage": {"confidence": 7}},
            {"entities": [{"value": 3}]},
            {"entities": "money"},
        ],
    )
    async def test_a_wrong_reading_is_refused(self, site: Site, parse: dict[str, Any]) -> None:
        check_error(await site.http.post(TRIAGE, json={"text": WALL, "parse": parse}), 422, "invalid_request")

    @pytest.mark.parametrize("value", [10**400, -3, 10**11, {"at_least": "x"}, None, [1]])
    async def test_a_senseless_number_is_no_fact(self, site: Site, value: Any) -> None:
        parse = parsed(WALL) | {"entities": [{"entity": "head_count", "value": value, "text": "很多人"}]}
        answer = await site.http.post(TRIAGE, json={"text": WALL, "parse": parse})
        assert answer.status_code == 200
        assert answer.json()["category"] == "neighbor"

    async def test_without_the_bot_there_is_no_triage(self, site: Site) -> None:
        site.rasa.down = True
        check_error(await site.http.post(TRIAGE, json={"text": WALL}), 503, "unavailable")


class TestAsk:
    async def ask(self, site: Site, text: str, triage: dict[str, Any], intent: str = "consultation") -> dict[str, Any]:
        answer = await site.http.post(ASK, json={"text": text, "parse": parsed(text, intent, triage)})
        assert answer.status_code == 200, answer.text
        out: dict[str, Any] = answer.json()
        return out

    async def test_an_answer_names_its_basis(self, site: Site) -> None:
        triage = {"category": "land_forest", "subcategory": "reclaim_adjust", "confidence": 0.9}
        found = await self.ask(site, "村里要把我承包的地收回去，合法吗", triage)
        assert found["answer"]["steps"]
        assert "农村土地承包法#第二十七条" in [one["id"] for one in found["citations"]]
        assert all(one["effective"] for one in found["citations"] if one["id"].startswith("农村土地承包法"))
        assert 0 < found["confidence"] <= 1
        assert found["triage"]["category"] == "land_forest"

    async def test_no_legal_matter_gets_no_answer(self, site: Site) -> None:
        triage = {"category": "out_of_scope", "subcategory": "other_service", "confidence": 0.9}
        found = await self.ask(site, "明天会下雨吗", triage, "other_service")
        assert (found["answer"], found["choices"], found["citations"]) == (None, [], [])

    async def test_a_matter_without_an_entry_is_not_guessed(self, site: Site) -> None:
        triage = {"category": "other_civil", "subcategory": "other", "confidence": 0.9}
        found = await self.ask(site, "算命先生收了八百块，说的一样都没应验", triage)
        assert found["answer"] is None
        assert found["statutes"] == []

    async def test_of_near_entries_three_are_offered(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        matcher = one_library(site.app.state.runtime.settings.statutes_path)._answers
        triage = {"category": "land_forest", "subcategory": "reclaim_adjust", "confidence": 0.9}
        monkeypatch.setattr(matcher, "settings", type(matcher.settings)(**vars(matcher.settings) | {"close_gap": 99.0}))
        found = await self.ask(site, "村里要把我承包的地收回去，这样做合不合法", triage)
        assert len(found["choices"]) == 3
        assert found["answer"] is None
        for choice in found["choices"]:
            entry = await site.http.get(f"/api/v1/entries/{choice['entry']}")
            assert entry.json()["answer"]["title"] == choice["title"]

    @pytest.mark.parametrize("text", ["", "  ", "😀", "地" * 2001])
    async def test_what_nobody_can_answer(self, site: Site, text: str) -> None:
        check_error(await site.http.post(ASK, json={"text": text}), 422)


async def test_an_entry_that_is_not_there(site: Site) -> None:
    check_error(await site.http.get("/api/v1/entries/no.such_entry"), 404, "not_found")


class TestStatutes:
    async def test_without_an_import_nothing_is_found(self, site: Site) -> None:
        assert (await site.http.get(SEARCH, params={"q": "承包地"})).json() == []

    @pytest.mark.parametrize("params", [{"q": "地", "k": 0}, {"q": "地", "k": 101}, {"q": "地", "k": "x"}, {}])
    async def test_bad_questions(self, site: Site, params: dict[str, Any]) -> None:
        check_error(await site.http.get(SEARCH, params=params), 422, "invalid_request")

    async def test_an_empty_question(self, site: Site) -> None:
        check_error(await site.http.get(SEARCH, params={"q": " "}), 422, "empty_query")


class TestFollowUp:
    @pytest.mark.parametrize(
        ("text", "title"), [("要准备啥材料", "要准备的"), ("去哪办", "可以去"), ("下一步怎么办", "下一步")]
    )
    async def test_the_entry_in_context_answers(self, site: Site, text: str, title: str) -> None:
        body = {"text": text, "story": WALL, "entry": "neighbour.boundary_wall"}
        answer = (await site.http.post("/api/v1/follow-up", json=body)).json()
        assert answer["told"]["title"] == title
        assert answer["told"]["lines"]
        assert answer["told"]["about"]

    async def test_time_and_money_come_from_its_sentences(self, site: Site) -> None:
        body = {"text": "多久能办好", "story": "调解协议要确认", "entry": "procedure.judicial_confirmation"}
        told = (await site.http.post("/api/v1/follow-up", json=body)).json()["told"]
        assert any("天" in line or "日" in line for line in told["lines"])

    async def test_without_an_entry_nothing_is_made_up(self, site: Site) -> None:
        body = {"text": "多久", "story": "今天天气好", "entry": None}
        assert (await site.http.post("/api/v1/follow-up", json=body)).json()["told"] is None
