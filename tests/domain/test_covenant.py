"""Covenants beside the law: what is flagged, and what is left alone."""

from datetime import date

import pytest

from api.services.covenants import checked, covenant_rules
from knowledge_base.statutes.catalogue import load_catalogue

WRONG = [
    ("乱倒垃圾的罚款二百元。", "fine"),
    ("不得乱倒垃圾，违者罚款。", "fine"),
    ("不准占道的，一律没收工具。", "fine"),
    ("不交卫生费的停水停电。", "services"),
    ("三次不参加会议的，取消其集体分红。", "services"),
    ("违反本约的村里不予开具证明。", "services"),
    ("列入黑名单，半年内不得评优。", "shaming"),
    ("情节严重的用大喇叭公开点名批评。", "shaming"),
    ("邻里纠纷不得到法院打官司。", "court"),
    ("有事必须先由村里调解，调解不成方可到法院起诉。", "court"),
    ("外嫁女户口没迁走的不享受分红。", "women"),
    ("上门女婿不分宅基地。", "women"),
    ("撂荒两年的收回承包地。", "land"),
    ("寡妇再婚须经同意，未经族里同意不得再婚。", "marriage"),
    ("偷盗的罚跪认错。", "body"),
    ("打架的赶出村去。", "body"),
    ("建房要交五千元保证金。", "deposit"),
    ("一人违约，全家连带。", "deposit"),
]
RIGHT = [
    "任何人不得罚款，不得停水停电。",
    "提倡婚事新办，丧事简办。",
    "邻里有矛盾的，可以先找村调委会，也可以直接起诉。",
    "不得乱倒垃圾，看到了互相提醒。",
    "爱护公共设施，损坏的照价赔偿。",
    "村务公开，每季度张贴收支明细。",
    "承包地要种好，不要撂荒。",
    "不列黑名单，不曝光，私下提醒。",
    "男女平等，出嫁的姑娘和儿子一样有份。",
]


@pytest.mark.parametrize(("text", "code"), WRONG)
def test_a_sentence_that_takes_rights_away_is_flagged(text: str, code: str) -> None:
    assert code in [flag.code for flag in checked({"text": text}, adopted=False)]


@pytest.mark.parametrize("text", RIGHT)
def test_a_lawful_sentence_is_left_alone(text: str) -> None:
    assert [flag.code for flag in checked({"text": text}, adopted=False)] == []


def test_the_passage_is_the_sentence_that_is_wrong() -> None:
    [flag] = checked({"text": "尊老爱幼。\n乱倒垃圾的罚款二百元；守望相助。"}, adopted=False)
    assert flag.passage == "乱倒垃圾的罚款二百元；"


@pytest.mark.parametrize(
    ("vote", "codes"),
    [
        ({"entitled": 900, "present": 451, "in_favour": 226}, []),
        ({"entitled": 900, "present": 450, "in_favour": 400}, ["quorum"]),
        ({"entitled": 900, "present": 500, "in_favour": 250}, ["majority"]),
        ({"entitled": 300, "present": 200, "in_favour": 101, "voted_by": "households"}, []),
        ({"entitled": 300, "present": 199, "in_favour": 101, "voted_by": "households"}, ["quorum"]),
        ({"entitled": 300, "present": 199}, []),
    ],
)
def test_a_vote_counts_only_with_enough_people(vote: dict[str, int], codes: list[str]) -> None:
    assert [flag.code for flag in checked({"sort": "village", "text": "守望相助。", **vote}, adopted=False)] == codes


def test_an_adopted_covenant_must_be_filed() -> None:
    fields = {"sort": "village", "text": "守望相助。", "entitled": 10, "present": 9, "in_favour": 9}
    assert [flag.code for flag in checked(fields, adopted=True)] == ["filing"]


def test_every_rule_stands_on_articles_that_exist() -> None:
    rules, catalogue = covenant_rules(), load_catalogue()
    basis = [one for rule in rules["rules"] for one in rule.basis] + [*rules["vote"].basis, *rules["filing"].basis]
    assert [why for one in basis if (why := catalogue.refusal(one, on=date(2026, 11, 29)))] == []
