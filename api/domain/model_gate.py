"""May a newly trained model replace the live one? Both are read on the same frozen sentences, in whole and by class."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

LEVELS = ("act", "category", "subcategory")
DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Line:
    """One frozen sentence with its labels and what a model said; `want`/`got` map a level to a code or None.

    The level DANGER is `danger` or `calm`; sentences that are labelled with it have no other label.
    """

    text: str
    want: Mapping[str, str | None]
    got: Mapping[str, str | None]
    sure: float

    def right(self, level: str) -> bool:
        return self.want.get(level) == self.got.get(level)

    def counts(self, level: str) -> bool:
        """A sentence without a category (yes, no, skip) says nothing about categories."""
        return self.want.get(level) is not None


@dataclass(frozen=True, slots=True)
class Bar:
    """How much worse a model may be, in percentage points; classes of fewer than `least_lines` are not judged.

    `danger` holds for dangers no longer seen and for calm sentences newly taken for danger.
    """

    overall: float
    class_recall: float
    danger: float
    least_lines: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`lost` are the sentences the live model read rightly and the candidate does not."""

    accepted: bool
    reasons: tuple[str, ...]
    lost: tuple[tuple[Line, str], ...]


def accuracy(lines: Sequence[Line], level: str) -> float:
    """From 0 to 1; 1.0 when no line counts."""
    counted = [line for line in lines if line.counts(level)]
    return sum(line.right(level) for line in counted) / len(counted) if counted else 1.0


def recall_by(lines: Sequence[Line], level: str) -> dict[str, tuple[float, int]]:
    """Class → (recall, number of lines)."""
    groups = grouped(lines, lambda line: str(line.want[level]) if line.counts(level) else None)
    return {name: (sum(line.right(level) for line in group) / len(group), len(group)) for name, group in groups.items()}


def grouped(lines: Sequence[Line], key: Callable[[Line], str | None]) -> dict[str, list[Line]]:
    out: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        name = key(line)
        if name is not None:
            out[name].append(line)
    return dict(sorted(out.items()))


def confusions(lines: Sequence[Line], level: str) -> list[tuple[str, str, int]]:
    """(wanted, got, times), most frequent first."""
    times: dict[tuple[str, str], int] = defaultdict(int)
    for line in lines:
        if line.counts(level) and not line.right(level):
            times[str(line.want[level]), str(line.got[level])] += 1
    return sorted(((want, got, n) for (want, got), n in times.items()), key=lambda row: (-row[2], row[0], row[1]))


def judge(live: Sequence[Line], candidate: Sequence[Line], bar: Bar) -> Verdict:
    """Accepts unless the candidate is worse than the bar allows. Both must be of the same sentences in one order."""
    reasons = [*_of_danger(live, candidate, bar), *_overall(live, candidate, bar), *_by_class(live, candidate, bar)]
    lost = tuple(
        (after, level)
        for before, after in zip(live, candidate, strict=True)
        for level in (DANGER, *LEVELS)
        if before.counts(level) and before.right(level) and not after.right(level)
    )
    return Verdict(not reasons, tuple(reasons), lost)


def _of_danger(live: Sequence[Line], candidate: Sequence[Line], bar: Bar) -> list[str]:
    return [
        f"{DANGER_ZH.get(name, name)}认对的从 {before:.1%} 退到 {after:.1%}（{size} 句）"
        for name, before, after, size in _fallen(live, candidate, DANGER, bar.danger)
    ]


def _overall(live: Sequence[Line], candidate: Sequence[Line], bar: Bar) -> list[str]:
    out = []
    for level in LEVELS:
        before, after = accuracy(live, level), accuracy(candidate, level)
        if (before - after) * 100 > bar.overall:
            out.append(f"{LEVEL_ZH[level]}总准确率从 {before:.1%} 退到 {after:.1%}")
    return out


def _by_class(live: Sequence[Line], candidate: Sequence[Line], bar: Bar) -> list[str]:
    return [
        f"类目 {name} 的召回从 {before:.1%} 退到 {after:.1%}（{size} 句）"
        for name, before, after, size in _fallen(live, candidate, "category", bar.class_recall)
        if size >= bar.least_lines
    ]


def _fallen(
    live: Sequence[Line], candidate: Sequence[Line], level: str, most: float
) -> list[tuple[str, float, float, int]]:
    """(class, recall before, recall after, number of lines) where it fell by more than `most` percentage points."""
    after = recall_by(candidate, level)
    return [
        (name, recall, after[name][0], size)
        for name, (recall, size) in recall_by(live, level).items()
        if (recall - after[name][0]) * 100 > most
    ]


LEVEL_ZH: Mapping[str, str] = {"act": "行为", "category": "类目", "subcategory": "小类"}
DANGER_ZH: Mapping[str, str] = {"danger": "危险的话", "calm": "平安的话"}
