"""The legality flags of a covenant, from rules that are data."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from api.domain.covenant import CovenantRule, Flag, VoteRules, text_flags, vote_flags
from api.domain.work_checks import Value
from knowledge_base.desk.covenant import load_covenant

COVENANT = "covenant"
VILLAGE = "village"
NUMBERS = ("entitled", "present", "in_favour")


@cache
def covenant_rules() -> Mapping[str, Any]:
    raw = load_covenant()
    vote = raw["vote"]
    return {
        "rules": [
            CovenantRule(
                code=one["code"],
                words=re.compile(one["words"]),
                text=one["text"],
                advice=one["advice"],
                basis=tuple(one["basis"]),
                always=one.get("always", False),
            )
            for one in raw["rules"]
        ],
        "unless": re.compile(raw["unless"]),
        "vote": VoteRules(
            quorum=(vote["quorum"]["text"], vote["quorum"]["advice"]),
            majority=(vote["majority"]["text"], vote["majority"]["advice"]),
            basis=tuple(vote["basis"]),
        ),
        "filing": Flag("filing", "", raw["filing"]["text"], raw["filing"]["advice"], tuple(raw["filing"]["basis"])),
    }


def checked(fields: Mapping[str, Value], *, adopted: bool) -> list[Flag]:
    """`adopted`: voted on, but not filed with the town yet. The vote is checked for village covenants only."""
    rules = covenant_rules()
    flags = text_flags(str(fields.get("text", "")), rules["rules"], rules["unless"])
    if fields.get("sort") == VILLAGE:
        vote = {name: value for name in NUMBERS if isinstance(value := fields.get(name), int)}
        flags += vote_flags(vote, str(fields.get("voted_by", "people")), rules["vote"])
        if adopted:
            flags.append(rules["filing"])
    return flags
