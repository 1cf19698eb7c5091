"""Several separate problems in one message, when the message itself says that there is another one."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from api.services.triage import LEGAL_ACTS, OUT_OF_SCOPE, TriageDesk

Parser = Callable[[list[str]], Awaitable[Sequence[Mapping[str, Any]]]]


def parts_of(text: str, rules: Mapping[str, Any]) -> list[str]:
    """The text cut where another matter is announced; one part when none is, or when a part is too short to be one.

    `rules` is `several` of clarify.yml.
    """
    opening = re.compile(rules["opening"])
    cut = re.split(rules["another"], text)
    parts = [opening.sub("", opening.sub("", part)).strip(" ，,。；;") for part in cut]
    whole = len(parts) > 1 and all(len(part) >= rules["least_characters"] for part in parts)
    return parts if whole else [text]


async def matters(text: str, *, parse: Parser, triage: TriageDesk, rules: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each matter with its `text`, `triage` and `entities`; empty when the text holds one matter or none.

    Parts of the same category belong together: a second sentence about the wages is not a second matter.
    """
    parts = parts_of(text, rules)
    if len(parts) < 2:
        return []
    found: list[dict[str, Any]] = []
    for part, read in zip(parts, await parse(parts), strict=True):
        judged = triage.judge(part, read)
        legal = judged["act"] in LEGAL_ACTS and judged["category"] not in (None, OUT_OF_SCOPE)
        if not legal or judged["confidence"] < rules["sure"]:
            return []
        same = next((one for one in found if one["triage"]["category"] == judged["category"]), None)
        if same:
            same["text"] = f"{same['text']}，{part}"
        else:
            found.append({"text": part, "triage": judged, "entities": list(read.get("entities") or ())})
    return found[: rules["most"]] if len(found) > 1 else []
