"""The report on the bot's reading as one HTML page: figures per act, class and style, confusions, plots."""

import base64
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from api.domain.model_gate import DANGER, LEVEL_ZH, LEVELS, Line, accuracy, confusions, grouped, recall_by

HERE = Path(__file__).parent
BINS = 10
MOST_CONFUSED = 30
REGIONAL = re.compile("俺|咋|啥|咱|恁|侬|唔|冇|嘅|佢|晓得|莫得|搞不赢|老汉|婆娘|堂客|中不中|得劲|嘎|忒|甭|埋汰|寻思")
TRADITIONAL = re.compile("[說麼這個們嗎還對時會業錢過]")


def style_of(line: Line) -> str:
    """One style a sentence, the most telling first."""
    text = line.text
    checks: Sequence[tuple[str, bool]] = (
        ("繁体", bool(TRADITIONAL.search(text))),
        ("方言词", bool(REGIONAL.search(text))),
        ("带客套", text.startswith(("你好", "您好", "请问", "律师", "麻烦", "想问", "咨询"))),
        ("很短（不到 12 字）", len(text) < 12),
        ("很长（60 字以上）", len(text) >= 60),
        ("带数字", bool(re.search(r"[0-9一二三四五六七八九十百千万两]{2,}", text))),
        ("没有标点", not re.search("[，。！？,.!?；、]", text)),
    )
    return next((name for name, holds in checks if holds), "一般")


def reliability(lines: Sequence[Line]) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, lines) for each tenth of confidence that has lines."""
    counted = [line for line in lines if line.counts("category")]
    bins = grouped(counted, lambda line: str(min(BINS - 1, int(line.sure * BINS))))
    return [
        (sum(line.sure for line in group) / len(group), accuracy(group, "category"), len(group))
        for group in bins.values()
    ]


def render(lines: Sequence[Line], model: str, at: datetime) -> str:
    """The whole page; needs no other file. Sentences of danger have a table of their own."""
    dangers, lines = recall_by(lines, DANGER), [line for line in lines if not line.counts(DANGER)]
    styles = grouped(lines, style_of)
    content: Mapping[str, Any] = {
        "model": model,
        "at": at,
        "count": len(lines),
        "totals": [(LEVEL_ZH[level], accuracy(lines, level)) for level in LEVELS],
        "by_danger": _rows(dangers),
        "by_act": _rows(recall_by(lines, "act")),
        "by_category": _rows(recall_by(lines, "category")),
        "by_style": [(name, accuracy(group, "category"), len(group)) for name, group in styles.items()],
        "confused": [(LEVEL_ZH[level], row) for level in ("category", "act") for row in confusions(lines, level)][
            :MOST_CONFUSED
        ],
        "plots": [_recall_plot(lines), _reliability_plot(lines)],
    }
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=select_autoescape(["html", "j2"]))
    return environment.get_template("nlu_report.html.j2").render(content)


def _rows(recalls: Mapping[str, tuple[float, int]]) -> list[tuple[str, float, int]]:
    return sorted(((name, recall, size) for name, (recall, size) in recalls.items()), key=lambda row: row[1])


def _recall_plot(lines: Sequence[Line]) -> str:
    rows = _rows(recall_by(lines, "category"))
    figure, axes = _figure(5.5)
    axes.barh([name for name, _, _ in rows], [recall for _, recall, _ in rows], color="#2f6f4f")
    axes.set_xlim(0, 1)
    axes.set_title("Recall by category")
    return _png(figure)


def _reliability_plot(lines: Sequence[Line]) -> str:
    points = reliability(lines)
    figure, axes = _figure(4)
    axes.plot([0, 1], [0, 1], "--", color="#999999")
    axes.plot([sure for sure, _, _ in points], [right for _, right, _ in points], "o-", color="#2f6f4f")
    axes.set_xlabel("confidence")
    axes.set_ylabel("share right")
    axes.set_title("Reliability")
    return _png(figure)


def _figure(height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, height), layout="constrained")
    return figure, figure.subplots()


def _png(figure: Any) -> str:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=90)
    return base64.b64encode(out.getvalue()).decode()
