"""A few read sentences for the report."""

from datetime import UTC, datetime

from api.domain.model_gate import Line

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def some_lines() -> list[Line]:
    texts = ["老闆欠錢不還我該怎麼辦呢", "工资三个月没发了", "你好，车被人撞了", "<script>alert(1)</script>"]
    wanted = ["labor", "labor", "traffic", "labor"]
    got = ["traffic", "labor", "traffic", "labor"]
    return [
        Line(
            text,
            {"act": "dispute", "category": want, "subcategory": "x"},
            {"act": "dispute", "category": read, "subcategory": "x"},
            0.7,
        )
        for text, want, read in zip(texts, wanted, got, strict=True)
    ]
