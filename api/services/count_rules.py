"""What counting needs to know beside the tickets: words, limits, where cases come from. Built from content, once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.domain.facts import Origin
from api.domain.policy import Policy
from api.domain.statistics import MEASURES, Measure
from api.services.directory_rules import DirectoryRules, directory_rules
from api.services.policy import build_policy
from knowledge_base.desk.statistics import load_statistics
from knowledge_base.routing.loader import load

BRACKETS = re.compile(r"\s*[（(][^（）()]*[)）]\s*$|\s+$")


@dataclass(frozen=True)
class CountRules:
    """`names`: split → code → Chinese; a code without a name is shown as it is (places, organisations)."""

    small_cell: int
    review_least: int
    origins: Mapping[str, Origin]
    organisation_words: tuple[str, ...]
    measures: Mapping[str, str]
    units: Mapping[str, str]
    unit: str
    names: Mapping[str, Mapping[str, str]]
    content: Mapping[str, Any]

    def origin(self, channel: str) -> Origin:
        return self.origins.get(channel, Origin.APPLICATION)

    def unit_of(self, measure: Measure) -> str:
        return self.units.get(measure.code, self.unit)

    def is_organisation(self, name: str) -> bool:
        """By how it ends, so that nobody named together with where they work is taken for it."""
        return BRACKETS.sub("", name).endswith(self.organisation_words)

    def name(self, split: str, code: str) -> str:
        return self.names.get(split, {}).get(code, code)


@cache
def count_rules() -> CountRules:
    return build_count_rules(load_statistics(), directory_rules(), build_policy(load()))


def build_count_rules(raw: Mapping[str, Any], directory: DirectoryRules, policy: Policy) -> CountRules:
    """Raises ValueError for words that name no measure, or measures without a word: a bug in the content."""
    if set(raw["measures"]) != set(MEASURES):
        raise ValueError(f"statistics.yml: measures differ: {sorted(set(raw['measures']) ^ set(MEASURES))}")
    return CountRules(
        small_cell=raw["small_cell"],
        review_least=raw["review_when_all_agreed"],
        origins={channel: Origin(origin) for channel, origin in raw["origin_of_channel"].items()},
        organisation_words=tuple(raw["organisation_words"]),
        measures=raw["measures"],
        units=raw["units"],
        unit=raw["unit"],
        names={
            "category": {code: zh for code, zh in directory.categories.items() if "." not in code},
            "subcategory": {code: zh.split("/", 1)[1] for code, zh in directory.categories.items() if "." in code},
            "kind": directory.kinds,
            "origin": raw["origins"],
            "tier": directory.tiers,
            "complexity": {one.value: zh for one, zh in policy.complexity_zh.items()},
            "warning_level": {one.value: zh for one, zh in policy.warning_zh.items()},
        },
        content=raw,
    )
