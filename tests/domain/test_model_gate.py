"""A candidate is refused exactly where it is worse than the bar allows, and the lost sentences are named."""

from collections.abc import Sequence

from api.domain.model_gate import DANGER, LEVELS, Bar, Line, accuracy, confusions, judge, recall_by

BAR = Bar(overall=1.0, class_recall=20.0, danger=10.0, least_lines=4)


def line(number: int, want: str | None, got: str | None, act: str = "dispute") -> Line:
    labels = {"act": "dispute", "category": want, "subcategory": want}
    return Line(f"第{number}句", labels, {"act": act, "category": got, "subcategory": got}, 0.8)


def lines(*pairs: tuple[str | None, str | None]) -> list[Line]:
    return [line(number, want, got) for number, (want, got) in enumerate(pairs)]


GOOD: Sequence[tuple[str | None, str | None]] = [("labor", "labor")] * 10 + [("traffic", "traffic")] * 5 + [(None, "x")]


def test_an_equal_model_is_accepted_and_a_sentence_without_category_counts_for_none() -> None:
    verdict = judge(lines(*GOOD), lines(*GOOD), BAR)
    assert verdict.accepted
    assert verdict.lost == ()
    assert accuracy(lines(*GOOD), "category") == 1.0
    assert recall_by(lines(*GOOD), "category") == {"labor": (1.0, 10), "traffic": (1.0, 5)}


def test_a_model_worse_in_whole_is_refused_with_the_lost_sentences() -> None:
    worse = [*GOOD[:-2], ("traffic", "labor"), GOOD[-1]]
    verdict = judge(lines(*GOOD), lines(*worse), BAR)
    assert not verdict.accepted
    assert any("类目总准确率从 100.0% 退到 93.3%" in reason for reason in verdict.reasons)
    assert [(lost.text, level) for lost, level in verdict.lost] == [("第14句", "category"), ("第14句", "subcategory")]


def test_one_class_may_not_pay_for_the_others() -> None:
    live = [("labor", "traffic")] * 3 + [("labor", "labor")] * 7 + [("traffic", "traffic")] * 5
    candidate = [("labor", "labor")] * 10 + [("traffic", "traffic")] * 3 + [("traffic", "labor")] * 2
    verdict = judge(lines(*live), lines(*candidate), BAR)
    assert verdict.reasons == ("类目 traffic 的召回从 100.0% 退到 60.0%（5 句）",)


def test_a_class_of_few_lines_is_not_judged_alone() -> None:
    live = [("labor", "labor")] * 198 + [("traffic", "traffic")] * 2
    candidate = [("labor", "labor")] * 198 + [("traffic", "traffic"), ("traffic", "labor")]
    assert judge(lines(*live), lines(*candidate), BAR).accepted


def test_confusions_are_counted_most_frequent_first() -> None:
    got = confusions(lines(("labor", "traffic"), ("labor", "traffic"), ("traffic", None)), "category")
    assert got == [("labor", "traffic", 2), ("traffic", "None", 1)]


def of_danger(*pairs: tuple[str, str]) -> list[Line]:
    nothing = dict.fromkeys(LEVELS)
    return [
        Line(f"第{number}句", {**nothing, DANGER: want}, {**nothing, "act": "dispute", DANGER: got}, 0.0)
        for number, (want, got) in enumerate(pairs)
    ]


SEEN = [("danger", "danger")] * 8 + [("calm", "calm")] * 8


def test_a_model_that_sees_fewer_dangers_is_refused_however_well_it_reads_the_rest() -> None:
    blind = [("danger", "calm"), *SEEN[1:]]
    verdict = judge([*lines(*GOOD), *of_danger(*SEEN)], [*lines(*GOOD), *of_danger(*blind)], BAR)
    assert verdict.reasons == ("危险的话认对的从 100.0% 退到 87.5%（8 句）",)
    assert [(lost.text, level) for lost, level in verdict.lost] == [("第0句", DANGER)]


def test_a_model_that_takes_calm_for_danger_is_refused() -> None:
    nervous = [*SEEN[:-1], ("calm", "danger")]
    assert judge(of_danger(*SEEN), of_danger(*nervous), BAR).reasons == ("平安的话认对的从 100.0% 退到 87.5%（8 句）",)


def test_sentences_of_danger_say_nothing_of_acts_and_categories() -> None:
    whole = [*lines(*GOOD), *of_danger(*SEEN)]
    assert accuracy(whole, "act") == accuracy(lines(*GOOD), "act")
    assert recall_by(whole, "category") == recall_by(lines(*GOOD), "category")
