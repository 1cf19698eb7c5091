"""Six digits that prove a ticket is known from its receipt or its notice; computed, so nothing needs storing."""

import hashlib
import hmac
from dataclasses import dataclass

DIGITS = 6
APPLICANT, RESPONDENT = "applicant", "respondent"


@dataclass(frozen=True, slots=True)
class CheckCodes:
    """`key`: a secret of this installation."""

    key: bytes

    def of(self, no: str, side: str) -> str:
        digest = hmac.new(self.key, f"check-code:{side}:{no}".encode(), hashlib.sha256).digest()
        return f"{int.from_bytes(digest[:8]) % 10**DIGITS:0{DIGITS}d}"

    def side(self, no: str, code: str) -> str:
        """Whose code it is; empty when it is nobody's."""
        sides = [side for side in (APPLICANT, RESPONDENT) if hmac.compare_digest(self.of(no, side), code)]
        return sides[0] if sides else ""
