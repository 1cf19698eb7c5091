"""Numbers that name a person are blotted out before a text leaves the conversation it was written in."""

import re

# Longest first: an identity number holds what could pass for a phone number.
MASKED = (
    ("证件号", re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")),
    ("银行卡号", re.compile(r"(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)")),
    ("电话", re.compile(r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")),
    ("电话", re.compile(r"(?<!\d)0\d{2,3}[ -]?\d{7,8}(?!\d)")),
)


def masked(text: str) -> str:
    """Identity, bank card and telephone numbers become 〔证件号〕, 〔银行卡号〕, 〔电话〕; nothing else changes."""
    for name, pattern in MASKED:
        text = pattern.sub(f"〔{name}〕", text)
    return text
