"""Telephone numbers as people give them: 13800138001, 138-0013-8001, 一三八零零一三八零零一, 幺三八洞洞…"""

import re
import unicodedata

PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_SAID = {
    said: str(digit)
    for digit, words in enumerate(
        ("零〇洞", "一幺壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七拐柒", "八捌", "九勾玖")
    )
    for said in words
}
_RUN = re.compile(rf"[{''.join(_SAID)}\d](?:[-－—_ ]?[{''.join(_SAID)}\d]){{6,}}")


def dialled(text: str) -> str:
    """The text with every long run of spoken or grouped digits as plain digits; short numbers stay as they are."""
    return _RUN.sub(_digits, unicodedata.normalize("NFKC", text))


def phone_in(text: str) -> str | None:
    """The first mobile number in the text, however it is spoken."""
    found = PHONE.search(dialled(text))
    return found.group() if found else None


def _digits(run: re.Match[str]) -> str:
    return "".join(_SAID.get(one, one) for one in run.group() if one.isdigit() or one in _SAID)
