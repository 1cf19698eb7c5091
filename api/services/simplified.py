"""Full-width and Traditional writing to the form that rules and indexes know."""

import unicodedata
from functools import cache

from opencc import OpenCC


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """NFKC, then Traditional to Simplified; what is Simplified already stays as it is."""
    converted: str = _converter().convert(unicodedata.normalize("NFKC", text))
    return converted
