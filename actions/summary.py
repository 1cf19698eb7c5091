"""The application read back, with who will see it."""

from collections.abc import Mapping
from typing import Any

from actions.draft import Draft
from actions.wording import say

LONGEST_STORY = 300
FACT_NAMES = {"amount_yuan": "金额（元）", "people_involved": "人数"}


def summary(draft: Draft, preview: Mapping[str, Any]) -> str:
    """What will be stored, line by line. `preview` is the desk's routing of it."""
    unknown = say("intake.unknown")
    numbers = draft.facts.keys() & FACT_NAMES.keys()
    told_once = {question["key"] for question in draft.questions or () if question.get("fact") in numbers}
    answers = {draft.asked(key): value for key, value in draft.details.items() if value and key not in told_once}
    facts = {name: draft.facts[key] for key, name in FACT_NAMES.items() if key in draft.facts}
    lines = [say("intake.fact_line", name=name, value=value) for name, value in {**facts, **answers}.items()]
    contact = " ".join(value for value in (draft.contact or {}).values() if value)
    more = [
        say("intake.behalf", whom=draft.behalf) if draft.behalf else "",
        say("intake.batch", people=draft.facts.get("people_involved", ""))
        if "batch" in preview.get("flags", ())
        else "",
        say("intake.later", count=len(draft.later)) if draft.later else "",
    ]
    organisation = (preview.get("organisation") or {}).get("name")
    text = say(
        "intake.summary",
        story=shown(str(draft.story), whole=draft.whole),
        category=draft.triage.get("category_zh") or "民间纠纷",
        place=(draft.place or {}).get("label") or unknown,
        respondent=draft.respondent or unknown,
        facts="".join(f"{line}\n" for line in lines),
        contact=contact or say("intake.anonymous"),
        more="\n".join(line for line in more if line),
        who=organisation or say("intake.who_fallback"),
    )
    return "\n".join(line for line in text.split("\n") if line.strip())


def shown(story: str, *, whole: bool) -> str:
    """The story; a very long one is cut where everybody sees it, with the way to read it all."""
    if whole or len(story) <= LONGEST_STORY:
        return story
    return f"{story[:LONGEST_STORY]}…{say('intake.story_goes_on', more=len(story) - LONGEST_STORY)}"
