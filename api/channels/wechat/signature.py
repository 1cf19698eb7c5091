"""Signatures of the official-account protocol."""

import hashlib
import hmac


def sign(*parts: str) -> str:
    """SHA-1 over the sorted, joined parts: token, timestamp, nonce, and for encrypted bodies the cipher text."""
    joined = "".join(sorted(parts, key=lambda part: part.encode()))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def valid(claimed: str, *parts: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(claimed.encode(), sign(*parts).encode())


def fresh(timestamp: str, *, now: float, window: int) -> bool:
    """Whether the request was made within `window` seconds of `now` (Unix time). A seen nonce is not an error."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now - int(timestamp)) <= window
