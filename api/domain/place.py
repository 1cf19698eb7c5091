"""Names and levels of places: county, town, village, group."""

import unicodedata

from api.domain.organisation import Place

LEVELS = ("county", "town", "village", "group")
LEVEL_ZH = ("县", "镇", "村", "组")


def replaced(place: Place, level: int, name: str) -> Place:
    parts = list(place.parts)
    parts[level] = name
    return Place(*parts)


def named(text: str) -> str:
    """Full-width letters and blanks do not make another name."""
    return "".join(unicodedata.normalize("NFKC", text).split())
