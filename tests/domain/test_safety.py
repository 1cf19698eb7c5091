"""The safety gate with the product's own rules, on sentences written for it (nlu_data/crisis/first_*.yml)."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from api.domain.safety import SafetyGate, expand
from knowledge_base.safety import KINDS, Context, load_rules

WRITTEN = Path(__file__).resolve().parents[2] / "nlu_data" / "crisis"


def lines(file: str) -> dict[str, list[str]]:
    """Kind → sentences, one a line."""
    read = yaml.safe_load((WRITTEN / file).read_text(encoding="utf-8"))
    return {kind: text.splitlines() for kind, text in read.items()}


DANGERS = lines("first_dangers.yml")
CRISIS = [(kind, text) for kind, texts in DANGERS.items() for text in texts]
CALM = lines("first_calm.yml")["calm"]
GATE = SafetyGate(load_rules())


def kinds(text: str) -> list[str]:
    return [hit.kind for hit in GATE.check(text)]


class TestCases:
    def test_there_are_enough_and_no_doubles(self) -> None:
        texts = [text for _, text in CRISIS] + CALM
        assert len(set(texts)) == len(texts)
        assert len(CRISIS) >= 800
        assert len(CALM) >= 850
        assert set(DANGERS) == set(KINDS)

    def test_dangers_are_caught(self) -> None:
        missed = [text for _, text in CRISIS if not kinds(text)]
        assert len(missed) <= len(CRISIS) * 0.01, missed

    def test_calm_messages_are_left_alone(self) -> None:
        alarms = [text for text in CALM if kinds(text)]
        assert len(alarms) <= len(CALM) * 0.02, alarms

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_kind_is_right(self, kind: str) -> None:
        texts = [text for expected, text in CRISIS if expected == kind]
        wrong = [text for text in texts if kind not in kinds(text)]
        assert len(wrong) <= len(texts) * 0.1, wrong


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我 不 想 活 了", "self_harm"),
        ("我、不、想、活、了", "self_harm"),
        ("我*不*想*活*了", "self_harm"),
        ("不想货了", "self_harm"),
        ("我想ＺＩＳＨＡ", "self_harm"),
        ("他經常打我，還不讓我出門", "domestic_violence"),
        ("我\u200b被\u200b老公\u200b打了", "domestic_violence"),
        ("他　掐　我　脖　子", "domestic_violence"),
        ("孩子被猥泄了", "child_harm"),
        ("我被強姦了", "sexual_assault"),
        ("他說要殺我全家", "weapon_threat"),
        ("我被非法拘禁在仓库，救救我", "unlawful_detention"),
    ],
)
def test_disguised_writing(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    ("danger", "calm"),
    [
        ("想死", "想死你了"),
        ("老公又打我", "老公又打电话"),
        ("他拿刀要砍我", "他拿刀砍柴"),
        ("老公经常打我，家暴怎么定罪", "家暴怎么定罪"),
        ("我喝了农药", "果树喝了农药还能结果吗"),
        ("前夫昨天又来打我", "前夫以前打我，离婚五年了"),
        ("我被关在厂里不让走", "我的车被关在厂里"),
        ("我们几十个人要去堵国道", "邻居堵了我家的路"),
        ("瘫痪的老人没人管", "老人的赡养费怎么分"),
        ("三个儿子都不管，老人一天一顿饭，赡养费也不给", "老人三个儿子都不管，赡养费该谁出"),
        ("有人持刀伤人，就在我家门口追我", "电视剧里有人持刀伤人"),
        ("他要杀我", "他要杀猪"),
        ("他打我", "他从来没打过我"),
    ],
)
def test_one_word_makes_the_difference(danger: str, calm: str) -> None:
    assert kinds(danger)
    assert not kinds(calm)


def test_several_dangers_come_most_urgent_first() -> None:
    hits = GATE.check("老公拿着菜刀追着砍我，我不想活了")
    order = load_rules().urgency
    found = [hit.kind for hit in hits]
    assert found[0] == "self_harm"
    assert {"self_harm", "domestic_violence", "weapon_threat"} <= set(found)
    assert found == sorted(found, key=order.index)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("他们把我关在砖厂里，身份证也收走了，不让走", "unlawful_detention"),
        ("我叔把八十岁的爷爷锁在柴房里，不给饭吃还打", "elder_abuse"),
        ("七岁的侄女放学没回家，找了一晚上", "child_harm"),
        ("奶奶有老年痴呆，早上走丢了还没找到", "elder_abuse"),
    ],
)
def test_the_victim_decides_which_help_comes_first(text: str, first: str) -> None:
    assert kinds(text)[0] == first


RAMBLE = "，房子是婚前买的，车子写的我的名字，存款各管各的，孩子上幼儿园大班，老人在乡下种地"


@pytest.mark.parametrize(
    ("text", "alarm"),
    [
        (f"我和老公想离婚{RAMBLE}，有一回两个外人在街上动手，我们看见的", False),
        (f"我想离婚{RAMBLE}，老公一喝酒就动手", True),
        (f"小区里有几十个人跳舞{RAMBLE}，楼上漏水把我家的门都泡坏了", False),
    ],
)
def test_only_what_stands_close_together_counts(text: str, alarm: bool) -> None:
    assert bool(kinds(text)) is alarm


class TestSurroundings:
    """`near` and `apart` are read around the hit, not in the whole message."""

    def gate(self, **changes: tuple[str, ...]) -> SafetyGate:
        content = load_rules()
        rule = replace(content.rules[0], id="probe", patterns=("动手",), needs=(), unless=(), near=(), apart=())
        contexts = {**content.contexts, "home": Context(("老公",), ()), "work": Context(("开工",), ())}
        return SafetyGate(replace(content, contexts=contexts, rules=(replace(rule, **changes),)))

    def test_near(self) -> None:
        gate = self.gate(near=("home",))
        assert gate.check("老公昨晚动手")
        assert not gate.check(f"老公在外面{RAMBLE}，邻村的人动手")
        assert gate.check(f"邻村的人动手{RAMBLE}，老公昨晚动手")

    def test_apart(self) -> None:
        gate = self.gate(apart=("work",))
        assert not gate.check("明天开工就动手")
        assert gate.check(f"明天开工{RAMBLE}，他又动手")


def test_a_hit_explains_itself() -> None:
    text = "问一下，老 公 經常 打 我"
    (hit,) = GATE.check(text)
    assert text[slice(*hit.span)] == "老 公 經常 打 我"
    assert hit.rule in {rule.id for rule in load_rules().rules}
    assert hit.why


@given(st.text(alphabet=st.sampled_from("我他老公孩子人打死杀不想活了被关在，。 \t①Ａ刀\x00\u200b…"), max_size=80))
def test_any_text_can_be_judged(text: str) -> None:
    for hit in GATE.check(text):
        start, end = hit.span
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize("text", ["", " ", "。", "？？？", "\u200b", "1", "嗯"])
def test_nothing_said_is_no_danger(text: str) -> None:
    assert GATE.check(text) == ()


def test_a_rule_that_fits_everything_is_refused() -> None:
    content = load_rules()
    loose = replace(content.rules[0], id="loose", patterns=("死|",))
    with pytest.raises(ValueError, match="loose"):
        SafetyGate(replace(content, rules=(*content.rules, loose)))


@pytest.mark.parametrize("text", ["老公说要" * 500, "孩子被" * 600, "不想" * 1000, "几十个人要去" * 300, "a" * 2000])
def test_no_text_makes_it_slow(text: str) -> None:
    begun = time.perf_counter()
    GATE.check(text)
    assert time.perf_counter() - begun < 1.0


def test_slots_and_gaps() -> None:
    assert expand("<a>x<.2>", {"a": "<b>|c", "b": "d"}) == "(?:(?:d)|c)x[^，。]{0,2}"
    assert expand("<..3>", {}) == "[^。]{0,3}"
    assert expand("<,3>", {}) == "[^，。]{0,3}(?:，[^，。]{0,3})?"


class TestWhoSpeaks:
    """Contexts that choose other words, or silence the second opinion; none of them takes an alarm away."""

    @pytest.mark.parametrize(
        ("text", "context"),
        [
            ("我昨晚喝多了打了媳妇，她要告我", "hit_partner"),
            ("昨天我把媳妇打了，她回娘家了", "hit_partner"),
            ("我能把他关起来吗，他欠我十万不还", "would_detain"),
            ("我想给他家鱼塘下药咋弄才查不出来", "would_poison"),
            ("我现在安全了，在我妹家", "safe_now"),
        ],
    )
    def test_heard(self, text: str, context: str) -> None:
        assert GATE.reads_as(text, [context])

    @pytest.mark.parametrize(
        ("text", "context"),
        [
            ("我老公打我，我打了他一巴掌", "hit_partner"),
            ("他把我老婆打了", "hit_partner"),
            ("我妈把我媳妇打了", "hit_partner"),
            ("我爸把他锁在屋里", "would_detain"),
            ("他们把我关在砖厂里", "would_detain"),
            ("他想给我家鱼塘下药", "would_poison"),
            ("我没事了，药已经喝了", "safe_now"),
            ("没事了，明天就都结束了", "safe_now"),
        ],
    )
    def test_not_heard(self, text: str, context: str) -> None:
        assert not GATE.reads_as(text, [context])

    def test_no_written_danger_is_taken_for_the_offenders_word(self) -> None:
        contexts = ["hit_partner", "would_detain", "would_poison", "safe_now"]
        assert [text for _, text in CRISIS if GATE.reads_as(text, contexts)] == []

    def test_a_fight_is_no_domestic_violence(self) -> None:
        assert kinds("他现在拿锄头要打我") == ["weapon_threat"]
        assert kinds("我妹夫把我打了，医药费一分不出") == []
        assert "domestic_violence" in kinds("我妹夫打我妹，还要打我")
