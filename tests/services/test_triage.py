"""How the two classifiers' opinions of one text are joined."""

from typing import Any

import pytest

from api.services.triage import reconcile

LEASE = {"category": "housing_homestead", "subcategory": "house_lease"}


def parse(act: str, act_sure: float, sure: float, idle: float = 0.0, **triage: Any) -> dict[str, Any]:
    alternatives = [{"category": "out_of_scope", "subcategory": "other_service", "confidence": idle}] if idle else []
    return {
        "intent": {"name": act, "confidence": act_sure},
        "triage": {**LEASE, "confidence": sure, "alternatives": alternatives, **triage},
    }


@pytest.mark.parametrize(
    ("case", "act", "category"),
    [
        (parse("consultation", 0.9, 0.9), "consultation", "housing_homestead"),
        (parse("consultation", 0.9, 0.5, idle=0.4), "other_service", "out_of_scope"),
        (parse("consultation", 0.9, 0.5, idle=0.1), "consultation", "housing_homestead"),
        (parse("consultation", 0.9, 0.7, idle=0.25), "consultation", "housing_homestead"),
        (parse("ticket_status", 0.9, 0.4, idle=0.4), "ticket_status", None),
        (parse("ticket_status", 0.9, 0.2), "ticket_status", None),
        (parse("follow_up", 0.3, 0.1, idle=0.6), "other_service", "out_of_scope"),
        (parse("chitchat", 0.9, 0.2), "unclear", None),
        (parse("consultation", 0.9, 0.2, idle=0.2), "unclear", None),
        (parse("consultation", 0.9, 0.2, idle=0.05), "consultation", "housing_homestead"),
        (parse("chitchat", 0.4, 0.9), "consultation", "housing_homestead"),
        (parse("greet", 0.5, 0.8), "consultation", "housing_homestead"),
        (parse("nlu_fallback", 0.3, 0.9), "consultation", "housing_homestead"),
        (parse("affirm", 0.9, 0.8), "affirm", "housing_homestead"),
        (parse("greet", 0.9, 0.0, category=None, subcategory=None), "greet", "out_of_scope"),
        (parse("dispute", 0.9, 0.8, category="out_of_scope", subcategory="chitchat"), "chitchat", "out_of_scope"),
    ],
)
def test_reconcile(case: dict[str, Any], act: str, category: str | None) -> None:
    reading = reconcile("房东不退押金怎么办啊", case)
    assert (reading.act, reading.category) == (act, category)
