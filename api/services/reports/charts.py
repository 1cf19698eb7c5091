"""Charts as PNG: drawn from the values of a report's tables, legible in black and white."""

import io
from functools import cache

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from api.services.reports.model import Chart

# Whichever of these the machine has; a server without one draws no charts and says so.
FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Zen Hei", "SimHei", "Microsoft YaHei")
DPI, WIDTH_INCHES = 200, 6.2
INK, GREYS, MARKERS, HATCHES = "#222222", ("#2f5d8a", "#b5793a", "#7a7a7a"), "os^", ("", "//", "..")
MOST_BARS = 20


@cache
def chinese_font() -> str | None:
    """The name of a font with Chinese characters, None when the machine has none."""
    known = {one.name for one in font_manager.fontManager.ttflist}
    return next((name for name in FONTS if name in known), None)


def as_png(chart: Chart, font: str) -> bytes:
    bars = chart.kind == "bar"
    height = 0.7 + 0.34 * min(len(chart.labels), MOST_BARS) * max(1, len(chart.series) * 0.7) if bars else 3.0
    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    face = FontProperties(family=font, size=9)
    (_bars if bars else _lines)(axes, chart, face)
    axes.set_title(f"{chart.title}（{chart.unit}）" if chart.unit else chart.title, fontproperties=face, color=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(face)
    if len(chart.series) > 1:
        axes.legend(prop=face, frameon=False)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _bars(axes: Axes, chart: Chart, face: FontProperties) -> None:
    """Lying bars, largest on top, each with its number."""
    order = sorted(range(len(chart.labels)), key=lambda index: -chart.series[0][1][index])[:MOST_BARS]
    thick = 0.8 / len(chart.series)
    for number, (name, values) in enumerate(chart.series):
        places = [row + number * thick for row in range(len(order))]
        drawn = axes.barh(
            places, [values[index] for index in order], thick, label=name, color=GREYS[number], hatch=HATCHES[number]
        )
        axes.bar_label(drawn, padding=3, fontproperties=face)
    middle = (len(chart.series) - 1) * thick / 2
    axes.set_yticks([row + middle for row in range(len(order))], [chart.labels[index] for index in order])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _lines(axes: Axes, chart: Chart, face: FontProperties) -> None:
    places = range(len(chart.labels))
    for number, (name, values) in enumerate(chart.series):
        axes.plot(places, values, marker=MARKERS[number], color=GREYS[number], label=name)
        for place, value in zip(places, values, strict=True):
            offset = (0, 5) if number == 0 else (0, -12)
            axes.annotate(
                f"{value:g}", (place, value), offset, textcoords="offset points", ha="center", fontproperties=face
            )
    axes.set_xticks(places, chart.labels)
    axes.set_ylim(bottom=0)
    axes.margins(y=0.2)
