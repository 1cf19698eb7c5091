"""Figures that differ by province and year: empty as shipped, filled by the county with a date and a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.schema import KnowledgeError, Problem

SHIPPED = Path(__file__).with_name("local_figures.yml")


@dataclass(frozen=True)
class Dated:
    """One published value, in use from that day until the next one."""

    since: date
    value: Decimal
    source: str


@dataclass(frozen=True)
class LocalFigure:
    label: str
    unit: str
    values: tuple[Dated, ...] = ()

    def on(self, day: date) -> Dated | None:
        return max((one for one in self.values if one.since <= day), key=lambda one: one.since, default=None)


def _dated(row: Any) -> Dated:
    if not isinstance(row, Mapping) or type(row.get("from")) is not date:
        raise ValueError("每个数要写 from（日期）、value、source")
    if isinstance(row.get("value"), bool) or not isinstance(row.get("value"), int | float):
        raise ValueError("value 要写数")
    value = Decimal(str(row["value"]))
    if not value.is_finite() or value <= 0:
        raise ValueError("value 要大于 0")
    if not str(row.get("source") or "").strip():
        raise ValueError("要写 source（从哪里来的）")
    return Dated(row["from"], value, str(row["source"]).strip())


def _read(path: Path) -> Mapping[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise KnowledgeError([Problem(path.name, "", "", f"不是合格的 YAML（{error}）")]) from error
    figures = raw.get("figures") if isinstance(raw, Mapping) else None
    if not isinstance(figures, Mapping):
        raise KnowledgeError([Problem(path.name, "", "figures", "要有 figures")])
    return figures


def load_figures(override: Path | None = None, *, shipped: Path = SHIPPED) -> dict[str, LocalFigure]:
    """The shipped figures with what the county's own file says. Raises KnowledgeError naming every wrong line."""
    out = {name: LocalFigure(row["label"], row["unit"]) for name, row in _read(shipped).items()}
    problems: list[Problem] = []
    for path in (shipped, override):
        if path is None or not path.exists():
            continue
        for name, row in _read(path).items():
            if name not in out:
                problems.append(Problem(path.name, str(name), "", f"没有这一项；可用：{'、'.join(out)}"))
                continue
            try:
                values = tuple(_dated(one) for one in (row or {}).get("values") or ())
            except (ValueError, AttributeError) as error:
                problems.append(Problem(path.name, str(name), "values", str(error)))
                continue
            out[name] = LocalFigure(out[name].label, out[name].unit, values or out[name].values)
    if problems:
        raise KnowledgeError(problems)
    return out
