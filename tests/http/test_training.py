"""Training: attendance, a quiz, and the article behind every wrong answer."""

from datetime import date
from typing import Any

import pytest

from knowledge_base.desk.quiz import load_quiz
from knowledge_base.statutes.catalogue import load_catalogue
from tests.http.site import Site, check_error

TRAINING, WORK = "/api/v1/training", "/api/v1/work"
COURSE = {
    "place": {"town": "青石镇"},
    "fields": {"form": "lecture", "title": "土地承包纠纷怎么调", "held_on": "2026-11-20", "hours": 4, "topic": "land"},
}


async def course(site: Site) -> str:
    made = await site.http.post(f"{WORK}/course", json=COURSE, headers=site.staff("qingshi_sifa1"))
    assert made.status_code == 201, made.text
    no: str = made.json()["no"]
    return no


def test_every_question_rests_on_an_article_that_exists() -> None:
    quiz, catalogue = load_quiz(), load_catalogue()
    refused = [why for one in quiz.questions.values() if (why := catalogue.refusal(one.article, on=date(2026, 11, 29)))]
    assert refused == []
    assert len(quiz.questions) >= 30
    assert {one.topic for one in quiz.questions.values()} == set(quiz.topics)


async def test_a_wrong_answer_links_to_its_article(site: Site) -> None:
    quiz, staff = load_quiz(), site.staff("donggou1_grid")
    no = await course(site)
    drawn = (await site.http.post(f"{TRAINING}/quizzes", json={"course": no}, headers=staff)).json()
    assert {one["topic"] for one in drawn["questions"]} == {"land"}
    assert all(set(one) == {"id", "topic", "text", "options"} for one in drawn["questions"])
    answers = {one["id"]: quiz.questions[one["id"]].right for one in drawn["questions"]}
    missed = drawn["questions"][0]["id"]
    answers[missed] = (answers[missed] + 1) % 4
    url = f"{TRAINING}/quizzes/{drawn['id']}/answers"
    check_error(await site.http.post(url, json={"answers": answers}, headers=site.staff("donggou2_grid")), 404)
    check_error(await site.http.post(url, json={"answers": {"fine": 0}}, headers=staff), 422, "unknown_question")
    done = (await site.http.post(url, json={"answers": answers}, headers=staff)).json()
    total = len(drawn["questions"])
    assert (done["score"], done["passed"]) == (100 * (total - 1) // total, True)
    [wrong] = [one for one in done["items"] if not one["right"]]
    assert (wrong["id"], wrong["article"]) == (missed, quiz.questions[missed].article)
    article = (await site.http.get(wrong["link"])).json()
    assert (article["id"], article["text"]) == (wrong["article"], None)
    check_error(await site.http.post(url, json={"answers": answers}, headers=staff), 409, "handed_in")
    result = (await site.http.get(f"{TRAINING}/courses/{no}/result", headers=staff)).json()
    assert result == {"attended": 0, "attempts": 1, "passed": 1, "average": done["score"]}


async def test_unanswered_is_wrong_and_a_bad_score_fails(site: Site) -> None:
    staff = site.staff("donggou1_grid")
    drawn = (await site.http.post(f"{TRAINING}/quizzes", json={"topic": "wages"}, headers=staff)).json()
    url = f"{TRAINING}/quizzes/{drawn['id']}/answers"
    done = (await site.http.post(url, json={"answers": {}}, headers=staff)).json()
    assert (done["score"], done["passed"], {one["chosen"] for one in done["items"]}) == (0, False, {None})
    unknown = await site.http.post(f"{TRAINING}/quizzes", json={"topic": "cooking"}, headers=staff)
    check_error(unknown, 422, "unknown_topic")
    check_error(await site.http.post(f"{TRAINING}/quizzes", json={}, headers=site.tool), 403)


async def attend(site: Site, no: str, username: str, *members: str) -> Any:
    body = {"members": list(members)}
    return await site.http.post(f"{TRAINING}/courses/{no}/attendance", json=body, headers=site.staff(username))


async def test_attendance_counts_everybody_once(site: Site) -> None:
    no = await course(site)
    assert (await attend(site, no, "qingshi_sifa1", "donggou1_grid", "donggou2_grid")).json() == {"attended": 2}
    assert (await attend(site, no, "donggou1_grid", "donggou1_grid")).json() == {"attended": 2}
    check_error(await attend(site, no, "donggou1_grid", "donggou3_grid"), 403)
    check_error(await attend(site, no, "qingshi_sifa1", "nobody"), 422, "unknown_member")
    own = await site.http.get(f"{TRAINING}/own", headers=site.staff("donggou1_grid"))
    assert own.json() == {"courses": 1, "hours": "4"}


@pytest.mark.parametrize(
    ("id", "why"),
    [("人民调解法#第九十条", "没有"), ("婚姻法#第一条", "废止"), ("乱写", "写法"), ("某某法#第一条", "没有")],
)
async def test_an_article_that_does_not_stand_is_not_found(site: Site, id: str, why: str) -> None:
    answer = await site.http.get("/api/v1/statutes/article", params={"id": id})
    check_error(answer, 404)
    assert why in answer.json()["detail"]


async def test_a_covenant_shows_its_flags(site: Site) -> None:
    text = "一、守望相助。二、乱倒垃圾的罚款二百元。"
    fields = {"sort": "village", "title": "东沟村村规民约", "text": text}
    body = {"place": {"town": "青石镇", "village": "东沟村"}, "fields": fields}
    staff = site.staff("donggou_director")
    made = (await site.http.post(f"{WORK}/covenant", json=body, headers=staff)).json()
    assert [(one["code"], one["basis"][0]) for one in made["flags"]] == [("fine", "行政处罚法#第十六条")]
    vote = {"passed_on": "2026-11-01", "entitled": 900, "present": 400, "in_favour": 300}
    adopted = await site.http.post(f"{WORK}/covenant/{made['no']}/adopt", json={"fields": vote}, headers=staff)
    assert [one["code"] for one in adopted.json()["flags"]] == ["fine", "quorum", "filing"]
    checked = await site.http.post(f"{WORK}/covenant/check", json={"text": text}, headers=staff)
    assert [one["passage"] for one in checked.json()] == ["二、乱倒垃圾的罚款二百元。"]
