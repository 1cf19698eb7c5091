"""What a channel hands over, cleaned: what nobody can read is refused in plain words, nothing is cut silently."""

import unicodedata

from api.domain.errors import InvalidInput
from knowledge_base.signs import load_signs


def spoken(signs: str) -> str:
    """The words for 👍 and the like, however often and in whatever skin colour; empty when there are none."""
    plain = {ch for ch in signs if unicodedata.category(ch) == "So"}
    return load_signs().get(plain.pop(), "") if len(plain) == 1 else ""


def readable(text: str, *, max_chars: int) -> str:
    """Control characters out, blanks trimmed. Raises InvalidInput for nothing, for emoji only, for too much."""
    kept = "".join(ch for ch in text if ch in "\n\t" or unicodedata.category(ch) not in ("Cc", "Cs", "Cn"))
    kept = kept.strip()
    if not kept:
        raise InvalidInput("消息是空的，请写几个字再发。", code="empty_message")
    if not any(unicodedata.category(ch)[0] in "LNP" for ch in kept):
        if said := spoken(kept):
            return said
        raise InvalidInput("我看不懂表情和符号，请写几个字，或者打 12348。", code="unreadable_message")
    if len(kept) > max_chars:
        raise InvalidInput(
            f"一次最多写 {max_chars} 个字，这条有 {len(kept)} 个字。请分几次发，先说最要紧的。", code="message_too_long"
        )
    return kept
