"""Figures as tables: medians, 95th percentiles, and ratios of two systems measured in one run."""

from collections.abc import Sequence
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, -(-int(share * 100) * len(ranked) // 100) - 1)]


def ms(seconds: float | None) -> str:
    return "—" if seconds is None else f"{seconds * 1000:.1f} ms"


def mb(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f} MB"


def p50_p95(seconds: Sequence[float]) -> tuple[float, float]:
    return median(seconds), percentile(seconds, 0.95)


def ratio(ours: float | None, theirs: float | None) -> str:
    """Ours divided by theirs."""
    return "—" if not ours or not theirs else f"{ours / theirs:.3g}×"


def show(console: Console, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=box.SIMPLE)
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print(f"[bold]{title}[/bold]", highlight=False)
    console.print(table)
