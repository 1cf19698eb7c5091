"""One voice note, as text: what it says of where and how it ended, to be looked at before it is sent."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.services.places import match


def result_said(text: str, rules: Mapping[str, Any]) -> str | None:
    """The result whose longest cue stands in the text; 没谈成 is not 谈成."""
    found = [(len(cue), code) for code, result in rules["results"].items() for cue in result["cues"] if cue in text]
    return max(found)[1] if found else None


async def read_note(
    session: AsyncSession, text: str, judged: Mapping[str, Any], rules: Mapping[str, Any]
) -> dict[str, Any]:
    """{category, subcategory, crisis, place, result}; what the note does not tell is None."""
    place = (await match(session, text)).place
    return {
        "category": judged["category"] if judged["category"] != "out_of_scope" else None,
        "subcategory": judged["subcategory"] if judged["category"] != "out_of_scope" else None,
        "crisis": judged["crisis"],
        "place": {"town": place.town, "village": place.village, "group": place.group} if place else None,
        "result": result_said(text, rules),
    }
